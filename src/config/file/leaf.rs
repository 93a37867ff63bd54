//! Values that are more than a text: periods, zones, patterns, days. Each is read when the file is, so
//! that what cannot be read is shown in its place.

use super::super::wording::with_hint;
use super::super::{pattern, suggest};
use crate::domain::period::Period;
use crate::domain::register::{DateFormat, FiscalYearStart, ListEncoding};
use crate::domain::schedule::Schedule;
use jiff::civil::{Date, DateTime};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::fmt;

/// Reads a text, or a native date or time as the text that it is written as.
pub(super) struct TextVisitor<T> {
    pub(super) expecting: &'static str,
    pub(super) read: fn(&str) -> Result<T, String>,
}

impl<'de, T> Visitor<'de> for TextVisitor<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.expecting)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        (self.read)(text).map_err(E::custom)
    }

    /// Native dates come as a table with one text.
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        let native = super::shape::from_table::<toml::value::Datetime, A>(map)
            .map_err(|_| A::Error::custom(format!("invalid type: map, expected {}", self.expecting)))?;
        (self.read)(&native.to_string()).map_err(A::Error::custom)
    }
}

macro_rules! leaves {
    ($($(#[$doc:meta])* $name:ident($inner:ty), $expecting:literal, $read:expr, $schema:tt;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name(pub $inner);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(TextVisitor { expecting: $expecting, read: $read }).map($name)
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )*};
}

pub(super) use leaves;

leaves! {
    /// A period without business days.
    PeriodText(Period), "a period such as `6 months`", read_period,
        { "type": "string", "examples": ["6 months", "1 year 6 months", "10 days"] };
    /// A time zone, by its IANA name.
    ZoneText(TimeZone), "a time zone such as `Asia/Tokyo`", read_zone,
        { "type": "string", "examples": ["Asia/Tokyo", "UTC"] };
    /// An e-mail address alone.
    EmailText(String), "an e-mail address", read_email,
        { "type": "string", "format": "email" };
    /// An e-mail address, with or without a name before it.
    MailboxText(String), "an e-mail address", read_mailbox,
        { "type": "string", "examples": ["Privacy Office <privacy-office@example.co.jp>"] };
    /// A cron line of five fields, or one of the short forms such as `@daily`.
    CronText(Schedule), "a cron line such as `30 2 * * *`", read_schedule,
        { "type": "string", "examples": ["30 2 * * *", "0 4 * * mon", "@daily"] };
    /// A glob on a path beneath a root.
    GlobText(String), "a glob such as `**/*.wav`", pattern::read_path_glob,
        { "type": "string", "examples": ["**/*.wav", "seminar/*.csv"] };
    /// A regular expression.
    PatternText(String), "a regular expression", pattern::read_regex,
        { "type": "string", "format": "regex" };
    /// How a date or time is written.
    FormatText(DateFormat), "a date format", pattern::read_date_format,
        { "type": "string", "examples": ["iso", "japanese", "excel", "unix-seconds", "unix-milliseconds",
            "unix-microseconds", "ticks-90khz", "%Y-%m-%d"] };
    /// A day, as a native date or a text.
    Day(Date), "a date such as `2026-12-31`", read_day,
        { "type": "string", "format": "date" };
    /// Month and day.
    MonthDayText(FiscalYearStart), "month and day such as `04-01`", read_month_day,
        { "type": "string", "pattern": "^\\d\\d-\\d\\d$" };
    /// The encoding of a list file.
    EncodingText(ListEncoding), "an encoding such as `cp932`", read_encoding,
        { "type": "string", "enum": ["utf-8", "cp932", "utf-16"] };
    /// An instant, as a native date and time or a text.
    TestInstant(CivilOrInstant), "an instant such as `2027-02-28T12:00:00+09:00`", read_instant,
        { "type": "string", "format": "date-time" };
    /// The name of a column.
    ColumnName(String), "the name of a column", read_column,
        { "type": "string" };
}

/// A date and time that may lack its offset.
#[derive(Debug, Clone, Copy)]
pub enum CivilOrInstant {
    /// With an offset.
    Instant(jiff::Timestamp),
    /// Without one.
    Civil(DateTime),
}

/// Reads a period of whole calendar units.
pub(super) fn read_period(text: &str) -> Result<Period, String> {
    let period: Period = text.parse().map_err(|error: crate::domain::period::PeriodError| {
        let message = error.to_string();
        match message.split_once(": ") {
            Some((what, hint)) => with_hint(what, hint),
            None => message,
        }
    })?;
    if period.business_days != 0 {
        return Err(with_hint(format!("`{text}`: business days are not meant here"), "write calendar days"));
    }
    Ok(period)
}

fn read_schedule(text: &str) -> Result<Schedule, String> {
    Schedule::parse(text).map_err(|error| with_hint(error.to_string(), error.hint()))
}

fn read_zone(text: &str) -> Result<TimeZone, String> {
    let zones = TimeZoneDatabase::bundled();
    zones.get(text).map_err(|_| {
        let names: Vec<String> = zones.available().map(|name| name.to_string()).collect();
        let hint = suggest::hint(text, names.iter().map(String::as_str), "write an IANA name such as `Asia/Tokyo`");
        with_hint(format!("`{text}` is not a time zone"), hint)
    })
}

fn read_email(text: &str) -> Result<String, String> {
    match text.parse::<lettre::Address>() {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(with_hint(
            format!("`{text}` is not an e-mail address"),
            "write the address alone, such as `name@example.co.jp`",
        )),
    }
}

fn read_mailbox(text: &str) -> Result<String, String> {
    match text.parse::<lettre::message::Mailbox>() {
        // Message ids end with it, and they are ASCII.
        Ok(mailbox) if !mailbox.email.domain().is_ascii() => Err(with_hint(
            format!("the domain `{}` is not written in ASCII", mailbox.email.domain()),
            "write it as mail servers know it, such as `xn--fsqu00a.example`",
        )),
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(with_hint(
            format!("`{text}` is not an e-mail address"),
            "write `name@example.co.jp` or `Name <name@example.co.jp>`",
        )),
    }
}

fn read_day(text: &str) -> Result<Date, String> {
    text.parse::<Date>()
        .ok()
        .filter(|_| text.len() == 10)
        .ok_or_else(|| with_hint(format!("`{text}` is not a date"), "write year, month and day, such as `2026-12-31`"))
}

fn read_month_day(text: &str) -> Result<FiscalYearStart, String> {
    let day = text.split_once('-').and_then(|(month, day)| {
        let (month, day) = (month.parse().ok()?, day.parse().ok()?);
        // 2023 is no leap year: the day exists in every year.
        Date::new(2023, month, day).ok()?;
        Some(FiscalYearStart { month, day })
    });
    day.filter(|_| text.len() == 5).ok_or_else(|| {
        with_hint(
            format!("`{text}` is not a month and day"),
            "write two digits each, such as `04-01`, that every year has",
        )
    })
}

fn read_encoding(text: &str) -> Result<ListEncoding, String> {
    match text.to_ascii_lowercase().replace('_', "-").as_str() {
        "utf-8" | "utf8" => Ok(ListEncoding::Utf8),
        "cp932" | "windows-31j" | "ms932" | "shift-jis" | "sjis" => Ok(ListEncoding::Cp932),
        "utf-16" | "utf16" => Ok(ListEncoding::Utf16),
        _ => Err(with_hint(
            format!("`{text}` is not an encoding that lists come in"),
            "use `utf-8`, `cp932` or `utf-16`, or leave it out: it is detected",
        )),
    }
}

fn read_instant(text: &str) -> Result<CivilOrInstant, String> {
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Ok(CivilOrInstant::Instant(instant));
    }
    text.parse::<DateTime>().map(CivilOrInstant::Civil).map_err(|_| {
        with_hint(
            format!("`{text}` is not an instant"),
            "write date, time and offset, such as `2027-02-28T12:00:00+09:00`",
        )
    })
}

