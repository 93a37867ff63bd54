//! Letters: what a person has been told, and the rendered text that waits in the outbox.

use super::finding::{FindingId, FindingState};
use super::instant::Instant;
use super::language::Language;
use super::name::PersonName;
use serde::{Deserialize, Serialize};

/// What a recipient was last told about a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Who was told.
    pub recipient: PersonName,
    /// About which finding.
    pub finding: FindingId,
    /// How many items it had then.
    pub items: u64,
    /// Its state then.
    pub state: FindingState,
    /// When.
    pub at: Instant,
}

/// Why a person must be told something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeReason {
    /// A finding that the recipient has not been told of.
    First,
    /// A finding has more items than the recipient was told.
    More,
    /// A finding has fewer items than the recipient was told, but some.
    Fewer,
    /// A warning: the period ends soon.
    DueSoon,
    /// A finding does not hold any more.
    Resolved,
}

/// A rendered letter to one recipient. It has no message id yet: the outbox gives it one when it is queued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// Who gets it.
    pub recipient: PersonName,
    /// Their address.
    pub email: String,
    /// The language it is written in.
    pub language: Language,
    /// One line, without personal data or file names.
    pub subject: String,
    /// The plain text, lines of at most 72 columns.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// What ties letters to one thread: (division or role, recipient), as a stable text.
    pub thread: String,
    /// The reasons of the notices in it.
    pub reasons: Vec<NoticeReason>,
}

/// How an attempt to deliver a letter ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// The next hop took responsibility.
    Accepted,
    /// Refused for now, or the network failed: try again later. The text has no personal data.
    Transient(String),
    /// Refused for good: trying again is useless.
    Permanent(String),
    /// The connection broke after the message was sent and before it was confirmed.
    Unknown(String),
}
