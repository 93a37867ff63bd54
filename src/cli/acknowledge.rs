//! `purposed acknowledge FINDING`.

use super::acting;
use super::arguments::Acknowledge;
use super::output::{Answer, Exit, print, usage};
use crate::app::acknowledge::AcknowledgeRequest;
use crate::app::act;

pub(super) fn run(arguments: &Acknowledge) -> Answer {
    let until = arguments
        .until
        .parse()
        .map_err(|_| usage(format!("`{}` is not a day; write it as in 2027-03-12", arguments.until)))?;
    let request = act::Request::Acknowledge(AcknowledgeRequest {
        finding: arguments.finding.clone(),
        by: arguments.by.clone(),
        until,
        note: arguments.note.clone(),
    });
    let act::Answer::Acknowledge(answer) = acting::perform(&arguments.config.path, request, arguments.now.as_deref())?
    else {
        return Err(acting::strange());
    };
    print(&format!(
        "acknowledged: `{}` answers for {} of `{}`; nobody is written to about it before {} has passed\n",
        answer.by, answer.finding, answer.dataset, answer.until
    ))?;
    Ok(Exit::Success)
}
