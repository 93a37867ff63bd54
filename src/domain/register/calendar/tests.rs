//! Business days around holidays, weekends and changes of the clocks.

use super::*;
use jiff::civil::date;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn at(text: &str) -> Instant {
    Instant::from(text.parse::<jiff::Timestamp>().unwrap())
}

/// The golden week of 2027 and the days around the turn of the year.
fn japan() -> BusinessCalendar {
    BusinessCalendar::new([date(2027, 1, 1), date(2027, 4, 29), date(2027, 5, 3), date(2027, 5, 4), date(2027, 5, 5)])
}

#[test]
fn weekends_and_holidays_are_no_business_days() {
    let calendar = japan();
    assert!(calendar.is_business_day(date(2027, 4, 28)));
    assert!(!calendar.is_business_day(date(2027, 4, 29)));
    assert!(!calendar.is_business_day(date(2027, 5, 1)), "a Saturday");
    assert!(!calendar.is_business_day(date(2027, 5, 2)), "a Sunday");
    assert!(BusinessCalendar::default().is_business_day(date(2027, 4, 29)));
    assert_eq!(calendar.last_holiday(), Some(date(2027, 5, 5)));
}

#[test]
fn a_period_is_its_calendar_days_and_then_its_business_days() {
    let calendar = japan();
    let after = |period: &str| calendar.day_after(date(2027, 4, 28), &period.parse().unwrap());
    assert_eq!(after("3 days"), date(2027, 5, 1), "a Saturday");
    assert_eq!(after("2 business days"), date(2027, 5, 6));
    assert_eq!(calendar.day_after(Date::MAX, &Period::of_days(1)), Date::MAX);
}

#[test]
fn business_days_are_counted_forth_and_back() {
    let calendar = japan();
    assert_eq!(calendar.nth_business_day_after(date(2027, 4, 28), 1), date(2027, 4, 30));
    assert_eq!(calendar.nth_business_day_after(date(2027, 4, 28), 2), date(2027, 5, 6));
    assert_eq!(calendar.nth_business_day_after(date(2027, 5, 1), 0), date(2027, 5, 1));
    assert_eq!(calendar.nth_business_day_before(date(2027, 5, 6), 1), date(2027, 4, 30));
    assert_eq!(calendar.nth_business_day_before(date(2027, 5, 6), 2), date(2027, 4, 28));
    assert_eq!(calendar.nth_business_day_after(Date::MAX, 3), Date::MAX);
    assert_eq!(calendar.business_days_between(date(2027, 4, 28), date(2027, 5, 6)), 2);
    assert_eq!(calendar.business_days_between(date(2027, 4, 28), date(2027, 4, 28)), 0);
    assert_eq!(calendar.business_days_between(date(2027, 5, 6), date(2027, 4, 28)), 0);
    for days in 0..60 {
        let later = calendar.nth_business_day_after(date(2027, 4, 1), days);
        assert_eq!(calendar.business_days_between(date(2027, 4, 1), later), days);
    }
}

#[test]
fn letters_wait_for_the_next_business_day() {
    let (calendar, tokyo) = (japan(), zone("Asia/Tokyo"));
    let next = |text: &str| calendar.next_instant_of(jiff::civil::time(9, 0, 0, 0), at(text), &tokyo).rfc3339(&tokyo);
    assert_eq!(next("2027-04-28T08:59:59+09:00"), "2027-04-28T09:00:00+09:00");
    assert_eq!(next("2027-04-28T09:00:00+09:00"), "2027-04-28T09:00:00+09:00", "not before is that instant too");
    assert_eq!(next("2027-04-28T09:00:00.000001+09:00"), "2027-04-30T09:00:00+09:00");
    assert_eq!(next("2027-04-30T12:00:00+09:00"), "2027-05-06T09:00:00+09:00");
}

#[test]
fn clocks_that_change_lose_and_repeat_no_letter() {
    let calendar = BusinessCalendar::default();
    // 2027-04-30 is a Friday on which clocks in Cairo go from 00:00 to 01:00.
    let cairo = zone("Africa/Cairo");
    let half_past = jiff::civil::time(0, 30, 0, 0);
    let next = |text: &str| calendar.next_instant_of(half_past, at(text), &cairo).rfc3339(&cairo);
    assert_eq!(next("2027-04-29T12:00:00+02:00"), "2027-04-30T01:00:00+03:00", "left out: right after the gap");
    assert_eq!(next("2027-04-30T01:00:00.000001+03:00"), "2027-05-03T00:30:00+03:00");
    // 2027-10-29 is a Friday; on the evening before, clocks go from 24:00 to 23:00.
    let late = jiff::civil::time(23, 30, 0, 0);
    let next = |text: &str| calendar.next_instant_of(late, at(text), &cairo).rfc3339(&cairo);
    assert_eq!(next("2027-10-28T12:00:00+03:00"), "2027-10-28T23:30:00+03:00", "shown twice: the first time");
    assert_eq!(next("2027-10-28T23:10:00+02:00"), "2027-10-29T23:30:00+02:00", "and not the second");
}
