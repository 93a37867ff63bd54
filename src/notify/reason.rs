//! Why a person must be told of a finding: one pure, total function. Who that person is, is decided in `ladder`.

use super::ladder::{is_unanswered, plan_passed_at};
use crate::domain::finding::{Finding, FindingState};
use crate::domain::instant::Instant;
use crate::domain::letter::{NoticeReason, Told};
use crate::domain::period::Period;
use crate::domain::register::{BusinessCalendar, LetterPolicy};
use crate::domain::verdict::Reason;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// One person's question: is there news about this finding?
pub(super) struct Question<'a> {
    pub(super) finding: &'a Finding,
    /// What the person was told, when it still counts.
    pub(super) known: Option<&'a Told>,
    /// The last that they were told was that an exception covers it.
    pub(super) was_excepted: bool,
    /// Somebody else was to answer before them.
    pub(super) is_escalated: bool,
    /// The dataset's warning times.
    pub(super) warnings: &'a [Period],
    /// The dataset is still looked at.
    pub(super) is_watched: bool,
    /// How letters of the division are sent.
    pub(super) policy: &'a LetterPolicy,
    pub(super) zone: &'a TimeZone,
    pub(super) now: Instant,
}

impl Question<'_> {
    /// Why the person must be told now; `None` when they know.
    ///
    /// - told as open and resolved now: `Resolved`;
    /// - never told, or told and resolved and back again: `First` (`DueSoon` for a warning, `Escalated` when
    ///   somebody else was to answer before);
    /// - the day of a plan has passed since: `PlanPassed`;
    /// - more items than told: `More`. A reason that concerns a dataset as a whole (a source that cannot be read,
    ///   missing statements of origin) asks for the same act however many items there are, so its number alone
    ///   is no news. Warnings of running data grow every day: that alone is told once per repeat interval;
    /// - a warning whose earliest item has come nearer than one more of the dataset's warning times: `DueSoon`;
    /// - nobody has answered, and the repeat interval has passed: `Repeat`. Warnings ask for no answer, and that of a
    ///   dataset which is not looked at any more could not be seen;
    /// - fewer items than told: `Fewer`, which alone is no reason for a letter (see `plan`).
    ///
    /// - covered by an exception now, and told as open: `Excepted`; back after that: `Again`.
    pub(super) fn reason(&self) -> Option<NoticeReason> {
        let Self { finding, known, zone, now, .. } = *self;
        if finding.state == FindingState::Resolved {
            return known.map(|_| NoticeReason::Resolved);
        }
        if finding.state == FindingState::Excepted {
            return known.map(|_| NoticeReason::Excepted);
        }
        let is_warning = finding.key.reason == Reason::DueSoon;
        let Some(told) = known else {
            return Some(match () {
                () if self.is_escalated => NoticeReason::Escalated,
                () if is_warning => NoticeReason::DueSoon,
                () if self.was_excepted => NoticeReason::Again,
                () => NoticeReason::First,
            });
        };
        if plan_passed_at(finding, zone, now).is_some_and(|passed_at| told.at < passed_at) {
            return Some(NoticeReason::PlanPassed);
        }
        let is_time_again = now.day(zone) >= self.repeats_on(told);
        let has_grown = counts(finding.key.reason) && finding.items > told.items;
        if has_grown && (!is_warning || is_time_again) {
            return Some(NoticeReason::More);
        }
        if is_warning && finding.earliest_due.is_some_and(|due| self.crossed(due, told.at)) {
            return Some(NoticeReason::DueSoon);
        }
        if !is_warning && self.is_watched && is_time_again && is_unanswered(finding, zone, now) {
            return Some(NoticeReason::Repeat);
        }
        (counts(finding.key.reason) && finding.items < told.items).then_some(NoticeReason::Fewer)
    }

    /// The day on which silence is answered by a letter; never the very day of the last one.
    fn repeats_on(&self, told: &Told) -> Date {
        next_day(told.at.day(self.zone), &self.policy.repeat, &self.policy.calendar)
    }

    /// Whether one of the warning times before `due` lies after the last letter and not after now.
    fn crossed(&self, due: Instant, told_at: Instant) -> bool {
        self.warnings.iter().any(|warning| {
            let at = before(due, warning, &self.policy.calendar, self.zone);
            told_at < at && at <= self.now
        })
    }
}

/// Whether the number of items is what the finding is about.
const fn counts(reason: Reason) -> bool {
    reason.is_of_items() || matches!(reason, Reason::ClosureUnexplained | Reason::EarlyLoss | Reason::Unclaimed)
}

/// The day that lies a period after another; at least the next day.
pub(super) fn next_day(day: Date, period: &Period, calendar: &BusinessCalendar) -> Date {
    calendar.day_after(day, period).max(day.tomorrow().unwrap_or(Date::MAX))
}

/// The instant that lies a period before another, by calendar.
fn before(instant: Instant, period: &Period, calendar: &BusinessCalendar, zone: &TimeZone) -> Instant {
    let earlier = || {
        let earlier = instant.timestamp().to_zoned_datetime(zone.clone()).checked_sub(period.span()).ok()?;
        let business_days = u32::try_from(period.business_days).unwrap_or_default();
        let day = calendar.nth_business_day_before(earlier.date(), business_days);
        day.to_datetime(earlier.time()).to_zoned_datetime(zone.clone()).ok()
    };
    earlier().map_or(Instant::from_microseconds(i64::MIN), |earlier| Instant::from(earlier.timestamp()))
}
