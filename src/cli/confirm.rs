//! `purposed confirm DATASET`.

use super::arguments::Confirm;
use super::environment;
use super::output::{Answer, Exit, print};
use crate::app::confirm::{ConfirmRequest, confirm};
use crate::app::deliver::deliver_due;
use crate::app::session::{Session, load};
use crate::clock::Clock;
use crate::store::Access;

pub(super) fn run(arguments: &Confirm) -> Answer {
    let now = environment::instant(arguments.now.as_deref())?.unwrap_or_else(|| Clock::System.now());
    let surroundings = environment::read();
    let request = ConfirmRequest { dataset: arguments.dataset.clone() };
    let answer = environment::run(|| {
        let session = Session::open(load(&arguments.config.path)?, &surroundings, Access::Write)?;
        let answer = confirm(&session, &request, &surroundings.user, now)?;
        if answer.letters > 0 {
            deliver_due(&session, &surroundings, now)?;
        }
        Ok(answer)
    })?;
    let dataset = &arguments.dataset;
    print(&match (answer.released, answer.letters) {
        (false, _) => format!("confirmed: the next scan of `{dataset}` takes it as it is\n"),
        (true, 0) => format!("confirmed: whoever answers for `{dataset}` is told from now on, at the next send time\n"),
        (true, _) => format!("confirmed: whoever answers for `{dataset}` is told\n"),
    })?;
    Ok(Exit::Success)
}
