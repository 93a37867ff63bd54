//! For tests of joins: what must hold of the rows that a join fetches, whatever the database holds.

use super::joined::{self, Asker};
use super::kept::{Keeper, Kept, Rows};
use super::{Request, read};
use crate::domain::register::{KeyField, SourceSpec};
use crate::rule::normalised;
use std::sync::atomic::{AtomicBool, AtomicU64};

/// What a join fetched of a ledger, and all that there is.
pub struct Fetched {
    pub rows: Rows,
    pub all: Rows,
}

fn read_all(source: &SourceSpec) -> Rows {
    let (keeper, wanted) = (Keeper::default(), vec![true; source.fields.len()]);
    let (cancel, progress) = (AtomicBool::new(false), AtomicU64::new(0));
    let request =
        Request { source, wanted: &wanted, narrowing: None, only_part: None, cancel: &cancel, progress: &progress };
    // What is not there has no rows.
    drop(read(&request, &keeper));
    keeper.taken()
}

/// Whether a value is stored just as it is compared.
fn stands_for_itself(value: &Kept, key: &str) -> bool {
    match value {
        Kept::Text(text) => text == key,
        Kept::Integer(number) => number.to_string() == key,
        _ => false,
    }
}

/// Joins a ledger with a list, and holds what was fetched against the whole: every row that a key of the list finds is
/// there if that key is stored as it is compared. `None` where the database cannot join them.
pub fn joined(ledger: &SourceSpec, list: &SourceSpec, keys: &[KeyField]) -> Option<Fetched> {
    let (all, asking) = (read_all(ledger), read_all(list));
    let (keeper, list_keeper) = (Keeper::default(), Keeper::default());
    let wanted = vec![true; ledger.fields.len()];
    let (cancel, progress) = (AtomicBool::new(false), AtomicU64::new(0));
    let request = Request {
        source: ledger,
        wanted: &wanted,
        narrowing: None,
        only_part: None,
        cancel: &cancel,
        progress: &progress,
    };
    let askers = [Asker { list, keys, receivers: &list_keeper }];
    let report = joined::read(&request, &askers, &keeper).unwrap();
    let rows = keeper.taken();
    let Some(report) = report else {
        assert!(rows.is_empty(), "rows of a join that was given up were kept");
        return None;
    };
    assert_eq!((report.parts[0].items, report.parts[0].whole), (all.len() as u64, true));
    assert!(report.problems.is_empty());
    assert!(rows.iter().all(|row| all.contains(row)), "a row that the ledger does not have");
    let asked = list_keeper.taken();
    assert_eq!(asked.len(), asking.len());
    for key in keys {
        let list_type = list.fields[key.field].field_type;
        let ledger_type = ledger.fields[key.ledger_field].field_type;
        let asked = asked.iter().map(|row| &row[key.field]);
        let asked = asked.filter_map(|value| Some((value, normalised(&value.value(), list_type)?)));
        let asked: Vec<String> =
            asked.filter(|(value, key)| stands_for_itself(value, key)).map(|(_, key)| key).collect();
        for row in &all {
            let found = normalised(&row[key.ledger_field].value(), ledger_type);
            let is_asked = found.is_some_and(|found| asked.contains(&found));
            assert!(!is_asked || rows.contains(row), "left out: {:?} asked by {asked:?}", row[key.ledger_field]);
        }
    }
    Some(Fetched { rows, all })
}

/// Keys as lists and ledgers have them, as SQL writes them.
pub const TEXTS: &[&str] = &[
    "NULL",
    "''",
    "' '",
    "'a@example.jp'",
    "'a@example.jp'",
    "'b@example.jp'",
    "'c@example.jp'",
    "'A@example.jp'",
    "'a@example.jp '",
    "' a@example.jp'",
    "'a@ex ample.jp'",
    "'ａ@example.jp'",
    "'ä@example.jp'",
    "'Ä@example.jp'",
    "'o''brien@example.jp'",
    "'9012345678'",
    "'9012345678'",
    "'09012345678'",
    "'+81 90-1234-5678'",
    "'819012345678'",
    "'8112345678'",
    "'９０１２３４５６７８'",
    "'312345678'",
    "'03-1234-5678'",
    "'K-1'",
    "'k-1'",
    "'Ｋ-1'",
    "'K-1x'",
    "'顧客1'",
    "'0'",
    "'n/a'",
];

/// The same of numbers.
pub const NUMBERS: &[&str] =
    &["NULL", "0", "-1", "17", "9012345678", "9012345678", "819012345678", "8112345678", "312345678"];
