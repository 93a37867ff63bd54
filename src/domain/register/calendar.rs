//! Business days: Monday to Friday without the holidays that the register lists. Where the list is read from
//! is known to `config`.

use crate::domain::instant::Instant;
use crate::domain::period::Period;
use jiff::ToSpan;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The days on which people are at work. Cheap to copy.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BusinessCalendar {
    holidays: Arc<BTreeSet<Date>>,
}

impl BusinessCalendar {
    /// A calendar with these holidays, beside Saturdays and Sundays.
    #[must_use]
    pub fn new(holidays: impl IntoIterator<Item = Date>) -> Self {
        Self { holidays: Arc::new(holidays.into_iter().collect()) }
    }

    /// Whether people are at work on that day.
    #[must_use]
    pub fn is_business_day(&self, date: Date) -> bool {
        !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) && !self.holidays.contains(&date)
    }

    /// The last holiday listed: later ones are not known.
    #[must_use]
    pub fn last_holiday(&self) -> Option<Date> {
        self.holidays.last().copied()
    }

    /// The `days`-th business day after a day, which does not count itself; the day itself for 0.
    #[must_use]
    pub fn nth_business_day_after(&self, date: Date, days: u32) -> Date {
        self.nth_business_day(date, days, 1)
    }

    /// The `days`-th business day before a day, which does not count itself; the day itself for 0.
    #[must_use]
    pub fn nth_business_day_before(&self, date: Date, days: u32) -> Date {
        self.nth_business_day(date, days, -1)
    }

    /// The day that lies a period after another: its calendar days first, then its business days.
    #[must_use]
    pub fn day_after(&self, day: Date, period: &Period) -> Date {
        let business_days = u32::try_from(period.business_days).unwrap_or_default();
        let later = day.checked_add(period.span()).map(|later| self.nth_business_day_after(later, business_days));
        later.unwrap_or(Date::MAX)
    }

    fn nth_business_day(&self, date: Date, days: u32, step: i64) -> Date {
        let (mut day, mut left) = (date, days);
        while left > 0 {
            // The calendar ends in the year 9999.
            let Ok(next) = day.checked_add(step.days()) else { return day };
            day = next;
            left -= u32::from(self.is_business_day(day));
        }
        day
    }

    /// How many business days lie after `after` and not after `until`; 0 when `until` is not later.
    #[must_use]
    pub fn business_days_between(&self, after: Date, until: Date) -> u32 {
        let (mut day, mut count) = (after, 0);
        while day < until {
            let Ok(next) = day.checked_add(1.day()) else { return count };
            day = next;
            count += u32::from(self.is_business_day(day));
        }
        count
    }

    /// The first instant, not before `not_before`, at which clocks show `time` on a business day: right after
    /// the gap where they leave it out, the first time where they show it twice.
    #[must_use]
    pub fn next_instant_of(&self, time: Time, not_before: Instant, zone: &TimeZone) -> Instant {
        let mut day = zone.to_datetime(not_before.timestamp()).date();
        loop {
            if self.is_business_day(day) {
                let instant = instant_at(day, time, zone);
                if instant >= not_before {
                    return instant;
                }
            }
            let Ok(next) = day.checked_add(1.day()) else { return not_before };
            day = next;
        }
    }
}

/// The first instant at which clocks show a time of a day, or at which they resume when they leave it out.
fn instant_at(day: Date, time: Time, zone: &TimeZone) -> Instant {
    let ambiguous = zone.to_ambiguous_timestamp(day.to_datetime(time));
    let is_left_out = matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. });
    let Ok(shown) = ambiguous.compatible() else { return Instant::from_microseconds(i64::MAX) };
    if is_left_out && let Some(resumes) = zone.preceding(shown).next() {
        return Instant::from(resumes.timestamp());
    }
    Instant::from(shown)
}

#[cfg(test)]
mod tests;
