//! Comparing what was seen with what is known, and storing what follows: findings, letters and evidence in one
//! transaction.

use crate::app::AppError;
use crate::app::letters::{Changes, write};
use crate::app::session::Session;
use crate::app::unregistered;
use crate::config::Loaded;
use crate::domain::finding::Finding;
use crate::domain::instant::Instant;
use crate::domain::name::DatasetName;
use crate::domain::observation::{Observation, ScanStatus};
use crate::notify::Pace;
use crate::rule::reconcile::{Facts, Known, Outcome, reconcile};
use crate::store::{Commit, FindingFilter, Store};

/// What a stored scan left behind.
pub(super) struct Settled {
    /// The findings as they stand after the scan, those of datasets that were not scanned too.
    pub(super) findings: Vec<Finding>,
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
    now: Instant,
) -> Result<Settled, AppError> {
    let _alone = session.settle();
    let store = &session.store;
    let mut staged = Vec::new();
    for observation in observations {
        let facts = facts(&session.loaded, &observation.dataset);
        let outcome = reconcile(store.known(&observation)?, observation, &facts);
        staged.push(store.stage(outcome)?);
    }
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
    Ok(Settled { findings, message_ids: committed.letters.into_iter().map(|queued| queued.message_id).collect() })
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
    loaded: &Loaded,
    store: Option<&Store>,
    observations: Vec<Observation>,
) -> Result<Vec<Outcome>, AppError> {
    let mut outcomes = Vec::new();
    for observation in observations {
        let known = store.map_or_else(|| Ok(Known::default()), |store| store.known(&observation))?;
        let facts = facts(loaded, &observation.dataset);
        outcomes.push(reconcile(known, observation, &facts));
    }
    Ok(outcomes)
}

/// What the register says of a dataset that reconciliation needs.
fn facts(loaded: &Loaded, name: &DatasetName) -> Facts {
    let dataset = &loaded.register.datasets[name];
    Facts {
        division: dataset.division.clone(),
        may_be_empty: dataset.may_be_empty,
        items_are_files: dataset.source.items_are_files(),
    }
}

/// The findings as they stand after the scan: those of the scanned datasets, and the others as stored.
pub(super) fn merged<'a>(
    mut stored: Vec<Finding>,
    outcomes: impl Iterator<Item = &'a Outcome> + Clone,
) -> Vec<Finding> {
    stored.retain(|finding| outcomes.clone().all(|outcome| outcome.dataset != finding.key.dataset));
    stored.extend(outcomes.flat_map(|outcome| outcome.findings.iter().cloned()));
    stored
}
