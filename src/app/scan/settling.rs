//! Comparing what was seen with what is known, and storing what follows: findings, letters and evidence in one
//! transaction.

use crate::app::AppError;
use crate::app::deliver::message_domain;
use crate::app::letters::write;
use crate::app::session::Session;
use crate::config::Loaded;
use crate::domain::finding::Finding;
use crate::domain::instant::Instant;
use crate::domain::name::DatasetName;
use crate::domain::observation::Observation;
use crate::rule::reconcile::{ChangeReason, Facts, Known, Outcome, reconcile};
use crate::store::{Commit, FindingFilter, Store};

/// What a stored scan left behind.
pub(super) struct Settled {
    /// The findings as they stand after the scan, those of datasets that were not scanned too.
    pub(super) findings: Vec<Finding>,
    /// The message ids of the letters that it wrote.
    pub(super) message_ids: Vec<String>,
}

/// Compares, and commits findings, evidence and letters together.
pub(super) fn settle(session: &Session, observations: Vec<Observation>, now: Instant) -> Result<Settled, AppError> {
    let _alone = session.settle();
    let store = &session.store;
    let mut staged = Vec::new();
    for observation in observations {
        let facts = facts(&session.loaded, &observation.dataset);
        let outcome = reconcile(store.known(&observation)?, observation, &facts);
        staged.push(store.stage(outcome)?);
    }
    let findings = merged(store.findings(&FindingFilter::default())?, staged.iter().map(|staged| &staged.outcome));
    let changes = staged.iter().flat_map(|staged| &staged.outcome.changes);
    let moved =
        changes.filter(|change| change.reason == ChangeReason::Moved).map(|change| change.key.clone()).collect();
    let written = write(session, &findings, &moved, now)?;
    let committed = store.commit(&Commit {
        now,
        scans: staged,
        letters: written.letters,
        told: written.told,
        message_domain: message_domain(&session.loaded),
        config_digest: session.loaded.digest.clone(),
        ..Commit::default()
    })?;
    Ok(Settled { findings, message_ids: committed.letters.into_iter().map(|queued| queued.message_id).collect() })
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
