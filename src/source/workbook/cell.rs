//! Cells and rows as all formats give them, and Excel's serial dates.

use super::Trouble;
use crate::domain::item::{SerialEpoch, Value};
use crate::source::row;
use calamine::{Data, DataRef, ExcelDateTime, ExcelDateTimeType};
use jiff::{Span, civil};
use std::borrow::Cow;

/// How many rows a sheet can have.
pub const SHEET_ROWS: u64 = 1 << 20;
/// How many columns a sheet can have.
pub const SHEET_COLUMNS: u32 = 1 << 14;

/// What a cell holds. Cells that hold nothing are left out of rows.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    /// Text.
    Text(Cow<'a, str>),
    /// A number that is not formatted as a date.
    Number(f64),
    /// A date.
    Date(civil::Date),
    /// A date with a time of day.
    DateTime(civil::DateTime),
    /// True or false.
    Boolean(bool),
    /// The result of a formula that could not be calculated.
    Error,
}

/// Neighbouring cells of a row that hold the same.
#[derive(Debug, Clone)]
pub struct Run<'a> {
    /// The column of the first, from 0.
    pub first: u32,
    /// How many they are.
    pub count: u32,
    /// What they hold.
    pub cell: Cell<'a>,
}

/// A row of a sheet.
#[derive(Debug, Clone, Default)]
pub struct Row<'a> {
    /// Its number, from 1.
    pub number: u64,
    /// Its cells.
    pub runs: Vec<Run<'a>>,
}

/// The rows of a sheet, one after another.
pub trait Rows<'a> {
    /// Replaces `row` by the next one; gives whether there was one, and is not asked again when there was none. Blank rows may be passed over. A row
    /// that was not touched since may be given again under another number.
    fn next(&mut self, row: &mut Row<'a>) -> Result<bool, Trouble>;
}

impl<'a> Row<'a> {
    /// Adds one cell.
    pub fn push(&mut self, column: u32, cell: Option<Cell<'a>>) -> Result<(), Trouble> {
        self.push_run(column, 1, cell)
    }

    /// Adds neighbouring cells that hold the same.
    pub fn push_run(&mut self, first: u32, count: u32, cell: Option<Cell<'a>>) -> Result<(), Trouble> {
        let Some(cell) = cell else { return Ok(()) };
        if first.saturating_add(count) > SHEET_COLUMNS || self.runs.len() >= SHEET_COLUMNS as usize {
            return Err(Trouble(format!("row {}: a cell lies beyond the last column of a sheet", self.number)));
        }
        self.runs.push(Run { first, count, cell });
        Ok(())
    }

    /// How many cells the row has up to the last one that is not blank.
    pub fn filled(&self) -> usize {
        let ends = self.runs.iter().filter(|run| !run.cell.is_blank()).map(|run| run.first + run.count);
        ends.max().unwrap_or(0) as usize
    }

    /// The texts of the row's cells, for the search of a header.
    pub fn texts(&self) -> Vec<Cow<'_, str>> {
        let mut texts = vec![Cow::Borrowed(""); self.filled()];
        for run in &self.runs {
            for text in texts.iter_mut().skip(run.first as usize).take(run.count as usize) {
                *text = run.cell.text();
            }
        }
        texts
    }
}

impl<'a> Cell<'a> {
    fn is_blank(&self) -> bool {
        matches!(self, Self::Text(text) if row::is_blank(text))
    }

    fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Date(date) => Cow::Owned(date.to_string()),
            Self::DateTime(time) => Cow::Owned(time.to_string()),
            Self::Boolean(boolean) => Cow::Owned(boolean.to_string()),
            Self::Error => Cow::Borrowed(""),
        }
    }

    /// The cell as a value of an item. `None` for an error.
    pub fn value(&self, epoch: SerialEpoch) -> Option<Value<'_>> {
        match self {
            Self::Text(text) => Some(Value::Text(text)),
            Self::Number(number) => Some(Value::Cell(*number, epoch)),
            Self::Date(date) => Some(Value::Date(*date)),
            Self::DateTime(time) => Some(Value::DateTime(*time)),
            Self::Boolean(boolean) => Some(Value::Boolean(*boolean)),
            Self::Error => None,
        }
    }

    /// A text as it stands; nothing for an empty one.
    pub fn of_text(text: impl Into<Cow<'a, str>>) -> Option<Self> {
        Some(text.into()).filter(|text: &Cow<'a, str>| !text.is_empty()).map(Self::Text)
    }

    /// A date or time in ISO 8601, as cells may hold it; any other text stays a text.
    pub fn of_iso(text: &str) -> Option<Self> {
        if let Ok(date) = text.parse::<civil::Date>()
            && text.len() <= 10
        {
            return Some(Self::Date(date));
        }
        match text.parse::<civil::DateTime>() {
            Ok(time) if !text.ends_with(['Z', 'z']) => Some(Self::DateTime(time)),
            _ => Self::of_text(text.to_owned()),
        }
    }

    /// A cell of an XLSX sheet.
    pub fn of_reference(data: &DataRef<'a>, epoch: SerialEpoch) -> Option<Self> {
        match data {
            DataRef::Empty => None,
            DataRef::SharedString(text) => Self::of_text(*text),
            DataRef::String(text) | DataRef::DurationIso(text) => Self::of_text(text.clone()),
            DataRef::DateTimeIso(text) => Self::of_iso(text),
            DataRef::Int(number) => Some(Self::Number(*number as f64)),
            DataRef::Float(number) => Some(Self::Number(*number)),
            DataRef::Bool(boolean) => Some(Self::Boolean(*boolean)),
            DataRef::DateTime(serial) => Some(Self::of_serial(*serial, epoch)),
            DataRef::Error(_) => Some(Self::Error),
        }
    }

    /// A cell of an XLS sheet.
    pub fn of_data(data: &'a Data, epoch: SerialEpoch) -> Option<Self> {
        match data {
            Data::Empty => None,
            Data::String(text) | Data::DurationIso(text) => Self::of_text(text.as_str()),
            Data::DateTimeIso(text) => Self::of_iso(text),
            Data::Int(number) => Some(Self::Number(*number as f64)),
            Data::Float(number) => Some(Self::Number(*number)),
            Data::Bool(boolean) => Some(Self::Boolean(*boolean)),
            Data::DateTime(serial) => Some(Self::of_serial(*serial, epoch)),
            Data::Error(_) => Some(Self::Error),
        }
    }

    /// A serial that is formatted as a date: a whole one is a date, any other a date with a time. Durations,
    /// and serials that are no date, stay numbers.
    fn of_serial(serial: ExcelDateTime, epoch: SerialEpoch) -> Self {
        let number = serial.as_f64();
        let moment = if serial.is_duration() { None } else { moment(number, epoch) };
        match moment {
            None => Self::Number(number),
            Some(time) if number.fract() == 0.0 => Self::Date(time.date()),
            Some(time) => Self::DateTime(time),
        }
    }
}

/// The local time that a serial stands for, to the millisecond that Excel knows.
fn moment(number: f64, epoch: SerialEpoch) -> Option<civil::DateTime> {
    if !(0.0..2_958_466.0).contains(&number) {
        return None;
    }
    let days = number.floor();
    let is_1904 = epoch == SerialEpoch::Y1904;
    let day = ExcelDateTime::new(days, ExcelDateTimeType::DateTime, is_1904);
    let (year, month, day, ..) = day.to_ymd_hms_milli();
    let date = civil::Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    #[expect(clippy::cast_possible_truncation, reason = "the milliseconds of a day are few")]
    let milliseconds = ((number - days) * 86_400_000.0).round() as i64;
    date.to_datetime(civil::Time::midnight()).checked_add(Span::new().milliseconds(milliseconds)).ok()
}
