//! The daemon over simulated time: its tick is driven from a clock that the test sets.

mod life;
mod time;
pub(super) mod world;
