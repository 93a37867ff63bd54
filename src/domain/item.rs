//! An item as a source presents it: raw values, borrowed, in the order in which the fields were asked
//! for. What the values mean (dates, keys, purposes) is decided by the `rule` layer alone.

use super::instant::Instant;
use jiff::civil;

/// The day number system of a workbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SerialEpoch {
    /// Excel's default: serial 1 is 1900-01-01, with the fictional 1900-02-29 as serial 60.
    Y1900,
    /// Old Macintosh workbooks: serial 0 is 1904-01-01.
    Y1904,
}

/// One raw value of an item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// Nothing there: a NULL, an empty cell, a pattern that did not match, a column that this part lacks.
    Empty,
    /// Text as it stands in the source, not trimmed.
    Text(&'a str),
    /// Bytes that are not text in the source's encoding.
    Bytes(&'a [u8]),
    /// A whole number of a database.
    Integer(i64),
    /// A floating-point number of a database.
    Real(f64),
    /// A number in a cell of a workbook that is not formatted as a date. It may be a serial date.
    Cell(f64, SerialEpoch),
    /// A real date without a time of day.
    Date(civil::Date),
    /// A real date and time without a zone.
    DateTime(civil::DateTime),
    /// A real instant (a file time, a `timestamptz`).
    Instant(Instant),
    /// True or false.
    Boolean(bool),
}

/// One item: a recording, a footage segment, a row of a list.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    /// The values of the fields asked for, in the order of [`crate::domain::register::SourceSpec::fields`].
    /// Fields that nobody asked for are `Empty`.
    pub values: &'a [Value<'a>],
    /// Bytes of the path relative to the root, for items that are files; empty for rows.
    pub path: &'a [u8],
    /// Where in its part the item lies, for people: the line of a list file (the header has its own
    /// line; from 1), the row of a sheet (from 1), else the ordinal in reading order (from 1).
    pub place: u64,
}
