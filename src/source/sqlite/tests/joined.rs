//! A ledger joined with the lists that ask it, in real databases: what the join leaves out, no key would find.

use super::*;
use crate::domain::register::KeyField;
use crate::source::joined_laws::{NUMBERS, TEXTS, joined};
use proptest::prelude::*;

const ODD: &[&str] = &[
    "9012345678.0",
    "1.5",
    "1e15",
    "'1000000000000000'",
    "x'6140'",
    "'a@example.jp' || char(0) || 'X'",
    "'a@example.jp' || char(0) || 'x'",
    "'a@example.jp' || char(10)",
    "CAST(x'ff40' AS TEXT)",
    "'1.5'",
    "'17'",
];

fn values() -> impl Strategy<Value = &'static str> {
    prop::sample::select([TEXTS, NUMBERS, ODD].concat())
}

fn key(name: &str, field_type: FieldType) -> FieldSpec {
    FieldSpec { field_type, normalised: true, ..column(name, &[name], vec![]) }
}

const DECLARED: &[&str] =
    &["", "TEXT", "INTEGER", "REAL", "NUMERIC", "BLOB", "TEXT COLLATE NOCASE", "VARCHAR(60) COLLATE RTRIM"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn what_a_join_leaves_out_no_key_finds(
        entries in prop::collection::vec((values(), values()), 8..30),
        asking in prop::collection::vec((values(), values()), 0..7),
        (ours, theirs) in (prop::sample::select(DECLARED), prop::sample::select(DECLARED)),
        (first, second) in (0_usize..3, 0_usize..3),
        as_query: bool,
        index in prop::sample::select(vec!["", "CREATE INDEX i ON ledger (k)"]),
    ) {
        let rows = |rows: &[(&str, &str)]| rows.iter().map(|(k, l)| format!("({k}, {l})")).collect::<Vec<_>>().join(", ");
        let asks = if asking.is_empty() { String::new() } else { format!("INSERT INTO list VALUES {}", rows(&asking)) };
        let world = World::new(&format!(
            "CREATE TABLE ledger (k {ours}, l {ours}); {index}; INSERT INTO ledger VALUES {};
             CREATE TABLE list (k {theirs}, l {theirs}); {asks}",
            rows(&entries)
        ));
        let types = [FieldType::Email, FieldType::Phone, FieldType::Text];
        let fields = || vec![key("k", types[first]), key("l", types[second])];
        let source = |name: &str| if as_query {
            world.source(Relation::Query(format!("SELECT * FROM {name} -- all")), fields())
        } else {
            world.table(name, fields())
        };
        let keys = [KeyField { field: 0, ledger_field: 0 }, KeyField { field: 1, ledger_field: 1 }];
        let fetched = joined(&source("ledger"), &source("list"), &keys);
        prop_assert!(fetched.is_some_and(|fetched| fetched.rows.len() <= fetched.all.len()));
    }
}

#[test]
fn only_what_a_list_asks_for_is_fetched() {
    let world = World::new(
        "CREATE TABLE consents (email TEXT, phone TEXT);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
         INSERT INTO consents SELECT 'person' || i || '@example.jp', CAST(9000000000 + i AS TEXT) FROM n;
         INSERT INTO consents VALUES ('Person3@example.jp', NULL), (NULL, '090-0000-0099'), (NULL, NULL), ('', '');
         CREATE TABLE people (email TEXT, phone INTEGER);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10)
         INSERT INTO people SELECT 'person' || i || '@example.jp', 9000000100 + i FROM n",
    );
    let fields = || vec![key("email", FieldType::Email), key("phone", FieldType::Phone)];
    let keys = [KeyField { field: 0, ledger_field: 0 }, KeyField { field: 1, ledger_field: 1 }];
    let fetched = joined(&world.table("consents", fields()), &world.table("people", fields()), &keys).unwrap();
    // Ten by each key, and the two that are not as declared.
    assert_eq!((fetched.rows.len(), fetched.all.len()), (22, 20_004));
    let itself = joined(&world.table("consents", fields()), &world.table("consents", fields()), &keys);
    assert!(itself.is_none(), "a list as large as the ledger asks for all of it");
}
