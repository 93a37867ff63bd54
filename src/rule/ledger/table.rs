//! The sorted table of a ledger's events, with a directory by the leading bits of the subjects' hashes: a
//! look-up touches one entry of the directory and, mostly, one line of events.

use super::asked::{Asked, AskedRows};
use super::event::{Event, EventKind, EventTime};
use super::rows::LedgerRows;
use crate::domain::instant::Instant;
use crate::rule::key::Subject;
use crate::rule::purpose::PurposeId;
use rayon::slice::ParallelSliceMut as _;

/// The events of one ledger.
#[derive(Debug, Default)]
pub struct LedgerTable {
    events: Vec<Event>,
    /// Where the events whose leading bits are at least the index begin; one more at the end.
    directory: Vec<u32>,
    /// How far the leading 32 bits are shifted for an index of the directory.
    shift: u32,
    /// Whom the table was narrowed to; everybody without it.
    asked: Option<Asked>,
}

impl LedgerTable {
    /// Joins and sorts what the threads collected. Each collector is freed as soon as it is copied.
    #[must_use]
    pub fn build(mut rows: Vec<LedgerRows>) -> Self {
        rows.sort_by_key(|rows| rows.events.len());
        let total: usize = rows.iter().map(|rows| rows.events.len()).sum();
        // The largest one is extended in place.
        let mut events = rows.pop().map(|rows| rows.events).unwrap_or_default();
        events.reserve_exact(total - events.len());
        for part in rows {
            events.extend_from_slice(&part.events);
        }
        Self::of_events(events)
    }

    /// The table of these events, in any order.
    pub(super) fn of_events(mut events: Vec<Event>) -> Self {
        events.par_sort_unstable();
        let (directory, shift) = directory(&events);
        Self { events, directory, shift, asked: None }
    }

    /// How many events there are.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.events.len() as u64
    }

    /// The same table, which has all events of the subjects in these rows, and of others maybe some.
    #[must_use]
    pub fn narrowed_to(self, rows: Vec<AskedRows>) -> Self {
        Self { asked: Some(Asked::new(rows)), ..self }
    }

    /// Whether somebody was looked up whom the table was not narrowed to: what was said of them counts for nothing.
    #[must_use]
    pub fn lacked_somebody(&self) -> bool {
        self.asked.as_ref().is_some_and(Asked::has_stranger)
    }

    /// The events of a subject, as places in the table.
    pub(in crate::rule) fn find(&self, subject: Subject) -> (u32, u32) {
        if let Some(asked) = &self.asked {
            asked.note(subject);
        }
        let (begin, end) = self.bucket(subject);
        let candidates = &self.events[begin..end];
        let first = Event::first_of_subject(subject);
        let is_before = |event: &Event| event.0 < first;
        let offset = if candidates.len() <= LARGEST_WALK {
            // Hashes lie evenly: from where it should be, it is a step or two.
            let mut offset = self.guess(subject, begin, end) - begin;
            while offset > 0 && !is_before(&candidates[offset - 1]) {
                offset -= 1;
            }
            while candidates.get(offset).is_some_and(is_before) {
                offset += 1;
            }
            offset
        } else {
            candidates.partition_point(is_before)
        };
        let count = match candidates.get(offset) {
            Some(event) if event.is_of(subject) => candidates[offset..].partition_point(|event| event.is_of(subject)),
            _ => 0,
        };
        let place = |offset: usize| u32::try_from(begin + offset).unwrap_or(u32::MAX);
        (place(offset), place(offset + count))
    }

    /// Brings what [`Self::find`] will look at nearer: many of these wait for memory together, where
    /// look-ups one after another each wait alone. The answer means nothing.
    pub(in crate::rule) fn touch(&self, subject: Subject) -> bool {
        let (begin, end) = self.bucket(subject);
        let place = self.guess(subject, begin, end);
        // A line of memory holds four events: most subjects lie in one of these two.
        let is_of = |place: usize| self.events.get(place).is_some_and(|event| event.is_of(subject));
        is_of(place.saturating_sub(2)) ^ is_of(place + 2)
    }

    /// Where the events lie that share the subject's entry of the directory.
    fn bucket(&self, subject: Subject) -> (usize, usize) {
        let index = Event(Event::first_of_subject(subject)).leading_bits(self.shift);
        match (self.directory.get(index), self.directory.get(index + 1)) {
            (Some(begin), Some(end)) => (*begin as usize, *end as usize),
            _ => (0, 0),
        }
    }

    /// Where in its bucket a subject should be, by the bits after those of the directory.
    fn guess(&self, subject: Subject, begin: usize, end: usize) -> usize {
        let rest = (subject.0 << (32 - self.shift)) >> 32;
        begin + (((end - begin) * rest as usize) >> 32)
    }

    /// The events at places given by [`Self::find`].
    pub(in crate::rule) fn at(&self, (begin, end): (u32, u32)) -> SubjectEvents<'_> {
        SubjectEvents(self.events.get(begin as usize..end as usize).unwrap_or_default())
    }
}

