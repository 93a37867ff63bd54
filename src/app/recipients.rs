//! `purposed recipients`: the people whom letters do not reach, and the word that one of them can be reached again.

use super::session::Session;
use super::{AppError, did_you_mean};
use crate::domain::instant::Instant;
use crate::domain::name::PersonName;
use crate::domain::unreachable::{Unreachable, UnreachableCause};
use crate::store::Reachable;
use serde::{Deserialize, Serialize};

/// A person whom letters do not reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreachablePerson {
    /// Their name in the register.
    pub person: PersonName,
    /// The address that does not work.
    pub email: String,
    /// Since when.
    pub since: Instant,
    /// How it came out.
    pub cause: UnreachableCause,
    /// What the mail server answered, without its own words.
    pub why: String,
    /// Whether it is the privacy manager, in whose place nobody can be told.
    pub is_manager: bool,
}

/// Who cannot be reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipientsAnswer {
    /// By name.
    pub unreachable: Vec<UnreachablePerson>,
    /// The organisation's zone, by its name.
    pub time_zone: String,
}

/// Who is to be written to again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryRequest {
    /// The person, as the register names them.
    pub person: String,
}

/// Who is written to again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryAnswer {
    /// The person.
    pub person: PersonName,
    /// Their address in the register.
    pub email: String,
}

/// Lists the people whom letters do not reach. Marks that the register has outdated are left out.
///
/// # Errors
/// [`AppError`] when the store cannot be read.
pub fn recipients(session: &Session, now: Instant) -> Result<RecipientsAnswer, AppError> {
    let register = &session.loaded.register;
    let manager = &register.organisation.privacy_manager;
    let marks = session.store.unreachable()?;
    let unreachable = marks.into_iter().filter(|mark| mark.holds(register, now)).map(|mark| {
        let Unreachable { person, email, since, cause, why, letter: _ } = mark;
        let is_manager = person == *manager;
        UnreachablePerson { person, email, since, cause, why, is_manager }
    });
    let zone = &register.organisation.time_zone;
    Ok(RecipientsAnswer { unreachable: unreachable.collect(), time_zone: zone.iana_name().unwrap_or("UTC").to_owned() })
}

/// Takes somebody's word that a person can be reached again: the next planning tells them what they have missed.
///
/// # Errors
/// [`AppError::Argument`] when the register has no such person, or letters reach them.
pub fn retry(session: &Session, request: &RetryRequest, user: &str, now: Instant) -> Result<RetryAnswer, AppError> {
    let people = &session.loaded.register.people;
    let Some((name, person)) = people.get_key_value(request.person.as_str()) else {
        let hint = did_you_mean(&request.person, people.keys().map(PersonName::as_str));
        return Err(AppError::Argument(format!("there is no person `{}`{hint}", request.person)));
    };
    if !session.store.make_reachable(name, Reachable::Word(user), now)? {
        let hint = "\n  hint: `purposed recipients` lists those whom letters do not reach";
        return Err(AppError::Argument(format!("`{name}` is not marked as unreachable{hint}")));
    }
    Ok(RetryAnswer { person: name.clone(), email: person.email.clone() })
}

/// Takes back the marks that do not hold any more: another address in the register, or one that proved nothing and is
/// old. Planning calls this first, so that whoever can be reached again is told what they have missed.
///
/// # Errors
/// [`AppError`] when the store fails.
pub fn refresh(session: &Session, now: Instant) -> Result<(), AppError> {
    let register = &session.loaded.register;
    for mark in session.store.unreachable()? {
        if mark.holds(register, now) {
            continue;
        }
        let same_address = register.people.get(&mark.person).is_some_and(|person| person.email == mark.email);
        let because = if same_address { Reachable::Lapsed } else { Reachable::Register };
        session.store.make_reachable(&mark.person, because, now)?;
        tracing::info!(person = mark.person.as_str(), "a person counts as reachable again");
    }
    Ok(())
}
