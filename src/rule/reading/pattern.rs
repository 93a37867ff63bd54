//! Dates in a strftime pattern. The usual directives are compiled once and read by hand; a pattern with
//! any other is left to `jiff`.

use super::Moment;
use super::iso::digits;
use crate::domain::instant::Instant;
use crate::rule::calendar::{DAY_MICROSECONDS, date_from, day_number, local_microseconds};
use jiff::fmt::strtime::BrokenDownTime;

/// A pattern, compiled.
#[derive(Debug, Clone)]
pub(super) enum Pattern {
    /// Steps to be taken one after another, and whether there is a time of day among them.
    Simple(Vec<Step>, bool),
    /// A pattern that `jiff` reads.
    Other(String),
}

/// One step of a compiled pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// This byte.
    Literal(u8),
    /// Any white space, or none.
    Space,
    /// A number of at most so many digits.
    Number(Part, usize),
    /// Three letters of an English month.
    MonthName,
}

/// What a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Year,
    ShortYear,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

/// The numbers read so far.
#[derive(Default)]
struct Parts {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
}

impl Pattern {
    /// Compiles a pattern. One that nobody can read reads nothing.
    pub(super) fn new(pattern: &str) -> Self {
        let expanded = pattern.replace("%F", "%Y-%m-%d").replace("%T", "%H:%M:%S").replace("%R", "%H:%M");
        Self::compile(&expanded).unwrap_or_else(|| Self::Other(pattern.to_owned()))
    }

    /// Whether it is read by hand.
    pub(super) const fn is_simple(&self) -> bool {
        matches!(self, Self::Simple(..))
    }

    fn compile(pattern: &str) -> Option<Self> {
        let mut steps = Vec::new();
        let mut bytes = pattern.bytes();
        while let Some(byte) = bytes.next() {
            steps.push(match byte {
                b'%' => match bytes.next()? {
                    b'Y' => Step::Number(Part::Year, 4),
                    b'y' => Step::Number(Part::ShortYear, 2),
                    b'm' => Step::Number(Part::Month, 2),
                    b'd' | b'e' => Step::Number(Part::Day, 2),
                    b'H' => Step::Number(Part::Hour, 2),
                    b'M' => Step::Number(Part::Minute, 2),
                    b'S' => Step::Number(Part::Second, 2),
                    b'b' => Step::MonthName,
                    _ => return None,
                },
                byte if byte.is_ascii_whitespace() => Step::Space,
                byte => Step::Literal(byte),
            });
        }
        let count = |wanted: &[Part]| {
            let is_wanted = |step: &&Step| matches!(step, Step::Number(part, _) if wanted.contains(part));
            steps.iter().filter(is_wanted).count()
        };
        let months = count(&[Part::Month]) + steps.iter().filter(|step| **step == Step::MonthName).count();
        let is_date = count(&[Part::Year, Part::ShortYear]) == 1 && months == 1 && count(&[Part::Day]) == 1;
        let (hours, minutes, seconds) = (count(&[Part::Hour]), count(&[Part::Minute]), count(&[Part::Second]));
        let is_time = hours <= 1 && minutes <= hours && seconds <= minutes;
        (is_date && is_time).then_some(Self::Simple(steps, hours == 1))
    }

    /// Reads a whole text.
    pub(super) fn parse(&self, text: &str) -> Option<Moment> {
        match self {
            Self::Simple(steps, has_time) => simple(steps, *has_time, text.as_bytes()),
            Self::Other(pattern) => other(pattern, text),
        }
    }
}

fn simple(steps: &[Step], has_time: bool, text: &[u8]) -> Option<Moment> {
    let mut parts = Parts::default();
    let mut rest = text;
    for step in steps {
        rest = match *step {
            Step::Literal(byte) => rest.strip_prefix(&[byte])?,
            Step::Space => rest.trim_ascii_start(),
            Step::Number(part, most) => parts.number(part, most, rest)?,
            Step::MonthName => parts.month_name(rest)?,
        };
    }
    if !rest.is_empty() {
        return None;
    }
    let date = date_from(parts.year, parts.month, parts.day)?;
    if !has_time {
        return Some(Moment::Date(date));
    }
    let of_day = ((parts.hour * 60 + parts.minute) * 60 + parts.second) * 1_000_000;
    Some(Moment::Local(day_number(date) * DAY_MICROSECONDS + of_day))
}

impl Parts {
    /// Takes a number off the text; white space before it is skipped.
    fn number<'a>(&mut self, part: Part, most: usize, text: &'a [u8]) -> Option<&'a [u8]> {
        let text = text.trim_ascii_start();
        let length = text.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
        let number = digits(&text[..length]).filter(|_| length > 0)?;
        let (place, range) = match part {
            // A year of fewer digits would be one of antiquity.
            Part::Year if length < 4 => return None,
            Part::Year => (&mut self.year, 1..=9999),
            Part::ShortYear => (&mut self.year, 0..=99),
            Part::Month => (&mut self.month, 1..=12),
            Part::Day => (&mut self.day, 1..=31),
            Part::Hour => (&mut self.hour, 0..=23),
            Part::Minute => (&mut self.minute, 0..=59),
            Part::Second => (&mut self.second, 0..=59),
        };
        if !range.contains(&number) {
            return None;
        }
        *place = match part {
            Part::ShortYear if number <= 68 => 2000 + number,
            Part::ShortYear => 1900 + number,
            _ => number,
        };
        Some(&text[length..])
    }

    fn month_name<'a>(&mut self, text: &'a [u8]) -> Option<&'a [u8]> {
        const NAMES: [&[u8]; 12] =
            [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];
        let (name, rest) = text.split_at_checked(3)?;
        let index = NAMES.iter().position(|known| name.eq_ignore_ascii_case(known))?;
        self.month = i64::try_from(index + 1).ok()?;
        Some(rest)
    }
}

fn other(pattern: &str, text: &str) -> Option<Moment> {
    let parts = BrokenDownTime::parse(pattern, text).ok()?;
    if let Ok(timestamp) = parts.to_timestamp() {
        return Some(Moment::Instant(Instant::from(timestamp)));
    }
    let date = parts.to_date().ok().filter(|date| date.year() >= 1000)?;
    match parts.hour() {
        Some(_) => Some(Moment::Local(local_microseconds(date.to_datetime(parts.to_time().ok()?)))),
        None => Some(Moment::Date(date)),
    }
}
