//! The register: what the organisation declares. These are values already checked: every name refers to
//! something that exists, every period and zone was read. How it is written in TOML is known to `config`.

mod calendar;
mod dataset;
mod organisation;
mod policy;
mod product;
mod reconciled;
mod server;
mod source;

pub use calendar::BusinessCalendar;
pub use dataset::{
    ClockField, Collected, ConsentEntry, ConsentSource, CountMethod, Dataset, FieldConditions, Keep, KeepAtLeast,
    KeyField, OptOutEntry, Special, Tell, WholeUntil,
};
pub use organisation::{Category, Contract, Division, FiscalYearStart, Ground, Organisation, Person, Purpose};
pub use policy::{ExceptionPolicy, LetterPolicy};
pub use product::{Product, ProductSetting, SettingEngine, SettingOf, SettingPlace};
pub use reconciled::{MatchedBy, ReconciledFiles};
pub use server::{SecretSource, ServerAddress, ServerKind, ServerSpec, ServerTls};
pub use source::{
    CellAnswer, DateFormat, FieldAccess, FieldSpec, FieldType, IdentityPart, ListColumns, ListEncoding, Place,
    Relation, Root, SourceSpec,
};

use super::hours::DayHours;
use super::instant::Instant;
use super::name::{CategoryName, ContractName, DatasetName, DivisionName, LedgerName, PersonName, PurposeName};
use std::collections::BTreeMap;

/// What is looked up rather than judged.
#[derive(Debug, Clone)]
pub struct Ledger {
    /// What its rows say.
    pub kind: LedgerKind,
    /// The division that answers for the ledger.
    pub division: Option<DivisionName>,
    /// Where the rows can be read. Standard fields: any key fields (`email`, `phone`, ...), `purpose`,
    /// and `given_at`, `withdrawn_at` for consents or `opted_out_at` for opt-outs.
    pub source: SourceSpec,
    /// Hours in which no scan that reads it begins by its schedule: those of its connection.
    pub avoid: Option<DayHours>,
}

/// What the rows of a ledger say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LedgerKind {
    /// Each row is up to two events: given at `given_at`, withdrawn at `withdrawn_at`.
    Consents,
    /// Each row is an opt-out since `opted_out_at` (no such field, or an empty one: since ever).
    OptOuts,
}

/// One of the register's own tests, run by `purposed test` without any source.
#[derive(Debug, Clone)]
pub struct RegisterTest {
    /// The dataset that the made-up item belongs to.
    pub dataset: DatasetName,
    /// The instant at which it is judged.
    pub now: super::instant::Instant,
    /// Column names (or file name under `name`, path under `path`) and their values.
    pub item: BTreeMap<String, String>,
    /// What must be found, as `rule:reason`, in any order; nothing more and nothing less.
    pub expect: Vec<String>,
    /// Where the test stands: `file:line:column`.
    pub origin: String,
}

/// Everything the organisation declares.
#[derive(Debug, Clone)]
pub struct Register {
    /// The organisation itself.
    pub organisation: Organisation,
    /// Members of staff that letters go to.
    pub people: BTreeMap<PersonName, Person>,
    /// Divisions, each with its person in charge.
    pub divisions: BTreeMap<DivisionName, Division>,
    /// Purposes of use.
    pub purposes: BTreeMap<PurposeName, Purpose>,
    /// Categories of personal information.
    pub categories: BTreeMap<CategoryName, Category>,
    /// Contracts under which data was entrusted.
    pub contracts: BTreeMap<ContractName, Contract>,
    /// Ledgers.
    pub ledgers: BTreeMap<LedgerName, Ledger>,
    /// Datasets.
    pub datasets: BTreeMap<DatasetName, Dataset>,
    /// How letters are sent where a division says nothing of its own.
    pub letters: LetterPolicy,
    /// How long exceptions may last.
    pub exceptions: ExceptionPolicy,
    /// The register's own tests.
    pub tests: Vec<RegisterTest>,
}

impl Register {
    /// How letters about a division's datasets are sent: its own way, or the organisation's.
    #[must_use]
    pub fn letters_of(&self, division: &DivisionName) -> &LetterPolicy {
        self.divisions.get(division).map_or(&self.letters, |division| &division.letters)
    }

    /// When the hours end in which the dataset is not to be scanned by its schedule, if `now` lies in them: those of
    /// the connections that it, its copies and its ledgers are read through.
    #[must_use]
    pub fn avoided_until(&self, dataset: &Dataset, now: Instant) -> Option<Instant> {
        let of_ledgers = dataset.ledgers().into_iter().filter_map(|name| self.ledgers.get(name)?.avoid);
        let hours: Vec<DayHours> = dataset.with_copies().filter_map(|one| one.avoid).chain(of_ledgers).collect();
        let zone = &self.organisation.time_zone;
        let mut free = now;
        // Hours may follow upon each other; where they leave no time at all, the scan begins when the first ones end.
        for _ in 0..=hours.len() {
            match hours.iter().filter_map(|hours| hours.end(free, zone)).max() {
                Some(end) => free = end,
                None => break,
            }
        }
        (free > now).then_some(free)
    }
}
