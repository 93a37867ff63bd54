//! Where consent and opt-outs are on record for a dataset, compiled: ledgers that are looked up by keys,
//! and columns of the row itself.

use crate::domain::instant::Instant;
use crate::domain::item::{Item, Value};
use crate::domain::name::LedgerName;
use crate::domain::register::{
    CellAnswer, ConsentEntry, ConsentSource, CountMethod, Dataset, FieldType, KeyField, OptOutEntry,
};
use crate::domain::verdict::Reason;
use crate::rule::key::{KeyBuffers, Subject, SubjectKey, normalise};
use crate::rule::ledger::{LedgerTable, SubjectEvents};
use crate::rule::period::{Calendar, Clock, Deadline};
use crate::rule::purpose::{PurposeBook, PurposeId};
use crate::rule::reading::{ClockReader, ClockReading};
use crate::rule::text::{Buffers, folded_owned, is_blank, normal};
use crate::rule::zone::Zone;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

/// One key by which a ledger is asked.
#[derive(Debug)]
pub(super) struct Lookup<'a> {
    pub(super) ledger: &'a LedgerName,
    pub(super) table: &'a LedgerTable,
    pub(super) field: usize,
    field_type: FieldType,
    ledger_field: usize,
}

/// Room for the consent rule.
#[derive(Debug, Default)]
pub(super) struct ConsentScratch {
    keys: KeyBuffers,
    text: Buffers,
    /// Per look-up, where the subject's events lie; `None`: the key is not usable.
    found: Vec<Option<(u32, u32)>>,
}

impl<'a> Lookup<'a> {
    fn new(name: &'a LedgerName, table: &'a LedgerTable, key: &KeyField, dataset: &Dataset) -> Option<Self> {
        let field = dataset.source.fields.get(key.field)?;
        let KeyField { field: place, ledger_field } = *key;
        Some(Self { ledger: name, table, field: place, field_type: field.field_type, ledger_field })
    }

    fn subject(&self, item: &Item<'_>, subject_key: SubjectKey, keys: &mut KeyBuffers) -> Option<Subject> {
        let value = item.values.get(self.field).unwrap_or(&Value::Empty);
        let key = normalise(value, self.field_type, keys)?;
        Some(subject_key.subject(self.ledger_field, key))
    }
}

/// A place where consent is on record.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) source: EntrySource,
    valid_for: Option<Deadline>,
    /// The purposes that it may give; all when empty.
    purposes: Vec<PurposeId>,
}

/// Where it is read.
#[derive(Debug)]
pub(super) enum EntrySource {
    /// These look-ups.
    Ledger(Range<usize>),
    /// A column of the row.
    Row(AnswerColumn),
}

impl Entry {
    /// Whether the entry may give consent to a purpose.
    pub(super) fn is_for(&self, purpose: PurposeId) -> bool {
        self.purposes.is_empty() || self.purposes.contains(&purpose)
    }

    /// Whether consent given at this clock has run out.
    pub(super) fn has_run_out(&self, given: Clock, now: Instant) -> bool {
        let due = self.valid_for.as_ref().and_then(|deadline| deadline.due(given));
        due.is_some_and(|due| now >= due)
    }

    /// Whether consent runs out at all.
    pub(super) const fn runs_out(&self) -> bool {
        self.valid_for.is_some()
    }
}

/// A place where opt-outs are on record.
#[derive(Debug)]
pub(super) enum OptOut {
    /// These look-ups.
    Ledger(Range<usize>),
    /// A column that says stop.
    Row(AnswerColumn),
}

/// A column of the row that answers the question of consent.
#[derive(Debug)]
pub(super) struct AnswerColumn {
    field: usize,
    answers: HashMap<String, CellAnswer>,
    at: Option<(usize, ClockReader)>,
}

/// What such a column says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Empty,
    Given,
    Refused,
    /// Nothing that the register knows.
    Unclear,
}

impl AnswerColumn {
    fn new(dataset: &Dataset, field: usize, at: Option<usize>, zone: &Arc<Zone>) -> Self {
        let fields = &dataset.source.fields;
        let answers = fields.get(field).map(|field| &field.answers);
        let answers = answers.into_iter().flatten().map(|(text, answer)| (folded_owned(text), *answer));
        let at = at.and_then(|place| Some((place, ClockReader::new(fields.get(place)?, zone))));
        Self { field, answers: answers.collect(), at }
    }

    /// What the row answers.
    pub(super) fn answer(&self, item: &Item<'_>, scratch: &mut ConsentScratch) -> Answer {
        let value = item.values.get(self.field).unwrap_or(&Value::Empty);
        let text = normal(value, &mut scratch.text);
        if text.is_empty() {
            return if is_blank(value) { Answer::Empty } else { Answer::Unclear };
        }
        match self.answers.get(text) {
            Some(CellAnswer::Given) => Answer::Given,
            Some(CellAnswer::Refused) => Answer::Refused,
            None => Answer::Unclear,
        }
    }

    /// When the row says that it was given; `None` when it does not say.
    pub(super) fn given_at(&self, item: &Item<'_>) -> Option<Clock> {
        let (place, reader) = self.at.as_ref()?;
        match reader.read(item.values.get(*place).unwrap_or(&Value::Empty)) {
            ClockReading::Instant(instant) => Some(Clock::Instant(instant)),
            ClockReading::Date(date) => Some(Clock::Date(date)),
            ClockReading::Running | ClockReading::Unreadable(_) => None,
        }
    }
}

