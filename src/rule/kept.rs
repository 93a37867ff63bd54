//! A product's own keep flags (archived, locked, retained): which items it was told to keep from its own clean-up. They
//! are counted and told, and nothing else: no verdict is made of them.

use super::text::folded;
use crate::domain::item::{Item, Value};
use crate::domain::register::{Dataset, SourceSpec};

/// The field that says whether the product keeps an item.
pub const KEPT_BY_PRODUCT: &str = "kept_by_product";

/// Texts that say no, in any case.
const NO: [&str; 6] = ["", "0", "f", "false", "no", "off"];

/// Reads the flag of items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeepFlag {
    field: usize,
}

impl KeepFlag {
    /// The flag of a dataset's items; `None` where its source has none, and of communications under secrecy, of
    /// which only clock and id are read.
    #[must_use]
    pub fn of(dataset: &Dataset) -> Option<Self> {
        if dataset.secrecy { None } else { Self::in_source(&dataset.source) }
    }

    fn in_source(source: &SourceSpec) -> Option<Self> {
        source.field(KEPT_BY_PRODUCT).map(|field| Self { field })
    }

    /// The field that it is read from, by index in the source's fields.
    #[must_use]
    pub const fn field(self) -> usize {
        self.field
    }

    /// Whether the product was told to keep the item: whatever is there says so, but for zero, false, and the texts
    /// `0`, `f`, `false`, `no` and `off`.
    #[must_use]
    pub fn is_set(self, item: &Item<'_>) -> bool {
        item.values.get(self.field).is_some_and(says_yes)
    }
}

fn says_yes(value: &Value<'_>) -> bool {
    match *value {
        Value::Empty => false,
        Value::Boolean(truth) => truth,
        Value::Integer(number) => number != 0,
        Value::Real(number) | Value::Cell(number, _) => number != 0.0,
        Value::Text(text) => is_yes(text),
        // A bit field that a driver hands out as bytes, or a text in another encoding.
        Value::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => is_yes(text.trim_matches('\0')),
            Err(_) => true,
        },
        Value::Date(_) | Value::DateTime(_) | Value::Instant(_) => true,
    }
}

fn is_yes(text: &str) -> bool {
    let mut buffer = String::new();
    let text = folded(text, &mut buffer);
    !NO.iter().any(|no| text.eq_ignore_ascii_case(no))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::instant::Instant;
    use crate::domain::item::SerialEpoch;
    use crate::rule::fields_needed;
    use crate::rule::fixture::{CLOCK, STOP, World, keep};
    use proptest::prelude::*;

    /// A world whose items have a keep flag.
    fn flagged() -> World {
        world().with(|dataset| dataset.source.fields[STOP].name = KEPT_BY_PRODUCT.to_owned())
    }

    fn world() -> World {
        World::new().with(|dataset| dataset.keep = vec![keep("6 months", CLOCK)])
    }

    #[test]
    fn whatever_is_there_says_yes_but_for_a_few_words() {
        for no in ["", " ", "0", "f", "F", "false", "FALSE", "No", "off", "\u{3000}０ ", "Ｏｆｆ"] {
            assert!(!says_yes(&Value::Text(no)), "{no:?}");
            assert!(!says_yes(&Value::Bytes(no.as_bytes())), "{no:?}");
        }
        for yes in ["1", "t", "true", "yes", "on", "2", "00", "n", "archived", "済"] {
            assert!(says_yes(&Value::Text(yes)), "{yes:?}");
        }
        for value in [
            Value::Boolean(true),
            Value::Integer(-1),
            Value::Real(0.5),
            Value::Cell(1.0, SerialEpoch::Y1900),
            Value::Bytes(b"\x01"),
            Value::Bytes(b"\xff\x00"),
            Value::Date(jiff::civil::date(2026, 1, 1)),
            Value::Instant(Instant::from_microseconds(0)),
        ] {
            assert!(says_yes(&value), "{value:?}");
        }
        for value in [
            Value::Empty,
            Value::Boolean(false),
            Value::Integer(0),
            Value::Real(-0.0),
            Value::Cell(0.0, SerialEpoch::Y1904),
            Value::Bytes(b""),
            Value::Bytes(b"\0"),
        ] {
            assert!(!says_yes(&value), "{value:?}");
        }
    }

    #[test]
    fn it_is_read_where_it_is_mapped_and_never_under_secrecy() {
        assert_eq!(KeepFlag::of(&world().dataset), None);
        let flagged = flagged();
        assert_eq!(KeepFlag::of(&flagged.dataset).map(KeepFlag::field), Some(STOP));
        assert!(fields_needed(&flagged.dataset)[STOP]);
        let secret = flagged.with(|dataset| dataset.secrecy = true);
        assert_eq!(KeepFlag::of(&secret.dataset), None);
        assert!(!fields_needed(&secret.dataset)[STOP]);
    }

    proptest! {
        /// With and without the flag, whatever it says, the verdict and what may be left out are the same.
        #[test]
        fn it_changes_no_verdict(day in 0_i64..900, text in "(0|1|true|false|no|yes|)", secret: bool) {
            let clock = Instant::from_microseconds(1_740_000_000_000_000 + day * 86_400_000_000);
            let values = [(CLOCK, Value::Instant(clock)), (STOP, Value::Text(&text))];
            let (plain, flagged) = (world(), flagged().with(|dataset| dataset.secrecy = secret));
            prop_assert_eq!(flagged.judge(&values), plain.judge(&values));
            prop_assert_eq!(flagged.judge(&values), flagged.judge(&values[..1]));
            prop_assert_eq!(flagged.whole().narrowing, plain.whole().narrowing);
        }
    }
}
