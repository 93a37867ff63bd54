//! Sources that several datasets share: slices of one camera index, read together, and what none of them claims.

use crate::world::{NOW, World, counts, finding_id};
use serde_json::Value;
use std::fs;

const PLACES: &str = "[roots]\nlists = \"lists\"\n[connections]\nnvr = \"sqlite:nvr.db\"";

const ORGANISATION: &str = "[organisation]\nname = \"Example\"\ncontact_point = \"privacy@example.co.jp\"\n\
    privacy_manager = \"boss\"\ntime_zone = \"Asia/Tokyo\"\n\
    [people]\nboss = { email = \"boss@example.co.jp\" }\nguard = { email = \"guard@example.co.jp\", language = \"en\" }\n\
    [divisions.guards]\nperson_in_charge = \"guard\"\n[purposes.guarding]\nground = \"notice\"\n\
    [categories.footage]\npurposes = [\"guarding\"]\n\
    [sources.index]\nconnection = \"nvr\"\ntable = \"recordings\"\n\
    fields = { id = \"id\", camera = \"camera\", recorded_at = \"start_time\" }\n";

/// A dataset of the shared index.
fn slice(name: &str, period: &str, conditions: &str) -> String {
    format!(
        "[datasets.{name}]\ndivision = \"guards\"\ncategory = \"footage\"\npurposes = [\"guarding\"]\n\
         sources = {{ items = \"index\" }}\nkeep = {{ for = \"{period}\", from = \"recorded_at\" }}\n{conditions}\n"
    )
}

/// A company with an index of ten recordings, and datasets of it.
fn company(datasets: &[String]) -> World {
    let world = World::with_places(PLACES);
    world.write("register/a.toml", ORGANISATION);
    world.write("register/b.toml", datasets.concat());
    world.sql(
        "nvr.db",
        "CREATE TABLE recordings (id INTEGER PRIMARY KEY, camera TEXT, start_time TEXT);
         INSERT INTO recordings (camera, start_time) VALUES
             ('vault-1', '2026-01-01'), ('vault-1', '2026-12-01'), ('vault-2', '2026-02-01'), ('safe', NULL),
             ('door', '2026-01-01'), ('door', '2027-02-01'), ('canary-hall', '2026-01-01'), (NULL, '2026-01-01'),
             ('canary-hall', '2027-02-27'), ('vault-2', '2027-02-27');",
    );
    world
}

fn vault() -> String {
    slice("vault", "1 year", "where = { camera = [\"vault-*\", \"safe\"] }")
}

fn door() -> String {
    slice("door", "30 days", "where = { camera = \"door\" }")
}

fn scan_of<'a>(answer: &'a Value, dataset: &str) -> &'a Value {
    let scans = answer["scans"].as_array().unwrap();
    scans.iter().find(|scan| scan["dataset"] == dataset).unwrap()
}

fn problem(answer: &Value, dataset: &str, reason: &str) -> Option<(u64, String)> {
    let problems = scan_of(answer, dataset)["problems"].as_array().unwrap();
    let found = problems.iter().find(|problem| problem["reason"] == reason)?;
    Some((found["items"].as_u64().unwrap(), found["example"].as_str().unwrap().to_owned()))
}

