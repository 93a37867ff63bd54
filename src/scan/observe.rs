//! One pass over a source, for every dataset that it is read for: source -> items -> verdicts -> observations.

use super::identity::Identity;
use super::ledgers::Ledgers;
use super::product_setting::look_at_setting;
use super::reconciliation::{Reconciliation, Seen, conclude};
use super::shared::{Member, Shared};
use super::tally::{Tallies, Totals, Trouble, place_of};
use super::{Cancelled, Context};
use crate::domain::digest::DigestKey;
use crate::domain::name::DatasetName;
use crate::domain::observation::{Observation, PartObservation, Problem, ScanStatus};
use crate::domain::register::{Dataset, SourceSpec};
use crate::domain::verdict::{Reason, Reasons};
use crate::rule::{Exceptions, Judge, KeepFlag, Narrowing, Slice, fields_needed};
use crate::source::{self, Part, PartReport, Receivers, Request, SourceError, SourceReport};
use rayon::slice::ParallelSliceMut as _;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// A dataset that a pass is made for.
#[derive(Debug)]
pub struct Claimant<'a> {
    /// Its name.
    pub name: &'a DatasetName,
    /// What the register says of it.
    pub dataset: &'a Dataset,
    /// Its exceptions in force.
    pub exceptions: Exceptions,
}

/// What one pass over a source is made for.
#[derive(Debug)]
pub struct Pass<'a> {
    /// The datasets that are scanned: at least one, by name, all with the same source.
    pub claimants: Vec<Claimant<'a>>,
    /// The datasets that share the source on this server, by name, whether or not they are scanned now; none where the
    /// source is a dataset's own. The first of them answers for what none of them claims.
    pub sharers: Vec<(&'a DatasetName, &'a Dataset)>,
}

impl Pass<'_> {
    /// Whether the source is shared in slices.
    fn has_slices(&self) -> bool {
        self.sharers.iter().any(|(_, dataset)| !dataset.slice.is_empty())
    }

    /// Whether every dataset that shares the source is scanned.
    fn is_complete(&self) -> bool {
        self.sharers.iter().all(|(name, _)| self.claimants.iter().any(|claimant| claimant.name == *name))
    }

    /// Whether rows that could not be read are this dataset's: every one's that has no slice, else the first one's by
    /// name, for nobody can say in which slice they lie.
    fn takes_unreadable(&self, claimant: &Claimant<'_>) -> bool {
        let has_whole = self.sharers.iter().any(|(_, dataset)| dataset.slice.is_empty());
        let is_first = self.sharers.first().is_none_or(|(name, _)| *name == claimant.name);
        claimant.dataset.slice.is_empty() || (is_first && !has_whole)
    }
}