fn read_column(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err(with_hint("the name of a column is empty", "write the header as it stands in the list"));
    }
    Ok(text.to_owned())
}

/// A value of any simple type, as the text that it is compared or filled in as.
#[derive(Debug, Clone)]
pub struct Scalar(pub String);

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text, a number, a date, or true or false")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar(text.to_owned()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Scalar, E> {
        Ok(Scalar(number.to_string()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Scalar, E> {
        Ok(Scalar(number.to_string()))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Scalar, E> {
        Ok(Scalar(value.to_string()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Scalar, A::Error> {
        super::shape::from_table::<toml::value::Datetime, A>(map)
            .map(|native| Scalar(native.to_string()))
            .map_err(|_| A::Error::custom("invalid type: map, expected a text, a number, a date, or true or false"))
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

impl JsonSchema for Scalar {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Scalar".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "number", "boolean"] })
    }
}

/// A glob that a field's value must match.
#[derive(Debug, Clone)]
pub struct ValueGlob(pub String);

impl<'de> Deserialize<'de> for ValueGlob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Scalar(text) = Scalar::deserialize(deserializer)?;
        pattern::read_value_glob(&text).map(ValueGlob).map_err(D::Error::custom)
    }
}

impl JsonSchema for ValueGlob {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "ValueGlob".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Scalar::json_schema(generator)
    }
}
