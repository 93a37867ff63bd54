//! Schedules: cron lines, read and asked as cron(8) does.
//!
//! - Five fields, or `@hourly`, `@daily`, `@midnight`, `@weekly`, `@monthly`, `@yearly`, `@annually`. Names of
//!   months and weekdays, lists, ranges, steps; Sunday is 0 and 7.
//! - A day comes when day of the month *or* day of the week fits, unless one of the two fields begins with `*`:
//!   then both must.
//! - Clocks that are put forward: a fixed time in the gap comes right after it, several of them once. Clocks
//!   that are put back: a fixed time that is shown twice comes the first time. A line whose hour begins with
//!   `*` follows the clocks instead: what they leave out does not come, what they show twice comes twice. A
//!   line of which only the minute begins with `*` does so where clocks are put back; in a gap it counts as
//!   fixed, as `*/30 2 * * *` would else not come at all on that day. (That is the one difference to cron(8).)
//!
//! The years are those of the `cron` crate, 1970 to 2100. What runs, and what became of it, is not known here.

mod calendar;
mod read;
#[cfg(test)]
mod tests;
mod times;

pub use crate::domain::schedule::Schedule;

use crate::domain::instant::Instant;
use jiff::tz::TimeZone;
use times::Times;

/// Counting ends here: more missed times than that are told apart by nobody.
pub const COUNT_AT_MOST: u32 = 100_000;

/// Why a text is no schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// There are more or fewer than five fields.
    #[error("`{line}` is not a cron line: it has {fields} {}", if *fields == 1 { "field" } else { "fields" })]
    Fields {
        /// The text.
        line: String,
        /// How many fields it has.
        fields: usize,
    },
    /// A field cannot be read.
    #[error("`{line}` is not a cron line: {why}")]
    Field {
        /// The text.
        line: String,
        /// What is wrong with the field.
        why: String,
    },
    /// It begins with `@` and is none of the short forms.
    #[error("`{0}` is not a schedule")]
    ShortForm(String),
    /// No month of it has one of its days.
    #[error("`{0}` never comes: no such month has such a day")]
    Never(String),
}

impl ScheduleError {
    /// What to write instead.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::ShortForm(_) => {
                "the short forms are `@hourly`, `@daily` or `@midnight`, `@weekly`, `@monthly`, and `@yearly` or `@annually`"
            }
            _ => {
                "five fields: minute, hour, day of the month, month, day of the week, such as `30 2 * * *` or `0 4 * * mon`"
            }
        }
    }
}

impl Schedule {
    /// Reads a cron line.
    ///
    /// # Errors
    /// [`ScheduleError`] when it cannot be read, or never comes.
    pub fn parse(text: &str) -> Result<Self, ScheduleError> {
        read::read(text)
    }

    /// When it comes next after an instant, by the clocks of `zone`; `None` when it does not before 2101.
    #[must_use]
    pub fn next_after(&self, after: Instant, zone: &TimeZone) -> Option<Instant> {
        Times::new(self, zone)?.next_after(after)
    }

    /// The latest time at which it came, up to and including `until`; `None` when it never did since 1970.
    #[must_use]
    pub fn previous_or_at(&self, until: Instant, zone: &TimeZone) -> Option<Instant> {
        Times::new(self, zone)?.previous_or_at(until)
    }

    /// How often it comes after `after` and not after `until`; [`COUNT_AT_MOST`] stands for that many or more.
    #[must_use]
    pub fn count_between(&self, after: Instant, until: Instant, zone: &TimeZone) -> u32 {
        let Some(times) = Times::new(self, zone) else { return 0 };
        let (mut count, mut at) = (0, after);
        while count < COUNT_AT_MOST {
            match times.next_after(at) {
                Some(next) if next <= until => (count, at) = (count + 1, next),
                _ => break,
            }
        }
        count
    }
}
