//! When lines come, written out: around gaps and overlaps, and with both kinds of day.

use super::{at, read, zone};

/// Asserts that these are the next times, in this order, at which the line comes after an instant.
fn assert_times(line: &str, name: &str, after: &str, expected: &[&str]) {
    let (schedule, zone) = (read(line), zone(name));
    let mut instant = at(after);
    for expected in expected {
        instant = schedule.next_after(instant, &zone).unwrap();
        assert_eq!(instant.rfc3339(&zone), *expected, "`{line}` in {name} after {after}");
    }
}

#[test]
fn tokyo_has_one_clock() {
    assert_times(
        "30 2 * * *",
        "Asia/Tokyo",
        "2026-12-30T02:30:00+09:00",
        &["2026-12-31T02:30:00+09:00", "2027-01-01T02:30:00+09:00"],
    );
    assert_times("0 4 * * mon", "Asia/Tokyo", "2027-02-24T00:00:00+09:00", &["2027-03-01T04:00:00+09:00"]);
    assert_times(
        "*/15 9-10 * * *",
        "Asia/Tokyo",
        "2027-02-24T10:29:59.999999+09:00",
        &["2027-02-24T10:30:00+09:00", "2027-02-24T10:45:00+09:00", "2027-02-25T09:00:00+09:00"],
    );
}

#[test]
fn it_is_strictly_after() {
    assert_times("30 2 * * *", "UTC", "2027-01-01T02:29:59.999999Z", &["2027-01-01T02:30:00+00:00"]);
    assert_times("30 2 * * *", "UTC", "2027-01-01T02:30:00Z", &["2027-01-02T02:30:00+00:00"]);
    assert_times("30 2 * * *", "UTC", "2027-01-01T02:30:00.000001Z", &["2027-01-02T02:30:00+00:00"]);
}

#[test]
fn either_kind_of_day_is_enough_unless_one_begins_with_a_star() {
    // 2027-02-01 is a Monday.
    assert_times(
        "0 0 1,15 * wed",
        "UTC",
        "2027-01-31T12:00:00Z",
        &[
            "2027-02-01T00:00:00+00:00",
            "2027-02-03T00:00:00+00:00",
            "2027-02-10T00:00:00+00:00",
            "2027-02-15T00:00:00+00:00",
            "2027-02-17T00:00:00+00:00",
        ],
    );
    assert_times(
        "0 0 */14 * mon",
        "UTC",
        "2027-01-31T12:00:00Z",
        &["2027-02-01T00:00:00+00:00", "2027-02-15T00:00:00+00:00", "2027-03-01T00:00:00+00:00"],
    );
    assert_times(
        "0 0 13 * */5",
        "UTC",
        "2027-01-31T12:00:00Z",
        &["2027-06-13T00:00:00+00:00", "2027-08-13T00:00:00+00:00"],
    );
    assert_times(
        "0 0 30 2 0",
        "UTC",
        "2027-02-01T12:00:00Z",
        &["2027-02-07T00:00:00+00:00", "2027-02-14T00:00:00+00:00"],
    );
}

#[test]
fn rare_days_come() {
    assert_times(
        "0 0 29 2 *",
        "Asia/Tokyo",
        "2027-01-01T00:00:00+09:00",
        &["2028-02-29T00:00:00+09:00", "2032-02-29T00:00:00+09:00"],
    );
    assert_times(
        "0 0 31 * *",
        "UTC",
        "2027-03-31T00:00:00Z",
        &["2027-05-31T00:00:00+00:00", "2027-07-31T00:00:00+00:00"],
    );
    let schedule = read("0 0 1 1 *");
    assert!(schedule.next_after(at("2099-06-01T00:00:00Z"), &zone("UTC")).is_some());
    assert_eq!(schedule.next_after(at("2100-06-01T00:00:00Z"), &zone("UTC")), None, "where the crate's years end");
    assert_times("@yearly", "UTC", "1850-06-01T00:00:00Z", &["1970-01-01T00:00:00+00:00"]);
    for microseconds in [i64::MIN, i64::MAX, 0] {
        let _answered =
            schedule.next_after(crate::domain::instant::Instant::from_microseconds(microseconds), &zone("UTC"));
    }
}

#[test]
fn a_fixed_time_in_a_gap_comes_right_after_it() {
    // New York, 2027-03-14: 02:00 to 03:00 is left out.
    let before = "2027-03-13T12:00:00-05:00";
    assert_times("30 2 * * *", "America/New_York", before, &["2027-03-14T03:00:00-04:00", "2027-03-15T02:30:00-04:00"]);
    assert_times(
        "0,15,45 2 * * *",
        "America/New_York",
        before,
        &["2027-03-14T03:00:00-04:00", "2027-03-15T02:00:00-04:00"],
    );
    assert_times(
        "0 1-3 * * *",
        "America/New_York",
        before,
        &["2027-03-14T01:00:00-05:00", "2027-03-14T03:00:00-04:00", "2027-03-15T01:00:00-04:00"],
    );
    assert_times(
        "30 2 14 3 *",
        "America/New_York",
        before,
        &["2027-03-14T03:00:00-04:00", "2028-03-14T02:30:00-04:00"],
    );
    // Asked at the gap itself: what lay in it has come.
    assert_times("30 2 * * *", "America/New_York", "2027-03-14T03:00:00-04:00", &["2027-03-15T02:30:00-04:00"]);
    // Lord Howe, 2027-10-03: 02:00 to 02:30. Chatham, 2027-09-26: 02:45 to 03:45.
    assert_times(
        "10 2 * * *",
        "Australia/Lord_Howe",
        "2027-10-02T12:00:00+10:30",
        &["2027-10-03T02:30:00+11:00", "2027-10-04T02:10:00+11:00"],
    );
    assert_times(
        "0 3 * * *",
        "Pacific/Chatham",
        "2027-09-25T12:00:00+12:45",
        &["2027-09-26T03:45:00+13:45", "2027-09-27T03:00:00+13:45"],
    );
}

