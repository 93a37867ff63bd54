//! Tests of the chain: whatever is altered, cut, swapped or taken from an older copy is found.

use super::*;
use crate::domain::observation::Observation;
use crate::store::tests::{at, commit, key, number, open, outcome, scan_at, seen};
use crate::store::{Access, Store, StoreError};
use proptest::prelude::*;
use serde_json::json;
use std::path::Path;

/// A store with `entries` entries of evidence.
fn filled(state: &Path, entries: u64) -> Store {
    let store = open(state);
    for number in 0..entries {
        store.record(at(0), "test", json!({ "number": number })).unwrap();
    }
    store
}

fn verified(state: &Path) -> Verification {
    verify(state, &key(), None).unwrap()
}

fn altered_at(verification: &Verification) -> Option<u64> {
    match verification {
        Verification::Altered { at, .. } => Some(*at),
        Verification::Intact { .. } => None,
    }
}

fn alter(state: &Path, sql: String) {
    let database = crate::store::database::Database::write(&crate::store::open::database_path(state)).unwrap();
    let altered = database
        .run(async |connection| Ok(sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(connection).await?.rows_affected()));
    altered.unwrap();
}

#[test]
fn what_nobody_touched_is_intact() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path(), 3);
    let (length, head) = store.head().unwrap();
    assert_eq!(verified(folder.path()), Verification::Intact { length, head: head.clone() });
    drop(store);
    assert_eq!(
        verify(folder.path(), &key(), Some((3, &head))).unwrap(),
        Verification::Intact { length: 3, head: head.clone() }
    );
    let other = head.replace(['1', '2', '3'], "0");
    assert_eq!(altered_at(&verify(folder.path(), &key(), Some((3, &other))).unwrap()), Some(3));
    assert_eq!(altered_at(&verify(folder.path(), &key(), Some((4, &head))).unwrap()), Some(4));
    assert!(matches!(verify(&folder.path().join("none"), &key(), None), Err(StoreError::NotThere(_))));
    let wrong = crate::domain::digest::DigestKey::new([1; 32]);
    assert!(matches!(verify(folder.path(), &wrong, None), Err(StoreError::KeyWrong)));
}

#[test]
fn an_older_head_is_still_part_of_the_chain() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path(), 3);
    let (length, head) = store.head().unwrap();
    scan_at(&store, 1);
    assert!(matches!(verify(folder.path(), &key(), Some((length, &head))).unwrap(), Verification::Intact { .. }));
}

#[test]
fn a_cut_tail_a_gap_and_a_swap_are_found() {
    for (sql, at) in [
        ("DELETE FROM evidence WHERE sequence = 5", 5),
        ("DELETE FROM evidence", 1),
        ("DELETE FROM evidence WHERE sequence = 2", 2),
        ("DELETE FROM evidence WHERE sequence = 1", 1),
        ("UPDATE evidence SET body = (SELECT body FROM evidence WHERE sequence = 4) WHERE sequence = 3", 3),
        (
            "UPDATE evidence SET sequence = -sequence WHERE sequence IN (2, 3); UPDATE evidence SET sequence = 5 + sequence WHERE sequence < 0",
            2,
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        drop(filled(folder.path(), 5));
        alter(folder.path(), sql.to_owned());
        assert_eq!(altered_at(&verified(folder.path())), Some(at), "{sql}");
    }
}

#[test]
fn a_cut_tail_is_found_even_with_an_edited_head_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path(), 4);
    let (_, head) = store.head().unwrap();
    drop(store);
    let path = folder.path().join("evidence.head");
    let seal = std::fs::read_to_string(&path).unwrap().split(' ').nth(2).unwrap().to_owned();
    drop(filled(folder.path(), 1));
    alter(folder.path(), "DELETE FROM evidence WHERE sequence = 5".to_owned());
    std::fs::write(&path, format!("4 {head} {}", seal.replace(['a', 'b', 'c'], "0"))).unwrap();
    assert_eq!(altered_at(&verified(folder.path())), Some(4));
    std::fs::remove_file(&path).unwrap();
    assert_eq!(altered_at(&verified(folder.path())), Some(4));
}

#[test]
fn an_older_copy_of_the_database_is_found_and_never_written_to() {
    let folder = tempfile::tempdir().unwrap();
    let path = crate::store::open::database_path(folder.path());
    drop(filled(folder.path(), 3));
    let copy = std::fs::read(&path).unwrap();
    drop(filled(folder.path(), 2));
    std::fs::write(&path, copy).unwrap();
    assert_eq!(altered_at(&verified(folder.path())), Some(4));
    let opened = Store::open(folder.path(), &key(), "osaka", Access::Write);
    assert!(matches!(opened, Err(StoreError::Altered { at: 3, .. })));
}

