//! The reconciliation of a product's index with its files. A first walk remembers a keyed hash of every file; the rows,
//! as they are read, are looked up in it; a second walk meets the files again that no row named.
//!
//! - `rows`: what a row says, on one thread.
//! - `verdict`: what rows and files together let be said, and what not.
//! - `listing`: the files without a row, for `items` and `explain`.
//!
//! Deliberately absent: keeping any path. A volume that is not there, empty or not the one that the index speaks of
//! is told as the source's trouble, and nothing is judged by it.

mod listing;
mod rows;
#[cfg(test)]
mod tests;
mod verdict;

pub use listing::{FileWithoutRow, files_without_row};
pub use rows::{Joined, RowCounts, Rows};
pub(super) use verdict::{Seen, conclude, file_digest, files_part};

use super::{Cancelled, Context};
use crate::domain::register::{Dataset, ReconciledFiles};
use crate::rule::SubjectKey;
use crate::rule::join::{FileSet, ProductPaths};
use crate::source::paths::PathRules;
use crate::source::walk::{Found, Visitor, walk};
use crate::source::{SourceError, root};
use rustix::fd::{AsFd as _, OwnedFd};
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;

/// A file younger than this at the instant of the scan may still wait for its row, in microseconds: an hour.
const YOUNG_MICROSECONDS: i64 = 60 * 60 * 1_000_000;

/// The files of a dataset after the first walk.
#[derive(Debug)]
pub struct Reconciliation<'a> {
    files: &'a ReconciledFiles,
    paths: ProductPaths,
    rules: PathRules,
    folder: OwnedFd,
    set: FileSet,
    /// How many files there are.
    count: u64,
    /// Why some folder could not be read.
    trouble: Option<String>,
    /// The files of a later walk, where rows are looked up by name alone and one was not found.
    late: OnceLock<FileSet>,
    key: SubjectKey,
    cancel: &'a AtomicBool,
}

impl<'a> Reconciliation<'a> {
    /// Walks the files that the rows of `dataset` are reconciled with, where there are some. The inner error says why
    /// they cannot be reached.
    ///
    /// # Errors
    /// [`Cancelled`] when the walk was stopped.
    pub fn begin(context: &Context<'a>, dataset: &'a Dataset) -> Result<Option<Result<Self, String>>, Cancelled> {
        let Some(files) = dataset.files.as_deref() else { return Ok(None) };
        match Self::walked(files, context.subject_key, context.cancel) {
            Ok(walked) => Ok(Some(Ok(walked))),
            Err(SourceError::Cancelled) => Err(Cancelled),
            Err(SourceError::Unreachable(why) | SourceError::Unfit(why)) => Ok(Some(Err(why))),
        }
    }

    fn walked(files: &'a ReconciledFiles, key: SubjectKey, cancel: &'a AtomicBool) -> Result<Self, SourceError> {
        let rules = PathRules::compile(&files.files, &files.exclude)?;
        let mut reconciliation = Self {
            files,
            paths: ProductPaths::new(files),
            rules,
            folder: root::open_root(&files.root)?,
            set: FileSet::default(),
            count: 0,
            trouble: None,
            late: OnceLock::new(),
            key,
            cancel,
        };
        (reconciliation.set, reconciliation.count, reconciliation.trouble) = reconciliation.gather()?;
        Ok(reconciliation)
    }

    /// Whether rows can be judged: every file is known, and there are some.
    #[must_use]
    pub fn judges_rows(&self) -> bool {
        self.trouble.is_none() && self.count > 0
    }

    /// Takes the hashes of all files.
    fn gather(&self) -> Result<(FileSet, u64, Option<String>), SourceError> {
        let hashes = || Hashes { all: self, pieces: Vec::new(), last: Vec::new() };
        let walked = walk(self.again()?, &self.rules, self.cancel, hashes);
        if self.cancel.load(std::sync::atomic::Ordering::Relaxed) {
            return Err(SourceError::Cancelled);
        }
        let trouble = walked.trouble();
        let pieces: Vec<Vec<u64>> = walked.visitors.into_iter().flat_map(Hashes::pieces).collect();
        let count = pieces.iter().map(|piece| piece.len() as u64).sum();
        Ok((FileSet::new(pieces), count, trouble))
    }

    /// The root, opened once more: a walk uses its own up.
    fn again(&self) -> Result<OwnedFd, SourceError> {
        root::open_folder(self.folder.as_fd(), c".").map_err(|errno| {
            let name = &self.files.root.name;
            SourceError::Unreachable(format!("root `{name}` cannot be opened: {}", root::reason(errno)))
        })
    }

    /// What a file is found by.
    fn hash(&self, found: &Found<'_>) -> u64 {
        let path = if self.paths.is_by_name() { &found.path[found.name_start..] } else { found.path };
        self.key.file(path)
    }
}

/// How many hashes lie in one piece: what is not full is at most this much.
const PIECE: usize = 1 << 16;

/// Takes the hashes of files on one thread, in pieces that never grow.
struct Hashes<'a, 'r> {
    all: &'a Reconciliation<'r>,
    pieces: Vec<Vec<u64>>,
    last: Vec<u64>,
}

impl Hashes<'_, '_> {
    fn pieces(mut self) -> Vec<Vec<u64>> {
        self.pieces.push(self.last);
        self.pieces
    }
}

impl Visitor for Hashes<'_, '_> {
    fn file(&mut self, found: &Found<'_>) {
        if self.all.rules.matches(found.path) {
            if self.last.len() == PIECE {
                self.pieces.push(std::mem::replace(&mut self.last, Vec::with_capacity(PIECE)));
            }
            self.last.push(self.all.hash(found));
        }
    }
}
