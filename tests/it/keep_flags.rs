//! Products' own keep flags: counted among what is expired, told to people, on record, and no exemption.

use crate::world::{NOW, World, counts};
use serde_json::Value;

const COMPANY: &str = r#"
[organisation]
name = "Example"
contact_point = "privacy@example.co.jp"
privacy_manager = "boss"
[people]
boss = { email = "boss@example.co.jp" }
pic = { email = "pic@example.co.jp", language = "en" }
[divisions.sites]
person_in_charge = "pic"
[purposes.safety]
ground = "notice"
[categories.footage]
purposes = "safety"
[datasets.events]
division = "sites"
category = "footage"
purposes = "safety"
warn = "30 days"
keep = { for = "1 year", from = "recorded_at" }
"#;

/// Five expired events, two of them kept; one that is due soon and a young one, both kept; none has a key of its own.
const EVENTS: &str = "CREATE TABLE events (camera TEXT, started REAL, keep);
    INSERT INTO events VALUES ('a', 1740000000, 1), ('b', 1740000000, 'yes'), ('c', 1740000000, 0),
        ('d', 1740000000, NULL), ('e', 1740000000, 'false'), ('f', 1772600000, 1), ('g', 1798761600, 1);";

/// The company with the source's fields and more of the dataset.
fn company(fields: &str, more: &str) -> World {
    let world = World::with_places("[connections]\nnvr = \"sqlite:nvr.db\"");
    register(&world, fields, more);
    world.sql("nvr.db", EVENTS);
    world
}

fn register(world: &World, fields: &str, more: &str) {
    let source = "[datasets.events.source]\nconnection = \"nvr\"\ntable = \"events\"";
    let clock = "fields.recorded_at = { column = \"started\", format = \"unix-seconds\" }\nfields.camera = \"camera\"";
    world.write("register/register.toml", format!("{COMPANY}{more}\n{source}\n{clock}\n{fields}\n"));
}

const FLAG: &str = "fields.kept_by_product = \"keep\"";

/// The findings without what was counted of the flag.
fn findings(scan: &Value) -> Vec<Value> {
    let mut findings = scan["findings"].as_array().unwrap().clone();
    for finding in &mut findings {
        finding.as_object_mut().unwrap().remove("kept_by_product");
    }
    findings
}

#[test]
fn what_is_expired_and_kept_is_counted_told_and_exempts_nothing() {
    let world = company(FLAG, "");
    let scan = world.scan(NOW);
    assert_eq!(scan["scans"][0]["kept_by_product"], 2, "{scan:#}");
    assert_eq!(counts(&scan, "events", "retention", "expired"), Some([5, 5, 0, 0]));
    let of = |reason: &str| scan["findings"].as_array().unwrap().iter().find(|one| one["reason"] == reason).unwrap();
    assert_eq!(of("expired")["kept_by_product"], 2);
    assert_eq!(of("due-soon").get("kept_by_product"), None);
    let letter = world.letters().concat().replace("=\r\n", "").replace("\r\n ", "").replace('\n', " ");
    assert!(letter.contains("Of these, 2 are protected"), "{letter}");
    let table = world.run(&["findings"]).stdout;
    assert!(table.contains("2 of them the product was told to keep"), "{table}");
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
    let explained = |made_up: &str| {
        let answer = world.run_with_input(&["explain", "events", "-", "--now", NOW], made_up);
        assert_eq!(answer.code, 0, "{}", answer.stderr);
        answer.stdout
    };
    let kept = explained(r#"{"started": "1740000000", "keep": "1"}"#);
    assert!(kept.contains("product   told to keep it: yes; that exempts it from nothing"), "{kept}");
    assert!(kept.contains("verdict   retention: expired"), "{kept}");
    let not_kept = explained(r#"{"started": "1740000000", "keep": "0"}"#);
    assert!(not_kept.contains("product   told to keep it: no"), "{not_kept}");

    let unflagged = company("", "");
    let plain = unflagged.scan(NOW);
    assert_eq!(plain["scans"][0].get("kept_by_product"), None);
    let explained = unflagged.run_with_input(&["explain", "events", "-", "--now", NOW], r#"{"started": "1740000000"}"#);
    assert!(explained.stdout.contains("verdict   retention: expired"), "{}", explained.stderr);
    assert!(!explained.stdout.contains("product"), "{}", explained.stdout);
    assert_eq!(findings(&plain), findings(&scan), "the same with and without the flag");
    assert!(plain["findings"].as_array().unwrap().iter().all(|one| one.get("kept_by_product").is_none()));
}

#[test]
fn a_flag_that_is_set_or_mapped_later_makes_no_new_item_and_no_letter() {
    let world = company("", "");
    world.scan(NOW);
    let letters = world.letters();
    register(&world, FLAG, "");
    let mapped = world.scan("2027-02-28T13:00:00+09:00");
    assert_eq!(counts(&mapped, "events", "retention", "expired"), Some([5, 0, 5, 0]));
    assert_eq!(mapped["scans"][0]["kept_by_product"], 2);
    world.sql("nvr.db", "UPDATE events SET keep = 1 WHERE camera IN ('c', 'd')");
    let set = world.scan("2027-02-28T14:00:00+09:00");
    assert_eq!(counts(&set, "events", "retention", "expired"), Some([5, 0, 5, 0]));
    assert_eq!(set["scans"][0]["kept_by_product"], 4);
    assert_eq!(world.letters(), letters);
}

#[test]
fn under_secrecy_the_flag_is_not_read() {
    let world = company(FLAG, "secrecy = true");
    // A column that cannot be read: SQLite computes it only where it is asked for.
    world.sql(
        "nvr.db",
        "ALTER TABLE events RENAME TO all_events;
         CREATE VIEW events AS SELECT camera, started, abs(-9223372036854775807 - length(camera)) AS keep FROM all_events;",
    );
    let scan = world.scan(NOW);
    assert_eq!(scan["scans"][0]["status"], "complete", "{scan:#}");
    assert_eq!(scan["scans"][0].get("kept_by_product"), None);
    assert_eq!(counts(&scan, "events", "retention", "expired"), Some([5, 5, 0, 0]));
}
