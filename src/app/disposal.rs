//! `purposed disposal`: what became of items that are not seen any more. Declaring it, the record of what was declared
//! (消去・廃棄記録), and what still waits. What waits for too long is a finding of its own: see `overdue`.

mod overdue;

pub use overdue::overdue;

use super::people::{apart, division_of, may_decide, person};
use super::session::{Session, load};
use super::{AppError, Environment};
use crate::domain::disposal::{Disposal, DisposalMethod};
use crate::domain::finding::{Finding, FindingId, FindingState};
use crate::domain::instant::Instant;
use crate::domain::language::Localised;
use crate::domain::name::DatasetName;
use crate::domain::verdict::Reason;
use crate::store::{Access, Declaration, OpenDeparture, StoredDisposal};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use overdue::declare_by;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What somebody wants to declare.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclareRequest {
    /// The finding that the items left; of an unexplained closure, all findings of its dataset.
    pub finding: String,
    /// What was done.
    pub method: DisposalMethod,
    /// On which day.
    pub on: Date,
    /// Who did it: one of the register's people.
    pub by: String,
    /// Who approved it: another one.
    pub approved_by: String,
    /// The reference of a certificate.
    pub certificate: Option<String>,
    /// Anything else; without personal data.
    pub note: Option<String>,
}

/// What was declared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclareAnswer {
    /// One declaration per finding.
    pub disposals: Vec<Disposal>,
}

/// One line of the disposal record.
#[derive(Debug, Clone)]
pub struct RecordLine {
    /// The declaration.
    pub stored: StoredDisposal,
    /// The dataset's name; nothing when it is not in the register any more.
    pub dataset_name: Option<Localised>,
    /// Its category.
    pub category: Option<Localised>,
    /// Its purposes.
    pub purposes: Vec<Localised>,
}

/// The disposal record.
#[derive(Debug)]
pub struct RecordAnswer {
    /// In the order of the declarations.
    pub lines: Vec<RecordLine>,
    /// The organisation's zone.
    pub time_zone: TimeZone,
}

/// Items that wait for a declaration, under one finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingItems {
    /// The finding.
    pub finding: FindingId,
    /// Its dataset.
    pub dataset: DatasetName,
    /// Its reason.
    pub reason: Reason,
    /// How many.
    pub items: u64,
    /// Since when the first of them are not seen any more.
    pub since: Instant,
    /// The day by which they are to be declared.
    pub declare_by: Date,
}

/// What waits for a declaration.
#[derive(Debug)]
pub struct WaitingAnswer {
    /// By dataset and finding.
    pub waiting: Vec<WaitingItems>,
    /// The organisation's zone.
    pub time_zone: TimeZone,
}

/// Declares what became of everything that left a finding and is not seen any more. Of an early loss, it explains
/// and resolves the loss; of an unexplained closure, it covers every finding of the dataset.
///
/// # Errors
/// [`AppError::Argument`] when there is no such finding, nobody of these names may declare or approve it, or the day
/// lies ahead or before the items were last seen; [`AppError::Store`] when nothing waits for a declaration.
pub fn declare(
    session: &Session,
    request: &DeclareRequest,
    user: &str,
    now: Instant,
) -> Result<DeclareAnswer, AppError> {
    let register = &session.loaded.register;
    let by = person(register, &request.by)?;
    let approved_by = person(register, &request.approved_by)?;
    apart(register, &by, &approved_by)?;
    let today = now.day(&register.organisation.time_zone);
    if request.on > today {
        return Err(AppError::Argument(format!("what was done lies behind; {} lies ahead", request.on)));
    }
    let disposals = {
        let _alone = session.settle();
        let id = FindingId(request.finding.clone());
        let finding = session.store.finding(&id)?.ok_or_else(|| {
            AppError::Argument(format!("there is no finding `{id}`; `purposed disposal open` shows what waits"))
        })?;
        let division = division_of(register, &finding.key.dataset).unwrap_or(&finding.division);
        may_decide(register, division, &approved_by)?;
        let (findings, resolved) = covered(session, finding, now)?;
        check_day(session, &findings, request.on)?;
        let declaration = Declaration {
            findings,
            method: request.method,
            on: request.on,
            by,
            approved_by,
            certificate: one_line(request.certificate.as_deref()),
            note: one_line(request.note.as_deref()),
            resolved,
        };
        session.store.declare(&declaration, user, now)?
    };
    overdue(session, now)?;
    Ok(DeclareAnswer { disposals })
}

