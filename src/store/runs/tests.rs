//! The run ledger in a real database.

use super::*;
use crate::domain::digest::DigestKey;
use crate::store::Access;
use std::path::Path;

fn open(state: &Path) -> Store {
    Store::open(state, &DigestKey::new([7; 32]), "test", Access::Write).unwrap()
}

fn name(text: &str) -> DatasetName {
    DatasetName::new(text).unwrap()
}

fn at(second: i64) -> Instant {
    Instant::from_microseconds(second * 1_000_000)
}

fn start(dataset: &str, second: i64) -> RunStart {
    let trigger = RunTrigger::Schedule;
    RunStart { dataset: name(dataset), trigger, scheduled_at: Some(at(second)), missed: 2, started_at: at(second) }
}

fn end(second: i64, status: Option<ScanStatus>) -> RunEnd {
    let considered_until = Some(at(second));
    RunEnd { ended_at: at(second), status, items: 5, problems: 1, failure: None, considered_until }
}

#[test]
fn a_run_is_open_until_it_ends_and_cut_off_when_its_process_did() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let first = store.begin_run(&start("a", 10)).unwrap();
    store.end_run(first, &end(20, Some(ScanStatus::Complete))).unwrap();
    let second = store.begin_run(&start("a", 30)).unwrap();
    let runs = store.runs(10).unwrap();
    assert_eq!(
        runs.iter().map(|run| (run.number, run.is_open())).collect::<Vec<_>>(),
        [(first, false), (second, true)]
    );
    assert_eq!((runs[0].missed, runs[0].items, runs[0].problems, runs[0].ended_at), (2, 5, 1, Some(at(20))));
    assert_eq!(store.considered_until().unwrap()[&name("a")], at(20), "only an end counts as looked at");
    drop(store);
    let store = open(folder.path());
    let run = store.runs(1).unwrap().remove(0);
    assert!(run.was_cut_off() && !run.is_open() && run.ended_at.is_none());
    assert_eq!(store.last_stored_runs().unwrap()[&name("a")], at(10));
}

#[test]
fn what_was_missed_is_told_once_and_counted_from_the_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let run = |begins: RunStart, status| {
        let number = store.begin_run(&begins).unwrap();
        store.end_run(number, &end(begins.started_at.microseconds() / 1_000_000 + 5, status)).unwrap();
        number
    };
    let complete = Some(ScanStatus::Complete);
    run(RunStart { missed: 0, ..start("a", 10) }, complete);
    run(RunStart { missed: 4, ..start("a", 20) }, None);
    assert_eq!(store.caught_up().unwrap(), [], "a run that failed made up for nothing");
    let made_up = run(RunStart { missed: 13, ..start("a", 30) }, complete);
    let late = RunStart { trigger: RunTrigger::CatchUp, scheduled_at: Some(at(0)), missed: 0, ..start("b", 86_401) };
    let late = run(late, complete);
    run(RunStart { trigger: RunTrigger::CatchUp, missed: 0, ..start("c", 9) }, complete);
    let told = |run, dataset, missed, scanned_before, scanned_at| CaughtUp {
        run,
        dataset: name(dataset),
        missed,
        scanned_before,
        scanned_at,
    };
    let expected = [told(made_up, "a", 13, Some(at(10)), at(30)), told(late, "b", 1, None, at(86_401))];
    assert_eq!(store.caught_up().unwrap(), expected);
    assert_eq!(store.missed_since(at(15)).unwrap(), [(name("a"), 17)].into());
    assert_eq!(store.missed_since(at(30)).unwrap(), BTreeMap::new());
    let commit =
        crate::store::Commit { now: at(90_000), missed_told: vec![made_up], ..crate::store::Commit::default() };
    store.commit(&commit).unwrap();
    assert_eq!(store.caught_up().unwrap(), expected[1..]);
}

#[test]
fn the_latest_runs_of_each_dataset_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let other = store.begin_run(&start("b", 1)).unwrap();
    for second in 0..1005 {
        store.begin_run(&start("a", second)).unwrap();
    }
    let runs = store.runs(u32::MAX).unwrap();
    assert_eq!(runs.len(), 1001);
    assert_eq!((runs[0].number, runs[1].started_at), (other, at(5)));
    assert_eq!(store.runs(3).unwrap().len(), 4);
}

#[test]
fn a_schedule_is_remembered_and_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.consider_until(&[(name("a"), Some(at(1))), (name("b"), Some(at(2)))].into()).unwrap();
    store.consider_until(&[(name("a"), Some(at(3))), (name("b"), None)].into()).unwrap();
    assert_eq!(store.considered_until().unwrap(), [(name("a"), at(3))].into());
}

#[test]
fn whoever_asks_whether_the_store_is_in_use_keeps_nobody_out() {
    let folder = tempfile::tempdir().unwrap();
    assert!(!Store::is_in_use(folder.path()));
    let store = open(folder.path());
    assert!(Store::is_in_use(folder.path()));
    drop(store);
    let lock = std::fs::File::open(folder.path().join("lock")).unwrap();
    lock.lock_shared().unwrap();
    let (state, releasing) = (folder.path().to_owned(), std::time::Duration::from_millis(15));
    std::thread::scope(|scope| {
        scope.spawn(move || {
            std::thread::sleep(releasing);
            drop(lock);
        });
        open(&state);
    });
}
