//! Tests of attempts and of what follows for recipients: delays, clocks, marks and how they are taken back.

use super::Finished;
use crate::domain::exception::ExceptionId;
use crate::domain::finding::{FindingId, FindingState};
use crate::domain::instant::Instant;
use crate::domain::letter::{Delivery, ExceptionTold, NoticeReason, Told};
use crate::domain::name::PersonName;
use crate::domain::unreachable::UnreachableCause;
use crate::rule::retry::{GIVE_UP_MICROSECONDS, LONGEST_DELAY_MICROSECONDS};
use crate::store::tests::{at, commit, letter, number, open, outcome, seen, told};
use crate::store::{Commit, LetterNumber, Reachable, Store};
use tempfile::TempDir;

const MINUTE: i64 = 60 * 1_000_000;

fn minutes(minutes: i64) -> Instant {
    Instant::from_microseconds(at(0).microseconds() + minutes * MINUTE)
}

/// A store with a letter to each of these, about one finding.
fn queued(recipients: &[&str]) -> (TempDir, Store, Vec<LetterNumber>, FindingId) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let first = outcome(&store, seen(0, 10, 0..3));
    let finding = first.findings[0].key.id();
    let staged = store.stage(first).unwrap();
    let letters = recipients.iter().map(|name| letter(name)).collect();
    let told = recipients.iter().map(|name| told(name, &finding, 0)).collect();
    let committed = store.commit(&commit(at(0), vec![staged], letters, told)).unwrap();
    (folder, store, committed.letters.iter().map(|letter| letter.number).collect(), finding)
}

fn attempt(store: &Store, number: LetterNumber, delivery: &Delivery, now: Instant) -> Finished {
    assert!(store.begin_attempt(number, now).unwrap());
    store.finish_attempt(number, delivery, now).unwrap()
}

fn busy() -> Delivery {
    Delivery::Transient("451 4.3.2".to_owned())
}

fn no_server() -> Delivery {
    Delivery::Unavailable("no connection".to_owned())
}

fn refused() -> Delivery {
    Delivery::Permanent("550 5.1.1".to_owned())
}

fn marks(store: &Store) -> Vec<(String, UnreachableCause)> {
    store.unreachable().unwrap().into_iter().map(|mark| (mark.person.to_string(), mark.cause)).collect()
}

/// When the next attempt of any letter comes; nothing where none waits.
fn next_attempt(store: &Store) -> Option<Instant> {
    let sql = "SELECT coalesce(min(coalesce(next_attempt_at, queued_at)), -1) FROM letter WHERE state = 'queued'";
    let next = number(store, sql);
    (next >= 0).then(|| Instant::from_microseconds(next))
}

fn person(name: &str) -> PersonName {
    PersonName::new(name).unwrap()
}

#[test]
fn a_letter_is_due_when_its_delay_is_over() {
    let (_folder, store, letters, _) = queued(&["sato"]);
    assert_eq!(next_attempt(&store), Some(at(0)));
    assert_eq!(attempt(&store, letters[0], &busy(), at(0)), Finished::Waits);
    let next = next_attempt(&store).unwrap();
    assert!((minutes(1)..=minutes(2)).contains(&next));
    assert!(store.due_letters(minutes(0)).unwrap().is_empty());
    assert_eq!(store.queued_letters().unwrap().len(), 1, "by hand it is tried all the same");
    assert_eq!(store.due_letters(next).unwrap().len(), 1);
    attempt(&store, letters[0], &Delivery::Accepted, next);
    assert_eq!(next_attempt(&store), None);
    assert!(!store.begin_attempt(letters[0], next).unwrap(), "nothing is sent that was accepted");
    assert_eq!(store.finish_attempt(letters[0], &refused(), next).unwrap(), Finished::NotWaiting);
}

#[test]
fn an_attempt_that_never_ended_is_made_again_after_its_delay() {
    let (_folder, store, letters, _) = queued(&["sato"]);
    assert!(store.begin_attempt(letters[0], at(0)).unwrap());
    assert!(store.due_letters(at(0)).unwrap().is_empty());
    let due = store.due_letters(minutes(2)).unwrap();
    assert!(due[0].is_unfinished);
}

