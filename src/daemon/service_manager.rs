//! What systemd is told: that the daemon is ready, reloads, stops, what it does, and that it lives. Without a
//! service manager nothing is told to nobody.

use sd_notify::NotifyState;
use std::time::Duration;

/// The service manager, if one started this process.
#[derive(Debug, Default)]
pub(super) struct ServiceManager {
    status: String,
}

impl ServiceManager {
    /// How often it wants a sign of life, if it does.
    pub(super) fn watchdog() -> Option<Duration> {
        sd_notify::watchdog_enabled()
    }

    /// The daemon works.
    pub(super) fn ready(&mut self, status: String) {
        tell(&[NotifyState::Ready, NotifyState::Status(&status)]);
        self.status = status;
    }

    /// The configuration is being read again; [`Self::ready`] ends it.
    pub(super) fn reloading() {
        match NotifyState::monotonic_usec_now() {
            Ok(now) => tell(&[NotifyState::Reloading, now]),
            Err(error) => tracing::debug!(%error, "the monotonic clock cannot be read"),
        }
    }

    /// The daemon is about to end.
    pub(super) fn stopping(status: &str) {
        tell(&[NotifyState::Stopping, NotifyState::Status(status)]);
    }

    /// What the daemon does, where that has changed.
    pub(super) fn status(&mut self, status: String) {
        if self.status != status {
            tell(&[NotifyState::Status(&status)]);
            self.status = status;
        }
    }

    /// A sign of life.
    pub(super) fn feed_watchdog() {
        tell(&[NotifyState::Watchdog]);
    }
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "the service manager could not be told");
    }
}
