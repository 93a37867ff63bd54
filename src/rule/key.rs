//! Keys by which a person is looked up, normalised so that `090-1234-5678` and `+81 90 1234 5678` are the
//! same, and the keyed hash that stands for one in memory. A key is never stored or shown.

use super::text::{Buffers, folded, normal, plain};
use crate::domain::item::Value;
use crate::domain::register::FieldType;
use siphasher::sip::SipHasher13;
use std::hash::Hasher as _;

/// The secret key of all subjects of one scan: random, and forgotten afterwards. Without it nobody can
/// make up keys that collide.
#[derive(Clone, Copy)]
pub struct SubjectKey(u64, u64);

impl SubjectKey {
    /// The key made of two random numbers.
    #[must_use]
    pub const fn new(first: u64, second: u64) -> Self {
        Self(first, second)
    }

    /// The hash of a normalised key of one field of a ledger.
    #[must_use]
    pub(super) fn subject(&self, ledger_field: usize, key: &str) -> Subject {
        // The field is part of what is hashed: the same text in another field is another subject.
        let mut hasher = SipHasher13::new_with_keys(self.0, self.1 ^ ledger_field as u64);
        hasher.write(key.as_bytes());
        Subject(hasher.finish())
    }

    /// The hash of a file's path, by which the rows of an index are joined with files.
    #[must_use]
    pub fn file(&self, path: &[u8]) -> u64 {
        // No field of a ledger has this number.
        let mut hasher = SipHasher13::new_with_keys(self.0, !self.1);
        hasher.write(path);
        hasher.finish()
    }
}

impl std::fmt::Debug for SubjectKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SubjectKey(..)")
    }
}

/// Stands for one person under one key field of a ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Subject(pub(super) u64);

/// Buffers for the normalisation of keys.
#[derive(Debug, Default)]
pub(super) struct KeyBuffers {
    text: Buffers,
    folded: String,
    key: String,
}

/// The normalised key of a value; `None` when it is not usable.
pub(super) fn normalise<'a>(value: &Value<'a>, field_type: FieldType, buffers: &'a mut KeyBuffers) -> Option<&'a str> {
    match field_type {
        FieldType::Text => Some(normal(value, &mut buffers.text)).filter(|text| !text.is_empty()),
        FieldType::Email => {
            let Value::Text(text) = value else { return None };
            email(folded(text, &mut buffers.folded), &mut buffers.key)
        }
        FieldType::Phone => {
            let is_number = match *value {
                // A cell that lost its leading zero is a whole number.
                Value::Integer(number) => number > 0,
                Value::Real(number) | Value::Cell(number, _) => number > 0.0 && number.fract() == 0.0,
                Value::Text(_) => true,
                _ => false,
            };
            let KeyBuffers { text, folded: buffer, key } = buffers;
            phone(folded(plain(value, text.plain()).filter(|_| is_number)?, buffer), key)
        }
    }
}

/// The normalised key of a value, for tests of other layers.
#[cfg(test)]
pub fn normalised(value: &Value<'_>, field_type: FieldType) -> Option<String> {
    normalise(value, field_type, &mut KeyBuffers::default()).map(str::to_owned)
}

/// Lower case, exactly one @ with something on both sides, no white space.
fn email<'a>(text: &str, key: &'a mut String) -> Option<&'a str> {
    let at = memchr::memchr(b'@', text.as_bytes())?;
    let (before, after) = (&text[..at], &text[at + 1..]);
    if before.is_empty() || after.is_empty() || memchr::memchr(b'@', after.as_bytes()).is_some() {
        return None;
    }
    key.clear();
    if text.is_ascii() {
        if text.bytes().any(|byte| byte.is_ascii_whitespace() || byte == b'\x0b') {
            return None;
        }
        key.push_str(text);
        key.make_ascii_lowercase();
    } else {
        if text.contains(char::is_whitespace) {
            return None;
        }
        key.push_str(&text.to_lowercase());
    }
    Some(key)
}

