//! What the daemon says of itself while it runs: that it lives, and whether its last reload was one. Written by the
//! daemon, read by requests.

use crate::domain::instant::Instant;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

/// The health of a running daemon.
#[derive(Debug)]
pub struct Health {
    /// Ages are measured by a clock that nobody sets.
    started: std::time::Instant,
    ticked_after_milliseconds: AtomicU64,
    reload_succeeded: AtomicBool,
    loaded_at: AtomicI64,
}

impl Health {
    /// A daemon that has just loaded its configuration.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        Self {
            started: std::time::Instant::now(),
            ticked_after_milliseconds: AtomicU64::new(0),
            reload_succeeded: AtomicBool::new(true),
            loaded_at: AtomicI64::new(now.microseconds()),
        }
    }

    /// The daemon has looked at its schedules.
    pub fn tick(&self) {
        let elapsed = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.ticked_after_milliseconds.store(elapsed, Ordering::Relaxed);
    }

    /// A configuration was accepted.
    pub fn reload_succeeded(&self, now: Instant) {
        self.loaded_at.store(now.microseconds(), Ordering::Relaxed);
        self.reload_succeeded.store(true, Ordering::Relaxed);
    }

    /// A configuration was refused (or, at the start, the last accepted one had to be taken): the one before stays.
    pub fn reload_failed(&self) {
        self.reload_succeeded.store(false, Ordering::Relaxed);
    }

    /// How long ago the daemon last looked at its schedules (or started).
    #[must_use]
    pub fn tick_age(&self) -> Duration {
        let ticked = Duration::from_millis(self.ticked_after_milliseconds.load(Ordering::Relaxed));
        self.started.elapsed().saturating_sub(ticked)
    }

    /// Whether the last configuration that was tried was accepted.
    #[must_use]
    pub fn last_reload_succeeded(&self) -> bool {
        self.reload_succeeded.load(Ordering::Relaxed)
    }

    /// When the configuration in use was accepted.
    #[must_use]
    pub fn loaded_at(&self) -> Instant {
        Instant::from_microseconds(self.loaded_at.load(Ordering::Relaxed))
    }
}
