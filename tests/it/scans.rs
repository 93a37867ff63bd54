//! Scans of the contract's company: what is found, what is told, and what happens from scan to scan.

use crate::world::{NOW, World, counts, without_ordinals};
use std::fs;

#[test]
fn the_contracts_company_is_scanned_as_json() {
    let answer = World::contract().run(&["scan", "--now", NOW, "--format", "json"]);
    insta::assert_snapshot!(without_ordinals(&answer.stdout));
}

#[test]
fn the_contracts_company_is_scanned_as_a_table() {
    let answer = World::contract().run(&["scan", "--now", NOW]);
    assert_eq!(answer.code, 0);
    assert!(answer.stdout.lines().all(|line| line.chars().count() <= 80), "{}", answer.stdout);
    insta::assert_snapshot!(without_ordinals(&answer.stdout));
}

#[test]
fn a_dry_run_finds_the_same_and_leaves_nothing_behind() {
    let world = World::contract();
    fs::remove_dir_all(world.path("state")).unwrap();
    let dry = world.run(&["scan", "--now", NOW, "--format", "json", "--dry-run"]);
    assert_eq!(dry.code, 0, "{}", dry.stderr);
    assert!(!world.path("state").exists());
    assert!(!world.path("outbox").exists());
    let dry: serde_json::Value = serde_json::from_str(&without_ordinals(&dry.stdout)).unwrap();
    let stored = world.run(&["scan", "--now", NOW, "--format", "json"]);
    let stored: serde_json::Value = serde_json::from_str(&without_ordinals(&stored.stdout)).unwrap();
    assert_eq!(dry, stored);
}

#[test]
fn nothing_changed_means_no_letter_and_no_new_item() {
    let world = World::contract();
    world.scan(NOW);
    let letters = world.letters();
    assert_eq!(letters.len(), 4, "support, facilities, marketing and people each have one");
    let again = world.scan(NOW);
    assert_eq!(counts(&again, "support-recordings", "retention", "expired"), Some([3, 0, 3, 0]));
    assert_eq!(world.letters(), letters);
}

#[test]
fn what_is_erased_is_gone_and_thanked_for() {
    let world = World::contract();
    world.scan(NOW);
    fs::remove_file(world.path("data/monitor/2026/08/28/in-0312345678-09012345678-20260828-120000-1787886000.1.wav"))
        .unwrap();
    fs::remove_file(world.path("data/monitor/2026/08/28/canary.wav")).unwrap();
    let later = world.scan("2027-03-01T12:00:00+09:00");
    assert_eq!(counts(&later, "support-recordings", "retention", "expired"), Some([2, 0, 2, 1]));
    assert_eq!(counts(&later, "support-recordings", "retention", "undated"), None);
}

#[test]
fn an_item_that_falls_due_moves_and_is_not_told_as_resolved() {
    let world = World::contract();
    let first = world.scan(NOW);
    assert_eq!(counts(&first, "support-recordings", "retention", "due-soon"), Some([1, 1, 0, 0]));
    let later = world.scan("2027-03-20T12:00:00+09:00");
    assert_eq!(counts(&later, "support-recordings", "retention", "expired"), Some([4, 1, 3, 0]));
    assert_eq!(counts(&later, "support-recordings", "retention", "due-soon"), None);
}

#[test]
fn a_root_that_is_away_resolves_nothing() {
    let world = World::contract();
    world.scan(NOW);
    fs::rename(world.path("data/monitor"), world.path("data/elsewhere")).unwrap();
    let answer = world.run(&["scan", "--now", "2027-03-01T12:00:00+09:00", "--format", "json"]);
    assert_eq!(answer.code, 3);
    let away: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(counts(&away, "support-recordings", "retention", "expired"), Some([3, 0, 3, 0]));
    assert_eq!(counts(&away, "support-recordings", "source", "unreachable"), Some([0, 0, 0, 0]));
    fs::rename(world.path("data/elsewhere"), world.path("data/monitor")).unwrap();
    let back = world.scan("2027-03-02T12:00:00+09:00");
    assert_eq!(counts(&back, "support-recordings", "source", "unreachable"), None);
    assert_eq!(counts(&back, "support-recordings", "retention", "expired"), Some([3, 0, 3, 0]));
}

