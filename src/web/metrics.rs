//! The metrics in the Prometheus text format, computed when they are asked for. Names of datasets, rules, reasons,
//! states and kinds, and the program's version, are the only labels: nothing of persons, and nothing that was found in
//! a source.

use super::Health;
use crate::app::picture::Picture;
use crate::domain::instant::Instant;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, prometheus_text};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;
use std::fmt;

/// The type of the answer.
pub(super) const CONTENT_TYPE: &str = prometheus_text::CONTENT_TYPE;

type Labels = Vec<(&'static str, String)>;

/// The metrics as text; without a picture only what the process knows of itself.
pub(super) fn text(picture: Option<&Picture>, health: &Health) -> Result<String, fmt::Error> {
    let mut page = Page::default();
    page.process(health);
    page.one("store_readable", "Whether the store could be read for this answer", truth(picture.is_some()));
    if let Some(picture) = picture {
        let is_ready = super::ready::reasons(picture, health).is_empty();
        page.one("ready", "Whether /readyz answers that the service is ready", truth(is_ready));
        page.datasets(picture);
        page.findings(picture);
        page.letters(picture);
        page.store(picture);
    }
    let mut registry = Registry::with_prefix("purposed");
    registry.register_collector(Box::new(page));
    let mut text = String::new();
    prometheus_text::encode(&mut text, &registry)?;
    Ok(text)
}

/// One metric: its name, what it means, and its values in the order in which they are written.
#[derive(Debug)]
struct Metric {
    name: &'static str,
    help: &'static str,
    values: Vec<(Labels, f64)>,
}

#[derive(Debug, Default)]
struct Page {
    metrics: Vec<Metric>,
}

impl Collector for Page {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for Metric { name, help, values } in &self.metrics {
            let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
            for (labels, value) in values {
                if labels.is_empty() {
                    metric.encode_gauge(value)?;
                } else {
                    metric.encode_family(labels)?.encode_gauge(value)?;
                }
            }
        }
        Ok(())
    }
}

impl Page {
    fn one(&mut self, name: &'static str, help: &'static str, value: f64) {
        self.metrics.push(Metric { name, help, values: vec![(Labels::new(), value)] });
    }

    /// A metric with labels; left out where it has no value.
    fn many(&mut self, name: &'static str, help: &'static str, values: impl Iterator<Item = (Labels, f64)>) {
        let values: Vec<_> = values.collect();
        if !values.is_empty() {
            self.metrics.push(Metric { name, help, values });
        }
    }

    fn process(&mut self, health: &Health) {
        let build = vec![("version", env!("CARGO_PKG_VERSION").to_owned())];
        self.many("build_info", "The version that runs; the value is always 1", [(build, 1.0)].into_iter());
        let age = health.tick_age().as_secs_f64();
        self.one("last_tick_age_seconds", "How long ago the daemon looked at its schedules", age);
        let reload = truth(health.last_reload_succeeded());
        self.one("config_last_reload_successful", "Whether the last configuration that was tried is in use", reload);
        let loaded = seconds(health.loaded_at());
        let help = "When the configuration in use was accepted";
        self.one("config_last_reload_success_timestamp_seconds", help, loaded);
    }

