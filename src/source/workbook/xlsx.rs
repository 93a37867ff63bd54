//! The rows of an XLSX sheet, cell by cell as they stand in the file. The workbook's strings are in memory.

use super::cell::{Cell, Row, Rows};
use super::sheet::TakesRows;
use super::{Trouble, choose, contained};
use crate::domain::item::SerialEpoch;
use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxCellReader, XlsxError};
use std::io::{Read, Seek};

/// Reads one sheet.
pub fn read<R: Read + Seek>(reader: R, wanted: Option<&str>, sheet: &mut dyn TakesRows) -> Result<(), Trouble> {
    let mut workbook = contained(|| Xlsx::new(reader).map_err(|error| of_calamine(&error)))?;
    let sheets = workbook.sheets_metadata().to_vec();
    let names: Vec<(&str, bool)> = sheets
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| (sheet.name.as_str(), sheet.visible == SheetVisible::Visible))
        .collect();
    let name = choose(&names, wanted)?;
    let epoch = if workbook.has_1904_epoch() { SerialEpoch::Y1904 } else { SerialEpoch::Y1900 };
    let cells = contained(|| workbook.worksheet_cells_reader(name).map_err(|error| of_calamine(&error)))?;
    sheet.take(&mut XlsxRows { cells, ahead: None, is_at_end: false, epoch }, epoch)
}

fn of_calamine(error: &XlsxError) -> Trouble {
    match error {
        XlsxError::Password => Trouble::protected(),
        XlsxError::FileNotFound(_) => Trouble::new("the file is not a workbook, whatever its name says"),
        _ => Trouble::damaged(),
    }
}

struct XlsxRows<'a, R: Read + Seek> {
    cells: XlsxCellReader<'a, R>,
    /// The first cell of the next row.
    ahead: Option<calamine::Cell<DataRef<'a>>>,
    is_at_end: bool,
    epoch: SerialEpoch,
}

impl<'a, R: Read + Seek> XlsxRows<'a, R> {
    fn next_cell(&mut self, after: u64) -> Result<Option<calamine::Cell<DataRef<'a>>>, Trouble> {
        if self.is_at_end {
            return Ok(None);
        }
        let cell = self.cells.next_cell();
        let cell = cell.map_err(|_| Trouble(format!("row {after} or the next one cannot be read")))?;
        self.is_at_end = cell.is_none();
        Ok(cell)
    }

    fn fill(&mut self, row: &mut Row<'a>) -> Result<bool, Trouble> {
        row.runs.clear();
        let first = match self.ahead.take() {
            Some(cell) => cell,
            None => match self.next_cell(row.number)? {
                Some(cell) => cell,
                None => return Ok(false),
            },
        };
        let index = first.get_position().0;
        row.number = u64::from(index) + 1;
        let mut cell = first;
        loop {
            let column = cell.get_position().1;
            row.push(column, Cell::of_reference(cell.get_value(), self.epoch))?;
            match self.next_cell(row.number)? {
                Some(next) if next.get_position().0 == index => cell = next,
                ahead => {
                    self.ahead = ahead;
                    return Ok(true);
                }
            }
        }
    }
}

impl<'a, R: Read + Seek> Rows<'a> for XlsxRows<'a, R> {
    fn next(&mut self, row: &mut Row<'a>) -> Result<bool, Trouble> {
        contained(|| self.fill(row))
    }
}
