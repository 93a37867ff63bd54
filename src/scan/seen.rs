//! What was seen of one dataset: its source's report and what was counted, as an observation.

use super::ledgers::Ledgers;
use super::pass::Claimant;
use super::tally::{Totals, Trouble, place_of};
use super::{Context, identity::Identity};
use crate::domain::digest::DigestKey;
use crate::domain::observation::{Observation, PartObservation, Problem, ScanStatus};
use crate::domain::register::SourceSpec;
use crate::domain::verdict::{Reason, Reasons};
use crate::rule::{Judge, KeepFlag};
use crate::source::{self, Part, PartReport, SourceError, SourceReport};
use rayon::slice::ParallelSliceMut as _;
use std::collections::BTreeMap;

/// What is known before anything is read.
pub(super) fn blank(
    context: &Context<'_>,
    claimant: &Claimant<'_>,
    judge: &Judge<'_>,
    ledgers: &Ledgers,
) -> Observation {
    let mut observation = Observation {
        dataset: claimant.name.clone(),
        now: context.now,
        status: ScanStatus::Complete,
        copies: BTreeMap::new(),
        source_is_empty: false,
        items: 0,
        undecidable: 0,
        problems: Vec::new(),
        parts: BTreeMap::new(),
        earliest_due: BTreeMap::new(),
        kept_by_product: None,
        whole_reasons: BTreeMap::new(),
        undecided: judge.undecided(),
        unjudged: Reasons::NONE,
        ledger_events: BTreeMap::new(),
    };
    // A copy asks the ledgers that its dataset asks: they are told of once.
    if claimant.dataset.copy_name.is_none() {
        ledgers.report(claimant.dataset, &mut observation);
    }
    observation
}

/// The report of one slice: each part with the items that lie in it.
pub(super) fn of_slice(report: &SourceReport, claimed: &BTreeMap<u32, u64>) -> SourceReport {
    let mut report = report.clone();
    for part in &mut report.parts {
        part.items = claimed.get(&part.part.ordinal).copied().unwrap_or_default();
    }
    report
}

/// Where the parts and counts of an observation go.
pub(super) struct Sheet<'a> {
    pub(super) observation: &'a mut Observation,
    pub(super) key: &'a DigestKey,
    pub(super) source: &'a SourceSpec,
    pub(super) identity: &'a Identity,
}

impl Sheet<'_> {
    /// Fills in what was read.
    pub(super) fn read(&mut self, report: SourceReport, totals: Totals, keep_flag: Option<KeepFlag>) {
        self.observation.kept_by_product = keep_flag.map(|_| totals.kept_by_product);
        self.fill(report, totals);
    }

    /// Fills in why nothing could be read.
    pub(super) fn unread(&mut self, error: &SourceError) {
        match error {
            SourceError::Unfit(why) => self.fill(unfit(self.source, why), Totals::default()),
            SourceError::Unreachable(why) => {
                self.observation.status = ScanStatus::Failed;
                self.observation.whole_reasons.insert(Reason::Unreachable, 0);
                let reason = Reason::Unreachable.as_str().to_owned();
                self.observation.problems.push(Problem { reason, items: 0, example: why.clone() });
            }
            SourceError::Cancelled => {}
        }
    }

    fn fill(&mut self, report: SourceReport, mut totals: Totals) {
        let observation = &mut *self.observation;
        for PartReport { part, items, whole } in report.parts {
            observation.items += items;
            let seen = observation
                .parts
                .entry(self.identity.part_key(self.key, &part.name))
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
            observation.problems.extend(problem_of(self.source, reason.as_str(), &trouble));
        }
        // A folder that could not be listed may hide parts, however whole the others are.
        if observation.parts.values().any(|part| !part.whole) || !report.problems.is_empty() {
            observation.status = ScanStatus::Partial;
            observation.whole_reasons.insert(Reason::Partial, 0);
        }
        observation.problems.extend(report.problems);
    }
}

/// The report of a source that is not as the register describes it.
fn unfit(source: &SourceSpec, why: &str) -> SourceReport {
    let part = Part { ordinal: 1, name: source::sole_part_name(source) };
    SourceReport {
        parts: vec![PartReport { part, items: 0, whole: false }],
        problems: vec![Problem { reason: Reason::Partial.as_str().to_owned(), items: 0, example: why.to_owned() }],
    }
}

/// The problem that items in one kind of trouble are told as.
pub(super) fn problem_of(source: &SourceSpec, reason: &str, trouble: &Trouble) -> Option<Problem> {
    let first = trouble.first.as_ref()?;
    let example = format!("{}: {}", place_of(source, first.part_ordinal, first.place), first.why);
    Some(Problem { reason: reason.to_owned(), items: trouble.items, example })
}