    fn datasets(&mut self, picture: &Picture) {
        let each = || picture.datasets.iter().filter(|dataset| dataset.is_scanned_here);
        let of = |name: &crate::domain::name::DatasetName| vec![("dataset", name.to_string())];
        let at = |at: Option<Instant>| at.map(seconds);
        self.many(
            "last_success_timestamp_seconds",
            "When a scan of the dataset last saw everything",
            each().filter_map(|dataset| Some((of(&dataset.name), at(dataset.succeeded_at)?))),
        );
        let scans = || each().filter_map(|dataset| Some((of(&dataset.name), dataset.last.as_ref()?)));
        self.many(
            "last_scan_timestamp_seconds",
            "When the dataset was last scanned, whatever was seen",
            scans().map(|(labels, last)| (labels, seconds(last.at))),
        );
        self.many(
            "last_scan_complete",
            "Whether the last scan of the dataset saw everything",
            scans()
                .map(|(labels, last)| (labels, truth(last.status == crate::domain::observation::ScanStatus::Complete))),
        );
        self.many(
            "last_scan_items",
            "Items that the last scan of the dataset saw",
            scans().map(|(labels, last)| (labels, number(last.items))),
        );
        self.many(
            "last_scan_undecidable_items",
            "Items for which some rule was undecidable at the last scan of the dataset",
            scans().map(|(labels, last)| (labels, number(last.undecidable))),
        );
        self.many(
            "next_run_timestamp_seconds",
            "When the dataset's schedule comes next",
            each().filter_map(|dataset| Some((of(&dataset.name), at(dataset.next_run)?))),
        );
        self.many(
            "overdue",
            "Whether a scheduled scan of the dataset did not happen in time",
            each().map(|dataset| (of(&dataset.name), truth(dataset.overdue_since.is_some()))),
        );
        self.many(
            "missed_runs",
            "Scheduled runs of the dataset that never happened, as the run ledger counts them",
            each().map(|dataset| (of(&dataset.name), number(dataset.missed))),
        );
    }

    fn findings(&mut self, picture: &Picture) {
        let reason = |finding: &crate::domain::finding::Finding| {
            let key = &finding.key;
            vec![
                ("dataset", key.dataset.to_string()),
                ("rule", key.reason.rule().to_string()),
                ("reason", key.reason.to_string()),
            ]
        };
        let stated = |finding: &crate::domain::finding::Finding| {
            let mut labels = reason(finding);
            labels.push(("state", finding.state.as_str().to_owned()));
            labels
        };
        let findings = || picture.findings.iter();
        self.many("findings", "Findings that are not resolved", findings().map(|finding| (stated(finding), 1.0)));
        self.many(
            "finding_items",
            "Items that meet a finding, those under an exception aside",
            findings().map(|finding| (stated(finding), number(finding.items))),
        );
        self.many(
            "excepted_items",
            "Items that meet a finding under an exception",
            findings()
                .filter(|finding| finding.excepted > 0)
                .map(|finding| (reason(finding), number(finding.excepted))),
        );
        let exceptions = picture.counts.exceptions.iter();
        self.many(
            "active_exceptions",
            "Exceptions that narrow findings now",
            exceptions.map(|(kind, active)| (vec![("kind", kind.clone())], number(*active))),
        );
    }

    fn letters(&mut self, picture: &Picture) {
        let letters = &picture.counts.letters;
        let queued = letters.get("queued").copied().unwrap_or_default();
        self.one("outbox_letters", "Letters that wait for their delivery", number(queued));
        let age = picture.counts.waiting_since.map_or(0.0, |since| (seconds(picture.now) - seconds(since)).max(0.0));
        self.one("outbox_oldest_age_seconds", "How long the letter waits that waits longest; 0 when none does", age);
        let states = ["queued", "accepted", "refused", "given-up"];
        self.many(
            "letters",
            "Letters by what became of them",
            states.into_iter().map(|state| {
                (vec![("state", state.to_owned())], number(letters.get(state).copied().unwrap_or_default()))
            }),
        );
        let unreachable = picture.unreachable.len() as f64;
        self.one("unreachable_recipients", "People whose address did not work", unreachable);
    }

    fn store(&mut self, picture: &Picture) {
        self.one("evidence_entries", "Entries of the evidence", number(picture.evidence.0));
        self.one("store_size_bytes", "Size of the database and its log", number(picture.counts.bytes));
        self.one("state_free_bytes", "What is left where the state lies", number(picture.state.free_bytes));
    }
}

const fn truth(truth: bool) -> f64 {
    if truth { 1.0 } else { 0.0 }
}

const fn number(count: u64) -> f64 {
    count as f64
}

/// Seconds since 1970, as Prometheus tells time.
fn seconds(instant: Instant) -> f64 {
    instant.microseconds() as f64 / 1_000_000.0
}
