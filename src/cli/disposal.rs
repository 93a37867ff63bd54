//! `purposed disposal declare|report|open`.

use super::acting;
use super::arguments::{Disposal, DisposalAct, DisposalDeclare, DisposalOpen, DisposalReport};
use super::arguments::{Format, Method, RecordFormat};
use super::output::{Answer, Exit, print};
use super::{environment, table};
use crate::app::act;
use crate::app::disposal::{DeclareRequest, RecordLine, record, waiting};
use crate::app::listing::csv_line;
use crate::domain::disposal::DisposalMethod;
use crate::domain::language::{Language, Localised};
use crate::notify::count;
use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};

pub(super) fn run(arguments: &Disposal) -> Answer {
    match &arguments.act {
        DisposalAct::Declare(arguments) => declare_one(arguments),
        DisposalAct::Report(arguments) => report(arguments),
        DisposalAct::Open(arguments) => open(arguments),
    }
}

fn declare_one(arguments: &DisposalDeclare) -> Answer {
    let request = DeclareRequest {
        finding: arguments.finding.clone(),
        method: match arguments.method {
            Method::Erased => DisposalMethod::Erased,
            Method::Returned => DisposalMethod::Returned,
            Method::Anonymised => DisposalMethod::Anonymised,
            Method::Moved => DisposalMethod::Moved,
        },
        on: arguments.on,
        by: arguments.by.clone(),
        approved_by: arguments.approved_by.clone(),
        certificate: arguments.certificate.clone(),
        note: arguments.note.clone(),
    };
    let request = act::Request::Declare(request);
    let act::Answer::Declare(answer) = acting::perform(&arguments.config.path, request, arguments.now.as_deref())?
    else {
        return Err(acting::strange());
    };
    for disposal in &answer.disposals {
        let (method, items) = (disposal.method.as_str(), count(disposal.items));
        print(&format!("{}: {method}, {items} items of `{}` ({})\n", disposal.id, disposal.dataset, disposal.finding))?;
    }
    Ok(Exit::Success)
}

fn open(arguments: &DisposalOpen) -> Answer {
    let answer = environment::run(|| waiting(&arguments.config.path, &environment::read()))?;
    let zone = &answer.time_zone;
    let text = match arguments.format {
        Format::Json => {
            let all = answer.waiting.iter().map(|one| {
                json!({
                    "finding": one.finding,
                    "dataset": one.dataset,
                    "rule": one.reason.rule(),
                    "reason": one.reason.as_str(),
                    "items": one.items,
                    "since": one.since.rfc3339(zone),
                    "declare_by": one.declare_by,
                })
            });
            format!("{:#}\n", json!({ "version": 1, "waiting": all.collect::<Vec<_>>() }))
        }
        Format::Table if answer.waiting.is_empty() => " nothing waits for a declaration\n".to_owned(),
        Format::Table => table::of(
            &["finding", "dataset", "rule: reason", "items", "not seen since", "declare by"],
            answer.waiting.iter().map(|one| {
                vec![
                    format!(" {}", one.finding),
                    one.dataset.to_string(),
                    format!("{}: {}", one.reason.rule(), one.reason),
                    count(one.items),
                    table::day(one.since, zone),
                    one.declare_by.to_string(),
                ]
            }),
        ),
    };
    print(&text)?;
    Ok(Exit::Success)
}

/// The columns of the disposal record.
const COLUMNS: [&str; 16] = [
    "id",
    "declared_at",
    "dataset",
    "dataset_name",
    "category",
    "purposes",
    "finding",
    "reason",
    "items",
    "method",
    "on",
    "by",
    "approved_by",
    "certificate",
    "note",
    "evidence_entry",
];

fn report(arguments: &DisposalReport) -> Answer {
    let days = (arguments.from, arguments.until);
    let answer = environment::run(|| record(&arguments.config.path, days, &environment::read()))?;
    let lines = answer.lines.iter().map(|line| cells(line, &answer.time_zone));
    let text = match arguments.format {
        RecordFormat::Json => {
            let lines = lines.map(|cells| COLUMNS.into_iter().map(str::to_owned).zip(cells).collect::<Json>());
            format!("{:#}\n", json!({ "version": 1, "disposals": lines.collect::<Vec<_>>() }))
        }
        RecordFormat::Csv => {
            let header = csv_line(COLUMNS.into_iter().map(str::to_owned));
            header + &lines.map(|cells| csv_line(cells.into_iter().map(as_text))).collect::<String>()
        }
    };
    print(&text)?;
    Ok(Exit::Success)
}

/// The cells of one line, in the order of the columns.
fn cells(line: &RecordLine, zone: &TimeZone) -> [Json; 16] {
    let RecordLine { stored, dataset_name, category, purposes } = line;
    let disposal = &stored.disposal;
    let named = |name: &Option<Localised>| name.as_ref().map(both);
    let purposes: Vec<String> = purposes.iter().map(both).collect();
    [
        json!(disposal.id),
        json!(disposal.declared_at.rfc3339(zone)),
        json!(disposal.dataset),
        json!(named(dataset_name)),
        json!(named(category)),
        json!(purposes.join("; ")),
        json!(disposal.finding),
        json!(format!("{}: {}", stored.reason.rule(), stored.reason)),
        json!(disposal.items),
        json!(disposal.method),
        json!(disposal.on),
        json!(disposal.by),
        json!(disposal.approved_by),
        json!(disposal.certificate),
        json!(disposal.note),
        json!(stored.entry),
    ]
}

/// A name in both languages, where they differ.
fn both(name: &Localised) -> String {
    let (ja, en) = (name.get(Language::Ja), name.get(Language::En));
    if ja == en { ja.to_owned() } else { format!("{ja} ({en})") }
}

fn as_text(cell: Json) -> String {
    match cell {
        Json::String(text) => text,
        Json::Null => String::new(),
        other => other.to_string(),
    }
}
