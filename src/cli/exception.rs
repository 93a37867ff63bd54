//! `purposed exception add|list|revoke|release|review`.

use super::acting;
use super::arguments::{ConfigFile, Exception, ExceptionAct, ExceptionAdd, ExceptionEnd, ExceptionList};
use super::arguments::{ExceptionReview, Format, Kind};
use super::output::{Answer, Ended, Exit, print};
use super::{environment, table};
use crate::app::act;
use crate::app::exception::{AddAnswer, AddRequest, EndRequest, Ending, ExceptionAnswer, ReviewRequest, list};
use crate::domain::exception::{Exception as Excepted, ExceptionKind, ExceptionState};
use crate::domain::instant::Instant;
use crate::domain::verdict::Reason;
use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};
use std::io::Read as _;

/// A list of items is never longer: some millions of digests.
const LONGEST_INPUT_BYTES: u64 = 256 * 1024 * 1024;

pub(super) fn run(arguments: &Exception) -> Answer {
    match &arguments.act {
        ExceptionAct::Add(arguments) => add_one(arguments),
        ExceptionAct::List(arguments) => list_all(arguments),
        ExceptionAct::Revoke(arguments) => end_one(arguments, Ending::Revoke),
        ExceptionAct::Release(arguments) => end_one(arguments, Ending::Release),
        ExceptionAct::Review(arguments) => review_one(arguments),
    }
}

fn add_one(arguments: &ExceptionAdd) -> Answer {
    let items = match &arguments.items {
        Some(_) => {
            let mut text = String::new();
            std::io::stdin().lock().take(LONGEST_INPUT_BYTES).read_to_string(&mut text)?;
            Some(text)
        }
        None => None,
    };
    let request = AddRequest {
        dataset: arguments.dataset.clone(),
        kind: match arguments.kind {
            Kind::Extension => ExceptionKind::Extension,
            Kind::Approval => ExceptionKind::Approval,
            Kind::Hold => ExceptionKind::Hold,
        },
        rule: arguments.rule.clone(),
        items,
        dated_from: arguments.dated_from,
        dated_until: arguments.dated_until,
        until: arguments.until,
        reason: arguments.reason.clone(),
        requested_by: arguments.requested_by.clone(),
        approved_by: arguments.approved_by.clone(),
        confidential: arguments.confidential,
    };
    let request = act::Request::AddException(Box::new(request));
    let answer = acting::perform(&arguments.config.path, request, arguments.now.as_deref())?;
    let act::Answer::AddException(AddAnswer { id, kind, dataset, items, until }) = answer else {
        return Err(acting::strange());
    };
    let items = items.map_or_else(|| "every item in its scope".to_owned(), |items| format!("{items} items"));
    let until =
        if kind == ExceptionKind::Hold { format!("to be reviewed on {until}") } else { format!("until {until}") };
    print(&format!("{id}: {} for {items} of `{dataset}`, {until}; the next scan follows it\n", kind.as_str()))?;
    Ok(Exit::Success)
}

fn end_one(arguments: &ExceptionEnd, ending: Ending) -> Answer {
    let request = act::Request::EndException(EndRequest { id: arguments.id.clone(), ending, by: arguments.by.clone() });
    let ExceptionAnswer { id, dataset, state, .. } = changed(&arguments.config, request, arguments.now.as_deref())?;
    let back = "what it covered comes back with the next scan";
    print(&format!("{id} of `{dataset}` is {}; {back}\n", state.as_str()))?;
    Ok(Exit::Success)
}

fn review_one(arguments: &ExceptionReview) -> Answer {
    let request = ReviewRequest { id: arguments.id.clone(), until: arguments.until, by: arguments.by.clone() };
    let request = act::Request::ReviewException(request);
    let ExceptionAnswer { id, dataset, until, .. } = changed(&arguments.config, request, arguments.now.as_deref())?;
    print(&format!("{id} of `{dataset}` stands; the next review is on {until}\n"))?;
    Ok(Exit::Success)
}

/// Ends or reviews an exception.
fn changed(config: &ConfigFile, request: act::Request, now: Option<&str>) -> Result<ExceptionAnswer, Ended> {
    match acting::perform(&config.path, request, now)? {
        act::Answer::Exception(answer) => Ok(answer),
        _ => Err(acting::strange()),
    }
}

fn list_all(arguments: &ExceptionList) -> Answer {
    let answer = environment::run(|| list(&arguments.config.path, arguments.all, &environment::read()))?;
    let open = arguments.confidential;
    let text = match arguments.format {
        Format::Json => {
            let all: Vec<Json> = answer.exceptions.iter().map(|one| as_json(one, open, &answer.time_zone)).collect();
            format!("{:#}\n", json!({ "version": 1, "exceptions": all }))
        }
        Format::Table if answer.exceptions.is_empty() => " there is no exception\n".to_owned(),
        Format::Table => table::of(
            &["exception", "kind", "dataset", "scope", "until", "state", "reason"],
            answer.exceptions.iter().map(|one| row(one, open)),
        ),
    };
    print(&text)?;
    Ok(Exit::Success)
}

fn is_shown(exception: &Excepted, open: bool) -> bool {
    open || !exception.confidential
}

fn row(exception: &Excepted, open: bool) -> Vec<String> {
    let why = if is_shown(exception, open) { exception.why.as_str() } else { "confidential" };
    let until = match exception.kind {
        ExceptionKind::Hold if exception.state == ExceptionState::Active => format!("review {}", exception.until_day),
        _ => exception.until_day.to_string(),
    };
    vec![
        format!(" {}", exception.id),
        exception.kind.as_str().to_owned(),
        exception.scope.dataset.to_string(),
        scope(exception),
        until,
        exception.state.as_str().to_owned(),
        why.to_owned(),
    ]
}

/// What of the dataset it concerns, in short.
fn scope(exception: &Excepted) -> String {
    let scope = &exception.scope;
    let mut words = match (scope.rule, scope.reason) {
        (Some(rule), Some(reason)) => format!("{rule}:{reason}"),
        (Some(rule), None) => rule.to_string(),
        (None, _) => "all".to_owned(),
    };
    if let Some(items) = scope.listed_items {
        words.push_str(&format!(", {items} items"));
    }
    if scope.from.is_some() || scope.until.is_some() {
        words.push_str(", some days");
    }
    words
}

fn as_json(exception: &Excepted, open: bool, zone: &TimeZone) -> Json {
    let at = |instant: Option<Instant>| instant.map(|instant| instant.rfc3339(zone));
    let scope = &exception.scope;
    let shown = is_shown(exception, open);
    json!({
        "id": exception.id,
        "kind": exception.kind,
        "dataset": scope.dataset,
        "rule": scope.rule,
        "reason": scope.reason.map(Reason::as_str),
        "from": at(scope.from),
        "before": at(scope.until),
        "items": scope.listed_items,
        "why": shown.then_some(&exception.why),
        "requested_by": shown.then_some(&exception.requested_by),
        "approved_by": exception.approved_by,
        "made_at": exception.made_at.rfc3339(zone),
        "until": exception.until_day,
        "confidential": exception.confidential,
        "state": exception.state,
        "ended_at": at(exception.ended.as_ref().map(|(at, _)| *at)),
        "ended_by": exception.ended.as_ref().and_then(|(_, by)| by.as_ref()),
    })
}
