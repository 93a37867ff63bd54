//! From the rows of a ledger to events: which fields are keys, when a row says what. One collector per
//! worker thread; `table` joins them.

use super::asked::is_stored_so;
use super::event::{Event, EventKind, EventTime};
use crate::domain::item::{Item, Value};
use crate::domain::name::LedgerName;
use crate::domain::register::{FieldType, LedgerKind, Register};
use crate::rule::key::{KeyBuffers, Subject, SubjectKey, normalise};
use crate::rule::memory::TextMemory;
use crate::rule::period::Calendar;
use crate::rule::purpose::{PurposeBook, PurposeId, separator, values};
use crate::rule::reading::{ClockReader, ClockReading};
use crate::rule::text::{is_blank, plain};
use crate::rule::zone::Zone;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How the rows of one ledger are read.
#[derive(Debug)]
pub struct LedgerReader {
    kind: LedgerKind,
    subject_key: SubjectKey,
    calendar: Calendar,
    book: PurposeBook,
    /// Each with whether it is declared to be stored as it is compared.
    keys: Vec<(usize, FieldType, bool)>,
    purpose: Option<(usize, Option<String>)>,
    /// `given_at` or `opted_out_at`.
    started: Option<(usize, ClockReader)>,
    withdrawn: Option<(usize, ClockReader)>,
    field_count: usize,
}

impl LedgerReader {
    /// Prepares the reading of a ledger of the register; `None` when it has none of this name. Only those
    /// key fields are read that some dataset looks up.
    #[must_use]
    pub fn new(register: &Register, name: &LedgerName, subject_key: SubjectKey) -> Option<Self> {
        let ledger = register.ledgers.get(name)?;
        let source = &ledger.source;
        let zone = Arc::new(Zone::new(&source.time_zone));
        let clock = |name: &str| {
            let place = source.field(name)?;
            Some((place, ClockReader::new(&source.fields[place], &zone)))
        };
        let (started, withdrawn) = match ledger.kind {
            LedgerKind::Consents => (clock("given_at"), clock("withdrawn_at")),
            LedgerKind::OptOuts => (clock("opted_out_at"), None),
        };
        let keys = key_fields(register, name).into_iter();
        let keys = keys.filter_map(|place| {
            let field = source.fields.get(place)?;
            Some((place, field.field_type, field.normalised))
        });
        let purpose = source.field("purpose");
        Some(Self {
            kind: ledger.kind,
            subject_key,
            calendar: Calendar::of(&register.organisation),
            book: PurposeBook::of(register),
            keys: keys.collect(),
            purpose: purpose.map(|place| (place, separator(source.fields[place].split.as_ref()))),
            started,
            withdrawn,
            field_count: source.fields.len(),
        })
    }

    /// Which fields of the ledger's source are read.
    #[must_use]
    pub fn fields_needed(&self) -> Vec<bool> {
        let mut needed = vec![false; self.field_count];
        let clocks = [&self.started, &self.withdrawn].into_iter().flatten().map(|(place, _)| *place);
        let purpose = self.purpose.iter().map(|(place, _)| *place);
        for place in self.keys.iter().map(|(place, ..)| *place).chain(clocks).chain(purpose) {
            needed[place] = true;
        }
        needed
    }

    /// A collector for the rows that one thread reads.
    #[must_use]
    pub fn rows(self: &Arc<Self>) -> LedgerRows {
        LedgerRows {
            reader: Arc::clone(self),
            events: Vec::new(),
            not_normalised: 0,
            subjects: Vec::new(),
            buffers: KeyBuffers::default(),
            text: String::new(),
            purposes: TextMemory::default(),
        }
    }

    /// The purposes of a row.
    fn purposes_of(&self, text: &str, split: Option<&str>) -> Vec<PurposeId> {
        let values = values(text, split);
        if values.is_empty() {
            // An opt-out from nothing in particular is one from everything; such a consent is to nothing.
            return vec![match self.kind {
                LedgerKind::OptOuts => PurposeId::EVERY,
                LedgerKind::Consents => PurposeId::UNKNOWN,
            }];
        }
        let mut ids = Vec::new();
        for value in values {
            match self.book.find(&value) {
                [] => ids.push(PurposeId::UNKNOWN),
                found => ids.extend_from_slice(found),
            }
        }
        ids
    }

