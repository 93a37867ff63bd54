//! A departure: items that left a finding, told apart by how they left.

use serde::{Deserialize, Serialize};

/// How items left a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DepartureKind {
    /// They are not seen any more, in a source that was seen whole. What became of them is for a person to declare.
    NotSeen,
    /// They are still there, and their clock or their period says now that they are not due.
    ReDated,
    /// They are still there, and what was wrong with them is not any more.
    Cured,
    /// They are still there, under an exception now.
    Excepted,
    /// They are still there, under another reason of the same rule.
    Moved,
}

impl DepartureKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[Self::NotSeen, Self::ReDated, Self::Cured, Self::Excepted, Self::Moved];

    /// The kind's name in output and store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotSeen => "not-seen",
            Self::ReDated => "re-dated",
            Self::Cured => "cured",
            Self::Excepted => "excepted",
            Self::Moved => "moved",
        }
    }
}

/// How many items left a finding, by how they left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Departures {
    /// Not seen any more.
    pub not_seen: u64,
    /// Still there, not due now.
    pub re_dated: u64,
    /// Still there, and well now.
    pub cured: u64,
    /// Still there, under an exception.
    pub excepted: u64,
    /// Still there, under another reason of the same rule.
    pub moved: u64,
}

impl Departures {
    /// How many left in this way.
    #[must_use]
    pub const fn of(&self, kind: DepartureKind) -> u64 {
        match kind {
            DepartureKind::NotSeen => self.not_seen,
            DepartureKind::ReDated => self.re_dated,
            DepartureKind::Cured => self.cured,
            DepartureKind::Excepted => self.excepted,
            DepartureKind::Moved => self.moved,
        }
    }

    /// Adds items that left in this way.
    pub const fn add(&mut self, kind: DepartureKind, items: u64) {
        match kind {
            DepartureKind::NotSeen => self.not_seen += items,
            DepartureKind::ReDated => self.re_dated += items,
            DepartureKind::Cured => self.cured += items,
            DepartureKind::Excepted => self.excepted += items,
            DepartureKind::Moved => self.moved += items,
        }
    }

    /// How many left.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.not_seen + self.re_dated + self.cured + self.excepted + self.moved
    }
}
