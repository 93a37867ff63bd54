//! What the values of a column look like, as numbers only: how many are empty, how many have the shape of an e-mail
//! address or a telephone number, and how many each way to write a date reads, with the span of years. No value is
//! kept. Pure.

use crate::domain::item::Value;
use crate::domain::register::{DateFormat, FieldAccess, FieldSpec, FieldType};
use crate::rule::{ClockReader, ClockReading, Unreadable, Zone};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::sync::Arc;
use unicode_normalization::UnicodeNormalization as _;

/// Ways to write a date; among those that read equally many the first is taken. What has only digits comes last.
const FORMATS: [(&str, bool); 16] = [
    ("iso", false),
    ("%Y/%m/%d %H:%M:%S", false),
    ("%Y/%m/%d %H:%M", false),
    ("%Y/%m/%d", false),
    ("%d-%m-%Y %H:%M:%S", false),
    ("%d-%m-%Y", false),
    ("%d.%m.%Y %H:%M", false),
    ("%d.%m.%Y", false),
    ("%d/%m/%Y", false),
    ("%m/%d/%Y", false),
    ("japanese", false),
    ("%Y%m%d%H%M%S", true),
    ("%Y%m%d", true),
    ("unix-seconds", true),
    ("unix-milliseconds", true),
    ("unix-microseconds", true),
];

/// The years in which a date is believed; a number is believed in fewer.
const BELIEVED_YEARS: std::ops::RangeInclusive<i16> = 1900..=2199;
const BELIEVED_YEARS_OF_NUMBERS: std::ops::RangeInclusive<i16> = 1995..=2099;

fn format(text: &str) -> DateFormat {
    match text {
        "iso" => DateFormat::Iso,
        "japanese" => DateFormat::Japanese,
        "unix-seconds" => DateFormat::UnixSeconds,
        "unix-milliseconds" => DateFormat::UnixMilliseconds,
        "unix-microseconds" => DateFormat::UnixMicroseconds,
        pattern => DateFormat::Pattern(pattern.to_owned()),
    }
}

/// Reads values by every way to write a date, and tells years as a zone has them.
#[derive(Debug)]
pub struct Readers {
    readers: Vec<(ClockReader, bool)>,
    zone: TimeZone,
}

impl Readers {
    /// Readers whose local times are of this zone.
    #[must_use]
    pub fn of(time_zone: &TimeZone) -> Self {
        let zone = Arc::new(Zone::new(time_zone));
        let reader = |(text, digits_only): &(&str, bool)| {
            let field = FieldSpec {
                name: String::new(),
                access: FieldAccess::Column(Vec::new()),
                field_type: FieldType::Text,
                formats: vec![format(text)],
                time_zone: None,
                empty_is_running: false,
                normalised: false,
                split: None,
                answers: BTreeMap::new(),
            };
            (ClockReader::new(&field, &zone), *digits_only)
        };
        Self { readers: FORMATS.iter().map(reader).collect(), zone: time_zone.clone() }
    }
}

/// How many values one way to write a date reads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct FormatTally {
    read: u64,
    years: Option<(i16, i16)>,
}

/// What the values of a column look like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnTally {
    /// How many values were looked at.
    pub sampled: u64,
    /// How many of them are empty.
    pub empty: u64,
    /// How many are written where no date is known: `0000-00-00`, 1970-01-01, 1899-12-30.
    pub placeholders: u64,
    /// How many have the shape of an e-mail address.
    pub emails: u64,
    /// How many have the shape of a telephone number.
    pub phones: u64,
    /// How many have the shape of a path.
    pub paths: u64,
    /// How many are true or false, or a word for it.
    pub truths: u64,
    /// How many are of a type for true and false.
    pub booleans: u64,
    /// How many are the number 0, and how many the number 1.
    pub zeros_and_ones: (u64, u64),
    /// How many are numbers.
    pub numbers: u64,
    /// How many are of a type for dates and times that has no zone.
    pub naive: u64,
    /// How many are points in time.
    pub instants: u64,
    formats: [FormatTally; FORMATS.len()],
}

/// The way in which most dates of a column are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateShape {
    /// The format, as a register names it.
    pub format: &'static str,
    /// Another format that reads as many: day and month cannot be told apart.
    pub or: Option<&'static str>,
    /// Whether it has only digits.
    pub is_digits: bool,
    /// How many values it reads.
    pub read: u64,
    /// The first and the last year.
    pub years: Option<(i16, i16)>,
}

