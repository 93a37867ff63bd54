//! A disposal: somebody's declaration of what became of items that are not seen any more (消去・廃棄記録).

use super::finding::FindingId;
use super::instant::Instant;
use super::name::{DatasetName, PersonName};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The public identifier of a disposal, such as `D-17`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DisposalId(pub String);

impl fmt::Display for DisposalId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

/// What was done with the items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DisposalMethod {
    /// Erased, beyond recovery.
    Erased,
    /// Returned to whoever entrusted them.
    Returned,
    /// Made anonymous.
    Anonymised,
    /// Moved to another place that the register knows, or that the note names.
    Moved,
}

impl DisposalMethod {
    /// Every method.
    pub const ALL: &'static [Self] = &[Self::Erased, Self::Returned, Self::Anonymised, Self::Moved];

    /// The method's name in output and store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Erased => "erased",
            Self::Returned => "returned",
            Self::Anonymised => "anonymised",
            Self::Moved => "moved",
        }
    }
}

/// A declaration, as the disposal record keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disposal {
    /// Its identifier.
    pub id: DisposalId,
    /// The finding that the items left.
    pub finding: FindingId,
    /// The dataset that they belonged to.
    pub dataset: DatasetName,
    /// What was done.
    pub method: DisposalMethod,
    /// On which day.
    pub on: Date,
    /// Who did it: one of the register's people.
    pub by: PersonName,
    /// Who approved it: one of the register's people.
    pub approved_by: PersonName,
    /// The reference of a certificate, such as a contractor's.
    pub certificate: Option<String>,
    /// Anything else; without personal data.
    pub note: Option<String>,
    /// How many items it covers.
    pub items: u64,
    /// When it was declared.
    pub declared_at: Instant,
}
