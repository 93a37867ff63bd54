//! The daemon: `purposed run`. It looks at its schedules once a minute, scans what is due, tells who must be told,
//! and keeps at it for years.
//!
//! - [`run()`] loads the configuration (`boot`), opens the store and drives everything from one event loop.
//! - `tick` is what happens once a minute, a plain function of the daemon's state and an instant, so that tests
//!   can live through months of it. `schedules` decides what is due, by comparing each schedule with the instant up
//!   to which it was looked at: never by long sleeps, so that no night is lost to a suspended machine or to a clock
//!   that was set. A night that a clock set back by hours lives through again is scanned again.
//! - Whatever takes long happens on a thread of its own: scans (`scans`), and letters, delivery and the like
//!   (`chores`). Their ends come back as messages.
//! - `reload` takes a new configuration between scans and keeps the old one when it is wrong.
//! - [`control`] takes the commands that write from the command line, while the daemon has the store.
//! - `service_manager` tells systemd how things are, and feeds its watchdog only while there is progress.
//!
//! Deliberately absent: what a scan is, what is told to whom, how a letter leaves. All of that is `app`'s.

mod boot;
mod chores;
pub mod control;
mod error;
mod progress;
mod reload;
mod run;
mod scans;
mod schedules;
mod service_manager;
mod status;
#[cfg(test)]
mod tests;
mod tick;

pub use error::DaemonError;
pub use run::run;
pub use tick::Daemon;
