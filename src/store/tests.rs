//! Tests of the store as its callers use it: scans stored one after the other, crashes in between, locks,
//! keys, clocks, letters.

use super::*;
use crate::domain::digest::{Digest, DigestKey};
use crate::domain::exception::{ExceptionKind, ExceptionScope};
use crate::domain::finding::{Acknowledgement, EarlierNumber, Finding, FindingId, FindingKey, FindingState};
use crate::domain::language::Language;
use crate::domain::letter::{Delivery, Letter, NoticeReason, Told};
use crate::domain::name::{DatasetName, DivisionName, PersonName};
use crate::domain::observation::{Flagged, Observation, PartObservation, ScanStatus};
use crate::domain::verdict::{Reason, Reasons};
use crate::rule::reconcile::{ChangeReason, Closure, Facts, Known, Outcome, reconcile};
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const HOUR: i64 = 60 * 60 * 1_000_000;

pub(super) fn key() -> DigestKey {
    DigestKey::new([42; 32])
}

pub(super) fn at(hour: i64) -> Instant {
    Instant::from_microseconds(1_800_000_000_000_000 + hour * HOUR)
}

pub(super) fn open(state: &Path) -> Store {
    Store::open(state, &key(), "osaka", Access::Write).unwrap()
}

fn dataset() -> DatasetName {
    DatasetName::new("calls").unwrap()
}

/// Items `first..last` are expired, in one part of `items`.
pub(super) fn seen(hour: i64, items: u64, expired: std::ops::Range<u32>) -> Observation {
    let flag = |number: u32| {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&number.wrapping_mul(2_654_435_761).to_be_bytes());
        Flagged { digest: Digest(bytes), reasons: Reasons::from_iter([Reason::Expired]), excepted: Reasons::NONE }
    };
    let mut flagged: Vec<Flagged> = expired.map(flag).collect();
    flagged.sort_unstable();
    Observation {
        dataset: dataset(),
        now: at(hour),
        status: ScanStatus::Complete,
        copies: BTreeMap::new(),
        source_is_empty: false,
        items,
        undecidable: 0,
        unjudged: Reasons::NONE,
        problems: Vec::new(),
        parts: BTreeMap::from([(Digest([1; 16]), PartObservation { items, whole: true, flagged })]),
        earliest_due: BTreeMap::from([(Reason::Expired, at(-100))]),
        kept_by_product: None,
        whole_reasons: BTreeMap::new(),
        undecided: Reasons::NONE,
        ledger_events: BTreeMap::from([("consents".to_owned(), 3)]),
    }
}

fn facts() -> Facts {
    Facts {
        division: DivisionName::new("support").unwrap(),
        may_be_empty: false,
        items_are_files: false,
        early_loss_percent: 10,
        exceptions: crate::rule::Exceptions::default(),
    }
}

pub(super) fn outcome(store: &Store, seen: Observation) -> Outcome {
    reconcile(store.known(&seen).unwrap(), seen, &facts(), &Closure::default())
}

pub(super) fn commit(now: Instant, scans: Vec<Staged>, letters: Vec<Letter>, told: Vec<Told>) -> Commit {
    let (message_domain, config_digest) = ("example.co.jp".to_owned(), "c0ffee".to_owned());
    Commit { now, scans, letters, told, message_domain, config_digest, ..Commit::default() }
}

pub(super) fn scan(store: &Store, seen: Observation) -> Committed {
    let now = seen.now;
    store.begin_scan_clock(now, false).unwrap();
    let outcome = outcome(store, seen);
    let staged = store.stage(outcome).unwrap();
    store.commit(&commit(now, vec![staged], Vec::new(), Vec::new())).unwrap()
}

pub(super) fn scan_at(store: &Store, hour: i64) -> Committed {
    scan(store, seen(hour, 10, 0..3))
}

pub(super) fn letter(recipient: &str) -> Letter {
    Letter {
        recipient: PersonName::new(recipient).unwrap(),
        email: format!("{recipient}@example.co.jp"),
        language: Language::Ja,
        subject: "保管期間".to_owned(),
        text: "本文".to_owned(),
        html: "<p>本文</p>".to_owned(),
        thread: format!("support/{recipient}"),
        reasons: vec![NoticeReason::First],
        findings: Vec::new(),
    }
}

