//! `purposed demo`: makes up a company, scans it, and shows what follows.

use super::arguments::Demo;
use super::output::{Answer, Exit, print};
use super::progress::Progress;
use super::{environment, table};
use crate::app::demonstration::{DemoAnswer, demo};

pub(super) fn run(arguments: &Demo) -> Answer {
    let progress = Progress::new();
    let answer = environment::run(|| demo(arguments.folder.as_deref(), &environment::read(), &progress))?;
    progress.finish();
    print(&text(&answer))?;
    Ok(Exit::Success)
}

/// What was made, what the scan found, where the letters are, and what to try next.
fn text(answer: &DemoAnswer) -> String {
    let config = answer.config.display();
    let mut text = format!("made up a company in {}\n\n{}", answer.folder.display(), table::scan(&answer.scan));
    for letter in &answer.letters {
        text.push_str(&format!("   {}\n", letter.display()));
    }
    text.push_str("\ntry next:\n");
    let mut tries = vec![
        format!("purposed check --config {config}"),
        format!("purposed scan --config {config}"),
        format!("purposed findings --config {config}"),
    ];
    tries.extend(answer.a_finding.iter().map(|finding| format!("purposed items {finding} --config {config}")));
    tries.push(format!("purposed evidence verify --config {config}"));
    for line in tries {
        text.push_str(&format!("   {line}\n"));
    }
    text
}
