//! `check`, `test` and `config show`, on configurations right and wrong.

use crate::world::World;
use std::fs;

#[test]
fn the_contract_and_the_examples_are_accepted() {
    let world = World::contract();
    let answer = world.run(&["check"]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(answer.stdout, @"ok: 4 divisions, 6 datasets, 2 ledgers, 0 tests");
    let connected = world.run(&["check", "--connect"]);
    assert_eq!((connected.code, connected.stderr.as_str()), (0, ""));
}

#[test]
fn every_problem_is_told_at_once_with_its_place() {
    let world = World::contract();
    let register = fs::read_to_string(world.path("register/datasets.toml")).unwrap();
    let broken = register
        .replace("division = \"facilities\"", "division = \"facility\"")
        .replace("for = \"1 year\", from = \"event_date\"", "for = \"1 yr\", from = \"event_day\"")
        .replace("by = \"phone\" }\nopt_outs", "by = \"mobile\" }\nopt_outs")
        .replace("schedule = \"0 5 1 * *\"", "schedule = \"0 25 1 * *\"");
    world.write("register/datasets.toml", broken);
    let answer = world.run(&["check"]);
    assert_eq!((answer.code, answer.stdout.as_str()), (2, ""));
    insta::assert_snapshot!(answer.stderr);
    assert_eq!(world.run(&["scan"]).code, 2);
}

#[test]
fn connecting_looks_at_roots_tables_and_headers() {
    let world = World::contract();
    fs::remove_dir_all(world.path("data/monitor")).unwrap();
    world.sql("data/frigate.db", "ALTER TABLE recordings RENAME TO recorded");
    world.write("data/lists/applicants.csv", "number,name\n1,Canary\n");
    let answer = world.run(&["check", "--connect"]);
    assert_eq!(answer.code, 2);
    insta::assert_snapshot!(answer.stderr);
}

#[test]
fn the_registers_own_tests_are_run() {
    let world = World::contract();
    world.append(
        "register/datasets.toml",
        r#"
[[tests]]
dataset = "seminar-attendees"
now = 2027-02-28T12:00:00+09:00
item = { "受付番号" = "1", "開催日" = "令和6年4月1日", "利用目的" = "集計" }
expect = ["retention:expired", "purpose:outside", "consent:no-subject"]

[[tests]]
dataset = "applicants"
now = 2027-02-28T12:00:00+09:00
item = { id = "1", applied_at = "2026/04/01" }
expect = ["retention:expired"]
"#,
    );
    let answer = world.run(&["test"]);
    assert_eq!(answer.code, 1);
    insta::assert_snapshot!(answer.stdout);
}

#[test]
fn a_value_is_shown_with_its_origin() {
    let world = World::contract();
    let answer = world.run(&["config", "show", "cameras", "--origin"]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    insta::assert_snapshot!(answer.stdout);
}
