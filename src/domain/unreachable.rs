//! People whom letters do not reach. Who is told in their place is decided in `notify`; when a mark is made and
//! taken back, in `store` and `app`.

use super::instant::Instant;
use super::name::PersonName;
use super::register::Register;
use serde::{Deserialize, Serialize};

/// How long a mark that proves nothing about the mailbox stands, in microseconds: 7 days. Then the person is
/// written to again.
const LAPSES_AFTER_MICROSECONDS: i64 = 7 * 24 * 60 * 60 * 1_000_000;

/// How it came out that a person cannot be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnreachableCause {
    /// The mail server refused the recipient for good.
    Refused,
    /// A message came back: the mailbox does not exist or takes no mail.
    Bounced,
    /// A letter was refused for good, or came back, for a reason that is no proof of a bad mailbox (its content, policy,
    /// routing).
    Blocked,
    /// A letter was tried for days, and the mail server never took it.
    GivenUp,
    /// A letter was tried for days, and no mail server could be talked to about it.
    NoServer,
}

impl UnreachableCause {
    /// Every cause.
    pub const ALL: &'static [Self] = &[Self::Refused, Self::Bounced, Self::Blocked, Self::GivenUp, Self::NoServer];

    /// The cause's name in output and store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Bounced => "bounced",
            Self::Blocked => "blocked",
            Self::GivenUp => "given-up",
            Self::NoServer => "no-server",
        }
    }

    /// The cause with this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|cause| cause.as_str() == text)
    }

    /// Whether it proves that the mailbox itself is bad: then only another address, or somebody's word, makes the
    /// person reachable again.
    #[must_use]
    pub const fn is_proof(self) -> bool {
        matches!(self, Self::Refused | Self::Bounced)
    }
}

/// A person whose letters do not arrive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreachable {
    /// The person.
    pub person: PersonName,
    /// The address that does not work.
    pub email: String,
    /// Since when.
    pub since: Instant,
    /// How it came out.
    pub cause: UnreachableCause,
    /// What the mail server answered, without its own words.
    pub why: String,
    /// The number of the letter that did not arrive.
    pub letter: i64,
}

impl Unreachable {
    /// Whether the mark still says something about the person: they are in the register under this very address, and a
    /// mark that proves nothing is not old.
    #[must_use]
    pub fn holds(&self, register: &Register, now: Instant) -> bool {
        let same_address = register.people.get(&self.person).is_some_and(|person| person.email == self.email);
        let age = now.microseconds().saturating_sub(self.since.microseconds());
        same_address && (self.cause.is_proof() || age < LAPSES_AFTER_MICROSECONDS)
    }
}
