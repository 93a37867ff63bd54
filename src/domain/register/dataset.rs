//! A dataset: one body of personal information that a division answers for, and what must hold of it.

use super::product::ProductSetting;
use super::reconciled::ReconciledFiles;
use super::source::SourceSpec;
use crate::domain::hours::DayHours;
use crate::domain::language::Localised;
use crate::domain::name::{
    CategoryName, ContractName, DatasetName, DivisionName, LedgerName, PurposeName, SiteName, SourceName,
};
use crate::domain::period::Period;
use crate::domain::schedule::Schedule;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// One body of personal information.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// Its name for people.
    pub name: Localised,
    /// The division that answers for it.
    pub division: DivisionName,
    /// Its category.
    pub category: CategoryName,
    /// What it is held for; each published by its category.
    pub purposes: Vec<PurposeName>,
    /// When it is scanned, in `schedule_time_zone`; only when asked for without it.
    pub schedule: Option<Schedule>,
    /// The zone of its schedule.
    pub schedule_time_zone: TimeZone,
    /// Each scheduled scan starts some time between its schedule and this much later.
    pub random_delay: Duration,
    /// The letters of its first scan wait for the manager's word.
    pub baseline: bool,
    /// The site whose server scans it; any server without one.
    pub site: Option<SiteName>,
    /// Earlier names; history follows.
    pub was: Vec<DatasetName>,
    /// Not scanned any more from this day.
    pub retired: Option<Date>,
    /// How far ahead to warn, longest first. Empty: no warning.
    pub warn: Vec<Period>,
    /// Maximum periods: the first whose conditions match an item counts.
    pub keep: Vec<Keep>,
    /// Minimum periods: all that match count.
    pub keep_at_least: Vec<KeepAtLeast>,
    /// Where consent is on record: any entry that gives, gives.
    pub consent: Vec<ConsentEntry>,
    /// Where opt-outs are on record: any entry that refuses, refuses.
    pub opt_outs: Vec<OptOutEntry>,
    /// Statements of origin, by name (`supplier`, `address`, `representative`, `obtained_by`, ...).
    pub provenance: BTreeMap<String, String>,
    /// The contract under which the data was entrusted.
    pub contract: Option<ContractName>,
    /// The share of its items, in percent, that may vanish before they are due. More is told to the manager at
    /// once.
    pub early_loss_percent: u8,
    /// An empty source is no trouble.
    pub may_be_empty: bool,
    /// Communications of subscribers: `items` and `explain` refuse.
    pub secrecy: bool,
    /// What makes its data special.
    pub special: Vec<Special>,
    /// How it was collected.
    pub collected: Option<Collected>,
    /// Whom letters go to instead of the person in charge.
    pub tell: Option<Tell>,
    /// Where the product that holds its items states its own retention.
    pub product_setting: Option<ProductSetting>,
    /// Where its items can be observed.
    pub source: SourceSpec,
    /// The name of that source, where it is one that other datasets may share.
    pub shared_source: Option<SourceName>,
    /// The slice of the source that is this dataset: items that do not meet all conditions are not its own. All are
    /// when empty.
    pub slice: FieldConditions,
    /// Hours in which its scan does not begin by its schedule: those of its connection.
    pub avoid: Option<DayHours>,
    /// The files that its rows are reconciled with.
    pub files: Option<Box<ReconciledFiles>>,
    /// Its copies, such as backups: what the register says of it, said of each copy's own source, and `keep` longer by
    /// what that source allows. A copy has neither copies nor files.
    pub copies: Vec<Self>,
    /// What this is called where it is such a copy: the name of its source.
    pub copy_name: Option<SourceName>,
}

impl Dataset {
    /// The share of early losses, in percent, where the register says nothing.
    pub const DEFAULT_EARLY_LOSS_PERCENT: u8 = 10;

    /// What is judged of it: its items first, then each of its copies.
    pub fn with_copies(&self) -> impl Iterator<Item = &Self> + Clone {
        std::iter::once(self).chain(&self.copies)
    }

    /// The ledgers that it looks up.
    #[must_use]
    pub fn ledgers(&self) -> BTreeSet<&LedgerName> {
        self.lookups().map(|(ledger, _)| ledger).collect()
    }

    /// The keys by which it asks a ledger.
    pub fn keys_to(&self, name: &LedgerName) -> impl Iterator<Item = &KeyField> {
        self.lookups().filter(move |(ledger, _)| *ledger == name).flat_map(|(_, by)| by)
    }

