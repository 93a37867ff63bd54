//! `purposed exception`: approved reasons why findings are narrowed. Adding one is told in `adding`, finding the
//! items that it lists in `listed`; here they end, are reviewed, listed, and run out.

mod adding;
mod listed;

pub use adding::{AddAnswer, AddRequest, add};

use super::people::{apart, division_of, may_decide, may_end_hold, person};
use super::session::{Session, load};
use super::{AppError, Environment};
use crate::config::Loaded;
use crate::domain::exception::{Exception, ExceptionId, ExceptionKind, ExceptionState};
use crate::domain::instant::Instant;
use crate::domain::name::{DatasetName, PersonName};
use crate::domain::register::Register;
use crate::rule::Exceptions;
use crate::rule::exceptions::{Cover, ends_at, is_in_force};
use crate::store::{Access, ExceptionEnd, Store, StoreError};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// How somebody ends an exception.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// Taking an extension or an approval back before its day.
    Revoke,
    /// Releasing a hold.
    Release,
}

/// The end of an exception that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndRequest {
    /// Which one.
    pub id: String,
    /// How.
    pub ending: Ending,
    /// Who says so: one of the register's people.
    pub by: String,
}

/// The review of a hold that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewRequest {
    /// Which one.
    pub id: String,
    /// The day of the next review.
    pub until: Date,
    /// Who reviewed it: one of the register's people.
    pub by: String,
}

/// An exception after an act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionAnswer {
    /// Which one.
    pub id: ExceptionId,
    /// The dataset whose findings it narrows or narrowed.
    pub dataset: DatasetName,
    /// Where it stands.
    pub state: ExceptionState,
    /// Its last day, or the day of the next review.
    pub until: Date,
}

/// The exceptions.
#[derive(Debug)]
pub struct ListAnswer {
    /// In the order of their numbers.
    pub exceptions: Vec<Exception>,
    /// The organisation's zone.
    pub time_zone: TimeZone,
}

/// Ends an exception before its time, or releases a hold. Whoever asked for it does not end it; a hold is released by
/// the privacy manager or by whoever approved it.
///
/// # Errors
/// [`AppError::Argument`] when there is no such exception in force, when it ends otherwise, or when nobody of that
/// name may do so.
pub fn end(session: &Session, request: &EndRequest, user: &str, now: Instant) -> Result<ExceptionAnswer, AppError> {
    let exception = active(session, &request.id)?;
    let register = &session.loaded.register;
    let by = person(register, &request.by)?;
    let state = match (request.ending, exception.kind) {
        (Ending::Revoke, ExceptionKind::Hold) => {
            return Err(AppError::Argument(format!(
                "`{}` is a hold, which is released\n  hint: purposed exception release {}",
                exception.id, exception.id
            )));
        }
        (Ending::Release, ExceptionKind::Extension | ExceptionKind::Approval) => {
            return Err(AppError::Argument(format!(
                "`{}` is no hold: it is revoked\n  hint: purposed exception revoke {}",
                exception.id, exception.id
            )));
        }
        (Ending::Revoke, _) => ExceptionState::Revoked,
        (Ending::Release, _) => ExceptionState::Released,
    };
    apart(register, &exception.requested_by, &by)?;
    may_end(register, &exception, &by)?;
    let end = ExceptionEnd { id: exception.id.clone(), state, by: Some(by) };
    session.store.end_exceptions(&[end], user, now)?;
    Ok(ExceptionAnswer { id: exception.id, dataset: exception.scope.dataset, state, until: exception.until_day })
}

/// Notes that a hold was reviewed and stands until its next review. Whoever asked for it does not review it.
///
/// # Errors
/// [`AppError::Argument`] when there is no such hold, its next review lies in the past, or nobody of that name may
/// review it.
pub fn review(
    session: &Session,
    request: &ReviewRequest,
    user: &str,
    now: Instant,
) -> Result<ExceptionAnswer, AppError> {
    let exception = active(session, &request.id)?;
    let register = &session.loaded.register;
    if exception.kind != ExceptionKind::Hold {
        return Err(AppError::Argument(format!(
            "`{}` is no hold: it ends on {} and is not reviewed\n  hint: add another one where it is still needed",
            exception.id, exception.until_day
        )));
    }
    let by = person(register, &request.by)?;
    apart(register, &exception.requested_by, &by)?;
    may_end(register, &exception, &by)?;
    if request.until <= today(&session.loaded, now) {
        return Err(AppError::Argument(format!("the next review of a hold lies ahead; {} does not", request.until)));
    }
    session.store.review_exception(&exception.id, request.until, &by, user, now)?;
    Ok(ExceptionAnswer {
        id: exception.id,
        dataset: exception.scope.dataset,
        state: ExceptionState::Active,
        until: request.until,
    })
}

