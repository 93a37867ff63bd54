//! Scans that did not happen when they should have: a finding `source: missed` for the manager. The next scan that
//! is stored, whatever it sees, resolves it.
//!
//! A scan is missed when it is overdue by more than its schedule's interval, or by more than a day; when its last run
//! failed before anything could be stored; and when it has been running for more than a day and for more than its
//! interval.

use super::AppError;
use super::session::{Session, is_scanned_here};
use crate::domain::finding::{Finding, FindingKey, FindingState};
use crate::domain::instant::Instant;
use crate::domain::name::DatasetName;
use crate::domain::register::Dataset;
use crate::domain::run::Run;
use crate::domain::schedule::Schedule;
use crate::domain::verdict::Reason;
use crate::rule::reconcile::ChangeReason;
use crate::store::{Commit, FindingFilter};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

const DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// What is known of a dataset's scans.
#[derive(Debug, Clone, Copy)]
struct Known<'a> {
    /// The last run that was begun.
    last: Option<&'a Run>,
    /// When the last run of which something was stored began.
    stored: Option<Instant>,
    /// Up to when its schedule was looked at.
    considered: Option<Instant>,
}

/// Opens a finding for each dataset whose scan was missed at `now` and has none yet. Returns how many.
///
/// # Errors
/// [`AppError`] when the store fails.
pub fn look(session: &Session, now: Instant) -> Result<usize, AppError> {
    let _alone = session.settle();
    let store = &session.store;
    let runs: BTreeMap<DatasetName, Run> = store.runs(1)?.into_iter().map(|run| (run.dataset.clone(), run)).collect();
    let (stored, considered) = (store.last_stored_runs()?, store.considered_until()?);
    let datasets = session.loaded.register.datasets.iter();
    let missed: Vec<(&DatasetName, &Dataset)> = datasets
        .filter(|(_, dataset)| is_scanned_here(&session.loaded, dataset, now))
        .filter(|(name, dataset)| {
            let known = Known {
                last: runs.get(*name),
                stored: stored.get(*name).copied(),
                considered: considered.get(*name).copied(),
            };
            let zone = &dataset.schedule_time_zone;
            let begins = |due| session.loaded.register.avoided_until(dataset, due).unwrap_or(due);
            dataset.schedule.as_ref().is_some_and(|schedule| is_missed(schedule, zone, known, begins, now))
        })
        .collect();
    if missed.is_empty() {
        return Ok(0);
    }
    let before = store.findings(&FindingFilter { resolved_too: true, ..FindingFilter::default() })?;
    let findings: Vec<(Finding, ChangeReason)> =
        missed.into_iter().filter_map(|(name, dataset)| opened(name, dataset, &before, now)).collect();
    if findings.is_empty() {
        return Ok(0);
    }
    for (finding, _) in &findings {
        tracing::error!(dataset = %finding.key.dataset, "a scan did not happen when it should have");
    }
    let count = findings.len();
    store.commit(&Commit { now, findings, config_digest: session.loaded.digest.clone(), ..Commit::default() })?;
    Ok(count)
}

/// The finding, opened; nothing when it is open already.
fn opened(name: &DatasetName, dataset: &Dataset, before: &[Finding], now: Instant) -> Option<(Finding, ChangeReason)> {
    let key = FindingKey { dataset: name.clone(), reason: Reason::Missed, detail: String::new() };
    let known = before.iter().find(|finding| finding.key == key);
    if known.is_some_and(|finding| finding.state != FindingState::Resolved) {
        return None;
    }
    let change = if known.is_some() { ChangeReason::Reopened } else { ChangeReason::First };
    Some((Finding::opened(key, dataset.division.clone(), 0, now), change))
}