/// Digits alone; the country code of Japan and leading zeros are dropped; 8 to 15 digits.
fn phone<'a>(text: &str, key: &'a mut String) -> Option<&'a str> {
    key.clear();
    for character in text.chars() {
        if character.is_ascii_digit() {
            key.push(character);
        } else if character.is_alphabetic() && character != 'ー' {
            // The long vowel mark is a letter to Unicode and a hyphen to those who type numbers.
            return None;
        }
    }
    let national = if text.starts_with("+81") {
        key.strip_prefix("81")
    } else if let Some(rest) = key.strip_prefix("0081") {
        Some(rest)
    } else {
        key.strip_prefix("81").filter(|rest| (9..=11).contains(&rest.len()))
    };
    let digits = national.unwrap_or(key).trim_start_matches('0');
    (8..=15).contains(&digits.len()).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::item::SerialEpoch;

    fn key(value: Value<'_>, field_type: FieldType) -> Option<String> {
        normalise(&value, field_type, &mut KeyBuffers::default()).map(str::to_owned)
    }

    fn text(text: &str, field_type: FieldType) -> Option<String> {
        key(Value::Text(text), field_type)
    }

    #[test]
    fn telephone_numbers_in_every_shape_are_the_same() {
        for shape in [
            "090-1234-5678",
            "09012345678",
            "9012345678",
            "+81 90-1234-5678",
            "+81 (0)90-1234-5678",
            "0081-90-1234-5678",
            "819012345678",
            "８１９０１２３４５６７８",
            "０９０−１２３４−５６７８",
            "090ー1234ー5678",
            "\u{3000}(090) 1234.5678 ",
        ] {
            assert_eq!(text(shape, FieldType::Phone).as_deref(), Some("9012345678"), "{shape}");
        }
        for number in [
            Value::Integer(9_012_345_678),
            Value::Real(9_012_345_678.0),
            Value::Cell(9_012_345_678.0, SerialEpoch::Y1900),
        ] {
            assert_eq!(key(number, FieldType::Phone).as_deref(), Some("9012345678"));
        }
    }

    #[test]
    fn telephone_numbers_that_are_none_are_not_usable() {
        for shape in
            ["", "-", "1234567", "1234567890123456", "9.01E+09", "03-1234-5678 内線12", "03-1234-5678x9", "なし"]
        {
            assert_eq!(text(shape, FieldType::Phone), None, "{shape}");
        }
        assert_eq!(key(Value::Real(9_012_345.5), FieldType::Phone), None);
        assert_eq!(key(Value::Integer(-9_012_345_678), FieldType::Phone), None);
        assert_eq!(key(Value::Empty, FieldType::Phone), None);
    }

    #[test]
    fn a_bare_country_code_is_dropped_before_nine_to_eleven_digits_only() {
        assert_eq!(text("81312345678", FieldType::Phone).as_deref(), Some("312345678"));
        assert_eq!(text("8112345678", FieldType::Phone).as_deref(), Some("8112345678"));
        assert_eq!(text("81123456789012", FieldType::Phone).as_deref(), Some("81123456789012"));
        assert_eq!(text("+8112345678", FieldType::Phone).as_deref(), Some("12345678"));
        assert_eq!(text("008112345678", FieldType::Phone).as_deref(), Some("12345678"));
        assert_eq!(text("12345678", FieldType::Phone).as_deref(), Some("12345678"));
        assert_eq!(text("000012345678", FieldType::Phone).as_deref(), Some("12345678"));
        assert_eq!(text("123456789012345", FieldType::Phone).as_deref(), Some("123456789012345"));
    }

    #[test]
    fn addresses_are_folded_trimmed_and_in_lower_case() {
        assert_eq!(text("  A.B@Example.JP\t", FieldType::Email).as_deref(), Some("a.b@example.jp"));
        assert_eq!(text("ａ＠ｅｘａｍｐｌｅ．ｊｐ", FieldType::Email).as_deref(), Some("a@example.jp"));
        assert_eq!(text("Ä@example.jp", FieldType::Email).as_deref(), Some("ä@example.jp"));
        for shape in
            ["", "a", "@example.jp", "a@", "a@b@c", "a b@example.jp", "a@example .jp", "あ\u{3000}b@example.jp"]
        {
            assert_eq!(text(shape, FieldType::Email), None, "{shape}");
        }
    }

    #[test]
    fn other_keys_are_folded_and_trimmed_only() {
        assert_eq!(text(" Ａ-0１ ", FieldType::Text).as_deref(), Some("A-01"));
        assert_eq!(text("a-01", FieldType::Text).as_deref(), Some("a-01"));
        assert_eq!(text(" \u{3000}", FieldType::Text), None);
        assert_eq!(key(Value::Cell(17.0, SerialEpoch::Y1904), FieldType::Text).as_deref(), Some("17"));
    }

    #[test]
    fn the_hash_depends_on_key_field_and_text() {
        let key = SubjectKey::new(1, 2);
        assert_eq!(key.subject(0, "a@example.jp"), key.subject(0, "a@example.jp"));
        assert_ne!(key.subject(0, "a@example.jp"), key.subject(1, "a@example.jp"));
        assert_ne!(key.subject(0, "a@example.jp"), key.subject(0, "b@example.jp"));
        assert_ne!(key.subject(0, "a@example.jp"), SubjectKey::new(2, 2).subject(0, "a@example.jp"));
        assert_eq!(format!("{key:?}"), "SubjectKey(..)");
    }
}