    /// When a clock says that something began; `None` when it says nothing.
    fn time(&self, value: &Value<'_>, reader: &ClockReader) -> Option<(EventTime, bool)> {
        if is_blank(value) {
            return None;
        }
        Some(match reader.read(value) {
            ClockReading::Instant(instant) => (EventTime::At(instant), false),
            ClockReading::Date(date) => (EventTime::At(self.calendar.start_of_day(date)), true),
            ClockReading::Running | ClockReading::Unreadable(_) => (EventTime::Unreadable, false),
        })
    }

    /// The up to two things that a row says.
    fn statements(&self, item: &Item<'_>) -> [Option<(EventKind, EventTime, bool)>; 2] {
        let time = |clock: &Option<(usize, ClockReader)>| {
            clock.as_ref().and_then(|(place, reader)| self.time(&item.values[*place], reader))
        };
        match self.kind {
            LedgerKind::OptOuts => {
                // Without a date nothing can be said to be later.
                let (time, is_date) = time(&self.started).unwrap_or((EventTime::Unreadable, false));
                [Some((EventKind::Withdrawn, time, is_date)), None]
            }
            LedgerKind::Consents => {
                // Nobody can read it: no consent. No such field at all: whoever is listed consented.
                let given = match &self.started {
                    Some(_) => time(&self.started).filter(|(time, _)| *time != EventTime::Unreadable),
                    None => Some((EventTime::SinceEver, false)),
                };
                let withdrawn = time(&self.withdrawn);
                [
                    given.map(|(time, is_date)| (EventKind::Given, time, is_date)),
                    withdrawn.map(|(time, is_date)| (EventKind::Withdrawn, time, is_date)),
                ]
            }
        }
    }
}

/// The fields of a ledger by which some dataset looks somebody up.
fn key_fields(register: &Register, name: &LedgerName) -> BTreeSet<usize> {
    register.datasets.values().flat_map(|dataset| dataset.keys_to(name)).map(|key| key.ledger_field).collect()
}

/// Collects the events of the rows that one thread reads.
#[derive(Debug)]
pub struct LedgerRows {
    reader: Arc<LedgerReader>,
    pub(super) events: Vec<Event>,
    not_normalised: u64,
    subjects: Vec<Subject>,
    buffers: KeyBuffers,
    text: String,
    purposes: TextMemory<Vec<PurposeId>>,
}

impl LedgerRows {
    /// Takes a row.
    pub fn row(&mut self, item: &Item<'_>) {
        let reader = Arc::clone(&self.reader);
        self.subjects.clear();
        let mut are_normalised = true;
        for (place, field_type, is_declared) in &reader.keys {
            let value = &item.values[*place];
            if let Some(key) = normalise(value, *field_type, &mut self.buffers) {
                are_normalised &= !is_declared || is_stored_so(value, key);
                self.subjects.push(reader.subject_key.subject(*place, key));
            }
        }
        self.not_normalised += u64::from(!are_normalised);
        if self.subjects.is_empty() {
            return;
        }
        let statements = reader.statements(item);
        if statements == [None, None] {
            return;
        }
        let every = [PurposeId::EVERY];
        let purposes: &[PurposeId] = match &reader.purpose {
            None => &every,
            Some((place, split)) => {
                let text = plain(&item.values[*place], &mut self.text).unwrap_or_default();
                self.purposes.get(text, || reader.purposes_of(text, split.as_deref()))
            }
        };
        for subject in &self.subjects {
            for purpose in purposes {
                for (kind, time, is_date) in statements.iter().flatten() {
                    self.events.push(Event::new(*subject, *purpose, *time, *kind, *is_date));
                }
            }
        }
    }

    /// How many rows have a key that is not stored as its field declares.
    #[must_use]
    pub const fn not_normalised(&self) -> u64 {
        self.not_normalised
    }

    /// How many events were collected.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.events.len() as u64
    }
}
