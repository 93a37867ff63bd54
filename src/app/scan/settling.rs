//! Comparing what was seen with what is known, and storing what follows: findings, letters and evidence in one
//! transaction.

use super::DatasetScan;
use super::observing::Reading;
use crate::app::AppError;
use crate::app::bounces;
use crate::app::exception::in_force;
use crate::app::letters::{Changes, write};
use crate::app::recipients::refresh;
use crate::app::session::Session;
use crate::app::unregistered;
use crate::domain::departure::Departures;
use crate::domain::finding::{Finding, FindingId};
use crate::domain::name::DatasetName;
use crate::domain::observation::{Observation, ScanStatus};
use crate::domain::verdict::Reason;
use crate::notify::Pace;
use crate::rule::reconcile::{Closure, Facts, Known, Outcome, departed, reconcile};
use crate::store::{Commit, FindingFilter, Store};
use std::collections::BTreeMap;

/// What a stored scan left behind, or would leave behind.
pub(super) struct Settled {
    /// What was seen, by dataset.
    pub(super) scans: Vec<DatasetScan>,
    /// The findings as they stand after the scan, those of datasets that were not scanned too.
    pub(super) findings: Vec<Finding>,
    /// How items left the findings of each dataset at its last scan.
    pub(super) departures: BTreeMap<FindingId, Departures>,
    /// The message ids of the letters that it wrote.
    pub(super) message_ids: Vec<String>,
}

/// Compares, and commits findings, evidence and letters together. `everything`: no dataset was named, so that those
/// which left the register are looked for too. `pace`: how its letters leave where no send time is written.
pub(super) fn settle(
    session: &Session,
    observations: Vec<Observation>,
    everything: bool,
    pace: Pace,
    reading: &Reading<'_>,
) -> Result<Settled, AppError> {
    let (store, now) = (&session.store, reading.now);
    let closures = look_again(Some(store), &observations, reading)?;
    let _alone = session.settle();
    bounces::look(session, now);
    refresh(session, now)?;
    let mut staged = Vec::new();
    for (observation, closure) in observations.into_iter().zip(&closures) {
        let facts = facts(reading, Some(store), &observation.dataset)?;
        let outcome = reconcile(known(Some(store), reading, &observation)?, observation, &facts, closure);
        staged.push(store.stage(outcome)?);
    }
    let scans = staged.iter().map(|staged| summary(&staged.outcome)).collect();
    let outcomes = || staged.iter().map(|staged| &staged.outcome);
    let mut changes = changes(store, outcomes())?;
    let left = if everything {
        unregistered::changes(session, &store.stored_findings(&FindingFilter::default())?, now)?
    } else {
        Vec::new()
    };
    changes.findings.extend(left.iter().cloned());
    let commit = write(session, &changes, now, pace)?;
    let without_scan: Vec<_> = left.into_iter().chain(commit.findings).collect();
    let mut findings = merged(store.findings(&FindingFilter::default())?, outcomes());
    findings.retain(|finding| without_scan.iter().all(|(changed, _)| changed.key != finding.key));
    findings.extend(without_scan.iter().map(|(finding, _)| finding.clone()));
    let committed = store.commit(&Commit { scans: staged, findings: without_scan, ..commit })?;
    let message_ids = committed.letters.into_iter().map(|queued| queued.message_id).collect();
    Ok(Settled { scans, findings, departures: store.last_departures()?, message_ids })
}

/// What the scans change, and which of them are the first of their dataset: it was never seen before.
fn changes<'a>(store: &Store, outcomes: impl Iterator<Item = &'a Outcome> + Clone) -> Result<Changes, AppError> {
    let seen: Vec<DatasetName> = store
        .last_scans()?
        .into_iter()
        .filter(|scan| scan.status != ScanStatus::Failed || scan.items > 0)
        .map(|scan| scan.dataset)
        .collect();
    let of_outcome =
        |outcome: &'a Outcome| outcome.findings.iter().cloned().zip(outcome.changes.iter().map(|change| change.reason));
    Ok(Changes {
        first_scans: outcomes
            .clone()
            .map(|outcome| outcome.dataset.clone())
            .filter(|name| !seen.contains(name))
            .collect(),
        findings: outcomes.flat_map(of_outcome).collect(),
    })
}

