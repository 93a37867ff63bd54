//! `purposed findings`.

use super::arguments::{Findings, Format};
use super::output::{Answer, Exit, print};
use super::{environment, table};
use crate::app::findings::findings;
use crate::domain::departure::Departures;
use crate::domain::finding::{Finding, FindingId};
use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

pub(super) fn run(arguments: &Findings) -> Answer {
    let answer = environment::run(|| findings(&arguments.config.path, &arguments.datasets, &environment::read()))?;
    let text = match arguments.format {
        Format::Json => {
            let list = as_json(&answer.findings, &answer.departures, &answer.time_zone);
            format!("{:#}\n", json!({ "version": 1, "findings": list }))
        }
        Format::Table => table::findings(&answer.findings, &answer.time_zone),
    };
    print(&text)?;
    Ok(Exit::Success)
}

/// Findings in the contract's form, each with how items left it.
pub(super) fn as_json(
    findings: &[Finding],
    departures: &BTreeMap<FindingId, Departures>,
    zone: &TimeZone,
) -> Vec<Json> {
    let left = |finding: &Finding| departures.get(&finding.key.id()).copied().unwrap_or_default();
    findings.iter().map(|finding| one_as_json(finding, left(finding), zone)).collect()
}

fn one_as_json(finding: &Finding, left: Departures, zone: &TimeZone) -> Json {
    let mut body = json!({
        "id": finding.key.id(),
        "dataset": finding.key.dataset,
        "division": finding.division,
        "rule": finding.key.reason.rule(),
        "reason": finding.key.reason.as_str(),
        "items": finding.items,
        "new": finding.new,
        "continuing": finding.continuing,
        "gone": finding.gone,
        "left": left,
        "excepted": finding.excepted,
        "earliest_due": finding.earliest_due.map(|due| due.rfc3339(zone)),
        "state": finding.state,
    });
    if let Some(kept) = finding.kept_by_product {
        body["kept_by_product"] = json!(kept);
    }
    body
}
