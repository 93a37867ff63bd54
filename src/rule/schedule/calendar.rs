//! The days and times of a schedule on a calendar without zones, as the `cron` crate finds them. Clocks that
//! are put forward or back are not known here.

use crate::domain::schedule::{DayRule, Schedule};
use chrono::{DateTime, Utc};
use std::fmt::Write;
use std::str::FromStr;

/// 1970-01-01T00:00:00, where the `cron` crate's years begin.
const FIRST_SECOND: i64 = 0;

/// 2101-01-01T00:00:00, where they end.
pub(super) const END_SECOND: i64 = 4_133_980_800;

const WEEKDAY_NAMES: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// The times of a schedule in seconds of civil time: those that a clock without zone shows, counted as if it
/// stood in Greenwich.
#[derive(Debug)]
pub(super) struct CivilTimes {
    /// One schedule of the crate, or two of which either fits: the crate itself asks for both kinds of day.
    schedules: Vec<cron::Schedule>,
}

impl CivilTimes {
    /// Prepares a schedule; `None` when the crate does not take it, which nothing that was read is known for.
    pub(super) fn new(schedule: &Schedule) -> Option<Self> {
        let days = list(&schedule.days_of_month, 31, u8::to_string);
        let weekdays = list(&schedule.weekdays, 7, |day| WEEKDAY_NAMES[usize::from(*day) % 7].to_owned());
        let kinds = match schedule.days {
            DayRule::Both => vec![(days.as_str(), weekdays.as_str())],
            DayRule::Either => vec![(days.as_str(), "*"), ("*", weekdays.as_str())],
        };
        let minutes = list(&schedule.minutes, 60, u8::to_string);
        let hours = list(&schedule.hours, 24, u8::to_string);
        let months = list(&schedule.months, 12, u8::to_string);
        let line = |(days, weekdays): (&str, &str)| format!("0 {minutes} {hours} {days} {months} {weekdays}");
        let schedules = kinds.into_iter().map(|days| cron::Schedule::from_str(&line(days)).ok());
        Some(Self { schedules: schedules.collect::<Option<_>>()? })
    }

    /// The first time at or after `second`.
    pub(super) fn first_from(&self, second: i64) -> Option<i64> {
        if second >= END_SECOND {
            return None;
        }
        // The crate looks for what is later than an instant, in whole seconds.
        let before: DateTime<Utc> = DateTime::from_timestamp(second.max(FIRST_SECOND) - 1, 0)?;
        let next = |schedule: &cron::Schedule| schedule.after(&before).next().map(|time| time.timestamp());
        self.schedules.iter().filter_map(next).min()
    }
}

/// A field as the crate reads it: all its values, or `*` when there are `all` of them.
fn list(values: &[u8], all: usize, name: impl Fn(&u8) -> String) -> String {
    if values.len() == all {
        return "*".to_owned();
    }
    values.iter().enumerate().fold(String::new(), |mut text, (number, value)| {
        let comma = if number == 0 { "" } else { "," };
        let _ = write!(text, "{comma}{}", name(value));
        text
    })
}