pub(super) fn told(recipient: &str, finding: &FindingId, hour: i64) -> Told {
    let recipient = PersonName::new(recipient).unwrap();
    let reason = NoticeReason::First;
    Told {
        recipient,
        finding: finding.clone(),
        items: 3,
        state: FindingState::Open,
        at: at(hour),
        first_at: at(hour),
        reason,
    }
}

fn counts(store: &Store) -> Vec<(u64, u64, u64, ChangeReason)> {
    let filter = FindingFilter { resolved_too: true, ..FindingFilter::default() };
    let stored = store.stored_findings(&filter).unwrap();
    stored
        .iter()
        .map(|stored| (stored.finding.new, stored.finding.continuing, stored.finding.gone, stored.change))
        .collect()
}

pub(super) fn number(store: &Store, sql: &'static str) -> i64 {
    store.database.run(async |connection| Ok(sqlx::query_scalar(sql).fetch_one(connection).await?)).unwrap()
}

#[test]
fn what_is_stored_is_known_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    scan(&store, seen(0, 100, 0..20_000));
    assert_eq!(counts(&store), [(20_000, 0, 0, ChangeReason::First)]);
    drop(store);
    let store = open(folder.path());
    scan(&store, seen(24, 100, 10..20_010));
    assert_eq!(counts(&store), [(10, 19_990, 10, ChangeReason::More)]);
    let finding = &store.findings(&FindingFilter::default()).unwrap()[0];
    assert_eq!((finding.earliest_due, finding.first_seen, finding.changed_at), (Some(at(-100)), at(0), at(24)));
    assert_eq!(store.finding(&finding.key.id()).unwrap().as_ref(), Some(finding));
    let other = FindingFilter { datasets: vec![DatasetName::new("other").unwrap()], resolved_too: true };
    assert!(store.findings(&other).unwrap().is_empty());
    let last = &store.last_scans().unwrap()[0];
    assert_eq!((last.at, last.items, last.ledger_events["consents"]), (at(24), 100, 3));
}

#[test]
fn a_rescan_reads_and_writes_no_list() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    scan(&store, seen(0, 30_000, 0..20_000));
    let generation = number(&store, "SELECT max(generation) FROM chunk");
    let again = seen(1, 30_000, 0..20_000);
    assert!(store.known(&again).unwrap().parts.values().all(|part| part.flagged.is_none()));
    scan(&store, again);
    assert_eq!(counts(&store), [(0, 20_000, 0, ChangeReason::Same)]);
    assert_eq!(number(&store, "SELECT max(generation) FROM chunk"), generation);
    let before = number(&store, "SELECT page_count FROM pragma_page_count");
    let rescans = 50;
    (0..rescans).for_each(|hour| drop(scan(&store, seen(2 + hour, 30_000, 0..20_000))));
    let grown = number(&store, "SELECT page_count FROM pragma_page_count") - before;
    assert!(grown <= rescans / 4, "{grown} pages for {rescans} rescans");
}

#[test]
fn nothing_of_resolved_items_stays() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    scan(&store, seen(0, 30, 0..20));
    let digest = seen(0, 30, 0..20).parts[&Digest([1; 16])].flagged[7].digest.0;
    scan(&store, seen(24, 30, 0..0));
    assert_eq!(counts(&store), [(0, 0, 20, ChangeReason::Resolved)]);
    assert_eq!(number(&store, "SELECT count(*) FROM chunk"), 0);
    drop(store);
    let bytes = std::fs::read(database_path(folder.path())).unwrap();
    assert!(!bytes.windows(16).any(|window| window == digest));
}

#[test]
fn a_crash_before_the_commit_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    scan(&store, seen(0, 30, 0..20));
    let chunks = number(&store, "SELECT count(*) FROM chunk");
    let outcome = outcome(&store, seen(24, 30, 0..25));
    store.stage(outcome).unwrap();
    assert!(number(&store, "SELECT count(*) FROM chunk") > chunks);
    drop(store);
    let store = open(folder.path());
    assert_eq!(number(&store, "SELECT count(*) FROM chunk"), chunks);
    assert_eq!(counts(&store), [(20, 0, 0, ChangeReason::First)]);
    scan(&store, seen(24, 30, 0..25));
    assert_eq!(counts(&store), [(5, 20, 0, ChangeReason::More)]);
}

