//! `purposed status`: whether the daemon runs, and how everything stands. Read only: it works beside the daemon.

use super::picture::Picture;
use super::session::{Session, load};
use super::{AppError, Environment};
use crate::domain::instant::Instant;
use crate::store::{Access, Store};
use serde::Serialize;
use std::path::Path;

/// Whether the daemon runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DaemonState {
    /// It has the store, and takes commands.
    Running,
    /// Something has the store and takes no commands: a scan by hand, or a daemon that is starting or stopping.
    StoreInUse,
    /// Nothing has the store.
    Stopped,
}

/// How everything stands.
#[derive(Debug)]
pub struct StatusAnswer {
    /// Whether the daemon runs.
    pub daemon: DaemonState,
    /// Everything else.
    pub picture: Picture,
}

/// How everything stands, now or at `now`. `takes_commands` says whether a daemon of the state in a folder does.
///
/// # Errors
/// [`AppError`] when the configuration or the store cannot be read.
pub fn status(
    config_file: &Path,
    now: Option<Instant>,
    environment: &Environment,
    takes_commands: fn(&Path) -> bool,
) -> Result<StatusAnswer, AppError> {
    let loaded = load(config_file)?;
    let state = &loaded.settings.state;
    let daemon = match Store::is_in_use(state) {
        true if takes_commands(state) => DaemonState::Running,
        true => DaemonState::StoreInUse,
        false => DaemonState::Stopped,
    };
    let session = Session::open(loaded, environment, Access::Read)?;
    let now = now.unwrap_or_else(|| session.clock.now());
    Ok(StatusAnswer { daemon, picture: Picture::read(&session, now, now)? })
}
