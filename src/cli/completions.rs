//! `purposed completions SHELL`.

use super::arguments::{Cli, Completions};
use super::output::{Answer, Exit, print};
use clap::CommandFactory as _;

pub(super) fn run(arguments: &Completions) -> Answer {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "purposed", &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Success)
}
