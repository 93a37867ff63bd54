//! The table of events against a plain list of them, and what a row says.

use super::event::Event;
use super::*;
use crate::domain::instant::Instant;
use crate::domain::item::{Item, Value};
use crate::domain::register::KeyField;
use crate::rule::fixture::{World, at, by_ledger};
use crate::rule::key::{Subject, SubjectKey};
use crate::rule::purpose::PurposeId;
use proptest::prelude::*;

fn event(subject: u64, purpose: u16, time: i64, is_withdrawn: bool) -> Event {
    let kind = if is_withdrawn { EventKind::Withdrawn } else { EventKind::Given };
    let time = match time {
        0 => EventTime::SinceEver,
        100 => EventTime::Unreadable,
        time => EventTime::At(Instant::from_microseconds(time)),
    };
    Event::new(Subject(subject << 5), PurposeId(purpose), time, kind, false)
}

fn any_event() -> impl Strategy<Value = (u64, u16, i64, bool)> {
    let subject = prop_oneof![0_u64..4, (0_u64..4).prop_map(|number| number << 50), 0_u64..1 << 59];
    let purpose = prop_oneof![0_u16..3, Just(PurposeId::EVERY.0), Just(PurposeId::UNKNOWN.0)];
    (subject, purpose, 0_i64..=100, any::<bool>())
}

proptest! {
    #[test]
    fn the_table_answers_as_a_list_does(events in prop::collection::vec(any_event(), 0..200), now in 1_i64..100, purpose in 0_u16..3) {
        let packed = events.iter().map(|(subject, purpose, time, withdrawn)| event(*subject, *purpose, *time, *withdrawn));
        let table = LedgerTable::of_events(packed.collect());
        let now = Instant::from_microseconds(now);
        let subjects = events.iter().map(|event| event.0).chain([5, 1 << 50]);
        for subject in subjects {
            let of_subject: Vec<Event> = events
                .iter()
                .filter(|event| event.0 == subject)
                .map(|(subject, purpose, time, withdrawn)| event(*subject, *purpose, *time, *withdrawn))
                .filter(|event| event.counts_at(now))
                .collect();
            let found = table.at(table.find(Subject(subject << 5)));
            prop_assert_eq!(found.is_known(now), !of_subject.is_empty());
            let relevant = of_subject.iter().filter(|event| [PurposeId(purpose), PurposeId::EVERY].contains(&event.purpose()));
            let newest = relevant.clone().map(|event| event.order()).max();
            prop_assert_eq!(found.newest(PurposeId(purpose), now).map(Event::order), newest);
            let given = relevant.filter(|event| event.kind() == EventKind::Given && event.time() != EventTime::Unreadable);
            prop_assert_eq!(
                found.newest_given(PurposeId(purpose), now).map(Event::order),
                given.map(|event| event.order()).max()
            );
        }
    }

    #[test]
    fn events_are_unpacked_as_they_were_packed(microseconds in -11_000_000_000_000_000_i64..24_000_000_000_000_000, purpose in 0_u16..4096, withdrawn: bool, date: bool) {
        let time = EventTime::At(Instant::from_microseconds(microseconds));
        let kind = if withdrawn { EventKind::Withdrawn } else { EventKind::Given };
        let event = Event::new(Subject(u64::MAX), PurposeId(purpose), time, kind, date);
        prop_assert_eq!((event.time(), event.purpose(), event.kind(), event.is_date()), (time, PurposeId(purpose), kind, date));
        prop_assert!(event.is_of(Subject(u64::MAX)) && !event.is_of(Subject(0)));
    }
}

#[test]
fn a_withdrawal_decides_at_the_same_instant() {
    let table = LedgerTable::of_events(vec![event(1, 0, 50, true), event(1, 0, 50, false)]);
    let newest = table.at(table.find(Subject(1 << 5))).newest(PurposeId(0), Instant::from_microseconds(60));
    assert_eq!(newest.map(Event::kind), Some(EventKind::Withdrawn));
}

#[test]
fn a_row_is_up_to_two_events_under_each_key() {
    let world = World::new().with(|dataset| dataset.consent = vec![by_ledger("consents", &[(1, 0), (2, 1)])]);
    let count = |rows: &[&[&str]]| world_with(&world, rows).tables().values().map(LedgerTable::events).sum::<u64>();
    assert_eq!(count(&[&["a@example.jp", "090-1234-5678", "dm", "2026-01-01", "2026-02-01"]]), 4);
    assert_eq!(count(&[&["a@example.jp", "-", "dm", "2026-01-01", "-"]]), 1);
    assert_eq!(count(&[&["a@example.jp", "-", "dm", "-", "2026-01-01"]]), 1);
    assert_eq!(count(&[&["a@example.jp", "-", "dm", "soon", "-"]]), 0, "an unreadable time gives nothing");
    assert_eq!(count(&[&["a@example.jp", "-", "dm", "-", "yes"]]), 1, "but it withdraws");
    assert_eq!(count(&[&["a@example.jp", "-", "dm", "-", "-"]]), 0);
    assert_eq!(count(&[&["nobody", "12", "dm", "2026-01-01", "-"]]), 0, "no usable key");
    assert_eq!(count(&[]), 0);
}

fn world_with(world: &World, rows: &[&[&str]]) -> World {
    let mut fresh = World::new();
    fresh.dataset = world.dataset.clone();
    fresh.with_consents(rows)
}

#[test]
fn times_are_those_of_the_ledgers_zone_and_days_begin_in_the_organisations() {
    let world = World::new().with(|dataset| dataset.consent = vec![by_ledger("consents", &[(1, 0)])]);
    let world = world_with(&world, &[&["a@example.jp", "-", "dm", "2026-06-01", "2026-06-01 00:00:01"]]);
    let explanation = world.ask(|judge| {
        let values = [Value::Text("a@example.jp"); 8];
        let item = Item { values: &values, path: b"", place: 1 };
        judge.explain(&item, &mut judge.scratch())
    });
    let events = explanation.lookups[0].events.clone().unwrap();
    let times: Vec<EventTime> = events.iter().map(|event| event.time).collect();
    assert_eq!(times, [EventTime::At(at("2026-06-01T00:00:00+09:00")), EventTime::At(at("2026-06-01T00:00:01+09:00"))]);
    assert_eq!(events.iter().map(|event| event.is_date).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn a_narrowed_table_notes_who_is_none_of_those_that_it_was_narrowed_to() {
    let (key, list) = (SubjectKey::new(1, 2), World::new().dataset.source);
    let mut rows = AskedRows::new(&list, &[KeyField { field: 1, ledger_field: 0 }], key);
    let mut take = |email| rows.row(&Item { values: &[Value::Text(email); 8], path: b"", place: 1 });
    assert!(take("a@example.jp") && take("") && take("nobody"), "nobody is asked about by what is no address");
    assert!(!take("B@example.jp"), "a database finds `b@example.jp` by another text alone");
    let table = LedgerTable::of_events(Vec::new()).narrowed_to(vec![rows]);
    table.find(key.subject(0, "a@example.jp"));
    assert!(!table.lacked_somebody());
    table.find(key.subject(0, "b@example.jp"));
    assert!(table.lacked_somebody());
}