#[test]
fn a_crash_before_the_head_file_is_repaired() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("evidence.head");
    drop(filled(folder.path(), 2));
    let behind = std::fs::read(&path).unwrap();
    drop(filled(folder.path(), 3));
    std::fs::write(&path, &behind).unwrap();
    // The chain goes on from the head that is known: that is a crash, and nothing is wrong.
    assert!(matches!(verified(folder.path()), Verification::Intact { length: 5, .. }));
    drop(open(folder.path()));
    assert_ne!(std::fs::read(&path).unwrap(), behind);
    // Where it does not go on, nothing is repaired.
    std::fs::write(&path, &behind).unwrap();
    alter(folder.path(), "UPDATE evidence SET at = at + 1 WHERE sequence = 4".to_owned());
    let opened = Store::open(folder.path(), &key(), "osaka", Access::Write);
    assert!(matches!(opened, Err(StoreError::Altered { at: 4, .. })));
}

/// Every entry: its kind and its body.
fn bodies(store: &Store) -> Vec<String> {
    let sql = "SELECT kind || ' ' || body FROM evidence ORDER BY sequence";
    store.database.run(async |connection| Ok(sqlx::query_scalar(sql).fetch_all(connection).await?)).unwrap()
}

#[test]
fn a_scan_leaves_counts_and_no_names() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    scan_at(&store, 0);
    scan_at(&store, 1);
    let id = store.findings(&crate::store::FindingFilter::default()).unwrap()[0].key.id();
    assert_eq!(
        bodies(&store),
        [
            r#"config {"before":null,"digest":"c0ffee"}"#.to_owned(),
            format!(r#"scan {{"scans":[["calls","complete",10,0,[["{id}","first",3,3,0]]]]}}"#),
            r#"scan {"scans":[["calls","complete",10,0,[]]]}"#.to_owned(),
        ]
    );
    assert_eq!(number(&store, "SELECT count(*) FROM evidence"), 3);
}

#[test]
fn what_a_product_was_told_to_keep_is_on_record() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let seen = Observation { kept_by_product: Some(2), ..seen(0, 10, 0..3) };
    let staged = store.stage(outcome(&store, seen)).unwrap();
    store.commit(&commit(at(0), vec![staged], Vec::new(), Vec::new())).unwrap();
    let finding = store.findings(&crate::store::FindingFilter::default()).unwrap().remove(0);
    assert_eq!((finding.items, finding.kept_by_product), (3, Some(2)));
    let expected = format!(
        r#"scan {{"scans":[["calls","complete",10,0,[["{}","first",3,3,0]],{{"kept_by_product":2}}]]}}"#,
        finding.key.id()
    );
    assert_eq!(bodies(&store)[1], expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_flipped_byte_is_found(row in 1_u64..=4, column in 0_usize..5, byte in 0_usize..200, flip in 1_u8..=255) {
        let folder = tempfile::tempdir().unwrap();
        let store = filled(folder.path(), 4);
        let name = ["at", "node", "kind", "body", "hash"][column];
        let flipped = store.database.run(async |connection| {
            let sql = format!("SELECT CAST({name} AS BLOB) FROM evidence WHERE sequence = {row}");
            let mut bytes: Vec<u8> = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut *connection).await?;
            let place = byte % bytes.len();
            bytes[place] ^= flip;
            let hex = crate::store::hex::encode(&bytes);
            // A number and a text keep their types, so that the flip is not found by its type alone.
            let value = match name {
                "at" => String::from_utf8_lossy(&bytes).parse::<i64>().map_or("at + 1".to_owned(), |number| number.to_string()),
                "hash" => format!("x'{hex}'"),
                _ => format!("CAST(x'{hex}' AS TEXT)"),
            };
            let sql = format!("UPDATE evidence SET {name} = {value} WHERE sequence = {row}");
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(connection).await?;
            Ok(())
        });
        prop_assert!(flipped.is_ok());
        drop(store);
        prop_assert_eq!(altered_at(&verified(folder.path())), Some(row));
    }

    #[test]
    fn any_cut_tail_is_found(entries in 1_u64..8, cut in 1_u64..8) {
        let folder = tempfile::tempdir().unwrap();
        drop(filled(folder.path(), entries));
        let kept = entries.saturating_sub(cut);
        alter(folder.path(), format!("DELETE FROM evidence WHERE sequence > {kept}"));
        prop_assert_eq!(altered_at(&verified(folder.path())), Some(kept + 1));
    }
}

#[test]
fn commits_of_several_threads_leave_the_newest_head() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..25 {
                    store.record(at(0), "test", json!({})).unwrap();
                }
            });
        }
    });
    let head = store.head().unwrap();
    drop(store);
    let kept = std::fs::read_to_string(folder.path().join("evidence.head")).unwrap();
    assert!(kept.starts_with(&format!("{} {}", head.0, head.1)), "{kept}");
}
