//! Dates and numbers as people write them, and names made harmless for letters.

use crate::domain::language::Language;
use jiff::civil::{Date, Weekday};

/// A day as people write it: `2027年2月28日`, `28 February 2027`.
pub(super) fn day(date: Date, language: Language) -> String {
    match language {
        Language::Ja => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
        Language::En => format!("{} {} {}", date.day(), date.strftime("%B"), date.year()),
    }
}

/// A day with its weekday: `2027年2月28日（日）`, `Sunday, 28 February 2027`.
pub(super) fn day_and_weekday(date: Date, language: Language) -> String {
    match language {
        Language::Ja => format!("{}（{}）", day(date, language), weekday_ja(date.weekday())),
        Language::En => format!("{}, {}", date.strftime("%A"), day(date, language)),
    }
}

fn weekday_ja(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "月",
        Weekday::Tuesday => "火",
        Weekday::Wednesday => "水",
        Weekday::Thursday => "木",
        Weekday::Friday => "金",
        Weekday::Saturday => "土",
        Weekday::Sunday => "日",
    }
}

/// A number with separators: `1,234,567`.
#[must_use]
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A text of the register on one line: control characters, line separators and marks that change the writing
/// direction become spaces, so that a name can neither start a header nor a paragraph of its own.
pub(super) fn one_line(text: &str) -> String {
    let harmless: String = text.chars().map(|character| if breaks_line(character) { ' ' } else { character }).collect();
    harmless.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn breaks_line(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}