/// Whether the scan that should have been was not. `begins` says when one that is due may begin.
fn is_missed(
    schedule: &Schedule,
    zone: &TimeZone,
    known: Known<'_>,
    begins: impl Fn(Instant) -> Instant,
    now: Instant,
) -> bool {
    if let Some(run) = known.last {
        if run.is_open() {
            let interval = interval(schedule, zone, run.started_at);
            return now.microseconds().saturating_sub(run.started_at.microseconds()) > DAY.max(interval);
        }
        let is_stopped = run.failure.as_deref() == Some(Run::STOPPED) || run.was_cut_off();
        if run.status.is_none() && !is_stopped && run.scheduled_at.is_some() {
            return true;
        }
    }
    // Since then it should have been scanned: since the last scan, else since the schedule was first looked at.
    let Some(since) = known.stored.max(known.considered.filter(|_| known.stored.is_none())) else { return false };
    let Some(due) = schedule.next_after(since, zone) else { return false };
    now.microseconds().saturating_sub(begins(due).microseconds()) > DAY.min(interval(schedule, zone, due))
}

/// The time from the first instant after `from` to the one after that, in microseconds; a day where there is none.
fn interval(schedule: &Schedule, zone: &TimeZone, from: Instant) -> i64 {
    let next = schedule.next_after(from, zone);
    let second = next.and_then(|next| schedule.next_after(next, zone));
    next.zip(second).map_or(DAY, |(next, second)| second.microseconds() - next.microseconds())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::observation::ScanStatus;
    use crate::domain::run::RunTrigger;

    const HOUR: i64 = 60 * 60 * 1_000_000;

    fn at(hour: i64) -> Instant {
        Instant::from_microseconds(hour * HOUR)
    }

    fn run(began: i64, ended: Option<i64>, status: Option<ScanStatus>, failure: Option<&str>) -> Run {
        Run {
            number: 1,
            dataset: DatasetName::new("leads").unwrap(),
            trigger: RunTrigger::Schedule,
            scheduled_at: Some(at(began)),
            missed: 0,
            started_at: at(began),
            ended_at: ended.map(at),
            status,
            items: 0,
            problems: 0,
            failure: failure.map(str::to_owned),
        }
    }

    fn missed(line: &str, last: Option<&Run>, considered: i64, now: i64) -> bool {
        let stored = last.filter(|run| run.status.is_some()).map(|run| run.started_at);
        let known = Known { last, stored, considered: Some(at(considered)) };
        is_missed(&Schedule::parse(line).unwrap(), &TimeZone::UTC, known, |due| due, at(now))
    }

    #[test]
    fn overdue_by_more_than_the_interval_or_a_day() {
        let done = run(24, Some(25), Some(ScanStatus::Complete), None);
        // Each night at midnight: due at 48, overdue by a day after 72.
        assert!(!missed("0 0 * * *", Some(&done), 24, 72));
        assert!(missed("0 0 * * *", Some(&done), 24, 73));
        // Each hour: due at 25.
        assert!(!missed("0 * * * *", Some(&done), 24, 26));
        assert!(missed("0 * * * *", Some(&done), 24, 27));
        // Each year: overdue by a day is enough.
        assert!(!missed("0 0 1 1 *", Some(&done), 24, 365 * 24 + 24));
        assert!(missed("0 0 1 1 *", Some(&done), 24, 365 * 24 + 25));
    }

    #[test]
    fn a_dataset_that_was_never_scanned_is_overdue_from_when_its_schedule_was_first_looked_at() {
        assert!(!missed("0 0 * * *", None, 30, 72));
        assert!(missed("0 0 * * *", None, 30, 73));
    }

    #[test]
    fn a_run_that_failed_is_missed_at_once_and_one_that_was_stopped_is_not() {
        assert!(missed("0 0 * * *", Some(&run(24, Some(24), None, Some("no thread"))), 24, 25));
        assert!(!missed("0 0 * * *", Some(&run(24, Some(24), None, Some(Run::STOPPED))), 24, 25));
        assert!(!missed("0 0 * * *", Some(&run(24, None, None, Some(Run::CUT_OFF))), 24, 25));
    }

    #[test]
    fn a_run_that_goes_on_is_missed_after_a_day_and_its_interval() {
        let open = run(24, None, None, None);
        assert!(!missed("0 * * * *", Some(&open), 24, 48));
        assert!(missed("0 * * * *", Some(&open), 24, 49));
        assert!(!missed("0 0 * * 0", Some(&open), 24, 24 + 7 * 24));
        assert!(missed("0 0 * * 0", Some(&open), 24, 25 + 7 * 24));
    }
}
