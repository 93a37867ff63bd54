//! A finding: a rule that does not hold for some items of a dataset.

use super::instant::Instant;
use super::name::{DatasetName, DivisionName, PersonName};
use super::verdict::Reason;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What makes a finding itself: there is at most one per key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FindingKey {
    /// The dataset.
    pub dataset: DatasetName,
    /// The reason, and through it the rule.
    pub reason: Reason,
    /// What tells findings of one reason apart; empty today.
    pub detail: String,
}

impl FindingKey {
    /// The finding's public identifier: `F-` and ten characters that follow from the key alone.
    #[must_use]
    pub fn id(&self) -> FindingId {
        const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // Crockford's base 32
        let text = format!("{}\n{}\n{}\n{}", self.dataset, self.reason.rule(), self.reason, self.detail);
        let hash = blake3::hash(text.as_bytes());
        let characters = hash.as_bytes()[..10].iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
        FindingId(std::iter::once("F-".to_owned()).chain(characters.map(String::from)).collect())
    }
}

/// The public identifier of a finding, such as `F-7K2M9QX4TB`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FindingId(pub String);

/// A number that a finding had before its dataset was renamed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierNumber {
    /// The number of then.
    pub id: FindingId,
    /// The number of now.
    pub finding: FindingId,
    /// When it changed.
    pub renamed_at: Instant,
}

impl fmt::Display for FindingId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

/// Where a finding stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingState {
    /// Nobody has answered.
    Open,
    /// Somebody has a plan, and its day has not passed.
    Acknowledged,
    /// Every item that meets it is under an exception.
    Excepted,
    /// It does not hold any more.
    Resolved,
}

impl FindingState {
    /// Every state.
    pub const ALL: &'static [Self] = &[Self::Open, Self::Acknowledged, Self::Excepted, Self::Resolved];

    /// The state's name in output and store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::Excepted => "excepted",
            Self::Resolved => "resolved",
        }
    }
}

/// A finding as it stands after a scan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What it is about.
    pub key: FindingKey,
    /// The division that answers for the dataset.
    pub division: DivisionName,
    /// How many items meet it now (`new + continuing`).
    pub items: u64,
    /// How many of them did not at the last stored scan.
    pub new: u64,
    /// How many of them did.
    pub continuing: u64,
    /// How many left it since.
    pub gone: u64,
    /// How many items meet it under an exception; they are not among `items`.
    pub excepted: u64,
    /// How many of its items the product was told to keep from its own clean-up, where the source says so. They are
    /// among `items`: such a mark changes no verdict.
    pub kept_by_product: Option<u64>,
    /// The earliest due date among its items.
    pub earliest_due: Option<Instant>,
    /// Where it stands.
    pub state: FindingState,
    /// When it was first seen (again, after it had been resolved).
    pub first_seen: Instant,
    /// When it last changed.
    pub changed_at: Instant,
    /// Who answered for it, and until when. It stays when that day passes and the finding is open again: then it
    /// tells that a plan has passed.
    pub acknowledgement: Option<Acknowledgement>,
}

impl Finding {
    /// A finding that holds since `now` for so many items, all of them new.
    #[must_use]
    pub const fn opened(key: FindingKey, division: DivisionName, items: u64, now: Instant) -> Self {
        Self {
            key,
            division,
            items,
            new: items,
            continuing: 0,
            gone: 0,
            excepted: 0,
            kept_by_product: None,
            earliest_due: None,
            state: FindingState::Open,
            first_seen: now,
            changed_at: now,
            acknowledgement: None,
        }
    }

    /// The same finding when it holds no more, since `now`: all its items are gone, and whoever answered for it is
    /// done.
    #[must_use]
    pub fn resolved(self, now: Instant) -> Self {
        Self {
            gone: self.items,
            state: FindingState::Resolved,
            first_seen: self.first_seen,
            ..Self::opened(self.key, self.division, 0, now)
        }
    }
}

/// Somebody's word that a finding is being dealt with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// Who said so: one of the register's people.
    pub by: PersonName,
    /// The day until which it will be done; a day that passes is escalated.
    pub until: Date,
    /// What will be done, in their words; without personal data.
    pub note: Option<String>,
    /// When they said so.
    pub at: Instant,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resolved_finding_keeps_what_it_is_and_since_when_and_nothing_else() {
        let at = Instant::from_microseconds;
        let key = FindingKey {
            dataset: DatasetName::new("leads").unwrap(),
            reason: Reason::EarlyLoss,
            detail: String::new(),
        };
        let division = DivisionName::new("sales").unwrap();
        let acknowledgement = Acknowledgement {
            by: PersonName::new("sato").unwrap(),
            until: jiff::civil::date(2027, 3, 1),
            note: None,
            at: at(2),
        };
        let open = Finding {
            new: 1,
            continuing: 29,
            excepted: 2,
            kept_by_product: Some(3),
            earliest_due: Some(at(0)),
            state: FindingState::Acknowledged,
            acknowledgement: Some(acknowledgement),
            ..Finding::opened(key.clone(), division.clone(), 30, at(1))
        };
        let resolved = open.resolved(at(5));
        assert_eq!((resolved.items, resolved.new, resolved.continuing, resolved.gone), (0, 0, 0, 30));
        assert_eq!((resolved.state, resolved.excepted, resolved.earliest_due), (FindingState::Resolved, 0, None));
        assert_eq!(resolved.kept_by_product, None);
        assert_eq!((resolved.first_seen, resolved.changed_at, resolved.acknowledgement), (at(1), at(5), None));
        assert_eq!((resolved.key, resolved.division), (key, division));
    }
}
