//! Copies of a dataset: a call index in SQLite, its backup of last night and a folder of weekly dumps.

use crate::world::{NOW, World, counts, finding_id};
use serde_json::Value;
use std::fs;

const DAY: &str = "2027-03-01T12:00:00+09:00";
const WEEK: &str = "2027-03-07T12:00:00+09:00";

const REGISTER: &str = "[purposes.calling]\nground = \"consent\"\n[categories.calls]\npurposes = [\"calling\"]\n\
    [sources.index]\nconnection = \"pbx\"\ntable = \"calls\"\n\
    fields = { id = \"id\", line = \"line\", recorded_at = \"made\", phone = \"caller\" }\n\
    [sources.nightly]\nconnection = \"backup\"\ntable = \"calls\"\nextra = \"35 days\"\n\
    fields = { id = \"id\", line = \"line\", recorded_at = \"made\", phone = \"caller\" }\n\
    [sources.dumps]\nroot = \"dumps\"\nfiles = \"**/*.dump\"\n\
    fields.recorded_at = { name = '(\\d{4}-\\d\\d-\\d\\d)', format = \"%Y-%m-%d\" }\n\
    fields.line = { value = \"desk\" }\n\
    [datasets.calls]\ndivision = \"support\"\ncategory = \"calls\"\npurposes = [\"calling\"]\nsecrecy = false\n\
    sources = { items = \"index\", copies = [\"nightly\", \"dumps\"] }\nwhere = { line = \"desk\" }\n\
    keep = { for = \"1 year\", from = \"recorded_at\" }\n\
    opt_outs = { ledger = \"refused\", by = \"phone\" }\n\
    [ledgers.refused]\nkind = \"opt-outs\"\n[ledgers.refused.source]\nconnection = \"pbx\"\ntable = \"refused\"\n\
    fields = { phone = \"phone\" }\n";

/// Eighty calls, one a day, backwards from a good eleven months ago; every fourth of another line.
const CALLS: &str = "CREATE TABLE calls (id INTEGER PRIMARY KEY, line TEXT, made TEXT, caller TEXT);
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 79)
    INSERT INTO calls SELECT i, iif(i % 4 = 3, 'door', 'desk'), date('2026-03-20', '-' || i || ' days'),
        '090-1234-00' || printf('%02d', i) FROM n;";

fn company() -> World {
    let world = World::contract();
    world.append(
        "purposed.toml",
        "\n[connections.pbx]\nurl = \"sqlite:data/pbx.db\"\n[connections.backup]\nurl = \"sqlite:data/backup.db\"\n\
         [roots.dumps]\npath = \"data/dumps\"\n",
    );
    world.write("register/calls.toml", REGISTER);
    world.sql("data/pbx.db", CALLS);
    world.sql("data/pbx.db", "CREATE TABLE refused (phone TEXT); INSERT INTO refused VALUES ('+81 90 1234 0001')");
    world.sql("data/backup.db", CALLS);
    for day in ["2026-02-01", "2026-02-20", "2026-03-20"] {
        world.write(&format!("data/dumps/pbx/canary-{day}.dump"), "");
    }
    world
}

fn scan(world: &World, now: &str) -> Value {
    let answer = world.run(&["scan", "calls", "--now", now, "--format", "json"]);
    assert!(matches!(answer.code, 0 | 3), "{}", answer.stderr);
    serde_json::from_str(&answer.stdout).unwrap()
}

