//! `purposed preset list` and `purposed preset show NAME`.

use super::arguments::{Preset, PresetAct};
use super::output::{Answer, Exit, print, usage};
use crate::config::preset;

pub(super) fn run(arguments: &Preset) -> Answer {
    match &arguments.act {
        PresetAct::List => {
            let lines: String =
                preset::list().iter().map(|preset| format!("{:<23} {}\n", preset.name, preset.summary())).collect();
            print(&lines)?;
        }
        PresetAct::Show { name } => {
            let text = preset::show(name)
                .ok_or_else(|| usage(format!("there is no preset `{name}`; `purposed preset list` shows them")))?;
            print(text)?;
        }
    }
    Ok(Exit::Success)
}
