//! Exceptions, as people make, see and end them: extensions, holds, lists of items, and what is refused.

use crate::world::{NOW, World, counts, finding_id};
use serde_json::Value;
use std::fs;

const RECORDING: &str = "2026/08/01/in-03-1234-5678-canary-20260801-090000-1785542400.3.wav";

/// `purposed exception add support-recordings` at the instant of the contract, asked for by one and approved by
/// another.
const ADD: &[&str] = &[
    "exception",
    "add",
    "support-recordings",
    "--requested-by",
    "support-pic",
    "--approved-by",
    "manager",
    "--reason",
    "the audit of the desk",
    "--now",
    NOW,
];

fn add(world: &World, more: &[&str], input: &str) -> crate::world::Answer {
    world.run_with_input(&[ADD, more].concat(), input)
}

fn made(world: &World, more: &[&str], input: &str) -> String {
    let answer = add(world, more, input);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    answer.stdout
}

fn expired(scan: &Value) -> Value {
    let findings = scan["findings"].as_array().unwrap().iter();
    let mut expired = findings.filter(|one| one["dataset"] == "support-recordings" && one["reason"] == "expired");
    expired.next().cloned().unwrap_or_default()
}

#[test]
fn an_extension_narrows_a_finding_and_its_end_brings_it_back() {
    let world = World::contract();
    world.scan(NOW);
    let letters = world.letters().len();
    let text = made(&world, &["--kind", "extension", "--rule", "retention:expired", "--until", "2027-03-10"], "");
    assert_eq!(
        text,
        "E-1: extension for every item in its scope of `support-recordings`, until 2027-03-10; the next scan follows it\n"
    );
    let narrowed = expired(&world.scan("2027-03-10T23:59:59+09:00"));
    assert_eq!(
        (&narrowed["state"], &narrowed["items"], &narrowed["excepted"]),
        (&"excepted".into(), &0.into(), &3.into())
    );
    assert_eq!(narrowed["left"]["excepted"], 3);
    assert_eq!(narrowed["earliest_due"], Value::Null);
    let table = world.run(&["findings"]).stdout;
    assert!(table.contains("excepted"), "{table}");
    let back = world.scan("2027-03-11T00:00:00+09:00");
    assert_eq!(counts(&back, "support-recordings", "retention", "expired"), Some([3, 3, 0, 0]));
    assert_eq!(expired(&back)["state"], "open");
    assert!(world.letters().len() > letters, "that it is back is told");
    assert!(world.run(&["exception", "list"]).stdout.contains("there is no exception"));
    let all = world.run(&["exception", "list", "--all", "--format", "json"]).stdout;
    let all: Value = serde_json::from_str(&all).unwrap();
    assert_eq!(all["exceptions"][0]["state"], "expired");
    assert_eq!(world.run(&["evidence", "verify"]).code, 0);
}

#[test]
fn a_hold_takes_in_what_falls_due_and_stands_until_somebody_else_releases_it() {
    let world = World::contract();
    world.scan(NOW);
    made(&world, &["--kind", "hold", "--until", "2027-03-05"], "");
    // Long after the day of its review, and one more recording has fallen due.
    let held = expired(&world.scan("2027-06-01T12:00:00+09:00"));
    assert_eq!((&held["state"], &held["excepted"]), (&"excepted".into(), &4.into()));
    let release =
        |by: &str| world.run(&["exception", "release", "E-1", "--by", by, "--now", "2027-06-02T12:00:00+09:00"]);
    let refused = release("support-pic");
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("nobody approves what they asked for"), "{}", refused.stderr);
    let revoked = world.run(&["exception", "revoke", "E-1", "--by", "manager"]);
    assert!(revoked.code == 2 && revoked.stderr.contains("purposed exception release E-1"), "{}", revoked.stderr);
    let review = ["exception", "review", "E-1", "--until", "2027-09-01", "--by", "manager"];
    let reviewed = world.run(&[&review[..], &["--now", "2027-06-02T12:00:00+09:00"]].concat());
    assert_eq!(reviewed.stdout, "E-1 of `support-recordings` stands; the next review is on 2027-09-01\n");
    assert_eq!(release("manager").code, 0);
    assert_eq!(release("manager").code, 2, "it has ended");
    let back = world.scan("2027-06-03T12:00:00+09:00");
    assert_eq!(counts(&back, "support-recordings", "retention", "expired"), Some([4, 4, 0, 0]));
}

