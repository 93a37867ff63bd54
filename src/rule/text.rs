//! Values as text: what a cell says once numbers are written out, compatibility forms are folded (NFKC)
//! and the ends are trimmed. What the text means is not decided here.

use crate::domain::item::Value;
use std::fmt::Write as _;
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfkc_quick};

/// Buffers that are used again from item to item.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    plain: String,
    normal: String,
}

impl Buffers {
    /// The buffer for values that are written out.
    pub(super) const fn plain(&mut self) -> &mut String {
        &mut self.plain
    }
}

/// The value as text, as it stands; `None` when there is none (empty, or bytes that are no text).
pub(super) fn plain<'a>(value: &Value<'a>, buffer: &'a mut String) -> Option<&'a str> {
    buffer.clear();
    let written = match *value {
        Value::Text(text) => return Some(text),
        Value::Empty | Value::Bytes(_) => return None,
        Value::Integer(number) => write!(buffer, "{number}"),
        // Displayed without an exponent; a whole number has no fraction then.
        Value::Real(number) | Value::Cell(number, _) => write!(buffer, "{number}"),
        Value::Date(date) => write!(buffer, "{date}"),
        Value::DateTime(time) => write!(buffer, "{time}"),
        Value::Instant(instant) => write!(buffer, "{}", instant.timestamp()),
        Value::Boolean(truth) => write!(buffer, "{truth}"),
    };
    written.ok()?;
    Some(buffer)
}

/// The text of a value, folded and trimmed; empty when there is none.
pub(super) fn normal<'a>(value: &Value<'a>, buffers: &'a mut Buffers) -> &'a str {
    let Buffers { plain: first, normal } = buffers;
    plain(value, first).map_or("", |text| folded(text, normal))
}

/// The text folded (NFKC) and trimmed, in the buffer only where folding changes it.
pub(super) fn folded<'a>(text: &'a str, buffer: &'a mut String) -> &'a str {
    if text.is_ascii() || is_nfkc_quick(text.chars()) == IsNormalized::Yes {
        return text.trim();
    }
    buffer.clear();
    buffer.extend(text.nfkc());
    buffer.trim()
}

/// An owned copy of the folded text, for what is compiled once.
pub(super) fn folded_owned(text: &str) -> String {
    let mut buffer = String::new();
    folded(text, &mut buffer).to_owned()
}

/// Whether there is nothing in the value but white space.
pub(super) fn is_blank(value: &Value<'_>) -> bool {
    match value {
        Value::Empty => true,
        Value::Text(text) => text.trim().is_empty(),
        Value::Bytes(bytes) => bytes.trim_ascii().is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::item::SerialEpoch;

    fn text(value: &Value<'_>) -> String {
        normal(value, &mut Buffers::default()).to_owned()
    }

    #[test]
    fn values_are_written_out_folded_and_trimmed() {
        assert_eq!(text(&Value::Text("\u{3000}ＡＢＣ ｶﾞ１\u{a0}")), "ABC ガ1");
        assert_eq!(text(&Value::Text("か\u{3099}")), "が");
        assert_eq!(text(&Value::Cell(9_012_345_678.0, SerialEpoch::Y1900)), "9012345678");
        assert_eq!(text(&Value::Real(1.0e15)), "1000000000000000");
        assert_eq!(text(&Value::Real(1.5)), "1.5");
        assert_eq!(text(&Value::Integer(-3)), "-3");
        assert_eq!(text(&Value::Boolean(true)), "true");
        assert_eq!(text(&Value::Date(jiff::civil::date(2024, 4, 1))), "2024-04-01");
        assert_eq!(text(&Value::Empty), "");
        assert_eq!(text(&Value::Bytes(b"\xff")), "");
    }

    #[test]
    fn blank_is_nothing_but_white_space() {
        assert!(is_blank(&Value::Text(" \u{3000}\t")));
        assert!(is_blank(&Value::Empty));
        assert!(!is_blank(&Value::Integer(0)));
        assert!(!is_blank(&Value::Bytes(b"\xff")));
    }
}
