//! A second look at a source, without narrowing and without judging: which of the items that left the findings are
//! still there. Only their digests are compared; nothing is kept of any item.

use super::identity::{Identity, copy_key};
use super::reconciliation::{file_digest, files_part};
use super::{Cancelled, Context};
use crate::domain::digest::{Digest, DigestKey};
use crate::domain::item::Item;
use crate::domain::observation::PartKey;
use crate::domain::register::{Dataset, ReconciledFiles};
use crate::rule::reconcile::{Departed, Look};
use crate::rule::{Slice, SliceScratch, mark_slice};
use crate::source::paths::PathRules;
use crate::source::root;
use crate::source::walk::{Found, Visitor, walk};
use crate::source::{self, Part, PartReport, Receiver, Receivers, SourceError};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};

/// Looks for the items that left, among the items and in every copy. A source that cannot be read whole is an answer
/// too: it says of which parts nothing can be told.
///
/// # Errors
/// [`Cancelled`] when the look was stopped.
pub fn look_again(context: &Context<'_>, dataset: &Dataset, departed: &Departed) -> Result<Look, Cancelled> {
    let sought = Sought { digests: departed.digests().collect(), found: Mutex::default() };
    let mut look = Look::default();
    for one in dataset.with_copies() {
        let mut parts = BTreeMap::new();
        let whole = look_at_items(context, one, &sought, &mut parts)? && parts.values().all(|whole| *whole);
        match &one.copy_name {
            None => look.is_whole = whole,
            Some(name) => drop(look.copies.insert(copy_key(context.digest_key, name), whole)),
        }
        look.parts.extend(parts);
    }
    if let Some(files) = dataset.files.as_deref().filter(|files| departed.left(&files_part(context.digest_key, files)))
    {
        let whole = look_at_files(context, files, &sought)?;
        look.is_whole &= whole;
        look.parts.insert(files_part(context.digest_key, files), whole);
    }
    look.found = sought.found.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(look)
}

/// Looks for items of one source, and notes its parts and whether each was read to its end. Returns whether the source
/// could be read without trouble.
fn look_at_items(
    context: &Context<'_>,
    dataset: &Dataset,
    sought: &Sought,
    parts: &mut BTreeMap<PartKey, bool>,
) -> Result<bool, Cancelled> {
    let identity = Identity::of(dataset);
    let mut wanted = vec![false; dataset.source.fields.len()];
    identity.fields().iter().for_each(|index| wanted[*index] = true);
    mark_slice(dataset, &mut wanted);
    let request = context.request(&dataset.source, &wanted);
    let slice = Slice::of(context.register, dataset);
    let finder = Finder { identity: &identity, slice, digest_key: context.digest_key, sought };
    match source::read(&request, &finder) {
        Ok(report) => {
            for PartReport { part, whole, .. } in report.parts {
                *parts.entry(identity.part_key(context.digest_key, &part.name)).or_insert(true) &= whole;
            }
            Ok(report.problems.is_empty())
        }
        Err(SourceError::Cancelled) => Err(Cancelled),
        Err(SourceError::Unreachable(_) | SourceError::Unfit(_)) => Ok(false),
    }
}

/// Looks for files that no row named, whether or not one names them now. Returns whether all were seen.
fn look_at_files(context: &Context<'_>, files: &ReconciledFiles, sought: &Sought) -> Result<bool, Cancelled> {
    let (Ok(rules), Ok(folder)) = (PathRules::compile(&files.files, &files.exclude), root::open_root(&files.root))
    else {
        return Ok(false);
    };
    let walked = walk(folder, &rules, context.cancel, || FindFiles {
        sought,
        digest_key: context.digest_key,
        rules: &rules,
        bytes: Vec::new(),
        found: Vec::new(),
    });
    if context.cancel.load(Ordering::Relaxed) {
        return Err(Cancelled);
    }
    let whole = walked.trouble().is_none();
    for visitor in walked.visitors {
        sought.add(visitor.found);
    }
    Ok(whole)
}

/// Finds files on one thread.
struct FindFiles<'a> {
    sought: &'a Sought,
    digest_key: &'a DigestKey,
    rules: &'a PathRules,
    bytes: Vec<u8>,
    found: Vec<Digest>,
}

impl Visitor for FindFiles<'_> {
    fn file(&mut self, file: &Found<'_>) {
        if self.rules.matches(file.path) {
            let digest = file_digest(self.digest_key, file.path, &mut self.bytes);
            if self.sought.digests.contains(&digest) {
                self.found.push(digest);
            }
        }
    }
}

/// What is sought, and how often each was found.
struct Sought {
    digests: HashSet<Digest>,
    found: Mutex<HashMap<Digest, u64>>,
}

impl Sought {
    /// Adds what one thread found.
    fn add(&self, digests: Vec<Digest>) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        for digest in digests {
            *found.entry(digest).or_default() += 1;
        }
    }
}

/// Finds the sought items of one source on every thread.
struct Finder<'a> {
    identity: &'a Identity,
    slice: Option<Slice>,
    digest_key: &'a DigestKey,
    sought: &'a Sought,
}

impl Receivers for Finder<'_> {
    fn open<'a>(&'a self, part: &Part) -> Box<dyn Receiver + 'a> {
        let (bytes, found) = (Vec::new(), Vec::new());
        Box::new(Find { all: self, part: part.clone(), scratch: SliceScratch::default(), bytes, found })
    }
}

/// Finds them on one thread.
struct Find<'a> {
    all: &'a Finder<'a>,
    part: Part,
    scratch: SliceScratch,
    bytes: Vec<u8>,
    found: Vec<Digest>,
}

impl Receiver for Find<'_> {
    fn item(&mut self, item: &Item<'_>) {
        if self.all.slice.as_ref().is_some_and(|slice| !slice.has(item, &mut self.scratch)) {
            return;
        }
        self.all.identity.write(&self.part.name, item, &mut self.bytes);
        let digest = Digest::of(self.all.digest_key, &self.bytes);
        if self.all.sought.digests.contains(&digest) {
            self.found.push(digest);
        }
    }

    fn unreadable(&mut self, _place: u64, _why: &str) {}

    fn close(self: Box<Self>) {
        self.all.sought.add(self.found);
    }
}
