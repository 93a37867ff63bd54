//! Numbers that are times: seconds and finer units since the Unix epoch, and serial days of workbooks.

use super::{Moment, date_moment, iso};
use crate::domain::instant::Instant;
use crate::domain::item::{SerialEpoch, Value};
use crate::rule::calendar::DAY_MICROSECONDS;

/// The last serial day of a workbook: 9999-12-31.
const LAST_SERIAL: f64 = 2_958_465.0;
/// 1899-12-30 and 1904-01-01 as day numbers.
const EPOCH_1900: i64 = -25_569;
const EPOCH_1904: i64 = -24_107;
/// Instants beyond the calendar's years are no dates: 9999-12-31T00:00:00Z.
const LAST_MICROSECOND: i128 = 253_402_214_400_000_000;

/// A number of units since the Unix epoch.
pub(super) fn unix(value: &Value<'_>, units_per_second: i64) -> Option<Moment> {
    match *value {
        Value::Integer(number) => from_units(i128::from(number), units_per_second),
        Value::Real(number) | Value::Cell(number, _) => from_real(number, units_per_second),
        _ => None,
    }
}

/// The same from a text of digits, with or without a sign and a fraction.
pub(super) fn unix_text(text: &str, units_per_second: i64) -> Option<Moment> {
    let (negative, unsigned) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    if whole.is_empty() || whole.len() > 18 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let whole = i128::from(iso::digits(whole.as_bytes())?);
    // The fraction in millionths of a unit; what is finer than a microsecond is dropped.
    let millionths = whole * 1_000_000 + i128::from(iso::microseconds(fraction.as_bytes()));
    instant((if negative { -millionths } else { millionths }).div_euclid(i128::from(units_per_second)))
}

fn from_units(number: i128, units_per_second: i64) -> Option<Moment> {
    instant((number * 1_000_000).div_euclid(i128::from(units_per_second)))
}

/// Rounded to the microsecond: a float of today's seconds is no finer than a quarter of one.
#[expect(clippy::cast_possible_truncation, reason = "checked to be finite and in range")]
fn from_real(number: f64, units_per_second: i64) -> Option<Moment> {
    if number.fract() == 0.0 && number.abs() < 9.0e15 {
        return from_units(number as i128, units_per_second);
    }
    let microseconds = (number * (1_000_000.0 / units_per_second as f64)).round_ties_even();
    (microseconds.abs() < 1.0e18).then(|| instant(microseconds as i128))?
}

fn instant(microseconds: i128) -> Option<Moment> {
    if microseconds.abs() > LAST_MICROSECOND {
        return None;
    }
    i64::try_from(microseconds).ok().map(|value| Moment::Instant(Instant::from_microseconds(value)))
}

/// A serial day under the format `excel`; its fraction is a time of day.
pub(super) fn excel(value: &Value<'_>) -> Option<Moment> {
    match *value {
        Value::Cell(number, epoch) => serial(number, epoch),
        Value::Real(number) => serial(number, SerialEpoch::Y1900),
        #[expect(clippy::cast_precision_loss, reason = "a serial day has seven digits at most")]
        Value::Integer(number) => serial(number as f64, SerialEpoch::Y1900),
        _ => None,
    }
}

/// The same from a text of digits.
pub(super) fn excel_text(text: &str) -> Option<Moment> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    serial(text.parse().ok().filter(|_| is_number)?, SerialEpoch::Y1900)
}

/// The day of a serial number, with its time of day where the number has a fraction.
#[expect(clippy::cast_possible_truncation, reason = "checked to be in range")]
pub(super) fn serial(number: f64, epoch: SerialEpoch) -> Option<Moment> {
    if !(0.0..LAST_SERIAL + 1.0).contains(&number) {
        return None;
    }
    let whole = number.floor();
    let day = match (epoch, whole as i64) {
        // Day zero is an empty date; day 60 is 29 February 1900, which never was.
        (SerialEpoch::Y1900, 0) => return Some(Moment::Placeholder),
        (SerialEpoch::Y1900, 60) => return None,
        (SerialEpoch::Y1900, serial @ 1..60) => EPOCH_1900 + 1 + serial,
        (SerialEpoch::Y1900, serial) => EPOCH_1900 + serial,
        (SerialEpoch::Y1904, serial) => EPOCH_1904 + serial,
    };
    if number.fract() == 0.0 {
        return date_moment(day);
    }
    // A float of this size is exact to a tenth of a millisecond; times are typed to the second.
    let of_day = (number.fract() * 86_400_000.0).round() as i64 * 1_000;
    Some(Moment::Local(day * DAY_MICROSECONDS + of_day))
}
