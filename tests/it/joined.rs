//! Ledgers joined with the lists that ask them, in the database that holds both: the answers are those of ledgers that
//! are read whole, whatever the register promises and whatever happens meanwhile.

use crate::servers::{mariadb, psql, servers};
use crate::world::{NOW, SALES, World, counts};
use purposed::app::Environment;
use purposed::app::scan::{ScanRequest, Watch, scan};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64};

const REGISTER: &str = r#"
[purposes.mailing]
[categories.lists]
purposes = ["mailing"]
[datasets.people]
division = "sales"
category = "lists"
purposes = ["mailing"]
keep = { for = "10 years", from = "collected_at" }
consent = { ledger = "consents", by = ["email", "phone"] }
opt_outs = [{ ledger = "stopped", by = "email" }]
[datasets.people.source]
connection = "crm"
table = "people"
fields = { id = "id", collected_at = "collected", email = { column = "email"KEY }, phone = { column = "phone"KEY } }
[ledgers.consents]
kind = "consents"
[ledgers.consents.source]
connection = "crm"
table = "consents"
fields = { email = { column = "email"KEY }, phone = { column = "phone"KEY }, given_at = "given", withdrawn_at = "withdrawn" }
[ledgers.stopped]
kind = "opt-outs"
[ledgers.stopped.source]
connection = "crm"
query = "SELECT email, added FROM stopped"
fields = { email = { column = "email"KEY }, opted_out_at = "added" }
"#;

/// A register in which keys are declared normalised, or not.
fn register(are_normalised: bool) -> String {
    let promise = if are_normalised { ", normalised = true" } else { "" };
    format!("{SALES}{}", REGISTER.replace("KEY", promise))
}

/// A list of six, a ledger of consents and one of opt-outs, with many others in both.
fn data() -> String {
    let mut statements = String::from(
        "CREATE TABLE people (id int, email varchar(60), phone varchar(60), collected varchar(20));
         INSERT INTO people VALUES (1, 'canary1@example.jp', NULL, '2026-01-01'), (2, NULL, '9012345678', '2026-01-01'),
            (3, 'canary3@example.jp', '9012345679', '2026-01-01'), (4, 'canary4@example.jp', '', '2026-01-01'),
            (5, 'canary5@example.jp', NULL, '2026-01-01'), (6, NULL, NULL, '2026-01-01');
         CREATE TABLE consents (email varchar(60), phone varchar(60), given varchar(20), withdrawn varchar(20));
         INSERT INTO consents VALUES ('canary1@example.jp', NULL, '2026-01-01', NULL),
            ('canary1@example.jp', NULL, '2025-01-01', '2025-06-01'), (NULL, '9012345678', '2026-01-01', NULL),
            ('canary3@example.jp', NULL, '2026-01-01', NULL), (NULL, '9012345679', NULL, '2026-02-01'),
            ('canary5@example.jp', NULL, '2026-01-01', NULL), (NULL, NULL, '2026-01-01', NULL), ('', '', NULL, '2026-01-01');
         CREATE TABLE stopped (email varchar(60), added varchar(20));
         INSERT INTO stopped VALUES ('canary5@example.jp', '2026-05-05');",
    );
    for number in 0..60 {
        statements.push_str(&format!(
            "INSERT INTO consents VALUES ('other{number}@example.jp', '80000000{number:02}', '2026-01-01', NULL);
             INSERT INTO stopped VALUES ('other{number}@example.jp', '2026-05-05');"
        ));
    }
    statements
}

/// A company whose data lies behind this connection.
fn company_at(connection: &str, are_normalised: bool) -> World {
    let world = World::with_places(&format!("[connections.crm]\n{connection}\n"));
    world.write("register/register.toml", register(are_normalised));
    world
}

/// A company whose list and ledgers lie in one SQLite database.
fn company(are_normalised: bool) -> World {
    let world = company_at("url = \"sqlite:crm.db\"", are_normalised);
    world.sql("crm.db", &data());
    world
}

