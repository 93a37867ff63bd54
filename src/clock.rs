//! The only place that reads the wall clock. Everything else is given an instant.

use crate::domain::instant::Instant;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Tells the present instant.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The machine's wall clock.
    #[default]
    System,
    /// A clock that stands still, for what-ifs and tests.
    Fixed(Instant),
    /// A clock that somebody else sets, in microseconds since 1970, so that tests can put it forward and back.
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// The present instant.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the wall clock")]
    pub fn now(&self) -> Instant {
        match self {
            Self::System => Instant::from(jiff::Timestamp::now()),
            Self::Fixed(instant) => *instant,
            Self::Set(microseconds) => Instant::from_microseconds(microseconds.load(Ordering::Relaxed)),
        }
    }
}