#[test]
fn a_failing_commit_stores_nothing_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    scan(&store, seen(0, 30, 0..20));
    let outcome = outcome(&store, seen(24, 30, 0..25));
    let staged = store.stage(outcome).unwrap();
    let nobody = told("suzuki", &FindingId("F-NOSUCHONE0".to_owned()), 24);
    let head = store.head().unwrap();
    assert!(store.commit(&commit(at(24), vec![staged], vec![letter("suzuki")], vec![nobody])).is_err());
    assert_eq!(counts(&store), [(20, 0, 0, ChangeReason::First)]);
    assert!(store.due_letters(at(100)).unwrap().is_empty());
    assert_eq!(store.head().unwrap(), head);
}

#[test]
fn there_is_one_writer_and_any_number_of_readers() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    assert!(matches!(Store::open(&state, &key(), "osaka", Access::Read), Err(StoreError::NotThere(_))));
    let store = open(&state);
    scan(&store, seen(0, 30, 0..20));
    assert!(matches!(Store::open(&state, &key(), "osaka", Access::Write), Err(StoreError::InUse(_))));
    let reader = Store::open(&state, &key(), "osaka", Access::Read).unwrap();
    assert_eq!(counts(&reader), counts(&store));
    assert!(matches!(reader.confirm(&dataset(), "suzuki", at(1)), Err(StoreError::ReadOnly)));
    drop(store);
    assert_eq!(counts(&reader).len(), 1);
    for (name, rights) in [("", 0o700), ("purposed.db", 0o600), ("lock", 0o600), ("evidence.head", 0o600)] {
        let mode = std::fs::metadata(state.join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, rights, "{name}");
    }
}

#[test]
fn the_store_works_inside_an_event_loop() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let store = open(folder.path());
        scan_at(&store, 0);
        drop(store);
    });
}

#[test]
fn another_key_is_refused_and_a_lost_one_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys").join("digest.key");
    let made = key::load_or_create(&path, false).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(key::load_or_create(&path, true).unwrap().authenticate(b"x"), made.authenticate(b"x"));
    drop(Store::open(folder.path(), &made, "osaka", Access::Write).unwrap());
    let other = Store::open(folder.path(), &key(), "osaka", Access::Write);
    assert!(matches!(other, Err(StoreError::KeyWrong)));
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
    assert!(matches!(key::load_or_create(&path, true), Err(StoreError::KeyExposed(_))));
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(key::load_or_create(&path, true), Err(StoreError::KeyLost(_))));
    std::fs::write(&path, "too short").unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    assert!(matches!(key::load_or_create(&path, true), Err(StoreError::KeyForm(_))));
    assert_eq!(key::parse(&[9; 32]).unwrap().authenticate(b"x"), DigestKey::new([9; 32]).authenticate(b"x"));
}

#[test]
fn a_simulated_store_goes_forward_only_and_a_real_one_never_takes_made_up_instants() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.begin_scan_clock(at(24), true).unwrap();
    assert_eq!(store.is_simulated().unwrap(), None);
    let outcome = outcome(&store, seen(24, 10, 0..1));
    let staged = store.stage(outcome).unwrap();
    store.commit(&commit(at(24), vec![staged], Vec::new(), Vec::new())).unwrap();
    assert_eq!(store.is_simulated().unwrap(), Some(true));
    assert!(matches!(store.begin_scan_clock(at(25), false), Err(StoreError::IsSimulated)));
    assert!(matches!(store.begin_scan_clock(at(23), true), Err(StoreError::Backwards(_))));
    store.begin_scan_clock(at(24), true).unwrap();

    let real = tempfile::tempdir().unwrap();
    let store = open(real.path());
    scan_at(&store, 0);
    assert!(matches!(store.begin_scan_clock(at(1), true), Err(StoreError::IsReal)));
    // A clock that was set back does not stop a real store.
    store.begin_scan_clock(at(-1), false).unwrap();
}

