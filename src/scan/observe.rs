//! One scan of one dataset: source -> items -> verdicts -> observation.

use super::identity::Identity;
use super::ledgers::Ledgers;
use super::product_setting::look_at_setting;
use super::tally::{Tallies, Totals, Trouble, place_of};
use super::{Cancelled, Context};
use crate::domain::digest::{Digest, DigestKey};
use crate::domain::name::DatasetName;
use crate::domain::observation::{Observation, PartKey, PartObservation, Problem, ScanStatus};
use crate::domain::register::{Dataset, SourceSpec};
use crate::domain::verdict::Reason;
use crate::rule::{Exceptions, Judge, KeepFlag, fields_needed};
use crate::source::{self, Part, PartReport, Request, SourceError, SourceReport};
use rayon::slice::ParallelSliceMut as _;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Scans `dataset` and says what was seen; `exceptions` are those in force for it.
///
/// # Errors
/// [`Cancelled`] when the scan was stopped; a source that cannot be read is an observation, no error.
pub fn observe(
    context: &Context<'_>,
    name: &DatasetName,
    dataset: &Dataset,
    ledgers: &Ledgers,
    exceptions: &Exceptions,
) -> Result<Observation, Cancelled> {
    let judge = Judge::compile(context.register, dataset, context.now, context.subject_key, &ledgers.tables);
    let identity = Identity::of(dataset);
    let mut wanted = fields_needed(dataset);
    identity.fields().iter().for_each(|index| wanted[*index] = true);
    let narrowing = judge.narrowing();
    let request = Request {
        source: &dataset.source,
        wanted: &wanted,
        narrowing: narrowing.as_ref(),
        only_part: None,
        cancel: context.cancel,
        progress: context.progress,
    };
    let tallies = Tallies {
        judge: &judge,
        identity: &identity,
        digest_key: context.digest_key,
        exceptions,
        keep_flag: KeepFlag::of(dataset),
        totals: Mutex::default(),
    };
    let mut observation = Observation {
        dataset: name.clone(),
        now: context.now,
        status: ScanStatus::Complete,
        items: 0,
        undecidable: 0,
        problems: Vec::new(),
        parts: BTreeMap::new(),
        earliest_due: BTreeMap::new(),
        kept_by_product: None,
        whole_reasons: BTreeMap::new(),
        undecided: judge.undecided(),
        ledger_events: BTreeMap::new(),
    };
    ledgers.report(dataset, &mut observation);
    match source::read(&request, &tallies) {
        Ok(report) => {
            let totals = tallies.totals.into_inner().unwrap_or_else(PoisonError::into_inner);
            observation.kept_by_product = KeepFlag::of(dataset).map(|_| totals.kept_by_product);
            fill(&mut observation, context.digest_key, &dataset.source, &identity, report, totals);
        }
        Err(SourceError::Cancelled) => return Err(Cancelled),
        Err(SourceError::Unreachable(why)) => {
            observation.status = ScanStatus::Failed;
            whole_trouble(&mut observation, Reason::Unreachable, why);
        }
        Err(SourceError::Unfit(why)) => {
            let report = SourceReport {
                parts: vec![PartReport {
                    part: Part { ordinal: 1, name: source::sole_part_name(&dataset.source) },
                    items: 0,
                    whole: false,
                }],
                problems: vec![Problem { reason: Reason::Partial.as_str().to_owned(), items: 0, example: why }],
            };
            fill(&mut observation, context.digest_key, &dataset.source, &identity, report, Totals::default());
        }
    }
    for reason in judge.whole_reasons().iter().filter(|_| observation.items > 0) {
        observation.whole_reasons.insert(reason, observation.items);
    }
    if let Some(look) = look_at_setting(dataset, context.cancel)? {
        look.note(&mut observation);
    }
    Ok(observation)
}

/// Adds a reason that holds for the dataset as a whole.
fn whole_trouble(observation: &mut Observation, reason: Reason, why: String) {
    observation.whole_reasons.insert(reason, 0);
    observation.problems.push(Problem { reason: reason.as_str().to_owned(), items: 0, example: why });
}

/// Fills in what was read.
fn fill(
    observation: &mut Observation,
    key: &DigestKey,
    source: &SourceSpec,
    identity: &Identity,
    report: SourceReport,
    mut totals: Totals,
) {
    for PartReport { part, items, whole } in report.parts {
        observation.items += items;
        let name = if identity.spans_parts() { "" } else { part.name.as_str() };
        let seen = observation
            .parts
            .entry(part_key(key, name))
            .or_insert_with(|| PartObservation { whole: true, ..PartObservation::default() });
        seen.items += items;
        seen.whole &= whole;
        let flagged = totals.flagged.remove(&part.ordinal).unwrap_or_default();
        if seen.flagged.is_empty() {
            seen.flagged = flagged;
        } else {
            seen.flagged.extend(flagged);
        }
    }
    for part in observation.parts.values_mut() {
        // Repeats of an identity stay side by side: lists are compared as multisets.
        part.flagged.par_sort_unstable();
    }
    observation.undecidable = totals.undecidable;
    observation.earliest_due = totals.earliest_due;
    for (reason, trouble) in [(Reason::Undated, totals.undated), (Reason::Unreadable, totals.unreadable)] {
        observation.problems.extend(item_problem(source, reason, trouble));
    }
    // A folder that could not be listed may hide parts, however whole the others are.
    if observation.parts.values().any(|part| !part.whole) || !report.problems.is_empty() {
        observation.status = ScanStatus::Partial;
        observation.whole_reasons.insert(Reason::Partial, 0);
    }
    observation.problems.extend(report.problems);
}

/// The problem that items in one kind of trouble are told as.
fn item_problem(source: &SourceSpec, reason: Reason, trouble: Trouble) -> Option<Problem> {
    let example = trouble.first?;
    Some(Problem {
        reason: reason.as_str().to_owned(),
        items: trouble.items,
        example: format!("{}: {}", place_of(source, example.part_ordinal, example.place), example.why),
    })
}

/// The key of the part with this name.
pub(super) fn part_key(key: &DigestKey, name: &str) -> PartKey {
    Digest::of(&key.derive("purposed 2026-11-24 name of a part"), name.as_bytes())
}
