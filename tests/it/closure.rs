//! What becomes of items that leave their findings: told apart, declared, missed, and lost before their time.

use crate::world::{NOW, World, counts, finding_id};
use purposed::app::Environment;
use purposed::app::scan::{ScanRequest, Watch, scan};
use serde_json::Value;
use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64};

const DUE: &str = "data/monitor/2026/08/28/in-0312345678-09012345678-20260828-120000-1787886000.1.wav";
const NEXT_DAY: &str = "2027-03-01T12:00:00+09:00";

fn finding<'a>(scan: &'a Value, dataset: &str, reason: &str) -> &'a Value {
    let findings = scan["findings"].as_array().unwrap();
    findings.iter().find(|one| one["dataset"] == dataset && one["reason"] == reason).unwrap_or(&Value::Null)
}

/// What `declare` is given beside the finding.
fn declare<'a>(finding: &'a str, now: &'a str) -> Vec<&'a str> {
    let words = ["disposal", "declare", finding, "--method", "erased", "--on", "2027-02-28", "--by", "support-pic"];
    [&words[..], &["--approved-by", "manager", "--certificate", "=CERT-1", "--now", now]].concat()
}

/// `number` applicants, of whom none is due.
fn applicants(number: u32) -> String {
    let rows = (0..number).map(|number| format!("B-{number},Canary,2026/12/01\n"));
    format!("id,name,applied_at\n{}", rows.collect::<String>())
}

#[test]
fn items_that_left_are_told_apart() {
    let world = World::contract();
    world.append("data/lists/applicants.csv", "A-3,Canary,2025/03/30\n");
    world.scan(NOW);
    fs::remove_file(world.path(DUE)).unwrap();
    let list = fs::read_to_string(world.path("data/lists/applicants.csv")).unwrap();
    world.write("data/lists/applicants.csv", list.replace("A-1,Canary,2025/03/31", "A-1,Canary,2026/03/31"));
    let dry = world.run(&["scan", "--now", NEXT_DAY, "--dry-run", "--format", "json"]).stdout;
    let dry: Value = serde_json::from_str(&dry).unwrap();
    let later = world.scan(NEXT_DAY);
    assert_eq!(dry["findings"], later["findings"], "a dry run tells the same");
    let left = |dataset| finding(&later, dataset, "expired")["left"].clone();
    let apart = |not_seen: u64, re_dated: u64| serde_json::json!({ "not_seen": not_seen, "re_dated": re_dated, "cured": 0, "excepted": 0, "moved": 0 });
    assert_eq!(left("support-recordings"), apart(1, 0));
    assert_eq!(left("applicants"), apart(0, 1));
    let shown: Value = serde_json::from_str(&world.run(&["findings", "--format", "json"]).stdout).unwrap();
    assert_eq!(shown["findings"], later["findings"]);
    let open: Value = serde_json::from_str(&world.run(&["disposal", "open", "--format", "json"]).stdout).unwrap();
    assert_eq!(open["waiting"].as_array().unwrap().len(), 1);
    assert_eq!((&open["waiting"][0]["items"], &open["waiting"][0]["declare_by"]), (&1.into(), &"2027-03-31".into()));
}

#[test]
fn a_declaration_closes_what_is_not_seen_and_stands_in_the_record() {
    let world = World::contract();
    let id = finding_id(&world.scan(NOW), "support-recordings", "expired");
    assert_eq!(world.run(&declare(&id, NOW)).code, 2, "nothing left yet");
    fs::remove_file(world.path(DUE)).unwrap();
    world.scan(NEXT_DAY);
    let declared = world.run(&declare(&id, NEXT_DAY));
    assert_eq!(
        declared.stdout,
        format!("D-1: erased, 1 items of `support-recordings` ({id})\n"),
        "{}",
        declared.stderr
    );
    assert_eq!(world.run(&["disposal", "open"]).stdout, " nothing waits for a declaration\n");
    let csv = world.run(&["disposal", "report"]).stdout;
    let line = csv.lines().nth(1).unwrap();
    assert!(line.contains("retention: expired,1,erased,2027-02-28,support-pic,manager,'=CERT-1"), "{csv}");
    assert!(line.contains("通話記録・録音 (Call logs and recordings)"), "{csv}");
    let json: Value = serde_json::from_str(&world.run(&["disposal", "report", "--format", "json"]).stdout).unwrap();
    assert!(json["disposals"][0]["evidence_entry"].as_u64().unwrap() > 2);
    let earlier = world.run(&["disposal", "report", "--until", "2027-02-28"]).stdout;
    assert_eq!(earlier.lines().count(), 1, "{earlier}");
    assert_eq!(world.run(&declare(&id, NEXT_DAY)).code, 2, "it is declared");
    assert_eq!(world.run(&["evidence", "verify"]).code, 0);
}

