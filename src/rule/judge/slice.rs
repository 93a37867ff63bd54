//! The slice of a source that is one dataset: which items are its own. Asked before any rule is.

use super::purposes::{PurposeRule, PurposeScratch};
use crate::domain::item::Item;
use crate::domain::register::{Dataset, Register};
use crate::rule::condition::Conditions;
use crate::rule::purpose::PurposeBook;
use crate::rule::text::Buffers;

/// The slice of one dataset, compiled.
#[derive(Debug)]
pub struct Slice {
    conditions: Conditions,
    /// Says what an item is held for; `None` without a condition on that.
    purposes: Option<PurposeRule>,
    book: PurposeBook,
}

/// Room for a slice, for one thread and this slice alone.
#[derive(Debug, Default)]
pub struct SliceScratch {
    buffers: Buffers,
    purposes: PurposeScratch,
}

impl Slice {
    /// The slice of a dataset; `None` where every item of the source is its own.
    #[must_use]
    pub fn of(register: &Register, dataset: &Dataset) -> Option<Self> {
        if dataset.slice.is_empty() {
            return None;
        }
        let conditions = Conditions::new(&dataset.slice, &dataset.source);
        let book = PurposeBook::of(register);
        let purposes = conditions.ask_for_purpose().then(|| PurposeRule::new(register, dataset, &book));
        Some(Self { conditions, purposes, book })
    }

    /// Whether the item lies in the slice. One with several purposes does where one of them does.
    #[must_use]
    pub fn has(&self, item: &Item<'_>, scratch: &mut SliceScratch) -> bool {
        let SliceScratch { buffers, purposes } = scratch;
        let labels = self.purposes.as_ref().map_or(&[][..], |rule| &rule.resolve(item, &self.book, purposes).labels);
        match labels {
            [] => self.conditions.match_item(item, None, &self.book, buffers),
            labels => labels.iter().any(|label| self.conditions.match_item(item, Some(label), &self.book, buffers)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::item::Value;
    use crate::rule::fixture::{CAMERA, PHONE, PURPOSE, World};

    fn sliced(conditions: &[(&str, &[&str])]) -> World {
        let owned = |patterns: &[&str]| patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
        World::new().with_purposes(&["dm", "news"]).with(|dataset| {
            dataset.slice = conditions.iter().map(|(field, patterns)| ((*field).to_owned(), owned(patterns))).collect();
        })
    }

    fn has(world: &World, cells: &[(usize, &str)]) -> bool {
        let mut values = vec![Value::Empty; world.dataset.source.fields.len()];
        for (place, text) in cells {
            values[*place] = Value::Text(text);
        }
        let item = Item { values: &values, path: b"", place: 1 };
        let slice = Slice::of(&world.register, &world.dataset).unwrap();
        let mut scratch = SliceScratch::default();
        let answer = slice.has(&item, &mut scratch);
        assert_eq!(slice.has(&item, &mut scratch), answer, "the second time");
        answer
    }

    #[test]
    fn all_conditions_must_match_and_any_pattern_of_each() {
        let world = sliced(&[("camera", &["vault-*", "safe"]), ("phone", &["0*"])]);
        assert!(has(&world, &[(CAMERA, " ｖａｕｌｔ-1 "), (PHONE, "03")]));
        assert!(has(&world, &[(CAMERA, "safe"), (PHONE, "03")]));
        assert!(!has(&world, &[(CAMERA, "safe"), (PHONE, "13")]));
        assert!(!has(&world, &[(CAMERA, "door"), (PHONE, "03")]));
        assert!(!has(&world, &[(PHONE, "03")]), "an empty cell is no vault");
    }

    #[test]
    fn a_purpose_is_met_by_its_key_its_values_and_any_of_several() {
        let world = sliced(&[("purpose", &["dm"])]);
        for (cell, answer) in
            [("dm", true), ("ＤＭ", true), ("案内", true), ("news;案内", true), ("news", false), ("", false)]
        {
            assert_eq!(has(&world, &[(PURPOSE, cell)]), answer, "{cell}");
        }
        assert!(has(&sliced(&[("purpose", &[""])]), &[(PURPOSE, " ")]), "none stated");
    }

    #[test]
    fn without_conditions_every_item_is_the_datasets() {
        let world = World::new();
        assert!(Slice::of(&world.register, &world.dataset).is_none());
    }
}
