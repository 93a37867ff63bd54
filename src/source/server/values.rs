//! Times as servers send them. What is beyond the calendar (`infinity`, the year 0, a day that does not
//! exist) is presented as a text that is no date, so that whoever reads it knows that something was there.

use crate::domain::instant::Instant;
use crate::domain::item::Value;
use jiff::civil;
use jiff::tz::TimeZone;

/// In place of a time that is none.
const NO_DATE: &str = "not a date";
/// In place of MySQL's zero date.
pub const ZERO_DATE: &str = "0000-00-00";

/// A date.
pub fn date(year: i16, month: i8, day: i8) -> Value<'static> {
    civil_date(year, month, day).map_or(Value::Text(NO_DATE), Value::Date)
}

fn civil_date(year: i16, month: i8, day: i8) -> Option<civil::Date> {
    civil::Date::new(year, month, day).ok().filter(|_| year > 0)
}

/// A date and time, in the parts that MySQL sends.
pub fn naive(parts: &DateTimeParts) -> Value<'static> {
    civil_date_time(parts).map_or(Value::Text(NO_DATE), Value::DateTime)
}

/// The same as a point in time, where the parts are those of UTC.
pub fn instant_of(parts: &DateTimeParts) -> Value<'static> {
    let instant = civil_date_time(parts).and_then(|time| TimeZone::UTC.to_timestamp(time).ok());
    instant.map_or(Value::Text(NO_DATE), |instant| Value::Instant(instant.into()))
}

fn civil_date_time(parts: &DateTimeParts) -> Option<civil::DateTime> {
    let date = civil_date(parts.year, parts.month, parts.day)?;
    let time = civil::Time::new(parts.hour, parts.minute, parts.second, parts.microsecond.checked_mul(1000)?).ok()?;
    Some(date.to_datetime(time))
}

/// A date and time in parts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DateTimeParts {
    /// The year.
    pub year: i16,
    /// The month.
    pub month: i8,
    /// The day.
    pub day: i8,
    /// The hour.
    pub hour: i8,
    /// The minute.
    pub minute: i8,
    /// The second.
    pub second: i8,
    /// The microsecond.
    pub microsecond: i32,
}

/// Between 1970-01-01 and 2000-01-01, from which PostgreSQL counts.
const POSTGRES_EPOCH_DAYS: i64 = 10_957;
const DAY_MICROSECONDS: i64 = 86_400_000_000;

/// A point in time, in microseconds since 2000-01-01.
pub fn instant_since_2000(microseconds: i64) -> Value<'static> {
    let since_1970 = microseconds.checked_add(POSTGRES_EPOCH_DAYS * DAY_MICROSECONDS);
    let instant = since_1970.filter(|time| is_of_the_calendar(*time)).map(Instant::from_microseconds);
    instant.map_or(Value::Text(NO_DATE), Value::Instant)
}

/// A date and time without a zone, in microseconds since 2000-01-01.
pub fn naive_since_2000(microseconds: i64) -> Value<'static> {
    match instant_since_2000(microseconds) {
        Value::Instant(instant) => Value::DateTime(TimeZone::UTC.to_datetime(instant.timestamp())),
        none => none,
    }
}

/// A date, in days since 2000-01-01.
pub fn date_since_2000(days: i32) -> Value<'static> {
    match instant_since_2000(i64::from(days).saturating_mul(DAY_MICROSECONDS)) {
        Value::Instant(instant) => Value::Date(TimeZone::UTC.to_datetime(instant.timestamp()).date()),
        none => none,
    }
}

/// Whether microseconds since 1970 lie in the years 1 to 9999.
const fn is_of_the_calendar(microseconds: i64) -> bool {
    const FIRST: i64 = -719_162 * DAY_MICROSECONDS;
    const LAST: i64 = 2_932_896 * DAY_MICROSECONDS;
    FIRST <= microseconds && microseconds < LAST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_since_2000_are_those_of_the_calendar() {
        assert_eq!(date_since_2000(0), Value::Date(civil::date(2000, 1, 1)));
        assert_eq!(date_since_2000(-36_524), Value::Date(civil::date(1900, 1, 1)));
        assert_eq!(naive_since_2000(-1), Value::DateTime(civil::datetime(1999, 12, 31, 23, 59, 59, 999_999_000)));
        let instant = Instant::from_microseconds(946_684_800_000_001);
        assert_eq!(instant_since_2000(1), Value::Instant(instant));
        assert_eq!(date_since_2000(2_921_938), Value::Date(civil::date(9999, 12, 30)));
        for none in [i64::MAX, i64::MIN, -719_163 * DAY_MICROSECONDS - POSTGRES_EPOCH_DAYS * DAY_MICROSECONDS] {
            assert_eq!(
                (instant_since_2000(none), naive_since_2000(none)),
                (Value::Text(NO_DATE), Value::Text(NO_DATE))
            );
        }
        assert_eq!(
            (date_since_2000(i32::MAX), date_since_2000(i32::MIN)),
            (Value::Text(NO_DATE), Value::Text(NO_DATE))
        );
    }

    #[test]
    fn days_that_do_not_exist_are_no_dates() {
        assert_eq!(date(2028, 2, 29), Value::Date(civil::date(2028, 2, 29)));
        for (year, month, day) in [(2027, 2, 29), (2027, 0, 1), (2027, 1, 0), (0, 1, 1)] {
            assert_eq!(date(year, month, day), Value::Text(NO_DATE));
        }
    }
}
