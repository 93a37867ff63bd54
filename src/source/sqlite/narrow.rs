//! Turns the latest clock that matters into a condition on the clock's own column, in the column's own
//! representation, so that the database can search its index. Rows are left out only if their clock can
//! certainly be read and certainly lies later; every other row comes through: NULLs, values of another
//! type, texts that are not exactly of the declared shape, dates that do not exist, the absurdly far.
//!
//! Nothing here decides whether an item is due: whatever comes through is judged again.

use super::relation::quoted;
use crate::domain::instant::Instant;
use crate::domain::register::DateFormat;
use crate::source::Request;
use crate::source::date_shape::{FAR, NarrowedClock, Shape, Token, far, units, units_per_second};
use jiff::civil;

/// A value to bind.
#[derive(Debug, Clone, PartialEq)]
pub enum Parameter {
    /// NULL, told in a way that the planner does not take for a constant.
    Null,
    /// A whole number.
    Integer(i64),
    /// A floating-point number.
    Real(f64),
    /// A text.
    Text(String),
}

/// Which rows are fetched.
#[derive(Debug, Clone, PartialEq)]
pub struct Cut {
    /// Conditions, one for each kind of row that comes through. No row meets two of them, whatever the
    /// column's affinity does to the values that are compared.
    pub arms: Vec<String>,
    /// The values of `?1`, `?2`, ... in the conditions.
    pub parameters: Vec<Parameter>,
}

impl Cut {
    /// The cut that a request allows; `columns` are the columns of the source's fields. `None` where the
    /// order of storage is not known to be the order of time.
    pub fn of(request: &Request<'_>, columns: &[Option<String>]) -> Option<Self> {
        let clock = NarrowedClock::of(request, columns)?;
        let format = match clock.field.formats.as_slice() {
            [] => &DateFormat::Iso,
            [format] => format,
            _ => return None,
        };
        Self::new(clock.column, format, clock.not_after, clock.day_after)
    }

    fn new(column: &str, format: &DateFormat, not_after: Instant, day_after: civil::Date) -> Option<Self> {
        match format {
            DateFormat::UnixSeconds => Some(Self::of_numbers(column, seconds(not_after), seconds(far()))),
            DateFormat::UnixMilliseconds | DateFormat::UnixMicroseconds | DateFormat::Ticks90Khz => {
                let units = |instant| Some(Parameter::Integer(units(instant, units_per_second(format)?)));
                Some(Self::of_numbers(column, units(not_after)?, units(far())?))
            }
            DateFormat::Iso => Some(Self::of_texts(column, &Shape::of_pattern("%Y-%m-%d")?, Tail::Iso, day_after)),
            DateFormat::Pattern(pattern) => {
                Some(Self::of_texts(column, &Shape::of_pattern(pattern)?, Tail::Nothing, day_after))
            }
            DateFormat::Japanese | DateFormat::Excel => None,
        }
    }

    /// Numbers up to the cut, numbers that are absurdly far, texts and blobs (which sort above numbers),
    /// NULLs. In a column of texts the numbers are compared as texts: then all of it comes through.
    fn of_numbers(column: &str, cut: Parameter, far: Parameter) -> Self {
        let column = compared(column);
        Self {
            arms: vec![
                format!("{column} <= ?1"),
                format!("{column} > ?2 AND {column} < '' AND {column} > ?1"),
                format!("{column} >= '' AND {column} > ?1"),
                format!("{column} IS ?3"),
            ],
            parameters: vec![cut, far, Parameter::Null],
        }
    }

    /// Texts before the cut (numbers sort below them), texts and blobs that sort above every plausible date,
    /// NULLs, and between the cut and those, whatever is not certainly a date of the declared shape.
    fn of_texts(column: &str, shape: &Shape, tail: Tail, day_after: civil::Date) -> Self {
        let certain = certainty(shape, &quoted(column), tail);
        let column = compared(column);
        Self {
            arms: vec![
                format!("{column} < ?1"),
                format!("{column} >= ?2 AND {column} >= ?1"),
                format!("{column} >= ?1 AND {column} < ?2 AND ({certain}) IS NOT 1"),
                format!("{column} IS ?3"),
            ],
            parameters: vec![
                Parameter::Text(shape.beginning_of(day_after)),
                Parameter::Text(shape.beginning_of(FAR)),
                Parameter::Null,
            ],
        }
    }
}

