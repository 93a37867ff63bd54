//! What rows and files together let be said. Nothing is told by a volume that is not there, a walk or an index that
//! was not read to its end, or a mapping that fits no row: what was known stays, and the trouble is told.

use super::rows::{RowCounts, RowTrouble};
use super::{Reconciliation, YOUNG_MICROSECONDS};
use crate::domain::digest::{Digest, DigestKey};
use crate::domain::instant::Instant;
use crate::domain::observation::{Flagged, Observation, PartKey, PartObservation, Problem, ScanStatus};
use crate::domain::register::{Dataset, ReconciledFiles};
use crate::domain::verdict::{Reason, Reasons};
use crate::rule::Exceptions;
use crate::scan::identity::part_key;
use crate::scan::{Cancelled, Context, place_of};
use crate::source::SourceError;
use crate::source::root;
use crate::source::walk::{Found, Visitor, walk};
use rayon::slice::ParallelSliceMut as _;
use std::sync::atomic::Ordering;

/// From this many on, rows and files that have nothing in common are no coincidence.
const FEWEST_THAT_TELL: u64 = 20;

/// The reason by which paths that lead nowhere are told.
const UNMAPPED: &str = "unmapped";

/// The reason by which files are told that cannot be looked at.
const HIDDEN: &str = "hidden";

/// What was seen of a dataset that is reconciled.
pub(in crate::scan) enum Seen<'a> {
    /// The files, and what the rows say of them.
    Files(&'a Reconciliation<'a>, RowCounts),
    /// The files cannot be reached.
    Nothing(String),
}

/// The part that files without a row make up.
pub(in crate::scan) fn files_part(key: &DigestKey, files: &ReconciledFiles) -> PartKey {
    part_key(key, &format!("\0files beneath {}", files.root.name))
}

/// The digest of a file without a row: of its relative path.
pub(in crate::scan) fn file_digest(key: &DigestKey, path: &[u8], bytes: &mut Vec<u8>) -> Digest {
    bytes.clear();
    bytes.extend_from_slice(b"file without row\0");
    bytes.extend_from_slice(path);
    Digest::of(key, bytes)
}

/// Adds to the observation of the rows what they and the files say together.
pub(in crate::scan) fn conclude(
    context: &Context<'_>,
    dataset: &Dataset,
    exceptions: &Exceptions,
    seen: Seen<'_>,
    observation: &mut Observation,
) -> Result<(), Cancelled> {
    if observation.status == ScanStatus::Failed {
        return Ok(());
    }
    let (files, counts) = match seen {
        Seen::Files(files, counts) => (files, counts),
        Seen::Nothing(why) => {
            trouble(observation, Reason::Unreachable, why);
            observation.status = ScanStatus::Partial;
            nothing_said(observation);
            return Ok(());
        }
    };
    if files.count == 0 && files.trouble.is_none() {
        empty(dataset, files, counts, context.digest_key, observation);
        return Ok(());
    }
    tell_rows(dataset, files, counts, observation);
    let index_is_whole = observation.status == ScanStatus::Complete;
    if let Some(why) = files.trouble.clone() {
        partial(observation, format!("root `{}`: {why}", files.files.root.name));
        observation.undecided.insert(Reason::RowWithoutFile);
    }
    if index_is_whole && files.trouble.is_none() && fits_nothing(files, counts) {
        let why = format!(
            "not one row's path leads to a file beneath the root `{}`: neither is told as missing; map the product's \
             paths with `product_paths` on the source of the files",
            files.files.root.name
        );
        observation.problems.push(Problem { reason: UNMAPPED.to_owned(), items: counts.with_path(), example: why });
        observation.status = ScanStatus::Partial;
        observation.whole_reasons.insert(Reason::Partial, 0);
        nothing_said(observation);
    } else if !index_is_whole || counts.unmapped.rows > counts.found {
        observation.undecided.insert(Reason::FileWithoutRow);
    } else {
        flag_files(context, exceptions, files, observation)?;
    }
    Ok(())
}

/// Whether rows and files have nothing in common although there are many.
pub(super) fn fits_nothing(files: &Reconciliation<'_>, counts: RowCounts) -> bool {
    counts.found == 0 && (counts.with_path() >= FEWEST_THAT_TELL || files.count >= FEWEST_THAT_TELL)
}

/// Neither reason is judged: what was known of both stays.
fn nothing_said(observation: &mut Observation) {
    let both: Reasons = [Reason::FileWithoutRow, Reason::RowWithoutFile].into_iter().collect();
    observation.undecided = observation.undecided.union(both);
    for part in observation.parts.values_mut() {
        for flagged in &mut part.flagged {
            flagged.reasons = flagged.reasons.difference(both);
            flagged.excepted = flagged.excepted.difference(both);
        }
        part.flagged.retain(|flagged| !flagged.reasons.union(flagged.excepted).is_empty());
        part.flagged.par_sort_unstable();
    }
}

/// No file at all. That is fine only where it may be so and no row names one.
fn empty(
    dataset: &Dataset,
    files: &Reconciliation<'_>,
    counts: RowCounts,
    key: &DigestKey,
    observation: &mut Observation,
) {
    if counts.with_path() == 0 && dataset.may_be_empty {
        let whole = PartObservation { whole: true, ..PartObservation::default() };
        observation.parts.insert(files_part(key, files.files), whole);
        return;
    }
    let why = format!("no file matches beneath the root `{}`, which the rows speak of", files.files.root.name);
    trouble(observation, Reason::Empty, why);
    nothing_said(observation);
}

