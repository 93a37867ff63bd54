//! An exception: an approved reason why a finding is narrowed. Whom it concerns, and what it does to a scan, is
//! decided in `rule`.

use super::instant::Instant;
use super::name::{DatasetName, PersonName};
use super::verdict::{Reason, Reasons, Rule};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a hold keeps from being erased, and an extension allows to be kept.
const OF_ERASURE: [Reason; 2] = [Reason::Expired, Reason::DueSoon];

/// The public identifier of an exception, such as `E-3`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExceptionId(pub String);

impl ExceptionId {
    const PREFIX: &'static str = "E-";

    /// The identifier of the exception with this number.
    #[must_use]
    pub fn of_number(number: i64) -> Self {
        Self(format!("{}{number}", Self::PREFIX))
    }

    /// The number in it; none where it is no identifier.
    #[must_use]
    pub fn number(&self) -> Option<i64> {
        self.0.strip_prefix(Self::PREFIX)?.parse().ok()
    }
}

impl fmt::Display for ExceptionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

/// What an exception allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExceptionKind {
    /// Holding longer than the period. Ends by time.
    Extension,
    /// Use outside the purpose. Ends by time.
    Approval,
    /// Keeping for a litigation, a dispute, the police. Never ends by time alone: it is reviewed, and released.
    Hold,
}

impl ExceptionKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[Self::Extension, Self::Approval, Self::Hold];

    /// The kind's name in output and store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Extension => "extension",
            Self::Approval => "approval",
            Self::Hold => "hold",
        }
    }
}

/// Where an exception stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExceptionState {
    /// It narrows findings.
    Active,
    /// Its day has passed (extensions and approvals).
    Expired,
    /// Taken back before its day (extensions and approvals).
    Revoked,
    /// Released by a named approver (holds).
    Released,
}

impl ExceptionState {
    /// Every state.
    pub const ALL: &'static [Self] = &[Self::Active, Self::Expired, Self::Revoked, Self::Released];

    /// The state's name in output and store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Released => "released",
        }
    }
}

/// Which items an exception concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExceptionScope {
    /// The dataset.
    pub dataset: DatasetName,
    /// The rule; every rule that the kind may touch without it.
    pub rule: Option<Rule>,
    /// The reason, when only one of the rule's is meant.
    pub reason: Option<Reason>,
    /// Items whose clock is at or after this instant.
    pub from: Option<Instant>,
    /// Items whose clock is before this instant.
    pub until: Option<Instant>,
    /// How many items are listed; every item without a list. Their digests are kept by the store.
    pub listed_items: Option<u64>,
}

/// An exception as the register of exceptions keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// Its identifier.
    pub id: ExceptionId,
    /// What it allows.
    pub kind: ExceptionKind,
    /// Which items it concerns.
    pub scope: ExceptionScope,
    /// Why, in the approver's words; without personal data.
    pub why: String,
    /// Who asked for it: one of the register's people.
    pub requested_by: PersonName,
    /// Who approved it: another one.
    pub approved_by: PersonName,
    /// When it was made.
    pub made_at: Instant,
    /// The last day (extensions and approvals) or the day of the next review (holds).
    pub until_day: Date,
    /// Show the person in charge only that nothing may be erased (holds).
    pub confidential: bool,
    /// Where it stands.
    pub state: ExceptionState,
    /// When it ended, and through whom; nobody for one that expired.
    pub ended: Option<(Instant, Option<PersonName>)>,
}

impl ExceptionScope {
    /// The reasons that it can cover: those of single items under its rule and reason.
    #[must_use]
    pub fn reasons(&self) -> Reasons {
        Reason::ALL
            .iter()
            .copied()
            .filter(|reason| reason.is_of_items())
            .filter(|reason| self.rule.is_none_or(|rule| reason.rule() == rule))
            .filter(|reason| self.reason.is_none_or(|wanted| *reason == wanted))
            .collect()
    }

    /// The reasons that an exception of this kind covers in this scope.
    ///
    /// - an extension: `retention: expired` and `due-soon`;
    /// - an approval: what concerns purpose and consent;
    /// - a hold: `expired` and `due-soon` always (what is held is not erased), and whatever rule it names.
    ///
    /// Never what concerns the source itself. Empty where the scope asks for what the kind may not touch.
    #[must_use]
    pub fn covered_reasons(&self, kind: ExceptionKind) -> Reasons {
        let named = self.reasons().difference(Reasons::of_rule(Rule::Source));
        let erasure: Reasons = OF_ERASURE.into_iter().collect();
        match kind {
            ExceptionKind::Extension => named.intersection(erasure),
            ExceptionKind::Approval => {
                named.intersection(Reasons::of_rule(Rule::Purpose).union(Reasons::of_rule(Rule::Consent)))
            }
            ExceptionKind::Hold if self.rule.is_none() => erasure,
            ExceptionKind::Hold if named.is_empty() => Reasons::NONE,
            ExceptionKind::Hold => named.union(erasure),
        }
    }
}
