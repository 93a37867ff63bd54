//! How letters and exceptions are handled: what the register says under `[letters]` and `[exceptions]`, with
//! the defaults. Who is told what, and when, is decided in `notify`.

use super::calendar::BusinessCalendar;
use crate::domain::period::Period;
use crate::domain::verdict::{Reason, Rule};
use jiff::civil::{Time, Weekday, time};

/// How letters of a division (or of the whole organisation) are sent, repeated and escalated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterPolicy {
    /// The time of day at which letters leave, on business days; `None` where nothing is written.
    pub send: Option<Time>,
    /// The business days.
    pub calendar: BusinessCalendar,
    /// After how long a letter that changed nothing is repeated.
    pub repeat: Period,
    /// After how many business days of silence the deputy is told, and after as many more the manager.
    pub escalate_after_business_days: u32,
    /// How long items that are not seen any more may stay without a declaration of disposal.
    pub declare_within: Period,
    /// Findings that are told at once, day or night: a rule with all its reasons, or one reason of it.
    pub immediate: Vec<(Rule, Option<Reason>)>,
    /// The day of the manager's weekly summary; the organisation's counts.
    pub summary_weekday: Weekday,
}

impl LetterPolicy {
    /// When letters leave where nothing is written.
    pub const DEFAULT_SEND: Time = time(9, 0, 0, 0);
    /// Days after which letters are repeated where nothing is written.
    pub const DEFAULT_REPEAT_DAYS: i32 = 7;
    /// Business days after which silence escalates where nothing is written.
    pub const DEFAULT_ESCALATE_BUSINESS_DAYS: u32 = 5;
    /// Days within which a disposal is declared where nothing is written.
    pub const DEFAULT_DECLARE_DAYS: i32 = 30;

    /// The time of day at which letters leave.
    #[must_use]
    pub fn send_time(&self) -> Time {
        self.send.unwrap_or(Self::DEFAULT_SEND)
    }

    /// Whether findings with this reason are told at once.
    #[must_use]
    pub fn is_immediate(&self, reason: Reason) -> bool {
        self.immediate.iter().any(|(rule, only)| *rule == reason.rule() && only.is_none_or(|only| only == reason))
    }
}

impl Default for LetterPolicy {
    fn default() -> Self {
        Self {
            send: None,
            calendar: BusinessCalendar::default(),
            repeat: Period::of_days(Self::DEFAULT_REPEAT_DAYS),
            escalate_after_business_days: Self::DEFAULT_ESCALATE_BUSINESS_DAYS,
            declare_within: Period::of_days(Self::DEFAULT_DECLARE_DAYS),
            immediate: Vec::new(),
            summary_weekday: Weekday::Monday,
        }
    }
}

/// How long exceptions may last, and when their end is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExceptionPolicy {
    /// The longest extension.
    pub longest_extension: Period,
    /// The longest approval of a use outside the purpose.
    pub longest_approval: Period,
    /// How long before an exception ends it is told.
    pub remind: Period,
}

impl Default for ExceptionPolicy {
    fn default() -> Self {
        let year = Period { years: 1, ..Period::default() };
        Self { longest_extension: year, longest_approval: year, remind: Period::of_days(14) }
    }
}
