//! When a period that runs from a clock ends, by calendar in the organisation's zone, and the clocks that
//! certainly lie too late for it to have ended. Which clock and which period count is decided in `judge`.

#[cfg(test)]
mod tests;

use super::calendar::{DAY_MICROSECONDS, add_days, add_months, date_from, date_of, day_number, is_day};
use super::zone::Zone;
use crate::domain::instant::Instant;
use crate::domain::period::Period;
use crate::domain::register::{CountMethod, FiscalYearStart, Organisation, WholeUntil};
use jiff::civil::Date;
use std::cmp::Ordering;
use std::sync::Arc;

/// A clock that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// A point in time.
    Instant(Instant),
    /// A day without a time.
    Date(Date),
}

/// The organisation's calendar: its zone and its fiscal year.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: Arc<Zone>,
    fiscal_year_starts: FiscalYearStart,
}

impl Calendar {
    /// The calendar of an organisation.
    #[must_use]
    pub fn of(organisation: &Organisation) -> Self {
        Self::new(Arc::new(Zone::new(&organisation.time_zone)), organisation.fiscal_year_starts)
    }

    /// A calendar in `zone`.
    #[must_use]
    pub const fn new(zone: Arc<Zone>, fiscal_year_starts: FiscalYearStart) -> Self {
        Self { zone, fiscal_year_starts }
    }

    /// The zone.
    #[must_use]
    pub const fn zone(&self) -> &Arc<Zone> {
        &self.zone
    }

    /// The first instant of a day.
    #[must_use]
    pub fn start_of_day(&self, date: Date) -> Instant {
        self.zone.start_of_day(day_number(date))
    }

    /// The first day of the fiscal year after the one that contains `date`.
    fn next_fiscal_year(&self, date: Date) -> Option<Date> {
        let FiscalYearStart { month, day } = self.fiscal_year_starts;
        let has_begun = (date.month(), date.day()) >= (month, day);
        date_from(i64::from(date.year()) + i64::from(has_begun), i64::from(month), i64::from(day))
    }

    /// An instant moved by whole months and days of the calendar, the time of day kept.
    fn shift(&self, instant: Instant, months: i64, days: i64) -> Option<Instant> {
        let local = self.zone.local_of(instant);
        let (day, of_day) = (local.div_euclid(DAY_MICROSECONDS), local.rem_euclid(DAY_MICROSECONDS));
        let day = if months == 0 { day } else { day_number(add_months(date_of(day)?, months)?) } + days;
        is_day(day).then(|| self.zone.instant_of(day * DAY_MICROSECONDS + of_day))
    }
}

/// A period and how its end is found.
#[derive(Debug, Clone)]
pub struct Deadline {
    calendar: Calendar,
    months: i64,
    days: i64,
    until_end_of: Option<WholeUntil>,
    count: CountMethod,
    /// Months and days that a copy is granted after the end.
    extra: Option<(i64, i64)>,
}

impl Deadline {
    /// The end of `period`, rounded up to `until_end_of` and counted as `count` says. Business days are
    /// not counted here.
    #[must_use]
    pub fn new(calendar: &Calendar, period: &Period, until_end_of: Option<WholeUntil>, count: CountMethod) -> Self {
        let (months, days) = parts(period);
        Self { calendar: calendar.clone(), months, days, until_end_of, count, extra: None }
    }

    /// The same, so much later by the calendar.
    #[must_use]
    pub fn later_by(self, extra: Option<&Period>) -> Self {
        Self { extra: extra.map(parts), ..self }
    }

    /// The instant from which the period of this clock has ended; `None` beyond the end of the calendar.
    #[must_use]
    pub fn due(&self, clock: Clock) -> Option<Instant> {
        let end = self.end(clock)?;
        self.extra.map_or(Some(end), |(months, days)| self.calendar.shift(end, months, days))
    }

    /// The end of the period itself.
    fn end(&self, clock: Clock) -> Option<Instant> {
        let date = match (self.count, self.until_end_of, clock) {
            (CountMethod::Calendar, None, Clock::Instant(instant)) => {
                return self.calendar.shift(instant, self.months, self.days);
            }
            (_, _, Clock::Instant(instant)) => self.calendar.zone.date_of(instant)?,
            (_, _, Clock::Date(date)) => date,
        };
        let last = match self.count {
            CountMethod::Calendar => self.moved(date)?,
            CountMethod::CivilCode => self.last_day_of_civil_code(date)?,
        };
        match self.until_end_of {
            None => self.start_after(last),
            Some(WholeUntil::FiscalYearEnd) => self.fiscal(last),
        }
    }

    /// The latest clocks that need a look at `now`: whatever lies after them has certainly not ended, nor
    /// will it within the longest warning time. Up to them `due` decides: months clamp, so that of two
    /// clocks the later one may end first.
    #[must_use]
    pub fn bracket(&self, now: Instant, warnings: &[Warning]) -> Bracket {
        let generous = self.generous_bracket(now, warnings);
        match (self.count, self.until_end_of, self.extra) {
            (CountMethod::Calendar, None, None) => self.exact_bracket(now, warnings, generous.date).unwrap_or(generous),
            _ => generous,
        }
    }

