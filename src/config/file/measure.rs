//! Values of schedules and letters: times of day, delays, business days, shares, kinds of finding. Each is read
//! when the file is, so that what cannot be read is shown in its place.

use super::leaf::{TextVisitor, leaves, read_period};
use crate::config::suggest;
use crate::config::wording::with_hint;
use crate::domain::hours::DayHours;
use crate::domain::period::Period;
use crate::domain::verdict::{Reason, Rule};
use jiff::civil::{Time, Weekday};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::time::Duration;

leaves! {
    /// A period that is not empty.
    LongPeriodText(Period), "a period such as `7 days`", read_long_period,
        { "type": "string", "examples": ["7 days", "1 month"] };
    /// A time of day, as a native time or a text.
    TimeText(Time), "a time of day such as `09:00`", read_time,
        { "type": "string", "examples": ["09:00"] };
    /// Hours of the day.
    HoursText(DayHours), "hours such as `09:00-18:00`", read_hours,
        { "type": "string", "examples": ["09:00-18:00", "22:00-06:00"] };
    /// A number of business days.
    BusinessDaysText(u32), "business days such as `5 business days`", read_business_days,
        { "type": "string", "examples": ["5 business days"] };
    /// Hours and minutes, at most a day.
    DelayText(Duration), "a delay such as `10 minutes`", read_delay,
        { "type": "string", "examples": ["10 minutes", "1 hour 30 minutes"] };
    /// A share in percent.
    PercentText(u8), "a share such as `10 %`", read_percent,
        { "type": "string", "examples": ["10 %"] };
    /// A kind of finding: a rule, or a rule and one of its reasons.
    FindingText((Rule, Option<Reason>)), "a finding such as `consent:opted-out`", read_finding,
        { "type": "string", "examples": ["consent:opted-out", "purpose"] };
}

fn read_long_period(text: &str) -> Result<Period, String> {
    let period = read_period(text)?;
    if period == Period::default() {
        return Err(with_hint(format!("`{text}` is no time at all"), "write a longer one, such as `7 days`"));
    }
    Ok(period)
}

fn read_time(text: &str) -> Result<Time, String> {
    let is_plain = text.len() >= 5 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
    text.parse::<Time>()
        .ok()
        .filter(|time| is_plain && time.second() == 0)
        .ok_or_else(|| with_hint(format!("`{text}` is not a time of day"), "write hour and minute, such as `09:00`"))
}

fn read_hours(text: &str) -> Result<DayHours, String> {
    let hint = "write when they begin and end, such as `09:00-18:00`";
    let (from, until) =
        text.split_once('-').ok_or_else(|| with_hint(format!("`{text}` are no hours of the day"), hint))?;
    let hours = DayHours { from: read_time(from.trim())?, until: read_time(until.trim())? };
    if hours.from == hours.until {
        return Err(with_hint(format!("`{text}` would be the whole day or none of it"), hint));
    }
    Ok(hours)
}

fn read_business_days(text: &str) -> Result<u32, String> {
    let period: Option<Period> = text.parse().ok();
    period
        .filter(|period| Period { business_days: 0, ..*period } == Period::default() && period.business_days > 0)
        .and_then(|period| u32::try_from(period.business_days).ok())
        .ok_or_else(|| {
            with_hint(format!("`{text}` is not a number of business days"), "write it so: `5 business days`")
        })
}

fn read_delay(text: &str) -> Result<Duration, String> {
    const DAY_SECONDS: u64 = 86_400;
    let hint = "write hours and minutes, such as `10 minutes` or `1 hour 30 minutes`";
    let form = || with_hint(format!("`{text}` is not a delay"), hint);
    let words: Vec<&str> = text.split_whitespace().collect();
    let (mut seconds, mut last_unit) = (0_u64, u64::MAX);
    for pair in words.chunks(2) {
        let [number, unit] = pair else { return Err(form()) };
        let unit = match *unit {
            "hour" | "hours" => 3_600,
            "minute" | "minutes" => 60,
            _ => return Err(form()),
        };
        let number: u32 =
            number.parse().ok().filter(|_| number.bytes().all(|byte| byte.is_ascii_digit())).ok_or_else(form)?;
        if unit >= last_unit {
            return Err(form());
        }
        seconds += u64::from(number) * unit;
        last_unit = unit;
    }
    match seconds {
        0 if words.is_empty() => Err(form()),
        0..=DAY_SECONDS => Ok(Duration::from_secs(seconds)),
        _ => Err(with_hint(format!("`{text}` is longer than a day"), hint)),
    }
}

fn read_percent(text: &str) -> Result<u8, String> {
    let number = text.strip_suffix('%').map(str::trim_end);
    number
        .filter(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|number| number.parse().ok())
        .filter(|number| *number <= 100)
        .ok_or_else(|| with_hint(format!("`{text}` is not a share"), "write percent, from `0 %` to `100 %`"))
}

fn read_finding(text: &str) -> Result<(Rule, Option<Reason>), String> {
    let (rule, reason) = text.split_once(':').map_or((text, None), |(rule, reason)| (rule, Some(reason)));
    let Some(known) = Reason::ALL.iter().map(|known| known.rule()).find(|known| known.as_str() == rule) else {
        let rules = Reason::ALL.iter().map(|known| known.rule().as_str());
        let hint = suggest::hint(rule, rules, "write `rule` or `rule:reason`");
        return Err(with_hint(format!("`{text}` is no finding: there is no rule `{rule}`"), hint));
    };
    let Some(reason) = reason else { return Ok((known, None)) };
    Reason::parse(rule, reason).map(|reason| (known, Some(reason))).ok_or_else(|| {
        let reasons = Reason::ALL.iter().filter(|other| other.rule() == known).map(|other| other.as_str());
        let hint = suggest::hint(reason, reasons, "write `rule` or `rule:reason`");
        with_hint(format!("`{text}` is no finding: `{rule}` has no reason `{reason}`"), hint)
    })
}

/// A day of the week.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WeekdayText {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl From<WeekdayText> for Weekday {
    fn from(text: WeekdayText) -> Self {
        match text {
            WeekdayText::Monday => Self::Monday,
            WeekdayText::Tuesday => Self::Tuesday,
            WeekdayText::Wednesday => Self::Wednesday,
            WeekdayText::Thursday => Self::Thursday,
            WeekdayText::Friday => Self::Friday,
            WeekdayText::Saturday => Self::Saturday,
            WeekdayText::Sunday => Self::Sunday,
        }
    }
}

/// A whole number from 1.
#[derive(Debug, Clone, Copy)]
pub struct AtLeastOne(pub u16);

impl<'de> Deserialize<'de> for AtLeastOne {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u16::deserialize(deserializer)? {
            0 => Err(D::Error::custom(with_hint("`{key}` is 0", "write at least 1"))),
            number => Ok(Self(number)),
        }
    }
}

impl JsonSchema for AtLeastOne {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "AtLeastOne".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 1, "maximum": u16::MAX })
    }
}
