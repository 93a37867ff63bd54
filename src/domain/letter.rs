//! Letters: what a person has been told, and the rendered text that waits in the outbox.

use super::exception::ExceptionId;
use super::finding::{FindingId, FindingState};
use super::instant::Instant;
use super::language::Language;
use super::name::PersonName;
use jiff::civil::Date;
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
    /// When last.
    pub at: Instant,
    /// When first, since the finding was last opened: escalation counts from here.
    pub first_at: Instant,
    /// Why, the last time.
    pub reason: NoticeReason,
}

/// What a recipient was told about an exception: that it ends, or that it is to be reviewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExceptionTold {
    /// Who was told.
    pub recipient: PersonName,
    /// About which exception.
    pub exception: ExceptionId,
    /// Why.
    pub reason: NoticeReason,
    /// The day that it was about: another one is news.
    pub until_day: Date,
    /// When last.
    pub at: Instant,
}

/// Why a person must be told something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeReason {
    /// A finding that the recipient has not been told of.
    First,
    /// A finding that the recipient knows, and that an exception covered meanwhile, asks for an answer again.
    Again,
    /// A finding has more items than the recipient was told.
    More,
    /// A finding has fewer items than the recipient was told, but some.
    Fewer,
    /// A warning: the period ends soon.
    DueSoon,
    /// A finding does not hold any more.
    Resolved,
    /// An exception covers all of a finding that the recipient was told of.
    Excepted,
    /// A hold came to cover something of which the recipient was told: it must not be erased.
    Held,
    /// Nobody has answered, and the repeat interval has passed.
    Repeat,
    /// Whoever was told before has not answered in time, or cannot be reached.
    Escalated,
    /// The day until which somebody wanted to act has passed.
    PlanPassed,
    /// An exception ends soon, and the finding comes back then.
    ExceptionEnds,
    /// The review date of a hold has passed; the hold stands.
    ReviewDue,
    /// Scans did not happen when they should have, and one has made up for them.
    Missed,
    /// A week has passed: how things stand everywhere.
    Summary,
}

impl NoticeReason {
    /// Every reason.
    pub const ALL: &'static [Self] = &[
        Self::First,
        Self::Again,
        Self::More,
        Self::Fewer,
        Self::DueSoon,
        Self::Resolved,
        Self::Excepted,
        Self::Held,
        Self::Repeat,
        Self::Escalated,
        Self::PlanPassed,
        Self::ExceptionEnds,
        Self::ReviewDue,
        Self::Missed,
        Self::Summary,
    ];

    /// The reason's name in letters, output and store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Again => "again",
            Self::More => "more",
            Self::Fewer => "fewer",
            Self::DueSoon => "due-soon",
            Self::Resolved => "resolved",
            Self::Excepted => "excepted",
            Self::Held => "held",
            Self::Repeat => "repeat",
            Self::Escalated => "escalated",
            Self::PlanPassed => "plan-passed",
            Self::ExceptionEnds => "exception-ends",
            Self::ReviewDue => "review-due",
            Self::Missed => "missed",
            Self::Summary => "summary",
        }
    }

    /// The reason with this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.as_str() == text)
    }
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
    /// The findings that it shows, each with the reason why this letter tells it; none for one that is as it was last
    /// told.
    #[serde(default)]
    pub findings: Vec<(FindingId, Option<NoticeReason>)>,
}

/// How an attempt to deliver a letter ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// The next hop took responsibility.
    Accepted,
    /// Refused for now, or the connection broke: try again later. The text has no personal data.
    Transient(String),
    /// The conversation never came to the letter: no connection, no greeting, no TLS, no login, no accepted sender.
    /// Nothing is known of the recipient: try again later.
    Unavailable(String),
    /// The recipient was refused for good: trying again is useless.
    Permanent(String),
    /// The letter was refused for good, and nothing is proven about the recipient: trying again is useless.
    Rejected(String),
    /// The connection broke after the message was sent and before it was confirmed.
    Unknown(String),
}
