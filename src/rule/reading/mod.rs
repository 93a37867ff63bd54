//! Reading of clocks: from a raw value to a date or an instant, or to the reason why there is none. What
//! follows from a clock is decided in `period` and `judge`.

mod iso;
mod japanese;
mod number;
mod pattern;
#[cfg(test)]
mod tests;

use super::calendar::{DAY_MICROSECONDS, date_of, day_number, local_microseconds};
use super::text::{is_blank, plain};
use super::zone::Zone;
use crate::domain::instant::Instant;
use crate::domain::item::Value;
use crate::domain::register::{DateFormat, FieldAccess, FieldSpec};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use pattern::Pattern;
use std::fmt;
use std::sync::Arc;

/// What a clock field says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockReading {
    /// A point in time.
    Instant(Instant),
    /// A day without a time.
    Date(Date),
    /// Nothing yet, in a field where that means that the clock has not started.
    Running,
    /// Neither old nor young.
    Unreadable(Unreadable),
}

/// Why a clock cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unreadable {
    /// The name does not match the pattern.
    NoDateInName,
    /// The path does not match the pattern.
    NoDateInPath,
    /// The field is empty.
    Empty,
    /// A text or number in none of the field's formats, or a day that does not exist.
    NotADate,
    /// A value that programs write when they do not know: `0000-00-00`, 1970-01-01, 1899-12-30.
    Placeholder,
    /// The contract that the clock is taken from has no end.
    OpenContract,
}

impl Unreadable {
    /// The reason for people, without any value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoDateInName => "no date in the name",
            Self::NoDateInPath => "no date in the path",
            Self::Empty => "the date is empty",
            Self::NotADate => "the date cannot be read",
            Self::Placeholder => "the date is a placeholder",
            Self::OpenContract => "the contract has no end",
        }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// What a format makes of a value, before zone and placeholders are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    /// A day.
    Date(Date),
    /// A local time, in microseconds as in [`local_microseconds`].
    Local(i64),
    /// A point in time.
    Instant(Instant),
    /// Written where no date is known.
    Placeholder,
}

/// Reads one clock field; its formats and its zone are prepared.
#[derive(Debug, Clone)]
pub struct ClockReader {
    formats: Vec<Format>,
    zone: Arc<Zone>,
    running: bool,
    empty: Unreadable,
}

#[derive(Debug, Clone)]
enum Format {
    Iso,
    Japanese,
    Excel,
    /// Units per second.
    Unix(i64),
    Pattern(Pattern),
}

impl ClockReader {
    /// Prepares the reading of a field whose times without a zone are in `default_zone` unless the field
    /// has its own.
    #[must_use]
    pub fn new(field: &FieldSpec, default_zone: &Arc<Zone>) -> Self {
        let own = field.time_zone.as_ref().filter(|zone| *zone != default_zone.time_zone());
        let formats = field.formats.iter().map(|format| match format {
            DateFormat::Iso => Format::Iso,
            DateFormat::Japanese => Format::Japanese,
            DateFormat::Excel => Format::Excel,
            DateFormat::UnixSeconds => Format::Unix(1),
            DateFormat::UnixMilliseconds => Format::Unix(1_000),
            DateFormat::UnixMicroseconds => Format::Unix(1_000_000),
            DateFormat::Ticks90Khz => Format::Unix(90_000),
            DateFormat::Pattern(text) => Format::Pattern(Pattern::new(text)),
        });
        Self {
            formats: if field.formats.is_empty() { vec![Format::Iso] } else { formats.collect() },
            zone: own.map_or_else(|| Arc::clone(default_zone), |zone| Arc::new(Zone::new(zone))),
            running: field.empty_is_running,
            empty: match field.access {
                FieldAccess::Name(_) => Unreadable::NoDateInName,
                FieldAccess::Path(_) => Unreadable::NoDateInPath,
                _ => Unreadable::Empty,
            },
        }
    }

    /// Whether reading a text may be slow enough to be worth remembering.
    pub(super) fn is_slow(&self) -> bool {
        self.formats.iter().any(|format| match format {
            Format::Japanese => true,
            Format::Pattern(pattern) => !pattern.is_simple(),
            _ => false,
        })
    }

