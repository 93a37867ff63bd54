//! From the rows of a sheet to items: finds the header, binds the register's columns, gives the values.

use super::Trouble;
use super::cell::{Row, Rows};
use crate::domain::item::{Item, SerialEpoch, Value};
use crate::domain::register::ListColumns;
use crate::source::header::{self, HeaderProblem, SEARCHED_ROWS};
use crate::source::list_file::{FileValues, ListFile};
use crate::source::lists::ListForm;
use crate::source::row::{Shape, Width, ragged_text, shape};
use crate::source::{Receiver, Receivers, Request};
use std::borrow::Cow;
use std::sync::atomic::Ordering;

/// Rows between looks at whether to stop, and steps of the progress count.
const ROWS_BETWEEN_LOOKS: u64 = 1024;

/// Takes the rows of one sheet.
pub trait TakesRows {
    /// Takes all rows, or as many as it wants.
    fn take(&mut self, rows: &mut dyn Rows<'_>, epoch: SerialEpoch) -> Result<(), Trouble>;

    /// Whether the reading shall stop.
    fn is_cancelled(&self) -> bool;
}

/// Keeps the first rows as texts.
#[derive(Debug)]
pub struct FirstRows {
    at_most: usize,
    /// The rows.
    pub rows: Vec<Vec<String>>,
}

impl FirstRows {
    /// Ready for the first row.
    #[must_use]
    pub const fn new(at_most: usize) -> Self {
        Self { at_most, rows: Vec::new() }
    }
}

impl TakesRows for FirstRows {
    fn take(&mut self, rows: &mut dyn Rows<'_>, _epoch: SerialEpoch) -> Result<(), Trouble> {
        let mut row = Row::default();
        while self.rows.len() < self.at_most && rows.next(&mut row)? {
            self.rows.push(row.texts().into_iter().map(Cow::into_owned).collect());
        }
        Ok(())
    }

    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Makes items of the rows of one sheet.
pub struct Sheet<'s, 'r> {
    request: &'s Request<'r>,
    values: Vec<Value<'s>>,
    header_row: Option<u64>,
    columns: Option<&'s ListColumns>,
    receiver: Box<dyn Receiver + 's>,
    items: u64,
}

/// Where the register's fields are found in a row.
struct Binding {
    width: Width,
    /// For each column, the wanted fields that it gives.
    fields: Vec<Vec<usize>>,
}

/// The rows below the header that were read when it was searched for.
struct Below<'a> {
    rows: Vec<Row<'a>>,
    /// Whether the sheet may have others, or why they cannot be read.
    more: Result<bool, Trouble>,
}

impl TakesRows for Sheet<'_, '_> {
    fn take(&mut self, rows: &mut dyn Rows<'_>, epoch: SerialEpoch) -> Result<(), Trouble> {
        let mut row = Row::default();
        let (binding, below) = match self.columns {
            Some(columns) => (self.named(columns), Below { rows: Vec::new(), more: Ok(true) }),
            None => self.find_header(rows, &mut row)?,
        };
        let mut spare = Vec::with_capacity(self.values.len());
        for row in &below.rows {
            spare = self.take_row(row, &binding, epoch, spare);
        }
        let mut more = below.more?;
        while more && rows.next(&mut row)? {
            spare = self.take_row(&row, &binding, epoch, spare);
            more = row.number % ROWS_BETWEEN_LOOKS != 0 || !self.is_cancelled();
        }
        Ok(())
    }

    fn is_cancelled(&self) -> bool {
        self.request.is_cancelled()
    }
}

impl<'s, 'r> Sheet<'s, 'r> {
    /// Ready for the first row.
    pub fn new(
        request: &'s Request<'r>,
        file: &ListFile,
        form: ListForm<'s>,
        values: &'s FileValues<'_>,
        receivers: &'s dyn Receivers,
    ) -> Self {
        Self {
            request,
            values: values.all(),
            header_row: form.header_row.map(u64::from),
            columns: form.columns,
            receiver: receivers.open(&file.part),
            items: 0,
        }
    }

