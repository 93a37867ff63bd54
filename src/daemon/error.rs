//! Why the daemon does not start, or ends.

use crate::app::AppError;
use std::net::SocketAddr;

/// Why the daemon does not start, or ends.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// The configuration or the store cannot be used.
    #[error(transparent)]
    App(#[from] AppError),
    /// The address to listen on cannot be had.
    #[error("cannot listen on `{address}`\n  hint: another process may hold it; `listen` under `[service]` names it")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// The operating system refused something else that it needs.
    #[error("{what} failed")]
    System {
        /// What was being done.
        what: &'static str,
        /// Why not.
        source: std::io::Error,
    },
    /// A store of made-up instants is no store for a service.
    #[error("the store is simulated: its scans are at made-up instants\n  hint: name another folder as `state`")]
    Simulated,
}

impl DaemonError {
    pub(super) fn system(what: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::System { what, source }
    }
}