    /// Each ledger that it looks up, with the keys by which it asks; one as often as entries name it.
    fn lookups(&self) -> impl Iterator<Item = (&LedgerName, &[KeyField])> {
        let consents = self.consent.iter().filter_map(|entry| match &entry.source {
            ConsentSource::Ledger { ledger, by } => Some((ledger, by.as_slice())),
            ConsentSource::Row { .. } => None,
        });
        let opt_outs = self.opt_outs.iter().filter_map(|entry| match entry {
            OptOutEntry::Ledger { ledger, by } => Some((ledger, by.as_slice())),
            OptOutEntry::Row { .. } => None,
        });
        consents.chain(opt_outs)
    }
}

/// Conditions on fields: each field's value must match one of its glob patterns. All fields must match.
pub type FieldConditions = BTreeMap<String, Vec<String>>;

/// A clock that a period runs from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClockField {
    /// A field of the item, by its index in the source's fields.
    Field(usize),
    /// The last day of the dataset's contract.
    ContractEnds,
}

/// What a period is rounded up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WholeUntil {
    /// The end of the fiscal year that contains the day (clock + period).
    FiscalYearEnd,
}

/// How a period is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CountMethod {
    /// Clock plus period, to the same time of day; date-only clocks to the end of that day.
    #[default]
    Calendar,
    /// Civil Code Art. 140-143: from the next day to the end of the day before the corresponding day.
    CivilCode,
}

/// A maximum period.
#[derive(Debug, Clone)]
pub struct Keep {
    /// Which items it is for; all when empty.
    pub conditions: FieldConditions,
    /// How long.
    pub period: Period,
    /// From when: the first readable one.
    pub from: Vec<ClockField>,
    /// Rounded up to what.
    pub until_end_of: Option<WholeUntil>,
    /// How it is counted.
    pub count: CountMethod,
    /// How much longer a copy may be kept, by the calendar, from when the period ends; for items nothing.
    pub extra: Option<Period>,
}

/// A minimum period, demanded by a law or a contract.
#[derive(Debug, Clone)]
pub struct KeepAtLeast {
    /// Which items it is for; all when empty.
    pub conditions: FieldConditions,
    /// How long.
    pub period: Period,
    /// From when: the first readable one.
    pub from: Vec<ClockField>,
    /// Rounded up to what.
    pub until_end_of: Option<WholeUntil>,
    /// How it is counted.
    pub count: CountMethod,
    /// The law article or contract clause.
    pub basis: Option<String>,
}

/// A key by which a subject is looked up: a field of the dataset and the field of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyField {
    /// Index in the dataset's source fields.
    pub field: usize,
    /// Index in the ledger's source fields.
    pub ledger_field: usize,
}

/// One place where consent is on record.
#[derive(Debug, Clone)]
pub struct ConsentEntry {
    /// A ledger or a column of the row.
    pub source: ConsentSource,
    /// Consent older than this does not count.
    pub valid_for: Option<Period>,
    /// The purposes that it may give; all when empty.
    pub purposes: Vec<PurposeName>,
}

/// Where consent is read from.
#[derive(Debug, Clone)]
pub enum ConsentSource {
    /// A ledger, by any of these keys.
    Ledger {
        /// The ledger.
        ledger: LedgerName,
        /// Any of these keys.
        by: Vec<KeyField>,
    },
    /// A column of the row itself.
    Row {
        /// Index of the field with the answer.
        field: usize,
        /// Index of the field that says when it was given.
        at: Option<usize>,
    },
}

/// One place where opt-outs are on record.
#[derive(Debug, Clone)]
pub enum OptOutEntry {
    /// A ledger, by any of these keys.
    Ledger {
        /// The ledger.
        ledger: LedgerName,
        /// Any of these keys.
        by: Vec<KeyField>,
    },
    /// A column of the row that says stop; empty means no.
    Row {
        /// Index of the field.
        field: usize,
    },
}

/// How data is collected (JIS Q 15001 tells these apart).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Collected {
    /// From the person, in writing.
    Written,
    /// From the person, otherwise.
    Direct,
    /// From somebody else.
    Indirect,
    /// Entrusted under a contract.
    Entrusted,
}

/// What makes data special.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Special {
    /// Special care-required personal information (APPI Art. 2(3)).
    SpecialCare,
    /// Individual Numbers ("My Number"): no digest is ever made of them.
    MyNumber,
    /// Faces.
    Face,
    /// Minors.
    Minor,
    /// Employees.
    Employee,
}

/// Whom the letters of a dataset go to instead of the person in charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Tell {
    /// The privacy manager alone.
    Manager,
}
