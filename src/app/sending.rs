//! The attempts of one delivery, several at a time. Which letters are attempted, and whether one that waits is due,
//! is not decided here.
//!
//! Letters usually share one mail server, and one stuck recipient must not delay the others: an attempt that takes
//! long stops counting among those that may run at once, up to a number of connections that is never exceeded.

use super::AppError;
use super::deliver::Delivered;
use crate::domain::instant::Instant;
use crate::domain::letter::Delivery;
use crate::domain::name::PersonName;
use crate::mail::{MailError, SignedSenders, Transport, compose};
use crate::store::{Finished, LetterNumber, QueuedLetter, Store, StoreError};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::Builder;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant as Moment, sleep, timeout};

/// How many attempts run at once, as long as none takes long.
const AT_ONCE: usize = 8;
/// How many attempts run at once, those that take long included.
const AT_MOST: usize = 64;
/// After this an attempt takes long, and makes room for another.
const LONG: Duration = Duration::from_secs(20);
/// How often it is looked whether to stop.
const LOOK: Duration = Duration::from_millis(200);
/// How long a note that is being written when everything stops may take.
const LAST_NOTES: Duration = Duration::from_secs(2);

/// What all deliveries of one process share: how many attempts run, and of which letters.
#[derive(Debug)]
pub(super) struct Post {
    at_once: Arc<Semaphore>,
    at_most: Arc<Semaphore>,
    under_way: Mutex<BTreeSet<LetterNumber>>,
}

impl Default for Post {
    fn default() -> Self {
        let (at_once, at_most) = (Arc::new(Semaphore::new(AT_ONCE)), Arc::new(Semaphore::new(AT_MOST)));
        Self { at_once, at_most, under_way: Mutex::default() }
    }
}

/// A letter under way: nobody else attempts it until this is dropped.
struct UnderWay(Arc<Post>, LetterNumber);

impl Post {
    /// Claims a letter; nothing when it is under way already.
    fn claim(self: &Arc<Self>, number: LetterNumber) -> Option<UnderWay> {
        let claimed = self.under_way.lock().unwrap_or_else(PoisonError::into_inner).insert(number);
        claimed.then(|| UnderWay(Arc::clone(self), number))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

/// What every attempt of a delivery needs.
pub(super) struct Errand {
    pub(super) transport: Transport,
    pub(super) from: String,
    pub(super) manager: PersonName,
    pub(super) store: Arc<Store>,
    pub(super) post: Arc<Post>,
    pub(super) now: Instant,
    /// Whether letters that become due while attempts run are taken up too.
    pub(super) takes_up: bool,
    /// How envelope senders are signed, where returned messages are read.
    pub(super) senders: Option<SignedSenders>,
}

/// Attempts the letters, and notes each outcome as it comes.
pub(super) fn send_all(errand: Errand, letters: Vec<QueuedLetter>, cancel: &AtomicBool) -> Result<Delivered, AppError> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| AppError::File { what: "letters cannot be sent".to_owned(), error })?;
    let delivered = runtime.block_on(all(Arc::new(errand), letters, cancel));
    // A name that is being looked up cannot be interrupted, only left behind.
    runtime.shutdown_timeout(if cancel.load(Ordering::Relaxed) { LAST_NOTES } else { Duration::ZERO });
    Ok(delivered?)
}

async fn all(errand: Arc<Errand>, letters: Vec<QueuedLetter>, cancel: &AtomicBool) -> Result<Delivered, StoreError> {
    let mut round = Round {
        attempts: JoinSet::new(),
        running: BTreeSet::new(),
        begun: Moment::now(),
        has_failed: Arc::default(),
        errand,
    };
    let mut delivered = Delivered::default();
    let mut failure = None;
    let mut waiting = BTreeSet::new();
    round.begin(letters, &mut waiting);
    let mut look_again = round.begun + LONG;
    while !round.attempts.is_empty() && !cancel.load(Ordering::Relaxed) {
        match timeout(LOOK, round.attempts.join_next()).await {
            Ok(Some(Ok((number, finished)))) => {
                round.running.remove(&number);
                match finished {
                    Ok(finished) => {
                        count(&mut delivered, &finished);
                        if finished != Finished::Waits {
                            waiting.remove(&number);
                        }
                    }
                    Err(error) => round.fail(&mut failure, error),
                }
            }
            Ok(Some(Err(error))) => tracing::error!(%error, "an attempt to deliver a letter broke down"),
            Ok(None) | Err(_) => {}
        }
        if round.errand.takes_up && failure.is_none() && Moment::now() >= look_again {
            look_again = Moment::now() + LONG;
            let now = round.errand.now_after(round.begun);
            match noted(&round.errand, move |store| store.due_letters(now)).await {
                Ok(due) => round.begin(due, &mut waiting),
                Err(error) => round.fail(&mut failure, error),
            }
        }
    }
    delivered.waiting = waiting.len() as u64;
    failure.map_or(Ok(delivered), Err)
}

/// The attempts of one delivery.
struct Round {
    attempts: JoinSet<(LetterNumber, Result<Finished, StoreError>)>,
    running: BTreeSet<LetterNumber>,
    begun: Moment,
    /// The store has failed: what has begun goes on to its end, nothing else begins.
    has_failed: Arc<AtomicBool>,
    errand: Arc<Errand>,
}

