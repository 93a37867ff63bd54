//! Splits bytes into records and cells. A quote opens a quoted cell only where the cell begins; anywhere
//! else it is an ordinary character, and so is whatever follows the closing quote up to the delimiter.
//! Records end with LF, CR LF or CR.

use super::structure::Structure;
use memchr::{memchr, memrchr, memrchr2, memrchr3};
use std::borrow::Cow;

/// What [`Splitter::advance`] came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A record is there to be looked at.
    Record,
    /// No more bytes.
    End,
    /// The bytes ended within quotes; the record is there to be looked at, without its last cell.
    Unclosed,
}

/// Presents one record after another.
#[derive(Debug)]
pub struct Splitter<'t> {
    bytes: &'t [u8],
    delimiter: u8,
    structure: Structure<'t>,
    start: usize,
    line: u64,
    /// Where each cell of the record ends.
    ends: Vec<usize>,
    has_quotes: bool,
    next_start: usize,
    next_line: u64,
}

impl<'t> Splitter<'t> {
    /// Splits `bytes`, which begin with a record on line `line`.
    #[must_use]
    pub fn new(bytes: &'t [u8], delimiter: u8, line: u64) -> Self {
        let structure = Structure::new(bytes, delimiter);
        let ends = Vec::with_capacity(32);
        Self { bytes, delimiter, structure, start: 0, line, ends, has_quotes: false, next_start: 0, next_line: line }
    }

    /// Goes on to the next record.
    #[inline]
    pub fn advance(&mut self) -> Step {
        self.ends.clear();
        self.has_quotes = false;
        self.start = self.next_start;
        self.line = self.next_line;
        let mut cell_start = self.start;
        loop {
            let Some(position) = self.structure.next_position() else {
                self.next_start = self.bytes.len();
                if self.start == self.bytes.len() {
                    return Step::End;
                }
                self.ends.push(self.bytes.len());
                return Step::Record;
            };
            let byte = self.bytes[position];
            if byte == self.delimiter {
                self.ends.push(position);
                cell_start = position + 1;
            } else if byte == b'"' {
                if position == cell_start {
                    self.has_quotes = true;
                    if !self.pass_quoted() {
                        self.next_start = self.bytes.len();
                        return Step::Unclosed;
                    }
                }
            } else {
                self.ends.push(position);
                self.next_start = position + 1;
                if byte == b'\r' && self.bytes.get(position + 1) == Some(&b'\n') {
                    self.structure.next_position();
                    self.next_start += 1;
                }
                self.next_line += 1;
                return Step::Record;
            }
        }
    }

    /// Goes behind the closing quote; false when there is none.
    fn pass_quoted(&mut self) -> bool {
        while let Some(position) = self.structure.next_position() {
            let follower = self.bytes.get(position + 1);
            match self.bytes[position] {
                b'"' if follower == Some(&b'"') => drop(self.structure.next_position()),
                b'"' => return true,
                b'\n' => self.next_line += 1,
                b'\r' if follower != Some(&b'\n') => self.next_line += 1,
                _ => {}
            }
        }
        false
    }

    /// The line on which the record starts.
    #[must_use]
    pub const fn line(&self) -> u64 {
        self.line
    }

    /// Where the record starts, and where its last cell ends.
    #[must_use]
    pub fn span(&self) -> (usize, usize) {
        (self.start, self.ends.last().copied().unwrap_or(self.start))
    }

    /// How many cells the record has.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.ends.len()
    }

    /// Where a cell lies, with its quotes.
    #[must_use]
    pub fn cell(&self, index: usize) -> (usize, usize) {
        (if index == 0 { self.start } else { self.ends[index - 1] + 1 }, self.ends[index])
    }

    /// Whether any cell of the record is quoted.
    #[must_use]
    pub const fn has_quotes(&self) -> bool {
        self.has_quotes
    }

    /// Where the next record starts and on which line.
    #[must_use]
    pub const fn next(&self) -> (usize, u64) {
        (self.next_start, self.next_line)
    }
}

