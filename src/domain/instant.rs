//! An instant: a point in time as a whole number of microseconds since 1970-01-01T00:00:00Z. Reading
//! the present one is the business of the `clock` module alone.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// A point in time, in microseconds since the Unix epoch (UTC, without leap seconds).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(i64);

impl Instant {
    /// The instant that lies `microseconds` after the Unix epoch.
    #[must_use]
    pub const fn from_microseconds(microseconds: i64) -> Self {
        Self(microseconds)
    }

    /// Microseconds since the Unix epoch.
    #[must_use]
    pub const fn microseconds(self) -> i64 {
        self.0
    }

    /// The same instant in `jiff`'s terms; instants outside its years -9999 to 9999 are clamped.
    #[must_use]
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 { Timestamp::MIN } else { Timestamp::MAX })
    }

    /// The day of the instant by the clocks of `zone`.
    #[must_use]
    pub fn day(self, zone: &TimeZone) -> Date {
        self.timestamp().to_zoned_datetime(zone.clone()).date()
    }

    /// The instant as an RFC 3339 text with the offset of `zone`, such as `2027-02-28T12:00:00+09:00`.
    #[must_use]
    pub fn rfc3339(self, zone: &TimeZone) -> String {
        let zoned = self.timestamp().to_zoned_datetime(zone.clone());
        let seconds = zoned.offset().seconds();
        let sign = if seconds < 0 { '-' } else { '+' };
        let minutes = seconds.abs() / 60;
        let fraction = match zoned.subsec_nanosecond() / 1000 {
            0 => String::new(),
            microseconds => format!(".{microseconds:06}"),
        };
        format!("{}{fraction}{sign}{:02}:{:02}", zoned.strftime("%Y-%m-%dT%H:%M:%S"), minutes / 60, minutes % 60)
    }
}

impl From<Timestamp> for Instant {
    fn from(timestamp: Timestamp) -> Self {
        Self(timestamp.as_microsecond())
    }
}
