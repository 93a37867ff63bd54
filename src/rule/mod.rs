//! The rules: what must hold of an item, decided in one place. Pure: no clock, disk, environment or
//! network; the instant is given.

mod calendar;
mod condition;
pub mod exceptions;
mod fields;
#[cfg(test)]
mod fixture;
pub mod join;
pub mod judge;
mod kept;
mod key;
pub mod ledger;
mod memory;
pub mod period;
pub mod product_setting;
mod purpose;
pub mod reading;
pub mod reconcile;
pub mod retry;
pub mod schedule;
mod text;
mod zone;

pub use exceptions::Exceptions;
pub use fields::{fields_needed, mark_slice};
pub use judge::{Batch, Explanation, Judge, Judgement, Scratch, Slice, SliceScratch};
pub use kept::{KEPT_BY_PRODUCT, KeepFlag};
pub use key::SubjectKey;
#[cfg(test)]
pub use key::normalised;
pub use ledger::{AskedRows, LedgerReader, LedgerRows, LedgerTable};
pub use reading::{ClockReader, ClockReading, Unreadable, read_clock};
pub use zone::Zone;

use crate::domain::instant::Instant;

/// Items that a source may leave out: those whose clock certainly lies after `not_after`. Leaving out
/// less is always right. Items without a readable clock must come through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Narrowing {
    /// The clock field, by index in the source's fields.
    pub field: usize,
    /// The latest instant at which an item's clock can lie for any rule to have something to say of it.
    /// Exact for clocks that are points in time. A reader that compares mere days, or times of another zone,
    /// adds some days.
    pub not_after: Instant,
}