/// What would be settled: the same comparison, with nothing stored.
pub(super) fn would_settle(
    store: Option<&Store>,
    observations: Vec<Observation>,
    reading: &Reading<'_>,
) -> Result<Settled, AppError> {
    let closures = look_again(store, &observations, reading)?;
    let mut outcomes = Vec::new();
    for (observation, closure) in observations.into_iter().zip(&closures) {
        let facts = facts(reading, store, &observation.dataset)?;
        outcomes.push(reconcile(known(store, reading, &observation)?, observation, &facts, closure));
    }
    let stored = store.map(|store| store.findings(&FindingFilter::default())).transpose()?.unwrap_or_default();
    let mut departures = store.map(Store::last_departures).transpose()?.unwrap_or_default();
    for outcome in &outcomes {
        for (finding, left) in outcome.findings.iter().zip(&outcome.departures) {
            departures.insert(finding.key.id(), *left);
        }
    }
    let scans = outcomes.iter().map(summary).collect();
    Ok(Settled { scans, findings: merged(stored, outcomes.iter()), departures, message_ids: Vec::new() })
}

/// Looks a second time for what left, dataset by dataset. Nobody else waits for it: what is known is read again
/// when the right to store was taken.
fn look_again(
    store: Option<&Store>,
    observations: &[Observation],
    reading: &Reading<'_>,
) -> Result<Vec<Closure>, AppError> {
    let look = |observation: &Observation| {
        let facts = facts(reading, store, &observation.dataset)?;
        let departed = departed(&known(store, reading, observation)?, observation, &facts);
        reading.look_again(&observation.dataset, departed)
    };
    observations.iter().map(look).collect()
}

fn known(store: Option<&Store>, reading: &Reading<'_>, observation: &Observation) -> Result<Known, AppError> {
    let mut known = store.map(|store| store.known(observation)).transpose()?.unwrap_or_default();
    if reading.loaded.register.datasets[&observation.dataset].files.is_none() {
        known.forget(Reason::FileWithoutRow);
    }
    Ok(known)
}

/// What the answer says of a scan.
fn summary(outcome: &Outcome) -> DatasetScan {
    DatasetScan {
        dataset: outcome.dataset.clone(),
        status: outcome.status,
        items: outcome.items,
        undecidable: outcome.undecidable,
        kept_by_product: outcome.kept_by_product,
        problems: outcome.problems.clone(),
    }
}

/// What the register and the exceptions say of a dataset that reconciliation needs.
fn facts(reading: &Reading<'_>, store: Option<&Store>, name: &DatasetName) -> Result<Facts, AppError> {
    let dataset = &reading.loaded.register.datasets[name];
    let exceptions = store.map(|store| in_force(store, reading.loaded, name, reading.now)).transpose()?;
    Ok(Facts {
        division: dataset.division.clone(),
        may_be_empty: dataset.may_be_empty,
        // Where a slice has no item, files may well be there.
        items_are_files: dataset.source.items_are_files() && dataset.slice.is_empty(),
        early_loss_percent: dataset.early_loss_percent,
        exceptions: exceptions.unwrap_or_default(),
    })
}

/// The findings as they stand after the scan: those of the scanned datasets, and the others as stored.
fn merged<'a>(mut stored: Vec<Finding>, outcomes: impl Iterator<Item = &'a Outcome> + Clone) -> Vec<Finding> {
    stored.retain(|finding| outcomes.clone().all(|outcome| outcome.dataset != finding.key.dataset));
    stored.extend(outcomes.flat_map(|outcome| outcome.findings.iter().cloned()));
    stored
}
