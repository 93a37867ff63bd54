//! Reads the store for requests: at most once a second however many ask, one reading at a time, on a thread where it
//! may block and through a connection of its own, so that a large commit and a reading never wait for each other. A
//! reading that takes too long goes on, and whoever asks next waits for the same one.

use super::Health;
use crate::app::picture::Picture;
use crate::app::session::Session;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, watch};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

/// How long an answer is given again.
const FRESH: Duration = Duration::from_secs(1);
/// How long a request waits for the store.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why there is no picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unanswered {
    /// The store did not answer in time.
    Late,
    /// The store could not be read.
    Failed(String),
}

type Reading = Result<Arc<Picture>, Unanswered>;

/// The latest picture of the store.
#[derive(Debug)]
pub(super) struct Snapshots {
    sessions: watch::Receiver<Session>,
    health: Arc<Health>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    latest: Option<(Instant, Reading)>,
    under_way: Option<JoinHandle<Reading>>,
}

impl Snapshots {
    pub(super) fn new(sessions: watch::Receiver<Session>, health: Arc<Health>) -> Self {
        Self { sessions, health, state: Mutex::default() }
    }

    /// A picture that is at most a second old.
    pub(super) async fn latest(&self) -> Reading {
        timeout(PATIENCE, self.read()).await.unwrap_or(Err(Unanswered::Late))
    }

    async fn read(&self) -> Reading {
        let mut state = self.state.lock().await;
        if let Some((at, reading)) = &state.latest
            && at.elapsed() < FRESH
        {
            return reading.clone();
        }
        let under_way = state.under_way.get_or_insert_with(|| self.begin());
        let reading = under_way.await.unwrap_or_else(|_| Err(Unanswered::Failed("the reading broke down".to_owned())));
        state.under_way = None;
        state.latest = Some((Instant::now(), reading.clone()));
        reading
    }

    fn begin(&self) -> JoinHandle<Reading> {
        let session = self.sessions.borrow().clone();
        let (now, known_since) = (session.clock.now(), self.health.loaded_at());
        spawn_blocking(move || {
            let picture = session.reading().and_then(|session| Picture::read(&session, now, known_since));
            picture.map(Arc::new).map_err(|error| Unanswered::Failed(error.to_string()))
        })
    }
}