#[test]
fn letters_keep_their_message_id_until_they_are_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let first = outcome(&store, seen(0, 10, 0..3));
    let finding = first.findings[0].key.id();
    let staged = store.stage(first).unwrap();
    let letters = vec![letter("suzuki"), letter("tanaka"), letter("sato")];
    let queued =
        store.commit(&commit(at(0), vec![staged], letters, vec![told("suzuki", &finding, 0)])).unwrap().letters;
    assert_eq!(queued[0].message_id, "<purposed.osaka.1@example.co.jp>");
    assert_ne!(queued[0].thread_id, queued[1].thread_id);
    assert_eq!(store.due_letters(at(0)).unwrap(), queued);
    assert_eq!(store.told().unwrap(), [told("suzuki", &finding, 0)]);

    store.begin_attempt(queued[0].number, at(0)).unwrap();
    store.finish_attempt(queued[0].number, &Delivery::Accepted, at(0)).unwrap();
    store.begin_attempt(queued[1].number, at(0)).unwrap();
    store.finish_attempt(queued[1].number, &Delivery::Permanent("550 no such user".to_owned()), at(0)).unwrap();
    store.begin_attempt(queued[2].number, at(0)).unwrap();
    drop(store);

    let store = open(folder.path());
    let due = store.due_letters(at(1)).unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!((due[0].is_unfinished, due[0].attempts, &due[0].message_id), (true, 1, &queued[2].message_id));
    assert_eq!(store.undelivered_letters(at(0)).unwrap()[0].number, queued[1].number);
    let busy = Delivery::Transient("451 busy".to_owned());
    store.finish_attempt(due[0].number, &busy, at(1)).unwrap();
    assert!(!store.queued_letters().unwrap()[0].is_unfinished);
    store.finish_attempt(due[0].number, &busy, at(5 * 24)).unwrap();
    assert!(store.queued_letters().unwrap().is_empty());
    assert_eq!(store.undelivered_letters(at(0)).unwrap().len(), 2);
}

#[test]
fn a_confirmation_is_used_by_the_next_whole_scan() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    assert!(matches!(store.confirm(&dataset(), "suzuki", at(0)), Err(StoreError::UnknownDataset(_))));
    scan(&store, seen(0, 30, 0..5));
    assert_eq!(store.confirm(&dataset(), "suzuki", at(0)).unwrap(), Confirmation::NothingHeld);
    scan(&store, seen(1, 3, 0..0));
    assert!(store.last_scans().unwrap()[0].hold.is_some());
    assert_eq!(store.confirm(&dataset(), "suzuki", at(2)).unwrap(), Confirmation::Noted);
    scan(&store, seen(3, 3, 0..0));
    assert!(store.findings(&FindingFilter::default()).unwrap().is_empty());
    assert!(store.last_scans().unwrap()[0].hold.is_none());
}

#[test]
fn a_confirmation_lets_a_ledger_be_empty() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    scan(&store, seen(0, 30, 0..5));
    let mut sick = seen(1, 30, 0..5);
    sick.whole_reasons.insert(Reason::LedgerEmpty, 0);
    sick.ledger_events.insert("consents".to_owned(), 0);
    scan(&store, sick);
    assert_eq!(store.last_scans().unwrap()[0].ledger_events["consents"], 3);
    assert_eq!(store.confirm(&dataset(), "suzuki", at(2)).unwrap(), Confirmation::Noted);
    assert!(store.last_scans().unwrap()[0].ledger_events.is_empty());
}