impl ColumnTally {
    /// Looks at a value.
    pub fn add(&mut self, value: &Value<'_>, readers: &Readers) {
        self.sampled += 1;
        match value {
            Value::Empty => self.empty += 1,
            Value::Text(text) if text.trim().is_empty() => self.empty += 1,
            Value::Text(text) => self.text(text),
            Value::Integer(number) => {
                self.numbers += 1;
                self.zero_or_one(*number == 0, *number == 1);
            }
            Value::Real(_) | Value::Cell(..) => self.numbers += 1,
            Value::Boolean(_) => {
                self.truths += 1;
                self.booleans += 1;
            }
            Value::Date(_) | Value::DateTime(_) => self.naive += 1,
            Value::Instant(_) => self.instants += 1,
            Value::Bytes(_) => {}
        }
        self.dates(value, readers);
    }

    fn text(&mut self, text: &str) {
        let text: String = text.trim().nfkc().collect();
        let is_number = text.parse::<f64>().is_ok() && text.starts_with(|first: char| first.is_ascii_digit());
        self.emails += u64::from(is_email(&text));
        self.phones += u64::from(is_phone(&text));
        self.numbers += u64::from(is_number && !is_phone(&text));
        self.paths += u64::from(is_path(&text));
        self.zero_or_one(text == "0", text == "1");
        let folded = text.to_lowercase();
        let words = ["y", "n", "yes", "no", "true", "false", "t", "f", "○", "×", "はい", "いいえ"];
        self.truths += u64::from(words.contains(&folded.as_str()));
    }

    fn zero_or_one(&mut self, is_zero: bool, is_one: bool) {
        self.zeros_and_ones.0 += u64::from(is_zero);
        self.zeros_and_ones.1 += u64::from(is_one);
    }

    fn dates(&mut self, value: &Value<'_>, readers: &Readers) {
        let mut is_placeholder = false;
        let is_short_number = matches!(value, Value::Integer(number) if *number < 19_000_000)
            || matches!(value, Value::Text(text) if text.trim().len() < 6);
        if is_short_number && !matches!(value, Value::Integer(0)) {
            return;
        }
        for ((reader, digits_only), tally) in readers.readers.iter().zip(&mut self.formats) {
            let year = match reader.read(value) {
                ClockReading::Instant(instant) => instant.timestamp().to_zoned_datetime(readers.zone.clone()).year(),
                ClockReading::Date(date) => date.year(),
                ClockReading::Unreadable(Unreadable::Placeholder) => {
                    is_placeholder |= !digits_only || matches!(value, Value::Integer(0));
                    continue;
                }
                ClockReading::Unreadable(_) | ClockReading::Running => continue,
            };
            let believed = if *digits_only { BELIEVED_YEARS_OF_NUMBERS } else { BELIEVED_YEARS };
            if believed.contains(&year) {
                tally.read += 1;
                tally.years = Some(tally.years.map_or((year, year), |(first, last)| (first.min(year), last.max(year))));
            }
        }
        self.placeholders += u64::from(is_placeholder);
    }

    /// How many values are neither empty nor placeholders.
    #[must_use]
    pub const fn filled(&self) -> u64 {
        self.sampled.saturating_sub(self.empty + self.placeholders)
    }

    /// Whether all that is there says yes or no. Numbers do where both 0 and 1 are among them: one of the two alone may
    /// be any number.
    #[must_use]
    pub const fn is_flag(&self) -> bool {
        let (zeros, ones) = self.zeros_and_ones;
        let says_it = self.truths > 0 || (zeros > 0 && ones > 0);
        says_it && self.truths + zeros + ones == self.sampled - self.empty
    }

    /// How a register writes yes and no of this column, where that can be told without showing a value: `true` and
    /// `false`, or `1` and `0`.
    #[must_use]
    pub const fn yes_and_no(&self) -> Option<(&'static str, &'static str)> {
        let present = self.sampled - self.empty;
        match self.zeros_and_ones {
            (zeros, ones) if present > 0 && zeros + ones == present => Some(("1", "0")),
            _ if present > 0 && self.booleans == present => Some(("true", "false")),
            _ => None,
        }
    }

    /// Whether all that is there is a number.
    #[must_use]
    pub const fn is_number(&self) -> bool {
        self.numbers > 0 && self.numbers == self.sampled - self.empty
    }

    /// Whether at least half of what is there is so many.
    #[must_use]
    pub const fn is_mostly(&self, many: u64) -> bool {
        many > 0 && many * 2 >= self.filled()
    }

    /// The way in which at least nine of ten dates are written, if they are dates.
    #[must_use]
    pub fn date_shape(&self) -> Option<DateShape> {
        self.date_shape_of(9)
    }

    /// The way in which at least half of the dates are written, for a column that is called like one: lists have totals
    /// and remarks below their rows.
    #[must_use]
    pub fn date_shape_of_clock(&self) -> Option<DateShape> {
        self.date_shape_of(5)
    }