#[test]
fn listed_items_are_left_out_of_what_may_be_erased_and_named_nowhere() {
    let world = World::contract();
    let first = world.scan(NOW);
    let finding = finding_id(&first, "support-recordings", "expired");
    let items = |more: &[&str]| world.run(&[&["items", &finding, "--now", NOW], more].concat());
    let all = items(&[]).stdout;
    assert!(all.contains(RECORDING));
    made(&world, &["--kind", "hold", "--until", "2027-12-31", "--items", "-"], &format!("{RECORDING}\n"));
    let listed = items(&[]);
    assert!(!listed.stdout.contains(RECORDING) && listed.stdout.lines().count() == 3, "{}", listed.stdout);
    assert_eq!(listed.stderr, "1 more under an exception are left out (`--excepted` lists them)\n");
    let excepted = items(&["--excepted"]).stdout;
    assert!(excepted.contains(RECORDING) && excepted.lines().count() == 2, "{excepted}");
    let later = expired(&world.scan("2027-03-01T12:00:00+09:00"));
    assert_eq!((&later["items"], &later["excepted"], &later["state"]), (&2.into(), &1.into(), &"open".into()));
    // What `items` prints is understood, too.
    let text = made(&world, &["--kind", "extension", "--until", "2027-12-31", "--items", "-"], &all);
    assert!(text.starts_with("E-2: extension for 3 items"), "{text}");
    for path in world.files("state") {
        let content = fs::read(&path).unwrap();
        assert!(!content.windows(6).any(|window| window == b"canary"), "{}", path.display());
    }
}

#[test]
fn what_is_held_stands_in_no_list_whatever_else_is_wrong_with_it() {
    const NO_DATE: &str = "2026/08/28/canary.wav";
    let world = World::contract();
    let scan = world.scan(NOW);
    let undated = finding_id(&scan, "support-recordings", "undated");
    let listed = |finding: &str, more: &[&str]| world.run(&[&["items", finding, "--now", NOW], more].concat());
    assert!(listed(&undated, &[]).stdout.contains(NO_DATE));
    made(&world, &["--kind", "hold", "--until", "2027-12-31", "--items", "-"], NO_DATE);
    let held = listed(&undated, &[]);
    assert_eq!(held.stdout.lines().count(), 1, "{}", held.stdout);
    assert_eq!(held.stderr, "1 more under an exception are left out (`--excepted` lists them)\n");
    assert!(listed(&undated, &["--excepted"]).stdout.contains(NO_DATE));
    // A confidential hold stays confidential, whatever else covers the item.
    let expired = finding_id(&scan, "support-recordings", "expired");
    made(&world, &["--kind", "extension", "--until", "2027-12-31"], "");
    assert!(listed(&expired, &["--excepted"]).stdout.contains(RECORDING));
    made(&world, &["--kind", "hold", "--until", "2027-12-31", "--confidential", "--items", "-"], RECORDING);
    let confidential = listed(&expired, &["--excepted"]);
    assert!(!confidential.stdout.contains(RECORDING), "{}", confidential.stdout);
    assert_eq!(confidential.stderr, "1 more under a confidential hold: do not erase; ask the manager\n");
}

#[test]
fn an_item_that_is_not_there_is_refused_and_not_named() {
    let world = World::contract();
    world.scan(NOW);
    let refused = add(&world, &["--kind", "hold", "--until", "2027-12-31", "--items", "-"], "2026/secret.wav\n");
    assert_eq!(refused.code, 2);
    assert!(
        refused.stderr.contains("1 of the 1 items named are not in `support-recordings` now"),
        "{}",
        refused.stderr
    );
    assert!(!refused.stderr.contains("secret"));
    let on_the_line = add(&world, &["--kind", "hold", "--until", "2027-12-31", "--items", RECORDING], "");
    assert_eq!(on_the_line.code, 2, "an item never stands on a command line");
}

