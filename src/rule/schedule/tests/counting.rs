//! How often a line came, and when it came last.

use super::{at, read, zone};
use crate::domain::instant::Instant;
use crate::rule::schedule::COUNT_AT_MOST;
use proptest::prelude::*;

#[test]
fn missed_times_are_counted() {
    let tokyo = zone("Asia/Tokyo");
    let (down, up) = (at("2027-01-01T12:00:00+09:00"), at("2027-01-31T12:00:00+09:00"));
    assert_eq!(read("30 2 * * *").count_between(down, up, &tokyo), 30);
    assert_eq!(read("@hourly").count_between(down, up, &tokyo), 720);
    assert_eq!(read("0 4 * * mon").count_between(down, up, &tokyo), 4);
    assert_eq!(read("@monthly").count_between(down, up, &tokyo), 0);
    let daily = read("0 12 * * *");
    assert_eq!(daily.count_between(down, up, &tokyo), 30, "not the first instant, but the last");
    assert_eq!(daily.count_between(up, down, &tokyo), 0, "clocks that were put back miss nothing");
    let year = at("2028-01-01T12:00:00+09:00");
    assert_eq!(read("30 2 * * *").count_between(down, year, &tokyo), 365);
    assert_eq!(read("* * * * *").count_between(down, year, &tokyo), COUNT_AT_MOST);
}

#[test]
fn the_latest_time_is_found() {
    let york = zone("America/New_York");
    let last = |line: &str, until: &str| {
        read(line).previous_or_at(at(until), &york).map(|last| last.rfc3339(&york)).unwrap_or_default()
    };
    assert_eq!(last("30 2 * * *", "2027-06-01T02:30:00-04:00"), "2027-06-01T02:30:00-04:00");
    assert_eq!(last("30 2 * * *", "2027-06-01T02:29:59.999999-04:00"), "2027-05-31T02:30:00-04:00");
    assert_eq!(last("30 2 * * *", "2027-03-14T12:00:00-04:00"), "2027-03-14T03:00:00-04:00");
    assert_eq!(last("30 1 * * *", "2027-11-07T01:45:00-05:00"), "2027-11-07T01:30:00-04:00");
    assert_eq!(last("0 0 29 2 *", "2027-06-01T00:00:00-04:00"), "2024-02-29T00:00:00-05:00");
    assert_eq!(last("* * * * *", "2500-06-01T00:00:00Z"), "2100-12-31T23:59:00-05:00");
    assert_eq!(last("@yearly", "1969-06-01T00:00:00Z"), "");
}

proptest! {
    #[test]
    fn between_the_latest_and_the_next_nothing_comes(
        line in "(\\*|\\*/7|[0-5]|30,45) (\\*|\\*/5|[0-9]|1-3) (\\*|1|13-15|\\*/10) (\\*|[1-9]) (\\*|[0-7]|mon-fri)",
        name in prop::sample::select(&["Asia/Tokyo", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo"][..]),
        seconds in 1_000_000_000_i64..3_000_000_000,
    ) {
        let (schedule, zone) = (read(&line), zone(name));
        let instant = Instant::from_microseconds(seconds * 1_000_000 + 7);
        let last = schedule.previous_or_at(instant, &zone).unwrap();
        let next = schedule.next_after(instant, &zone).unwrap();
        prop_assert!(last <= instant && instant < next);
        prop_assert_eq!(schedule.next_after(last, &zone), Some(next));
        prop_assert_eq!(schedule.previous_or_at(last, &zone), Some(last));
        let just_before = |instant: Instant| Instant::from_microseconds(instant.microseconds() - 1);
        prop_assert_eq!(schedule.next_after(just_before(last), &zone), Some(last));
        prop_assert_eq!(schedule.count_between(just_before(last), next, &zone), 2);
        prop_assert_eq!(schedule.count_between(last, just_before(next), &zone), 0);
    }
}
