//! Items that are not seen any more and that nobody has explained for too long: the finding
//! `source: closure-unexplained` of their dataset, which the declarations resolve.

use crate::app::AppError;
use crate::app::session::Session;
use crate::domain::finding::{Finding, FindingKey, FindingState};
use crate::domain::instant::Instant;
use crate::domain::name::{DatasetName, DivisionName};
use crate::domain::register::Register;
use crate::domain::verdict::Reason;
use crate::rule::reconcile::ChangeReason;
use crate::store::{Commit, FindingFilter};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Brings the findings `source: closure-unexplained` up to date and returns those that changed. Does nothing when
/// nothing did: it may be called at every tick.
///
/// # Errors
/// [`AppError::Store`] when the store fails.
pub fn overdue(session: &Session, now: Instant) -> Result<Vec<Finding>, AppError> {
    let _alone = session.settle();
    let unexplained = unexplained(session, now)?;
    let filter = FindingFilter { resolved_too: true, ..FindingFilter::default() };
    let stored = session.store.findings(&filter)?;
    let known: BTreeMap<DatasetName, Finding> = stored
        .into_iter()
        .filter(|finding| finding.key.reason == Reason::ClosureUnexplained)
        .map(|finding| (finding.key.dataset.clone(), finding))
        .collect();
    let mut datasets: Vec<&DatasetName> = unexplained.keys().chain(known.keys()).collect();
    datasets.sort();
    datasets.dedup();
    let changed: Vec<(Finding, ChangeReason)> = datasets
        .into_iter()
        .filter_map(|dataset| step(dataset, known.get(dataset), unexplained.get(dataset), now))
        .collect();
    if changed.is_empty() {
        return Ok(Vec::new());
    }
    let findings = changed.iter().map(|(finding, _)| finding.clone()).collect();
    session.store.commit(&Commit {
        now,
        findings: changed,
        config_digest: session.loaded.digest.clone(),
        ..Commit::default()
    })?;
    Ok(findings)
}

/// The last day on which items that were missed at `at` may be declared.
pub(super) fn declare_by(register: &Register, division: &DivisionName, at: Instant) -> Date {
    let policy = register.letters_of(division);
    let day = at.day(&register.organisation.time_zone);
    policy.calendar.day_after(day, &policy.declare_within)
}

/// How many items of each dataset should have been declared before today, and who answers for them.
fn unexplained(session: &Session, now: Instant) -> Result<BTreeMap<DatasetName, (DivisionName, u64)>, AppError> {
    let register = &session.loaded.register;
    let today = now.day(&register.organisation.time_zone);
    let mut unexplained: BTreeMap<DatasetName, (DivisionName, u64)> = BTreeMap::new();
    for open in session.store.open_departures()? {
        let declared = register.datasets.get(&open.dataset);
        let division = declared.map_or(open.division, |dataset| dataset.division.clone());
        if declare_by(register, &division, open.at) < today {
            unexplained.entry(open.dataset).or_insert((division, 0)).1 += open.items;
        }
    }
    Ok(unexplained)
}

/// What becomes of the finding of one dataset; nothing when it stays as it is.
fn step(
    dataset: &DatasetName,
    known: Option<&Finding>,
    unexplained: Option<&(DivisionName, u64)>,
    now: Instant,
) -> Option<(Finding, ChangeReason)> {
    let open = known.filter(|finding| finding.state != FindingState::Resolved);
    let before = open.map_or(0, |finding| finding.items);
    let items = unexplained.map_or(0, |(_, items)| *items);
    let change = match (known, open) {
        _ if items == before => return None,
        _ if items == 0 => ChangeReason::Resolved,
        (None, _) => ChangeReason::First,
        (Some(_), None) => ChangeReason::Reopened,
        _ if items > before => ChangeReason::More,
        _ => ChangeReason::Fewer,
    };
    let division = unexplained.map(|(division, _)| division).or(known.map(|finding| &finding.division))?;
    let key = FindingKey { dataset: dataset.clone(), reason: Reason::ClosureUnexplained, detail: String::new() };
    let opened = Finding::opened(key, division.clone(), items, now);
    let finding = match open {
        Some(open) if items == 0 => Finding { division: opened.division, ..open.clone().resolved(now) },
        Some(open) => Finding {
            new: items.saturating_sub(before),
            continuing: items.min(before),
            gone: before.saturating_sub(items),
            state: open.state,
            first_seen: open.first_seen,
            acknowledgement: open.acknowledgement.clone(),
            ..opened
        },
        None => opened,
    };
    Some((finding, change))
}
