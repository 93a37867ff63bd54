//! Items judged together. A look-up in a large ledger waits for memory most of its time; the look-ups of
//! a few dozen items wait together. What is decided is what [`Judge::judge`] decides, one item at a time.

use super::trace::Silent;
use super::{Judge, Judgement, Scratch};
use crate::domain::item::Item;
use crate::rule::key::Subject;
use crate::rule::purpose::PurposeId;
use std::ops::Range;

/// So many items are judged together.
const ITEMS: usize = 64;

/// Items whose people are still to be looked up. Nothing of the items is kept but keyed hashes.
#[derive(Debug, Default)]
pub struct Batch {
    items: Vec<Waiting>,
    /// Per item, the subject of each look-up; `None`: the key is not usable.
    subjects: Vec<Option<Subject>>,
    /// The purposes that need consent, item after item.
    asked: Vec<PurposeId>,
}

/// An item that every rule but consent has judged.
#[derive(Debug)]
struct Waiting {
    judgement: Judgement,
    asked: Range<usize>,
}

impl Batch {
    /// How many items wait.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether no item waits.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Whether it is time to finish.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.items.len() >= ITEMS
    }
}

impl Judge<'_> {
    /// Judges an item at once where no ledger is asked; else it waits in the batch, after those that wait
    /// already, and `None` is returned.
    #[must_use]
    pub fn begin(&self, item: &Item<'_>, scratch: &mut Scratch, batch: &mut Batch) -> Option<Judgement> {
        let Some(rule) = self.consent.as_ref().filter(|rule| rule.asks_ledgers_alone()) else {
            return Some(self.judge(item, scratch));
        };
        let Scratch { purposes, retention, consent } = scratch;
        let (held, judgement) = self.decide_without_consent(item, purposes, retention, &mut Silent);
        if held.asked.is_empty() {
            return Some(judgement);
        }
        let first = batch.asked.len();
        batch.asked.extend_from_slice(&held.asked);
        batch.items.push(Waiting { judgement, asked: first..batch.asked.len() });
        rule.entries().read_keys(item, consent, &mut batch.subjects);
        None
    }

    /// Judges the items that wait, in their order, and empties the batch.
    pub fn finish(&self, batch: &mut Batch, scratch: &mut Scratch, mut take: impl FnMut(usize, Judgement)) {
        if let Some(rule) = &self.consent {
            const NOTHING: Item<'_> = Item { values: &[], path: b"", place: 0 };
            rule.entries().touch(&batch.subjects);
            let lookups = rule.entries().lookups.len();
            for (place, waiting) in batch.items.iter().enumerate() {
                let subjects = &batch.subjects[place * lookups..(place + 1) * lookups];
                rule.entries().look_up_read(subjects, &mut scratch.consent);
                let (asked, mut judgement) = (&batch.asked[waiting.asked.clone()], waiting.judgement);
                rule.decide_found(&NOTHING, asked, &mut scratch.consent, &mut Silent, &mut judgement);
                take(place, judgement);
            }
        }
        batch.items.clear();
        batch.subjects.clear();
        batch.asked.clear();
    }
}
