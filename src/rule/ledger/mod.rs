//! Ledgers: rows about consents and opt-outs become small events in a sorted table, in which a person's
//! events are found by a keyed hash. All events are kept, so that a table can be asked as of any instant;
//! what they mean for an item is decided in `judge`.

mod asked;
mod event;
mod rows;
mod table;
#[cfg(test)]
mod tests;

pub use asked::AskedRows;
pub use event::{EventKind, EventTime, LedgerEvent};
pub use rows::{LedgerReader, LedgerRows};
pub use table::LedgerTable;

pub(super) use event::Event;
pub(super) use table::SubjectEvents;
