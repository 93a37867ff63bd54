//! One event of a ledger, packed into 16 bytes whose order as a number is the order of the table: by
//! subject, then purpose, then time, withdrawals last.

use crate::domain::instant::Instant;
use crate::domain::name::PurposeName;
use crate::rule::key::Subject;
use crate::rule::purpose::PurposeId;

/// 59 bits of the subject's hash, 12 of the purpose, 55 of the time, 1 for withdrawn, 1 for a date
/// without a time of day.
const SUBJECT_SHIFT: u32 = 69;
const PURPOSE_SHIFT: u32 = 57;
const TIME_SHIFT: u32 = 2;
const TIME_BITS: u32 = 55;
const WITHDRAWN: u128 = 2;
const DATE_ONLY: u128 = 1;
/// 1600-01-01T00:00:00Z; times from then to the year 2741 are exact, others are clamped.
const FIRST_MICROSECOND: i64 = -11_676_096_000_000_000;
const LAST_TIME: i64 = (1 << TIME_BITS) - 1;

/// What an event says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// Consent was given.
    Given,
    /// Consent was withdrawn, or use refused (an opt-out).
    Withdrawn,
}

/// When an event happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventTime {
    /// Before everything else: no date is on record.
    SinceEver,
    /// At this instant.
    At(Instant),
    /// After everything else: there is a date that nobody can read.
    Unreadable,
}

/// An event as an explanation tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEvent {
    /// The purpose; `None`: for every purpose (where `is_known_purpose`) or for one that the register
    /// does not know.
    pub purpose: Option<PurposeName>,
    /// Whether the purpose is one of the register's, or every one.
    pub is_known_purpose: bool,
    /// What it says.
    pub kind: EventKind,
    /// When.
    pub time: EventTime,
    /// Whether it was a date without a time of day.
    pub is_date: bool,
}

/// A packed event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::rule) struct Event(pub(super) u128);

impl Event {
    /// Packs an event.
    pub(in crate::rule) fn new(
        subject: Subject,
        purpose: PurposeId,
        time: EventTime,
        kind: EventKind,
        is_date: bool,
    ) -> Self {
        let mut packed = Self::first_of_purpose(subject, purpose) | u128::from(packed_time(time)) << TIME_SHIFT;
        if kind == EventKind::Withdrawn {
            packed |= WITHDRAWN;
        }
        if is_date {
            packed |= DATE_ONLY;
        }
        Self(packed)
    }

    /// The smallest number that an event of this subject can have.
    pub(super) const fn first_of_subject(subject: Subject) -> u128 {
        ((subject.0 >> 5) as u128) << SUBJECT_SHIFT
    }

    /// The smallest number that an event of this subject and purpose can have.
    pub(super) const fn first_of_purpose(subject: Subject, purpose: PurposeId) -> u128 {
        Self::first_of_subject(subject) | (purpose.0 as u128) << PURPOSE_SHIFT
    }

    /// Whether the event is of this subject.
    pub(super) const fn is_of(self, subject: Subject) -> bool {
        self.0 >> SUBJECT_SHIFT == (subject.0 >> 5) as u128
    }

    /// The leading 32 bits of the subject's hash, shifted right by `shift` (at most 32).
    pub(super) const fn leading_bits(self, shift: u32) -> usize {
        (self.0 >> 96 >> shift) as usize
    }

    /// The purpose.
    #[expect(clippy::cast_possible_truncation, reason = "masked to 12 bits")]
    pub(in crate::rule) const fn purpose(self) -> PurposeId {
        PurposeId((self.0 >> PURPOSE_SHIFT) as u16 & 0xfff)
    }

    /// What it says.
    pub(in crate::rule) const fn kind(self) -> EventKind {
        if self.0 & WITHDRAWN == 0 { EventKind::Given } else { EventKind::Withdrawn }
    }

    /// Whether it was a date without a time of day.
    pub(in crate::rule) const fn is_date(self) -> bool {
        self.0 & DATE_ONLY != 0
    }

    /// When it happened.
    pub(in crate::rule) const fn time(self) -> EventTime {
        match self.raw_time() {
            0 => EventTime::SinceEver,
            LAST_TIME => EventTime::Unreadable,
            time => EventTime::At(Instant::from_microseconds(time + FIRST_MICROSECOND)),
        }
    }

    /// Whether it counts at `now`: it has happened, or nobody can say when.
    pub(in crate::rule) fn counts_at(self, now: Instant) -> bool {
        match self.time() {
            EventTime::At(at) => at <= now,
            EventTime::SinceEver | EventTime::Unreadable => true,
        }
    }

    /// What orders events of one subject: the time, then withdrawals last.
    pub(in crate::rule) const fn order(self) -> u128 {
        self.0 & ((1 << PURPOSE_SHIFT) - 1)
    }

    #[expect(clippy::cast_possible_truncation, reason = "masked to 55 bits")]
    const fn raw_time(self) -> i64 {
        (self.0 >> TIME_SHIFT) as i64 & LAST_TIME
    }
}

#[expect(clippy::cast_sign_loss, reason = "clamped to 55 bits above zero")]
fn packed_time(time: EventTime) -> u64 {
    let number = match time {
        EventTime::SinceEver => 0,
        EventTime::At(at) => at.microseconds().saturating_sub(FIRST_MICROSECOND).clamp(1, LAST_TIME - 1),
        EventTime::Unreadable => LAST_TIME,
    };
    number as u64
}
