//! Where a decision writes its arithmetic down: nowhere while items are counted, into a recorder when
//! somebody asks for an explanation. A trace never changes a decision.

use super::explain::Limit;
use super::purposes::Held;
use crate::domain::instant::Instant;
use crate::domain::name::LedgerName;
use crate::domain::register::ClockField;
use crate::domain::verdict::Reason;
use crate::rule::ledger::{Event, SubjectEvents};
use crate::rule::purpose::PurposeId;
use crate::rule::reading::ClockReading;

/// Takes the steps of a decision.
pub(super) trait Trace {
    /// Whether somebody reads it: then arithmetic is done even where the bracket says that it is idle.
    const RECORDS: bool;

    /// What the item is held for.
    fn purposes(&mut self, _held: &Held) {}
    /// A clock was read.
    fn clock(&mut self, _field: &ClockField, _reading: ClockReading) {}
    /// The end of the period that counts: `index` is its place among the dataset's.
    fn period(&mut self, _limit: Limit, _index: usize, _due: Option<Instant>) {}
    /// A person was looked up; `None`: the key is not usable.
    fn lookup(&mut self, _ledger: &LedgerName, _field: usize, _events: Option<SubjectEvents<'_>>) {}
    /// What was found about consent to a purpose; `None`: it holds.
    fn consent(&mut self, _purpose: PurposeId, _reason: Option<Reason>, _deciding: Option<Event>) {}
}

/// Writes nothing.
pub(super) struct Silent;

impl Trace for Silent {
    const RECORDS: bool = false;
}
