//! CSV and TSV lists.

use super::list_file::{FileValues, ListFile, PartOutcome};
use super::lists::ListForm;
use super::{Receivers, Request, SourceError};

/// Whether a file is worth being read by several threads.
#[must_use]
pub fn is_large(file: &ListFile) -> bool {
    file.size_bytes > 16 << 20
}

/// Reads one list file.
pub fn read(
    _request: &Request<'_>,
    file: ListFile,
    _form: ListForm<'_>,
    _values: &FileValues<'_>,
    _receivers: &dyn Receivers,
    _threads: usize,
) -> Result<PartOutcome, SourceError> {
    Ok(PartOutcome::partial(file.part, 0, "lists of this kind cannot be read"))
}