#[test]
fn history_follows_a_rename() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let first = outcome(&store, seen(0, 10, 0..3));
    let before = first.findings[0].key.id();
    let staged = store.stage(first).unwrap();
    store.commit(&commit(at(0), vec![staged], Vec::new(), vec![told("suzuki", &before, 0)])).unwrap();
    let new_name = DatasetName::new("calls-osaka").unwrap();
    assert!(store.rename_dataset(&dataset(), &new_name, at(1)).unwrap());
    assert!(!store.rename_dataset(&dataset(), &new_name, at(1)).unwrap());
    let mut again = seen(2, 10, 0..3);
    again.dataset = new_name.clone();
    scan(&store, again);
    assert_eq!(counts(&store), [(0, 3, 0, ChangeReason::Same)]);
    let finding = &store.findings(&FindingFilter::default()).unwrap()[0];
    assert_eq!(finding.key.dataset, new_name);
    assert_eq!(store.told().unwrap()[0].finding, finding.key.id());
    let third = DatasetName::new("calls-kobe").unwrap();
    assert!(store.rename_dataset(&new_name, &third, at(3)).unwrap());
    let last = store.findings(&FindingFilter::default()).unwrap().remove(0);
    let number = |id: &FindingId, hour| EarlierNumber { id: id.clone(), finding: last.key.id(), renamed_at: at(hour) };
    let mut expected = vec![number(&before, 1), number(&finding.key.id(), 3)];
    expected.sort_by(|left, right| left.id.cmp(&right.id));
    assert_eq!(store.earlier_numbers().unwrap(), expected);
    for id in [&before, &finding.key.id(), &last.key.id()] {
        assert_eq!(store.finding(id).unwrap().unwrap().key, last.key, "{id}");
    }
    assert!(store.rename_dataset(&third, &dataset(), at(4)).unwrap(), "back to its first name");
    assert_eq!(store.finding(&before).unwrap().unwrap().key.dataset, dataset());
    assert_eq!(store.finding(&last.key.id()).unwrap().unwrap().key.dataset, dataset());
    assert!(store.earlier_numbers().unwrap().iter().all(|number| number.id != before));
}

#[test]
fn exceptions_follow_every_name_of_old() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let name = |name| DatasetName::new(name).unwrap();
    let person = |name| PersonName::new(name).unwrap();
    let except = |dataset| {
        let scope = ExceptionScope { dataset, rule: None, reason: None, from: None, until: None, listed_items: None };
        let new = NewException {
            kind: ExceptionKind::Hold,
            scope,
            why: "a dispute".to_owned(),
            requested_by: person("sato"),
            approved_by: person("manager"),
            until_day: jiff::civil::date(2027, 3, 31),
            confidential: false,
        };
        store.add_exception(&new, None, "admin", at(0)).unwrap()
    };
    let (unscanned, older) = (except(name("phone")), except(name("older")));
    let mut other = seen(0, 10, 0..3);
    other.dataset = name("older");
    scan(&store, other);
    scan_at(&store, 0);
    assert!(!store.rename_dataset(&name("phone"), &dataset(), at(1)).unwrap(), "it was never scanned");
    assert!(!store.rename_dataset(&name("older"), &dataset(), at(1)).unwrap(), "the new name has a history");
    let active = store.active_exceptions(&dataset()).unwrap();
    let ids: Vec<_> = active.into_iter().map(|(exception, _)| exception.id).collect();
    assert_eq!(ids, [unscanned, older]);
    let head = store.head().unwrap();
    assert!(!store.rename_dataset(&name("phone"), &dataset(), at(2)).unwrap());
    assert_eq!(store.head().unwrap(), head, "there was nothing left to do");
    assert_eq!(number(&store, "SELECT count(*) FROM evidence WHERE kind = 'rename'"), 2);
}

#[test]
fn a_confirmed_loss_is_resolved_whoever_answered_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    scan(&store, seen(0, 100, 0..0));
    let key = FindingKey { dataset: dataset(), reason: Reason::EarlyLoss, detail: String::new() };
    let acknowledgement = Acknowledgement {
        by: PersonName::new("sato").unwrap(),
        until: jiff::civil::date(2027, 3, 31),
        note: Some("asked the vendor".to_owned()),
        at: at(2),
    };
    let lost = Finding {
        state: FindingState::Acknowledged,
        acknowledgement: Some(acknowledgement),
        ..Finding::opened(key.clone(), DivisionName::new("support").unwrap(), 30, at(1))
    };
    let findings = vec![(lost, ChangeReason::Acknowledged)];
    store.commit(&Commit { findings, ..commit(at(2), Vec::new(), Vec::new(), Vec::new()) }).unwrap();
    assert_eq!(store.confirm(&dataset(), "suzuki", at(3)).unwrap(), Confirmation::Noted);
    let resolved = store.finding(&key.id()).unwrap().unwrap();
    assert_eq!((resolved.state, resolved.items, resolved.gone), (FindingState::Resolved, 0, 30));
    assert_eq!((resolved.changed_at, resolved.acknowledgement), (at(3), None));
}