/// Reads the source once and says what was seen of each dataset, in their order.
///
/// # Errors
/// [`Cancelled`] when the scan was stopped; a source that cannot be read is an observation, no error.
pub fn observe(context: &Context<'_>, pass: &Pass<'_>, ledgers: &Ledgers) -> Result<Vec<Observation>, Cancelled> {
    let Some(source) = pass.claimants.first().map(|claimant| &claimant.dataset.source) else { return Ok(Vec::new()) };
    let datasets = pass.claimants.iter().map(|claimant| claimant.dataset);
    let (register, now, tables) = (context.register, context.now, &ledgers.tables);
    let compile = |dataset| Judge::compile(register, dataset, now, context.subject_key, tables);
    let judges: Vec<Judge<'_>> = datasets.map(compile).collect();
    let identities: Vec<Identity> = pass.claimants.iter().map(|claimant| Identity::of(claimant.dataset)).collect();
    let files = pass.claimants.iter().map(|claimant| Reconciliation::begin(context, claimant.dataset));
    let files = files.collect::<Result<Vec<_>, Cancelled>>()?;
    let tallies = pass.claimants.iter().zip(judges.iter().zip(&identities)).zip(&files);
    let tallies = tallies.map(|((claimant, (judge, identity)), files)| Tallies {
        judge,
        identity,
        digest_key: context.digest_key,
        exceptions: &claimant.exceptions,
        keep_flag: KeepFlag::of(claimant.dataset),
        files: files.as_ref().and_then(|files| files.as_ref().ok()),
        totals: Mutex::default(),
    });
    let members = tallies.zip(&pass.claimants).map(|(tallies, claimant)| Member {
        tallies,
        name: claimant.name,
        slice: Slice::of(context.register, claimant.dataset),
        takes_unreadable: pass.takes_unreadable(claimant),
    });
    let shared = Shared::new(members.collect(), pass.has_slices());
    let wanted = wanted(pass, &identities);
    let narrowing = narrowing(&judges, &pass.claimants);
    let request = Request {
        source,
        wanted: &wanted,
        narrowing: narrowing.as_ref(),
        only_part: None,
        cancel: context.cancel,
        progress: context.progress,
    };
    let receivers: &dyn Receivers = match shared.members.as_slice() {
        [Member { tallies, slice: None, .. }] => tallies,
        _ => &shared,
    };
    let read = source::read(&request, receivers);
    if let Err(SourceError::Cancelled) = read {
        return Err(Cancelled);
    }
    let mut observations = Vec::with_capacity(judges.len());
    let sharing = shared.sharing(pass.is_complete(), read.as_ref().ok());
    for (index, ((member, claimant), judge)) in shared.members.into_iter().zip(&pass.claimants).zip(&judges).enumerate()
    {
        let mut observation = blank(context, claimant, judge, ledgers);
        let totals = member.tallies.totals.into_inner().unwrap_or_else(PoisonError::into_inner);
        let rows = totals.rows;
        let claimed = member.slice.is_some().then(|| sharing.items_of(index));
        match &read {
            Ok(report) => {
                observation.kept_by_product = KeepFlag::of(claimant.dataset).map(|_| totals.kept_by_product);
                let report = claimed.map_or_else(|| report.clone(), |claimed| of_slice(report, claimed));
                fill(&mut observation, context.digest_key, source, member.tallies.identity, report, totals);
            }
            Err(SourceError::Unfit(why)) => {
                let report = unfit(source, why);
                fill(&mut observation, context.digest_key, source, member.tallies.identity, report, Totals::default());
            }
            Err(SourceError::Unreachable(why)) => {
                observation.status = ScanStatus::Failed;
                whole_trouble(&mut observation, Reason::Unreachable, why.clone());
            }
            Err(SourceError::Cancelled) => return Err(Cancelled),
        }
        if let Some(files) = &files[index] {
            let seen = match files {
                Ok(files) => Seen::Files(files, rows),
                Err(why) => Seen::Nothing(why.clone()),
            };
            conclude(context, claimant.dataset, &claimant.exceptions, seen, &mut observation)?;
        }
        let answers = pass.sharers.first().is_some_and(|(name, _)| *name == claimant.name);
        sharing.report(index, answers, source, &mut observation);
        for reason in judge.whole_reasons().iter().filter(|_| observation.items > 0) {
            observation.whole_reasons.insert(reason, observation.items);
        }
        if let Some(look) = look_at_setting(claimant.dataset, context.cancel)? {
            look.note(&mut observation);
        }
        observations.push(observation);
    }
    Ok(observations)
}

/// The fields that some dataset needs.
fn wanted(pass: &Pass<'_>, identities: &[Identity]) -> Vec<bool> {
    let mut wanted = Vec::new();
    for (claimant, identity) in pass.claimants.iter().zip(identities) {
        let needed = fields_needed(claimant.dataset);
        wanted.resize(needed.len(), false);
        wanted.iter_mut().zip(needed).for_each(|(wanted, is_needed)| *wanted |= is_needed);
        identity.fields().iter().for_each(|index| wanted[*index] = true);
        if let Some(reconciled) = &claimant.dataset.files {
            wanted[reconciled.path_field] = true;
        }
    }
    wanted
}

/// What may be left out for all datasets alike. Nothing where one is a slice, whose items are counted as they pass, or
/// is reconciled: every row names a file.
fn narrowing(judges: &[Judge<'_>], claimants: &[Claimant<'_>]) -> Option<Narrowing> {
    let needs_all = |dataset: &Dataset| !dataset.slice.is_empty() || dataset.files.is_some();
    if claimants.iter().any(|claimant| needs_all(claimant.dataset)) {
        return None;
    }
    judges.iter().map(Judge::narrowing).reduce(|one, other| {
        let (one, other) = one.zip(other).filter(|(one, other)| one.field == other.field)?;
        Some(if one.not_after >= other.not_after { one } else { other })
    })?
}

/// What is known before anything is read.
fn blank(context: &Context<'_>, claimant: &Claimant<'_>, judge: &Judge<'_>, ledgers: &Ledgers) -> Observation {
    let mut observation = Observation {
        dataset: claimant.name.clone(),
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
fn of_slice(report: &SourceReport, claimed: &BTreeMap<u32, u64>) -> SourceReport {
    let mut report = report.clone();
    for part in &mut report.parts {
        part.items = claimed.get(&part.part.ordinal).copied().unwrap_or_default();
    }
    report
}

/// The report of a source that is not as the register describes it.
fn unfit(source: &SourceSpec, why: &str) -> SourceReport {
    let part = Part { ordinal: 1, name: source::sole_part_name(source) };
    SourceReport {
        parts: vec![PartReport { part, items: 0, whole: false }],
        problems: vec![Problem { reason: Reason::Partial.as_str().to_owned(), items: 0, example: why.to_owned() }],
    }
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
        let seen = observation
            .parts
            .entry(identity.part_key(key, &part.name))
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
