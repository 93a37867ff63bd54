//! The consent rule: for each purpose of an item that needs consent, whether an opt-out is in force, and
//! else whether any place on record gives consent, or which reason comes nearest.

use super::Judgement;
use super::entries::{Answer, AnswerColumn, ConsentScratch, Entries, Entry, EntrySource, OptOut, nearness};
use super::purposes::Held;
use super::trace::Trace;
use crate::domain::instant::Instant;
use crate::domain::item::Item;
use crate::domain::name::LedgerName;
use crate::domain::register::Dataset;
use crate::domain::verdict::Reason;
use crate::rule::key::SubjectKey;
use crate::rule::ledger::{Event, EventKind, EventTime, LedgerTable, SubjectEvents};
use crate::rule::period::{Calendar, Clock};
use crate::rule::purpose::{PurposeBook, PurposeId};
use std::collections::BTreeMap;

/// The consent rule of one dataset.
#[derive(Debug)]
pub(super) struct ConsentRule<'a> {
    entries: Entries<'a>,
    now: Instant,
    calendar: Calendar,
}

/// What one place on record says.
#[derive(Debug, Clone, Copy)]
enum Outcome {
    Gives(Option<Event>),
    Fails(Reason, Option<Event>),
}

impl<'a> ConsentRule<'a> {
    /// Compiles the rule; `None` for a dataset that has neither consents nor opt-outs on record.
    pub(super) fn new(
        dataset: &'a Dataset,
        now: Instant,
        subject_key: SubjectKey,
        calendar: &Calendar,
        book: &PurposeBook,
        ledgers: &'a BTreeMap<LedgerName, LedgerTable>,
    ) -> Option<Self> {
        if dataset.consent.is_empty() && dataset.opt_outs.is_empty() {
            return None;
        }
        let entries = Entries::new(dataset, subject_key, calendar, book, ledgers);
        Some(Self { entries, now, calendar: calendar.clone() })
    }

    /// Whether some ledger could not be read.
    pub(super) const fn is_sick(&self) -> bool {
        self.entries.is_sick
    }

    /// Decides an item.
    pub(super) fn decide<T: Trace>(
        &self,
        item: &Item<'_>,
        held: &Held,
        scratch: &mut ConsentScratch,
        trace: &mut T,
        judgement: &mut Judgement,
    ) {
        if held.asked.is_empty() {
            return;
        }
        if self.is_sick() {
            judgement.undecidable = true;
            return;
        }
        self.entries.look_up(item, scratch);
        self.decide_found(item, &held.asked, scratch, trace, judgement);
    }

    /// Whether ledgers alone decide, so that the item itself is not needed after its keys were read.
    pub(super) fn asks_ledgers_alone(&self) -> bool {
        let is_row = |entry: &Entry| matches!(entry.source, EntrySource::Row(_));
        let stops = self.entries.opt_outs.iter().any(|opt_out| matches!(opt_out, OptOut::Row(_)));
        !self.is_sick() && !stops && !self.entries.consents.iter().any(is_row)
    }

