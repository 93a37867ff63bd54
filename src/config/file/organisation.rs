//! The organisation, its people and divisions, its purposes and categories, and its contracts.

use super::leaf::{Day, EmailText, MonthDayText, ZoneText};
use super::letters::LettersFile;
use super::placed::Placed;
use super::shape::{OneOrMany, Short};
use crate::domain::language::Language;
use crate::domain::register::{Collected, Special};
use schemars::JsonSchema;
use serde::Deserialize;

/// A text in one or both languages.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a text or { ja = ..., en = ... }")]
pub struct LocalisedFile {
    /// In Japanese.
    pub ja: Option<String>,
    /// In English.
    pub en: Option<String>,
}

/// The organisation that publishes the privacy policy.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct OrganisationFile {
    /// Its name, as a text or per language. Must be there.
    pub name: Option<Placed<Short<LocalisedFile>>>,
    /// The contact point for personal information, as told to the people concerned. Must be there.
    pub contact_point: Option<Placed<String>>,
    /// The personal information protection manager, one of `[people]`. Must be there.
    pub privacy_manager: Option<Placed<String>>,
    /// The auditor, one of `[people]`.
    pub auditor: Option<Placed<String>>,
    /// The zone of calendar periods and of times without one. Default: `Asia/Tokyo`.
    pub time_zone: Option<Placed<ZoneText>>,
    /// Month and day on which a fiscal year starts. Default: `04-01`.
    pub fiscal_year_starts: Option<Placed<MonthDayText>>,
    /// The privacy policy.
    pub policy: Option<Placed<PolicyFile>>,
}

/// The privacy policy.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct PolicyFile {
    /// When it was established.
    pub established: Option<Placed<Day>>,
    /// When it was last revised.
    pub revised: Option<Placed<Day>>,
}

/// A member of staff that letters go to.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct PersonFile {
    /// Name or role, as a text or per language. Default: the key.
    pub name: Option<Placed<Short<LocalisedFile>>>,
    /// E-mail address. Must be there.
    pub email: Option<Placed<EmailText>>,
    /// The language of their letters. Default: `ja`.
    pub language: Option<Placed<Language>>,
}

/// A division of the organisation.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct DivisionFile {
    /// Its name, as a text or per language. Default: the key.
    pub name: Option<Placed<Short<LocalisedFile>>>,
    /// Who answers for its personal information, one of `[people]`. Must be there.
    pub person_in_charge: Option<Placed<String>>,
    /// Who does when the person in charge is silent, one of `[people]`.
    pub deputy: Option<Placed<String>>,
    /// How its letters are sent. Default: as the organisation's.
    pub letters: Option<Placed<LettersFile>>,
}

/// On what ground a purpose allows use.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GroundText {
    /// The person's consent, which must be on record.
    Consent,
    /// The purpose was notified or published.
    Notice,
    /// A contract.
    Contract,
    /// A law.
    Law,
}

/// A purpose of use.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct PurposeFile {
    /// The purpose in the words of the privacy policy, as a text or per language. Default: the key.
    pub name: Option<Placed<Short<LocalisedFile>>>,
    /// How lists spell it, beside its key. Default: none.
    pub values: Option<OneOrMany<String>>,
    /// On what ground it allows use. Default: `consent`.
    pub ground: Option<Placed<GroundText>>,
}

/// A category of personal information, with the purposes that are published for it.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct CategoryFile {
    /// Its name, as a text or per language. Default: the key.
    pub name: Option<Placed<Short<LocalisedFile>>>,
    /// The published purposes. Default: none, and then no dataset can be of it.
    pub purposes: Option<OneOrMany<String>>,
    /// Statements of origin that every dataset of the category must make. Default: none.
    pub require_provenance: Option<OneOrMany<String>>,
    /// How its data is collected.
    pub collected: Option<Placed<Collected>>,
    /// What makes its data special. Default: nothing.
    pub special: Option<OneOrMany<Special>>,
    /// Communications of subscribers: only clock and opaque id are read. Default: `false`.
    pub secrecy: Option<Placed<bool>>,
}

/// A contract under which data was entrusted.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct ContractFile {
    /// Who entrusted the data. Default: the key.
    pub client: Option<Placed<String>>,
    /// The last day of the contract. Default: it is open-ended.
    pub ends: Option<Placed<Day>>,
}
