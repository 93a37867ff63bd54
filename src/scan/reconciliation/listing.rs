//! The files without a row as they are now, for `items` and `explain`: paths go to whoever asked, and nowhere else.

use super::Reconciliation;
use super::rows::{RowCounts, Rows};
use super::verdict::{TakesFiles, file_digest, fits_nothing};
use crate::domain::digest::{Digest, DigestKey};
use crate::domain::item::Item;
use crate::domain::register::Dataset;
use crate::scan::Context;
use crate::source::{self, Part, Receiver, Receivers, SourceError};
use std::sync::{Mutex, PoisonError};

/// A file that no row names.
#[derive(Debug, Clone, Copy)]
pub struct FileWithoutRow<'a> {
    /// Its path relative to the root.
    pub path: &'a [u8],
    /// Its digest.
    pub digest: Digest,
}

/// Gives every file of `dataset` that no row names now to `sink`.
///
/// # Errors
/// [`SourceError`] where index or files cannot be read whole, or have nothing in common.
pub fn files_without_row(
    context: &Context<'_>,
    dataset: &Dataset,
    sink: &(dyn Fn(FileWithoutRow<'_>) + Sync),
) -> Result<(), SourceError> {
    let begun = Reconciliation::begin(context, dataset).map_err(|_| SourceError::Cancelled)?;
    let Some(begun) = begun else { return Ok(()) };
    let files = begun.map_err(SourceError::Unreachable)?;
    let mut wanted = vec![false; dataset.source.fields.len()];
    if let Some(wanted) = wanted.get_mut(files.files.path_field) {
        *wanted = true;
    }
    let request = context.request(&dataset.source, &wanted);
    let names = Names { files: &files, counts: Mutex::default() };
    let report = source::read(&request, &names)?;
    let counts = names.counts.into_inner().unwrap_or_else(PoisonError::into_inner);
    if report.parts.iter().any(|part| !part.whole) || !report.problems.is_empty() {
        return Err(SourceError::Unreachable("the index could not be read to its end".to_owned()));
    }
    if fits_nothing(&files, counts) || counts.unmapped.rows > counts.found {
        let why = "the rows' paths do not lead to the files: see `product_paths`".to_owned();
        return Err(SourceError::Unfit(why));
    }
    let taker = || Lister { key: context.digest_key, bytes: Vec::new(), sink };
    files.second_walk(context.now, taker).map(|_| ())
}

/// Notes which files the rows name, and nothing else.
struct Names<'a> {
    files: &'a Reconciliation<'a>,
    counts: Mutex<RowCounts>,
}

impl Receivers for Names<'_> {
    fn open<'a>(&'a self, part: &Part) -> Box<dyn Receiver + 'a> {
        Box::new(NamesOfRows { all: &self.counts, part_ordinal: part.ordinal, rows: Rows::new(self.files) })
    }
}

struct NamesOfRows<'a> {
    all: &'a Mutex<RowCounts>,
    part_ordinal: u32,
    rows: Rows<'a>,
}

impl Receiver for NamesOfRows<'_> {
    fn item(&mut self, item: &Item<'_>) {
        self.rows.row(self.part_ordinal, item);
    }

    fn unreadable(&mut self, _place: u64, _why: &str) {}

    fn close(self: Box<Self>) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).merge(self.rows.counts());
    }
}

/// Hands files on.
struct Lister<'a> {
    key: &'a DigestKey,
    bytes: Vec<u8>,
    sink: &'a (dyn Fn(FileWithoutRow<'_>) + Sync),
}

impl TakesFiles for Lister<'_> {
    fn take(&mut self, path: &[u8]) {
        let digest = file_digest(self.key, path, &mut self.bytes);
        (self.sink)(FileWithoutRow { path, digest });
    }
}
