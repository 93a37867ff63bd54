//! What is seen of a scan while it runs: which reading it is at, how many items it has read, and since when it shows
//! no sign of life.

use crate::app::scan::Watch;
use crate::domain::instant::Instant;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The phases of a scan that count no items (comparing, storing) are bounded: one that shows no sign of life for
/// longer than this, in microseconds, is stuck.
pub(super) const STUCK_MICROSECONDS: i64 = 30 * 60 * 1_000_000;

/// Follows one scan. The daemon looks at it from outside.
#[derive(Debug)]
pub struct Progress {
    items: AtomicU64,
    phases: AtomicU64,
    cancelled: Arc<AtomicBool>,
    seen: Mutex<Option<Seen>>,
}

/// What was last seen, and since when it has been so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    items: u64,
    phases: u64,
    since: Instant,
}

impl Progress {
    /// Nothing seen so far. The scan stops when `cancelled` is set.
    #[must_use]
    pub fn new(cancelled: Arc<AtomicBool>) -> Self {
        Self { items: AtomicU64::new(0), phases: AtomicU64::new(0), cancelled, seen: Mutex::new(None) }
    }

    /// Looks at `now`, and says whether the scan shows no sign of life for too long. A clock that was set back
    /// starts the wait anew.
    pub(super) fn is_stuck(&self, now: Instant) -> bool {
        let (items, phases) = (self.items.load(Ordering::Relaxed), self.phases.load(Ordering::Relaxed));
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        match *seen {
            Some(known) if known.items == items && known.phases == phases && known.since <= now => {
                now.microseconds().saturating_sub(known.since.microseconds()) > STUCK_MICROSECONDS
            }
            _ => {
                *seen = Some(Seen { items, phases, since: now });
                false
            }
        }
    }

    /// How many items it has read in its present phase.
    pub(super) fn items_read(&self) -> u64 {
        self.items.load(Ordering::Relaxed)
    }
}

impl Watch for Progress {
    fn begins(&self, _what: &str) {
        self.items.store(0, Ordering::Relaxed);
        self.phases.fetch_add(1, Ordering::Relaxed);
    }

    fn items(&self) -> &AtomicU64 {
        &self.items
    }

    fn cancelled(&self) -> &AtomicBool {
        &self.cancelled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scan_is_stuck_when_it_shows_no_sign_of_life_for_too_long() {
        let progress = Progress::new(Arc::default());
        let at = |minute: i64| Instant::from_microseconds(minute * 60_000_000);
        assert!(!progress.is_stuck(at(0)) && !progress.is_stuck(at(30)));
        assert!(progress.is_stuck(at(31)));
        progress.items.fetch_add(1, Ordering::Relaxed);
        assert!(!progress.is_stuck(at(32)) && !progress.is_stuck(at(62)));
        progress.begins("ledgers");
        assert!(!progress.is_stuck(at(63)), "the next phase has begun");
        assert!(!progress.is_stuck(at(10)), "a clock that was set back proves nothing");
        assert!(progress.is_stuck(at(41)));
    }
}
