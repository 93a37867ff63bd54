//! `purposed confirm DATASET`.

use super::arguments::Confirm;
use super::environment;
use super::output::{Answer, Exit, print};
use crate::app::confirm::confirm;

pub(super) fn run(arguments: &Confirm) -> Answer {
    let now = environment::instant(arguments.now.as_deref())?;
    environment::run(|| confirm(&arguments.config.path, &arguments.dataset, now, &environment::read()))?;
    print(&format!("confirmed: the next scan of `{}` takes it as it is\n", arguments.dataset))?;
    Ok(Exit::Success)
}