/// The text of a cell without its quotes. Only doubled quotes, or text behind the closing quote, need
/// memory of their own.
#[must_use]
pub fn unquoted(cell: &str) -> Cow<'_, str> {
    let Some(inner) = cell.strip_prefix('"') else { return Cow::Borrowed(cell) };
    match memchr(b'"', inner.as_bytes()) {
        Some(quote) if quote + 1 == inner.len() => Cow::Borrowed(&inner[..quote]),
        Some(_) => Cow::Owned(without_quotes(inner)),
        None => Cow::Borrowed(inner),
    }
}

fn without_quotes(mut rest: &str) -> String {
    let mut text = String::with_capacity(rest.len());
    while let Some(quote) = memchr(b'"', rest.as_bytes()) {
        text.push_str(&rest[..quote]);
        rest = &rest[quote + 1..];
        let Some(after) = rest.strip_prefix('"') else { break };
        text.push('"');
        rest = after;
    }
    text.push_str(rest);
    text
}

/// The end of the last record that certainly ends within `bytes` (which begin with a record), supposing
/// that every quote opens or closes: right for every well-formed file. `quotes` is how many there are.
#[must_use]
pub fn likely_boundary(bytes: &[u8], quotes: u64) -> Option<usize> {
    let mut outside = quotes.is_multiple_of(2);
    let mut end = bytes.len();
    while let Some(position) = memrchr3(b'\n', b'\r', b'"', &bytes[..end]) {
        match bytes[position] {
            b'"' => outside = !outside,
            _ if outside && ends_line(bytes, position) => return Some(position + 1),
            _ => {}
        }
        end = position;
    }
    None
}

/// The same without supposing anything: reads the quotes one by one.
#[must_use]
pub fn exact_boundary(bytes: &[u8], delimiter: u8) -> Option<usize> {
    let mut boundary = None;
    let mut outside_from = 0;
    loop {
        let Some(opening) = next_opening(bytes, outside_from, delimiter) else {
            return last_line_end(bytes, outside_from, bytes.len()).or(boundary);
        };
        boundary = last_line_end(bytes, outside_from, opening).or(boundary);
        let Some(closing) = closing_quote(bytes, opening + 1) else { return boundary };
        outside_from = closing + 1;
    }
}

fn next_opening(bytes: &[u8], from: usize, delimiter: u8) -> Option<usize> {
    let mut at = from;
    loop {
        let quote = at + memchr(b'"', &bytes[at..])?;
        let opens = quote == 0 || {
            let before = bytes[quote - 1];
            before == delimiter || before == b'\n' || before == b'\r'
        };
        if opens {
            return Some(quote);
        }
        at = quote + 1;
    }
}

fn closing_quote(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let quote = at + memchr(b'"', &bytes[at..])?;
        if bytes.get(quote + 1) != Some(&b'"') {
            return Some(quote);
        }
        at = quote + 2;
    }
}

fn last_line_end(bytes: &[u8], from: usize, to: usize) -> Option<usize> {
    let mut end = to;
    while let Some(position) = memrchr2(b'\n', b'\r', &bytes[from..end]).map(|found| from + found) {
        if ends_line(bytes, position) {
            return Some(position + 1);
        }
        end = position;
    }
    None
}

/// Whether a record can end behind this byte: not between CR and LF, and not where that is not known yet.
fn ends_line(bytes: &[u8], position: usize) -> bool {
    bytes[position] == b'\n' || bytes.get(position + 1).is_some_and(|&next| next != b'\n')
}

/// The bytes up to the last line feed or carriage return; all of them where there is none.
#[must_use]
pub fn whole_lines(bytes: &[u8]) -> &[u8] {
    let end = memrchr(b'\n', bytes).or_else(|| memrchr(b'\r', bytes));
    end.map_or(bytes, |end| &bytes[..=end])
}

#[cfg(test)]
mod tests;
