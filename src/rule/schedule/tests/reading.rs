//! What is a cron line, and what is none.

use super::read;
use crate::domain::schedule::{ClockRule, DayRule};
use crate::rule::schedule::{Schedule, ScheduleError};
use proptest::prelude::*;

#[test]
fn lines_as_cron_reads_them() {
    for line in [
        "30 2 * * *",
        "0 4 * * mon",
        "*/15 0-6,22 1,15 jan-MAR 1-5",
        "0 6 * * 7",
        "0  0 31 * *",
        "0 0 30 2 mon",
        "\t5 4 * * 0-7 ",
        "0 0 29 2 */2",
        "0 0 * * sat-sun",
    ] {
        read(line);
    }
    for line in [
        "",
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 8",
        "5-1 * * * *",
        "*/0 * * * *",
        "*/ * * * *",
        "1- * * * *",
        "1,,2 * * * *",
        "0 0 30 2 *",
        "0 0 30 2 */2",
        "0 0 31 4,6,9,11 *",
        "0 0 * * funday",
        "0 0 * * monday",
        "jan 0 * * *",
        "+5 * * * *",
        "-1 * * * *",
        "0 0 ? * *",
        "0 0 L * *",
        "H H * * *",
        "256 * * * *",
        "99999999999999999999 * * * *",
        "@reboot",
        "@daily 5",
        "@",
        "５ * * * *",
    ] {
        assert!(Schedule::parse(line).is_err(), "{line}");
    }
}

#[test]
fn weekdays_are_numbered_from_sunday() {
    assert_eq!(read("0 0 * * 0").weekdays, [0]);
    assert_eq!(read("0 0 * * 7").weekdays, [0]);
    assert_eq!(read("0 0 * * 1").weekdays, read("0 0 * * Mon").weekdays);
    assert_eq!(read("0 0 * * 5-7").weekdays, [0, 5, 6]);
    assert_eq!(read("0 0 * * fri-sun").weekdays, [0, 5, 6]);
    assert_eq!(read("0 0 * * sun-tue").weekdays, [0, 1, 2]);
    assert_eq!(read("0 0 * * *").weekdays, [0, 1, 2, 3, 4, 5, 6]);
    assert_eq!(read("0 0 * * */3").weekdays, [0, 3, 6]);
    assert_eq!(read("0 0 * * 1,0,7,1").weekdays, [0, 1]);
}

#[test]
fn fields_are_lists_ranges_and_steps() {
    let schedule = read("*/20 8-18/5,22 1-3,31 jan,4-dec/4 *");
    assert_eq!(schedule.minutes, [0, 20, 40]);
    assert_eq!(schedule.hours, [8, 13, 18, 22]);
    assert_eq!(schedule.days_of_month, [1, 2, 3, 31]);
    assert_eq!(schedule.months, [1, 4, 8, 12]);
    assert_eq!(read("50/4 * * * *").minutes, [50, 54, 58]);
    assert_eq!(read("*/100 * * * *").minutes, [0]);
    assert_eq!(read("  30   2 * * *\n").text, "30 2 * * *");
}

#[test]
fn short_forms_stand_for_lines() {
    for (short, long) in [
        ("@hourly", "0 * * * *"),
        ("@daily", "0 0 * * *"),
        ("@midnight", "0 0 * * *"),
        ("@weekly", "0 0 * * sun"),
        ("@monthly", "0 0 1 * *"),
        ("@yearly", "0 0 1 1 *"),
        (" @Annually ", "0 0 1 jan *"),
    ] {
        let schedule = read(short);
        assert_eq!(schedule.text, short.trim());
        assert_eq!(Schedule { text: String::new(), ..schedule }, Schedule { text: String::new(), ..read(long) });
    }
}

#[test]
fn stars_decide_about_days_and_clocks() {
    for (line, days) in [
        ("0 0 1 * mon", DayRule::Either),
        ("0 0 1-31 * mon", DayRule::Either),
        ("0 0 * * mon", DayRule::Both),
        ("0 0 */2 * mon", DayRule::Both),
        ("0 0 1 * */2", DayRule::Both),
        ("0 0 1,* * mon", DayRule::Either),
    ] {
        assert_eq!(read(line).days, days, "{line}");
    }
    for (line, clocks) in [
        ("30 2 * * *", ClockRule::Fixed),
        ("0,30 1-3 * * *", ClockRule::Fixed),
        ("*/30 2 * * *", ClockRule::FixedHours),
        ("30 */2 * * *", ClockRule::Running),
        ("* * * * *", ClockRule::Running),
        ("@hourly", ClockRule::Running),
        ("@daily", ClockRule::Fixed),
    ] {
        assert_eq!(read(line).clocks, clocks, "{line}");
    }
}

#[test]
fn errors_say_what_and_what_to_write() {
    let told = |line: &str| Schedule::parse(line).map_err(|error| (error.to_string(), error.hint())).unwrap_err();
    assert_eq!(told("0 2 * *").0, "`0 2 * *` is not a cron line: it has 4 fields");
    assert_eq!(told("2").0, "`2` is not a cron line: it has 1 field");
    assert_eq!(told("61 2 * * *").0, "`61 2 * * *` is not a cron line: `61` cannot be the minute (0 to 59)");
    assert_eq!(told("*/x 2 * * *").0, "`*/x 2 * * *` is not a cron line: `*/x` has no step that can be read");
    assert_eq!(told("0 0 30 2 *").0, "`0 0 30 2 *` never comes: no such month has such a day");
    assert!(told("0 2 * *").1.starts_with("five fields: minute, hour,"));
    let (message, hint) = told("@reboot");
    assert_eq!(message, "`@reboot` is not a schedule");
    assert!(hint.contains("`@midnight`"), "{hint}");
    assert_eq!(Schedule::parse("@x"), Err(ScheduleError::ShortForm("@x".to_owned())));
}

proptest! {
    /// Whatever the text is, reading it ends without a panic; what is read comes some day.
    #[test]
    fn any_text_is_answered(line in "([0-9*/,-]{1,6}|[a-z]{3}|@[a-z]{1,8}|\\PC{0,4}| ){0,12}") {
        if let Ok(schedule) = Schedule::parse(&line) {
            let start = crate::domain::instant::Instant::from_microseconds(1_800_000_000_000_000);
            prop_assert!(schedule.next_after(start, &jiff::tz::TimeZone::UTC).is_some(), "{line}");
        }
    }

    /// A line that looks like one is read or refused field by field.
    #[test]
    fn any_fields_are_answered(words in prop::collection::vec("[0-9*/,-]{1,5}|\\*|(jan|mon|sun)(-[a-z]{3})?", 5)) {
        let line = words.join(" ");
        if let Ok(schedule) = Schedule::parse(&line) {
            prop_assert!(schedule.minutes.is_sorted() && !schedule.minutes.is_empty());
            prop_assert!(schedule.weekdays.iter().all(|day| *day < 7));
        }
    }
}
