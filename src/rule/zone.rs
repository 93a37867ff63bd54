//! A time zone prepared for millions of look-ups: its changes of offset from 1900 to 2200 as sorted
//! tables. Outside those years, and for a zone whose local time is not ordered, `jiff` itself is asked.

use super::calendar::{DAY_MICROSECONDS, date_of, local_microseconds};
use crate::domain::instant::Instant;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

const SECOND: i64 = 1_000_000;
/// 1900-01-01T00:00:00Z and 2200-01-01T00:00:00Z in seconds.
const FROM_SECONDS: i64 = -2_208_988_800;
const TO_SECONDS: i64 = 7_258_118_400;

/// A time zone with tables of its changes.
#[derive(Debug, Clone)]
pub struct Zone {
    jiff: TimeZone,
    /// When each stretch of one offset begins, in microseconds UTC; the first one at `FROM_SECONDS`.
    starts: Vec<i64>,
    /// The same in the local time that is valid from then on. Empty: the tables cannot be used.
    local_starts: Vec<i64>,
    /// The offset of each stretch, in microseconds.
    offsets: Vec<i64>,
}

impl Zone {
    /// Prepares a zone.
    #[must_use]
    pub fn new(zone: &TimeZone) -> Self {
        let from = Timestamp::from_second(FROM_SECONDS).unwrap_or(Timestamp::UNIX_EPOCH);
        let mut starts = vec![FROM_SECONDS * SECOND];
        let mut offsets = vec![offset_microseconds(zone.to_offset(from))];
        for change in zone.following(from) {
            let start = change.timestamp().as_microsecond();
            if start >= TO_SECONDS * SECOND {
                break;
            }
            starts.push(start);
            offsets.push(offset_microseconds(change.offset()));
        }
        let mut local_starts: Vec<i64> = starts.iter().zip(&offsets).map(|(start, offset)| start + offset).collect();
        if !local_starts.is_sorted() {
            local_starts.clear();
        }
        Self { jiff: zone.clone(), starts, local_starts, offsets }
    }

    /// The zone as `jiff` knows it.
    #[must_use]
    pub const fn time_zone(&self) -> &TimeZone {
        &self.jiff
    }

    /// The instant at which local clocks show `local` (microseconds, as in `local_microseconds`): the
    /// later one where they show it twice, the one after the gap where they never do.
    pub(super) fn instant_of(&self, local: i64) -> Instant {
        if !self.covers(local) {
            return self.ask(local, false);
        }
        Instant::from_microseconds(local - self.offsets[self.local_stretch(local)])
    }

    /// The first instant of a day.
    pub(super) fn start_of_day(&self, day: i64) -> Instant {
        let local = day * DAY_MICROSECONDS;
        if !self.covers(local) {
            return self.ask(local, true);
        }
        let stretch = self.local_stretch(local);
        if stretch > 0 {
            let earlier = local - self.offsets[stretch - 1];
            if earlier < self.starts[stretch] {
                return Instant::from_microseconds(earlier);
            }
        }
        Instant::from_microseconds(local - self.offsets[stretch])
    }

    /// What local clocks show at an instant, in microseconds.
    pub(super) fn local_of(&self, instant: Instant) -> i64 {
        let microseconds = instant.microseconds();
        if !self.covers(microseconds) {
            return local_microseconds(self.jiff.to_datetime(instant.timestamp()));
        }
        let stretch = self.starts.partition_point(|start| *start <= microseconds) - 1;
        microseconds + self.offsets[stretch]
    }

    /// The day that an instant lies in.
    pub(super) fn date_of(&self, instant: Instant) -> Option<Date> {
        date_of(self.local_of(instant).div_euclid(DAY_MICROSECONDS))
    }

    fn local_stretch(&self, local: i64) -> usize {
        self.local_starts.partition_point(|start| *start <= local) - 1
    }

    /// Whether the tables answer for this time, with two days to spare at both ends.
    fn covers(&self, microseconds: i64) -> bool {
        const FROM: i64 = FROM_SECONDS * SECOND + 2 * DAY_MICROSECONDS;
        const TO: i64 = TO_SECONDS * SECOND - 2 * DAY_MICROSECONDS;
        (FROM..TO).contains(&microseconds) && !self.local_starts.is_empty()
    }

