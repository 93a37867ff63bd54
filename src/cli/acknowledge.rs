//! `purposed acknowledge FINDING`.

use super::arguments::Acknowledge;
use super::environment;
use super::output::{Answer, Exit, print, usage};
use crate::app::acknowledge::{AcknowledgeRequest, acknowledge};
use crate::app::session::{Session, load};
use crate::clock::Clock;
use crate::store::Access;

pub(super) fn run(arguments: &Acknowledge) -> Answer {
    let now = environment::instant(arguments.now.as_deref())?.unwrap_or_else(|| Clock::System.now());
    let until = arguments
        .until
        .parse()
        .map_err(|_| usage(format!("`{}` is not a day; write it as in 2027-03-12", arguments.until)))?;
    let request = AcknowledgeRequest {
        finding: arguments.finding.clone(),
        by: arguments.by.clone(),
        until,
        note: arguments.note.clone(),
    };
    let surroundings = environment::read();
    let answer = environment::run(|| {
        let session = Session::open(load(&arguments.config.path)?, &surroundings, Access::Write)?;
        acknowledge(&session, &request, &surroundings.user, now)
    })?;
    print(&format!(
        "acknowledged: `{}` answers for {} of `{}`; nobody is written to about it before {} has passed\n",
        answer.by, answer.finding, answer.dataset, answer.until
    ))?;
    Ok(Exit::Success)
}
