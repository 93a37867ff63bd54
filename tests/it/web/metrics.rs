//! The metrics, read by a parser that takes nothing but the text format (version 0.0.4), strictly.

use super::Served;
use super::client::get;
use crate::world::CANARIES;
use std::collections::{BTreeMap, BTreeSet};

/// What was read: the type of each family, and each sample by its name and labels.
#[derive(Debug, Default)]
struct Metrics {
    types: BTreeMap<String, String>,
    samples: BTreeMap<String, f64>,
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|first: char| first.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Reads labels such as `{dataset="calls"}`; none of ours needs escapes.
fn check_labels(labels: &str) {
    let inner = labels.strip_prefix('{').and_then(|labels| labels.strip_suffix('}')).unwrap();
    let mut seen = BTreeSet::new();
    for label in inner.split(',') {
        let (name, value) = label.split_once('=').unwrap();
        assert!(is_name(name) && !name.starts_with("__") && seen.insert(name), "label `{name}`");
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap();
        assert!(!value.is_empty() && !value.contains(['"', '\\', '\n', '@', '/']), "value `{value}`");
    }
}

fn parse(text: &str) -> Metrics {
    assert!(text.ends_with('\n') && !text.contains('\r'));
    let mut metrics = Metrics::default();
    let (mut helped, mut family) = (BTreeSet::new(), String::new());
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').unwrap();
            assert!(is_name(name) && !help.is_empty() && helped.insert(name.to_owned()), "{line}");
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert!(matches!(kind, "gauge" | "counter"), "{line}");
            assert!(helped.contains(name), "{line}");
            assert!(metrics.types.insert(name.to_owned(), kind.to_owned()).is_none(), "{line}");
            name.clone_into(&mut family);
        } else {
            assert!(!line.starts_with('#') && !line.is_empty(), "{line:?}");
            let (series, value) = line.rsplit_once(' ').unwrap();
            let name = series.split('{').next().unwrap();
            assert_eq!(name, family, "a sample outside its family");
            if name.len() < series.len() {
                check_labels(&series[name.len()..]);
            }
            let value = value.parse().unwrap();
            assert!(metrics.samples.insert(series.to_owned(), value).is_none(), "twice: {series}");
        }
    }
    metrics
}

#[test]
fn metrics_follow_the_conventions_and_tell_nothing_of_persons() {
    let served = Served::start();
    let answer = get(served.address, "/metrics");
    assert_eq!(answer.status, 200);
    assert!(answer.head.contains("content-type: text/plain; version=0.0.4; charset=utf-8"), "{}", answer.head);
    let metrics = parse(&answer.body);
    for (name, kind) in &metrics.types {
        assert!(name.starts_with("purposed_"), "{name}");
        assert_eq!(name.ends_with("_total"), kind == "counter", "{name} is a {kind}");
        for unit in ["milliseconds", "_ms", "_minutes", "_hours", "_kb", "_mib"] {
            assert!(!name.contains(unit), "{name} is in no base unit");
        }
    }
    for canary in CANARIES.iter().copied().chain(["@", "example.co.jp", "/"]) {
        let values: String = answer.body.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(!values.contains(canary), "`{canary}` is in the metrics");
    }
}

#[test]
fn metrics_say_what_the_scan_said() {
    let served = Served::start();
    let metrics = parse(&get(served.address, "/metrics").body);
    let findings = served.world.run(&["findings", "--format", "json"]);
    let findings: serde_json::Value = serde_json::from_str(&findings.stdout).unwrap();
    let findings = findings["findings"].as_array().unwrap();
    assert!(!findings.is_empty());
    for finding in findings {
        let [dataset, rule, reason, state] =
            ["dataset", "rule", "reason", "state"].map(|key| finding[key].as_str().unwrap());
        let labels = format!("{{dataset=\"{dataset}\",rule=\"{rule}\",reason=\"{reason}\",state=\"{state}\"}}");
        let value = |name: &str| metrics.samples.get(&format!("{name}{labels}")).copied();
        assert_eq!(value("purposed_findings"), Some(1.0), "{labels}");
        assert_eq!(value("purposed_finding_items"), finding["items"].as_f64(), "{labels}");
    }
    let of = |name: &str| metrics.samples.get(name).copied();
    assert_eq!(of("purposed_store_readable"), Some(1.0));
    assert_eq!(of("purposed_ready"), Some(1.0));
    assert_eq!(of("purposed_outbox_letters"), Some(0.0));
    assert_eq!(of("purposed_letters{state=\"accepted\"}"), Some(served.world.letters().len() as f64));
    assert_eq!(of("purposed_last_scan_items{dataset=\"applicants\"}"), Some(2.0));
    assert_eq!(of("purposed_last_success_timestamp_seconds{dataset=\"applicants\"}"), Some(1_803_783_600.0));
    assert!(of("purposed_evidence_entries").unwrap() > 0.0 && of("purposed_store_size_bytes").unwrap() > 4096.0);
}

#[test]
fn the_store_is_read_once_a_second_at_most() {
    let served = Served::start();
    let began = std::time::Instant::now();
    for _ in 0..200 {
        assert_eq!(get(served.address, "/metrics").status, 200);
    }
    assert!(began.elapsed() < std::time::Duration::from_secs(10), "{:?}", began.elapsed());
}