#[test]
fn a_folder_that_is_empty_waits_for_a_second_look_or_a_word() {
    let world = World::contract();
    world.scan(NOW);
    fs::rename(world.path("data/monitor"), world.path("elsewhere")).unwrap();
    fs::create_dir(world.path("data/monitor")).unwrap();
    let empty = world.scan("2027-03-01T12:00:00+09:00");
    assert_eq!(counts(&empty, "support-recordings", "source", "empty"), Some([0, 0, 0, 0]));
    assert_eq!(counts(&empty, "support-recordings", "retention", "expired"), Some([3, 0, 3, 0]));
    let too_soon = world.scan("2027-03-02T07:59:59+09:00");
    assert_eq!(counts(&too_soon, "support-recordings", "retention", "expired"), Some([3, 0, 3, 0]));
    let agreed = world.scan("2027-03-02T08:00:00+09:00");
    assert_eq!(counts(&agreed, "support-recordings", "retention", "expired"), None);
}

#[test]
fn a_confirmed_loss_is_believed_at_once() {
    let world = World::contract();
    world.scan(NOW);
    world.write("data/lists/applicants.csv", "id,name,applied_at\n");
    let empty = world.scan("2027-03-01T12:00:00+09:00");
    assert_eq!(counts(&empty, "applicants", "source", "empty"), Some([0, 0, 0, 0]));
    let confirmed = world.run(&["confirm", "applicants", "--now", "2027-03-01T13:00:00+09:00"]);
    assert_eq!(confirmed.code, 0, "{}", confirmed.stderr);
    let after = world.scan("2027-03-01T14:00:00+09:00");
    assert_eq!(counts(&after, "applicants", "source", "empty"), None);
    let nothing = world.run(&["confirm", "applicants", "--now", "2027-03-01T15:00:00+09:00"]);
    assert_eq!(nothing.code, 2);
}

#[test]
fn a_sick_ledger_leaves_consent_as_it_was() {
    let world = World::contract();
    let first = world.scan(NOW);
    let before = counts(&first, "seminar-attendees", "consent", "withdrawn");
    assert_eq!(before, Some([1, 1, 0, 0]));
    world.sql("data/consents.db", "DELETE FROM consents");
    let emptied = world.scan("2027-03-01T12:00:00+09:00");
    assert_eq!(counts(&emptied, "seminar-attendees", "consent", "withdrawn"), Some([1, 0, 1, 0]));
    assert_eq!(counts(&emptied, "seminar-attendees", "consent", "missing"), None);
    assert_eq!(counts(&emptied, "seminar-attendees", "source", "ledger-empty"), Some([0, 0, 0, 0]));
    world.sql("data/consents.db", "DROP TABLE consents");
    let broken = world.scan("2027-03-02T12:00:00+09:00");
    assert_eq!(counts(&broken, "seminar-attendees", "source", "ledger-unreachable"), Some([0, 0, 0, 0]));
    assert_eq!(counts(&broken, "purchased-2025", "source", "ledger-unreachable"), Some([0, 0, 0, 0]));
}

#[test]
fn simulated_time_goes_forward_only_and_stays_apart_from_real_time() {
    let world = World::contract();
    world.scan(NOW);
    assert_eq!(world.run(&["scan", "--now", "2027-02-27T12:00:00+09:00"]).code, 2);
    assert_eq!(world.run(&["scan"]).code, 2);
    assert_eq!(world.run(&["scan", "--now", "2027-02-27T12:00:00+09:00", "--dry-run"]).code, 0);
    let real = World::contract();
    assert_eq!(real.run(&["scan"]).code, 0);
    assert_eq!(real.run(&["scan", "--now", NOW]).code, 2);
}

#[test]
fn open_findings_and_parts_that_fail_have_exit_codes() {
    let world = World::contract();
    assert_eq!(world.run(&["scan", "applicants", "--now", NOW, "--fail-on", "open"]).code, 4);
    world.write("data/lists/seminar/partner-b.csv", "a,b\n1,2\n");
    assert_eq!(world.run(&["scan", "seminar-attendees", "--now", NOW]).code, 3);
    let unknown = world.run(&["scan", "applicant", "--now", NOW]);
    assert_eq!(unknown.code, 2);
    insta::assert_snapshot!(unknown.stderr, @"
    error: there is no dataset `applicant`
      hint: did you mean `applicants`?
    ");
}