fn trouble(observation: &mut Observation, reason: Reason, why: String) {
    observation.whole_reasons.insert(reason, 0);
    observation.problems.push(Problem { reason: reason.as_str().to_owned(), items: 0, example: why });
}

fn partial(observation: &mut Observation, why: String) {
    trouble(observation, Reason::Partial, why);
    observation.status = ScanStatus::Partial;
}

/// Tells of rows of which nothing can be said.
fn tell_rows(dataset: &Dataset, files: &Reconciliation<'_>, counts: RowCounts, observation: &mut Observation) {
    let root = &files.files.root.name;
    let why = format!(
        "its path leads nowhere beneath the root `{root}`; map it with `product_paths` on the source of the files"
    );
    let hidden =
        format!("its file beneath the root `{root}` cannot be looked at: a link or a closed folder is in the way");
    for (reason, RowTrouble { rows, first }, why) in [(UNMAPPED, counts.unmapped, why), (HIDDEN, counts.hidden, hidden)]
    {
        if let Some((part, place)) = first {
            let example = format!("{}: {why}", place_of(&dataset.source, part, place));
            observation.problems.push(Problem { reason: reason.to_owned(), items: rows, example });
        }
    }
}

/// Flags the files that no row names.
fn flag_files(
    context: &Context<'_>,
    exceptions: &Exceptions,
    files: &Reconciliation<'_>,
    observation: &mut Observation,
) -> Result<(), Cancelled> {
    let mut part = PartObservation { whole: files.trouble.is_none(), ..PartObservation::default() };
    if files.set.unnamed() > 0 {
        let reasons: Reasons = [Reason::FileWithoutRow].into_iter().collect();
        let flag = |digest: Digest| {
            let excepted = exceptions.covered(digest, None, reasons);
            Flagged { digest, reasons: reasons.difference(excepted), excepted }
        };
        let flagger = || Flagger { bytes: Vec::new(), key: context.digest_key, flag: &flag, flagged: Vec::new() };
        match files.second_walk(context.now, flagger) {
            Ok((flaggers, trouble)) => {
                part.flagged = flaggers.into_iter().flat_map(|flagger| flagger.flagged).collect();
                part.whole &= trouble.is_none();
                if let Some(why) = trouble.filter(|_| files.trouble.is_none()) {
                    partial(observation, format!("root `{}`: {why}", files.files.root.name));
                }
            }
            Err(SourceError::Cancelled) => return Err(Cancelled),
            Err(SourceError::Unreachable(why) | SourceError::Unfit(why)) => {
                partial(observation, why);
                observation.undecided.insert(Reason::FileWithoutRow);
                return Ok(());
            }
        }
    }
    part.flagged.par_sort_unstable();
    observation.parts.insert(files_part(context.digest_key, files.files), part);
    Ok(())
}

/// Takes the files without a row, on one thread.
pub(super) trait TakesFiles: Send {
    /// Takes one, by its path relative to the root.
    fn take(&mut self, path: &[u8]);
}

struct Flagger<'a, F> {
    bytes: Vec<u8>,
    key: &'a DigestKey,
    flag: &'a F,
    flagged: Vec<Flagged>,
}

impl<F: Fn(Digest) -> Flagged + Sync> TakesFiles for Flagger<'_, F> {
    fn take(&mut self, path: &[u8]) {
        self.flagged.push((self.flag)(file_digest(self.key, path, &mut self.bytes)));
    }
}

impl Reconciliation<'_> {
    /// Walks once more and gives the files that no row names, young ones aside, to takers. Says what went wrong.
    pub(super) fn second_walk<T: TakesFiles>(
        &self,
        now: Instant,
        new_taker: impl Fn() -> T + Sync,
    ) -> Result<(Vec<T>, Option<String>), SourceError> {
        let old = Instant::from_microseconds(now.microseconds().saturating_sub(YOUNG_MICROSECONDS));
        let unnamed = || Unnamed { all: self, old, taker: new_taker() };
        let walked = walk(self.again()?, &self.rules, self.cancel, unnamed);
        if self.cancel.load(Ordering::Relaxed) {
            return Err(SourceError::Cancelled);
        }
        let trouble = walked.trouble();
        Ok((walked.visitors.into_iter().map(|visitor| visitor.taker).collect(), trouble))
    }
}

/// Meets the files that no row names, on one thread.
struct Unnamed<'a, T> {
    all: &'a Reconciliation<'a>,
    /// Files modified up to here are told.
    old: Instant,
    taker: T,
}

impl<T: TakesFiles> Visitor for Unnamed<'_, T> {
    fn file(&mut self, found: &Found<'_>) {
        // Nearly all are named, which is told sooner than whether the globs fit.
        if !self.all.set.is_unnamed(self.all.hash(found)) || !self.all.rules.matches(found.path) {
            return;
        }
        // One that cannot be asked is gone, or cannot be told from a young one.
        if root::modified(found.folder, found.name).is_ok_and(|modified| modified <= self.old) {
            self.taker.take(found.path);
        }
    }
}
