//! Judging: what the rules of one dataset say of one item at one instant. This is the only place where
//! truth is decided; narrowing, counting and explaining follow it.

mod batch;
mod consent;
mod entries;
mod explain;
mod purposes;
mod retention;
mod scratch;
mod slice;
#[cfg(test)]
mod tests;
mod trace;

pub use batch::Batch;
pub use explain::{ClockStep, ConsentStep, Explanation, Limit, LookupStep, PeriodStep};
pub use scratch::Scratch;
pub use slice::{Slice, SliceScratch};

use super::Narrowing;
use super::kept::KeepFlag;
use super::key::SubjectKey;
use super::ledger::LedgerTable;
use super::period::Calendar;
use super::purpose::PurposeBook;
use super::reading::Unreadable;
use crate::domain::instant::Instant;
use crate::domain::item::Item;
use crate::domain::name::LedgerName;
use crate::domain::register::{Dataset, Register};
use crate::domain::verdict::{Reason, Reasons, Rule};
use consent::ConsentRule;
use explain::Recorder;
use purposes::{Held, PurposeRule, PurposeScratch};
use retention::{RetentionRule, RetentionScratch};
use std::collections::BTreeMap;
use trace::{Silent, Trace};

/// What the rules say of one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Judgement {
    /// Every reason that the item meets.
    pub reasons: Reasons,
    /// When the item falls due, if it is expired, due soon or must be kept.
    pub due: Option<Instant>,
    /// Whether some rule could not decide: no readable clock, an answer that nobody knows, a ledger that
    /// could not be read.
    pub undecidable: bool,
    /// Why it is undated.
    pub note: Option<Unreadable>,
}

/// The rules of one dataset, compiled for one instant.
#[derive(Debug)]
pub struct Judge<'a> {
    dataset: &'a Dataset,
    book: PurposeBook,
    purposes: PurposeRule,
    retention: RetentionRule,
    consent: Option<ConsentRule<'a>>,
    is_incomplete: bool,
}

impl<'a> Judge<'a> {
    /// Compiles the rules of a dataset at `now`. A ledger that the dataset uses and that is not among
    /// `ledgers` could not be read: what it would decide stays undecided.
    #[must_use]
    pub fn compile(
        register: &Register,
        dataset: &'a Dataset,
        now: Instant,
        subject_key: SubjectKey,
        ledgers: &'a BTreeMap<LedgerName, LedgerTable>,
    ) -> Self {
        let book = PurposeBook::of(register);
        let calendar = Calendar::of(&register.organisation);
        let required = register.categories.get(&dataset.category).map(|category| &category.require_provenance);
        let is_stated = |name: &String| dataset.provenance.get(name).is_some_and(|text| !text.trim().is_empty());
        Self {
            dataset,
            purposes: PurposeRule::new(register, dataset, &book),
            retention: RetentionRule::new(register, dataset, now, &calendar),
            consent: ConsentRule::new(dataset, now, subject_key, &calendar, &book, ledgers),
            is_incomplete: required.is_some_and(|names| !names.iter().all(is_stated)),
            book,
        }
    }

    /// Room to work in, for one thread and this judge alone.
    #[must_use]
    pub fn scratch(&self) -> Scratch {
        Scratch::default()
    }

    /// Judges an item. `scratch` must come from this judge.
    #[must_use]
    pub fn judge(&self, item: &Item<'_>, scratch: &mut Scratch) -> Judgement {
        self.decide(item, scratch, &mut Silent)
    }

    /// Judges an item and tells how: the same decision, with its arithmetic written down.
    #[must_use]
    pub fn explain(&self, item: &Item<'_>, scratch: &mut Scratch) -> Explanation {
        let mut recorder = Recorder::new(self.dataset, &self.book);
        let judgement = self.decide(item, scratch, &mut recorder);
        let kept_by_product = KeepFlag::of(self.dataset).map(|flag| flag.is_set(item));
        Explanation { kept_by_product, ..recorder.finish(judgement, self.rules()) }
    }

    /// The instant that the item's period runs from; a day counts from its beginning. Asked only where an
    /// exception concerns a range of time.
    #[must_use]
    pub fn clock(&self, item: &Item<'_>, scratch: &mut Scratch) -> Option<Instant> {
        let Scratch { purposes, retention, .. } = scratch;
        let held = self.purposes.resolve(item, &self.book, purposes);
        self.retention.clock_of(item, held, &self.book, retention)
    }

    /// The rules that judge single items of the dataset.
    #[must_use]
    pub fn rules(&self) -> Vec<Rule> {
        let mut rules = Vec::new();
        if self.consent.is_some() {
            rules.push(Rule::Consent);
        }
        if self.purposes.field().is_some() {
            rules.push(Rule::Purpose);
        }
        if !self.dataset.keep.is_empty() {
            rules.push(Rule::Retention);
        }
        rules
    }

    /// Items that a source may leave out: only where their clock alone says that no rule has anything to
    /// say of them.
    #[must_use]
    pub fn narrowing(&self) -> Option<Narrowing> {
        if self.rules() == [Rule::Retention] { self.retention.narrowing() } else { None }
    }

    /// Reasons that this judge cannot give, because a ledger could not be read.
    #[must_use]
    pub fn undecided(&self) -> Reasons {
        match &self.consent {
            Some(consent) if consent.is_sick() => Reasons::of_rule(Rule::Consent),
            _ => Reasons::NONE,
        }
    }

    /// Reasons that hold for the dataset as a whole, whatever its items are.
    #[must_use]
    pub fn whole_reasons(&self) -> Reasons {
        self.is_incomplete.then_some(Reason::Incomplete).into_iter().collect()
    }

    fn decide<T: Trace>(&self, item: &Item<'_>, scratch: &mut Scratch, trace: &mut T) -> Judgement {
        let Scratch { purposes, retention, consent } = scratch;
        let (held, mut judgement) = self.decide_without_consent(item, purposes, retention, trace);
        if let Some(rule) = &self.consent {
            rule.decide(item, held, consent, trace, &mut judgement);
        }
        judgement
    }

    /// What all rules but the last one say, and what the item is held for.
    fn decide_without_consent<'s, T: Trace>(
        &'s self,
        item: &Item<'_>,
        purposes: &'s mut PurposeScratch,
        retention: &mut RetentionScratch,
        trace: &mut T,
    ) -> (&'s Held, Judgement) {
        let held = self.purposes.resolve(item, &self.book, purposes);
        trace.purposes(held);
        let mut judgement = Judgement { reasons: held.reasons, ..Judgement::default() };
        self.retention.decide(item, held, &self.book, retention, trace, &mut judgement);
        (held, judgement)
    }
}
