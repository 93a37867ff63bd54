//! `purposed explain DATASET ITEM`.

use super::arguments::Explain;
use super::output::{Answer, Exit, print, print_aside, usage};
use super::{acting, environment, explanation};
use crate::app::act::Request;
use crate::app::explain::{ExplainRequest, explain};
use std::io::Read as _;

/// A made-up item or a name is never longer.
const LONGEST_INPUT_BYTES: u64 = 1024 * 1024;

pub(super) fn run(arguments: &Explain) -> Answer {
    let mut item = arguments.item.clone();
    let from_standard_input = item == "-";
    if from_standard_input {
        item.clear();
        std::io::stdin().lock().take(LONGEST_INPUT_BYTES).read_to_string(&mut item)?;
    }
    let request = ExplainRequest {
        config: &arguments.config.path,
        dataset: &arguments.dataset,
        item: item.trim_end_matches(['\r', '\n']),
        from_standard_input,
        now: environment::instant(arguments.now.as_deref())?,
    };
    let answer = environment::run(|| explain(&request, &environment::read()))?;
    if let Some(note) = answer.note.clone() {
        // What cannot be noted is not told.
        acting::perform_at(&arguments.config.path, Request::NoteExplained(note), Some(answer.now))?;
    }
    if answer.is_simulated_now {
        print_aside(&environment::judged_as_of(answer.now, &answer.time_zone))?;
    }
    if answer.items.is_empty() {
        return Err(usage(format!("`{}` has no such item now", arguments.dataset)));
    }
    print(&explanation::text(&answer))?;
    Ok(Exit::Success)
}
