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
