//! A dataset, as it is written under `[datasets]`, `[templates]` and `[defaults]`.

use super::leaf::{CronText, Day, PeriodText, ValueGlob, ZoneText};
use super::measure::{DelayText, PercentText};
use super::organisation::LocalisedFile;
use super::placed::Placed;
use super::product::ProductSettingFile;
use super::shape::{Names, OneOrMany, Short};
use super::source::SourceFile;
use crate::domain::register::{Collected, Special, Tell};
use schemars::JsonSchema;
use serde::Deserialize;

/// A dataset: one body of personal information that a division answers for. What it does not say is taken
/// from its template, then from `[defaults]`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct DatasetFile {
    /// One of `[templates]`, whose keys hold where the dataset has none of its own. One level only.
    pub template: Option<Placed<String>>,
    /// Its name for people, as a text or per language. Default: the key.
    pub name: Option<Placed<Short<LocalisedFile>>>,
    /// The division that answers for it, one of `[divisions]`. Default: the file's `division`. Must be there.
    pub division: Option<Placed<String>>,
    /// Its category, one of `[categories]`. Must be there.
    pub category: Option<Placed<String>>,
    /// What it is held for; each published by its category. At least one.
    pub purposes: Option<OneOrMany<String>>,
    /// When it is scanned: a cron line of five fields, read as cron(8) does, or `@hourly`, `@daily`, `@weekly`,
    /// `@monthly`, `@yearly`. Default: only when asked for.
    pub schedule: Option<Placed<CronText>>,
    /// The zone of its schedule. Default: the organisation's.
    pub time_zone: Option<Placed<ZoneText>>,
    /// Each scheduled scan starts some time between its schedule and this much later, so that many do not start at
    /// once. At most a day. Default: none.
    pub random_delay: Option<Placed<DelayText>>,
    /// The site whose server scans it. Default: any.
    pub site: Option<Placed<String>>,
    /// Earlier names, whose history follows. Default: none.
    pub was: Option<OneOrMany<String>>,
    /// Not scanned any more from this day.
    pub retired: Option<Placed<Day>>,
    /// How far ahead to warn. `[]` unsets what a template or `[defaults]` says. Default: no warning.
    pub warn: Option<OneOrMany<PeriodText>>,
    /// How long an item may be kept: the first whose `where` matches.
    pub keep: Option<OneOrMany<KeepFile>>,
    /// How long an item must be kept: all that match.
    pub keep_at_least: Option<OneOrMany<KeepAtLeastFile>>,
    /// Where consent is on record: any entry that gives, gives.
    pub consent: Option<OneOrMany<ConsentFile>>,
    /// Where opt-outs are on record: any entry that refuses, refuses.
    pub opt_outs: Option<OneOrMany<OptOutFile>>,
    /// Statements of origin, such as `supplier`, `address`, `representative`, `obtained_by`.
    pub provenance: Option<Placed<Names<String>>>,
    /// The contract under which the data was entrusted, one of `[contracts]`.
    pub contract: Option<Placed<String>>,
    /// The share of its items that may vanish before they are due; when more do, the privacy manager is told at
    /// once. Default: `10 %`.
    pub early_loss: Option<Placed<PercentText>>,
    /// Whether an empty source is no trouble. Default: `false`.
    pub may_be_empty: Option<Placed<bool>>,
    /// Communications of subscribers: only clock and opaque id are read, so nothing may ask for more (`consent`,
    /// `opt_outs`, `where`, `identity`, a field `purpose`); items and explanations are refused. Default: the category's.
    pub secrecy: Option<Placed<bool>>,
    /// What makes its data special, beside what its category says.
    pub special: Option<OneOrMany<Special>>,
    /// How it was collected. Default: the category's.
    pub collected: Option<Placed<Collected>>,
    /// Whom letters go to instead of the person in charge.
    pub tell: Option<Placed<Tell>>,
    /// Where the product that holds its items states its own retention: longer than `keep` is a finding.
    pub product_setting: Option<Placed<ProductSettingFile>>,
    /// Where its items can be observed: a table, or the name of one of `[sources]`.
    pub source: Option<Placed<Short<SourceFile>>>,
    /// Named sources by their part: `items` is the one that is judged.
    pub sources: Option<Placed<SourcesFile>>,
    /// The slice of its source that is this dataset: field = value, glob or list of them; all must match. What does not
    /// match is not this dataset's. Default: every item.
    #[serde(rename = "where")]
    pub conditions: Option<Placed<WhereFile>>,
    /// Whether the letters of its first scan wait for the privacy manager's word. Default: `false`.
    pub baseline: Option<Placed<bool>>,
}

