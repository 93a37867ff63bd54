//! Rows of a database as tallies of their columns: each value is counted and forgotten.

use super::shape::{ColumnTally, Readers};
use crate::domain::item::Item;
use crate::source::{Part, Receiver, Receivers};
use jiff::tz::TimeZone;
use std::sync::{Mutex, PoisonError};

/// Counts what the values of each column look like.
#[derive(Debug)]
pub(super) struct Sample {
    readers: Readers,
    columns: usize,
    tallies: Mutex<Vec<ColumnTally>>,
}

impl Sample {
    /// One of items with so many values.
    pub(super) fn new(columns: usize, time_zone: &TimeZone) -> Self {
        Self { readers: Readers::of(time_zone), columns, tallies: Mutex::new(vec![ColumnTally::default(); columns]) }
    }

    /// What was counted of each column.
    pub(super) fn into_tallies(self) -> Vec<ColumnTally> {
        self.tallies.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Sampling<'s> {
    sample: &'s Sample,
    tallies: Vec<ColumnTally>,
}

impl Receivers for Sample {
    fn open<'a>(&'a self, _part: &Part) -> Box<dyn Receiver + 'a> {
        Box::new(Sampling { sample: self, tallies: vec![ColumnTally::default(); self.columns] })
    }
}

impl Receiver for Sampling<'_> {
    fn item(&mut self, item: &Item<'_>) {
        for (tally, value) in self.tallies.iter_mut().zip(item.values) {
            tally.add(value, &self.sample.readers);
        }
    }

    fn unreadable(&mut self, _place: u64, _why: &str) {}

    fn close(self: Box<Self>) {
        // A table is one part, read by one thread.
        *self.sample.tallies.lock().unwrap_or_else(PoisonError::into_inner) = self.tallies;
    }
}
