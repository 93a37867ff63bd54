//! Workbooks (XLSX, XLSM, XLS, ODS).

use super::list_file::{FileValues, ListFile, PartOutcome};
use super::lists::ListForm;
use super::{Receivers, Request, SourceError};

/// Reads the rows of one sheet of a workbook.
pub fn read(
    _request: &Request<'_>,
    file: ListFile,
    _form: ListForm<'_>,
    _values: &FileValues<'_>,
    _receivers: &dyn Receivers,
) -> Result<PartOutcome, SourceError> {
    Ok(PartOutcome::partial(file.part, 0, "workbooks cannot be read"))
}