/// Ends the extensions and approvals whose last day has passed, and says which. Their findings come back with the
/// next scan. A hold never ends by time. Does nothing when there is none: it may be called at every tick.
///
/// # Errors
/// [`AppError::Store`] when the store fails.
pub fn expire_due(session: &Session, now: Instant) -> Result<Vec<ExceptionId>, AppError> {
    let zone = &session.loaded.register.organisation.time_zone;
    let mut ended = Vec::new();
    for exception in session.store.exceptions()? {
        let is_over = ends_at(&exception, zone).is_some_and(|end| end <= now);
        if exception.state == ExceptionState::Active && is_over {
            ended.push(exception.id);
        }
    }
    let ends: Vec<ExceptionEnd> =
        ended.iter().map(|id| ExceptionEnd { id: id.clone(), state: ExceptionState::Expired, by: None }).collect();
    session.store.end_exceptions(&ends, "purposed", now)?;
    Ok(ended)
}

/// The exceptions that are not ended, or all that there ever were.
///
/// # Errors
/// [`AppError`] when the configuration or the store cannot be read.
pub fn list(config_file: &Path, all: bool, environment: &Environment) -> Result<ListAnswer, AppError> {
    let session = Session::open(load(config_file)?, environment, Access::Read)?;
    let mut exceptions = session.store.exceptions()?;
    exceptions.retain(|exception| all || exception.state == ExceptionState::Active);
    Ok(ListAnswer { exceptions, time_zone: session.loaded.register.organisation.time_zone.clone() })
}

/// The exceptions of a dataset that are in force at `now`.
pub(super) fn in_force(
    store: &Store,
    loaded: &Loaded,
    dataset: &DatasetName,
    now: Instant,
) -> Result<Exceptions, AppError> {
    let zone = &loaded.register.organisation.time_zone;
    let mut covers = Vec::new();
    for (exception, items) in store.active_exceptions(dataset)? {
        if is_in_force(&exception, zone, now) {
            covers.push(Cover::new(exception, items));
        }
    }
    Ok(Exceptions::new(covers))
}

/// Refuses whoever may not end or review an exception. Of a dataset that the register does not know any more, only the
/// privacy manager decides.
fn may_end(register: &Register, exception: &Exception, who: &PersonName) -> Result<(), AppError> {
    let dataset = &exception.scope.dataset;
    match (exception.kind, division_of(register, dataset)) {
        (ExceptionKind::Hold, division) => may_end_hold(register, division, exception, who),
        (_, Some(division)) => may_decide(register, division, who),
        (_, None) if *who == register.organisation.privacy_manager => Ok(()),
        (_, None) => Err(AppError::Argument(format!(
            "`{who}` may not decide it: `{dataset}` is not in the register any more\n  hint: the privacy manager `{}` may",
            register.organisation.privacy_manager
        ))),
    }
}

/// The active exception with this identifier.
fn active(session: &Session, id: &str) -> Result<Exception, AppError> {
    let mut exceptions = session.store.exceptions()?.into_iter();
    let found = exceptions.find(|exception| exception.id.0 == id);
    match found {
        Some(exception) if exception.state == ExceptionState::Active => Ok(exception),
        Some(exception) => Err(AppError::Argument(format!("exception `{id}` is {} already", exception.state.as_str()))),
        None => Err(StoreError::NoException(id.to_owned()).into()),
    }
}

/// The day of `now` by the organisation's clocks.
fn today(loaded: &Loaded, now: Instant) -> Date {
    now.day(&loaded.register.organisation.time_zone)
}