#[test]
fn a_range_of_days_concerns_the_clocks_that_lie_in_it() {
    let world = World::contract();
    made(
        &world,
        &["--kind", "extension", "--until", "2027-12-31", "--dated-from", "2026-08-28", "--dated-until", "2026-08-31"],
        "",
    );
    let narrowed = expired(&world.scan(NOW));
    assert_eq!((&narrowed["items"], &narrowed["excepted"]), (&1.into(), &2.into()));
    assert_eq!(narrowed["earliest_due"], "2027-02-01T09:00:00+09:00");
}

#[test]
fn what_may_not_be_excepted_is_refused_with_its_reason() {
    let world = World::contract();
    world.append("register/organisation.toml", "");
    let cases: &[(&[&str], &str)] = &[
        (&["--kind", "extension", "--until", "2029-01-01"], "an extension lasts at most 1 year by the register"),
        (&["--kind", "extension", "--until", "2027-02-27"], "2027-02-27 has passed"),
        (&["--kind", "hold", "--until", "2027-02-28"], "the review of a hold lies ahead"),
        (&["--kind", "extension", "--rule", "consent", "--until", "2027-12-31"], "not about `consent`"),
        (&["--kind", "approval", "--rule", "retention", "--until", "2027-12-31"], "not about `retention`"),
        (&["--kind", "hold", "--rule", "source", "--until", "2027-12-31"], "not about `source`"),
        (&["--kind", "hold", "--rule", "retentoin", "--until", "2027-12-31"], "there is no rule `retentoin`"),
        (&["--kind", "extension", "--confidential", "--until", "2027-12-31"], "only a hold can be confidential"),
    ];
    for (arguments, why) in cases {
        let refused = add(&world, arguments, "");
        assert!(refused.code == 2 && refused.stderr.contains(why), "{arguments:?}: {}", refused.stderr);
    }
    let people = |asked: &str, approved: &str| {
        let hold = ["exception", "add", "cameras", "--kind", "hold", "--until", "2027-12-31", "--reason", "police"];
        let asked = ["--requested-by", asked, "--approved-by", approved, "--now", NOW];
        world.run(&[&hold[..], &asked].concat())
    };
    assert!(people("manager", "manager").stderr.contains("nobody approves what they asked for"));
    assert!(people("manger", "manager").stderr.contains("did you mean `manager`?"));
    let register = fs::read_to_string(world.path("register/organisation.toml")).unwrap();
    world.write("register/organisation.toml", register.replace("support-deputy@", "Support-PIC@"));
    assert!(people("support-pic", "support-deputy").stderr.contains("the same address"));
}

#[test]
fn a_confidential_hold_says_no_more_than_not_to_erase() {
    let world = World::contract();
    let finding = finding_id(&world.scan(NOW), "support-recordings", "expired");
    made(&world, &["--kind", "hold", "--until", "2027-12-31", "--confidential"], "");
    let listed = world.run(&["exception", "list"]).stdout;
    assert!(listed.contains("confidential") && !listed.contains("audit"), "{listed}");
    assert!(world.run(&["exception", "list", "--confidential"]).stdout.contains("the audit of the desk"));
    let explained = world.run_with_input(&["explain", "support-recordings", "-", "--now", NOW], RECORDING).stdout;
    assert!(explained.contains("excepted  expired: do not erase; ask the manager\n"), "{explained}");
    assert!(!explained.contains("E-1") && !explained.contains("audit"), "{explained}");
    let items = world.run(&["items", &finding, "--excepted", "--now", NOW]);
    assert_eq!(items.stdout.lines().count(), 1, "{}", items.stdout);
    assert_eq!(items.stderr, "3 more under a confidential hold: do not erase; ask the manager\n");
}

