//! The rows of an XLS sheet. The format is read as a whole; `compound` has looked at how large that gets.

use super::cell::{Cell, Row, Rows};
use super::sheet::TakesRows;
use super::{Trouble, choose, contained};
use crate::domain::item::SerialEpoch;
use calamine::{Data, Range, Reader, SheetType, SheetVisible, Xls, XlsError};
use std::io::{Read, Seek};

/// Reads one sheet.
pub fn read<R: Read + Seek>(reader: R, wanted: Option<&str>, sheet: &mut dyn TakesRows) -> Result<(), Trouble> {
    let mut workbook = contained(|| Xls::new(reader).map_err(|error| of_calamine(&error)))?;
    let sheets = workbook.sheets_metadata().to_vec();
    let names: Vec<(&str, bool)> = sheets
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| (sheet.name.as_str(), sheet.visible == SheetVisible::Visible))
        .collect();
    let name = choose(&names, wanted)?;
    let epoch = if workbook.has_1904_epoch() { SerialEpoch::Y1904 } else { SerialEpoch::Y1900 };
    let range = contained(|| workbook.worksheet_range(name).map_err(|error| of_calamine(&error)))?;
    drop(workbook);
    sheet.take(&mut XlsRows { range: &range, next: 0, epoch }, epoch)
}

fn of_calamine(error: &XlsError) -> Trouble {
    match error {
        XlsError::Password => Trouble::protected(),
        _ => Trouble::damaged(),
    }
}

struct XlsRows<'a> {
    range: &'a Range<Data>,
    next: usize,
    epoch: SerialEpoch,
}

impl<'a> Rows<'a> for XlsRows<'a> {
    fn next(&mut self, row: &mut Row<'a>) -> Result<bool, Trouble> {
        row.runs.clear();
        let Some((first_row, first_column)) = self.range.start() else { return Ok(false) };
        if self.next >= self.range.height() {
            return Ok(false);
        }
        row.number = u64::from(first_row) + self.next as u64 + 1;
        let width = self.range.width();
        for (column, index) in (first_column..).zip(0..width) {
            if let Some(data) = self.range.get((self.next, index)) {
                row.push(column, Cell::of_data(data, self.epoch))?;
            }
        }
        self.next += 1;
        Ok(true)
    }
}