    /// Ends the sheet: what was taken counts. Gives the number of items.
    pub fn close(self) -> u64 {
        self.request.progress.fetch_add(self.items % ROWS_BETWEEN_LOOKS, Ordering::Relaxed);
        self.receiver.close();
        self.items
    }

    /// Finds the header; gives also the rows below it that were read meanwhile.
    fn find_header<'a>(&self, rows: &mut dyn Rows<'a>, row: &mut Row<'a>) -> Result<(Binding, Below<'a>), Trouble> {
        let last = self.header_row.unwrap_or(SEARCHED_ROWS as u64);
        let mut seen: Vec<Row<'a>> = Vec::new();
        let more = loop {
            match rows.next(row) {
                Ok(true) => seen.push(row.clone()),
                end => break end,
            }
            if row.number >= last {
                break Ok(true);
            }
        };
        let fields = &self.request.source.fields;
        let texts: Vec<_> = seen.iter().filter(|row| row.number <= last).map(Row::texts).collect();
        let found = match self.header_row {
            Some(number) => seen.iter().position(|row| row.number == number && row.filled() > 0),
            None => header::find(&texts, fields),
        };
        let Some(index) = found else {
            more?;
            return Err(Trouble(HeaderProblem::NoRow.to_string()));
        };
        let bound = header::bind(&texts[index], fields).map_err(|problem| Trouble(problem.to_string()))?;
        let binding = self.binding(Width::of_header(&texts[index]), &bound);
        let below = Below { rows: seen.split_off(index + 1), more };
        Ok((binding, below))
    }

    /// Where the fields are found in a sheet without a header.
    fn named(&self, columns: &ListColumns) -> Binding {
        let fields = self.request.source.fields.iter();
        let bound: Vec<Option<usize>> = fields.map(|field| columns.cell_of(field)).collect();
        self.binding(Width::at_least(columns.least_cells), &bound)
    }

    /// Where the wanted fields are found; `bound` gives each field its column.
    fn binding(&self, width: Width, bound: &[Option<usize>]) -> Binding {
        let columns = bound.iter().flatten().max().map_or(0, |last| last + 1);
        let mut fields = vec![Vec::new(); columns];
        for (field, column) in bound.iter().enumerate() {
            if let Some(column) = column
                && self.request.wanted.get(field).copied().unwrap_or(false)
            {
                fields[*column].push(field);
            }
        }
        Binding { width, fields }
    }

    /// Takes one row below the header. `spare` is memory for its values, and given back.
    fn take_row<'v>(
        &mut self,
        row: &Row<'_>,
        binding: &Binding,
        epoch: SerialEpoch,
        spare: Vec<Value<'v>>,
    ) -> Vec<Value<'v>> {
        match shape(binding.width.least, row.filled(), binding.width) {
            Shape::Blank => return spare,
            Shape::Ragged { cells } => {
                self.receiver.unreadable(row.number, &ragged_text(cells, binding.width));
                self.count();
                return spare;
            }
            Shape::Fits => {}
        }
        let mut values = emptied(spare);
        values.extend_from_slice(&self.values);
        let mut trouble = None;
        for run in &row.runs {
            let columns = binding.fields.iter().skip(run.first as usize).take(run.count as usize);
            for field in columns.flatten() {
                match run.cell.value(epoch) {
                    Some(value) => values[*field] = value,
                    None => trouble = Some(*field),
                }
            }
        }
        match trouble {
            None => self.receiver.item(&Item { values: &values, path: b"", place: row.number }),
            Some(field) => {
                let name = &self.request.source.fields[field].name;
                self.receiver.unreadable(row.number, &format!("the field `{name}` holds an error of calculation"));
            }
        }
        self.count();
        emptied(values)
    }

    fn count(&mut self) {
        self.items += 1;
        if self.items.is_multiple_of(ROWS_BETWEEN_LOOKS) {
            self.request.progress.fetch_add(ROWS_BETWEEN_LOOKS, Ordering::Relaxed);
        }
    }
}

/// The same vector without its values, which lets it hold values of another row: its memory is kept.
fn emptied<'b>(mut values: Vec<Value<'_>>) -> Vec<Value<'b>> {
    values.clear();
    values.into_iter().map(|_| Value::Empty).collect()
}
