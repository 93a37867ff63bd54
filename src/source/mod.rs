//! Readers of the places where personal information lies. A reader presents every item as raw values and
//! reports what it could not read; it decides nothing about them. All reading is read-only.

pub mod catalogue;
pub mod census;
mod columns;
pub mod csv;
mod date_shape;
pub mod file_fields;
pub mod folder;
#[cfg(test)]
mod gathered;
pub mod header;
pub mod joined;
#[cfg(test)]
mod joined_laws;
#[cfg(test)]
mod kept;
pub mod list_file;
pub mod lists;
pub mod paths;
pub mod product_setting;
pub mod root;
pub mod row;
pub mod server;
pub mod sqlite;
pub mod walk;
pub mod workbook;
mod writable;

pub use writable::writable;

use crate::domain::item::Item;
use crate::domain::observation::Problem;
use crate::domain::register::{Place, SourceSpec};
use crate::rule::Narrowing;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// A part of a source: one list file, one table, one folder root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its ordinal among the parts in the order of their names, from 1: how problems name it.
    pub ordinal: u32,
    /// Its name: the path relative to the root (lossy where it is not UTF-8), or the table's name. A
    /// discovered name: only `items` and `explain` print it.
    pub name: String,
}

/// Takes the items of one part on one thread.
pub trait Receiver: Send {
    /// Takes an item.
    fn item(&mut self, item: &Item<'_>);

    /// Takes an item that could not be read; `place` as in [`Item::place`], `why` without any value of it,
    /// such as `3 cells where the header has 4`.
    fn unreadable(&mut self, place: u64, why: &str);

    /// Everything given so far counts. A receiver that is dropped without this counts for nothing: so a
    /// reader may discard what it read of a stretch and read that stretch again.
    fn close(self: Box<Self>);
}

/// Hands out receivers, one per thread and part (or more: they add up).
pub trait Receivers: Sync {
    /// A receiver for items of `part`.
    fn open<'a>(&'a self, part: &Part) -> Box<dyn Receiver + 'a>;
}

/// What is asked of a reader.
#[derive(Debug)]
pub struct Request<'a> {
    /// The source.
    pub source: &'a SourceSpec,
    /// Which fields are needed, by index: the others are presented as `Empty`.
    pub wanted: &'a [bool],
    /// Items that may be left out (they are still counted).
    pub narrowing: Option<&'a Narrowing>,
    /// Read this one part only, by its name.
    pub only_part: Option<&'a str>,
    /// Stops the reading soon after it is set.
    pub cancel: &'a AtomicBool,
    /// Counts items as they are read, for progress bars. Readers add in steps of a thousand or so.
    pub progress: &'a AtomicU64,
}

impl Request<'_> {
    /// Whether the reading shall stop.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }
}

/// What was seen of one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartReport {
    /// The part.
    pub part: Part,
    /// How many items it has, left-out and unreadable ones included.
    pub items: u64,
    /// Whether it was read to its end.
    pub whole: bool,
}

/// What was seen of a source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceReport {
    /// The parts, in the order of their ordinals. No part: no file matched.
    pub parts: Vec<PartReport>,
    /// Problems of parts (reason `partial`), told without discovered names. Unreadable items are told to
    /// the receivers instead.
    pub problems: Vec<Problem>,
}

/// Why nothing could be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The root, connection or table is not there. The text names only what the register names.
    #[error("{0}")]
    Unreachable(String),
    /// The source cannot be read as the register describes it (a bad pattern, a column that no synonym
    /// finds in a table).
    #[error("{0}")]
    Unfit(String),
    /// Stopped on request.
    #[error("stopped before the end")]
    Cancelled,
}

/// The name of the one part of a source that always has just one; empty for list files.
#[must_use]
pub fn sole_part_name(source: &SourceSpec) -> String {
    match &source.place {
        Place::Folder { root, .. } => root.name.to_string(),
        Place::Lists { .. } => String::new(),
        Place::Sqlite { relation, .. } => columns::part_name(None, relation),
        Place::Server { schema, relation, .. } => columns::part_name(schema.as_deref(), relation),
    }
}

/// Looks at a source without keeping anything of it: whether root, files, headers, tables and columns are
/// there. Returns what is wrong with single parts.
pub fn probe(source: &SourceSpec) -> Result<Vec<Problem>, SourceError> {
    match &source.place {
        Place::Folder { root, .. } => root::open_root(root).map(|_| Vec::new()),
        Place::Sqlite { .. } => sqlite::probe(source).map(|()| Vec::new()),
        Place::Server { .. } => server::probe(source).map(|()| Vec::new()),
        Place::Lists { .. } => {
            let wanted = vec![false; source.fields.len()];
            let (cancel, progress) = (AtomicBool::new(false), AtomicU64::new(0));
            let request = Request {
                source,
                wanted: &wanted,
                narrowing: None,
                only_part: None,
                cancel: &cancel,
                progress: &progress,
            };
            let mut report = read(&request, &Nobody)?;
            if report.parts.is_empty() {
                let example = "no file matches".to_owned();
                report.problems.push(Problem { reason: "empty".to_owned(), items: 0, example });
            }
            Ok(report.problems)
        }
    }
}

/// What the role of a source's connection could change in its database, told for people. `None` where it can only
/// read, and for folders and files, which are opened read-only.
///
/// # Errors
/// As [`probe`].
pub fn may_write(source: &SourceSpec) -> Result<Option<String>, SourceError> {
    match &source.place {
        Place::Folder { .. } | Place::Lists { .. } | Place::Sqlite { .. } => Ok(None),
        Place::Server { .. } => server::may_write(source),
    }
}

/// Takes items and forgets them.
struct Nobody;

impl Receivers for Nobody {
    fn open<'a>(&'a self, _part: &Part) -> Box<dyn Receiver + 'a> {
        Box::new(Self)
    }
}

impl Receiver for Nobody {
    fn item(&mut self, _item: &Item<'_>) {}

    fn unreadable(&mut self, _place: u64, _why: &str) {}

    fn close(self: Box<Self>) {}
}

/// Reads a source: hands every item to the receivers and reports what was seen. Blocks.
pub fn read(request: &Request<'_>, receivers: &dyn Receivers) -> Result<SourceReport, SourceError> {
    match &request.source.place {
        Place::Folder { root, files, exclude } => folder::read(request, root, files, exclude, receivers),
        Place::Lists { root, files, exclude, encoding, sheet, header_row, columns } => {
            let form = lists::ListForm {
                encoding: *encoding,
                sheet: sheet.as_deref(),
                header_row: *header_row,
                columns: columns.as_ref(),
            };
            lists::read(request, root, files, exclude, form, receivers)
        }
        Place::Sqlite { .. } => sqlite::read(request, receivers),
        Place::Server { .. } => server::read(request, receivers),
    }
}
