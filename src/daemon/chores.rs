//! What is done at every tick beside scans, on threads of their own: what has come to its end or was missed, the
//! letters that follow, and their delivery; and how many datasets were never scanned. A delivery may take minutes; it
//! takes up what becomes due meanwhile.

use super::scans::count_never_scanned;
use super::tick::{Daemon, Message};
use crate::app::deliver::{Delivered, deliver_due};
use crate::app::disposal::overdue;
use crate::app::exception::expire_due;
use crate::app::session::Session;
use crate::app::{AppError, Environment, bounces, letters, missed};
use crate::domain::instant::Instant;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Which of them run.
#[derive(Debug, Default)]
pub(super) struct Chores {
    pub(super) is_running: bool,
    pub(super) is_delivering: bool,
    /// The instant that they were begun for.
    now: Instant,
}

impl Daemon {
    /// Begins the chores, unless the last ones still run.
    pub(super) fn begin_chores(&mut self, now: Instant) {
        if self.chores.is_running {
            return;
        }
        self.chores.now = now;
        let session = self.session.clone();
        let act = move || Message::ChoresDone(do_chores(&session, now));
        self.chores.is_running = self.begin("chores", act, Message::ChoresDone(None));
    }

    /// Delivers what waits, once the letters of this tick are written.
    pub(super) fn chores_done(&mut self, never_scanned: Option<usize>) {
        self.chores.is_running = false;
        self.never_scanned = never_scanned.unwrap_or(self.never_scanned);
        if self.chores.is_delivering || self.is_stopping() {
            return;
        }
        let (session, environment, now) = (self.session.clone(), self.environment.clone(), self.chores.now);
        let cancelled = Arc::clone(&self.cancelled);
        let act = move || {
            deliver(&session, &environment, now, &cancelled);
            Message::Delivered
        };
        self.chores.is_delivering = self.begin("delivery", act, Message::Delivered);
    }
}

/// One after the other; one that fails keeps none of the others from being done. How many datasets were never scanned
/// is known afterwards, if the store can be read.
fn do_chores(session: &Session, now: Instant) -> Option<usize> {
    logged("exceptions cannot be ended", expire_due(session, now));
    logged("what nobody declared cannot be looked for", overdue(session, now));
    logged("missed scans cannot be looked for", missed::look(session, now));
    bounces::look(session, now);
    logged("letters cannot be written", letters::tick(session, now));
    logged("what was never scanned cannot be counted", count_never_scanned(session, now))
}

fn deliver(session: &Session, environment: &Environment, now: Instant, cancelled: &AtomicBool) {
    match deliver_due(session, environment, now, cancelled) {
        Ok(delivered) if delivered != Delivered::default() => {
            let Delivered { accepted, waiting, refused, given_up } = delivered;
            tracing::info!(accepted, waiting, refused, given_up, "letters were sent");
        }
        Ok(_) => {}
        Err(error) => tracing::error!(%error, "letters cannot be sent"),
    }
}

fn logged<T>(what: &str, result: Result<T, AppError>) -> Option<T> {
    result.inspect_err(|error| tracing::error!(%error, "{what}")).ok()
}
