//! What each reason asks of a person, and by when. The wording is in the templates.

use crate::domain::finding::Finding;
use crate::domain::instant::Instant;
use crate::domain::register::Register;
use crate::domain::verdict::Reason;
use jiff::civil::Date;
use serde::Serialize;

/// What a person is asked to do, the weightiest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Stop contacting and using: the people concerned have said no.
    StopUse,
    /// Erase or return, or ask for more time.
    Erase,
    /// Restrict the use and do not erase.
    Restrict,
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
}

impl Decision {
    /// The decision that comes first among those of `findings`: the earliest date, then the weightiest act.
    #[must_use]
    pub fn first<'a>(
        findings: impl IntoIterator<Item = &'a Finding>,
        now: Instant,
        register: &Register,
    ) -> Option<Self> {
        findings
            .into_iter()
            .map(|finding| Self { act: act_for(finding.key.reason), by: act_by(finding, now, register) })
            .min_by_key(|decision| (decision.by, decision.act))
    }
}

/// What a reason asks for.
#[must_use]
pub const fn act_for(reason: Reason) -> Act {
    match reason {
        Reason::OptedOut | Reason::Withdrawn | Reason::Refused => Act::StopUse,
        Reason::Expired | Reason::DueSoon => Act::Erase,
        Reason::MustKeep => Act::Restrict,
        Reason::Undated
        | Reason::Outside
        | Reason::Unstated
        | Reason::NoSubject
        | Reason::Missing
        | Reason::OtherPurpose
        | Reason::ConsentExpired
        | Reason::Unclear
        | Reason::Unreadable
        | Reason::Incomplete => Act::Clarify,
        Reason::Unreachable
        | Reason::Partial
        | Reason::Empty
        | Reason::Shrunken
        | Reason::LedgerUnreachable
        | Reason::LedgerEmpty
        | Reason::Missed => Act::AskAdministrator,
        Reason::Unregistered | Reason::ClosureUnexplained | Reason::EarlyLoss => Act::Clarify,
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
    let today = now.timestamp().to_zoned_datetime(zone.clone()).date();
    match (act_for(finding.key.reason), finding.key.reason, finding.earliest_due) {
        (Act::StopUse, ..) => calendar.nth_business_day_after(today, STOP_WITHIN_DAYS),
        (_, Reason::DueSoon, Some(due)) if due > now => {
            let last = Instant::from_microseconds(due.microseconds().saturating_sub(1));
            last.timestamp().to_zoned_datetime(zone.clone()).date()
        }
        _ => calendar.nth_business_day_after(today, ACT_WITHIN_DAYS),
    }
}