#[test]
fn files_of_others_and_of_the_future_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    number(&store, "PRAGMA user_version = 99; SELECT 1");
    drop(store);
    let newer = Store::open(folder.path(), &key(), "osaka", Access::Write);
    assert!(matches!(newer, Err(StoreError::Newer { found: 99, known: 3 })));

    let other = tempfile::tempdir().unwrap();
    let database = database::Database::write(&database_path(other.path())).unwrap();
    let made = database
        .run(async |connection| Ok(sqlx::raw_sql("CREATE TABLE phone_book (name TEXT)").execute(connection).await?));
    made.unwrap();
    drop(database);
    assert!(matches!(Store::open(other.path(), &key(), "osaka", Access::Write), Err(StoreError::Foreign(_))));
}

#[test]
fn a_new_store_and_one_brought_up_to_date_have_the_same_tables() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let tables: String = store
        .database
        .run(async |connection| {
            let sql = "SELECT group_concat(name, ' ') FROM (SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name)";
            Ok(sqlx::query_scalar(sql).fetch_one(connection).await?)
        })
        .unwrap();
    assert_eq!(
        tables,
        "chunk dataset departure disposal evidence exception exception_item exception_told finding finding_alias letter mark \
         part \
         returned_message run schedule sqlite_sequence store told unreachable"
    );
    assert_eq!(number(&store, "PRAGMA user_version"), 3);
    scan_at(&store, 0);
    assert_eq!(number(&store, "PRAGMA foreign_keys"), 1);
    assert_eq!(number(&store, "PRAGMA synchronous"), 2);
}

/// A store as version 1 left it: two expired items, a finding, and somebody who was told.
fn version_1(state: &Path) {
    let first = reconcile(Known::default(), seen(0, 10, 0..2), &facts(), &Closure::default());
    let finding = first.findings[0].key.id();
    let items: Vec<Flagged> = seen(0, 10, 0..2).parts.into_values().flat_map(|part| part.flagged).collect();
    let records: Vec<u8> =
        items.iter().flat_map(|item| [&item.digest.0[..], &item.reasons.0.to_le_bytes()].concat()).collect();
    std::fs::create_dir_all(state).unwrap();
    let database = Database::write(&database_path(state)).unwrap();
    database
        .run(async |connection| {
            sqlx::raw_sql(include_str!("schema.sql")).execute(&mut *connection).await?;
            sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
                "PRAGMA application_id = 1349546596; PRAGMA user_version = 1;
                 INSERT INTO store (only_row, key_check) VALUES (1, x'{key}');
                 INSERT INTO dataset (id, name, scanned_at, status, items, undecidable, problems, ledger_events)
                 VALUES (1, 'calls', {at}, 'complete', 10, 0, '[]', '{{}}');
                 INSERT INTO part VALUES (1, x'{part}', 10, 2, x'{hash}', 1);
                 INSERT INTO chunk VALUES (1, 0, x'{records}');
                 INSERT INTO finding VALUES ('{finding}', 1, 'retention', 'expired', '', 'support', 2, 2, 0, 0, NULL,
                 'open', {at}, {at}, 'first');
                 INSERT INTO told VALUES ('suzuki', '{finding}', 3, 'open', {at})",
                key = hex::encode(&open::key_check(&key())),
                at = at(0).microseconds(),
                part = Digest([1; 16]),
                hash = blake3::hash(&records).to_hex(),
                records = hex::encode(&records),
            )))
            .execute(&mut *connection)
            .await?;
            Ok(())
        })
        .unwrap();
}

#[test]
fn an_older_store_is_brought_up_to_date_and_forgets_nothing() {
    let folder = tempfile::tempdir().unwrap();
    version_1(folder.path());
    assert!(matches!(Store::open(folder.path(), &key(), "osaka", Access::Read), Err(StoreError::Older(1))));
    let store = open(folder.path());
    let same = outcome(&store, seen(24, 10, 0..2));
    assert_eq!((same.findings[0].new, same.findings[0].continuing), (0, 2), "known by the hash of the widened list");
    let less = outcome(&store, seen(24, 10, 1..2));
    assert_eq!((less.findings[0].continuing, less.findings[0].gone), (1, 1), "and item by item");
    assert_eq!(store.told().unwrap(), [told("suzuki", &same.findings[0].key.id(), 0)]);
    assert_eq!(number(&store, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
}
