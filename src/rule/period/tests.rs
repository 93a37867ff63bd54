//! Ends of periods: month ends, leap days, fiscal years, the Civil Code and zones by hand, then against
//! `jiff` on random clocks, and the bracket against the exact end.

use super::*;
use crate::rule::fixture::{at, period, zone};
use jiff::Span;
use jiff::civil::date;
use jiff::tz::TimeZone;
use proptest::prelude::*;

fn calendar(name: &str) -> Calendar {
    Calendar::new(Arc::new(Zone::new(&zone(name))), FiscalYearStart { month: 4, day: 1 })
}

fn due(clock: Clock, length: &str, until: Option<WholeUntil>, count: CountMethod) -> String {
    let calendar = calendar("Asia/Tokyo");
    let deadline = Deadline::new(&calendar, &period(length), until, count);
    deadline.due(clock).map_or_else(String::new, |due| due.rfc3339(calendar.zone().time_zone()))
}

fn day(year: i16, month: i8, of_month: i8) -> Clock {
    Clock::Date(date(year, month, of_month))
}

#[test]
fn months_clamp_and_the_time_of_day_stays() {
    let instant = |text| due(Clock::Instant(at(text)), "6 months", None, CountMethod::Calendar);
    assert_eq!(instant("2026-08-31T10:15:30+09:00"), "2027-02-28T10:15:30+09:00");
    assert_eq!(instant("2027-08-31T10:15:30+09:00"), "2028-02-29T10:15:30+09:00");
    // The day is that of Tokyo.
    assert_eq!(instant("2026-08-30T15:00:00Z"), "2027-02-28T00:00:00+09:00");
    let mixed = due(Clock::Instant(at("2026-01-31T00:00:00+09:00")), "1 month 10 days", None, CountMethod::Calendar);
    assert_eq!(mixed, "2026-03-10T00:00:00+09:00", "months first, then days");
}

#[test]
fn a_day_is_due_when_it_has_ended() {
    let calendar = CountMethod::Calendar;
    assert_eq!(due(day(2026, 2, 27), "1 year", None, calendar), "2027-02-28T00:00:00+09:00");
    assert_eq!(due(day(2024, 2, 29), "1 year", None, calendar), "2025-03-01T00:00:00+09:00");
    assert_eq!(due(day(2026, 8, 31), "6 months", None, calendar), "2027-03-01T00:00:00+09:00");
    assert_eq!(due(day(2026, 12, 31), "30 days", None, calendar), "2027-01-31T00:00:00+09:00");
    assert_eq!(due(day(2026, 12, 31), "2 weeks", None, calendar), "2027-01-15T00:00:00+09:00");
}

#[test]
fn a_fiscal_year_ends_before_its_successor_begins() {
    let fiscal = |clock| due(clock, "1 year", Some(WholeUntil::FiscalYearEnd), CountMethod::Calendar);
    assert_eq!(fiscal(day(2025, 3, 31)), "2026-04-01T00:00:00+09:00");
    assert_eq!(fiscal(day(2025, 4, 1)), "2027-04-01T00:00:00+09:00");
    assert_eq!(fiscal(day(2025, 12, 31)), "2027-04-01T00:00:00+09:00");
    assert_eq!(fiscal(Clock::Instant(at("2025-03-31T15:00:00Z"))), "2027-04-01T00:00:00+09:00");
    assert_eq!(fiscal(Clock::Instant(at("2025-03-31T14:59:59.999999Z"))), "2026-04-01T00:00:00+09:00");
}

#[test]
fn a_copy_is_granted_its_extra_after_the_end() {
    let calendar = calendar("Asia/Tokyo");
    let due = |clock, until| {
        let deadline = Deadline::new(&calendar, &period("6 months"), until, CountMethod::Calendar);
        let due = deadline.later_by(Some(&period("35 days"))).due(clock).unwrap();
        due.rfc3339(calendar.zone().time_zone())
    };
    assert_eq!(due(day(2026, 1, 1), None), "2026-08-06T00:00:00+09:00");
    assert_eq!(due(day(2026, 1, 1), Some(WholeUntil::FiscalYearEnd)), "2027-05-06T00:00:00+09:00");
    assert_eq!(due(Clock::Instant(at("2026-08-31T10:15:30+09:00")), None), "2027-04-04T10:15:30+09:00");
}

