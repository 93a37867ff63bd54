//! The only place that reads the wall clock. Everything else is given an instant.

use crate::domain::instant::Instant;

/// Tells the present instant.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    /// The machine's wall clock.
    System,
    /// A clock that stands still, for what-ifs and tests.
    Fixed(Instant),
}

impl Clock {
    /// The present instant.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the wall clock")]
    pub fn now(&self) -> Instant {
        match self {
            Self::System => Instant::from(jiff::Timestamp::now()),
            Self::Fixed(instant) => *instant,
        }
    }
}