#[test]
fn a_clock_that_was_set_back_stalls_no_letter() {
    let (_folder, store, letters, _) = queued(&["sato", "mori"]);
    attempt(&store, letters[0], &busy(), at(48));
    // Two days back: one letter was queued in the future, the other is to be tried there.
    let due = store.due_letters(at(-1)).unwrap();
    assert_eq!(due.len(), 2);
    // But what is a delay away is waited for.
    attempt(&store, letters[0], &busy(), at(-1));
    assert_eq!(store.due_letters(at(-1)).unwrap().len(), 1);
    let next = store.queued_letters().unwrap().len();
    assert_eq!(next, 2);
    let far = Instant::from_microseconds(at(-1).microseconds() + LONGEST_DELAY_MICROSECONDS);
    assert_eq!(store.due_letters(far).unwrap().len(), 2);
}

#[test]
fn a_refusal_for_good_marks_the_recipient_until_somebody_says_otherwise() {
    let (_folder, store, letters, finding) = queued(&["sato", "mori"]);
    let Finished::Refused(mark) = attempt(&store, letters[0], &refused(), at(0)) else { panic!("not refused") };
    assert_eq!((mark.email.as_str(), mark.why.as_str(), mark.since), ("sato@example.co.jp", "550 5.1.1", at(0)));
    assert_eq!(store.unreachable().unwrap(), [mark]);
    // Another's letter proves nothing about this one.
    attempt(&store, letters[1], &Delivery::Accepted, at(0));
    assert_eq!(marks(&store), [("sato".to_owned(), UnreachableCause::Refused)]);
    assert!(store.make_reachable(&person("sato"), Reachable::Word("admin"), at(1)).unwrap());
    assert!(!store.make_reachable(&person("sato"), Reachable::Word("admin"), at(1)).unwrap());
    assert!(store.unreachable().unwrap().is_empty());
    // Who was not reached was told nothing; who was, was.
    assert_eq!(store.told().unwrap(), [told("mori", &finding, 0)]);
}

#[test]
fn a_letter_that_is_refused_for_its_contents_marks_its_recipient_for_a_while() {
    let (_folder, store, letters, _) = queued(&["sato"]);
    let rejected = Delivery::Rejected("554".to_owned());
    let Finished::Refused(mark) = attempt(&store, letters[0], &rejected, at(0)) else { panic!("not refused") };
    assert_eq!((mark.cause, mark.cause.is_proof()), (UnreachableCause::Blocked, false));
    assert_eq!(store.unreachable().unwrap(), [mark]);
    assert!(store.queued_letters().unwrap().is_empty(), "trying again is useless");
}

#[test]
fn a_letter_is_given_up_after_five_days_and_its_recipient_marked() {
    let (_folder, store, letters, _) = queued(&["sato", "mori"]);
    let late = Instant::from_microseconds(at(0).microseconds() + GIVE_UP_MICROSECONDS);
    let before = Instant::from_microseconds(late.microseconds() - 1);
    assert_eq!(attempt(&store, letters[0], &busy(), before), Finished::Waits);
    assert_eq!(next_attempt(&store), Some(at(0)), "the other was never tried");
    assert!(matches!(attempt(&store, letters[0], &busy(), late), Finished::GivenUp(_)));
    assert!(matches!(attempt(&store, letters[1], &no_server(), late), Finished::GivenUp(_)));
    assert_eq!(
        marks(&store),
        [("mori".to_owned(), UnreachableCause::NoServer), ("sato".to_owned(), UnreachableCause::GivenUp)]
    );
    assert_eq!(store.undelivered_letters(at(0)).unwrap().len(), 2);
    assert!(store.queued_letters().unwrap().is_empty());
}

