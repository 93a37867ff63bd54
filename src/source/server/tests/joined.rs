//! A ledger joined with the lists that ask it, on real servers: what the join leaves out, no key would find.

use super::*;
use crate::domain::register::KeyField;
use crate::source::joined_laws::{NUMBERS, TEXTS, joined};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::sync::atomic::{AtomicU32, Ordering};

const CASES: u32 = 60;

/// Types of key columns; whether they hold numbers.
fn types(kind: ServerKind) -> Vec<(&'static str, bool)> {
    match kind {
        ServerKind::Postgresql => vec![
            ("text", false),
            ("text", false),
            ("varchar(60)", false),
            ("char(60)", false),
            ("text COLLATE \"C\"", false),
            ("text COLLATE \"und-x-icu\"", false),
            ("text COLLATE without_case", false),
            ("bigint", true),
            ("numeric(20)", true),
        ],
        ServerKind::Mysql => vec![
            ("varchar(60)", false),
            ("varchar(60)", false),
            ("char(60)", false),
            ("text", false),
            ("varchar(60) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", false),
            ("varchar(60) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_nopad_ci", false),
            ("varbinary(60)", false),
            ("bigint", true),
            ("bigint unsigned", true),
        ],
    }
}

fn values((_, is_number): (&'static str, bool)) -> impl Strategy<Value = &'static str> {
    let positive = |value: &&str| !value.starts_with('-');
    prop::sample::select(if is_number {
        NUMBERS.iter().copied().filter(positive).collect::<Vec<_>>()
    } else {
        TEXTS.to_vec()
    })
}

fn field_types() -> impl Strategy<Value = FieldType> {
    prop::sample::select(vec![FieldType::Email, FieldType::Phone, FieldType::Text])
}

fn key(name: &str, field_type: FieldType) -> FieldSpec {
    FieldSpec { field_type, normalised: true, ..column(name, name, vec![]) }
}

fn what_is_left_out_no_key_finds(kind: ServerKind) {
    let preparation = match kind {
        ServerKind::Postgresql => {
            "CREATE COLLATION without_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)"
        }
        ServerKind::Mysql => "DO 0",
    };
    let Some(world) = World::new(kind, "joined_laws", preparation) else { return };
    let (table, joins, left_out) = (AtomicU32::new(0), AtomicU32::new(0), AtomicU32::new(0));
    let select = || prop::sample::select(types(kind));
    let cases = (select(), select(), any::<bool>()).prop_flat_map(|(ours, theirs, are_same)| {
        let theirs = if are_same { ours } else { theirs };
        let entries = prop::collection::vec((values(ours), values(ours)), 8..30);
        (Just((ours, theirs)), entries, prop::collection::vec((values(theirs), values(theirs)), 0..7))
    });
    let config =
        ProptestConfig { cases: CASES, max_shrink_iters: 40, failure_persistence: None, ..ProptestConfig::default() };
    let outcome = TestRunner::new(config).run(
        &(cases, (field_types(), field_types()), any::<bool>()),
        |(((ours, theirs), entries, asking), (first, second), as_query)| {
            let number = table.fetch_add(1, Ordering::Relaxed);
            let create = |name: &str, column_type: &str, rows: &[(&str, &str)]| {
                let rows = rows.iter().enumerate().map(|(id, (k, l))| format!("({id}, {k}, {l})")).collect::<Vec<_>>();
                let insert = format!("INSERT INTO {name} VALUES {};", rows.join(", "));
                let insert = if rows.is_empty() { "" } else { &insert };
                format!("CREATE TABLE {name} (id int PRIMARY KEY, k {column_type}, l {column_type}); {insert}")
            };
            let (ledger, list) = (format!("ledger_{number}"), format!("list_{number}"));
            world.execute(&(create(&ledger, ours.0, &entries) + &create(&list, theirs.0, &asking)));
            let spec = || ServerSpec { tls: ServerTls::Off, ..world.spec() };
            let fields = || vec![column("id", "id", vec![]), key("k", first), key("l", second)];
            let relation = |name: &str| {
                if as_query {
                    Relation::Query(format!("SELECT * FROM {name} -- all"))
                } else {
                    Relation::Table(name.to_owned())
                }
            };
            let ledger = source_at(spec(), relation(&ledger), fields());
            let list = source_at(spec(), relation(&list), fields());
            let keys = [KeyField { field: 1, ledger_field: 1 }, KeyField { field: 2, ledger_field: 2 }];
            if let Some(fetched) = joined(&ledger, &list, &keys) {
                joins.fetch_add(1, Ordering::Relaxed);
                let has_less = fetched.all.iter().any(|row| !fetched.rows.contains(row));
                left_out.fetch_add(u32::from(has_less), Ordering::Relaxed);
            }
            Ok(())
        },
    );
    if let Err(error) = outcome {
        panic!("{error}");
    }
    let (joins, left_out) = (joins.into_inner(), left_out.into_inner());
    assert!(
        joins > CASES / 3 && left_out > CASES / 4,
        "of {CASES}, {joins} were joined and {left_out} left something out"
    );
}

#[test]
fn what_a_join_leaves_out_no_key_finds_in_postgresql() {
    what_is_left_out_no_key_finds(ServerKind::Postgresql);
}

#[test]
fn what_a_join_leaves_out_no_key_finds_in_mariadb() {
    what_is_left_out_no_key_finds(ServerKind::Mysql);
}

/// A list of ten and a ledger of 20,000 entries, of which the list asks for twenty; one is not normalised.
fn large(kind: ServerKind) -> String {
    let (numbers, text) = match kind {
        ServerKind::Postgresql => ("generate_series(1, 19999) AS n", "text"),
        ServerKind::Mysql => ("(SELECT seq AS n FROM seq_1_to_19999) AS s", "varchar(60)"),
    };
    format!(
        "CREATE TABLE consents (email {text}, given timestamp NULL);
         CREATE INDEX by_email ON consents (email);
         INSERT INTO consents SELECT CONCAT('person', FLOOR((n + 1) / 2), '@example.jp'), '2026-01-01' FROM {numbers};
         INSERT INTO consents VALUES ('Person3@example.jp', '2026-01-01');
         CREATE TABLE people (id int, email {text});
         INSERT INTO people SELECT n, CONCAT('person', n, '@example.jp') FROM {numbers} WHERE n <= 10;
         CREATE TABLE numbered (email bigint); INSERT INTO numbered VALUES (1);"
    )
}

#[test]
fn only_what_a_list_asks_for_is_fetched() {
    for kind in [ServerKind::Postgresql, ServerKind::Mysql] {
        let Some(world) = World::new(kind, "joined_large", &large(kind)) else { return };
        let ledger = || world.table("consents", vec![key("email", FieldType::Email), column("given", "given", vec![])]);
        let keys = [KeyField { field: 0, ledger_field: 0 }];
        let list = world.table("people", vec![key("email", FieldType::Email)]);
        let fetched = joined(&ledger(), &list, &keys).unwrap();
        assert_eq!((fetched.rows.len(), fetched.all.len()), (21, 20_000), "{kind:?}");

        let numbers = world.table("numbered", vec![key("email", FieldType::Email)]);
        assert!(joined(&ledger(), &numbers, &keys).is_none(), "a number and a text are no pair of keys");
        let itself = world.table("consents", vec![key("email", FieldType::Email)]);
        assert!(joined(&ledger(), &itself, &keys).is_none(), "a list as large as the ledger asks for all of it");
        let gone = world.table("gone", vec![key("email", FieldType::Email)]);
        assert!(joined(&ledger(), &gone, &keys).is_none(), "the list is not there");
    }
}

#[test]
fn tables_without_states_are_not_joined() {
    let statements = "CREATE TABLE consents (email varchar(60)) ENGINE = InnoDB;
        INSERT INTO consents VALUES ('a@example.jp'), ('b@example.jp'), ('c@example.jp');
        CREATE TABLE people (email varchar(60)) ENGINE = MyISAM; INSERT INTO people VALUES ('a@example.jp');
        CREATE TABLE kept (email varchar(60)) ENGINE = InnoDB; INSERT INTO kept VALUES ('a@example.jp');";
    let Some(world) = World::new(ServerKind::Mysql, "joined_engines", statements) else { return };
    let source = |name: &str| world.table(name, vec![key("email", FieldType::Email)]);
    let keys = [KeyField { field: 0, ledger_field: 0 }];
    assert!(joined(&source("consents"), &source("people"), &keys).is_none());
    assert_eq!(joined(&source("consents"), &source("kept"), &keys).unwrap().rows, [[text("a@example.jp")]]);
}
