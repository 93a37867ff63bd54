//! Whom a ledger was narrowed to: the subjects of lists whose rows a database joined it with. Whoever else is looked up
//! is noted, for the table may lack what the ledger says of them.

use crate::domain::item::{Item, Value};
use crate::domain::register::{FieldType, KeyField, SourceSpec};
use crate::rule::key::{KeyBuffers, Subject, SubjectKey, normalise};
use rayon::slice::ParallelSliceMut as _;
use std::sync::atomic::{AtomicBool, Ordering};

/// Collects the subjects of a list's rows.
#[derive(Debug)]
pub struct AskedRows {
    subject_key: SubjectKey,
    keys: Vec<(KeyField, FieldType)>,
    subjects: Vec<Subject>,
    buffers: KeyBuffers,
}

impl AskedRows {
    /// A collector for the rows of a list that asks by these keys.
    #[must_use]
    pub fn new(list: &SourceSpec, keys: &[KeyField], subject_key: SubjectKey) -> Self {
        let keys = keys.iter().filter_map(|key| Some((key.clone(), list.fields.get(key.field)?.field_type)));
        Self { subject_key, keys: keys.collect(), subjects: Vec::new(), buffers: KeyBuffers::default() }
    }

    /// Takes a row. `false`: a key of it is not stored as it is compared, so that a database finds it in no ledger.
    pub fn row(&mut self, item: &Item<'_>) -> bool {
        let mut are_normalised = true;
        for (key, field_type) in &self.keys {
            let value = item.values.get(key.field).unwrap_or(&Value::Empty);
            match normalise(value, *field_type, &mut self.buffers) {
                Some(text) if is_stored_so(value, text) => {
                    self.subjects.push(self.subject_key.subject(key.ledger_field, text));
                }
                Some(_) => are_normalised = false,
                // Nobody is looked up by it.
                None => {}
            }
        }
        are_normalised
    }
}

/// Whether a database keeps the value just as its normalised key is written.
pub(super) fn is_stored_so(value: &Value<'_>, key: &str) -> bool {
    match value {
        Value::Text(text) => *text == key,
        Value::Integer(number) => number.to_string() == key,
        _ => false,
    }
}

/// All subjects that a ledger was narrowed to.
#[derive(Debug)]
pub(super) struct Asked {
    subjects: Vec<Subject>,
    has_stranger: AtomicBool,
}

impl Asked {
    pub(super) fn new(rows: Vec<AskedRows>) -> Self {
        let mut subjects: Vec<Subject> = rows.into_iter().flat_map(|rows| rows.subjects).collect();
        subjects.par_sort_unstable();
        subjects.dedup();
        Self { subjects, has_stranger: AtomicBool::new(false) }
    }

    /// Notes whether a subject that is looked up is none of them.
    pub(super) fn note(&self, subject: Subject) {
        if self.subjects.binary_search(&subject).is_err() {
            self.has_stranger.store(true, Ordering::Relaxed);
        }
    }

    pub(super) fn has_stranger(&self) -> bool {
        self.has_stranger.load(Ordering::Relaxed)
    }
}
