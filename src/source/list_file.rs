//! One list file, opened, and what its reading came to: what the readers of CSV files and of workbooks
//! have in common.

use super::file_fields::{Extraction, FileFields};
use super::{Part, PartReport};
use crate::domain::instant::Instant;
use crate::domain::item::Value;
use crate::domain::observation::Problem;
use std::fs::File;

/// A list file, opened for reading.
#[derive(Debug)]
pub struct ListFile {
    /// The part that it is.
    pub part: Part,
    /// The file: regular, at its beginning.
    pub file: File,
    /// Its size in bytes when it was opened.
    pub size_bytes: u64,
    /// When it was last modified.
    pub modified: Instant,
    /// The path relative to the root, as the file system spells it.
    pub path: Vec<u8>,
}

impl ListFile {
    /// Where the name starts in the path.
    #[must_use]
    pub fn name_start(&self) -> usize {
        self.path.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1)
    }

    /// The ending of the name in lower case, without its dot.
    #[must_use]
    pub fn ending(&self) -> String {
        let name = String::from_utf8_lossy(&self.path[self.name_start()..]);
        name.rsplit_once('.').map_or(String::new(), |(_, ending)| ending.to_ascii_lowercase())
    }

    /// Whether the file is still what it was when it was opened.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        let Ok(seen) = rustix::fs::fstat(&self.file) else { return false };
        u64::try_from(seen.st_size) == Ok(self.size_bytes)
            && super::root::instant(seen.st_mtime, u32::try_from(seen.st_mtime_nsec).unwrap_or(0)) == self.modified
    }
}

/// The values that every row of one file shares, by field: patterns on name or path, constants, the
/// file time. Columns are `Empty` here.
#[derive(Debug)]
pub struct FileValues<'f> {
    extraction: Extraction<'f>,
    path: Vec<u8>,
    modified: Instant,
}

impl<'f> FileValues<'f> {
    /// The values of one file.
    #[must_use]
    pub fn of(fields: &'f FileFields, file: &ListFile) -> Self {
        let mut extraction = fields.extraction();
        extraction.read(&file.path, file.name_start());
        Self { extraction, path: file.path.clone(), modified: file.modified }
    }

    /// The value of a field.
    #[must_use]
    pub fn value(&self, field: usize) -> Value<'_> {
        self.extraction.value(field, &self.path, Some(self.modified))
    }

    /// The values of all fields, as a start for the first row.
    #[must_use]
    pub fn all(&self) -> Vec<Value<'_>> {
        (0..self.extraction.field_count()).map(|field| self.value(field)).collect()
    }
}

/// What the reading of one part came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartOutcome {
    /// What was seen of it.
    pub report: PartReport,
    /// What went wrong with the part as a whole. A part with a problem is not whole.
    pub problems: Vec<Problem>,
}

impl PartOutcome {
    /// A part that was read to its end.
    #[must_use]
    pub const fn whole(part: Part, items: u64) -> Self {
        Self { report: PartReport { part, items, whole: true }, problems: Vec::new() }
    }

    /// A part that was not read to its end; `why` names nothing that was found in the source.
    #[must_use]
    pub fn partial(part: Part, items: u64, why: &str) -> Self {
        let example = format!("file {}: {why}", part.ordinal);
        let problem = Problem { reason: "partial".to_owned(), items: 0, example };
        Self { report: PartReport { part, items, whole: false }, problems: vec![problem] }
    }

    /// The same where the line is known.
    #[must_use]
    pub fn partial_at(part: Part, items: u64, line: u64, why: &str) -> Self {
        let example = format!("file {}, line {line}: {why}", part.ordinal);
        let problem = Problem { reason: "partial".to_owned(), items: 0, example };
        Self { report: PartReport { part, items, whole: false }, problems: vec![problem] }
    }
}
