//! `purposed findings`.

use super::arguments::{Findings, Format};
use super::output::{Answer, Exit, print};
use super::{environment, table};
use crate::app::findings::findings;
use crate::domain::finding::Finding;
use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};

pub(super) fn run(arguments: &Findings) -> Answer {
    let answer = environment::run(|| findings(&arguments.config.path, &arguments.datasets, &environment::read()))?;
    let text = match arguments.format {
        Format::Json => {
            let list: Vec<Json> = answer.findings.iter().map(|finding| as_json(finding, &answer.time_zone)).collect();
            format!("{:#}\n", json!({ "version": 1, "findings": list }))
        }
        Format::Table => table::findings(&answer.findings, &answer.time_zone),
    };
    print(&text)?;
    Ok(Exit::Success)
}

/// A finding in the contract's form.
pub(super) fn as_json(finding: &Finding, zone: &TimeZone) -> Json {
    json!({
        "id": finding.key.id(),
        "dataset": finding.key.dataset,
        "division": finding.division,
        "rule": finding.key.reason.rule(),
        "reason": finding.key.reason.as_str(),
        "items": finding.items,
        "new": finding.new,
        "continuing": finding.continuing,
        "gone": finding.gone,
        "earliest_due": finding.earliest_due.map(|due| due.rfc3339(zone)),
        "state": finding.state,
    })
}