#[test]
fn nobody_approves_their_own_disposal_or_one_that_lies_ahead() {
    let world = World::contract();
    let id = finding_id(&world.scan(NOW), "support-recordings", "expired");
    let with = |from: &str, to: &str| {
        let words: Vec<String> = declare(&id, NOW)
            .into_iter()
            .map(|word| if word == from { to.to_owned() } else { word.to_owned() })
            .collect();
        world.run(&words.iter().map(String::as_str).collect::<Vec<_>>()).stderr
    };
    assert!(with("manager", "support-pic").contains("cannot approve it"));
    let stranger = with("manager", "marketing-pic");
    assert!(stranger.contains("they do not answer for division `support`"), "{stranger}");
    assert!(with("2027-02-28", "2027-03-05").contains("lies ahead"));
}

#[test]
fn what_was_seen_on_a_later_day_was_not_erased_before() {
    let world = World::contract();
    world.scan("2027-02-28T12:00:00+09:00");
    let id = finding_id(&world.scan(NEXT_DAY), "support-recordings", "expired");
    // A scan that sees nothing does not count: what it missed may be erased already.
    fs::rename(world.path("data/monitor"), world.path("data/away")).unwrap();
    world.scan("2027-03-02T12:00:00+09:00");
    fs::rename(world.path("data/away"), world.path("data/monitor")).unwrap();
    fs::remove_file(world.path(DUE)).unwrap();
    world.scan("2027-03-03T12:00:00+09:00");
    let on = |day: &'static str| {
        let mut words = declare(&id, "2027-03-03T13:00:00+09:00");
        *words.iter_mut().find(|word| **word == "2027-02-28").unwrap() = day;
        world.run(&words)
    };
    let refused = on("2027-02-28");
    assert_eq!(refused.code, 2);
    assert!(
        refused.stderr.contains("the items were last seen on 2027-03-01, so that nothing was done on 2027-02-28"),
        "{}",
        refused.stderr
    );
    assert!(on("2027-03-04").stderr.contains("lies ahead"));
    assert_eq!(on("2027-03-01").code, 0);
}

#[test]
fn what_nobody_declares_is_a_finding_until_somebody_does() {
    let world = World::contract();
    world.scan(NOW);
    fs::remove_file(world.path(DUE)).unwrap();
    world.scan(NEXT_DAY);
    let in_time = world.scan("2027-03-31T23:00:00+09:00");
    assert_eq!(counts(&in_time, "support-recordings", "source", "closure-unexplained"), None);
    let late = world.scan("2027-04-01T00:00:00+09:00");
    assert_eq!(finding(&late, "support-recordings", "closure-unexplained")["items"], 1);
    let still = world.scan("2027-04-02T12:00:00+09:00");
    assert_eq!(counts(&still, "support-recordings", "source", "closure-unexplained"), Some([1, 0, 1, 0]));
    let id = finding_id(&still, "support-recordings", "closure-unexplained");
    let declared = world.run(&declare(&id, "2027-04-03T12:00:00+09:00"));
    assert_eq!(declared.code, 0, "{}", declared.stderr);
    let shown: Value = serde_json::from_str(&world.run(&["findings", "--format", "json"]).stdout).unwrap();
    assert_eq!(counts(&shown, "support-recordings", "source", "closure-unexplained"), None);
    let after = world.scan("2027-04-04T12:00:00+09:00");
    assert_eq!(counts(&after, "support-recordings", "source", "closure-unexplained"), None);
}

