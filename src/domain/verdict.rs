//! Rules, the reasons they give, and the set of reasons that one item meets. How a rule decides is the
//! business of the `rule` layer.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What must hold of a dataset's items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Every item of every purpose asked has a given, valid, not withdrawn consent.
    Consent,
    /// The dataset says where it came from, as its category demands.
    Provenance,
    /// Every item is held for a purpose of its dataset.
    Purpose,
    /// Every recording has its row in the product's index, and every row its recording.
    Reconciliation,
    /// No item is held beyond its period.
    Retention,
    /// The source could be observed whole.
    Source,
}

impl Rule {
    /// Every rule.
    pub const ALL: &'static [Self] =
        &[Self::Consent, Self::Provenance, Self::Purpose, Self::Reconciliation, Self::Retention, Self::Source];

    /// The rule with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.as_str() == name)
    }

    /// The rule's name in configuration, output and documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::Provenance => "provenance",
            Self::Purpose => "purpose",
            Self::Reconciliation => "reconciliation",
            Self::Retention => "retention",
            Self::Source => "source",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident = $bit:literal, $rule:ident, $text:literal;)*) => {
        /// Why a rule does not hold. The number of a reason is its bit in [`Reasons`] and in the store:
        /// it never changes and is never used again.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        #[repr(u8)]
        pub enum Reason { $($(#[$doc])* $variant = $bit,)* }

        impl Reason {
            /// Every reason there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The rule that gives this reason.
            #[must_use]
            pub const fn rule(self) -> Rule {
                match self { $(Self::$variant => Rule::$rule,)* }
            }

            /// The reason's name within its rule.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

reasons! {
    /// Held although the period has ended.
    Expired = 0, Retention, "expired";
    /// The period ends within the longest warning time.
    DueSoon = 1, Retention, "due-soon";
    /// No readable clock: neither old nor young.
    Undated = 2, Retention, "undated";
    /// Over the maximum but under a minimum: restrict its use, do not erase.
    MustKeep = 3, Retention, "must-keep";
    /// The item's purpose is not one of its dataset's.
    Outside = 4, Purpose, "outside";
    /// The item states no purpose.
    Unstated = 5, Purpose, "unstated";
    /// An opt-out is in force for this purpose, or for none in particular.
    OptedOut = 6, Consent, "opted-out";
    /// The item has no key by which consent could be looked up.
    NoSubject = 7, Consent, "no-subject";
    /// The ledger has no event for the subject.
    Missing = 8, Consent, "missing";
    /// The subject consented to other purposes only.
    OtherPurpose = 9, Consent, "other-purpose";
    /// The newest event withdraws.
    Withdrawn = 10, Consent, "withdrawn";
    /// Given too long ago.
    ConsentExpired = 11, Consent, "expired";
    /// The row itself says no.
    Refused = 12, Consent, "refused";
    /// The row's answer is not one that the register knows: never consent.
    Unclear = 13, Consent, "unclear";
    /// A row that could not be read.
    Unreadable = 14, Source, "unreadable";
    /// The dataset lacks statements of origin that its category demands; counts every item.
    Incomplete = 15, Provenance, "incomplete";
    /// The root, connection or table is not there.
    Unreachable = 16, Source, "unreachable";
    /// A part could not be read to its end.
    Partial = 17, Source, "partial";
    /// No file matches, or no item where there were some.
    Empty = 18, Source, "empty";
    /// More was lost than was flagged, and over half.
    Shrunken = 19, Source, "shrunken";
    /// A ledger that the dataset uses could not be read whole.
    LedgerUnreachable = 20, Source, "ledger-unreachable";
    /// A ledger that the dataset uses is empty where it was not.
    LedgerEmpty = 21, Source, "ledger-empty";
    /// A scan did not happen when it should have.
    Missed = 22, Source, "missed";
    /// The dataset was scanned before and is not in the register any more, and nobody said that it is retired.
    Unregistered = 23, Source, "unregistered";
    /// Items are not seen any more, and nobody has declared for too long what became of them.
    ClosureUnexplained = 24, Source, "closure-unexplained";
    /// Items vanished before they were due, more than the register lets pass.
    EarlyLoss = 25, Source, "early-loss";
    /// No dataset claims these items of a source that datasets share in slices.
    Unclaimed = 26, Source, "unclaimed";
    /// The product that holds the items keeps them longer by its own setting than the register says; counts every item.
    ProductSetting = 27, Retention, "product-setting";
    /// The product's own setting could not be read.
    SettingUnreadable = 28, Source, "setting-unreadable";
    /// A recording that no row of the product's index names: nothing manages it.
    FileWithoutRow = 29, Reconciliation, "file-without-row";
    /// A row of the product's index that names a recording which is not there.
    RowWithoutFile = 30, Reconciliation, "row-without-file";
}

impl Reason {
    /// The reason with this rule and name.
    #[must_use]
    pub fn parse(rule: &str, reason: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.rule().as_str() == rule && known.as_str() == reason)
    }

    /// Whether single items meet this reason (and so are kept as digests), rather than a whole dataset.
    #[must_use]
    pub const fn is_of_items(self) -> bool {
        (self as u8) <= (Self::Unreadable as u8) || matches!(self, Self::FileWithoutRow | Self::RowWithoutFile)
    }
}

impl From<Reason> for String {
    fn from(reason: Reason) -> Self {
        format!("{}:{}", reason.rule(), reason)
    }
}

impl TryFrom<String> for Reason {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let known = text.split_once(':').and_then(|(rule, reason)| Self::parse(rule, reason));
        known.ok_or_else(|| format!("`{text}` is no reason"))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// A set of reasons, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Reasons(pub u32);

impl Reasons {
    /// No reason: every rule holds.
    pub const NONE: Self = Self(0);

    /// Adds a reason.
    pub const fn insert(&mut self, reason: Reason) {
        self.0 |= 1 << reason as u8;
    }

    /// Whether the reason is in the set.
    #[must_use]
    pub const fn contains(self, reason: Reason) -> bool {
        self.0 & (1 << reason as u8) != 0
    }

    /// Whether the set has no reason.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The reasons in both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The reasons in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The reasons in this set and not in the other.
    #[must_use]
    pub const fn difference(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// All reasons of one rule.
    #[must_use]
    pub fn of_rule(rule: Rule) -> Self {
        Reason::ALL.iter().copied().filter(|reason| reason.rule() == rule).collect()
    }

    /// The reasons in the set, in their numbers' order.
    pub fn iter(self) -> impl Iterator<Item = Reason> {
        Reason::ALL.iter().copied().filter(move |reason| self.contains(*reason))
    }
}

impl FromIterator<Reason> for Reasons {
    fn from_iter<T: IntoIterator<Item = Reason>>(reasons: T) -> Self {
        let mut set = Self::NONE;
        reasons.into_iter().for_each(|reason| set.insert(reason));
        set
    }
}
