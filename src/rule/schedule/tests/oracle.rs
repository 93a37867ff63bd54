//! What the `croner` crate says of a cron line. Where its rules are deliberately not those of cron(8), it is
//! asked another question, so that its answer is an answer to ours:
//!
//! - It takes only `*` for a star among the days, cron(8) any field that begins with one. It is told to ask
//!   for both kinds of day where one begins with a star.
//! - It takes a line for fixed only when minute and hour are one number each; cron(8) all lines without a star
//!   there. A line with lists or ranges is asked time by time, and the answers are laid together.
//! - A line of which only the minute has a star has no run in a gap there, and one right after it here.

use crate::domain::instant::Instant;
use croner::errors::CronError;
use croner::parser::CronParser;
use croner::{CivilDate, CivilDateTime, CivilTime, Cron, CronDateTime, Resolution, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// A second of a zone, as `croner` wants to see it.
#[derive(Debug, Clone)]
struct Second<'a> {
    zone: &'a TimeZone,
    second: i64,
}

impl Second<'_> {
    fn at(&self, second: i64) -> Self {
        Self { zone: self.zone, second }
    }

    fn local(&self) -> jiff::civil::DateTime {
        self.zone.to_datetime(jiff::Timestamp::from_second(self.second).unwrap())
    }
}

impl CronDateTime for Second<'_> {
    fn to_civil(&self) -> CivilDateTime {
        let local = self.local();
        let part = |number: i8| u32::try_from(number).unwrap();
        let date = CivilDate::from_ymd_opt(i32::from(local.year()), part(local.month()), part(local.day()));
        let time = CivilTime::from_hms_opt(part(local.hour()), part(local.minute()), part(local.second()));
        CivilDateTime::new(date.unwrap(), time.unwrap())
    }

    fn civil_weekday(&self) -> Weekday {
        Weekday::from_days_from_sunday(u32::try_from(self.local().weekday().to_sunday_zero_offset()).unwrap())
    }

    fn resolve_civil(&self, civil: CivilDateTime) -> Result<Resolution<Self>, CronError> {
        let part = |number: u32| i8::try_from(number).unwrap();
        let local = jiff::civil::DateTime::new(
            i16::try_from(civil.year()).map_err(|_| CronError::InvalidDate)?,
            part(civil.month()),
            part(civil.day()),
            part(civil.hour()),
            part(civil.minute()),
            part(civil.second()),
            0,
        )
        .map_err(|_| CronError::InvalidDate)?;
        let ambiguous = self.zone.to_ambiguous_timestamp(local);
        let is = ambiguous.offset();
        let earlier = self.at(ambiguous.earlier().map_err(|_| CronError::InvalidTime)?.as_second());
        let later = self.at(ambiguous.later().map_err(|_| CronError::InvalidTime)?.as_second());
        Ok(match is {
            AmbiguousOffset::Unambiguous { .. } => Resolution::Single(earlier),
            AmbiguousOffset::Fold { .. } => Resolution::Ambiguous(earlier, later),
            AmbiguousOffset::Gap { .. } => Resolution::Gap,
        })
    }

    fn checked_add_seconds(&self, seconds: i64) -> Option<Self> {
        Some(self.at(self.second.checked_add(seconds)?))
    }

    fn cmp_instant(&self, other: &Self) -> Ordering {
        self.second.cmp(&other.second)
    }
}

/// The lines that `croner` is asked for one of ours.
pub(super) struct Oracle<'a> {
    zone: &'a TimeZone,
    /// Asked for every time.
    lines: Vec<Cron>,
    /// Asked only for what they have right after a gap.
    in_gaps: Vec<Cron>,
}

fn parsed(line: &str, both_kinds_of_day: bool) -> Cron {
    let parser = CronParser::builder().dom_and_dow(both_kinds_of_day).sloppy_ranges(true).build();
    parser.parse(line).unwrap_or_else(|error| panic!("`{line}`: {error}"))
}

impl<'a> Oracle<'a> {
    /// Prepares the questions for a line of five fields.
    pub(super) fn new(line: &str, zone: &'a TimeZone) -> Self {
        let words: Vec<&str> = line.split(' ').collect();
        let [minute, hour, day, month, weekday] = words.as_slice() else { panic!("`{line}`") };
        let both = day.starts_with('*') || weekday.starts_with('*');
        let whole = parsed(line, both);
        let time_by_time = || {
            let minutes = (0..60).filter(|minute| whole.pattern.minute_match(*minute).unwrap());
            let minutes: Vec<u32> = minutes.collect();
            let hours = (0..24).filter(|hour| whole.pattern.hour_match(*hour).unwrap());
            let times = hours.flat_map(|hour| minutes.iter().map(move |minute| (hour, minute)));
            times.map(|(hour, minute)| parsed(&format!("{minute} {hour} {day} {month} {weekday}"), both)).collect()
        };
        match (minute.starts_with('*'), hour.starts_with('*')) {
            (_, true) => Self { zone, lines: vec![whole], in_gaps: vec![] },
            (true, false) => Self { zone, in_gaps: time_by_time(), lines: vec![whole] },
            (false, false) => Self { zone, lines: time_by_time(), in_gaps: vec![] },
        }
    }

    /// The first instant after the second that `after` lies in.
    pub(super) fn next_after(&self, after: Instant) -> Instant {
        let start = Second { zone: self.zone, second: after.microseconds().div_euclid(1_000_000) };
        let next = |line: &Cron| line.find_next_occurrence(&start, false).unwrap().second;
        let after_gaps = self.in_gaps.iter().map(next).filter(|second| self.ends_a_gap(*second));
        let first = self.lines.iter().map(next).chain(after_gaps).min().unwrap();
        Instant::from_microseconds(first * 1_000_000)
    }

    /// All instants after `after` and not after `until`.
    pub(super) fn between(&self, after: Instant, until: Instant) -> BTreeSet<Instant> {
        let mut instants = BTreeSet::new();
        let mut instant = self.next_after(after);
        while instant <= until {
            instants.insert(instant);
            instant = self.next_after(instant);
        }
        instants
    }

    fn ends_a_gap(&self, second: i64) -> bool {
        let at = |second: i64| self.zone.to_offset(jiff::Timestamp::from_second(second).unwrap());
        at(second - 1) < at(second)
    }
}