/// How many items have each reason.
fn reasons(answer: &Value) -> BTreeMap<String, u64> {
    let findings = answer["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| (finding["reason"].as_str().unwrap().to_owned(), finding["items"].as_u64().unwrap()))
        .collect()
}

fn told(reasons: &[(&str, u64)]) -> BTreeMap<String, u64> {
    reasons.iter().map(|(reason, items)| ((*reason).to_owned(), *items)).collect()
}

fn problems(answer: &Value) -> Vec<(String, u64, String)> {
    let problems = answer["scans"][0]["problems"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    problems.map(|one| (text(&one["reason"]), one["items"].as_u64().unwrap(), text(&one["example"]))).collect()
}

#[test]
fn joined_equals_not_joined_in_sqlite() {
    let expected = told(&[("missing", 1), ("no-subject", 1), ("opted-out", 1)]);
    for are_normalised in [true, false] {
        let answer = company(are_normalised).scan(NOW);
        assert_eq!((reasons(&answer), problems(&answer)), (expected.clone(), vec![]), "{answer:#}");
    }
}

#[test]
fn joined_equals_not_joined_in_servers() {
    let Some(servers) = servers() else { return };
    psql(servers, "postgres", "CREATE DATABASE joined");
    psql(servers, "joined", &data());
    mariadb(servers, &format!("CREATE DATABASE joined; USE joined; {}", data()));
    let expected = told(&[("missing", 1), ("no-subject", 1), ("opted-out", 1)]);
    for (scheme, port) in [("postgresql", &servers["postgresql"]), ("mariadb", &servers["mariadb"])] {
        for are_normalised in [true, false] {
            let url = format!("{scheme}://purposed@localhost:{port}/joined?sslmode=require");
            let world = company_at(&format!("url = \"{url}\"\npassword = {{ file = \"password\" }}"), are_normalised);
            world.write("password", &servers["password"]);
            let answer = world.scan(NOW);
            assert_eq!((reasons(&answer), problems(&answer)), (expected.clone(), vec![]), "{scheme}: {answer:#}");
        }
    }
    let log = std::fs::read_to_string(format!("{}/postgresql.log", servers["folder"])).unwrap();
    assert!(log.contains("FROM \"consents\" WHERE \"email\" IN (SELECT \"email\" FROM \"people\")"));
}

#[test]
fn a_promise_that_is_not_kept_is_told_and_costs_nobody_their_consent() {
    for (statement, items, place) in [
        ("UPDATE people SET email = 'Canary1@Example.jp' WHERE id = 1", 1, "row 1: a key"),
        (
            "UPDATE consents SET email = ' CANARY1@example.jp' WHERE email = 'canary1@example.jp'",
            2,
            "ledger `consents`: ",
        ),
        ("UPDATE consents SET phone = '090-1234-5678' WHERE phone = '9012345678'", 1, "ledger `consents`: "),
    ] {
        let world = company(true);
        world.sql("crm.db", statement);
        let answer = world.scan(NOW);
        assert_eq!(reasons(&answer), told(&[("missing", 1), ("no-subject", 1), ("opted-out", 1)]), "{answer:#}");
        let of_consents = |problem: &&(String, u64, String)| problem.2.contains("`consents`");
        let problems = problems(&answer);
        let problem = problems.iter().find(of_consents).unwrap();
        assert_eq!((problem.0.as_str(), problem.1), ("not-normalised", items), "{problems:?}");
        assert!(problem.2.starts_with(place) && !answer.to_string().to_lowercase().contains("canary"), "{problem:?}");
        assert_eq!(answer["scans"][0]["status"], "complete");
    }
}

#[test]
fn an_empty_ledger_is_noticed_joined_or_not() {
    for (first, second) in [(true, true), (false, true), (true, false)] {
        let world = company(first);
        world.scan("2027-02-01T12:00:00+09:00");
        // To be joined or not any more is no news, nor is a list of whom no entry speaks.
        world.write("register/register.toml", register(second));
        world.sql("crm.db", "DELETE FROM consents WHERE email LIKE 'canary%' OR phone LIKE '90%'");
        let answer = world.scan("2027-02-02T12:00:00+09:00");
        assert_eq!(reasons(&answer), told(&[("missing", 4), ("no-subject", 1), ("opted-out", 1)]), "{answer:#}");
        assert_eq!(problems(&answer), vec![]);
        world.sql("crm.db", "DELETE FROM consents");
        let answer = world.scan("2027-02-03T12:00:00+09:00");
        assert_eq!(counts(&answer, "people", "source", "ledger-empty"), Some([0, 0, 0, 0]), "{answer:#}");
        let example = "ledger `consents`: it had 62 entries and has none now".to_owned();
        assert!(problems(&answer).iter().any(|problem| problem.2 == example), "{answer:#}");
        assert_eq!(reasons(&answer)["missing"], 4, "consent stays as it was");
    }
}

#[test]
fn somebody_who_is_asked_about_and_in_no_list_is_not_called_missing() {
    let world = company(true);
    let item = r#"{"id": "9", "email": "other7@example.jp", "phone": "8000000007", "collected": "2026-01-01"}"#;
    world.sql("crm.db", "DELETE FROM stopped WHERE email = 'other7@example.jp'");
    let answer = world.run_with_input(&["explain", "people", "-", "--now", NOW], item);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(!answer.stdout.contains("missing"), "{}", answer.stdout);
}

/// Fills the list anew between the reading of the ledgers and that of the list.
struct Meanwhile<'a> {
    world: &'a World,
    items: AtomicU64,
    cancelled: AtomicBool,
}

impl Watch for Meanwhile<'_> {
    fn begins(&self, what: &str) {
        if what == "people:" {
            self.world.sql(
                "crm.db",
                "DELETE FROM people; INSERT INTO people VALUES (1, 'other1@example.jp', NULL, '2026-01-01'),
                 (2, NULL, '8000000002', '2026-01-01'), (3, 'canary3@example.jp', NULL, '2026-01-01')",
            );
        }
    }

    fn items(&self) -> &AtomicU64 {
        &self.items
    }

    fn cancelled(&self) -> &AtomicBool {
        &self.cancelled
    }
}

#[test]
fn a_list_that_is_filled_anew_while_it_is_scanned_lacks_no_consent() {
    let world = company(true);
    world.sql("crm.db", "DELETE FROM stopped WHERE email = 'other1@example.jp'");
    let watch = Meanwhile { world: &world, items: AtomicU64::new(0), cancelled: AtomicBool::new(false) };
    let environment = Environment {
        credentials_directory: None,
        state_directory: None,
        user: "admin".to_owned(),
        temporary_folder: world.path("temporary"),
    };
    let now: jiff::Timestamp = NOW.parse().unwrap();
    let request = ScanRequest { datasets: &[], now: Some(now.into()), dry_run: true };
    let answer = scan(&world.path("purposed.toml"), &request, &environment, &watch).unwrap();
    assert_eq!(answer.scans[0].items, 3);
    assert!(answer.findings.is_empty(), "{:?}", answer.findings);
}
