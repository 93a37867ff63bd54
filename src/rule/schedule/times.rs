//! The instants of a schedule in a zone: civil times laid over the stretches of one offset that the zone is
//! made of, with the rules for what lies between them.

use super::calendar::{CivilTimes, END_SECOND};
use crate::domain::instant::Instant;
use crate::domain::schedule::{ClockRule, Schedule};
use jiff::Timestamp;
use jiff::tz::TimeZone;

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400;

/// How far back to look for the latest time, step by step; the last one spans all years.
const LOOK_BACK_SECONDS: [i64; 7] = [3_600, DAY, 8 * DAY, 32 * DAY, 367 * DAY, 10 * 366 * DAY, 132 * 366 * DAY];

/// A schedule prepared for one zone.
#[derive(Debug)]
pub(super) struct Times<'a> {
    civil: CivilTimes,
    clocks: ClockRule,
    zone: &'a TimeZone,
}

impl<'a> Times<'a> {
    /// Prepares a schedule.
    pub(super) fn new(schedule: &Schedule, zone: &'a TimeZone) -> Option<Self> {
        Some(Self { civil: CivilTimes::new(schedule)?, clocks: schedule.clocks, zone })
    }

    /// The first instant later than `after`.
    pub(super) fn next_after(&self, after: Instant) -> Option<Instant> {
        // Schedules know whole seconds: what is later than the second that has begun is later than the instant.
        let begun = Timestamp::from_second(after.microseconds().div_euclid(SECOND)).ok()?;
        self.next_second(begun).map(|second| Instant::from_microseconds(second * SECOND))
    }

    /// The first second later than `after`.
    ///
    /// The zone is a sequence of stretches of one offset. The next civil time is looked for once, and again
    /// only where a change of the clocks moves the place to look from.
    fn next_second(&self, after: Timestamp) -> Option<i64> {
        let mut offset = i64::from(self.zone.to_offset(after).seconds());
        let local = after.as_second() + offset;
        let mut civil = self.civil.first_from((local + 1).max(self.already_shown(after, offset)))?;
        for change in self.zone.following(after) {
            let change_at = change.timestamp().as_second();
            let next_offset = i64::from(change.offset().seconds());
            let (ends, resumes) = (change_at + offset, change_at + next_offset);
            if civil < ends {
                break;
            }
            if civil < resumes {
                // In the gap.
                if self.clocks != ClockRule::Running {
                    return Some(change_at);
                }
                civil = self.civil.first_from(resumes)?;
            } else if resumes < ends && self.clocks != ClockRule::Fixed {
                // The clocks show these times once more.
                civil = self.civil.first_from(resumes)?;
            }
            offset = next_offset;
        }
        Some(civil - offset)
    }

    /// The civil time up to which the clocks repeat at `after` what has been; fixed times among it have come.
    fn already_shown(&self, after: Timestamp, offset: i64) -> i64 {
        if self.clocks != ClockRule::Fixed {
            return i64::MIN;
        }
        let from = Timestamp::from_second(after.as_second() + 1).unwrap_or(after);
        let Some(change) = self.zone.preceding(from).next() else { return i64::MIN };
        let change_at = change.timestamp().as_second();
        let before =
            Timestamp::from_second(change_at - 1).map_or(offset, |at| i64::from(self.zone.to_offset(at).seconds()));
        change_at + before
    }

    /// The last instant up to and including `until`.
    pub(super) fn previous_or_at(&self, until: Instant) -> Option<Instant> {
        let start = until.min(Instant::from_microseconds((END_SECOND + DAY) * SECOND));
        for seconds in LOOK_BACK_SECONDS {
            let from = Instant::from_microseconds(start.microseconds().saturating_sub(seconds * SECOND));
            let first = self.next_after(from).filter(|first| *first <= until);
            if let Some(mut last) = first {
                while let Some(next) = self.next_after(last).filter(|next| *next <= until) {
                    last = next;
                }
                return Some(last);
            }
        }
        None
    }
}