/// About so many events share an entry of the directory, which then stays in a core's own cache.
const EVENTS_PER_ENTRY: usize = 8;
/// Larger buckets are searched by halves: somebody has many events.
const LARGEST_WALK: usize = 128;

/// The directory of sorted events, and its shift.
fn directory(events: &[Event]) -> (Vec<u32>, u32) {
    let bits = (events.len() / EVENTS_PER_ENTRY).checked_ilog2().unwrap_or(0).min(28);
    let shift = 32 - bits;
    let mut directory = Vec::with_capacity((1 << bits) + 1);
    for (place, event) in events.iter().enumerate() {
        let index = event.leading_bits(shift);
        while directory.len() <= index {
            directory.push(u32::try_from(place).unwrap_or(u32::MAX));
        }
    }
    directory.resize((1 << bits) + 1, u32::try_from(events.len()).unwrap_or(u32::MAX));
    (directory, shift)
}

/// The events of one subject, by purpose and then time.
#[derive(Debug, Clone, Copy)]
pub(in crate::rule) struct SubjectEvents<'a>(&'a [Event]);

impl<'a> SubjectEvents<'a> {
    /// All of them.
    pub(in crate::rule) const fn all(self) -> &'a [Event] {
        self.0
    }

    /// Whether any event counts at `now`.
    pub(in crate::rule) fn is_known(self, now: Instant) -> bool {
        let mut rest = self.0;
        while let Some(first) = rest.first() {
            let purpose = first.purpose();
            let (group, others) = rest.split_at(rest.partition_point(|event| event.purpose() <= purpose));
            // The earliest of a purpose counts if any does; an unreadable time is always last, and counts.
            if first.counts_at(now) || group.last().is_some_and(|event| event.counts_at(now)) {
                return true;
            }
            rest = others;
        }
        false
    }

    /// The event that decides for a purpose at `now`: the newest of those for it and those for every one.
    pub(in crate::rule) fn newest(self, purpose: PurposeId, now: Instant) -> Option<Event> {
        let newest = |purpose| {
            let group = self.group(purpose);
            match group.last() {
                Some(last) if last.counts_at(now) => Some(*last),
                _ => counting(group, now).last().copied(),
            }
        };
        newest(purpose).into_iter().chain(newest(PurposeId::EVERY)).max_by_key(|event| event.order())
    }

    /// The newest given event for a purpose at `now`.
    pub(in crate::rule) fn newest_given(self, purpose: PurposeId, now: Instant) -> Option<Event> {
        self.newest_that(purpose, now, |event| event.kind() == EventKind::Given)
    }

    /// The newest event for a purpose at `now` that is a date without a time of day.
    pub(in crate::rule) fn newest_date(self, purpose: PurposeId, now: Instant) -> Option<Event> {
        self.newest_that(purpose, now, Event::is_date)
    }

    fn newest_that(self, purpose: PurposeId, now: Instant, wanted: impl Fn(Event) -> bool) -> Option<Event> {
        let newest = |purpose| {
            let group = counting(self.group(purpose), now);
            group.iter().copied().rev().find(|event| wanted(*event))
        };
        newest(purpose).into_iter().chain(newest(PurposeId::EVERY)).max_by_key(|event| event.order())
    }

    fn group(self, purpose: PurposeId) -> &'a [Event] {
        let begin = self.0.partition_point(|event| event.purpose() < purpose);
        let length = self.0[begin..].partition_point(|event| event.purpose() == purpose);
        &self.0[begin..begin + length]
    }
}

/// Those of one purpose's events that have happened at `now`.
fn counting(group: &[Event], now: Instant) -> &[Event] {
    let has_happened = |event: &Event| !matches!(event.time(), EventTime::Unreadable) && event.counts_at(now);
    &group[..group.partition_point(has_happened)]
}
