//! `purposed exception add`: who may except what, and for how long.

use super::listed::resolve;
use super::today;
use crate::app::AppError;
use crate::app::people::{apart, may_decide, person};
use crate::app::session::{Session, dataset};
use crate::domain::exception::{ExceptionId, ExceptionKind, ExceptionScope};
use crate::domain::instant::Instant;
use crate::domain::name::DatasetName;
use crate::domain::period::Period;
use crate::domain::register::{Dataset, ExceptionPolicy};
use crate::domain::verdict::{Reason, Rule};
use crate::store::NewException;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// Reasons are never longer.
const LONGEST_REASON_CHARACTERS: usize = 500;

/// The exception that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddRequest {
    /// The dataset.
    pub dataset: String,
    /// What it allows.
    pub kind: ExceptionKind,
    /// The rule, or a rule and one of its reasons: `retention`, `consent:missing`.
    pub rule: Option<String>,
    /// The items, as they came from standard input; every item in the scope without it.
    pub items: Option<String>,
    /// Only items whose clock lies on this day or later.
    pub dated_from: Option<Date>,
    /// Only items whose clock lies on this day or earlier.
    pub dated_until: Option<Date>,
    /// The last day; of a hold, the day of its review.
    pub until: Date,
    /// Why.
    pub reason: String,
    /// Who asked for it: one of the register's people.
    pub requested_by: String,
    /// Who approved it: another one.
    pub approved_by: String,
    /// Show the person in charge only that nothing may be erased (holds).
    pub confidential: bool,
}

/// The exception that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddAnswer {
    /// Its identifier.
    pub id: ExceptionId,
    /// What it allows.
    pub kind: ExceptionKind,
    /// The dataset.
    pub dataset: DatasetName,
    /// How many items it lists; it concerns every item in its scope without a list.
    pub items: Option<u64>,
    /// Its last day; of a hold, the day of its review.
    pub until: Date,
}

/// Makes an exception; the next scan narrows the findings by it.
///
/// # Errors
/// [`AppError::Argument`] for everything that is refused: unknown names, a requester or a stranger who approves, an end that is
/// missing, past or too far off, a rule that the kind may not touch, items that are not there.
pub fn add(session: &Session, request: &AddRequest, user: &str, now: Instant) -> Result<AddAnswer, AppError> {
    let register = &session.loaded.register;
    let (name, dataset) = dataset(&session.loaded, &request.dataset)?;
    let requested_by = person(register, &request.requested_by)?;
    let approved_by = person(register, &request.approved_by)?;
    apart(register, &requested_by, &approved_by)?;
    may_decide(register, &dataset.division, &approved_by)?;
    check_until(request.kind, request.until, today(&session.loaded, now), &register.exceptions)?;
    if request.confidential && request.kind != ExceptionKind::Hold {
        return Err(refused("only a hold can be confidential"));
    }
    let mut scope = scope(request, name, dataset, &register.organisation.time_zone)?;
    let items = request.items.as_deref().map(|text| resolve(session, name, dataset, text)).transpose()?;
    scope.listed_items = items.as_ref().map(|items| items.len() as u64);
    let new = NewException {
        kind: request.kind,
        scope,
        why: reason(&request.reason)?,
        requested_by,
        approved_by,
        until_day: request.until,
        confidential: request.confidential,
    };
    let id = session.store.add_exception(&new, items.as_deref(), user, now)?;
    Ok(AddAnswer { id, kind: request.kind, dataset: name.clone(), items: new.scope.listed_items, until: request.until })
}

fn refused(why: impl Into<String>) -> AppError {
    AppError::Argument(why.into())
}

/// The reason, on one line.
fn reason(text: &str) -> Result<String, AppError> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.chars().count() {
        0 => Err(refused("an exception needs a reason\n  hint: `--reason`, without personal data")),
        1..=LONGEST_REASON_CHARACTERS => Ok(text),
        _ => Err(refused(format!("a reason has at most {LONGEST_REASON_CHARACTERS} characters"))),
    }
}

/// Refuses an end that lies in the past, or further off than the register lets an exception last.
fn check_until(kind: ExceptionKind, until: Date, today: Date, policy: &ExceptionPolicy) -> Result<(), AppError> {
    let (what, longest): (_, Option<&Period>) = match kind {
        ExceptionKind::Extension => ("extension", Some(&policy.longest_extension)),
        ExceptionKind::Approval => ("approval", Some(&policy.longest_approval)),
        ExceptionKind::Hold => ("hold", None),
    };
    if kind == ExceptionKind::Hold && until <= today {
        return Err(refused(format!("the review of a hold lies ahead; {until} does not")));
    }
    if until < today {
        return Err(refused(format!("an {what} ends today or later; {until} has passed")));
    }
    let latest = longest.and_then(|longest| Some((longest, today.checked_add(longest.span()).ok()?)));
    match latest {
        Some((longest, latest)) if until > latest => Err(refused(format!(
            "an {what} lasts at most {longest} by the register, so until {latest}; {until} is later\n  \
             hint: ask for a shorter one; it can be asked for again"
        ))),
        _ => Ok(()),
    }
}

/// Which items and reasons it concerns.
fn scope(
    request: &AddRequest,
    name: &DatasetName,
    dataset: &Dataset,
    zone: &TimeZone,
) -> Result<ExceptionScope, AppError> {
    let (rule, reason) = request.rule.as_deref().map(named).transpose()?.unwrap_or_default();
    let start = |day: Date| {
        let start = day.to_zoned_datetime(zone.clone());
        start.map(|start| Instant::from(start.timestamp())).map_err(|_| refused(format!("{day} is no day here")))
    };
    let after = request.dated_until.map(|day| day.tomorrow().unwrap_or(day));
    let scope = ExceptionScope {
        dataset: name.clone(),
        rule,
        reason,
        from: request.dated_from.map(start).transpose()?,
        until: after.map(start).transpose()?,
        listed_items: None,
    };
    if (scope.from.is_some() || scope.until.is_some()) && dataset.keep.is_empty() {
        return Err(refused(format!("`{name}` has no `keep`, so its items have no clock to choose them by")));
    }
    if scope.from.zip(scope.until).is_some_and(|(from, until)| from >= until) {
        return Err(refused("the range of days is empty: its first day lies after its last"));
    }
    if scope.covered_reasons(request.kind).is_empty() {
        let (kind, may) = match request.kind {
            ExceptionKind::Extension => ("an extension", "`retention:expired` and `retention:due-soon`"),
            ExceptionKind::Approval => ("an approval", "rules `purpose` and `consent`"),
            ExceptionKind::Hold => ("a hold", "rules `retention`, `purpose` and `consent`"),
        };
        let asked = request.rule.as_deref().unwrap_or_default();
        return Err(refused(format!("{kind} is about {may}, not about `{asked}`")));
    }
    Ok(scope)
}

/// A rule, or a rule and one of its reasons.
fn named(text: &str) -> Result<(Option<Rule>, Option<Reason>), AppError> {
    let (rule, reason) = text.split_once(':').map_or((text, None), |(rule, reason)| (rule, Some(reason)));
    let Some(known) = Rule::parse(rule) else {
        return Err(refused(format!("there is no rule `{rule}`; `retention`, `purpose` and `consent` are")));
    };
    let reason = match reason {
        Some(reason) => {
            let found = Reason::parse(rule, reason);
            Some(found.ok_or_else(|| refused(format!("rule `{rule}` has no reason `{reason}`")))?)
        }
        None => None,
    };
    Ok((Some(known), reason))
}
