//! An observation: what one scan of one dataset saw. Counts, dates, digests and health; never a record.

use super::digest::Digest;
use super::instant::Instant;
use super::name::DatasetName;
use super::verdict::{Reason, Reasons};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Whether a scan saw all there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScanStatus {
    /// Every part was read to its end.
    Complete,
    /// Some part was not read to its end.
    Partial,
    /// The source was not there.
    Failed,
}

impl ScanStatus {
    /// Every status.
    pub const ALL: &'static [Self] = &[Self::Complete, Self::Partial, Self::Failed];

    /// The status's name in output, store and evidence.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::Failed => "failed",
        }
    }

    /// The status with this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.as_str() == text)
    }
}

/// Something that went wrong with items or parts, told without any name found in the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The reason, as findings call it.
    pub reason: String,
    /// How many items (0 when it is about a whole part or source).
    pub items: u64,
    /// One example: `item 17: no date in the name`, `file 2, line 40: 3 cells where the header has 4`.
    pub example: String,
}

/// An item that some rule does not hold for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Flagged {
    /// Stands for the item.
    pub digest: Digest,
    /// The reasons that the item meets and no exception covers.
    pub reasons: Reasons,
    /// The reasons that it meets under an exception.
    pub excepted: Reasons,
}

/// What was seen of one part.
#[derive(Debug, Clone, Default)]
pub struct PartObservation {
    /// How many items it has.
    pub items: u64,
    /// Whether it was read to its end.
    pub whole: bool,
    /// Its flagged items, sorted. Repeats of an identity stand side by side, once per item.
    pub flagged: Vec<Flagged>,
}

/// The identity of a part in the store: the keyed digest of its name, since discovered file names are
/// not stored.
pub type PartKey = Digest;

/// Which copy of its dataset a part belongs to: how the keys of all parts of that copy begin. The key of another part
/// begins so by a chance of one in four billion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CopyKey([u8; 8]);

impl CopyKey {
    const MARK: [u8; 4] = *b"copy";

    /// The key of the copy whose name has this digest.
    #[must_use]
    pub fn new(name: Digest) -> Self {
        let mut key = [0; 8];
        key[..4].copy_from_slice(&Self::MARK);
        key[4..].copy_from_slice(&name.0[..4]);
        Self(key)
    }

    /// The key of the part of this copy whose name has this digest.
    #[must_use]
    pub fn part(self, name: Digest) -> PartKey {
        let mut key = name.0;
        key[..8].copy_from_slice(&self.0);
        Digest(key)
    }

    /// The copy that a part belongs to; `None` for a part of the dataset's own items or files.
    #[must_use]
    pub fn of(part: &PartKey) -> Option<Self> {
        let key: [u8; 8] = part.0[..8].try_into().ok()?;
        key.starts_with(&Self::MARK).then_some(Self(key))
    }
}

/// What was seen of a copy as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyObservation {
    /// Its name.
    pub name: String,
    /// Whether all of it was read to its end.
    pub whole: bool,
    /// Whether its source had no item at all, and that is not known to be fine.
    pub is_empty: bool,
}

/// What one scan of one dataset saw.
#[derive(Debug, Clone)]
pub struct Observation {
    /// The dataset.
    pub dataset: DatasetName,
    /// The instant at which items were judged.
    pub now: Instant,
    /// Whether all was seen of its items, and of the files that they are reconciled with.
    pub status: ScanStatus,
    /// What was seen of each of its copies.
    pub copies: BTreeMap<CopyKey, CopyObservation>,
    /// Whether the source of its items had no item at all, in its slice or in another one.
    pub source_is_empty: bool,
    /// How many items there are, those of copies included.
    pub items: u64,
    /// For how many items some rule was undecidable.
    pub undecidable: u64,
    /// What went wrong, one entry per reason and kind.
    pub problems: Vec<Problem>,
    /// The parts, those of copies included.
    pub parts: BTreeMap<PartKey, PartObservation>,
    /// For each reason with a due date, the earliest one among its items.
    pub earliest_due: BTreeMap<Reason, Instant>,
    /// Of the expired items that no exception covers, how many the product was told to keep from its own clean-up;
    /// `None` where the source has no such mark, or nothing could be read.
    pub kept_by_product: Option<u64>,
    /// Reasons that hold for the dataset as a whole (`Unreachable`, `LedgerEmpty`, `Incomplete`, ...),
    /// with the number of items concerned.
    pub whole_reasons: BTreeMap<Reason, u64>,
    /// Reasons that could not be decided in this scan (consent, when a ledger was sick): what was known
    /// of them stays.
    pub undecided: Reasons,
    /// Reasons that hold for the dataset as a whole and that this scan could not judge: what is known of them stays.
    pub unjudged: Reasons,
    /// How many entries each ledger had, by its name, 0 where none said anything; for the next scan's `ledger-empty`.
    pub ledger_events: BTreeMap<String, u64>,
}
