//! `purposed test`.

use super::arguments::Test;
use super::environment;
use super::output::{Answer, Exit, print};
use crate::app::test::test;

pub(super) fn run(arguments: &Test) -> Answer {
    let results = environment::run(|| test(&arguments.config.path))?;
    let mut text = String::new();
    for result in &results {
        let word = if result.passed() { "ok" } else { "FAILED" };
        text.push_str(&format!("{}: {}: {word}\n", result.origin, result.dataset));
        let faults = [("expected and not found", &result.missing), ("found and not expected", &result.surplus)];
        for (what, reasons) in faults.into_iter().filter(|(_, reasons)| !reasons.is_empty()) {
            text.push_str(&format!("  {what}: {}\n", reasons.join(", ")));
        }
    }
    let failed = results.iter().filter(|result| !result.passed()).count();
    text.push_str(&format!("{} passed, {failed} failed\n", results.len() - failed));
    print(&text)?;
    Ok(if failed == 0 { Exit::Success } else { Exit::Failure })
}