#[test]
fn the_civil_code_counts_from_the_next_day() {
    let civil = |clock, length| due(clock, length, None, CountMethod::CivilCode);
    assert_eq!(civil(day(2026, 4, 1), "1 year"), "2027-04-02T00:00:00+09:00");
    assert_eq!(civil(day(2026, 1, 30), "1 month"), "2026-03-01T00:00:00+09:00", "no 31 February: to its end");
    assert_eq!(civil(day(2026, 1, 31), "1 month"), "2026-03-01T00:00:00+09:00");
    assert_eq!(civil(day(2026, 2, 28), "1 month"), "2026-04-01T00:00:00+09:00", "from 1 March to 31 March");
    assert_eq!(civil(day(2026, 2, 28), "10 days"), "2026-03-11T00:00:00+09:00");
    assert_eq!(civil(day(2027, 2, 28), "1 year"), "2028-03-01T00:00:00+09:00", "from 1 March to 29 February");
    let afternoon = Clock::Instant(at("2026-04-01T15:00:00+09:00"));
    assert_eq!(civil(afternoon, "1 year"), "2027-04-02T00:00:00+09:00");
    let whole = due(day(2026, 3, 30), "1 year", Some(WholeUntil::FiscalYearEnd), CountMethod::CivilCode);
    assert_eq!(whole, "2027-04-01T00:00:00+09:00");
    let next = due(day(2026, 3, 31), "1 year", Some(WholeUntil::FiscalYearEnd), CountMethod::CivilCode);
    assert_eq!(next, "2027-04-01T00:00:00+09:00");
}

#[test]
fn an_end_in_an_overlap_is_the_later_and_one_in_a_gap_lies_after_it() {
    let calendar = calendar("America/New_York");
    let deadline = Deadline::new(&calendar, &period("1 month"), None, CountMethod::Calendar);
    let due = |text| deadline.due(Clock::Instant(at(text))).unwrap().rfc3339(calendar.zone().time_zone());
    assert_eq!(due("2026-10-01T01:30:00-04:00"), "2026-11-01T01:30:00-05:00");
    assert_eq!(due("2026-02-08T02:30:00-05:00"), "2026-03-08T03:30:00-04:00");
}

#[test]
fn beyond_the_calendar_nothing_is_due() {
    assert_eq!(due(day(9999, 12, 31), "1 day", None, CountMethod::Calendar), "");
    assert_eq!(due(day(9999, 6, 1), "1 year", None, CountMethod::CivilCode), "");
}

const ZONES: [&str; 6] =
    ["Asia/Tokyo", "America/New_York", "Australia/Lord_Howe", "America/Havana", "Europe/Lisbon", "Pacific/Apia"];

/// The same, reckoned by `jiff` alone.
fn reckoned(clock: Clock, length: &Period, zone: &TimeZone, until: Option<WholeUntil>, count: CountMethod) -> Instant {
    let local = match clock {
        Clock::Date(date) => date.at(0, 0, 0, 0),
        Clock::Instant(instant) => zone.to_datetime(instant.timestamp()),
    };
    let start = |date: Date| Instant::from(date.to_zoned_datetime(zone.clone()).unwrap().timestamp());
    let last = match count {
        CountMethod::Calendar => local.date().checked_add(length.span()).unwrap(),
        CountMethod::CivilCode => {
            let first = local.date().tomorrow().unwrap();
            let months = Span::new().months(i32::from(length.years) * 12 + length.months);
            let month = first.first_of_month().checked_add(months).unwrap();
            let before = if first.day() <= month.days_in_month() {
                month.with().day(first.day()).build().unwrap().yesterday().unwrap()
            } else {
                month.last_of_month()
            };
            before.checked_add(Span::new().days(length.weeks * 7 + length.days)).unwrap()
        }
    };
    if until.is_some() {
        let april = |year| date(year, 4, 1);
        return start(if last < april(last.year()) { april(last.year()) } else { april(last.year() + 1) });
    }
    match (clock, count) {
        (Clock::Instant(_), CountMethod::Calendar) => {
            let end = last.to_datetime(local.time());
            Instant::from(zone.to_ambiguous_timestamp(end).later().unwrap())
        }
        _ => start(last.tomorrow().unwrap()),
    }
}

