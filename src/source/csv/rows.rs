//! Reads a stretch of whole records, row by row, and presents each as an item.

use super::records::{Splitter, Step, unquoted};
use crate::domain::item::{Item, Value};
use crate::source::Receiver;
use crate::source::list_file::FileValues;
use crate::source::row::{Shape, Width, is_blank, ragged_text, shape};
use std::borrow::Cow;

/// Why a row of broken bytes is unreadable.
const NOT_TEXT: &str = "bytes that are no text in the file's encoding";
/// Why the last row is unreadable when its quotes never close.
const NEVER_CLOSED: &str = "a quote is never closed";

/// How rows become items.
#[derive(Debug)]
pub struct Layout<'l> {
    /// What lies between cells.
    pub delimiter: u8,
    /// How many cells a row may have.
    pub width: Width,
    /// The fields that are wanted and come from cells: (field, cell).
    pub columns: Vec<(usize, usize)>,
    /// The values that all rows share.
    pub shared: &'l FileValues<'l>,
}

/// What the reading of a stretch came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StretchRead {
    /// How many items it has.
    pub items: u64,
    /// The line of a row whose quotes do not close before the stretch ends.
    pub unclosed: Option<u64>,
}

/// Reads the records of `bytes`, the first of which starts on line `line`.
pub fn read<'t>(bytes: &'t [u8], line: u64, layout: &'t Layout<'_>, receiver: &mut dyn Receiver) -> StretchRead {
    let text = std::str::from_utf8(bytes).ok();
    let mut rows = Rows { layout, text, bytes, values: layout.shared.all(), receiver, items: 0 };
    let mut splitter = Splitter::new(bytes, layout.delimiter, line);
    let mut unclosed = None;
    loop {
        match splitter.advance() {
            Step::Record => rows.record(&splitter),
            Step::End => break,
            Step::Unclosed => {
                unclosed = Some(splitter.line());
                break;
            }
        }
    }
    StretchRead { items: rows.items, unclosed }
}

/// Tells the receiver of the row whose quotes never close.
pub fn tell_unclosed(line: u64, receiver: &mut dyn Receiver) {
    receiver.unreadable(line, NEVER_CLOSED);
}

struct Rows<'t, 'r> {
    layout: &'t Layout<'t>,
    bytes: &'t [u8],
    /// The same bytes, if all of them are text.
    text: Option<&'t str>,
    values: Vec<Value<'t>>,
    receiver: &'r mut dyn Receiver,
    items: u64,
}

impl<'t> Rows<'t, '_> {
    #[inline]
    fn record(&mut self, splitter: &Splitter<'_>) {
        let (start, end) = splitter.span();
        if start == end {
            return;
        }
        let place = splitter.line();
        let record = match self.text {
            Some(text) => text.get(start..end),
            None => std::str::from_utf8(&self.bytes[start..end]).ok(),
        };
        let Some(record) = record else { return self.unreadable(place, NOT_TEXT) };
        let row = Row { record, start, splitter };
        let is_surely_item = self.layout.width.fits(splitter.cells()) && self.has_filled_column(&row);
        if !is_surely_item {
            match shape(splitter.cells(), row.filled(), self.layout.width) {
                Shape::Blank => return,
                Shape::Ragged { cells } => return self.unreadable(place, &ragged_text(cells, self.layout.width)),
                Shape::Fits => {}
            }
        }
        self.items += 1;
        if splitter.has_quotes() { self.give_quoted(&row, place) } else { self.give(&row, place) }
    }

    fn unreadable(&mut self, place: u64, why: &str) {
        self.items += 1;
        self.receiver.unreadable(place, why);
    }

    /// Whether one of the wanted cells begins with something that is no white space, as most do.
    #[inline]
    fn has_filled_column(&self, row: &Row<'t, '_>) -> bool {
        self.layout
            .columns
            .iter()
            .any(|&(_, cell)| row.cell(cell).bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric()))
    }

    #[inline]
    fn give(&mut self, row: &Row<'t, '_>, place: u64) {
        for &(field, cell) in &self.layout.columns {
            self.values[field] = value(row.cell(cell));
        }
        self.receiver.item(&Item { values: &self.values, path: &[], place });
    }

    fn give_quoted(&mut self, row: &Row<'t, '_>, place: u64) {
        for &(field, cell) in &self.layout.columns {
            match unquoted(row.cell(cell)) {
                Cow::Borrowed(text) => self.values[field] = value(text),
                Cow::Owned(_) => return self.give_rewritten(row, place),
            }
        }
        self.receiver.item(&Item { values: &self.values, path: &[], place });
    }

    /// Gives a row whose text is not that of the file, such as one with doubled quotes.
    fn give_rewritten(&mut self, row: &Row<'t, '_>, place: u64) {
        let cells: Vec<Cow<'t, str>> = self.layout.columns.iter().map(|&(_, cell)| unquoted(row.cell(cell))).collect();
        let mut values: Vec<Value<'_>> = self.layout.shared.all();
        for (&(field, _), cell) in self.layout.columns.iter().zip(&cells) {
            values[field] = value(cell);
        }
        self.receiver.item(&Item { values: &values, path: &[], place });
    }
}

const fn value(text: &str) -> Value<'_> {
    if text.is_empty() { Value::Empty } else { Value::Text(text) }
}

/// A record that is text.
struct Row<'t, 's> {
    record: &'t str,
    start: usize,
    splitter: &'s Splitter<'s>,
}

impl<'t> Row<'t, '_> {
    /// The text of a cell; a row may end before it where no header says how many there are.
    #[inline]
    fn cell(&self, index: usize) -> &'t str {
        if index >= self.splitter.cells() {
            return "";
        }
        let (start, end) = self.splitter.cell(index);
        &self.record[start - self.start..end - self.start]
    }

    /// How many cells there are up to the last one with text.
    fn filled(&self) -> usize {
        (0..self.splitter.cells())
            .rev()
            .find(|&index| !is_blank(&unquoted(self.cell(index))))
            .map_or(0, |last| last + 1)
    }
}