#[test]
fn a_server_that_is_back_makes_everybody_reachable_whom_it_failed() {
    let (_folder, store, letters, finding) = queued(&["sato", "mori", "abe"]);
    let late = Instant::from_microseconds(at(0).microseconds() + GIVE_UP_MICROSECONDS);
    attempt(&store, letters[0], &no_server(), late);
    attempt(&store, letters[1], &refused(), late);
    attempt(&store, letters[2], &Delivery::Accepted, late);
    assert_eq!(marks(&store), [("mori".to_owned(), UnreachableCause::Refused)]);
    let told: Vec<_> = store.told().unwrap().into_iter().map(|told| (told.recipient, told.finding)).collect();
    assert_eq!(told, [(person("abe"), finding.clone()), (person("mori"), finding)], "sato is told anew");
}

#[test]
fn a_proof_is_not_weakened_by_a_later_failure() {
    let (_folder, store, letters, _) = queued(&["sato", "sato"]);
    let late = Instant::from_microseconds(at(0).microseconds() + GIVE_UP_MICROSECONDS);
    attempt(&store, letters[0], &refused(), at(0));
    attempt(&store, letters[1], &busy(), late);
    let mark = &store.unreachable().unwrap()[0];
    assert_eq!((mark.cause, mark.since, mark.letter), (UnreachableCause::Refused, at(0), letters[0].0));
}

#[test]
fn who_missed_a_letter_still_knows_what_earlier_ones_said() {
    let (_folder, store, letters, finding) = queued(&["sato"]);
    attempt(&store, letters[0], &Delivery::Accepted, at(0));
    let sql = concat!(
        "INSERT INTO exception (kind, dataset, why, requested_by, approved_by, made_at, until_day, confidential, ",
        "state) VALUES ('hold', 'calls', 'a dispute', 'sato', 'manager', 0, '2027-03-31', 0, 'active')"
    );
    store.database.run(async |connection| Ok(sqlx::query(sql).execute(connection).await?)).unwrap();
    let said = |hour, reason| ExceptionTold {
        recipient: person("sato"),
        exception: ExceptionId("E-1".to_owned()),
        reason,
        until_day: jiff::civil::date(2027, 3, 31),
        at: at(hour),
    };
    let early = said(0, NoticeReason::ExceptionEnds);
    store.commit(&Commit { now: at(0), exceptions_told: vec![early.clone()], ..Commit::default() }).unwrap();
    // The next letter says more of the finding, tells of the hold, and is refused.
    let more = Told { at: at(5), reason: NoticeReason::More, ..told("sato", &finding, 0) };
    let missed = Commit {
        exceptions_told: vec![said(5, NoticeReason::Held)],
        ..commit(at(5), Vec::new(), vec![letter("sato")], vec![more.clone()])
    };
    let number = store.commit(&missed).unwrap().letters[0].number;
    attempt(&store, number, &refused(), at(5));
    assert!(store.make_reachable(&person("sato"), Reachable::Word("admin"), at(6)).unwrap());
    assert_eq!(store.exceptions_told().unwrap(), [early], "do not erase: to be said again");
    assert_eq!(store.told().unwrap(), [Told { state: FindingState::Excepted, ..more }], "known, and nothing more");
}

#[test]
fn every_mark_leaves_a_trace() {
    let (folder, store, letters, _) = queued(&["sato"]);
    attempt(&store, letters[0], &refused(), at(0));
    store.make_reachable(&person("sato"), Reachable::Word("admin"), at(1)).unwrap();
    drop(store);
    let store = open(folder.path());
    let kinds = number(&store, "SELECT count(*) FROM evidence WHERE kind IN ('delivery', 'unreachable', 'reachable')");
    assert_eq!(kinds, 3);
}

#[test]
fn outcomes_may_be_noted_at_the_same_time() {
    let names: Vec<String> = (0..24).map(|number| format!("pic-{number}")).collect();
    let recipients: Vec<&str> = names.iter().map(String::as_str).collect();
    let (folder, store, letters, _) = queued(&recipients);
    std::thread::scope(|scope| {
        for number in &letters {
            let store = &store;
            scope.spawn(move || attempt(store, *number, &Delivery::Accepted, at(0)));
        }
    });
    let (length, hash) = store.head().unwrap();
    drop(store);
    let head = std::fs::read_to_string(folder.path().join("evidence.head")).unwrap();
    assert!(head.starts_with(&format!("{length} {hash} ")), "the head beside the database is the last one");
}