fn scan_one(world: &World, dataset: &str, now: &str) -> Value {
    let answer = world.run(&["scan", dataset, "--now", now, "--format", "json"]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    serde_json::from_str(&answer.stdout).unwrap()
}

#[test]
fn each_dataset_counts_and_judges_its_own_slice_alone() {
    let world = company(&[vault(), door()]);
    let scan = world.scan(NOW);
    assert_eq!((&scan_of(&scan, "vault")["items"], &scan_of(&scan, "door")["items"]), (&5.into(), &2.into()));
    assert_eq!(counts(&scan, "vault", "retention", "expired"), Some([2, 2, 0, 0]));
    assert_eq!(counts(&scan, "vault", "retention", "undated"), Some([1, 1, 0, 0]));
    assert_eq!(counts(&scan, "door", "retention", "expired"), Some([1, 1, 0, 0]));
    assert_eq!(counts(&scan, "door", "retention", "undated"), None);

    // Each one alone sees the same.
    for (dataset, items) in [("door", 2), ("vault", 5)] {
        let alone = scan_one(&world, dataset, "2027-02-28T13:00:00+09:00");
        assert_eq!(scan_of(&alone, dataset)["items"], items);
    }
    let again = world.scan("2027-02-28T14:00:00+09:00");
    assert_eq!(counts(&again, "vault", "retention", "expired"), Some([2, 0, 2, 0]));

    // What people ask afterwards knows the slice as well.
    let listed = world.run(&["items", &finding_id(&scan, "vault", "expired")]);
    assert_eq!(listed.stdout.lines().count(), 3, "{}", listed.stdout);
    assert!(!listed.stdout.contains("door") && !listed.stdout.contains("hall"), "{}", listed.stdout);
    let explained = world.run_with_input(&["explain", "vault", "-"], "1");
    assert_eq!(explained.code, 0, "{}", explained.stderr);
    assert!(explained.stdout.contains("expired"), "{}", explained.stdout);
    let elsewhere = world.run_with_input(&["explain", "vault", "-"], "5");
    assert!(!elsewhere.stdout.contains("expired"), "the door's: {}", elsewhere.stdout);
}

#[test]
fn an_exception_takes_no_item_of_another_slice() {
    let world = company(&[vault(), door()]);
    let more = "officer = { email = \"officer@example.co.jp\" }\n[divisions.guards]";
    let organisation = ORGANISATION.replace("[divisions.guards]", more);
    world.write("register/a.toml", organisation);
    world.scan(NOW);
    let add = |id: &str| {
        world.run_with_input(
            &[
                "exception",
                "add",
                "vault",
                "--kind",
                "hold",
                "--until",
                "2027-06-30",
                "--reason",
                "a dispute",
                "--requested-by",
                "guard",
                "--approved-by",
                "boss",
                "--items",
                "-",
                "--now",
                "2027-02-28T13:00:00+09:00",
            ],
            id,
        )
    };
    let other = add("5");
    assert!(other.code != 0 && other.stderr.contains("are not in `vault` now"), "{}", other.stderr);
    let own = add("1");
    assert_eq!(own.code, 0, "{}", own.stderr);
}

#[test]
fn what_no_dataset_claims_is_told_by_the_first_of_its_datasets_alone() {
    let world = company(&[vault(), door()]);
    let first = world.scan(NOW);
    assert_eq!(counts(&first, "door", "source", "unclaimed"), Some([3, 3, 0, 0]), "the first by name answers for it");
    assert_eq!(counts(&first, "vault", "source", "unclaimed"), None);
    assert_eq!(problem(&first, "door", "unclaimed"), Some((3, "row 7: no dataset claims it".to_owned())));
    assert_eq!(scan_of(&first, "door")["status"], "complete");

    // A scan of another one neither resolves it nor counts anew; its own does, with or without the others.
    world.sql("nvr.db", "INSERT INTO recordings (camera, start_time) VALUES ('attic', '2027-02-27')");
    let other = scan_one(&world, "vault", "2027-02-28T13:00:00+09:00");
    assert_eq!(counts(&other, "vault", "source", "unclaimed"), None);
    assert_eq!(problem(&other, "vault", "unclaimed"), None);
    let all = scan_one(&world, "door", "2027-02-28T14:00:00+09:00");
    assert_eq!(counts(&all, "door", "source", "unclaimed"), Some([4, 1, 3, 0]));

    // A dataset for the rest resolves it.
    let rest = slice("rest", "5 years", "where = { camera = [\"canary-*\", \"attic\", \"\"] }");
    world.write("register/c.toml", rest);
    let claimed = scan_one(&world, "door", "2027-02-28T15:00:00+09:00");
    assert_eq!(counts(&claimed, "door", "source", "unclaimed"), None);
    let claimed = world.scan("2027-02-28T16:00:00+09:00");
    assert_eq!(scan_of(&claimed, "rest")["items"], 4);
    let letters: Vec<String> = world.letters().iter().map(|letter| letter.to_lowercase()).collect();
    assert!(letters.iter().any(|letter| letter.contains("no dataset of the register covers")), "{letters:?}");
    assert!(letters.iter().all(|letter| !letter.contains("canary") && !letter.contains("attic")));
}

#[test]
fn what_a_retired_dataset_had_is_claimed_by_nobody() {
    let retired = slice("hall", "1 year", "where = { camera = \"canary-*\" }\nretired = 2027-01-01");
    let world = company(&[vault(), door(), retired]);
    let scan = world.scan(NOW);
    assert_eq!(counts(&scan, "door", "source", "unclaimed"), Some([3, 3, 0, 0]));
}

#[test]
fn what_two_datasets_claim_is_a_problem_of_both() {
    let world = company(&[vault(), door(), slice("all", "5 years", "")]);
    let scan = world.scan(NOW);
    assert_eq!(problem(&scan, "all", "claimed-twice"), Some((7, "row 1: `vault` claims it, too".to_owned())));
    assert_eq!(problem(&scan, "vault", "claimed-twice"), Some((5, "row 1: `all` claims it, too".to_owned())));
    assert_eq!(problem(&scan, "door", "claimed-twice"), Some((2, "row 5: `all` claims it, too".to_owned())));
    assert_eq!(counts(&scan, "all", "source", "unclaimed"), None);
    assert_eq!(scan_of(&scan, "all")["items"], 10);
    // Where nobody has a slice, sharing a source is no trouble.
    let world = company(&[slice("some", "1 year", ""), slice("all", "5 years", "")]);
    let scan = world.scan(NOW);
    assert_eq!(problem(&scan, "all", "claimed-twice"), None);
    assert_eq!(counts(&scan, "some", "retention", "expired"), Some([5, 5, 0, 0]));
    assert_eq!(counts(&scan, "all", "retention", "expired"), None);
}

#[test]
fn an_item_that_moves_to_another_slice_leaves_its_dataset() {
    let world = company(&[vault(), door()]);
    world.scan(NOW);
    world.sql("nvr.db", "UPDATE recordings SET camera = 'door' WHERE id = 1");
    let scan = world.scan("2027-02-28T14:00:00+09:00");
    assert_eq!(counts(&scan, "vault", "retention", "expired"), Some([1, 0, 1, 1]));
    assert_eq!(counts(&scan, "door", "retention", "expired"), Some([2, 1, 1, 0]));
}

#[test]
fn the_registers_own_tests_know_slices() {
    let world = company(&[vault(), door()]);
    let test = |dataset: &str, camera: &str, expect: &str| {
        format!(
            "[[tests]]\ndataset = \"{dataset}\"\nnow = 2027-02-28T12:00:00+09:00\n\
             item = {{ id = \"1\", camera = \"{camera}\", start_time = \"2020-01-01\" }}\nexpect = [{expect}]\n"
        )
    };
    let expired = "\"retention:expired\"";
    world.write(
        "register/t.toml",
        test("vault", "safe", expired) + &test("vault", "door", "") + &test("vault", "attic", "\"source:unclaimed\""),
    );
    let answer = world.run(&["test"]);
    assert_eq!(answer.code, 0, "{}{}", answer.stdout, answer.stderr);
    fs::remove_file(world.path("register/t.toml")).unwrap();
    world.write("register/t.toml", test("vault", "attic", expired));
    assert_ne!(world.run(&["test"]).code, 0);
}
