//! `purposed check`.

use super::arguments::Check;
use super::environment;
use super::output::{Answer, Exit, print, print_aside};
use crate::app::check::{CheckAnswer, check};

pub(super) fn run(arguments: &Check) -> Answer {
    let CheckAnswer { summary, warnings, connection_problems, connection_warnings } =
        environment::run(|| check(&arguments.config.path, arguments.connect))?;
    for warning in &warnings {
        print_aside(&format!("warning: {warning}\n"))?;
    }
    for warning in &connection_warnings {
        print_aside(&format!("warning: {warning}\n"))?;
    }
    for problem in &connection_problems {
        print_aside(&format!("{problem}\n"))?;
    }
    print(&format!("{summary}\n"))?;
    Ok(if connection_problems.is_empty() { Exit::Success } else { Exit::Usage })
}
