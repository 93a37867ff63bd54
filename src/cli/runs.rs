//! `purposed runs`.

use super::arguments::{Format, Runs};
use super::output::{Answer, Exit, print};
use super::{environment, table};
use crate::app::runs::{RunsAnswer, runs};
use crate::domain::instant::Instant;
use crate::domain::run::Run;
use crate::notify::count;
use serde_json::{Value as Json, json};

pub(super) fn run(arguments: &Runs) -> Answer {
    let answer =
        environment::run(|| runs(&arguments.config.path, &arguments.datasets, arguments.last, &environment::read()))?;
    let text = match arguments.format {
        Format::Json => format!("{:#}\n", as_json(&answer)),
        Format::Table => as_table(&answer),
    };
    print(&text)?;
    Ok(Exit::Success)
}

/// How a run stands, in one word.
const fn state(run: &Run) -> &'static str {
    match run.status {
        Some(status) => status.as_str(),
        None if run.is_open() => "running",
        None => "nothing stored",
    }
}

fn as_json(answer: &RunsAnswer) -> Json {
    let at = |instant: Option<Instant>| instant.map(|instant| instant.rfc3339(&answer.time_zone));
    let run = |run: &Run| {
        json!({
            "number": run.number, "dataset": run.dataset, "trigger": run.trigger, "missed": run.missed,
            "scheduled_at": at(run.scheduled_at), "started_at": at(Some(run.started_at)), "ended_at": at(run.ended_at),
            "state": state(run), "items": run.items, "problems": run.problems, "failure": run.failure,
        })
    };
    let scheduled = answer.scheduled.iter().map(
        |scheduled| json!({"dataset": scheduled.dataset, "schedule": scheduled.schedule, "next": at(scheduled.next)}),
    );
    json!({
        "version": 1,
        "runs": answer.runs.iter().map(run).collect::<Vec<_>>(),
        "schedules": scheduled.collect::<Vec<_>>(),
    })
}

fn as_table(answer: &RunsAnswer) -> String {
    let zone = &answer.time_zone;
    let mut text = String::new();
    let mut rows =
        table::table(&["dataset", "why", "began", "took", "items", "problems", "missed", "state"], &[4, 5, 6]);
    for run in &answer.runs {
        rows.add_row([
            run.dataset.to_string(),
            run.trigger.as_str().to_owned(),
            table::minute(run.started_at, zone),
            run.ended_at.map_or_else(String::new, |ended| took(run.started_at, ended)),
            count(run.items),
            count(run.problems),
            count(run.missed),
            state(run).to_owned(),
        ]);
    }
    if answer.runs.is_empty() {
        text.push_str(" nothing was scanned yet\n");
    } else {
        text.push_str(&table::lines(&rows));
    }
    for run in &answer.runs {
        if let Some(failure) = &run.failure {
            text.push_str(&format!(" {} at {}: {failure}\n", run.dataset, table::minute(run.started_at, zone)));
        }
    }
    let mut rows = table::table(&["dataset", "schedule", "next"], &[]);
    for scheduled in &answer.scheduled {
        rows.add_row([
            scheduled.dataset.to_string(),
            scheduled.schedule.clone().unwrap_or_else(|| "by hand only".to_owned()),
            scheduled.next.map_or_else(String::new, |next| table::minute(next, zone)),
        ]);
    }
    text.push_str(&format!("\n{}", table::lines(&rows)));
    text
}

/// The time between two instants, for people.
fn took(from: Instant, until: Instant) -> String {
    let seconds = until.microseconds().saturating_sub(from.microseconds()).max(0) / 1_000_000;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}
