//! What is done at every tick beside scans, on threads of their own: what has come to its end or was missed, the
//! letters that follow, and their delivery. A delivery may take minutes; it takes up what becomes due meanwhile.

use super::tick::{Daemon, Message};
use crate::app::deliver::{Delivered, deliver_due};
use crate::app::disposal::overdue;
use crate::app::exception::expire_due;
use crate::app::session::Session;
use crate::app::{AppError, Environment, bounces, letters, missed};
use crate::domain::instant::Instant;
use std::panic::{AssertUnwindSafe, catch_unwind};
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
    /// Begins the chores, unless the last ones still run or there is nothing that they could be about.
    pub(super) fn begin_chores(&mut self, now: Instant) {
        if self.chores.is_running {
            return;
        }
        self.chores.now = now;
        let session = self.session.clone();
        self.chores.is_running = self.begin(Message::ChoresDone, move || do_chores(&session, now));
    }

    /// Delivers what waits, once the letters of this tick are written.
    pub(super) fn chores_done(&mut self) {
        self.chores.is_running = false;
        if self.chores.is_delivering || self.is_stopping() {
            return;
        }
        let (session, environment, now) = (self.session.clone(), self.environment.clone(), self.chores.now);
        let cancelled = Arc::clone(&self.cancelled);
        let act = move || deliver(&session, &environment, now, &cancelled);
        self.chores.is_delivering = self.begin(Message::Delivered, act);
    }

    /// Does something on a thread of its own, and says whether it has begun. A defect in it is logged and ends it.
    fn begin(&self, done: Message, act: impl FnOnce() + Send + 'static) -> bool {
        let sender = self.sender.clone();
        let thread = std::thread::Builder::new().name("chores".to_owned()).spawn(move || {
            if catch_unwind(AssertUnwindSafe(act)).is_err() {
                tracing::error!("a defect of the program ended what is done at every tick");
            }
            // Nobody receives it only where the daemon has ended.
            let _told = sender.send(done);
        });
        if let Err(error) = &thread {
            tracing::error!(%error, "no thread can be started");
        }
        thread.is_ok()
    }
}

/// One after the other; one that fails keeps none of the others from being done.
fn do_chores(session: &Session, now: Instant) {
    logged("exceptions cannot be ended", expire_due(session, now));
    logged("what nobody declared cannot be looked for", overdue(session, now));
    logged("missed scans cannot be looked for", missed::look(session, now));
    bounces::look(session, now);
    logged("letters cannot be written", letters::tick(session, now));
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

fn logged<T>(what: &str, result: Result<T, AppError>) {
    if let Err(error) = result {
        tracing::error!(%error, "{what}");
    }
}
