//! The memory of purposed: findings, flagged items as keyed digests, what people were told, the outbox and
//! the evidence, in one database file with one writer.
//!
//! The order of a stored scan (each step may be the last one before a crash):
//!
//! 1. [`Store::known`] reads what is known of the dataset.
//! 2. [`Store::stage`] writes changed lists of flagged items where nothing points to them yet.
//! 3. [`Store::commit`] switches to them, and stores findings, letters and evidence, in one transaction;
//!    then it writes the evidence's head beside the database and sweeps what nothing points to.
//!
//! Calls block, and every statement runs on a thread of its own that nobody cancels; so they may be made
//! from anywhere. Deliberately absent: deciding (that is `rule` and `notify`) and sending (that is `mail`).

mod attempts;
pub mod backup;
mod clock;
mod commit;
mod confirm;
mod counts;
mod database;
mod disposals;
mod error;
pub mod evidence;
mod exceptions;
mod findings;
mod hex;
pub mod key;
mod known;
mod marks;
mod notices;
mod numbers;
mod open;
mod outbox;
mod records;
mod rename;
mod returned;
mod runs;
mod scans;
mod stage;
mod unreachable;
mod version;
mod widen;

#[cfg(test)]
mod tests;

pub use attempts::Finished;
pub use commit::{Commit, Committed};
pub use confirm::Confirmation;
pub use counts::{Counts, RunCounts};
pub use disposals::{Declaration, OpenDeparture, StoredDisposal};
pub use error::StoreError;
pub use exceptions::{ExceptionEnd, NewException};
pub use findings::{FindingFilter, StoredFinding};
pub use notices::SUMMARY_ENTRY;
pub use open::database_path;
pub use outbox::{LetterNumber, QueuedLetter};
pub use returned::{Bounce, Bounced, SentLetter};
pub use runs::{RunEnd, RunStart};
pub use scans::LastScan;
pub use stage::Staged;
pub use unreachable::Reachable;
pub use version::sqlite_version;

use crate::domain::instant::Instant;
use database::Database;
use evidence::Chain;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::AtomicI64;

/// What a store is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Reading only: beside a writer, and without changing a byte.
    Read,
    /// Reading and writing, alone.
    Write,
}

/// An open store. It may be shared between threads: each call is one transaction or one read. What must not be
/// mixed with others, from [`Store::known`] to [`Store::commit`], is for the caller to do one at a time.
#[derive(Debug)]
pub struct Store {
    database: Database,
    access: Access,
    state: PathBuf,
    node: String,
    chain: Chain,
    next_generation: AtomicI64,
    scan_clock: Mutex<Option<(Instant, bool)>>,
    /// Held by whoever writes the evidence's head beside the database.
    head_file: Mutex<()>,
    /// Holds the lock for as long as the store is open.
    _lock: Option<std::fs::File>,
}