    /// Reads a value of the field.
    #[must_use]
    pub fn read(&self, value: &Value<'_>) -> ClockReading {
        if is_blank(value) {
            return if self.running { ClockReading::Running } else { ClockReading::Unreadable(self.empty) };
        }
        match self.moment(value) {
            Some(moment) => self.settle(moment),
            None => ClockReading::Unreadable(Unreadable::NotADate),
        }
    }

    fn moment(&self, value: &Value<'_>) -> Option<Moment> {
        match *value {
            Value::Text(text) => self.text_moment(text.trim()),
            Value::Date(date) => Some(Moment::Date(date)),
            Value::DateTime(time) => Some(Moment::Local(local_microseconds(time))),
            Value::Instant(instant) => Some(Moment::Instant(instant)),
            Value::Integer(_) | Value::Real(_) | Value::Cell(..) => self.number_moment(value),
            Value::Empty | Value::Bytes(_) | Value::Boolean(_) => None,
        }
    }

    fn text_moment(&self, text: &str) -> Option<Moment> {
        if text.starts_with("0000-00-00") || text.starts_with("0000/00/00") {
            return Some(Moment::Placeholder);
        }
        self.formats.iter().find_map(|format| match format {
            Format::Iso => iso::parse(text.as_bytes()),
            Format::Japanese => japanese::parse(text),
            Format::Excel => number::excel_text(text),
            Format::Unix(units) => number::unix_text(text, *units),
            Format::Pattern(pattern) => pattern.parse(text),
        })
    }

    fn number_moment(&self, value: &Value<'_>) -> Option<Moment> {
        let mut buffer = String::new();
        let read = self.formats.iter().find_map(|format| match (format, value) {
            (Format::Excel, _) => number::excel(value),
            (Format::Unix(units), _) => number::unix(value, *units),
            (Format::Iso, _) => iso::parse(plain(value, &mut buffer)?.as_bytes()),
            (Format::Japanese, _) => japanese::parse(plain(value, &mut buffer)?),
            (Format::Pattern(pattern), _) => pattern.parse(plain(value, &mut buffer)?),
        });
        // In a workbook a whole serial is a date, whatever the field's formats are.
        read.or_else(|| match value {
            Value::Cell(serial, epoch) if serial.fract() == 0.0 => number::serial(*serial, *epoch),
            _ => None,
        })
    }

    /// Applies the zone, and turns placeholders away.
    fn settle(&self, moment: Moment) -> ClockReading {
        let placeholder = ClockReading::Unreadable(Unreadable::Placeholder);
        match moment {
            Moment::Placeholder => placeholder,
            Moment::Date(date) if is_placeholder_day(day_number(date)) => placeholder,
            Moment::Date(date) => ClockReading::Date(date),
            Moment::Local(local) => Self::settle_instant(local, self.zone.instant_of(local)),
            Moment::Instant(instant) => Self::settle_instant(self.zone.local_of(instant), instant),
        }
    }

    fn settle_instant(local: i64, instant: Instant) -> ClockReading {
        let is_placeholder = |time: i64| is_placeholder_day(time.div_euclid(DAY_MICROSECONDS));
        // Whatever the time of day: one without a date stands on day zero.
        if is_placeholder(local) || is_placeholder(instant.microseconds()) {
            return ClockReading::Unreadable(Unreadable::Placeholder);
        }
        ClockReading::Instant(instant)
    }
}

/// Reads one value of a field; whoever reads many prepares a [`ClockReader`].
#[must_use]
pub fn read_clock(value: &Value<'_>, field: &FieldSpec, default_zone: &TimeZone) -> ClockReading {
    ClockReader::new(field, &Arc::new(Zone::new(default_zone))).read(value)
}

/// 1970-01-01, 1899-12-30 and 1899-12-31: day zero of Unix and of spreadsheets.
const fn is_placeholder_day(day: i64) -> bool {
    matches!(day, 0 | -25_569 | -25_568)
}

/// A serial day of a workbook, as a date.
fn date_moment(day: i64) -> Option<Moment> {
    date_of(day).map(Moment::Date)
}
