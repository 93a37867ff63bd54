//! `purposed items FINDING`.

use super::arguments::{Items, ListFormat};
use super::output::{Answer, Exit, print_aside};
use super::progress::Progress;
use super::{acting, environment};
use crate::app::act::{self, Request};
use crate::app::items::ItemsRequest;
use crate::app::listing::ListForm;
use jiff::tz::TimeZone;
use std::io::{BufWriter, Write as _, stdout};

pub(super) fn run(arguments: &Items) -> Answer {
    let request = Request::Items(ItemsRequest {
        finding: arguments.finding.clone(),
        form: match arguments.format {
            ListFormat::Csv => ListForm::Csv,
            ListFormat::Jsonl => ListForm::JsonLines,
        },
        excepted: arguments.excepted,
    });
    let mut out = BufWriter::new(stdout());
    let now = arguments.now.as_deref();
    let watch = Progress::silent().stopped_by_signals();
    let answer = acting::perform_watched(&arguments.config.path, request, now, &watch, &mut out)?;
    let act::Answer::Items(listed) = answer else { return Err(acting::strange()) };
    out.flush()?;
    if let Some(simulated) = listed.simulated_now {
        print_aside(&environment::judged_as_of(simulated, &TimeZone::UTC))?;
    }
    if listed.confidential > 0 && arguments.excepted {
        print_aside(&format!(
            "{} more under a confidential hold: do not erase; ask the manager\n",
            listed.confidential
        ))?;
    } else if listed.excepted > 0 && !arguments.excepted {
        print_aside(&format!("{} more under an exception are left out (`--excepted` lists them)\n", listed.excepted))?;
    }
    Ok(Exit::Success)
}