fn any_period() -> impl Strategy<Value = Period> {
    let whole = (0_i16..40, 0_i32..30, 0_i32..10, 0_i32..400);
    whole.prop_map(|(years, months, weeks, days)| Period { years, months, weeks, days, business_days: 0 })
}

fn short_period() -> impl Strategy<Value = Period> {
    let parts = (0_i16..2, 0_i32..14, 0_i32..3, 0_i32..40);
    parts.prop_map(|(years, months, weeks, days)| Period { years, months, weeks, days, business_days: 0 })
}

fn any_clock() -> impl Strategy<Value = Clock> {
    let seconds = -1_000_000_000_i64..3_000_000_000;
    let month_end = (0_i64..80, 1_i64..=12, 26_i64..=31, 0_i64..86_400);
    prop_oneof![
        seconds.clone().prop_map(|second| Clock::Instant(Instant::from_microseconds(second * 1_000_000 + 1))),
        seconds.prop_map(|second| Clock::Date(date_of(second / 86_400).unwrap())),
        month_end.prop_map(|(year, month, of_month, second)| {
            let date = date_from(1990 + year, month, of_month).unwrap_or(date(2024, 2, 29));
            if second % 2 == 0 {
                Clock::Date(date)
            } else {
                Clock::Instant(Instant::from_microseconds((day_number(date) * 86_400 + second) * 1_000_000))
            }
        }),
    ]
}

fn any_way() -> impl Strategy<Value = (Option<WholeUntil>, CountMethod)> {
    prop_oneof![
        4 => Just((None, CountMethod::Calendar)),
        1 => Just((Some(WholeUntil::FiscalYearEnd), CountMethod::Calendar)),
        2 => Just((None, CountMethod::CivilCode)),
        1 => Just((Some(WholeUntil::FiscalYearEnd), CountMethod::CivilCode)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn ends_agree_with_jiff(which in 0..ZONES.len(), clock in any_clock(), length in any_period(), way in any_way()) {
        let deadline = Deadline::new(&calendar(ZONES[which]), &length, way.0, way.1);
        prop_assert_eq!(deadline.due(clock), Some(reckoned(clock, &length, &zone(ZONES[which]), way.0, way.1)));
    }

    /// Judging inside the bracket alone equals judging everything: what the bracket leaves out is neither
    /// due nor within the warning time.
    #[test]
    fn the_bracket_leaves_out_nothing_that_matters(
        which in 0..ZONES.len(), clock in any_clock(), length in any_period(), warning in short_period(),
        way in any_way(), extra in proptest::option::weighted(0.3, any_period()), near_days in -15_i64..15,
        microsecond in 0_i64..3,
    ) {
        let calendar = calendar(ZONES[which]);
        let deadline = Deadline::new(&calendar, &length, way.0, way.1).later_by(extra.as_ref());
        let warnings = [Warning::new(&calendar, &warning)];
        let due = deadline.due(clock).unwrap();
        let begins = warnings[0].starts(due).unwrap();
        for edge in [due, begins] {
            // Instants around the edge, and the edge itself.
            for now in [edge.microseconds() + near_days * DAY_MICROSECONDS, edge.microseconds() + microsecond - 1] {
                let now = Instant::from_microseconds(now);
                if deadline.bracket(now, &warnings).is_clear(clock) {
                    prop_assert!(now < due && now < begins);
                }
                if deadline.bracket(now, &[]).is_clear(clock) {
                    prop_assert!(now < due);
                }
            }
        }
    }

    /// The bracket is of use: right at it, a clock is due or will be within hours.
    #[test]
    fn the_bracket_is_not_too_wide(which in 0..ZONES.len(), clock in any_clock(), length in any_period()) {
        let deadline = Deadline::new(&calendar(ZONES[which]), &length, None, CountMethod::Calendar);
        let now = deadline.due(clock).unwrap();
        let latest = deadline.bracket(now, &[]).instant;
        // Some hours, where a clock's time of day is in a gap or an overlap.
        let soon = Instant::from_microseconds(now.microseconds() + DAY_MICROSECONDS);
        prop_assert!(deadline.due(Clock::Instant(latest)).unwrap() <= soon);
        let before = Instant::from_microseconds(now.microseconds() - 2 * DAY_MICROSECONDS);
        prop_assert!(deadline.bracket(before, &[]).is_clear(clock));
    }
}
