//! What letters leave behind: reasons in the evidence, what was said of exceptions, first scans that wait, and the
//! numbers of a summary.

use super::super::tests::{at, open, scan_at};
use super::super::{Commit, Confirmation, Store};
use super::SUMMARY_ENTRY;
use crate::domain::exception::ExceptionId;
use crate::domain::finding::{FindingId, FindingState};
use crate::domain::language::Language;
use crate::domain::letter::{ExceptionTold, Letter, NoticeReason, Told};
use crate::domain::name::{DatasetName, PersonName};
use jiff::civil::date;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

fn calls() -> DatasetName {
    DatasetName::new("calls").unwrap()
}

/// The bodies of the evidence of one kind.
fn evidence(store: &Store, kind: &str) -> Vec<Value> {
    let bodies: Vec<String> = store
        .database
        .run(async |connection| {
            let sql = "SELECT body FROM evidence WHERE kind = ? ORDER BY sequence";
            Ok(sqlx::query_scalar(sql).bind(kind).fetch_all(connection).await?)
        })
        .unwrap();
    bodies.iter().map(|body| serde_json::from_str(body).unwrap()).collect()
}

fn finding(store: &Store) -> FindingId {
    store.findings(&crate::store::FindingFilter::default()).unwrap()[0].key.id()
}

#[test]
fn evidence_says_why_each_letter_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    scan_at(&store, 0);
    let id = finding(&store);
    let sato = PersonName::new("sato").unwrap();
    let letter = Letter {
        recipient: sato.clone(),
        email: "sato@example.co.jp".to_owned(),
        language: Language::Ja,
        subject: "点検".to_owned(),
        text: "本文".to_owned(),
        html: String::new(),
        thread: "support/sato".to_owned(),
        reasons: vec![NoticeReason::Repeat],
        findings: vec![(id.clone(), Some(NoticeReason::Repeat)), (FindingId("F-SAME".to_owned()), None)],
    };
    let told = Told {
        recipient: sato,
        finding: id.clone(),
        items: 3,
        state: FindingState::Open,
        at: at(1),
        first_at: at(0),
        reason: NoticeReason::Repeat,
    };
    // What moved on without a word is remembered, and no letter told it.
    let quiet = Told { recipient: PersonName::new("abe").unwrap(), ..told.clone() };
    let quiet_of_sato = Told { state: FindingState::Resolved, ..told.clone() };
    let commit = Commit {
        now: at(1),
        letters: vec![letter],
        told: vec![quiet.clone(), quiet_of_sato, told.clone()],
        ..Commit::default()
    };
    store.commit(&commit).unwrap();
    let [entry] = &evidence(&store, "letter")[..] else { panic!("one letter") };
    assert_eq!(entry["to"], "sato");
    assert_eq!(entry["reasons"], json!(["repeat"]));
    assert_eq!(entry["findings"], json!([[id, "repeat"], ["F-SAME", "same"]]), "not what is remembered beside it");
    assert_eq!(store.told().unwrap(), [quiet, told]);
}

#[test]
fn what_was_said_of_an_exception_is_kept_for_each_day_that_it_was_about() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store
        .database
        .run(async |connection| {
            let sql = concat!(
                "INSERT INTO exception (kind, dataset, why, requested_by, approved_by, made_at, until_day, confidential, ",
                "state) VALUES ('hold', 'calls', 'a dispute', 'sato', 'manager', 0, '2027-03-31', 0, 'active')"
            );
            sqlx::query(sql).execute(connection).await?;
            Ok(())
        })
        .unwrap();
    let told = |hour, until_day| ExceptionTold {
        recipient: PersonName::new("manager").unwrap(),
        exception: ExceptionId("E-1".to_owned()),
        reason: NoticeReason::ReviewDue,
        until_day,
        at: at(hour),
    };
    let (march, april) = (date(2027, 3, 31), date(2027, 4, 30));
    for said in [told(0, march), told(5, march), told(9, april)] {
        store.commit(&Commit { now: said.at, exceptions_told: vec![said], ..Commit::default() }).unwrap();
    }
    assert_eq!(store.exceptions_told().unwrap(), [told(5, march), told(9, april)]);
}

#[test]
fn a_first_scan_waits_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    scan_at(&store, 0);
    let wait = || Commit { now: at(1), baselines: vec![calls()], ..Commit::default() };
    store.commit(&wait()).unwrap();
    assert_eq!(store.waiting_baselines().unwrap(), BTreeSet::from([calls()]));
    assert_eq!(store.confirm(&calls(), "manager", at(2)).unwrap(), Confirmation::Released);
    assert_eq!(store.waiting_baselines().unwrap(), BTreeSet::new());
    assert_eq!(evidence(&store, "confirm")[0]["first-scan"], true);
    store.commit(&wait()).unwrap();
    assert_eq!(store.waiting_baselines().unwrap(), BTreeSet::new(), "never again");
    assert_eq!(store.confirm(&calls(), "manager", at(3)).unwrap(), Confirmation::NothingHeld);
}

#[test]
fn the_newest_summary_is_what_the_next_one_compares_with() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    assert_eq!(store.last_summary().unwrap(), None);
    let id = FindingId("F-0000000000".to_owned());
    for items in [5_i32, 7] {
        let counts = BTreeMap::from([(id.clone(), items)]);
        let entries = vec![(SUMMARY_ENTRY, json!({ "counts": counts }))];
        store.commit(&Commit { now: at(i64::from(items)), entries, ..Commit::default() }).unwrap();
    }
    assert_eq!(store.last_summary().unwrap(), Some(BTreeMap::from([(id, 7_u64)])));
}
