//! An explanation in words: clock, period, due instant, ledger events, and the verdict of each rule.

use crate::app::explain::{ExplainAnswer, Explained};
use crate::domain::exception::{Exception, ExceptionKind};
use crate::domain::register::{CountMethod, WholeUntil};
use crate::domain::verdict::{Reason, Reasons};
use crate::rule::judge::{ConsentStep, Limit, LookupStep, PeriodStep};
use crate::rule::ledger::{EventKind, EventTime, LedgerEvent};
use crate::rule::{ClockReading, Explanation};
use jiff::tz::TimeZone;

/// The whole answer.
pub(super) fn text(answer: &ExplainAnswer) -> String {
    let mut text = format!("judged at {}\n", answer.now.rfc3339(&answer.time_zone));
    for Explained { place, explanation, exceptions } in &answer.items {
        text.push_str(&format!("\n{place}\n"));
        let lines = lines(explanation, answer.whole_reasons, &answer.time_zone);
        let setting = answer.setting.as_ref().map(|setting| {
            let (reason, how) = setting.told();
            format!("verdict   {}: {reason} (the whole dataset): {how}", reason.rule())
        });
        for line in
            lines.into_iter().chain(setting).chain(exceptions.iter().map(|(exception, of)| excepted(exception, *of)))
        {
            text.push_str(&format!("  {line}\n"));
        }
    }
    if let Some(why) = &answer.unread_copy {
        text.push_str(&format!("\nnot looked at: {why}\n"));
    }
    text
}

/// The lines of one item.
fn lines(explanation: &Explanation, whole: Reasons, zone: &TimeZone) -> Vec<String> {
    let mut lines = Vec::new();
    for step in &explanation.clocks {
        lines.push(format!("clock     {} = {}", step.field, reading(step.reading, zone)));
    }
    lines.extend(explanation.periods.iter().map(|step| period(step, zone)));
    if !explanation.purposes.is_empty() {
        let names: Vec<&str> =
            explanation.purposes.iter().map(super::super::domain::name::PurposeName::as_str).collect();
        lines.push(format!("purpose   {}", names.join(", ")));
    }
    for step in &explanation.lookups {
        lines.extend(lookup(step, zone));
    }
    lines.extend(explanation.consents.iter().map(|step| consent(step, zone)));
    lines.extend(explanation.kept_by_product.map(|kept| {
        format!("product   told to keep it: {}", if kept { "yes; that exempts it from nothing" } else { "no" })
    }));
    for rule in &explanation.rules {
        let reasons = explanation.judgement.reasons.intersection(Reasons::of_rule(*rule));
        lines.push(format!("verdict   {rule}: {}", verdict(reasons)));
    }
    for reason in whole.iter() {
        lines.push(format!("verdict   {}: {} (the whole dataset)", reason.rule(), reason));
    }
    lines
}

/// An exception that covers the item. Of a confidential hold, only what everybody may know.
fn excepted(exception: &Exception, reasons: Reasons) -> String {
    let covered = verdict(reasons);
    if exception.confidential {
        return format!("excepted  {covered}: do not erase; ask the manager");
    }
    let until = match exception.kind {
        ExceptionKind::Hold => format!("to be reviewed on {}; do not erase", exception.until_day),
        ExceptionKind::Extension | ExceptionKind::Approval => format!("until {}", exception.until_day),
    };
    format!("excepted  {covered}: {} {}, {until}", exception.kind.as_str(), exception.id)
}

/// A verdict in words.
fn verdict(reasons: Reasons) -> String {
    if reasons.is_empty() {
        return "holds".to_owned();
    }
    reasons.iter().map(Reason::as_str).collect::<Vec<_>>().join(", ")
}

/// A clock's reading.
fn reading(reading: ClockReading, zone: &TimeZone) -> String {
    match reading {
        ClockReading::Instant(instant) => instant.rfc3339(zone),
        ClockReading::Date(date) => format!("{date} (a day)"),
        ClockReading::Running => "empty: not started".to_owned(),
        ClockReading::Unreadable(why) => format!("unreadable: {why}"),
    }
}

/// The end of a period.
fn period(step: &PeriodStep, zone: &TimeZone) -> String {
    let limit = match step.limit {
        Limit::AtMost => "keep",
        Limit::AtLeast => "keep at least",
    };
    let rounded = match step.until_end_of {
        Some(WholeUntil::FiscalYearEnd) => ", until the fiscal year ends",
        None => "",
    };
    let counted = match step.count {
        CountMethod::CivilCode => ", counted by Civil Code Art. 140-143",
        CountMethod::Calendar => "",
    };
    let basis = step.basis.as_ref().map_or_else(String::new, |basis| format!(" ({basis})"));
    let extra = step.extra.map_or_else(String::new, |extra| format!(", a copy {extra} longer"));
    let due = step.due.map_or_else(|| "beyond the calendar".to_owned(), |due| due.rfc3339(zone));
    format!("period    {limit} #{}: + {}{rounded}{counted}{extra}{basis} -> due {due}", step.index + 1, step.period)
}

/// A look-up and the events it found.
fn lookup(step: &LookupStep, zone: &TimeZone) -> Vec<String> {
    let mut lines = vec![match &step.events {
        None => format!("ledger    {} by {}: no usable key", step.ledger, step.field),
        Some(events) => format!("ledger    {} by {}: {} event(s)", step.ledger, step.field, events.len()),
    }];
    lines.extend(step.events.iter().flatten().map(|found| format!("            {}", event(found, zone))));
    lines
}

/// What was found about consent to one purpose.
fn consent(step: &ConsentStep, zone: &TimeZone) -> String {
    let deciding =
        step.deciding.as_ref().map_or_else(String::new, |found| format!(", decided by {}", event(found, zone)));
    let found = step.reason.map_or("given", Reason::as_str);
    format!("consent   {}: {found}{deciding}", step.purpose)
}

/// An event of a ledger.
fn event(event: &LedgerEvent, zone: &TimeZone) -> String {
    let purpose = match (&event.purpose, event.is_known_purpose) {
        (Some(name), _) => name.to_string(),
        (None, true) => "every purpose".to_owned(),
        (None, false) => "a purpose that the register does not know".to_owned(),
    };
    let at = match event.time {
        EventTime::SinceEver => "without a date".to_owned(),
        EventTime::Unreadable => "at an unreadable date".to_owned(),
        EventTime::At(instant) if event.is_date => super::table::day(instant, zone),
        EventTime::At(instant) => instant.rfc3339(zone),
    };
    let kind = match event.kind {
        EventKind::Given => "given",
        EventKind::Withdrawn => "withdrawn",
    };
    format!("{kind} {at} for {purpose}")
}