/// Named sources by their part.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct SourcesFile {
    /// The source whose items are judged, one of `[sources]`.
    pub items: Option<Placed<String>>,
    /// The source of the files that the rows of `items` are reconciled with, one of `[sources]`. The items must map the
    /// field `path`. Default: no reconciliation.
    pub files: Option<Placed<String>>,
    /// The sources of copies of the items, such as backups, each one of `[sources]`: judged like `items`, where they map
    /// the fields that are asked for, and kept longer by their source's `extra`. Default: none.
    pub copies: Option<OneOrMany<String>>,
}

/// Conditions: field = value, glob or list of them. All must match.
pub type WhereFile = Names<OneOrMany<ValueGlob>>;

/// How long an item may be kept.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table such as { for = \"6 months\", from = \"recorded_at\" }")]
pub struct KeepFile {
    /// Which items it is for: field = value, glob or list of them; all must match. Default: every item.
    #[serde(rename = "where")]
    pub conditions: Option<Placed<WhereFile>>,
    /// How long. Must be there.
    #[serde(rename = "for")]
    pub period: Option<Placed<PeriodText>>,
    /// The clock: a field of the source or `contract.ends`, or a list whose first readable one counts. Must be there.
    pub from: Option<OneOrMany<String>>,
    /// Rounded up to the end of the fiscal year. Default: not rounded.
    pub until_end_of: Option<Placed<UntilText>>,
    /// How the period is counted. Default: `calendar`.
    pub count: Option<Placed<CountText>>,
}

/// How long an item must be kept.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a table such as { for = \"3 years\", from = \"made_at\", basis = \"...\" }"
)]
pub struct KeepAtLeastFile {
    /// Which items it is for: field = value, glob or list of them; all must match. Default: every item.
    #[serde(rename = "where")]
    pub conditions: Option<Placed<WhereFile>>,
    /// How long. Must be there.
    #[serde(rename = "for")]
    pub period: Option<Placed<PeriodText>>,
    /// The clock: a field of the source or `contract.ends`, or a list whose first readable one counts. Must be there.
    pub from: Option<OneOrMany<String>>,
    /// Rounded up to the end of the fiscal year. Default: not rounded.
    pub until_end_of: Option<Placed<UntilText>>,
    /// How the period is counted. Default: `calendar`.
    pub count: Option<Placed<CountText>>,
    /// The law article or contract clause that demands it.
    pub basis: Option<Placed<String>>,
}

/// What a period is rounded up to.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UntilText {
    /// The end of the fiscal year that contains the day (clock + period).
    FiscalYear,
}

/// How a period is counted.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CountText {
    /// Clock plus period, to the same time of day; dates alone to the end of that day.
    Calendar,
    /// Civil Code Art. 140-143.
    CivilCode,
}

/// Where consent is on record: a ledger (`ledger` and `by`) or a column of the row (`row`).
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table such as { ledger = \"consents\", by = \"email\" }")]
pub struct ConsentFile {
    /// One of `[ledgers]`, of kind `consents`.
    pub ledger: Option<Placed<String>>,
    /// The fields by which the ledger is asked, which both the dataset and the ledger have: any of them.
    pub by: Option<OneOrMany<String>>,
    /// A field of the row that answers, by its `values`.
    pub row: Option<Placed<String>>,
    /// A field of the row that says when it was given.
    pub at: Option<Placed<String>>,
    /// Consent older than this does not count. Default: it counts for ever.
    pub valid_for: Option<Placed<PeriodText>>,
    /// The purposes that it may give. Default: every purpose.
    #[serde(rename = "for")]
    pub purposes: Option<OneOrMany<String>>,
}

/// Where opt-outs are on record: a ledger (`ledger` and `by`) or a column of the row (`row`).
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table such as { ledger = \"do-not-call\", by = \"phone\" }")]
pub struct OptOutFile {
    /// One of `[ledgers]`, of kind `opt-outs`.
    pub ledger: Option<Placed<String>>,
    /// The fields by which the ledger is asked, which both the dataset and the ledger have: any of them.
    pub by: Option<OneOrMany<String>>,
    /// A field of the row that says stop; empty means no.
    pub row: Option<Placed<String>>,
}
