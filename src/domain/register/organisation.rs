//! The organisation, its divisions and people, its categories and purposes, and its contracts.

use super::dataset::{Collected, Special};
use super::policy::LetterPolicy;
use crate::domain::language::{Language, Localised};
use crate::domain::name::{PersonName, PurposeName};
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The organisation that publishes the privacy policy.
#[derive(Debug, Clone)]
pub struct Organisation {
    /// Its name.
    pub name: Localised,
    /// The contact point for personal information, as told to the people concerned.
    pub contact_point: String,
    /// The personal information protection manager.
    pub privacy_manager: PersonName,
    /// The auditor, a role apart from the manager.
    pub auditor: Option<PersonName>,
    /// The zone of calendar periods and of times without one.
    pub time_zone: TimeZone,
    /// The day on which a fiscal year starts.
    pub fiscal_year_starts: FiscalYearStart,
    /// When the policy was established.
    pub policy_established: Option<Date>,
    /// When the policy was last revised.
    pub policy_revised: Option<Date>,
}

/// Month and day on which a fiscal year starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FiscalYearStart {
    /// Month, 1 to 12.
    pub month: i8,
    /// Day of the month; exists in every year.
    pub day: i8,
}

/// A member of staff that letters go to.
#[derive(Debug, Clone)]
pub struct Person {
    /// Name or role, as it stands in the greeting.
    pub name: Localised,
    /// E-mail address.
    pub email: String,
    /// The language of their letters.
    pub language: Language,
}

/// A division of the organisation.
#[derive(Debug, Clone)]
pub struct Division {
    /// Its name.
    pub name: Localised,
    /// Who answers for its personal information.
    pub person_in_charge: PersonName,
    /// Who does when the person in charge is silent.
    pub deputy: Option<PersonName>,
    /// How its letters are sent: its own keys, and the organisation's where it has none.
    pub letters: LetterPolicy,
}

/// On what ground a purpose allows use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
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
#[derive(Debug, Clone)]
pub struct Purpose {
    /// The purpose in the words of the privacy policy.
    pub name: Localised,
    /// How lists spell it, beside its key.
    pub values: Vec<String>,
    /// On what ground it allows use.
    pub ground: Ground,
}

/// A category of personal information, with the purposes that are published for it.
#[derive(Debug, Clone)]
pub struct Category {
    /// Its name.
    pub name: Localised,
    /// The published purposes.
    pub purposes: Vec<PurposeName>,
    /// Statements of origin that every dataset of the category must make.
    pub require_provenance: Vec<String>,
    /// How its data is collected.
    pub collected: Option<Collected>,
    /// What makes its data special.
    pub special: Vec<Special>,
    /// Communications of subscribers: only clock and opaque id are read.
    pub secrecy: bool,
}

/// A contract under which data was entrusted.
#[derive(Debug, Clone)]
pub struct Contract {
    /// Who entrusted the data.
    pub client: String,
    /// The last day of the contract; open-ended without it.
    pub ends: Option<Date>,
}
