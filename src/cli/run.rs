//! `purposed run`: the daemon.

use super::arguments::Run;
use super::environment;
use super::output::{Answer, Ended, Exit};
use crate::clock::Clock;
use crate::daemon::{self, DaemonError};

pub(super) fn run(arguments: &Run) -> Answer {
    match daemon::run(&arguments.config.path, environment::read(), Clock::System) {
        Ok(()) => Ok(Exit::Success),
        Err(DaemonError::App(error)) => environment::run(|| Err(error)),
        Err(error) => Err(Ended { exit: Exit::Failure, error: error.into() }),
    }
}