    fn date_shape_of(&self, tenths: u64) -> Option<DateShape> {
        let most = self.formats.iter().map(|tally| tally.read).max().filter(|most| *most > 0)?;
        if most * 10 < self.filled() * tenths {
            return None;
        }
        let mut best = (0..FORMATS.len()).filter(|index| self.formats[*index].read == most);
        let index = best.next()?;
        let is_ambiguous = FORMATS[index].0 == "%d/%m/%Y";
        let or = best.map(|index| FORMATS[index].0).find(|format| is_ambiguous && *format == "%m/%d/%Y");
        let (format, is_digits) = FORMATS[index];
        Some(DateShape { format, or, is_digits, read: most, years: self.formats[index].years })
    }
}

/// Whether a text has the shape of an e-mail address.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    !local.is_empty()
        && domain.contains('.')
        && !domain.contains('@')
        && !domain.starts_with('.')
        && !text.contains(char::is_whitespace)
}

/// Whether a text has the shape of a telephone number: it begins with 0 or a country, and is no date.
fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_of_numbers = |character: char| character.is_ascii_digit() || "+-() .".contains(character);
    (9..=14).contains(&digits)
        && text.starts_with(['0', '+', '('])
        && !text.starts_with("00-")
        && !text.starts_with("0000")
        && text.chars().all(is_of_numbers)
}

/// Whether a text has the shape of a path of a file.
fn is_path(text: &str) -> bool {
    let has_ending = text
        .rsplit_once('.')
        .is_some_and(|(_, ending)| (2..=4).contains(&ending.len()) && ending.chars().all(char::is_alphanumeric));
    text.starts_with('/') || (has_ending && text.contains('/') && !text.contains("://"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil;

    fn tally(values: &[Value<'_>]) -> ColumnTally {
        let readers = Readers::of(&TimeZone::UTC);
        let mut tally = ColumnTally::default();
        for value in values {
            tally.add(value, &readers);
        }
        tally
    }

    fn texts(texts: &[&str]) -> ColumnTally {
        tally(&texts.iter().map(|text| Value::Text(text)).collect::<Vec<_>>())
    }

    fn format_of(tally: &ColumnTally) -> Option<&'static str> {
        tally.date_shape().map(|shape| shape.format)
    }

    #[test]
    fn addresses_and_numbers_are_told_by_their_shape() {
        let seen = texts(&["a@example.jp", "ｂ＠example.jp", "a@b@example.jp", "@example.jp", "x", "", " "]);
        assert_eq!((seen.sampled, seen.empty, seen.emails), (7, 2, 2));
        let seen =
            texts(&["03-1234-5678", "+81 90 1234 5678", "（０３）１２３４５６７８", "2026-01-01", "12345678901", "0"]);
        assert_eq!(seen.phones, 3);
        assert_eq!(texts(&["0000-00-00 00:00:00", "/a/b.wav", "in/2026/a.wav", "x.wav"]).paths, 2);
    }

    #[test]
    fn the_format_is_the_one_that_reads_the_most() {
        assert_eq!(format_of(&texts(&["2026-01-01", "2025-12-31 10:00:00", ""])), Some("iso"));
        assert_eq!(format_of(&texts(&["令和6年4月1日", "2024/4/1", "R6.4.1"])), Some("japanese"));
        assert_eq!(format_of(&texts(&["2026/01/01 10:00:00"])), Some("%Y/%m/%d %H:%M:%S"));
        assert_eq!(format_of(&texts(&["31-12-2025 23:59:59"])), Some("%d-%m-%Y %H:%M:%S"));
        assert_eq!(format_of(&texts(&["31/12/2025", "01/02/2025"])), Some("%d/%m/%Y"));
        assert_eq!(texts(&["03/04/2025"]).date_shape().unwrap().or, Some("%m/%d/%Y"));
        assert_eq!(format_of(&tally(&[Value::Integer(1_767_225_600)])), Some("unix-seconds"));
        assert_eq!(format_of(&tally(&[Value::Integer(1_767_225_600_000)])), Some("unix-milliseconds"));
        assert_eq!(format_of(&tally(&[Value::Real(1_767_225_600.5)])), Some("unix-seconds"));
        assert_eq!(format_of(&tally(&[Value::Date(civil::date(2020, 1, 1))])), Some("iso"));
        for none in [texts(&["x", "2026-01-01"]), tally(&[Value::Integer(5)]), tally(&[Value::Integer(9_012_345_678)])]
        {
            assert_eq!(none.date_shape(), None);
        }
    }

    #[test]
    fn years_are_those_of_the_dates_and_placeholders_are_none() {
        let seen = texts(&["2019-05-05", "2026-01-01", "0000-00-00", "1970-01-01"]);
        let shape = seen.date_shape().unwrap();
        assert_eq!((shape.years, seen.placeholders, seen.filled()), (Some((2019, 2026)), 2, 2));
    }
}