/// All places where consent and opt-outs of a dataset are on record.
#[derive(Debug)]
pub(super) struct Entries<'a> {
    pub(super) lookups: Vec<Lookup<'a>>,
    pub(super) consents: Vec<Entry>,
    pub(super) opt_outs: Vec<OptOut>,
    /// Whether some ledger could not be read.
    pub(super) is_sick: bool,
    subject_key: SubjectKey,
}

impl<'a> Entries<'a> {
    pub(super) fn new(
        dataset: &'a Dataset,
        subject_key: SubjectKey,
        calendar: &Calendar,
        book: &PurposeBook,
        ledgers: &'a BTreeMap<LedgerName, LedgerTable>,
    ) -> Self {
        let zone = Arc::new(Zone::new(&dataset.source.time_zone));
        let (consents, opt_outs) = (Vec::new(), Vec::new());
        let mut entries = Self { lookups: Vec::new(), consents, opt_outs, is_sick: false, subject_key };
        for entry in &dataset.consent {
            let source = match &entry.source {
                ConsentSource::Ledger { ledger, by } => EntrySource::Ledger(entries.add(ledger, by, dataset, ledgers)),
                ConsentSource::Row { field, at } => EntrySource::Row(AnswerColumn::new(dataset, *field, *at, &zone)),
            };
            entries.consents.push(compiled(entry, source, calendar, book));
        }
        for opt_out in &dataset.opt_outs {
            let compiled = match opt_out {
                OptOutEntry::Ledger { ledger, by } => OptOut::Ledger(entries.add(ledger, by, dataset, ledgers)),
                OptOutEntry::Row { field } => OptOut::Row(AnswerColumn::new(dataset, *field, None, &zone)),
            };
            entries.opt_outs.push(compiled);
        }
        entries
    }

    fn add(
        &mut self,
        name: &'a LedgerName,
        by: &[KeyField],
        dataset: &Dataset,
        ledgers: &'a BTreeMap<LedgerName, LedgerTable>,
    ) -> Range<usize> {
        let begin = self.lookups.len();
        match ledgers.get(name) {
            Some(table) => self.lookups.extend(by.iter().filter_map(|key| Lookup::new(name, table, key, dataset))),
            None => self.is_sick = true,
        }
        begin..self.lookups.len()
    }

    /// Looks the item's person up everywhere.
    pub(super) fn look_up(&self, item: &Item<'_>, scratch: &mut ConsentScratch) {
        scratch.found.clear();
        for lookup in &self.lookups {
            let subject = lookup.subject(item, self.subject_key, &mut scratch.keys);
            scratch.found.push(subject.map(|subject| lookup.table.find(subject)));
        }
    }

    /// Reads the item's keys for a look-up later on.
    pub(super) fn read_keys(&self, item: &Item<'_>, scratch: &mut ConsentScratch, subjects: &mut Vec<Option<Subject>>) {
        let read = |lookup: &Lookup<'_>| lookup.subject(item, self.subject_key, &mut scratch.keys);
        subjects.extend(self.lookups.iter().map(read));
    }

    /// Brings the events of subjects nearer, to whom keys were read into.
    pub(super) fn touch(&self, subjects: &[Option<Subject>]) {
        let mut touched = false;
        for (subject, lookup) in subjects.iter().zip(self.lookups.iter().cycle()) {
            touched ^= subject.is_some_and(|subject| lookup.table.touch(subject));
        }
        // Otherwise nothing would need to be read.
        std::hint::black_box(touched);
    }

    /// Looks one item's person up everywhere by keys that were read.
    pub(super) fn look_up_read(&self, subjects: &[Option<Subject>], scratch: &mut ConsentScratch) {
        scratch.found.clear();
        let find =
            |(subject, lookup): (&Option<Subject>, &Lookup<'_>)| subject.map(|subject| lookup.table.find(subject));
        scratch.found.extend(subjects.iter().zip(&self.lookups).map(find));
    }

    /// The events of each of these look-ups; `None` for a key that is not usable.
    pub(super) fn events(
        &self,
        range: &Range<usize>,
        scratch: &ConsentScratch,
    ) -> impl Iterator<Item = Option<SubjectEvents<'a>>> {
        let found = scratch.found[range.clone()].iter();
        self.lookups[range.clone()].iter().zip(found).map(|(lookup, found)| found.map(|found| lookup.table.at(found)))
    }
}

fn compiled(entry: &ConsentEntry, source: EntrySource, calendar: &Calendar, book: &PurposeBook) -> Entry {
    let deadline = |period| Deadline::new(calendar, period, None, CountMethod::Calendar);
    Entry {
        source,
        valid_for: entry.valid_for.as_ref().map(deadline),
        purposes: entry.purposes.iter().filter_map(|name| book.id(name)).collect(),
    }
}

/// How near a reason is to consent; the nearest of several is told.
pub(super) const fn nearness(reason: Reason) -> u8 {
    match reason {
        Reason::Refused => 7,
        Reason::Withdrawn => 6,
        Reason::ConsentExpired => 5,
        Reason::Unclear => 4,
        Reason::OtherPurpose => 3,
        Reason::Missing => 2,
        _ => 1,
    }
}
