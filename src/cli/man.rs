//! `purposed man FOLDER`: one page per command.

use super::arguments::{Cli, Man};
use super::output::{Answer, Exit};
use anyhow::Context as _;
use clap::CommandFactory as _;

pub(super) fn run(arguments: &Man) -> Answer {
    std::fs::create_dir_all(&arguments.folder)
        .with_context(|| format!("cannot make the folder `{}`", arguments.folder.display()))?;
    clap_mangen::generate_to(Cli::command(), &arguments.folder)
        .with_context(|| format!("cannot write manual pages to `{}`", arguments.folder.display()))?;
    Ok(Exit::Success)
}