/// How many rows of a database meet a condition, by its own reckoning.
fn rows(world: &World, database: &str, condition: &str) -> u64 {
    let statement = format!("SELECT count(*) FROM calls WHERE line = 'desk' AND {condition}");
    let path = world.path(database);
    let output = std::process::Command::new("sqlite3").arg(path).arg(statement).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

#[test]
fn items_and_their_copies_are_judged_and_counted_together() {
    let world = company();
    let seen = scan(&world, NOW);
    assert_eq!(seen["scans"][0]["status"], "complete", "{seen:#}");
    assert_eq!(seen["scans"][0]["items"], 60 + 60 + 3);
    // Judged on 28 February 2027: what was made up to the 27th of last year, and in the backup 35 days before that.
    let items = rows(&world, "data/pbx.db", "made <= '2026-02-27'");
    let nightly = rows(&world, "data/backup.db", "date(made, '+1 year', '+1 day', '+35 days') <= '2027-02-28'");
    assert!(items > 0 && nightly > 0 && nightly < items);
    let expired = items + nightly + 2;
    assert_eq!(counts(&seen, "calls", "retention", "expired"), Some([expired, expired, 0, 0]));
    assert_eq!(counts(&seen, "calls", "consent", "opted-out"), Some([2, 2, 0, 0]), "in the index and in the backup");
    let warned = world.run(&["check"]);
    assert!(
        warned.stderr.contains("the copy `dumps` of the dataset `calls` is not asked about `opt_outs`"),
        "{}",
        warned.stderr
    );

    let id = finding_id(&seen, "calls", "expired");
    let listed = world.run(&["items", &id]).stdout;
    let mut lines = listed.lines();
    assert_eq!(lines.next().unwrap(), "file,place,digest,due,copy,id,line,recorded_at,phone");
    let of = |copy: &str| listed.lines().skip(1).filter(|line| line.split(',').nth(4) == Some(copy)).count() as u64;
    assert_eq!((of(""), of("nightly"), of("dumps")), (items, nightly, 2));
    let digests: std::collections::BTreeSet<&str> = lines.filter_map(|line| line.split(',').nth(2)).collect();
    assert_eq!(digests.len() as u64, expired, "an item and its copy have digests of their own");
    let json = world.run(&["items", &id, "--format", "jsonl"]).stdout;
    let json: Vec<Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(json.iter().filter(|item| item["copy"] == "nightly").count() as u64, nightly);
    assert!(json.iter().any(|item| item["copy"].is_null()));

    // The same call in the index and in the backup, the one due 35 days after the other.
    let explained = world.run_with_input(&["explain", "calls", "-"], "38").stdout;
    assert!(explained.contains("\nrow 39\n") && explained.contains("\ncopy `nightly`, row 39\n"), "{explained}");
    assert!(explained.contains("+ 1 year, a copy 35 days longer -> due 2027-03-18T00:00:00+09:00"), "{explained}");
    assert!(explained.contains("+ 1 year -> due 2027-02-11T00:00:00+09:00"), "{explained}");
    assert!(world.letters().iter().all(|letter| !letter.contains("canary")));
}

#[test]
fn what_is_erased_in_the_product_stays_a_finding_until_its_backup_is_overwritten() {
    let world = company();
    let first = counts(&scan(&world, NOW), "calls", "retention", "expired").unwrap()[0];
    let items = rows(&world, "data/pbx.db", "made <= '2026-02-27'");
    world.sql("data/pbx.db", "DELETE FROM calls WHERE made <= '2026-03-01'");
    let erased = scan(&world, DAY);
    let left = counts(&erased, "calls", "retention", "expired").unwrap();
    assert_eq!(left[1..], [rows(&world, "data/backup.db", "made = '2026-01-24'"), first - items, items]);
    fs::remove_file(world.path("data/backup.db")).unwrap();
    world.sql("data/backup.db", &format!("{CALLS} DELETE FROM calls WHERE made <= '2026-03-15'"));
    fs::remove_dir_all(world.path("data/dumps/pbx")).unwrap();
    world.write("data/dumps/pbx/2027-02-28.dump", "");
    let rotated = scan(&world, WEEK);
    let made = rows(&world, "data/pbx.db", "made <= '2026-03-06'");
    assert_eq!(counts(&rotated, "calls", "retention", "expired").map(|counts| counts[1]), Some(made));
    for reason in ["shrunken", "empty", "early-loss"] {
        let rule = if reason == "early-loss" { "retention" } else { "source" };
        assert_eq!(counts(&rotated, "calls", rule, reason), None);
    }
}

#[test]
fn a_copy_that_is_away_or_empty_resolves_nothing() {
    let world = company();
    let first = counts(&scan(&world, NOW), "calls", "retention", "expired").unwrap()[0];
    let before = rows(&world, "data/pbx.db", "made <= '2026-02-27'");
    fs::rename(world.path("data/backup.db"), world.path("data/away.db")).unwrap();
    let away = scan(&world, DAY);
    assert_eq!(away["scans"][0]["status"], "partial");
    assert_eq!(counts(&away, "calls", "source", "unreachable").map(|counts| counts[0]), Some(0), "{away:#}");
    // One more item is due in the index; what the backup had is still counted.
    assert!(counts(&away, "calls", "retention", "expired").unwrap()[2] == first, "{away:#}");
    let problems = away["scans"][0]["problems"].as_array().unwrap();
    let told = problems.iter().find(|problem| problem["reason"] == "unreachable").unwrap();
    assert!(told["example"].as_str().unwrap().starts_with("copy `nightly`: "), "{told}");
    let explained = world.run_with_input(&["explain", "calls", "-"], "38");
    assert!(explained.code == 0 && explained.stdout.contains("retention: expired"), "{}", explained.stderr);
    assert!(explained.stdout.contains("\nnot looked at: "), "{}", explained.stdout);
    let listed = world.run(&["items", &finding_id(&away, "calls", "expired")]);
    assert!(listed.code == 1 && listed.stderr.contains("copy `nightly`"), "{}", listed.stderr);
    assert!(listed.stdout.contains(",dumps,"), "what can be read is listed: {}", listed.stdout);
    let checked = world.run(&["check", "--connect"]);
    assert!(
        checked.stdout.contains("dataset `calls`, its copy `nightly`")
            || checked.stderr.contains("dataset `calls`, its copy `nightly`"),
        "{} {}",
        checked.stdout,
        checked.stderr
    );

    fs::rename(world.path("data/away.db"), world.path("data/backup.db")).unwrap();
    world.sql("data/backup.db", "DELETE FROM calls");
    let empty = scan(&world, "2027-03-02T12:00:00+09:00");
    assert!(counts(&empty, "calls", "source", "empty").is_some(), "{empty:#}");
    assert!(counts(&empty, "calls", "retention", "expired").unwrap()[2] >= first);
    let problems = empty["scans"][0]["problems"].as_array().unwrap();
    let told = problems.iter().find(|problem| problem["reason"] == "empty").unwrap();
    assert!(told["example"].as_str().unwrap().starts_with("copy `nightly`: no item where it had some"), "{told}");

    // Neither time nor the trouble of another copy makes it credible, and none of it holds back the items.
    fs::remove_dir_all(world.path("data/dumps/pbx")).unwrap();
    world.sql("data/pbx.db", "DELETE FROM calls WHERE made <= '2026-02-20'");
    let later = scan(&world, WEEK);
    let items = rows(&world, "data/pbx.db", "made <= '2026-03-06'");
    assert!(counts(&later, "calls", "source", "empty").is_some());
    let of_copies = counts(&later, "calls", "retention", "expired").unwrap()[0] - items;
    assert_eq!(of_copies, first - before, "what was known of both copies stays");

    // The register answers for one of them, and names the other no more.
    let register = REGISTER.replace("extra = \"35 days\"", "extra = \"35 days\"\nmay_be_empty = true");
    world.write("register/calls.toml", register.replace("[\"nightly\", \"dumps\"]", "[\"nightly\"]"));
    let answered = scan(&world, "2027-03-09T12:00:00+09:00");
    assert_eq!(counts(&answered, "calls", "source", "empty"), None, "{answered:#}");
    let [now, _, _, gone] = counts(&answered, "calls", "retention", "expired").unwrap();
    assert_eq!((now, gone), (rows(&world, "data/pbx.db", "made <= '2026-03-08'"), first - before - 2));
    let warned = world.run(&["check"]).stderr;
    assert!(!warned.contains("`dumps`"), "{warned}");
}
