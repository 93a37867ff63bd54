//! `purposed doctor`.

use super::arguments::{Format, Look};
use super::environment;
use super::output::{Answer, Exit, print};
use crate::app::doctor::{Check, Outcome, doctor};
use serde_json::json;

pub(super) fn run(arguments: &Look) -> Answer {
    let now = environment::instant(arguments.now.as_deref())?;
    let checks = doctor(&arguments.config.path, now, &environment::read());
    let worst = checks.iter().map(|check| check.outcome).max().unwrap_or(Outcome::Ok);
    let text = match arguments.format {
        Format::Json => format!("{:#}\n", json!({ "version": 1, "outcome": worst, "checks": checks })),
        Format::Table => for_people(&checks),
    };
    print(&text)?;
    Ok(if worst == Outcome::Failed { Exit::Failure } else { Exit::Success })
}

/// One line for each check beneath what it belongs to, and how many of each outcome there are.
fn for_people(checks: &[Check]) -> String {
    let mut text = String::new();
    let mut about = "";
    for check in checks {
        if check.about != about {
            about = check.about;
            text.push_str(&format!(" {about}\n"));
        }
        text.push_str(&format!("  {:<8} {}\n", word(check.outcome), check.what));
        if let Some(hint) = &check.hint {
            text.push_str(&format!("           hint: {hint}\n"));
        }
    }
    let number = |outcome: Outcome| checks.iter().filter(|check| check.outcome == outcome).count();
    let (ok, warnings, failed) = (number(Outcome::Ok), number(Outcome::Warning), number(Outcome::Failed));
    text.push_str(&format!("\n ok: {ok}, warnings: {warnings}, failed: {failed}\n"));
    text
}

const fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "ok",
        Outcome::Warning => "warning",
        Outcome::Failed => "FAILED",
    }
}
