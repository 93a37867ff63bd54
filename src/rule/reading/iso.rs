//! ISO 8601 dates, alone or with a time: `2024-04-01`, `2024-04-01T10:00:00.5+09:00`, with a space for the
//! `T` as databases write it. The basic format (`20240401`), weeks and days of the year are not read.

use super::Moment;
use crate::domain::instant::Instant;
use crate::rule::calendar::{DAY_MICROSECONDS, date_from, day_number};
use jiff::civil::Date;

/// Reads a whole text without white space at its ends.
pub(super) fn parse(text: &[u8]) -> Option<Moment> {
    let (date, rest) = date(text)?;
    if rest.is_empty() {
        return Some(Moment::Date(date));
    }
    let rest = match rest[0] {
        b'T' | b't' => &rest[1..],
        b' ' => rest.trim_ascii_start(),
        _ => return None,
    };
    let (of_day, rest) = time_of_day(rest).filter(|_| rest[2] == b':')?;
    let local = day_number(date) * DAY_MICROSECONDS + of_day;
    match rest.trim_ascii_start() {
        [] => Some(Moment::Local(local)),
        [b'Z' | b'z'] => Some(Moment::Instant(Instant::from_microseconds(local))),
        zone => Some(Moment::Instant(Instant::from_microseconds(local - offset(zone)?))),
    }
}

/// `2024-04-01`, and what follows.
fn date(text: &[u8]) -> Option<(Date, &[u8])> {
    let (date, rest) = text.split_at_checked(10)?;
    if date[4] != b'-' || date[7] != b'-' {
        return None;
    }
    let year = digits(&date[..4]).filter(|year| *year > 0)?;
    Some((date_from(year, digits(&date[5..7])?, digits(&date[8..])?)?, rest))
}

/// `10:00`, `10:00:00`, `10:00:00.123456`, `1000`, `100000`: microseconds of the day, and what follows.
pub(super) fn time_of_day(text: &[u8]) -> Option<(i64, &[u8])> {
    let hour = digits(text.get(..2)?)?;
    let colon = usize::from(*text.get(2)? == b':');
    let minute = digits(text.get(2 + colon..4 + colon)?)?;
    let mut rest = &text[4 + colon..];
    let mut second = 0;
    let mut fraction = 0;
    let has_second =
        if colon == 1 { rest.first() == Some(&b':') } else { rest.first().is_some_and(u8::is_ascii_digit) };
    if has_second {
        second = digits(rest.get(colon..2 + colon)?)?;
        rest = &rest[2 + colon..];
        if let [b'.' | b',', after @ ..] = rest {
            let length = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if length == 0 {
                return None;
            }
            fraction = microseconds(&after[..length]);
            rest = &after[length..];
        }
    }
    let in_range = hour < 24 && minute < 60 && second < 60;
    in_range.then_some((((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction, rest))
}

/// The digits of a fraction of a second as whole microseconds; finer ones are dropped.
pub(super) fn microseconds(fraction: &[u8]) -> i64 {
    (0..6).fold(0, |sum, index| sum * 10 + fraction.get(index).map_or(0, |digit| i64::from(digit - b'0')))
}

/// `+09:00`, `+0900` or `+09`, in microseconds.
fn offset(text: &[u8]) -> Option<i64> {
    let sign = match text.first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let hours = digits(text.get(1..3)?)?;
    let minutes = match &text[3..] {
        [] => 0,
        [b':', minutes @ ..] | minutes if minutes.len() == 2 => digits(minutes)?,
        _ => return None,
    };
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes) * 60_000_000)
}

/// A number of nothing but digits; `None` for anything else.
pub(super) fn digits(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
}
