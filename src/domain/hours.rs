//! Hours of the day in which something is not to begin.

use super::instant::Instant;
use jiff::SignedDuration;
use jiff::civil::Time;
use jiff::tz::TimeZone;

/// The hours from one time of the day to another; over midnight where the other one is earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DayHours {
    /// When they begin.
    pub from: Time,
    /// When they have ended.
    pub until: Time,
}

impl DayHours {
    /// When the hours end that `now` lies in, if it lies in them.
    #[must_use]
    pub fn end(self, now: Instant, zone: &TimeZone) -> Option<Instant> {
        let local = now.timestamp().to_zoned_datetime(zone.clone());
        let time = local.time();
        let (has_begun, has_ended) = (time >= self.from, time >= self.until);
        let day = match self.from < self.until {
            true if has_begun && !has_ended => local.date(),
            false if has_begun => local.date().tomorrow().ok()?,
            false if !has_ended => local.date(),
            _ => return None,
        };
        let end = zone.to_timestamp(day.to_datetime(self.until)).ok()?;
        // Where clocks are set back over the end, it comes twice; it must lie ahead.
        let next = now.timestamp().checked_add(SignedDuration::from_mins(1)).ok()?;
        Some(Instant::from(end.max(next)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(from: &str, until: &str, now: &str, zone: &str) -> Option<String> {
        let hours = DayHours { from: from.parse().unwrap(), until: until.parse().unwrap() };
        let zone = TimeZone::get(zone).unwrap();
        let now = Instant::from(zone.to_timestamp(now.parse().unwrap()).unwrap());
        let end = hours.end(now, &zone)?.timestamp().to_zoned_datetime(zone);
        Some(end.strftime("%d %H:%M").to_string())
    }

    #[test]
    fn hours_of_the_day_and_over_midnight() {
        for (from, until, now, expected) in [
            ("09:00", "18:00", "2027-03-01T08:59", None),
            ("09:00", "18:00", "2027-03-01T09:00", Some("01 18:00")),
            ("09:00", "18:00", "2027-03-01T17:59", Some("01 18:00")),
            ("09:00", "18:00", "2027-03-01T18:00", None),
            ("22:00", "06:00", "2027-03-01T21:59", None),
            ("22:00", "06:00", "2027-03-01T22:00", Some("02 06:00")),
            ("22:00", "06:00", "2027-03-02T05:59", Some("02 06:00")),
            ("22:00", "06:00", "2027-03-02T06:00", None),
            ("22:00", "00:00", "2027-03-01T23:00", Some("02 00:00")),
            ("22:00", "00:00", "2027-03-02T00:00", None),
        ] {
            assert_eq!(end(from, until, now, "Asia/Tokyo").as_deref(), expected, "{from} to {until}, {now}");
        }
    }

    #[test]
    fn an_end_that_the_clocks_leave_out_comes_after_it() {
        assert_eq!(end("01:00", "02:30", "2027-03-28T01:30", "Europe/Berlin").as_deref(), Some("28 03:30"));
        assert_eq!(end("01:00", "02:30", "2027-10-31T02:10", "Europe/Berlin").as_deref(), Some("31 02:30"));
    }
}
