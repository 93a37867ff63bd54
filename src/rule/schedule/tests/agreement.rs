//! Agreement with `croner` over years, around every change of the clocks, and for lines that nobody wrote.

use super::oracle::Oracle;
use super::{at, read, zone};
use crate::domain::instant::Instant;
use proptest::prelude::*;
use std::collections::BTreeSet;

const DAY: i64 = 86_400_000_000;

/// One offset; an hour at two; half an hour; odd offsets; and gaps at midnight, two of them history.
const ZONES: &[&str] = &[
    "Asia/Tokyo",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "Asia/Beirut",
    "Europe/Dublin",
];

const LINES: &[&str] = &[
    "30 2 * * *",
    "0 0 * * *",
    "15 0,1,2,3 * * *",
    "0-50/10 23 * * *",
    "45 1 1 * *",
    "0 3 1,15 * mon",
    "30 0 * * fri-sat",
    "0 12 29 2 *",
    "5 4 */9 * 1-5",
    "20 1 13 3,11 */5",
    "30 23 31 * 7",
];

/// Lines that come often: they are compared around changes of the clocks alone.
const DENSE_LINES: &[&str] = &["@hourly", "* * * * *", "*/15 * * * *", "30 */2 * * *", "*/20 0-3 * * *", "7 * * * sun"];

fn between(line: &str, zone: &jiff::tz::TimeZone, after: Instant, until: Instant) -> BTreeSet<Instant> {
    let schedule = read(line);
    let mut instants = BTreeSet::new();
    let mut instant = after;
    while let Some(next) = schedule.next_after(instant, zone).filter(|next| *next <= until) {
        assert!(instants.insert(next), "`{line}` stands still");
        instant = next;
    }
    instants
}

fn assert_agreement(line: &str, name: &str, after: Instant, until: Instant) {
    let zone = zone(name);
    let long = if line == "@hourly" { "0 * * * *" } else { line };
    let (ours, theirs) = (between(line, &zone, after, until), Oracle::new(long, &zone).between(after, until));
    let differ: Vec<String> = ours.symmetric_difference(&theirs).take(5).map(|at| at.rfc3339(&zone)).collect();
    assert!(differ.is_empty(), "`{line}` in {name}: {differ:?}");
}

/// The changes of the clocks in these years.
fn changes(name: &str) -> Vec<Instant> {
    let zone = zone(name);
    let (from, until) = (at("2014-01-01T00:00:00Z"), at("2032-01-01T00:00:00Z"));
    let changes = zone.following(from.timestamp()).map(|change| Instant::from(change.timestamp()));
    changes.take_while(|change| *change < until).collect()
}

#[test]
fn years_agree() {
    for name in ZONES {
        for line in LINES {
            assert_agreement(line, name, at("2023-12-31T15:00:00Z"), at("2028-03-02T00:00:00Z"));
        }
    }
}

#[test]
fn changes_of_the_clocks_agree() {
    let mut compared = 0;
    for name in ZONES {
        for change in changes(name) {
            for line in LINES.iter().chain(DENSE_LINES) {
                let around = |microseconds| Instant::from_microseconds(change.microseconds() + microseconds);
                let days = if DENSE_LINES.contains(line) { DAY / 8 } else { 2 * DAY };
                assert_agreement(line, name, around(-days), around(days));
                compared += 1;
            }
        }
    }
    assert!(compared > 2_000, "{compared}");
}

proptest! {
    /// Any line, from any instant near a change of the clocks or far from one.
    #[test]
    fn any_line_agrees(
        line in "(\\*|\\*/(7|20|45)|[0-9]|[0-5][05]|0,30|10-40/15) (\\*|\\*/(2|5|11)|[0-9]|2[0-3]|1,23|0-3) \
            (\\*|\\*/[2-9]|[1-9]|3[01]|1,15|10-20/3) (\\*|\\*/[2-5]|[1-9]|jan|3,10,11|mar-oct) (\\*|\\*/[2-4]|[0-7]|sun|mon-fri|5-7)",
        name in prop::sample::select(ZONES),
        which in any::<prop::sample::Index>(),
        minutes in prop_oneof![-200_i64..200, -500_000_i64..500_000],
    ) {
        prop_assume!(crate::rule::schedule::Schedule::parse(&line).is_ok());
        let (schedule, zone, changes) = (read(&line), zone(name), changes(name));
        let base = if changes.is_empty() { at("2027-01-01T00:00:00Z") } else { *which.get(&changes) };
        let oracle = Oracle::new(&line, &zone);
        let mut instant = Instant::from_microseconds(base.microseconds() + minutes * 60_000_000 + 13);
        for _ in 0..4 {
            let next = schedule.next_after(instant, &zone).unwrap();
            prop_assert_eq!(
                next.rfc3339(&zone),
                oracle.next_after(instant).rfc3339(&zone),
                "`{}` after {}", line, instant.rfc3339(&zone)
            );
            instant = next;
        }
    }
}