/// Refuses a day on which the items were still to be seen later.
fn check_day(session: &Session, findings: &[(FindingId, u64)], on: Date) -> Result<(), AppError> {
    let zone = &session.loaded.register.organisation.time_zone;
    let mut last_seen = None;
    for (finding, _) in findings {
        last_seen = last_seen.max(session.store.last_seen(finding)?);
    }
    let day = last_seen.map(|seen| seen.day(zone));
    match day {
        Some(day) if on < day => Err(AppError::Argument(format!(
            "the items were last seen on {day}, so that nothing was done on {on}\n  \
             hint: `--on` is the day on which it was done"
        ))),
        _ => Ok(()),
    }
}

/// The findings that a declaration covers, each with items beside those known to have left it, and those that it
/// resolves.
type Covered = (Vec<(FindingId, u64)>, Vec<Finding>);

fn covered(session: &Session, finding: Finding, now: Instant) -> Result<Covered, AppError> {
    let id = finding.key.id();
    match finding.key.reason {
        Reason::EarlyLoss if finding.state != FindingState::Resolved => {
            let lost = finding.items;
            Ok((vec![(id, lost)], vec![finding.resolved(now)]))
        }
        Reason::ClosureUnexplained => {
            let waiting = session.store.open_departures()?;
            let of_dataset = waiting.into_iter().filter(|open| open.dataset == finding.key.dataset);
            let findings: BTreeSet<FindingId> = of_dataset.map(|open| open.finding).collect();
            let none = vec![(id, 0)];
            let findings: Vec<_> = findings.into_iter().map(|finding| (finding, 0)).collect();
            Ok((if findings.is_empty() { none } else { findings }, Vec::new()))
        }
        _ => Ok((vec![(id, 0)], Vec::new())),
    }
}

/// A text on one line; nothing where nothing is written.
fn one_line(text: Option<&str>) -> Option<String> {
    let text = text?.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

/// The disposal record: what was declared from the day `from` to the day `until`, both included.
///
/// # Errors
/// [`AppError`] when the configuration or the store cannot be read.
pub fn record(
    config_file: &Path,
    (from, until): (Option<Date>, Option<Date>),
    environment: &Environment,
) -> Result<RecordAnswer, AppError> {
    let session = Session::open(load(config_file)?, environment, Access::Read)?;
    let register = &session.loaded.register;
    let time_zone = register.organisation.time_zone.clone();
    let mut lines = Vec::new();
    for stored in session.store.disposals()? {
        let day = stored.disposal.declared_at.day(&time_zone);
        if from.is_some_and(|from| day < from) || until.is_some_and(|until| day > until) {
            continue;
        }
        let dataset = register.datasets.get(&stored.disposal.dataset);
        let category = dataset.and_then(|dataset| register.categories.get(&dataset.category));
        let purposes = dataset.map(|dataset| dataset.purposes.iter()).into_iter().flatten();
        lines.push(RecordLine {
            stored,
            dataset_name: dataset.map(|dataset| dataset.name.clone()),
            category: category.map(|category| category.name.clone()),
            purposes: purposes.filter_map(|name| Some(register.purposes.get(name)?.name.clone())).collect(),
        });
    }
    Ok(RecordAnswer { lines, time_zone })
}

/// What still waits for a declaration.
///
/// # Errors
/// [`AppError`] when the configuration or the store cannot be read.
pub fn waiting(config_file: &Path, environment: &Environment) -> Result<WaitingAnswer, AppError> {
    let session = Session::open(load(config_file)?, environment, Access::Read)?;
    let register = &session.loaded.register;
    let mut by_finding: BTreeMap<FindingId, WaitingItems> = BTreeMap::new();
    for OpenDeparture { finding, dataset, division, reason, at, items } in session.store.open_departures()? {
        let declare_by = declare_by(register, &division, at);
        let waiting = by_finding.entry(finding.clone()).or_insert(WaitingItems {
            finding,
            dataset,
            reason,
            items: 0,
            since: at,
            declare_by,
        });
        waiting.items += items;
        waiting.since = waiting.since.min(at);
        waiting.declare_by = waiting.declare_by.min(declare_by);
    }
    let mut waiting: Vec<WaitingItems> = by_finding.into_values().collect();
    waiting.sort_by(|left, right| {
        let order = |one: &WaitingItems| (one.dataset.clone(), one.reason.rule(), one.reason.as_str());
        order(left).cmp(&order(right))
    });
    Ok(WaitingAnswer { waiting, time_zone: register.organisation.time_zone.clone() })
}
