//! `purposed evidence verify`.

use super::arguments::{Evidence, EvidenceAct};
use super::environment;
use super::output::{Answer, Exit, print};
use crate::app::evidence::verify;
use crate::store::evidence::Verification;

pub(super) fn run(arguments: &Evidence) -> Answer {
    let EvidenceAct::Verify(arguments) = &arguments.act;
    let answer = environment::run(|| verify(&arguments.config.path, arguments.head.as_deref(), &environment::read()));
    // Here 2 means altered, so that whatever keeps the check from running must be told as 1.
    let answer = answer.map_err(|mut ended| {
        ended.exit = Exit::Failure;
        ended
    })?;
    match answer {
        Verification::Intact { length, head } => {
            print(&format!("intact: {length} entries, head {length}:{head}\n"))?;
            Ok(Exit::Success)
        }
        Verification::Altered { at, why } => {
            print(&format!("ALTERED at entry {at}: {why}\n"))?;
            Ok(Exit::Usage)
        }
    }
}