#[test]
fn a_gap_at_midnight_costs_no_day() {
    // Cairo, 2027-04-30, a Friday; Beirut, 2027-03-28, a Sunday; São Paulo, 2017-10-15, a Sunday.
    assert_times(
        "@daily",
        "Africa/Cairo",
        "2027-04-29T12:00:00+02:00",
        &["2027-04-30T01:00:00+03:00", "2027-05-01T00:00:00+03:00"],
    );
    assert_times(
        "0 0 * * fri",
        "Africa/Cairo",
        "2027-04-29T12:00:00+02:00",
        &["2027-04-30T01:00:00+03:00", "2027-05-07T00:00:00+03:00"],
    );
    assert_times(
        "15 0 28 * *",
        "Asia/Beirut",
        "2027-03-27T12:00:00+02:00",
        &["2027-03-28T01:00:00+03:00", "2027-04-28T00:15:00+03:00"],
    );
    assert_times(
        "30 0 * * *",
        "America/Sao_Paulo",
        "2017-10-14T12:00:00-03:00",
        &["2017-10-15T01:00:00-02:00", "2017-10-16T00:30:00-02:00"],
    );
    // Samoa left out 2011-12-30 as a whole.
    assert_times(
        "0 6 30 12 *",
        "Pacific/Apia",
        "2011-12-29T12:00:00-10:00",
        &["2011-12-31T00:00:00+14:00", "2012-12-30T06:00:00+14:00"],
    );
}

#[test]
fn a_fixed_time_that_is_shown_twice_comes_the_first_time() {
    // New York, 2027-11-07: 01:00 to 02:00 is shown twice.
    assert_times(
        "30 1 * * *",
        "America/New_York",
        "2027-11-06T12:00:00-04:00",
        &["2027-11-07T01:30:00-04:00", "2027-11-08T01:30:00-05:00"],
    );
    assert_times(
        "0 0-3 * * *",
        "America/New_York",
        "2027-11-06T12:00:00-04:00",
        &["2027-11-07T00:00:00-04:00", "2027-11-07T01:00:00-04:00", "2027-11-07T02:00:00-05:00"],
    );
    for between in ["2027-11-07T01:00:00-05:00", "2027-11-07T01:29:00-05:00", "2027-11-07T01:59:59-05:00"] {
        assert_times("30 1 * * *", "America/New_York", between, &["2027-11-08T01:30:00-05:00"]);
    }
    assert_times(
        "45 1 * * *",
        "Australia/Lord_Howe",
        "2027-04-03T12:00:00+11:00",
        &["2027-04-04T01:45:00+11:00", "2027-04-05T01:45:00+10:30"],
    );
    assert_times(
        "30 23 * * *",
        "Africa/Cairo",
        "2027-10-28T12:00:00+03:00",
        &["2027-10-28T23:30:00+03:00", "2027-10-29T23:30:00+02:00"],
    );
}

#[test]
fn a_line_with_a_star_follows_the_clocks() {
    assert_times(
        "30 * * * *",
        "America/New_York",
        "2027-03-14T01:00:00-05:00",
        &["2027-03-14T01:30:00-05:00", "2027-03-14T03:30:00-04:00"],
    );
    assert_times(
        "@hourly",
        "America/New_York",
        "2027-11-07T00:30:00-04:00",
        &["2027-11-07T01:00:00-04:00", "2027-11-07T01:00:00-05:00", "2027-11-07T02:00:00-05:00"],
    );
    assert_times(
        "*/20 * * * *",
        "Australia/Lord_Howe",
        "2027-04-04T01:20:00+11:00",
        &["2027-04-04T01:40:00+11:00", "2027-04-04T01:40:00+10:30", "2027-04-04T02:00:00+10:30"],
    );
    // Every half hour between two and three: shown twice, it comes twice; left out, it comes once after all.
    assert_times(
        "*/30 1 * * *",
        "America/New_York",
        "2027-11-07T01:00:00-04:00",
        &[
            "2027-11-07T01:30:00-04:00",
            "2027-11-07T01:00:00-05:00",
            "2027-11-07T01:30:00-05:00",
            "2027-11-08T01:00:00-05:00",
        ],
    );
    assert_times(
        "*/30 2 * * *",
        "America/New_York",
        "2027-03-13T12:00:00-05:00",
        &["2027-03-14T03:00:00-04:00", "2027-03-15T02:00:00-04:00"],
    );
}
