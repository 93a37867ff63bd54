//! Datasets that left the register without a word: scanned before, and now neither declared, nor retired, nor
//! renamed. Each is a finding for the manager, until the register is clear about it again.

use super::AppError;
use super::session::Session;
use crate::domain::finding::{Finding, FindingKey, FindingState};
use crate::domain::instant::Instant;
use crate::domain::name::{DatasetName, DivisionName};
use crate::domain::register::Register;
use crate::domain::verdict::Reason;
use crate::rule::reconcile::ChangeReason;
use crate::store::{FindingFilter, LastScan, StoredFinding};
use std::collections::BTreeSet;

/// The findings that change: those of datasets that are not in the register any more, and those that are over.
/// `open` are the findings that are not resolved.
pub(super) fn changes(
    session: &Session,
    open: &[StoredFinding],
    now: Instant,
) -> Result<Vec<(Finding, ChangeReason)>, AppError> {
    let register = &session.loaded.register;
    let scans = session.store.last_scans()?;
    let lost: BTreeSet<&DatasetName> =
        scans.iter().map(|scan| &scan.dataset).filter(|name| !is_known(register, name)).collect();
    let is_open = |name: &DatasetName| {
        open.iter().any(|stored| stored.finding.key == key(name) && stored.finding.state != FindingState::Resolved)
    };
    let mut changes = Vec::new();
    for scan in scans.iter().filter(|scan| lost.contains(&scan.dataset) && !is_open(&scan.dataset)) {
        changes.push(opened(session, scan, now)?);
    }
    for stored in open.iter().filter(|stored| stored.finding.key.reason == Reason::Unregistered) {
        if !lost.contains(&stored.finding.key.dataset) {
            changes.push((stored.finding.clone().resolved(now), ChangeReason::Resolved));
        } else if stored.finding.new > 0 && now > stored.finding.changed_at {
            // Nobody scans it any more: what was new when it was missed goes on.
            let items = stored.finding.items;
            changes.push((Finding { new: 0, continuing: items, ..stored.finding.clone() }, ChangeReason::Same));
        }
    }
    Ok(changes)
}

/// Whether the register says what became of the dataset: it is declared (retired or not), or a name of old.
fn is_known(register: &Register, name: &DatasetName) -> bool {
    register.datasets.contains_key(name) || register.datasets.values().any(|dataset| dataset.was.contains(name))
}

fn key(dataset: &DatasetName) -> FindingKey {
    FindingKey { dataset: dataset.clone(), reason: Reason::Unregistered, detail: String::new() }
}

fn opened(session: &Session, scan: &LastScan, now: Instant) -> Result<(Finding, ChangeReason), AppError> {
    let filter = FindingFilter { datasets: vec![scan.dataset.clone()], resolved_too: true };
    let known = session.store.findings(&filter)?;
    let is_first = known.iter().all(|finding| finding.key.reason != Reason::Unregistered);
    let finding = Finding::opened(key(&scan.dataset), division(&known, &scan.dataset)?, scan.items, now);
    Ok((finding, if is_first { ChangeReason::First } else { ChangeReason::Reopened }))
}

/// The division that answered for the dataset when it was last heard of. One of which nothing was ever found
/// stands under its own name: nobody knows more.
fn division(known: &[Finding], dataset: &DatasetName) -> Result<DivisionName, AppError> {
    if let Some(finding) = known.iter().max_by_key(|finding| finding.changed_at) {
        return Ok(finding.division.clone());
    }
    DivisionName::new(dataset.as_str()).map_err(|error| AppError::Argument(error.to_string()))
}
