//! Drives a source through the rules of one dataset into an [`Observation`]. Nothing is stored here, and
//! no record is kept: only counts, dates, digests and health.
//!
//! [`Observation`]: crate::domain::observation::Observation

mod copies;
mod identity;
mod ledgers;
mod look;
mod observe;
mod pass;
mod product_setting;
mod reconciliation;
mod seen;
mod shared;
mod tally;

pub use copies::add_copies;
pub use identity::Identity;
pub use ledgers::{Ledgers, load_ledgers, load_ledgers_for};
pub use look::look_again;
pub use observe::observe;
pub use pass::{Claimant, Pass};
pub use product_setting::{SettingLook, look_at_setting};
pub use reconciliation::{FileWithoutRow, Joined, Reconciliation, Rows, files_without_row};
pub use tally::place_of;

use crate::domain::digest::DigestKey;
use crate::domain::instant::Instant;
use crate::domain::register::{Register, SourceSpec};
use crate::rule::SubjectKey;
use crate::source::Request;
use std::sync::atomic::{AtomicBool, AtomicU64};

/// What every scan of one run shares.
#[derive(Debug)]
pub struct Context<'a> {
    /// What the organisation declares.
    pub register: &'a Register,
    /// The instant at which items are judged.
    pub now: Instant,
    /// The key of items' digests.
    pub digest_key: &'a DigestKey,
    /// The key under which subjects are looked up in ledgers; made anew for every run.
    pub subject_key: SubjectKey,
    /// Stops the scan soon after it is set.
    pub cancel: &'a AtomicBool,
    /// Counts items as they are read.
    pub progress: &'a AtomicU64,
}

impl Context<'_> {
    /// Asks a source for all its items, with these fields.
    #[must_use]
    pub fn request<'r>(&'r self, source: &'r SourceSpec, wanted: &'r [bool]) -> Request<'r> {
        Request { source, wanted, narrowing: None, only_part: None, cancel: self.cancel, progress: self.progress }
    }
}

/// The scan was stopped on request; nothing of it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the scan was stopped before its end")]
pub struct Cancelled;
