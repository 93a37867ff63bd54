//! Everything that planning looks at, read from the store, with what has just changed laid over it.

use super::Changes;
use crate::app::session::Session;
use crate::app::{AppError, recipients};
use crate::domain::exception::Exception;
use crate::domain::finding::{EarlierNumber, Finding, FindingKey, FindingState};
use crate::domain::instant::Instant;
use crate::domain::letter::{ExceptionTold, Told};
use crate::domain::name::{DatasetName, PersonName};
use crate::domain::register::Register;
use crate::domain::run::CaughtUp;
use crate::notify::{Situation, plan_passed_at};
use crate::rule::reconcile::ChangeReason;
use crate::store::FindingFilter;
use std::collections::{BTreeMap, BTreeSet};

/// What is known at an instant.
pub(super) struct Gathered {
    pub(super) marks: BTreeMap<String, Instant>,
    pub(super) findings: Vec<Finding>,
    pub(super) told: Vec<Told>,
    pub(super) waiting: BTreeSet<DatasetName>,
    /// Findings that are open again because the day of a plan has passed; to be stored.
    pub(super) passed_plans: Vec<(Finding, ChangeReason)>,
    /// First scans whose letters wait from now on; to be stored.
    pub(super) begins_to_wait: Vec<DatasetName>,
    moved: BTreeSet<FindingKey>,
    exceptions: Vec<Exception>,
    exceptions_told: Vec<ExceptionTold>,
    missed: Vec<CaughtUp>,
    earlier_numbers: Vec<EarlierNumber>,
    unreachable: BTreeSet<PersonName>,
}

impl Gathered {
    /// Reads what is known at `now`, with `changes` laid over it.
    pub(super) fn at(session: &Session, changes: &Changes, now: Instant) -> Result<Self, AppError> {
        let (store, register) = (&session.store, &session.loaded.register);
        let stored = store.stored_findings(&FindingFilter { resolved_too: true, ..FindingFilter::default() })?;
        let mut by_key: BTreeMap<FindingKey, (Finding, ChangeReason)> =
            stored.into_iter().map(|stored| (stored.finding.key.clone(), (stored.finding, stored.change))).collect();
        by_key.extend(changes.findings.iter().map(|change| (change.0.key.clone(), change.clone())));
        let passed_plans = reopen(&mut by_key, register, now);
        // Nobody is thanked for what only moved, or was under an exception and is not seen any more.
        let is_quiet = |change: &ChangeReason| matches!(change, ChangeReason::Moved | ChangeReason::Excepted);
        let moved =
            by_key.values().filter(|(finding, change)| finding.state == FindingState::Resolved && is_quiet(change));
        let has_baseline = |name: &DatasetName| register.datasets.get(name).is_some_and(|dataset| dataset.baseline);
        let begins_to_wait: Vec<DatasetName> =
            changes.first_scans.iter().filter(|name| has_baseline(name)).cloned().collect();
        let mut waiting = store.waiting_baselines()?;
        waiting.retain(has_baseline);
        waiting.extend(begins_to_wait.iter().cloned());
        Ok(Self {
            marks: store.marks()?,
            told: store.told()?,
            waiting,
            passed_plans,
            begins_to_wait,
            moved: moved.map(|(finding, _)| finding.key.clone()).collect(),
            findings: by_key.into_values().map(|(finding, _)| finding).collect(),
            exceptions: store.exceptions()?,
            exceptions_told: store.exceptions_told()?,
            missed: store.caught_up()?,
            earlier_numbers: store.earlier_numbers()?,
            unreachable: unreachable(session, now)?,
        })
    }

    /// The same, as planning takes it.
    pub(super) fn situation<'a>(&'a self, register: &'a Register, now: Instant) -> Situation<'a> {
        Situation {
            register,
            findings: &self.findings,
            moved: &self.moved,
            told: &self.told,
            exceptions: &self.exceptions,
            exceptions_told: &self.exceptions_told,
            missed: &self.missed,
            earlier_numbers: &self.earlier_numbers,
            unreachable: &self.unreachable,
            waiting: &self.waiting,
            now,
        }
    }
}

/// Opens the findings whose plan's day has passed, and returns them.
fn reopen(
    findings: &mut BTreeMap<FindingKey, (Finding, ChangeReason)>,
    register: &Register,
    now: Instant,
) -> Vec<(Finding, ChangeReason)> {
    let zone = &register.organisation.time_zone;
    let mut reopened = Vec::new();
    for (finding, change) in findings.values_mut() {
        if finding.state == FindingState::Acknowledged && plan_passed_at(finding, zone, now).is_some() {
            finding.state = FindingState::Open;
            finding.changed_at = now;
            *change = ChangeReason::PlanPassed;
            reopened.push((finding.clone(), *change));
        }
    }
    reopened
}

/// People whom letters do not reach.
fn unreachable(session: &Session, now: Instant) -> Result<BTreeSet<PersonName>, AppError> {
    Ok(recipients::unreachable(session, now)?.into_iter().map(|mark| mark.person).collect())
}