    /// A bracket by reckoning, some days too wide.
    fn generous_bracket(&self, now: Instant, warnings: &[Warning]) -> Bracket {
        // However months fall, so many are at least this many days less a week (a short February, a
        // clamped end and a century without a leap day add up to less).
        let at_least = |(months, days): (i64, i64)| months * 30_436_875 / 1_000_000 - 7 + days;
        let shortest = at_least((self.months, self.days)) + self.extra.map_or(0, at_least);
        let longest_warning = warnings.iter().map(Warning::longest_days).max().unwrap_or(0);
        // Three days more for zones, gaps and the end of the day.
        let days = longest_warning - shortest + 3;
        let instant = Instant::from_microseconds(now.microseconds() + days * DAY_MICROSECONDS);
        let date = self.calendar.zone.date_of(instant).unwrap_or(Date::MAX);
        Bracket { instant, date }
    }

    /// The bracket to the microsecond, found from a day that is late enough. An instant is due at `now` only
    /// if its local time, moved, is not after the local time of `now`: a time in a gap moves forward, and of
    /// two in an overlap the later one counts.
    fn exact_bracket(&self, now: Instant, warnings: &[Warning], late_enough: Date) -> Option<Bracket> {
        let zone = &self.calendar.zone;
        let local = zone.local_of(now);
        let now = (date_of(local.div_euclid(DAY_MICROSECONDS))?, local.rem_euclid(DAY_MICROSECONDS));
        let mut end = now;
        for warning in warnings {
            let late_enough = add_days(now.0, warning.longest_days())?;
            end = end.max(latest(now, late_enough, |date| warning.moved(date))?);
        }
        let (date, of_day) = latest(end, late_enough, |date| self.moved(date))?;
        Some(Bracket { instant: zone.instant_of(day_number(date) * DAY_MICROSECONDS + of_day), date })
    }

    fn moved(&self, date: Date) -> Option<Date> {
        add_days(add_months(date, self.months)?, self.days)
    }

    /// Civil Code Art. 140 and 143: counted from the next day to the end of the day before the day that
    /// corresponds to it; where the last month has no such day, to the end of that month.
    fn last_day_of_civil_code(&self, date: Date) -> Option<Date> {
        let first = add_days(date, 1)?;
        let corresponding = add_months(first, self.months)?;
        let end = if corresponding.day() == first.day() { corresponding } else { add_days(corresponding, 1)? };
        add_days(end, self.days - 1)
    }

    fn start_after(&self, date: Date) -> Option<Instant> {
        Some(self.calendar.start_of_day(add_days(date, 1)?))
    }

    fn fiscal(&self, date: Date) -> Option<Instant> {
        Some(self.calendar.start_of_day(self.calendar.next_fiscal_year(date)?))
    }
}

/// The latest clocks that need a look; see [`Deadline::bracket`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bracket {
    /// The latest point in time.
    pub instant: Instant,
    /// The latest day.
    pub date: Date,
}

impl Bracket {
    /// Whether the clock certainly lies too late to matter.
    #[must_use]
    pub fn is_clear(&self, clock: Clock) -> bool {
        match clock {
            Clock::Instant(instant) => instant > self.instant,
            Clock::Date(date) => date > self.date,
        }
    }
}

/// How long before a due instant people are warned.
#[derive(Debug, Clone)]
pub struct Warning {
    calendar: Calendar,
    months: i64,
    days: i64,
}

impl Warning {
    /// A warning `period` ahead.
    #[must_use]
    pub fn new(calendar: &Calendar, period: &Period) -> Self {
        let (months, days) = parts(period);
        Self { calendar: calendar.clone(), months, days }
    }

    /// The instant from which the warning is due.
    #[must_use]
    pub fn starts(&self, due: Instant) -> Option<Instant> {
        self.calendar.shift(due, -self.months, -self.days)
    }

    /// No such warning is longer than this.
    const fn longest_days(&self) -> i64 {
        self.months * 31 + self.days + 7
    }

    fn moved(&self, date: Date) -> Option<Date> {
        add_days(add_months(date, -self.months)?, -self.days)
    }
}

/// The latest local time (a day and microseconds of it) that lies, moved, not after `limit`; looked for from
/// a day on that is late enough.
fn latest(limit: (Date, i64), late_enough: Date, moved: impl Fn(Date) -> Option<Date>) -> Option<(Date, i64)> {
    let mut date = late_enough;
    loop {
        match moved(date)?.cmp(&limit.0) {
            Ordering::Less => return Some((date, DAY_MICROSECONDS - 1)),
            Ordering::Equal => return Some((date, limit.1)),
            Ordering::Greater => date = add_days(date, -1)?,
        }
    }
}

/// A period as whole months and whole days.
fn parts(period: &Period) -> (i64, i64) {
    let months = i64::from(period.years) * 12 + i64::from(period.months);
    (months, i64::from(period.weeks) * 7 + i64::from(period.days))
}
