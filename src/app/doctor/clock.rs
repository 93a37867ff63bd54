//! The clock: whether something keeps it right, whether it is later than what was stored, and the zone of calendars.

use super::{Check, Subject};
use crate::app::session::Session;
use crate::store::{Access, Store};
use std::path::Path;

const ABOUT: &str = "clock";

/// What lies there while a service keeps the clock right.
const KEEPERS: [(&str, &str); 5] = [
    ("/run/systemd/timesync/synchronized", "systemd-timesyncd"),
    ("/run/chrony/chronyd.pid", "chrony"),
    ("/run/chronyd.pid", "chrony"),
    ("/run/ntpd.pid", "ntpd"),
    ("/run/openntpd/ntpd.pid", "OpenNTPD"),
];

/// A stored scan may be this much later than now before the clock is wrong.
const TOLERANCE_MICROSECONDS: i64 = 5 * 60 * 1_000_000;

pub(super) fn look(subject: &Subject<'_>) -> Vec<Check> {
    let zone = &subject.loaded.register.organisation.time_zone;
    let name = zone.iana_name().unwrap_or("a fixed offset");
    let now = subject.now.rfc3339(zone);
    vec![keeper(), plausible(subject), Check::ok(ABOUT, format!("it is {now} in the organisation's zone, {name}"))]
}

fn keeper() -> Check {
    match KEEPERS.iter().find(|(path, _)| Path::new(path).exists()) {
        Some((_, keeper)) => Check::ok(ABOUT, format!("{keeper} keeps it right")),
        None => Check::warning(
            ABOUT,
            "nothing that keeps it right was found",
            "see `timedatectl`; in a container the host's service does it",
        ),
    }
}

/// Periods and schedules hang on the clock: one that stands before the last stored scan is wrong.
fn plausible(subject: &Subject<'_>) -> Check {
    let latest = Store::exists(&subject.loaded.settings.state)
        .then(|| Session::open(subject.loaded.clone(), subject.environment, Access::Read))
        .and_then(Result::ok)
        .and_then(|session| session.store.counts().ok())
        .filter(|counts| !counts.is_simulated)
        .and_then(|counts| counts.latest_scan);
    let Some(latest) = latest else { return Check::ok(ABOUT, "no real scan was stored that it could contradict") };
    let zone = &subject.loaded.register.organisation.time_zone;
    if latest.microseconds() - subject.now.microseconds() > TOLERANCE_MICROSECONDS {
        let what = format!("it stands before the latest stored scan, of {}", latest.rfc3339(zone));
        return Check::failed(ABOUT, what, "set the clock right");
    }
    Check::ok(ABOUT, format!("it stands after the latest stored scan, of {}", latest.rfc3339(zone)))
}
