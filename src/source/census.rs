//! Every file beneath a root with its size and age, for whoever counts them without knowing yet which belong together;
//! and the first rows of a list, whatever its header is. Read-only, as a scan reads. Not here: what is said of them.

use super::paths::PathRules;
use super::walk::{Found, Visitor, walk};
use super::{Part, SourceError, csv, lists, root, workbook};
use crate::domain::instant::Instant;
use crate::domain::register::Root;
use rustix::fd::AsFd as _;
use std::sync::atomic::AtomicBool;

/// A file that was met.
#[derive(Debug, Clone, Copy)]
pub struct Met<'a> {
    /// The path relative to the root.
    pub path: &'a [u8],
    /// Its size.
    pub size_bytes: u64,
    /// When it was last modified.
    pub modified: Instant,
}

/// Counts files on one thread.
pub trait Counter: Send {
    /// Counts a file.
    fn file(&mut self, met: &Met<'_>);
}

/// Hands every file beneath a root to counters, one per thread. Gives them back, and in words what could not be read.
///
/// # Errors
/// [`SourceError::Unreachable`] when the root is not there.
pub fn count<C: Counter>(
    root: &Root,
    new_counter: impl Fn() -> C + Sync,
) -> Result<(Vec<C>, Option<String>), SourceError> {
    let rules = PathRules::compile(&["**".to_owned()], &[])?;
    let folder = root::open_root(root)?;
    let walked = walk(folder, &rules, &AtomicBool::new(false), || Counting(new_counter()));
    let trouble = walked.trouble();
    Ok((walked.visitors.into_iter().map(|counting| counting.0).collect(), trouble))
}

struct Counting<C>(C);

impl<C: Counter> Visitor for Counting<C> {
    fn file(&mut self, found: &Found<'_>) {
        // One that is gone since the folder was listed is no file any more.
        if let Ok((size_bytes, modified)) = root::size_and_modified(found.folder, found.name) {
            self.0.file(&Met { path: found.path, size_bytes, modified });
        }
    }
}

/// The first rows of a list beneath a root as texts, those of the header among them. Nothing where it cannot be read.
///
/// # Errors
/// [`SourceError::Unreachable`] when the root is not there.
pub fn first_rows(root: &Root, path: &[u8], at_most: usize) -> Result<Option<Vec<Vec<String>>>, SourceError> {
    let folder = root::open_root(root)?;
    let part = Part { ordinal: 1, name: String::new() };
    let Ok(file) = lists::open(folder.as_fd(), &part, path) else { return Ok(None) };
    Ok(if lists::is_text(&file) { csv::first_rows(&file, at_most) } else { workbook::first_rows(&file, at_most) })
}
