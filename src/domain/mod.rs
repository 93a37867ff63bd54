//! The words of purposed as types. Pure values: no clock, disk, environment or network, and no decision
//! (those are in `rule` and `notify`).

pub mod departure;
pub mod digest;
pub mod disposal;
pub mod exception;
pub mod finding;
pub mod hours;
pub mod instant;
pub mod item;
pub mod language;
pub mod letter;
pub mod name;
pub mod observation;
pub mod period;
pub mod register;
pub mod run;
pub mod schedule;
pub mod unreachable;
pub mod verdict;
