//! What each reason asks of a person, and by when. The wording is in the templates.

use super::{Entry, Notice};
use crate::domain::exception::ExceptionKind;
use crate::domain::finding::{Finding, FindingState};
use crate::domain::instant::Instant;
use crate::domain::letter::NoticeReason;
use crate::domain::register::Register;
use crate::domain::verdict::Reason;
use jiff::civil::Date;
use serde::Serialize;

/// What a person is asked to do, the weightiest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Erase nothing: it is held.
    Keep,
    /// Stop contacting and using: the people concerned have said no.
    StopUse,
    /// Erase or return, or ask for more time.
    Erase,
    /// Restrict the use and do not erase.
    Restrict,
    /// Have a product's own setting shortened.
    Shorten,
    /// Say what became of items that are not seen any more.
    Declare,
    /// See to it that those who were told before answer.
    SeeToIt,
    /// Look at what a first scan found, and let the person in charge be told.
    Release,
    /// Decide what happens when an exception ends.
    Renew,
    /// Review a hold.
    Review,
    /// Find out what is missing and put it right.
    Clarify,
    /// Ask the administrator why something could not be checked.
    AskAdministrator,
}

/// The one decision and the one date that a letter opens with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// What is asked first.
    pub act: Act,
    /// By when.
    pub by: Date,
    /// Whether other acts are asked for too.
    pub others: bool,
}

impl Decision {
    /// The decision that comes first among those of a letter: that nothing may be erased, then the earliest date,
    /// then the weightiest act. What is under an exception asks for nothing.
    #[must_use]
    pub fn first(notice: &Notice, now: Instant, register: &Register) -> Option<Self> {
        let is_manager = notice.recipient == register.organisation.privacy_manager;
        let open = notice.open.iter().filter(|entry| entry.finding.state != FindingState::Excepted);
        let of_findings = open.map(|entry| (act_of(entry, is_manager), act_of_by(entry, now, register)));
        let of_exceptions = notice.exceptions.iter().map(|entry| {
            let day = entry.exception.until_day;
            if entry.reason == NoticeReason::Held {
                (Act::Keep, now.day(&register.organisation.time_zone))
            } else if entry.exception.kind == ExceptionKind::Hold {
                (Act::Review, soon(now, register))
            } else {
                (Act::Renew, day)
            }
        });
        let of_missed = notice.missed.iter().map(|_| (Act::AskAdministrator, soon(now, register)));
        let asked: Vec<(Act, Date)> = of_findings.chain(of_exceptions).chain(of_missed).collect();
        let (act, by) = asked.iter().copied().min_by_key(|(act, by)| (*act != Act::Keep, *by, *act))?;
        Some(Self { act, by, others: asked.iter().any(|(other, _)| *other != act) })
    }
}

/// What an entry asks of whoever reads it: the manager sees to it that others answer, and lets the letters of a
/// first scan go; everybody else does what the reason asks for.
#[must_use]
pub fn act_of(entry: &Entry, is_manager: bool) -> Act {
    match () {
        () if entry.is_waiting => Act::Release,
        () if is_manager && !entry.before.is_empty() => Act::SeeToIt,
        () => act_for(entry.finding.key.reason),
    }
}

/// The day of an entry: that of the plan while somebody has one; the one that was told first, as long as it has not
/// passed; a near one after that.
#[must_use]
pub fn act_of_by(entry: &Entry, now: Instant, register: &Register) -> Date {
    let today = now.day(&register.organisation.time_zone);
    if let Some(plan) = entry.finding.acknowledgement.as_ref().filter(|plan| plan.until >= today) {
        return plan.until;
    }
    let by = act_by(&entry.finding, entry.told_first_at.unwrap_or(now), register);
    if by < today { soon(now, register) } else { by }
}

fn soon(now: Instant, register: &Register) -> Date {
    let today = now.day(&register.organisation.time_zone);
    register.letters.calendar.nth_business_day_after(today, STOP_WITHIN_DAYS)
}

/// What a reason asks for.
#[must_use]
pub const fn act_for(reason: Reason) -> Act {
    match reason {
        Reason::OptedOut | Reason::Withdrawn | Reason::Refused => Act::StopUse,
        Reason::Expired | Reason::DueSoon => Act::Erase,
        Reason::MustKeep => Act::Restrict,
        Reason::ProductSetting => Act::Shorten,
        Reason::Undated
        | Reason::Outside
        | Reason::Unstated
        | Reason::NoSubject
        | Reason::Missing
        | Reason::OtherPurpose
        | Reason::ConsentExpired
        | Reason::Unclear
        | Reason::Unreadable
        | Reason::Incomplete
        | Reason::Unregistered
        | Reason::EarlyLoss
        | Reason::Unclaimed
        | Reason::FileWithoutRow
        | Reason::RowWithoutFile => Act::Clarify,
        Reason::Unreachable
        | Reason::Partial
        | Reason::Empty
        | Reason::Shrunken
        | Reason::LedgerUnreachable
        | Reason::LedgerEmpty
        | Reason::SettingUnreadable
        | Reason::Missed => Act::AskAdministrator,
        Reason::ClosureUnexplained => Act::Declare,
    }
}

/// Business days within which those who said no must be left in peace.
const STOP_WITHIN_DAYS: u32 = 3;

/// Business days for everything else: two weeks, the time that is commonly allowed for such matters.
const ACT_WITHIN_DAYS: u32 = 10;

/// The day by which a finding must be acted upon, counted from the letter:
///
/// - three business days of the division for people who said no;
/// - the last day that lies before the earliest due date, for a warning;
/// - ten business days for everything else.
#[must_use]
pub fn act_by(finding: &Finding, now: Instant, register: &Register) -> Date {
    let zone = &register.organisation.time_zone;
    let calendar = &register.letters_of(&finding.division).calendar;
    let today = now.day(zone);
    match (act_for(finding.key.reason), finding.key.reason, finding.earliest_due) {
        (Act::StopUse, ..) => calendar.nth_business_day_after(today, STOP_WITHIN_DAYS),
        (_, Reason::DueSoon, Some(due)) if due > now => {
            let last = Instant::from_microseconds(due.microseconds().saturating_sub(1));
            last.day(zone)
        }
        _ => calendar.nth_business_day_after(today, ACT_WITHIN_DAYS),
    }
}
