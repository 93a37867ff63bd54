//! The purpose rule: what an item is held for, and whether its dataset has that purpose.

use crate::domain::item::Item;
use crate::domain::register::{Dataset, Ground, Register};
use crate::domain::verdict::{Reason, Reasons};
use crate::rule::condition::Label;
use crate::rule::memory::TextMemory;
use crate::rule::purpose::{PurposeBook, PurposeId, separator, values};
use crate::rule::text::plain;
use std::collections::HashSet;

/// What an item is held for.
#[derive(Debug, Clone, Default)]
pub(in crate::rule) struct Held {
    /// Its purposes, as far as the register knows them, or whatever its cell says.
    pub(in crate::rule) labels: Vec<Label>,
    /// Its purposes that need consent, those outside the dataset too.
    pub(in crate::rule) asked: Vec<PurposeId>,
    /// `outside`, `unstated`.
    pub(in crate::rule) reasons: Reasons,
}

/// The purpose rule of one dataset.
#[derive(Debug)]
pub(super) struct PurposeRule {
    field: Option<(usize, Option<String>)>,
    /// The dataset's purposes.
    allowed: Vec<PurposeId>,
    /// The register's purposes that need consent.
    need_consent: HashSet<PurposeId>,
    /// What every item is held for, when items do not say.
    every_item: Held,
}

/// Room for the purpose rule.
#[derive(Debug, Default)]
pub(super) struct PurposeScratch {
    /// What was resolved before, by the text of the cell.
    spellings: TextMemory<Held>,
    text: String,
}

impl PurposeRule {
    pub(super) fn new(register: &Register, dataset: &Dataset, book: &PurposeBook) -> Self {
        let asking = register.purposes.iter().filter(|(_, purpose)| purpose.ground == Ground::Consent);
        let need_consent: HashSet<PurposeId> = asking.filter_map(|(name, _)| book.id(name)).collect();
        let allowed: Vec<PurposeId> = dataset.purposes.iter().filter_map(|name| book.id(name)).collect();
        let every_item = Held {
            labels: allowed.iter().map(|id| Label { purpose: Some(*id), text: String::new() }).collect(),
            asked: allowed.iter().copied().filter(|id| need_consent.contains(id)).collect(),
            reasons: Reasons::NONE,
        };
        let field = dataset.source.field("purpose");
        let field = field.map(|place| (place, separator(dataset.source.fields[place].split.as_ref())));
        Self { field, allowed, need_consent, every_item }
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
        spellings.get(text, || self.read(text, split.as_deref(), book))
    }

    fn read(&self, text: &str, split: Option<&str>, book: &PurposeBook) -> Held {
        let mut held = Held::default();
        for text in values(text, split) {
            let found = book.find(&text);
            let allowed = found.iter().find(|id| self.allowed.contains(id));
            if allowed.is_none() {
                held.reasons.insert(Reason::Outside);
            }
            let purpose = allowed.or(found.first()).copied();
            held.asked.extend(purpose.filter(|id| self.need_consent.contains(id) && !held.asked.contains(id)));
            held.labels.push(Label { purpose, text });
        }
        if held.labels.is_empty() {
            held.reasons.insert(Reason::Unstated);
        }
        held
    }
}
