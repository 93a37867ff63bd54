//! The purpose rule: what an item is held for, and whether its dataset has that purpose.

use super::super::condition::Label;
use super::super::purpose::{PurposeBook, PurposeId, separator, values};
use super::super::text::plain;
use crate::domain::item::Item;
use crate::domain::register::{Dataset, Ground, Register};
use crate::domain::verdict::{Reason, Reasons};
use std::collections::HashMap;

/// So many spellings are remembered.
const MOST_SPELLINGS: usize = 4_096;

/// What an item is held for.
#[derive(Debug, Clone, Default)]
pub(in crate::rule) struct Held {
    /// Its purposes, those of the dataset if there are any, else whatever its cell says.
    pub(in crate::rule) labels: Vec<Label>,
    /// Its purposes that need consent.
    pub(in crate::rule) asked: Vec<PurposeId>,
    /// `outside`, `unstated`.
    pub(in crate::rule) reasons: Reasons,
}

/// The purpose rule of one dataset.
#[derive(Debug)]
pub(super) struct PurposeRule {
    field: Option<(usize, Option<String>)>,
    /// The dataset's purposes, and whether they need consent.
    allowed: Vec<(PurposeId, bool)>,
    /// What every item is held for, when items do not say.
    every_item: Held,
}

/// What was resolved before, by the text of the cell.
pub(super) type Spellings = HashMap<Box<str>, Held>;

/// Room for the purpose rule.
#[derive(Debug, Default)]
pub(super) struct PurposeScratch {
    spellings: Spellings,
    text: String,
}

impl PurposeRule {
    pub(super) fn new(register: &Register, dataset: &Dataset, book: &PurposeBook) -> Self {
        let needs_consent = |name| register.purposes.get(name).is_some_and(|purpose| purpose.ground == Ground::Consent);
        let allowed: Vec<(PurposeId, bool)> =
            dataset.purposes.iter().filter_map(|name| Some((book.id(name)?, needs_consent(name)))).collect();
        let label = |(id, _): &(PurposeId, bool)| Label { purpose: Some(*id), text: String::new() };
        let every_item = Held {
            labels: allowed.iter().map(label).collect(),
            asked: allowed.iter().filter(|(_, needs)| *needs).map(|(id, _)| *id).collect(),
            reasons: Reasons::NONE,
        };
        let field = dataset.source.field("purpose");
        let field = field.map(|place| (place, separator(dataset.source.fields[place].split.as_ref())));
        Self { field, allowed, every_item }
    }

    /// The purpose field, if items have one.
    pub(super) fn field(&self) -> Option<usize> {
        self.field.as_ref().map(|(place, _)| *place)
    }

    /// What an item is held for.
    pub(super) fn resolve<'a>(
        &'a self,
        item: &Item<'_>,
        book: &PurposeBook,
        scratch: &'a mut PurposeScratch,
    ) -> &'a Held {
        let Some((place, split)) = &self.field else {
            return &self.every_item;
        };
        let PurposeScratch { spellings, text } = scratch;
        let text = plain(&item.values[*place], text).unwrap_or_default();
        if !spellings.contains_key(text) {
            if spellings.len() >= MOST_SPELLINGS {
                spellings.clear();
            }
            spellings.insert(text.into(), self.read(text, split.as_deref(), book));
        }
        &spellings[text]
    }

    fn read(&self, text: &str, split: Option<&str>, book: &PurposeBook) -> Held {
        let mut held = Held::default();
        for text in values(text, split) {
            let found = book.find(&text);
            let allowed = self.allowed.iter().find(|(id, _)| found.contains(id));
            match allowed {
                Some((id, true)) if !held.asked.contains(id) => held.asked.push(*id),
                Some(_) => {}
                None => held.reasons.insert(Reason::Outside),
            }
            held.labels.push(Label { purpose: allowed.map(|(id, _)| *id), text });
        }
        if held.labels.is_empty() {
            held.reasons.insert(Reason::Unstated);
        }
        // What an item is held for besides, without right, does not lengthen its period.
        if held.labels.iter().any(|label| label.purpose.is_some()) {
            held.labels.retain(|label| label.purpose.is_some());
        }
        held
    }
}
