//! `purposed status`.

use super::arguments::{Format, Look};
use super::output::{Answer, Exit, print};
use super::{environment, table};
use crate::app::picture::{DatasetPicture, Picture};
use crate::app::status::{DaemonState, StatusAnswer, status};
use crate::daemon::control::takes_commands;
use crate::domain::instant::Instant;
use crate::notify::count;
use serde_json::{Value as Json, json};

pub(super) fn run(arguments: &Look) -> Answer {
    let now = environment::instant(arguments.now.as_deref())?;
    let answer = environment::run(|| status(&arguments.config.path, now, &environment::read(), takes_commands))?;
    let text = match arguments.format {
        Format::Json => format!("{:#}\n", as_json(&answer)),
        Format::Table => for_people(&answer),
    };
    print(&text)?;
    Ok(Exit::Success)
}

/// The open findings of a dataset, and the items in them.
fn open(picture: &Picture, dataset: &DatasetPicture) -> (u64, u64) {
    picture.findings_of(&dataset.name).fold((0, 0), |(findings, items), finding| (findings + 1, items + finding.items))
}

fn as_json(answer: &StatusAnswer) -> Json {
    let picture = &answer.picture;
    let at = |at: Option<Instant>| at.map(|at| at.rfc3339(&picture.time_zone));
    let datasets: Vec<Json> = picture
        .datasets
        .iter()
        .map(|dataset| {
            let (findings, items) = open(picture, dataset);
            json!({
                "dataset": dataset.name,
                "division": dataset.division,
                "scanned_here": dataset.is_scanned_here,
                "last_scan": at(dataset.last.as_ref().map(|last| last.at)),
                "status": dataset.last.as_ref().map(|last| last.status),
                "items": dataset.last.as_ref().map(|last| last.items),
                "last_success": at(dataset.succeeded_at),
                "running_since": at(dataset.running_since),
                "next_run": at(dataset.next_run),
                "overdue_since": at(dataset.overdue_since),
                "missed_runs": dataset.missed,
                "findings": findings,
                "finding_items": items,
            })
        })
        .collect();
    let counts = &picture.counts;
    let unreachable: Vec<Json> = picture
        .unreachable
        .iter()
        .map(|entry| json!({ "person": entry.person, "since": at(Some(entry.since)), "why": entry.why }))
        .collect();
    json!({
        "version": 1,
        "now": picture.now.rfc3339(&picture.time_zone),
        "daemon": answer.daemon,
        "datasets": datasets,
        "letters": counts.letters,
        "outbox_waiting_since": at(counts.waiting_since),
        "unreachable": unreachable,
        "exceptions": counts.exceptions,
        "next_review": counts.next_review,
        "evidence": { "entries": picture.evidence.0, "head": picture.evidence.1 },
        "store_bytes": counts.bytes,
        "state_free_bytes": picture.state.free_bytes,
    })
}

fn for_people(answer: &StatusAnswer) -> String {
    let picture = &answer.picture;
    let daemon = match answer.daemon {
        DaemonState::Running => "the daemon runs",
        DaemonState::StoreInUse => "the daemon does not take commands, and something has the store",
        DaemonState::Stopped => "the daemon does not run",
    };
    let mut text = format!(" {daemon}\n\n{}\n", datasets(picture));
    for line in [outbox(picture), unreachable(picture), exceptions(picture), evidence(picture)] {
        text.push_str(&line);
    }
    text
}

fn datasets(picture: &Picture) -> String {
    let minute = |at: Instant| table::minute(at, &picture.time_zone);
    let mut rows = table::table(&["dataset", "last scan", "status", "items", "findings", "next run"], &[3, 4]);
    for dataset in &picture.datasets {
        let last = dataset.last.as_ref();
        let status = match (dataset.running_since, last) {
            (Some(_), _) => "running",
            (None, Some(last)) => last.status.as_str(),
            (None, None) => "",
        };
        let next = match (dataset.overdue_since, dataset.next_run) {
            _ if !dataset.is_scanned_here => "not here".to_owned(),
            (Some(since), _) => format!("overdue {}", minute(since)),
            (None, next) => next.map_or_else(|| "when asked".to_owned(), minute),
        };
        rows.add_row([
            dataset.name.to_string(),
            last.map_or_else(|| "never".to_owned(), |last| minute(last.at)),
            status.to_owned(),
            last.map_or_else(String::new, |last| count(last.items)),
            count(open(picture, dataset).0),
            next,
        ]);
    }
    table::lines(&rows)
}

fn outbox(picture: &Picture) -> String {
    let letters = |state: &str| picture.counts.letters.get(state).copied().unwrap_or_default();
    let undelivered = letters("refused") + letters("given-up");
    let waiting = match (letters("queued"), picture.counts.waiting_since) {
        (0, _) | (_, None) => "no letter waits".to_owned(),
        (waiting, Some(since)) => {
            format!("{} wait since {}", count(waiting), table::minute(since, &picture.time_zone))
        }
    };
    format!(" letters: {waiting}; {} delivered, {} undeliverable\n", count(letters("accepted")), count(undelivered))
}

fn unreachable(picture: &Picture) -> String {
    let people = picture.unreachable.iter();
    people
        .map(|entry| {
            let since = table::day(entry.since, &picture.time_zone);
            format!(" unreachable since {since}: {} ({})\n", entry.person, entry.why)
        })
        .collect()
}

fn exceptions(picture: &Picture) -> String {
    if picture.counts.exceptions.is_empty() {
        return String::new();
    }
    let kinds: Vec<String> =
        picture.counts.exceptions.iter().map(|(kind, active)| format!("{kind} {}", count(*active))).collect();
    let review = picture.counts.next_review.map_or_else(String::new, |day| format!("; the next review on {day}"));
    format!(" exceptions: {}{review}\n", kinds.join(", "))
}

fn evidence(picture: &Picture) -> String {
    let (length, hash) = &picture.evidence;
    let kibibytes = count(picture.counts.bytes / 1024);
    let left = count(picture.state.free_bytes / (1024 * 1024));
    format!(" evidence: head {length}:{hash}\n store: {kibibytes} KiB, {left} MiB left\n")
}
