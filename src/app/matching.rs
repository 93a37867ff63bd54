//! Reads a source again and gives what a question selects of its items to a sink: for `items` and
//! `explain`, which print from the source as it is now and store nothing of it, and for the items that an exception
//! lists.

use super::AppError;
use crate::domain::item::{Item, Value};
use crate::domain::name::DatasetName;
use crate::domain::register::Dataset;
use crate::rule::{Slice, SliceScratch};
use crate::source::{Part, Receiver, Receivers, Request, SourceError, read};
use std::sync::{Mutex, PoisonError};

/// One thing seen in a source.
pub(super) enum Seen<'a> {
    /// An item.
    Item(&'a Item<'a>),
    /// An item that could not be read: its place.
    Unreadable(u64),
}

/// Asked of everything seen, on one thread; what it returns goes to the sink.
pub(super) type Question<'a, T> = Box<dyn FnMut(&Part, Seen<'_>) -> Option<T> + Send + 'a>;

/// Reads the source of the dataset, or of a copy of it, the items of its slice alone, and gives what the questions select
/// to `sink`. `ask` makes one question per thread, so that each has a scratch of its own.
pub(super) fn select<'a, T: Send>(
    (name, dataset): (&DatasetName, &Dataset),
    (request, slice): (&Request<'_>, Option<&'a Slice>),
    ask: &'a (dyn Fn() -> Question<'a, T> + Sync),
    sink: &mut (dyn FnMut(Vec<T>) + Send),
) -> Result<(), AppError> {
    match read(request, &Selection { ask, slice, sink: Mutex::new(sink) }) {
        Ok(_) => Ok(()),
        Err(error) => Err(unread((name, dataset), error)),
    }
}

/// Why the source of the dataset, or of a copy of it, could not be read.
pub(super) fn unread((name, dataset): (&DatasetName, &Dataset), error: SourceError) -> AppError {
    match error {
        SourceError::Cancelled => AppError::Cancelled,
        SourceError::Unreachable(why) | SourceError::Unfit(why) => {
            let why = dataset.copy_name.as_ref().map_or_else(|| why.clone(), |copy| format!("copy `{copy}`: {why}"));
            AppError::Source { dataset: name.to_string(), why }
        }
    }
}

/// Does something with the items of a dataset and with each of its copies. One that cannot be read keeps nobody from
/// the others; it is told in the end.
pub(super) fn with_each<'d>(
    dataset: &'d Dataset,
    mut act: impl FnMut(&'d Dataset) -> Result<(), AppError>,
) -> Result<(), AppError> {
    let mut ended = Ok(());
    for one in dataset.with_copies() {
        match act(one) {
            Err(error @ AppError::Source { .. }) => ended = ended.and(Err(error)),
            acted => acted?,
        }
    }
    ended
}

/// The id of a row as people write it, where its field has one.
pub(super) fn id_of(item: &Item<'_>, field: usize) -> Option<String> {
    match item.values[field] {
        Value::Text(text) => Some(text.trim().to_owned()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Real(number) | Value::Cell(number, _) => Some(number.to_string()),
        _ => None,
    }
}

/// Hands out questions.
struct Selection<'a, 's, T> {
    ask: &'a (dyn Fn() -> Question<'a, T> + Sync),
    slice: Option<&'a Slice>,
    sink: Mutex<&'s mut (dyn FnMut(Vec<T>) + Send)>,
}

impl<T: Send> Receivers for Selection<'_, '_, T> {
    fn open<'o>(&'o self, part: &Part) -> Box<dyn Receiver + 'o> {
        Box::new(Selector {
            part: part.clone(),
            question: (self.ask)(),
            slice: self.slice,
            scratch: SliceScratch::default(),
            kept: Vec::new(),
            sink: &self.sink,
        })
    }
}

/// Asks on one thread.
struct Selector<'o, 'a, 's, T> {
    part: Part,
    question: Question<'a, T>,
    slice: Option<&'a Slice>,
    scratch: SliceScratch,
    kept: Vec<T>,
    sink: &'o Mutex<&'s mut (dyn FnMut(Vec<T>) + Send)>,
}

impl<T: Send> Receiver for Selector<'_, '_, '_, T> {
    fn item(&mut self, item: &Item<'_>) {
        if self.slice.is_none_or(|slice| slice.has(item, &mut self.scratch)) {
            self.kept.extend((self.question)(&self.part, Seen::Item(item)));
        }
    }

    fn unreadable(&mut self, place: u64, _why: &str) {
        self.kept.extend((self.question)(&self.part, Seen::Unreadable(place)));
    }

    fn close(self: Box<Self>) {
        if !self.kept.is_empty() {
            (self.sink.lock().unwrap_or_else(PoisonError::into_inner))(self.kept);
        }
    }
}