    #[cold]
    fn ask(&self, local: i64, first: bool) -> Instant {
        let Some(time) = datetime_of(local) else {
            return Instant::from_microseconds(local);
        };
        let ambiguous = self.jiff.to_ambiguous_timestamp(time);
        let answer = if first { ambiguous.compatible() } else { ambiguous.later() };
        // At the very ends of the calendar an offset leads out of it; nothing is decided there.
        answer.map_or_else(|_| Instant::from_microseconds(local), Instant::from)
    }
}

/// The local time of so many microseconds.
fn datetime_of(local: i64) -> Option<DateTime> {
    let date = date_of(local.div_euclid(DAY_MICROSECONDS))?;
    let midnight = date.at(0, 0, 0, 0);
    midnight.checked_add(jiff::SignedDuration::from_micros(local.rem_euclid(DAY_MICROSECONDS))).ok()
}

fn offset_microseconds(offset: Offset) -> i64 {
    i64::from(offset.seconds()) * SECOND
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    const ZONES: &[&str] = &[
        "Asia/Tokyo",
        "UTC",
        "America/New_York",
        "Australia/Lord_Howe",
        "Pacific/Chatham",
        "America/Havana",
        "America/Sao_Paulo",
        "Africa/Casablanca",
        "Pacific/Apia",
        "Europe/Dublin",
        "Antarctica/Troll",
    ];

    fn zones() -> Vec<Zone> {
        ZONES.iter().map(|name| Zone::new(&TimeZone::get(name).unwrap())).collect()
    }

    #[test]
    fn around_every_change_the_tables_agree_with_jiff() {
        for zone in zones() {
            for index in 1..zone.starts.len() {
                for minutes in -200..200 {
                    let local = zone.starts[index] + zone.offsets[index] + minutes * 60 * SECOND + 7;
                    assert_eq!(zone.instant_of(local), zone.ask(local, false), "{:?} {local}", zone.jiff);
                    let instant = Instant::from_microseconds(zone.starts[index] + minutes * 60 * SECOND + 7);
                    let asked = local_microseconds(zone.jiff.to_datetime(instant.timestamp()));
                    assert_eq!(zone.local_of(instant), asked);
                }
            }
        }
    }

    #[test]
    fn days_begin_where_jiff_says() {
        for zone in zones() {
            for day in -25_000..40_000 {
                let expected = zone.jiff.to_zoned_datetime_start(date_of(day).unwrap());
                assert_eq!(zone.start_of_day(day), expected, "{:?} {day}", zone.jiff);
            }
        }
    }

    trait StartOfDay {
        fn to_zoned_datetime_start(&self, date: Date) -> Instant;
    }

    impl StartOfDay for TimeZone {
        fn to_zoned_datetime_start(&self, date: Date) -> Instant {
            let zoned = date.to_zoned_datetime(self.clone()).unwrap();
            Instant::from(zoned.timestamp())
        }
    }

    proptest! {
        #[test]
        fn any_time_agrees_with_jiff(which in 0..ZONES.len(), seconds in -4_000_000_000_i64..9_000_000_000) {
            let zone = Zone::new(&TimeZone::get(ZONES[which]).unwrap());
            let local = seconds * SECOND + 13;
            prop_assert_eq!(zone.instant_of(local), zone.ask(local, false));
        }
    }

    #[test]
    fn a_repeated_hour_is_the_later_and_a_missing_one_lies_after_the_gap() {
        let zone = Zone::new(&TimeZone::get("America/New_York").unwrap());
        let text = |time: DateTime| zone.instant_of(local_microseconds(time)).rfc3339(zone.time_zone());
        assert_eq!(text(date(2026, 11, 1).at(1, 30, 0, 0)), "2026-11-01T01:30:00-05:00");
        assert_eq!(text(date(2026, 3, 8).at(2, 30, 0, 0)), "2026-03-08T03:30:00-04:00");
    }
}
