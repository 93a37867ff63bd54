//! An explanation of one judgement: its arithmetic, step by step, as values. Apart from clocks nothing of
//! the person is in it. The words are the business of `cli`.

use super::Judgement;
use super::purposes::Held;
use super::trace::Trace;
use crate::domain::instant::Instant;
use crate::domain::name::{LedgerName, PurposeName};
use crate::domain::period::Period;
use crate::domain::register::{ClockField, CountMethod, Dataset, WholeUntil};
use crate::domain::verdict::{Reason, Reasons, Rule};
use crate::rule::ledger::{Event, LedgerEvent, SubjectEvents};
use crate::rule::purpose::{PurposeBook, PurposeId};
use crate::rule::reading::ClockReading;

/// How a judgement came about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Explanation {
    /// The judgement.
    pub judgement: Judgement,
    /// The rules that were asked.
    pub rules: Vec<Rule>,
    /// The purposes of the dataset that the item is held for.
    pub purposes: Vec<PurposeName>,
    /// Clocks, in the order in which they were read.
    pub clocks: Vec<ClockStep>,
    /// Ends of periods, in the order in which they were computed.
    pub periods: Vec<PeriodStep>,
    /// Look-ups in ledgers.
    pub lookups: Vec<LookupStep>,
    /// What was found for each purpose that needs consent.
    pub consents: Vec<ConsentStep>,
    /// Whether the product was told to keep the item, which changes no verdict; nothing where the dataset has no such
    /// field.
    pub kept_by_product: Option<bool>,
}

impl Explanation {
    /// That an item meets these reasons of one rule, which needed no arithmetic.
    #[must_use]
    pub fn of_reasons(rule: Rule, reasons: Reasons) -> Self {
        Self { judgement: Judgement { reasons, ..Judgement::default() }, rules: vec![rule], ..Self::default() }
    }
}

/// A clock that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockStep {
    /// The field's name, or `contract.ends`.
    pub field: String,
    /// What it says.
    pub reading: ClockReading,
}

/// Which way a period limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// The data may not be kept longer.
    AtMost,
    /// The data may not be erased earlier.
    AtLeast,
}

/// The end of a period that was computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodStep {
    /// Which way it limits.
    pub limit: Limit,
    /// Its place among the dataset's `keep` or `keep_at_least`, from 0.
    pub index: usize,
    /// The period.
    pub period: Period,
    /// Rounded up to what.
    pub until_end_of: Option<WholeUntil>,
    /// How it is counted.
    pub count: CountMethod,
    /// How much longer a copy may be kept.
    pub extra: Option<Period>,
    /// The law article or contract clause of a minimum.
    pub basis: Option<String>,
    /// When it ends, for a copy with what it is granted; `None`: beyond the end of the calendar.
    pub due: Option<Instant>,
}

/// A look-up in a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookupStep {
    /// The ledger.
    pub ledger: LedgerName,
    /// The name of the dataset's field that is the key.
    pub field: String,
    /// The subject's events, by purpose and then time; `None`: the key is not usable.
    pub events: Option<Vec<LedgerEvent>>,
}

/// What was found about consent to one purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentStep {
    /// The purpose.
    pub purpose: PurposeName,
    /// Why there is no consent; `None`: there is.
    pub reason: Option<Reason>,
    /// The event that decided, if one did.
    pub deciding: Option<LedgerEvent>,
}

/// Writes a decision down.
pub(super) struct Recorder<'a> {
    dataset: &'a Dataset,
    book: &'a PurposeBook,
    explanation: Explanation,
}

impl<'a> Recorder<'a> {
    pub(super) fn new(dataset: &'a Dataset, book: &'a PurposeBook) -> Self {
        Self { dataset, book, explanation: Explanation::default() }
    }

    pub(super) fn finish(self, judgement: Judgement, rules: Vec<Rule>) -> Explanation {
        Explanation { judgement, rules, ..self.explanation }
    }

    fn field_name(&self, place: usize) -> String {
        self.dataset.source.fields.get(place).map(|field| field.name.clone()).unwrap_or_default()
    }

    fn event(&self, event: Event) -> LedgerEvent {
        let purpose = self.book.name(event.purpose()).cloned();
        LedgerEvent {
            is_known_purpose: purpose.is_some() || event.purpose() == PurposeId::EVERY,
            purpose,
            kind: event.kind(),
            time: event.time(),
            is_date: event.is_date(),
        }
    }
}

impl Trace for Recorder<'_> {
    const RECORDS: bool = true;

    fn purposes(&mut self, held: &Held) {
        let ids = held.labels.iter().filter_map(|label| label.purpose);
        self.explanation.purposes = ids.filter_map(|id| self.book.name(id).cloned()).collect();
    }

    fn clock(&mut self, field: &ClockField, reading: ClockReading) {
        let field = match field {
            ClockField::Field(place) => self.field_name(*place),
            ClockField::ContractEnds => "contract.ends".to_owned(),
        };
        self.explanation.clocks.push(ClockStep { field, reading });
    }

    fn period(&mut self, limit: Limit, index: usize, due: Option<Instant>) {
        let step = match limit {
            Limit::AtMost => self.dataset.keep.get(index).map(|keep| PeriodStep {
                limit,
                index,
                period: keep.period,
                until_end_of: keep.until_end_of,
                count: keep.count,
                extra: keep.extra,
                basis: None,
                due,
            }),
            Limit::AtLeast => self.dataset.keep_at_least.get(index).map(|keep| PeriodStep {
                limit,
                index,
                period: keep.period,
                until_end_of: keep.until_end_of,
                count: keep.count,
                extra: None,
                basis: keep.basis.clone(),
                due,
            }),
        };
        self.explanation.periods.extend(step);
    }

    fn lookup(&mut self, ledger: &LedgerName, field: usize, events: Option<SubjectEvents<'_>>) {
        let events = events.map(|events| events.all().iter().map(|event| self.event(*event)).collect());
        self.explanation.lookups.push(LookupStep { ledger: ledger.clone(), field: self.field_name(field), events });
    }

    fn consent(&mut self, purpose: PurposeId, reason: Option<Reason>, deciding: Option<Event>) {
        if let Some(name) = self.book.name(purpose).cloned() {
            let deciding = deciding.map(|event| self.event(event));
            self.explanation.consents.push(ConsentStep { purpose: name, reason, deciding });
        }
    }
}
