//! Workbooks: XLSX and XLSM, XLS, ODS. What a file is, is decided by what it contains, not by its ending.
//!
//! A workbook comes from anybody, so it is looked through before a parser takes it: how much it unpacks to,
//! how many strings it holds, how far its cells lie. Memory stays bounded whatever a file claims to be.
//! Rows are streamed, XLS aside, which is small by its format. Where rows become items is `sheet`; what a
//! value means is decided by the `rule` layer.

mod cell;
mod compound;
mod ods;
mod package;
mod sheet;
#[cfg(test)]
mod tests;
mod xls;
mod xlsx;

use super::header::comparable;
use super::list_file::{FileValues, ListFile, PartOutcome};
use super::lists::ListForm;
use super::{Receivers, Request, SourceError};
use package::Package;
use sheet::{FirstRows, Sheet, TakesRows};
use std::io::{BufReader, Read, Seek};

/// Why a workbook cannot be read, or not further. The text names nothing that was found in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Trouble(pub String);

impl Trouble {
    fn new(why: &str) -> Self {
        Self(why.to_owned())
    }

    fn damaged() -> Self {
        Self::new("the workbook is damaged")
    }

    fn protected() -> Self {
        Self::new("the workbook is protected by a password; keep a copy without one, or take it off")
    }

    fn no_sheet(wanted: Option<&str>) -> Self {
        Self(wanted.map_or("the workbook has no visible sheet".to_owned(), |name| format!("no sheet `{name}`")))
    }
}

/// The formats that are told apart.
enum Format {
    Zip,
    Compound,
    Unknown,
}

/// Reads the rows of one sheet of a workbook.
pub fn read(
    request: &Request<'_>,
    file: ListFile,
    form: ListForm<'_>,
    values: &FileValues<'_>,
    receivers: &dyn Receivers,
) -> Result<PartOutcome, SourceError> {
    let mut sheet = Sheet::new(request, &file, form, values, receivers);
    let outcome = read_rows(&file, form.sheet, &mut sheet);
    if request.is_cancelled() {
        return Err(SourceError::Cancelled);
    }
    let outcome = outcome.and_then(|()| {
        if file.is_unchanged() { Ok(()) } else { Err(Trouble::new("the file changed while it was read")) }
    });
    let items = sheet.close();
    Ok(match outcome {
        Ok(()) => PartOutcome::whole(file.part, items),
        Err(trouble) => PartOutcome::partial(file.part, items, &trouble.0),
    })
}

/// The first rows of the first visible sheet as texts, those of its header among them. Nothing where it cannot be read.
#[must_use]
pub fn first_rows(file: &ListFile, at_most: usize) -> Option<Vec<Vec<String>>> {
    let mut rows = FirstRows::new(at_most);
    read_rows(file, None, &mut rows).ok()?;
    Some(rows.rows)
}

fn read_rows(file: &ListFile, wanted: Option<&str>, sheet: &mut dyn TakesRows) -> Result<(), Trouble> {
    let open = || BufReader::with_capacity(1 << 16, &file.file);
    match format_of(open())? {
        Format::Compound => {
            compound::inspect(open(), file.size_bytes)?;
            xls::read(rewound(open())?, wanted, sheet)
        }
        Format::Zip => match package::inspect(rewound(open())?, || sheet.is_cancelled())? {
            Package::OfficeOpen => xlsx::read(rewound(open())?, wanted, sheet),
            Package::OpenDocument => ods::read(rewound(open())?, wanted, sheet),
        },
        Format::Unknown => Err(Trouble::new("the file is not a workbook, whatever its name says")),
    }
}

fn rewound<R: Seek>(mut reader: R) -> Result<R, Trouble> {
    reader.rewind().map_err(|_| Trouble::new("the file cannot be read"))?;
    Ok(reader)
}

fn format_of(reader: impl Read + Seek) -> Result<Format, Trouble> {
    let mut magic = Vec::with_capacity(8);
    let read = rewound(reader)?.take(8).read_to_end(&mut magic);
    read.map_err(|_| Trouble::new("the file cannot be read"))?;
    Ok(match magic.as_slice() {
        [b'P', b'K', 3 | 5, ..] => Format::Zip,
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Format::Compound,
        _ => Format::Unknown,
    })
}

/// The sheet that the register means: the one of this name, or the first visible one. `sheets` are names with
/// whether the sheet is visible, in the workbook's order.
fn choose<'s>(sheets: &[(&'s str, bool)], wanted: Option<&str>) -> Result<&'s str, Trouble> {
    let found = match wanted {
        None => sheets.iter().find(|(_, visible)| *visible),
        Some(wanted) => {
            let exact = sheets.iter().find(|(name, _)| *name == wanted);
            exact.or_else(|| sheets.iter().find(|(name, _)| comparable(name) == comparable(wanted)))
        }
    };
    found.map(|(name, _)| *name).ok_or_else(|| Trouble::no_sheet(wanted))
}

/// Calls a parser that is known to panic on some malformed files: its arithmetic on cell addresses and stream
/// positions is unchecked. What it was working on is not used again afterwards.
fn contained<T>(parse: impl FnOnce() -> Result<T, Trouble>) -> Result<T, Trouble> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(parse)).unwrap_or_else(|_| Err(Trouble::damaged()))
}