/// Seconds as a floating-point number, a little late rather than early.
fn seconds(instant: Instant) -> Parameter {
    Parameter::Real(instant.microseconds() as f64 / 1e6 + 1e-3)
}

/// The column as it is compared: byte by byte, whatever collation it was declared with.
fn compared(column: &str) -> String {
    format!("{} COLLATE BINARY", quoted(column))
}

/// What may follow the fixed part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tail {
    Nothing,
    /// Nothing, or a time of day with or without fraction and offset.
    Iso,
}

/// The SQL condition under which a value certainly is a text of this shape, with a date that exists.
fn certainty(shape: &Shape, column: &str, tail: Tail) -> String {
    let mut glob = String::new();
    let mut offset = 1;
    let mut starts = Vec::new();
    for token in shape.tokens() {
        let (pattern, width) = match token {
            Token::Year => ("[12][0-9][0-9][0-9]".to_owned(), 4),
            Token::Month => ("[01][0-9]".to_owned(), 2),
            Token::Day => ("[0-3][0-9]".to_owned(), 2),
            Token::Hour => ("[0-2][0-9]".to_owned(), 2),
            Token::Minute | Token::Second => ("[0-5][0-9]".to_owned(), 2),
            Token::Literal(character) => (character.to_string(), 1),
        };
        glob.push_str(&pattern);
        starts.push((*token, offset));
        offset += width;
    }
    let part = |wanted: Token| {
        let start = starts.iter().find(|(token, _)| *token == wanted).map(|(_, start)| *start);
        let width = if wanted == Token::Year { 4 } else { 2 };
        start.map(|start| format!("substr({column}, {start}, {width})"))
    };
    let mut conditions = vec![
        format!("typeof({column}) = 'text'"),
        // A text that goes on after a NUL is longer in bytes than SQLite's functions see.
        format!("length(CAST({column} AS BLOB)) = length({column})"),
        format!("substr({column}, 1, {}) GLOB '{glob}'", offset - 1),
    ];
    if let (Some(year), Some(month), Some(day)) = (part(Token::Year), part(Token::Month), part(Token::Day)) {
        let date = format!("{year} || '-' || {month} || '-' || {day}");
        conditions.push(format!("date({date}) = {date}"));
    }
    if let Some(hour) = part(Token::Hour) {
        conditions.push(format!("{hour} < '24'"));
    }
    conditions.push(match tail {
        Tail::Nothing => format!("length({column}) = {}", offset - 1),
        Tail::Iso => iso_tail(column, offset),
    });
    conditions.join(" AND ")
}

/// The SQL condition under which what follows the date at `start` is nothing, or a time of day in seconds with
/// an optional fraction of up to nine digits and an optional offset.
fn iso_tail(column: &str, start: usize) -> String {
    let rest = format!("substr({column}, {})", start + 9);
    let after_fraction =
        format!("CASE WHEN {rest} GLOB '.[0-9]*' THEN ltrim(substr({rest}, 2), '0123456789') ELSE {rest} END");
    format!(
        "(length({column}) = {before} OR (substr({column}, {start}, 9) GLOB '[ T][0-2][0-9]:[0-5][0-9]:[0-5][0-9]' \
         AND substr({column}, {hour}, 2) < '24' AND length({rest}) - length({after_fraction}) <= 10 \
         AND ({after_fraction} IN ('', 'Z') OR {after_fraction} GLOB '[+-]0[0-9]:[0-5][0-9]' \
         OR {after_fraction} GLOB '[+-]1[0-4]:[0-5][0-9]')))",
        before = start - 1,
        hour = start + 1,
    )
}

#[cfg(test)]
mod tests;
