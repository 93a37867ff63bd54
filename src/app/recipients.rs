//! `purposed recipients`: the people whom letters do not reach, and the word that one of them can be reached again.

use super::session::{Session, load};
use super::{AppError, Environment, did_you_mean};
use crate::domain::instant::Instant;
use crate::domain::name::PersonName;
use crate::domain::unreachable::{Unreachable, UnreachableCause};
use crate::store::{Access, Reachable};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// A person whom letters do not reach.
#[derive(Debug, Clone, PartialEq, Eq)]
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientsAnswer {
    /// By name.
    pub unreachable: Vec<UnreachablePerson>,
    /// The organisation's zone.
    pub time_zone: TimeZone,
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

/// Lists the people whom letters do not reach, now or at `now`.
///
/// # Errors
/// [`AppError`] when the configuration or the store cannot be read.
pub fn recipients(
    config_file: &Path,
    now: Option<Instant>,
    environment: &Environment,
) -> Result<RecipientsAnswer, AppError> {
    let session = Session::open(load(config_file)?, environment, Access::Read)?;
    let now = now.unwrap_or_else(|| session.clock.now());
    let organisation = &session.loaded.register.organisation;
    let manager = &organisation.privacy_manager;
    let unreachable = unreachable(&session, now)?.into_iter().map(|mark| {
        let Unreachable { person, email, since, cause, why, letter: _ } = mark;
        let is_manager = person == *manager;
        UnreachablePerson { person, email, since, cause, why, is_manager }
    });
    Ok(RecipientsAnswer { unreachable: unreachable.collect(), time_zone: organisation.time_zone.clone() })
}

/// The people whom letters do not reach at `now`, by name. Marks that the register has outdated, and those that proved
/// nothing and are old, are left out.
pub(super) fn unreachable(session: &Session, now: Instant) -> Result<Vec<Unreachable>, AppError> {
    let register = &session.loaded.register;
    let mut marks = session.store.unreachable()?;
    marks.retain(|mark| mark.holds(register, now));
    Ok(marks)
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
