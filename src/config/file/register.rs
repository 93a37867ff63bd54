//! A register file: what the organisation declares, or a part of it. Register files merge.

use super::dataset::DatasetFile;
use super::leaf::{Scalar, TestInstant};
use super::letters::{ExceptionsFile, LettersFile};
use super::organisation::{CategoryFile, ContractFile, DivisionFile, OrganisationFile, PersonFile, PurposeFile};
use super::placed::Placed;
use super::shape::{Names, OneOrMany, Short};
use super::source::SourceFile;
use schemars::JsonSchema;
use serde::Deserialize;

/// A register file. Register files merge; a name given twice is a problem.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct RegisterFile {
    /// The division of every dataset and ledger of this file that names none; the only one allowed in it.
    pub division: Option<Placed<String>>,
    /// The organisation that publishes the privacy policy. In one of the files.
    pub organisation: Option<Placed<OrganisationFile>>,
    /// How letters are sent, repeated and escalated.
    pub letters: Option<Placed<LettersFile>>,
    /// How long exceptions may last.
    pub exceptions: Option<Placed<ExceptionsFile>>,
    /// Members of staff that letters go to.
    pub people: Names<PersonFile>,
    /// Divisions, each with its person in charge.
    pub divisions: Names<DivisionFile>,
    /// Purposes of use.
    pub purposes: Names<PurposeFile>,
    /// Categories of personal information, each with its published purposes.
    pub categories: Names<CategoryFile>,
    /// Contracts under which data was entrusted.
    pub contracts: Names<ContractFile>,
    /// Ledgers: what is looked up rather than judged.
    pub ledgers: Names<LedgerFile>,
    /// Named sources, which datasets and ledgers may share.
    pub sources: Names<SourceFile>,
    /// What every dataset takes where neither it nor its template says otherwise.
    pub defaults: Option<Placed<DatasetFile>>,
    /// What datasets with this template take where they do not say otherwise.
    pub templates: Names<DatasetFile>,
    /// Datasets.
    pub datasets: Names<DatasetFile>,
    /// The register's own tests, run by `purposed test` without any source.
    pub tests: Vec<Placed<TestFile>>,
}

/// A ledger: a source that is looked up rather than judged.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct LedgerFile {
    /// What its rows say. Must be there.
    pub kind: Option<Placed<LedgerKindText>>,
    /// The division that answers for it, one of `[divisions]`. Default: the file's `division`.
    pub division: Option<Placed<String>>,
    /// Where its rows can be read: a table, or the name of one of `[sources]`. Fields: keys such as `email` and
    /// `phone`, `purpose`, and `given_at`, `withdrawn_at` for consents or `opted_out_at` for opt-outs. Must be there.
    pub source: Option<Placed<Short<SourceFile>>>,
}

/// What the rows of a ledger say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LedgerKindText {
    /// Each row is up to two events: given and withdrawn.
    Consents,
    /// Each row is an opt-out.
    OptOuts,
}

/// One of the register's own tests.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct TestFile {
    /// The dataset that the made-up item belongs to. Must be there.
    pub dataset: Option<Placed<String>>,
    /// The instant at which it is judged. Must be there.
    pub now: Option<Placed<TestInstant>>,
    /// Column names (or the file name under `name`, the path under `path`) and their values.
    pub item: Option<Placed<Names<Scalar>>>,
    /// What must be found, as `rule:reason`; nothing more and nothing less. Default: nothing.
    pub expect: Option<OneOrMany<String>>,
}
