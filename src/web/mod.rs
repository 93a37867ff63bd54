//! What the service shows to whoever watches the server: `/healthz`, `/readyz` and `/metrics`, for reading only.
//!
//! - [`serve()`] accepts connections: few at once, none for long, and the longest one gives way when there are too
//!   many, so that half-open connections never keep a healthy request waiting.
//! - `guard` refuses what is no plain GET or HEAD to this very server, before anything else looks at it.
//! - `snapshot` reads the store at most once a second, whatever is asked.
//! - `ready` and `metrics` turn what was read into answers, without effects.
//!
//! Deliberately absent: anything that changes something, and anything of persons. Names of datasets and roles are
//! all that is shown.

mod connection;
mod guard;
mod health;
mod metrics;
mod ready;
mod routes;
mod serve;
mod snapshot;
#[cfg(test)]
mod tests;

pub use health::Health;
pub use serve::serve;

use crate::app::session::Session;
use snapshot::Snapshots;
use std::sync::Arc;
use tokio::sync::watch;

/// What requests are answered from. Cheap to copy.
#[derive(Debug, Clone)]
pub struct WebState {
    health: Arc<Health>,
    snapshots: Arc<Snapshots>,
}

impl WebState {
    /// The state of a daemon: its current session (a reload sends a new one) and its health. It is as late as the
    /// session's clock says.
    #[must_use]
    pub fn new(sessions: watch::Receiver<Session>, health: Arc<Health>) -> Self {
        let snapshots = Arc::new(Snapshots::new(sessions, Arc::clone(&health)));
        Self { health, snapshots }
    }
}
