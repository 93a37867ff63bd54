//! The state of the daemon, and its tick: what is due begins, at most so many at once, and chores are done. Whatever
//! takes long runs on other threads, and its end is collected here.

use super::chores::Chores;
use super::scans::{Batch, Claims, RunningScan, count_never_scanned};
use super::schedules::Schedules;
use crate::app::session::{Session, node};
use crate::app::{AppError, Environment};
use crate::config::{ConfigProblem, Loaded};
use crate::domain::instant::Instant;
use crate::domain::name::DatasetName;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What comes back from other threads.
#[derive(Debug)]
pub(super) enum Message {
    /// A scan has ended, and has logged how.
    ScanEnded(DatasetName),
    /// Chores are done; letters may wait to be delivered. How many datasets with a schedule were never scanned, if
    /// that could be counted.
    ChoresDone(Option<usize>),
    /// What was to be delivered was tried.
    Delivered,
    /// The configuration was read again.
    Loaded(Box<Result<Loaded, Vec<ConfigProblem>>>),
    /// A defect of the program ended the reading of the configuration.
    NotLoaded,
}

/// A running daemon.
#[derive(Debug)]
pub struct Daemon {
    pub(super) session: Session,
    pub(super) environment: Environment,
    pub(super) schedules: Schedules,
    pub(super) scans: BTreeMap<DatasetName, RunningScan>,
    pub(super) claims: Arc<Claims>,
    pub(super) batch: Batch,
    pub(super) chores: Chores,
    /// Whether the configuration in use is the one that the files say.
    pub(super) is_current: bool,
    /// How many datasets with a schedule were never scanned, as the start or the last chores counted them.
    pub(super) never_scanned: usize,
    pub(super) cancelled: Arc<AtomicBool>,
    sender: UnboundedSender<Message>,
    messages: UnboundedReceiver<Message>,
}

impl Daemon {
    /// A daemon at work with an open store. `is_current` says whether its configuration is what the files say.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn new(session: Session, environment: Environment, is_current: bool) -> Result<Self, AppError> {
        let (sender, messages) = unbounded_channel();
        let mut daemon = Self {
            session,
            environment,
            schedules: Schedules::default(),
            scans: BTreeMap::new(),
            claims: Arc::default(),
            batch: Batch::default(),
            chores: Chores::default(),
            is_current,
            never_scanned: 0,
            cancelled: Arc::default(),
            sender,
            messages,
        };
        let now = daemon.session.clock.now();
        daemon.adopt_schedules(None, now)?;
        daemon.give_up_on_crashes(now)?;
        daemon.never_scanned = count_never_scanned(&daemon.session, now)?;
        Ok(daemon)
    }

    /// What happens once a minute, and when a reload has ended: what is due begins, and chores are done. It can be
    /// repeated at the same instant.
    pub fn tick(&mut self, now: Instant) {
        self.collect();
        if self.is_stopping() {
            return;
        }
        self.look(now);
        self.begin_scans(now);
        self.begin_chores(now);
    }

    /// Looks at the schedules.
    fn look(&mut self, now: Instant) {
        let node = node(&self.session.loaded);
        let (claims, loaded) = (&self.claims, Arc::clone(&self.session.loaded));
        let changes = self.schedules.look(&loaded, &node, |dataset| claims.has(dataset), now);
        if let Err(error) = self.session.store.consider_until(&changes) {
            tracing::error!(error = %AppError::from(error), "the schedules cannot be stored");
        }
    }

    /// Takes note of what has ended; does not wait.
    pub(super) fn collect(&mut self) {
        while let Ok(message) = self.messages.try_recv() {
            self.take_note(message);
        }
    }

    /// Waits for the next message. The channel is never closed, as the daemon itself could send.
    pub(super) async fn message(&mut self) -> Option<Message> {
        self.messages.recv().await
    }

    /// Takes note of one message.
    pub(super) fn take_note(&mut self, message: Message) {
        match message {
            Message::ScanEnded(dataset) => self.scan_ended(&dataset),
            Message::ChoresDone(never_scanned) => self.chores_done(never_scanned),
            Message::Delivered => self.chores.is_delivering = false,
            Message::Loaded(result) => self.reloaded(*result),
            Message::NotLoaded => self.not_reloaded(),
        }
    }

    /// Does something on a thread of its own, which sends what comes of it. A defect in it is logged, and `on_panic`
    /// is sent: whoever waits is never left waiting. Says whether it has begun.
    pub(super) fn begin(&self, name: &str, act: impl FnOnce() -> Message + Send + 'static, on_panic: Message) -> bool {
        let sender = self.sender.clone();
        let what = name.to_owned();
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            let message = catch_unwind(AssertUnwindSafe(act)).unwrap_or_else(|_| {
                tracing::error!(thread = what, "a defect of the program ended what was being done");
                on_panic
            });
            // Nobody receives it only where the daemon has ended.
            let _told = sender.send(message);
        });
        if let Err(error) = &thread {
            tracing::error!(thread = name, %error, "no thread can be started");
        }
        thread.is_ok()
    }

    /// Waits until nothing runs any more, beginning what waits for a free place. For tests.
    #[cfg(test)]
    pub(super) fn settle(&mut self, now: Instant) {
        while self.is_busy() {
            if let Some(message) = self.messages.blocking_recv() {
                self.take_note(message);
            }
            self.begin_scans(now);
        }
    }

    /// Whether anything runs on another thread.
    pub(super) fn is_busy(&self) -> bool {
        !self.scans.is_empty() || self.chores.is_running || self.chores.is_delivering
    }

    /// Asks everything that runs to stop soon, and begins nothing any more.
    pub fn stop(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Whether every scan that the daemon began shows a sign of life.
    pub(super) fn is_alive(&self, now: Instant) -> bool {
        let stuck = self.scans.iter().filter(|(_, scan)| scan.progress.is_stuck(now));
        let mut is_alive = true;
        for (dataset, scan) in stuck {
            is_alive = false;
            tracing::error!(dataset = %dataset, items = scan.progress.items_read(), "a scan is stuck");
        }
        is_alive
    }
}
