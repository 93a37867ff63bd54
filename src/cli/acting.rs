//! Acts that write: performed by this process, or by the daemon while that has the store.

use super::environment;
use super::output::{Ended, Exit};
use super::progress::Progress;
use crate::app::act::{Answer, Request, act};
use crate::app::scan::Watch;
use crate::app::{AppError, ErrorKind};
use crate::daemon::control::{AskError, Call, ask};
use crate::domain::instant::Instant;
use crate::store::StoreError;
use std::io::Write;
use std::path::Path;

/// Performs a request that lists nothing and shows no progress. `now` is what `--now` says.
pub(super) fn perform(config: &Path, request: Request, now: Option<&str>) -> Result<Answer, Ended> {
    perform_watched(config, request, now, &Progress::silent(), &mut std::io::sink())
}

/// Performs a request, wherever that can be done. `now` is what `--now` says; a list goes to `out`.
pub(super) fn perform_watched(
    config: &Path,
    request: Request,
    now: Option<&str>,
    watch: &dyn Watch,
    out: &mut (dyn Write + Send),
) -> Result<Answer, Ended> {
    perform_parsed(config, request, environment::instant(now)?, watch, out)
}

/// Performs a request that lists nothing, at an instant.
pub(super) fn perform_at(config: &Path, request: Request, now: Option<Instant>) -> Result<Answer, Ended> {
    perform_parsed(config, request, now, &Progress::silent(), &mut std::io::sink())
}

fn perform_parsed(
    config: &Path,
    request: Request,
    now: Option<Instant>,
    watch: &dyn Watch,
    out: &mut (dyn Write + Send),
) -> Result<Answer, Ended> {
    let surroundings = environment::read();
    let state = match act(config, &request, now, &surroundings, watch, out) {
        Err(AppError::Store(StoreError::InUse(state))) => state,
        ended => return environment::run(|| ended),
    };
    let call = Call { version: Call::VERSION, user: surroundings.user, now, request };
    ask(&state, &call, watch, out).map_err(|error| match error {
        AskError::NobodyAnswers => {
            let error = AppError::Store(StoreError::InUse(state));
            Ended { exit: environment::exit(ErrorKind::InUse), error: error.into() }
        }
        AskError::Failed { kind, message } => {
            Ended { exit: environment::exit(kind), error: anyhow::Error::msg(message) }
        }
        AskError::Out(_) | AskError::Stopped | AskError::Broken(_) => {
            Ended { exit: Exit::Failure, error: error.into() }
        }
    })
}

/// What to say where the answer is to another question.
pub(super) fn strange() -> Ended {
    Ended { exit: Exit::Failure, error: anyhow::Error::msg("the service answered another question than was asked") }
}