impl Round {
    /// Begins an attempt for each of these letters that has none in this delivery.
    fn begin(&mut self, letters: Vec<QueuedLetter>, waiting: &mut BTreeSet<LetterNumber>) {
        for queued in letters {
            let number = queued.number;
            if self.running.insert(number) {
                waiting.insert(number);
                let (errand, begun) = (Arc::clone(&self.errand), self.begun);
                let has_failed = Arc::clone(&self.has_failed);
                self.attempts.spawn(async move { (number, Box::pin(one(&errand, queued, begun, &has_failed)).await) });
            }
        }
    }

    /// Remembers the first error. A message that is being handed over is not torn off by it.
    fn fail(&self, failure: &mut Option<StoreError>, error: StoreError) {
        self.has_failed.store(true, Ordering::Relaxed);
        if failure.is_none() {
            *failure = Some(error);
        } else {
            tracing::error!(%error, "an attempt to deliver a letter could not be noted");
        }
    }
}

impl Errand {
    /// The instant that it is, whole minutes after the delivery began: what is done at a made-up instant is noted at
    /// that instant.
    fn now_after(&self, begun: Moment) -> Instant {
        let minutes = i64::try_from(begun.elapsed().as_secs() / 60).unwrap_or_default();
        Instant::from_microseconds(self.now.microseconds().saturating_add(minutes * 60_000_000))
    }
}

const fn count(delivered: &mut Delivered, finished: &Finished) {
    match finished {
        Finished::Accepted => delivered.accepted += 1,
        Finished::Refused(_) => delivered.refused += 1,
        Finished::GivenUp(_) => delivered.given_up += 1,
        Finished::NotWaiting | Finished::Waits => {}
    }
}

/// One letter, from waiting for its turn to the note of its outcome.
async fn one(
    errand: &Errand,
    queued: QueuedLetter,
    round_begun: Moment,
    has_failed: &AtomicBool,
) -> Result<Finished, StoreError> {
    let Ok(_connection) = Arc::clone(&errand.post.at_most).acquire_owned().await else { return Ok(Finished::Waits) };
    let Ok(turn) = Arc::clone(&errand.post.at_once).acquire_owned().await else { return Ok(Finished::Waits) };
    let number = queued.number;
    let Some(_under_way) = errand.post.claim(number) else { return Ok(Finished::Waits) };
    if has_failed.load(Ordering::Relaxed) {
        return Ok(Finished::Waits);
    }
    let now = errand.now_after(round_begun);
    if !noted(errand, move |store| store.begin_attempt(number, now)).await? {
        return Ok(Finished::NotWaiting);
    }
    let delivery = within(attempt(errand, &queued), turn).await;
    let ended = errand.now_after(round_begun);
    let finished = {
        let delivery = delivery.clone();
        noted(errand, move |store| store.finish_attempt(number, &delivery, ended)).await?
    };
    log(errand, &queued, &delivery, &finished);
    Ok(finished)
}

/// Runs an attempt; when it takes long, somebody else's turn comes.
async fn within(attempt: impl Future<Output = Delivery>, turn: OwnedSemaphorePermit) -> Delivery {
    tokio::pin!(attempt);
    tokio::select! {
        delivery = &mut attempt => return delivery,
        () = sleep(LONG) => drop(turn),
    }
    attempt.await
}

/// Notes something in the store, beside the event loop: the store may be busy with a scan.
async fn noted<T: Send + 'static>(
    errand: &Errand,
    note: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let store = Arc::clone(&errand.store);
    tokio::task::spawn_blocking(move || note(&store)).await.unwrap_or_else(|error| Err(broken(error)))
}

fn broken(error: JoinError) -> StoreError {
    StoreError::Thread(std::io::Error::other(error))
}

/// Composes and hands over one letter.
async fn attempt(errand: &Errand, queued: &QueuedLetter) -> Delivery {
    match compose(&queued.letter, &errand.from, &queued.message_id, &queued.thread_id, queued.queued_at) {
        Ok(message) => {
            let to = &queued.letter.email;
            let sender = errand.senders.as_ref().map(|senders| senders.sender(queued.number.0, to));
            errand.transport.deliver(sender.as_deref(), to, &message, &queued.message_id).await
        }
        Err(error @ MailError::Recipient) => Delivery::Permanent(error.to_string()),
        // What else is wrong is wrong here, and nothing is said about the recipient.
        Err(error) => Delivery::Unavailable(error.to_string()),
    }
}

/// Says what became of a letter that was not accepted. Who cannot be reached is named as the register names them.
fn log(errand: &Errand, queued: &QueuedLetter, delivery: &Delivery, finished: &Finished) {
    let (letter, recipient) = (queued.number.0, queued.letter.recipient.as_str());
    let (Delivery::Transient(why)
    | Delivery::Unavailable(why)
    | Delivery::Permanent(why)
    | Delivery::Rejected(why)
    | Delivery::Unknown(why)) = delivery
    else {
        return;
    };
    match finished {
        Finished::Refused(_) => tracing::error!(letter, recipient, why, "a letter was refused for good"),
        Finished::GivenUp(_) => tracing::error!(letter, recipient, why, "a letter could not be delivered for days"),
        _ => tracing::warn!(letter, recipient, why, "a letter could not be delivered and waits"),
    }
    if matches!(finished, Finished::Refused(_) | Finished::GivenUp(_)) && queued.letter.recipient == errand.manager {
        tracing::error!(recipient, "the privacy manager cannot be reached, and nobody else can be told");
    }
}
