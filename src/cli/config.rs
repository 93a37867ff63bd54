//! `purposed config show DATASET`.

use super::arguments::{Config, ConfigAct};
use super::environment;
use super::output::{Answer, Exit, print};
use crate::app::check::show;

pub(super) fn run(arguments: &Config) -> Answer {
    let ConfigAct::Show(arguments) = &arguments.act;
    let lines = environment::run(|| show(&arguments.config.path, &arguments.dataset))?;
    let text: String = lines
        .iter()
        .map(|line| {
            let origin = if arguments.origin { format!("  # {}", line.origin) } else { String::new() };
            format!("{} = {}{origin}\n", line.key, line.value)
        })
        .collect();
    print(&text)?;
    Ok(Exit::Success)
}
