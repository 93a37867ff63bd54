//! Performing one call on a thread of its own; what comes of it goes to the connection line by line.

use super::{Call, Line};
use crate::app::act::{Request, perform};
use crate::app::scan::Watch;
use crate::app::session::{Session, is_scanned_here};
use crate::app::{AppError, Environment};
use crate::daemon::scans::{Claim, Claims, log_answer};
use crate::domain::name::DatasetName;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc::Sender;

/// A stretch of a list is sent when it is about so long.
const STRETCH_BYTES: usize = 16 * 1024;

/// Follows an act for the caller.
#[derive(Debug)]
pub(super) struct Follower {
    lines: Sender<Line>,
    items: AtomicU64,
    cancelled: AtomicBool,
    /// The right to scan, until what was seen is stored.
    claim: Mutex<Option<Claim>>,
}

impl Follower {
    pub(super) fn new(lines: Sender<Line>) -> Self {
        Self { lines, items: AtomicU64::new(0), cancelled: AtomicBool::new(false), claim: Mutex::default() }
    }

    fn claim(&self) -> MutexGuard<'_, Option<Claim>> {
        self.claim.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch for Follower {
    fn begins(&self, what: &str) {
        self.items.store(0, std::sync::atomic::Ordering::Relaxed);
        // A caller that is gone cancels through its connection.
        let _told = self.lines.blocking_send(Line::Begins(what.to_owned()));
    }

    fn items(&self) -> &AtomicU64 {
        &self.items
    }

    fn stored(&self) {
        *self.claim() = None;
    }

    fn cancelled(&self) -> &AtomicBool {
        &self.cancelled
    }
}

/// A list that goes to the caller, in stretches of whole lines.
struct Stretches {
    lines: Sender<Line>,
    waiting: Vec<u8>,
}

impl Write for Stretches {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= STRETCH_BYTES && self.waiting.ends_with(b"\n") {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&std::mem::take(&mut self.waiting)).into_owned();
        self.lines.blocking_send(Line::Out(text)).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

/// Performs the call, and sends its last line.
pub(super) fn perform_call(
    session: &Session,
    call: &Call,
    environment: &Environment,
    claims: &Arc<Claims>,
    follower: &Follower,
) {
    let last = catch_unwind(AssertUnwindSafe(|| answer(session, call, environment, claims, follower)));
    let last = last.unwrap_or_else(|_| Err(AppError::Panicked("its message is not kept".to_owned())));
    follower.stored();
    let line = last.unwrap_or_else(|error| Line::Error { kind: error.kind(), message: error.to_string() });
    // A caller that is gone does not miss it.
    let _told = follower.lines.blocking_send(line);
}

fn answer(
    session: &Session,
    call: &Call,
    environment: &Environment,
    claims: &Arc<Claims>,
    follower: &Follower,
) -> Result<Line, AppError> {
    if call.version != Call::VERSION {
        let message =
            "the service is of another version than this command\n  hint: restart the service after an upgrade";
        return Err(AppError::Argument(message.to_owned()));
    }
    let user = shown(&call.user);
    tracing::info!(act = name(&call.request), user, "a command is performed");
    let environment = Environment { user, ..environment.clone() };
    *follower.claim() = claim(session, &call.request, claims)?;
    // Given by hand: its letters leave as they would without a daemon.
    let session = &session.clone().by_hand();
    let mut out = Stretches { lines: follower.lines.clone(), waiting: Vec::new() };
    let answer = perform(session, &call.request, call.now, &environment, follower, &mut out)?;
    out.flush().map_err(|error| AppError::File { what: "cannot write the list".to_owned(), error })?;
    if let crate::app::act::Answer::Scan(answer) = &answer {
        log_answer(answer);
    }
    Ok(Line::Answer(answer))
}

/// The right to scan, where the act scans: none is scanned twice at once.
fn claim(session: &Session, request: &Request, claims: &Arc<Claims>) -> Result<Option<Claim>, AppError> {
    let Request::Scan { datasets } = request else { return Ok(None) };
    let (loaded, now) = (&session.loaded, session.clock.now());
    let wanted: Vec<DatasetName> = loaded
        .register
        .datasets
        .iter()
        .filter(|(name, dataset)| {
            if datasets.is_empty() {
                is_scanned_here(loaded, dataset, now)
            } else {
                datasets.iter().any(|wanted| wanted == name.as_str())
            }
        })
        .map(|(name, _)| name.clone())
        .collect();
    claims.claim(&wanted).map(Some).map_err(|busy| {
        AppError::Argument(format!(
            "`{busy}` is being scanned just now\n  hint: `purposed runs` tells when it has ended"
        ))
    })
}

/// Who gave the command: a short text on one line.
fn shown(user: &str) -> String {
    user.chars().filter(|character| !character.is_control()).take(100).collect()
}

/// What kind of act it is, for the log.
fn name(request: &Request) -> String {
    let text = serde_json::to_value(request).unwrap_or_default();
    text.as_object().and_then(|object| object.keys().next().cloned()).unwrap_or_default()
}
