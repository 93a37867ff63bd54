//! Day numbers and months in plain integers: the proleptic Gregorian calendar, which every clock and
//! period is counted in. Zones are in `zone`, periods in `period`.

use jiff::civil::{Date, DateTime};

/// Microseconds in a day.
pub(super) const DAY_MICROSECONDS: i64 = 86_400_000_000;

/// The days that a date can be, counted from 1970-01-01: 1 January of the year -9999 to 31 December 9999.
const DAYS: std::ops::RangeInclusive<i64> = -4_371_587..=2_932_896;

/// Whether a date can lie so many days after 1970-01-01.
pub(super) fn is_day(day: i64) -> bool {
    DAYS.contains(&day)
}

/// The number of days from 1970-01-01 to `date`.
pub(super) fn day_number(date: Date) -> i64 {
    days_of(i64::from(date.year()), i64::from(date.month()), i64::from(date.day()))
}

/// The date that lies `day` days after 1970-01-01; `None` outside the years that a date can have.
pub(super) fn date_of(day: i64) -> Option<Date> {
    // The algorithm counts eras of 400 years (146,097 days) that begin on 1 March.
    let shifted = day.checked_add(719_468)?;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    date_from(year, month, day_of_month)
}

/// A local time as microseconds since 1970-01-01T00:00:00 of the same clock.
pub(super) fn local_microseconds(time: DateTime) -> i64 {
    let of_day = ((i64::from(time.hour()) * 60 + i64::from(time.minute())) * 60 + i64::from(time.second())) * 1_000_000;
    day_number(time.date()) * DAY_MICROSECONDS + of_day + i64::from(time.subsec_nanosecond() / 1_000)
}

/// Adds whole months to a date; the day is clamped to the end of a shorter month.
pub(super) fn add_months(date: Date, months: i64) -> Option<Date> {
    let count = i64::from(date.year()) * 12 + i64::from(date.month()) - 1 + months;
    let (year, month) = (count.div_euclid(12), count.rem_euclid(12) + 1);
    date_from(year, month, i64::from(date.day()).min(days_in_month(year, month)))
}

/// Adds days to a date.
pub(super) fn add_days(date: Date, days: i64) -> Option<Date> {
    if days == 0 { Some(date) } else { date_of(day_number(date) + days) }
}

/// The date with these numbers, if there is one.
pub(super) fn date_from(year: i64, month: i64, day: i64) -> Option<Date> {
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::{Span, civil::date};
    use proptest::prelude::*;

    fn epoch() -> Date {
        date(1970, 1, 1)
    }

    proptest! {
        #[test]
        fn day_numbers_agree_with_jiff(days in -3_000_000_i64..2_900_000) {
            let expected = epoch().checked_add(Span::new().days(days)).unwrap();
            prop_assert_eq!(date_of(days), Some(expected));
            prop_assert_eq!(day_number(expected), days);
        }

        #[test]
        fn months_agree_with_jiff(days in -200_000_i64..400_000, months in -600_i64..600) {
            let start = date_of(days).unwrap();
            prop_assert_eq!(add_months(start, months), start.checked_add(Span::new().months(months)).ok());
        }
    }

    #[test]
    fn months_clamp_and_the_calendar_ends() {
        assert_eq!((*DAYS.start(), *DAYS.end()), (day_number(Date::MIN), day_number(Date::MAX)));
        assert_eq!(add_months(date(2026, 8, 31), 6), Some(date(2027, 2, 28)));
        assert_eq!(add_months(date(2027, 8, 31), 6), Some(date(2028, 2, 29)));
        assert_eq!(add_months(date(2028, 2, 29), 12), Some(date(2029, 2, 28)));
        assert_eq!(add_months(date(9999, 12, 1), 1), None);
        assert_eq!(add_days(date(9999, 12, 31), 1), None);
    }
}
