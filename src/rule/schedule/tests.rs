//! Schedules: what is read, what comes when, and agreement with another reader of cron lines.

mod agreement;
mod counting;
mod oracle;
mod reading;
mod times;

use super::Schedule;
use crate::domain::instant::Instant;
use jiff::tz::TimeZone;

/// The schedule of a line that is one.
fn read(line: &str) -> Schedule {
    Schedule::parse(line).unwrap_or_else(|error| panic!("{error}"))
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

/// The instant of an ISO text with an offset.
fn at(text: &str) -> Instant {
    Instant::from(text.parse::<jiff::Timestamp>().unwrap())
}
