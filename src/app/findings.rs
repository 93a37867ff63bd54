//! `purposed findings`: what is not resolved.

use super::session::{Session, dataset, load};
use super::{AppError, Environment};
use crate::domain::departure::Departures;
use crate::domain::finding::{Finding, FindingId, FindingState};
use crate::store::{Access, FindingFilter};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::path::Path;

/// The unresolved findings.
#[derive(Debug)]
pub struct FindingsAnswer {
    /// Sorted by dataset, rule and reason.
    pub findings: Vec<Finding>,
    /// How items left them at the last scan of their dataset; those that none left are not there.
    pub departures: BTreeMap<FindingId, Departures>,
    /// The organisation's zone.
    pub time_zone: TimeZone,
}

/// The unresolved findings of the named datasets; all when none is named.
///
/// # Errors
/// [`AppError`] when the configuration or the store cannot be read.
pub fn findings(
    config_file: &Path,
    datasets: &[String],
    environment: &Environment,
) -> Result<FindingsAnswer, AppError> {
    let loaded = load(config_file)?;
    for name in datasets {
        dataset(&loaded, name)?;
    }
    let time_zone = loaded.register.organisation.time_zone.clone();
    let session = Session::open(loaded, environment, Access::Read)?;
    let findings = unresolved(session.store.findings(&FindingFilter::default())?, datasets);
    let departures = session.store.last_departures()?;
    Ok(FindingsAnswer { findings, departures, time_zone })
}

/// Those that are not resolved, of the named datasets, in the contract's order.
pub(super) fn unresolved(findings: Vec<Finding>, datasets: &[String]) -> Vec<Finding> {
    let mut kept: Vec<Finding> = findings
        .into_iter()
        .filter(|finding| finding.state != FindingState::Resolved)
        .filter(|finding| datasets.is_empty() || datasets.iter().any(|name| name == finding.key.dataset.as_str()))
        .collect();
    kept.sort_by(|left, right| order(left).cmp(&order(right)));
    kept
}

/// Dataset, rule, reason, by their names.
fn order(finding: &Finding) -> (&str, &str, &str) {
    (finding.key.dataset.as_str(), finding.key.reason.rule().as_str(), finding.key.reason.as_str())
}
