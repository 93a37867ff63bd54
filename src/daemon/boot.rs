//! The start: the configuration as its files say it, or, when they are broken, as it was last accepted.

use super::DaemonError;
use crate::app::session::{Session, load};
use crate::app::{AppError, Environment, accepted};
use crate::clock::Clock;
use crate::config::{self, ConfigProblem, Loaded, Settings};
use crate::store::Access;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The configuration, the store, and whether the configuration is what the files say.
pub(super) struct Started {
    pub(super) session: Session,
    pub(super) is_current: bool,
}

/// Loads the configuration and opens the store.
pub(super) fn start(config_file: &Path, environment: &Environment, clock: Clock) -> Result<Started, DaemonError> {
    let (loaded, is_current) = load_or_fall_back(config_file, environment)?;
    for warning in &loaded.warnings {
        tracing::warn!("{warning}");
    }
    let mut session = Session::open(loaded, environment, Access::Write)?.of_daemon();
    session.clock = clock;
    if session.store.is_simulated().map_err(AppError::from)? == Some(true) {
        return Err(DaemonError::Simulated);
    }
    if is_current {
        keep(&mut session);
    }
    Ok(Started { session, is_current })
}

/// Keeps the accepted configuration in the state folder, and drops its texts from memory.
pub(super) fn keep(session: &mut Session) {
    let loaded = Arc::make_mut(&mut session.loaded);
    let snapshot = std::mem::take(&mut loaded.snapshot);
    if let Err(error) = accepted::keep(&loaded.settings.state, &snapshot) {
        tracing::error!(%error, "should the configuration be broken at the next start, there is none to go on with");
    }
}

fn load_or_fall_back(config_file: &Path, environment: &Environment) -> Result<(Loaded, bool), DaemonError> {
    let problems = match load(config_file) {
        Ok(loaded) => return Ok((loaded, true)),
        Err(AppError::Config(problems)) => problems,
        Err(error) => return Err(error.into()),
    };
    let state = config::state_folder(config_file).or_else(|| environment.state_directory.clone());
    let state = state.unwrap_or_else(|| PathBuf::from(Settings::DEFAULT_STATE));
    match accepted::load_kept(&state, config_file) {
        Ok(Some(loaded)) => {
            log_problems(&problems);
            tracing::error!(
                problems = problems.len(),
                "the configuration is broken: going on with the one that was last accepted; mend it and reload"
            );
            Ok((loaded, false))
        }
        Ok(None) => Err(AppError::Config(problems).into()),
        Err(error) => {
            tracing::error!(%error, "what was last accepted cannot be used either");
            Err(AppError::Config(problems).into())
        }
    }
}

/// Logs every problem with its place.
pub(super) fn log_problems(problems: &[ConfigProblem]) {
    for problem in problems {
        tracing::error!("{problem}");
    }
}
