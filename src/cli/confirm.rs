//! `purposed confirm DATASET`.

use super::acting;
use super::arguments::Confirm;
use super::output::{Answer, Exit, print, print_undelivered};
use crate::app::act;
use crate::app::confirm::ConfirmRequest;

pub(super) fn run(arguments: &Confirm) -> Answer {
    let dataset = &arguments.dataset;
    let request = act::Request::Confirm(ConfirmRequest { dataset: dataset.clone() });
    let act::Answer::Confirm(answer) = acting::perform(&arguments.config.path, request, arguments.now.as_deref())?
    else {
        return Err(acting::strange());
    };
    print(&match (answer.released, answer.letters) {
        (false, _) => format!("confirmed: the next scan of `{dataset}` takes it as it is\n"),
        (true, 0) => format!("confirmed: whoever answers for `{dataset}` is told from now on, at the next send time\n"),
        (true, _) if answer.undelivered.is_some() => {
            format!("confirmed: whoever answers for `{dataset}` is told when their letter can leave\n")
        }
        (true, _) => format!("confirmed: whoever answers for `{dataset}` is told\n"),
    })?;
    print_undelivered(answer.undelivered.as_deref())?;
    Ok(Exit::Success)
}