#[test]
fn what_vanishes_under_a_hold_is_told_at_once_and_waits_for_a_declaration() {
    let world = World::contract();
    let id = finding_id(&world.scan(NOW), "support-recordings", "expired");
    made(&world, &["--kind", "hold", "--until", "2027-12-31", "--items", "-"], RECORDING);
    world.scan("2027-03-01T12:00:00+09:00");
    let letters = world.letters().len();
    fs::remove_file(world.path("data/monitor").join(RECORDING)).unwrap();
    let scan = world.scan("2027-03-02T12:00:00+09:00");
    assert_eq!(counts(&scan, "support-recordings", "source", "early-loss"), Some([1, 1, 0, 0]));
    let left = expired(&scan);
    assert_eq!((&left["left"]["not_seen"], &left["excepted"], &left["items"]), (&1.into(), &0.into(), &2.into()));
    let told = world.letters()[letters..].concat();
    assert!(told.contains("privacy-manager@example.co.jp"), "the manager is told");
    let open: Value = serde_json::from_str(&world.run(&["disposal", "open", "--format", "json"]).stdout).unwrap();
    assert_eq!((&open["waiting"][0]["finding"], &open["waiting"][0]["items"]), (&id.into(), &1.into()));
    let again = world.scan("2027-03-03T12:00:00+09:00");
    assert_eq!(counts(&again, "support-recordings", "source", "early-loss"), Some([1, 0, 1, 0]));
}

#[test]
fn what_vanishes_under_an_extension_waits_for_a_declaration_and_is_no_loss() {
    let world = World::contract();
    world.scan(NOW);
    made(&world, &["--kind", "extension", "--until", "2027-12-31"], "");
    world.scan("2027-03-01T12:00:00+09:00");
    fs::remove_file(world.path("data/monitor").join(RECORDING)).unwrap();
    let scan = world.scan("2027-03-02T12:00:00+09:00");
    assert_eq!(counts(&scan, "support-recordings", "source", "early-loss"), None);
    let left = expired(&scan);
    assert_eq!((&left["left"]["not_seen"], &left["excepted"]), (&1.into(), &2.into()));
    assert!(world.run(&["disposal", "open"]).stdout.contains("support-recordings"));
}

#[test]
fn only_those_who_answer_for_the_data_decide() {
    let world = World::contract();
    let register = fs::read_to_string(world.path("register/organisation.toml")).unwrap();
    let manager = "privacy_manager = \"manager\"\n";
    world.write(
        "register/organisation.toml",
        register.replace(manager, &format!("{manager}auditor = \"people-pic\"\n")),
    );
    let add = |kind: &str, approved: &str| {
        let words = ["exception", "add", "support-recordings", "--kind", kind, "--until", "2027-12-31"];
        let people = ["--reason", "audit", "--requested-by", "support-pic", "--approved-by", approved, "--now", NOW];
        world.run(&[&words[..], &people].concat())
    };
    let refused = add("extension", "marketing-pic");
    assert_eq!(refused.code, 2);
    assert!(
        refused.stderr.contains("they do not answer for division `support`")
            && refused.stderr.contains("the privacy manager `manager`, `support-pic`, `support-deputy`"),
        "{}",
        refused.stderr
    );
    assert!(add("hold", "people-pic").stderr.contains("an auditor looks on"));
    assert_eq!((add("extension", "support-deputy").code, add("hold", "manager").code), (0, 0));
    let act = |words: &[&str], by: &str| world.run(&[&["exception"], words, &["--by", by, "--now", NOW]].concat());
    for (words, by, why) in [
        (&["revoke", "E-1"][..], "marketing-pic", "they do not answer for division `support`"),
        (&["revoke", "E-1"], "people-pic", "an auditor looks on"),
        (&["revoke", "E-1"], "support-pic", "nobody approves what they asked for"),
        (&["release", "E-2"], "support-deputy", "`support-deputy` may not decide about the hold `E-2`"),
        (&["release", "E-2"], "people-pic", "`people-pic` may not decide about the hold `E-2`"),
        (&["review", "E-2", "--until", "2028-01-31"], "support-deputy", "the privacy manager `manager` may"),
    ] {
        let refused = act(words, by);
        assert!(refused.code == 2 && refused.stderr.contains(why), "{words:?} {by}: {}", refused.stderr);
    }
    assert_eq!(act(&["revoke", "E-1"], "support-deputy").code, 0);
    assert_eq!(act(&["release", "E-2"], "manager").code, 0);
}

#[test]
fn an_explanation_says_which_exception_covers_an_item() {
    let world = World::contract();
    world.scan(NOW);
    made(&world, &["--kind", "extension", "--until", "2027-12-31"], "");
    let explained = world.run_with_input(&["explain", "support-recordings", "-", "--now", NOW], RECORDING).stdout;
    assert!(explained.contains("excepted  expired: extension E-1, until 2027-12-31\n"), "{explained}");
}