#[test]
fn a_loss_before_its_time_stands_until_it_is_confirmed_or_declared() {
    let world = World::contract();
    world.write("data/lists/applicants.csv", applicants(200));
    world.scan(NOW);
    world.write("data/lists/applicants.csv", applicants(170));
    let lost = world.scan(NEXT_DAY);
    assert_eq!(counts(&lost, "applicants", "source", "early-loss"), Some([30, 30, 0, 0]));
    let still = world.scan("2027-03-02T12:00:00+09:00");
    assert_eq!(counts(&still, "applicants", "source", "early-loss"), Some([30, 0, 30, 0]));
    let confirmed = world.run(&["confirm", "applicants", "--now", "2027-03-03T12:00:00+09:00"]);
    assert_eq!(confirmed.code, 0, "{}", confirmed.stderr);
    let after = world.scan("2027-03-04T12:00:00+09:00");
    assert_eq!(counts(&after, "applicants", "source", "early-loss"), None);
    world.write("data/lists/applicants.csv", applicants(120));
    let again = world.scan("2027-03-05T12:00:00+09:00");
    assert_eq!(counts(&again, "applicants", "source", "early-loss"), Some([50, 50, 0, 0]));
    let id = finding_id(&again, "applicants", "early-loss");
    let too_early = world.run(&declare(&id, "2027-03-06T12:00:00+09:00"));
    assert!(too_early.stderr.contains("last seen on 2027-03-04"), "{}", too_early.stderr);
    let mut words = declare(&id, "2027-03-06T12:00:00+09:00");
    let day = words.iter_mut().find(|word| **word == "2027-02-28").unwrap();
    *day = "2027-03-04";
    let declared = world.run(&words);
    assert_eq!(declared.stdout, format!("D-1: erased, 50 items of `applicants` ({id})\n"), "{}", declared.stderr);
    let after = world.scan("2027-03-07T12:00:00+09:00");
    assert_eq!(counts(&after, "applicants", "source", "early-loss"), None);
}

#[test]
fn a_list_that_cannot_be_read_keeps_no_other_list_from_being_closed() {
    let world = World::contract();
    world.scan(NOW);
    world.write("data/lists/seminar/partner-b.csv", "wrong,header\n1,2\n");
    let before = world.scan(NEXT_DAY);
    let [items, ..] = counts(&before, "seminar-attendees", "retention", "expired").unwrap();
    let list = fs::read(world.path("data/lists/seminar/partner-a.csv")).unwrap();
    let lines: Vec<&[u8]> = list.split_inclusive(|byte| *byte == b'\n').collect();
    world.write("data/lists/seminar/partner-a.csv", [&lines[..1], &lines[2..]].concat().concat());
    let after = world.scan("2027-03-02T12:00:00+09:00");
    assert_eq!(finding(&after, "seminar-attendees", "partial")["state"], "open");
    let expired = finding(&after, "seminar-attendees", "expired");
    assert_eq!((&expired["gone"], &expired["left"]["not_seen"]), (&1.into(), &1.into()), "{items}: {expired}");
}

/// Notes what is read.
#[derive(Default)]
struct Notes {
    begun: Mutex<Vec<String>>,
    items: AtomicU64,
    cancelled: AtomicBool,
}

impl Watch for Notes {
    fn begins(&self, what: &str) {
        self.begun.lock().unwrap().push(what.to_owned());
    }

    fn items(&self) -> &AtomicU64 {
        &self.items
    }

    fn cancelled(&self) -> &AtomicBool {
        &self.cancelled
    }
}

/// What a scan in this process reads a second time.
fn read_again(world: &World, now: &str) -> Vec<String> {
    let notes = Notes::default();
    let now = Some(now.parse::<jiff::Timestamp>().unwrap().into());
    let environment = Environment {
        credentials_directory: None,
        user: "admin".to_owned(),
        temporary_folder: world.path("."),
        state_directory: None,
    };
    scan(&world.path("purposed.toml"), &ScanRequest { datasets: &[], now, dry_run: false }, &environment, &notes)
        .unwrap();
    let begun = notes.begun.into_inner().unwrap();
    begun.into_iter().filter(|what| what.contains("again")).collect()
}

#[test]
fn a_source_is_looked_at_again_only_where_something_left() {
    let world = World::contract();
    world.scan(NOW);
    assert_eq!(read_again(&world, NOW), [""; 0], "nothing changed");
    fs::remove_file(world.path(DUE)).unwrap();
    assert_eq!(read_again(&world, NEXT_DAY), ["support-recordings, again:"]);
    assert_eq!(read_again(&world, NEXT_DAY), [""; 0], "it is known");
}
