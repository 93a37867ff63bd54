//! Why a person must be told of a finding: one pure, total function. Who that person is, is decided in `plan`.

use crate::domain::finding::{Finding, FindingState};
use crate::domain::instant::Instant;
use crate::domain::letter::{NoticeReason, Told};
use crate::domain::period::Period;
use crate::domain::register::BusinessCalendar;
use crate::domain::verdict::Reason;
use jiff::tz::TimeZone;

/// Why somebody who was last told `told` about `finding` must be told of it now; `None` when they know.
///
/// - never told, or told and resolved and back again: `First` (`DueSoon` for a warning);
/// - more items than told: `More`. A reason that concerns a dataset as a whole (a source that cannot be read,
///   missing statements of origin) asks for the same act however many items there are, so its number alone
///   is no news;
/// - a warning whose earliest item has come nearer than one more of the dataset's warning times: `DueSoon`;
/// - fewer items than told: `Fewer`, which alone is no reason for a letter (see `plan`);
/// - told as open and resolved now: `Resolved`.
#[must_use]
pub fn notice_reason(
    finding: &Finding,
    told: Option<&Told>,
    warnings: &[Period],
    calendar: &BusinessCalendar,
    zone: &TimeZone,
    now: Instant,
) -> Option<NoticeReason> {
    let warning = finding.key.reason == Reason::DueSoon;
    let known = told.filter(|told| told.state != FindingState::Resolved && told.at >= finding.first_seen);
    if finding.state == FindingState::Resolved {
        // Whoever was told before it came back and went again was still told of it.
        return told.filter(|told| told.state != FindingState::Resolved).map(|_| NoticeReason::Resolved);
    }
    let Some(told) = known else {
        return Some(if warning { NoticeReason::DueSoon } else { NoticeReason::First });
    };
    if !finding.key.reason.is_of_items() {
        return None;
    }
    if finding.items > told.items {
        return Some(NoticeReason::More);
    }
    if warning && finding.earliest_due.is_some_and(|due| crossed(due, warnings, calendar, zone, (told.at, now))) {
        return Some(NoticeReason::DueSoon);
    }
    (finding.items < told.items).then_some(NoticeReason::Fewer)
}

/// Whether one of the warning times before `due` lies after `told_at` and not after `now`.
fn crossed(
    due: Instant,
    warnings: &[Period],
    calendar: &BusinessCalendar,
    zone: &TimeZone,
    (told_at, now): (Instant, Instant),
) -> bool {
    warnings.iter().any(|warning| {
        let at = before(due, warning, calendar, zone);
        told_at < at && at <= now
    })
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