    /// The places on record.
    pub(super) const fn entries(&self) -> &Entries<'a> {
        &self.entries
    }

    /// Decides an item whose person was looked up.
    pub(super) fn decide_found<T: Trace>(
        &self,
        item: &Item<'_>,
        asked: &[PurposeId],
        scratch: &mut ConsentScratch,
        trace: &mut T,
        judgement: &mut Judgement,
    ) {
        if T::RECORDS {
            let range = 0..self.entries.lookups.len();
            for (lookup, events) in self.entries.lookups.iter().zip(self.entries.events(&range, scratch)) {
                trace.lookup(lookup.ledger, lookup.field, events);
            }
        }
        for purpose in asked {
            let (reason, deciding) = match self.outcome(*purpose, item, scratch) {
                Outcome::Gives(event) => (None, event),
                Outcome::Fails(reason, event) => (Some(reason), event),
            };
            trace.consent(*purpose, reason, deciding);
            if let Some(reason) = reason {
                judgement.reasons.insert(reason);
                judgement.undecidable |= reason == Reason::Unclear;
            }
        }
    }

    fn outcome(&self, purpose: PurposeId, item: &Item<'_>, scratch: &mut ConsentScratch) -> Outcome {
        if let Some(event) = self.opted_out(purpose, scratch) {
            return Outcome::Fails(Reason::OptedOut, Some(event));
        }
        match self.stop(item, scratch) {
            Answer::Refused => return Outcome::Fails(Reason::Refused, None),
            Answer::Unclear => return Outcome::Fails(Reason::Unclear, None),
            Answer::Empty | Answer::Given => {}
        }
        if self.entries.consents.is_empty() {
            return self.without_consents(scratch);
        }
        self.given(purpose, item, scratch)
    }

    /// What the columns that say stop say together.
    fn stop(&self, item: &Item<'_>, scratch: &mut ConsentScratch) -> Answer {
        let mut stop = Answer::Empty;
        for opt_out in &self.entries.opt_outs {
            if let OptOut::Row(column) = opt_out {
                match column.answer(item, scratch) {
                    Answer::Refused => return Answer::Refused,
                    Answer::Unclear => stop = Answer::Unclear,
                    Answer::Empty | Answer::Given => {}
                }
            }
        }
        stop
    }

    /// A dataset that has opt-outs alone on record: whoever could be looked up and did not opt out is in.
    fn without_consents(&self, scratch: &ConsentScratch) -> Outcome {
        let range = 0..self.entries.lookups.len();
        let mut events = self.entries.events(&range, scratch);
        let is_unknown = !range.is_empty() && events.all(|events| events.is_none());
        if is_unknown { Outcome::Fails(Reason::NoSubject, None) } else { Outcome::Gives(None) }
    }

    /// The opt-out in force for a purpose, if there is one.
    fn opted_out(&self, purpose: PurposeId, scratch: &ConsentScratch) -> Option<Event> {
        let mut newest: Option<(i64, Event)> = None;
        for opt_out in &self.entries.opt_outs {
            let OptOut::Ledger(range) = opt_out else { continue };
            for events in self.entries.events(range, scratch).flatten() {
                // Of a day, an opt-out of a mere date beats one with a time.
                let candidates = [events.newest(purpose, self.now), events.newest_date(purpose, self.now)];
                for event in candidates.into_iter().flatten() {
                    let outlasts = self.outlasts(event);
                    if newest.is_none_or(|(other, _)| outlasts > other) {
                        newest = Some((outlasts, event));
                    }
                }
            }
        }
        let (outlasts, event) = newest?;
        let is_lifted = self.newest_given(purpose, scratch).is_some_and(|given| given > outlasts);
        (!is_lifted).then_some(event)
    }

    /// The last microsecond of consents that an opt-out beats: one of a mere day beats that whole day.
    fn outlasts(&self, event: Event) -> i64 {
        match event.time() {
            EventTime::SinceEver => i64::MIN,
            EventTime::Unreadable => i64::MAX,
            EventTime::At(at) if event.is_date() => self.end_of_day(at).unwrap_or(at).microseconds(),
            EventTime::At(at) => at.microseconds(),
        }
    }

    fn end_of_day(&self, at: Instant) -> Option<Instant> {
        let next = self.calendar.zone().date_of(at)?.tomorrow().ok()?;
        Some(Instant::from_microseconds(self.calendar.start_of_day(next).microseconds() - 1))
    }

    /// When consent to this very purpose was last given, on record of any ledger that may give it.
    fn newest_given(&self, purpose: PurposeId, scratch: &ConsentScratch) -> Option<i64> {
        let entries = self.entries.consents.iter().filter(|entry| entry.is_for(purpose));
        let ranges = entries.filter_map(|entry| match &entry.source {
            EntrySource::Ledger(range) => Some(range),
            EntrySource::Row(_) => None,
        });
        let events = ranges.flat_map(|range| self.entries.events(range, scratch)).flatten();
        let given = events.filter_map(|events| events.newest_given(purpose, self.now));
        let times = given.filter_map(|event| match event.time() {
            EventTime::At(at) => Some(at.microseconds()),
            EventTime::SinceEver | EventTime::Unreadable => None,
        });
        times.max()
    }

    /// Whether any place gives consent, else the reason that comes nearest.
    fn given(&self, purpose: PurposeId, item: &Item<'_>, scratch: &mut ConsentScratch) -> Outcome {
        let mut nearest = None;
        for entry in self.entries.consents.iter().filter(|entry| entry.is_for(purpose)) {
            match &entry.source {
                EntrySource::Row(column) => {
                    let outcome = self.of_row(entry, column, item, scratch);
                    if let Outcome::Gives(_) = outcome {
                        return outcome;
                    }
                    nearest = Some(nearer(nearest, outcome));
                }
                EntrySource::Ledger(range) => {
                    for events in self.entries.events(range, scratch) {
                        let outcome = self.of_ledger(entry, purpose, events);
                        if let Outcome::Gives(_) = outcome {
                            return outcome;
                        }
                        nearest = Some(nearer(nearest, outcome));
                    }
                }
            }
        }
        nearest.unwrap_or(Outcome::Fails(Reason::Missing, None))
    }

    fn of_row(&self, entry: &Entry, column: &AnswerColumn, item: &Item<'_>, scratch: &mut ConsentScratch) -> Outcome {
        match column.answer(item, scratch) {
            Answer::Empty => Outcome::Fails(Reason::Missing, None),
            Answer::Refused => Outcome::Fails(Reason::Refused, None),
            Answer::Unclear => Outcome::Fails(Reason::Unclear, None),
            Answer::Given => match column.given_at(item) {
                None if entry.runs_out() => Outcome::Fails(Reason::Unclear, None),
                Some(given) if entry.has_run_out(given, self.now) => Outcome::Fails(Reason::ConsentExpired, None),
                None | Some(_) => Outcome::Gives(None),
            },
        }
    }

    fn of_ledger(&self, entry: &Entry, purpose: PurposeId, events: Option<SubjectEvents<'_>>) -> Outcome {
        let Some(events) = events else {
            return Outcome::Fails(Reason::NoSubject, None);
        };
        let Some(event) = events.newest(purpose, self.now) else {
            let reason = if events.is_known(self.now) { Reason::OtherPurpose } else { Reason::Missing };
            return Outcome::Fails(reason, None);
        };
        if event.kind() == EventKind::Withdrawn {
            return Outcome::Fails(Reason::Withdrawn, Some(event));
        }
        let has_run_out = match event.time() {
            EventTime::At(at) => entry.has_run_out(self.clock(event, at), self.now),
            // Nobody knows when: not within any period.
            EventTime::SinceEver | EventTime::Unreadable => entry.runs_out(),
        };
        if has_run_out { Outcome::Fails(Reason::ConsentExpired, Some(event)) } else { Outcome::Gives(Some(event)) }
    }

    /// The clock of a given event: a mere date is valid to the end of its last day, by the due rules.
    fn clock(&self, event: Event, at: Instant) -> Clock {
        match self.calendar.zone().date_of(at) {
            Some(date) if event.is_date() => Clock::Date(date),
            _ => Clock::Instant(at),
        }
    }
}

fn nearer(nearest: Option<Outcome>, other: Outcome) -> Outcome {
    match (nearest, other) {
        (Some(Outcome::Fails(first, _)), Outcome::Fails(second, _)) if nearness(first) >= nearness(second) => {
            nearest.unwrap_or(other)
        }
        _ => other,
    }
}
