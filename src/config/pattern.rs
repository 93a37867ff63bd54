//! Globs, regular expressions and date formats: whether they can be read at all. What they match is found
//! out where they are used.

use super::suggest;
use super::wording::with_hint;
use crate::domain::register::DateFormat;
use globset::GlobBuilder;
use jiff::fmt::strtime::BrokenDownTime;

/// A glob on a path beneath a root: relative, and never upwards.
pub fn read_path_glob(text: &str) -> Result<String, String> {
    if text.starts_with('/') || text.split('/').any(|name| name == "..") {
        return Err(with_hint(
            format!("`{text}` leaves the root"),
            "write the glob as a path that starts beneath the root, such as `**/*.wav`",
        ));
    }
    read_glob(text, true)
}

/// A glob on a value of a field.
pub fn read_value_glob(text: &str) -> Result<String, String> {
    if text.is_empty() { Ok(String::new()) } else { read_glob(text, false) }
}

fn read_glob(text: &str, literal_separator: bool) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err(with_hint("an empty glob matches nothing", "write a glob such as `**/*.wav`"));
    }
    match GlobBuilder::new(text).literal_separator(literal_separator).build() {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(with_hint(
            format!("`{text}` is not a glob: {}", error.kind()),
            "`*` stands for a name, `**` for folders, `?` for a character, `[ab]` for one of them, `{a,b}` for one of several",
        )),
    }
}

/// A regular expression.
pub fn read_regex(text: &str) -> Result<String, String> {
    match regex::Regex::new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => {
            let whole = error.to_string();
            let why = whole.lines().last().unwrap_or_default().trim().trim_start_matches("error: ").to_owned();
            let hint = if why.contains("look-around") || why.contains("backreference") {
                "look-around and back-references are not known; a capture group takes what is wanted"
            } else {
                "in single quotes a backslash stands for itself: '-(\\d{8})-'"
            };
            Err(with_hint(format!("`{text}` is not a regular expression: {why}"), hint))
        }
    }
}

const FORMATS: [(&str, DateFormat); 7] = [
    ("iso", DateFormat::Iso),
    ("japanese", DateFormat::Japanese),
    ("excel", DateFormat::Excel),
    ("unix-seconds", DateFormat::UnixSeconds),
    ("unix-milliseconds", DateFormat::UnixMilliseconds),
    ("unix-microseconds", DateFormat::UnixMicroseconds),
    ("ticks-90khz", DateFormat::Ticks90Khz),
];

/// How a date or time is written: one of the named formats, or a strftime pattern.
pub fn read_date_format(text: &str) -> Result<DateFormat, String> {
    if let Some((_, format)) = FORMATS.iter().find(|(name, _)| *name == text) {
        return Ok(format.clone());
    }
    if !text.contains('%') {
        let hint = suggest::hint(text, FORMATS.iter().map(|(name, _)| *name), "");
        return Err(with_hint(
            format!("`{text}` is not a date format"),
            format!("{hint}; or write a pattern such as `%Y/%m/%d`"),
        ));
    }
    match date_pattern_fault(text) {
        None => Ok(DateFormat::Pattern(text.to_owned())),
        Some(why) => Err(with_hint(
            format!("`{text}` is not a date format: {why}"),
            "the usual letters are %Y %m %d %H %M %S, and %z for an offset",
        )),
    }
}

/// Why dates cannot be read by this pattern: it must read back what it writes, and give a day.
fn date_pattern_fault(pattern: &str) -> Option<String> {
    let sample = jiff::civil::date(2026, 11, 24).at(13, 14, 15, 0).to_zoned_datetime(jiff::tz::TimeZone::UTC).ok()?;
    let Ok(written) = BrokenDownTime::from(&sample).to_string(pattern) else {
        return Some("it has a letter after `%` that has no meaning".to_owned());
    };
    let Ok(read) = BrokenDownTime::parse(pattern, &written) else {
        return Some("dates cannot be read by it".to_owned());
    };
    let has_day = read.to_date().is_ok() || read.to_timestamp().is_ok();
    (!has_day).then(|| "it does not give year, month and day".to_owned())
}
