//! Folders whose files are the items: recordings, footage. What is asked of a file is found in its name
//! where possible; its contents are never opened.

use super::file_fields::{Extraction, FileFields};
use super::paths::PathRules;
use super::walk::{Found, Visitor, walk};
use super::{Part, PartReport, Receiver, Receivers, Request, SourceError, SourceReport, root};
use crate::domain::instant::Instant;
use crate::domain::item::{Item, Value};
use crate::domain::observation::Problem;
use crate::domain::register::Root;
use rustix::io::Errno;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many ordinals a thread takes at a time, and how often progress is told.
const STEP: u64 = 1024;
/// Up to this many fields an item's values need no memory of their own.
const FEW_FIELDS: usize = 8;

/// Reads every matching file beneath a root as an item. The one part is the root.
pub fn read(
    request: &Request<'_>,
    root: &Root,
    files: &[String],
    exclude: &[String],
    receivers: &dyn Receivers,
) -> Result<SourceReport, SourceError> {
    let rules = PathRules::compile(files, exclude)?;
    let fields = FileFields::compile(request)?;
    let part = Part { ordinal: 1, name: root.name.as_str().to_owned() };
    let folder = root::open_root(root)?;
    if request.only_part.is_some_and(|name| name != part.name) {
        return Ok(SourceReport::default());
    }
    let ordinals = AtomicU64::new(1);
    let walked = walk(folder, &rules, request.cancel, || FileItems {
        receiver: receivers.open(&part),
        rules: &rules,
        extraction: fields.extraction(),
        needs_time: fields.need_time(),
        ordinals: &ordinals,
        progress: request.progress,
        next_place: 0,
        last_place: 0,
        items: 0,
    });
    if request.is_cancelled() {
        return Err(SourceError::Cancelled);
    }
    let trouble = walked.trouble();
    let mut items = 0;
    for visitor in walked.visitors {
        items += visitor.items;
        visitor.close();
    }
    let problems = trouble.iter().map(|why| Problem { reason: "partial".to_owned(), items: 0, example: why.clone() });
    let problems = problems.collect();
    Ok(SourceReport { parts: vec![PartReport { part, items, whole: trouble.is_none() }], problems })
}

/// Presents files as items on one thread.
struct FileItems<'r> {
    receiver: Box<dyn Receiver + 'r>,
    rules: &'r PathRules,
    extraction: Extraction<'r>,
    needs_time: bool,
    ordinals: &'r AtomicU64,
    progress: &'r AtomicU64,
    next_place: u64,
    last_place: u64,
    items: u64,
}

impl FileItems<'_> {
    fn place(&mut self) -> u64 {
        if self.next_place == self.last_place {
            self.next_place = self.ordinals.fetch_add(STEP, Ordering::Relaxed);
            self.last_place = self.next_place + STEP;
        }
        self.next_place += 1;
        self.next_place - 1
    }

    fn close(self) {
        self.progress.fetch_add(self.items % STEP, Ordering::Relaxed);
        self.receiver.close();
    }
}

impl Visitor for FileItems<'_> {
    fn file(&mut self, found: &Found<'_>) {
        if !self.rules.matches(found.path) {
            return;
        }
        let modified = match self.needs_time.then(|| root::modified(found.folder, found.name)) {
            // Gone since the folder was listed: not an item any more.
            Some(Err(Errno::NOENT)) => return,
            known => known.and_then(Result::ok),
        };
        self.extraction.read(found.path, found.name_start);
        let place = self.place();
        self.items += 1;
        if self.items.is_multiple_of(STEP) {
            self.progress.fetch_add(STEP, Ordering::Relaxed);
        }
        let count = self.extraction.field_count();
        if count <= FEW_FIELDS {
            let mut values = [Value::Empty; FEW_FIELDS];
            give(&mut *self.receiver, &self.extraction, found.path, modified, place, &mut values[..count]);
        } else {
            let mut values = vec![Value::Empty; count];
            give(&mut *self.receiver, &self.extraction, found.path, modified, place, &mut values);
        }
    }
}

fn give<'v>(
    receiver: &mut dyn Receiver,
    extraction: &'v Extraction<'_>,
    path: &'v [u8],
    modified: Option<Instant>,
    place: u64,
    values: &mut [Value<'v>],
) {
    for (index, value) in values.iter_mut().enumerate() {
        *value = extraction.value(index, path, modified);
    }
    receiver.item(&Item { values, path, place });
}

#[cfg(test)]
mod tests;
