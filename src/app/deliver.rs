//! Delivery of the letters that wait: after the commit that queued them, outside any transaction. What is not
//! accepted waits for its next attempt, with the same message id.
//!
//! The attempts themselves are led by `sending`.

use super::recipients::refresh;
use super::sending::{Errand, send_all};
use super::session::Session;
use super::{AppError, Environment};
use crate::config::{Loaded, MailSettings, MailTransport};
use crate::domain::instant::Instant;
use crate::mail::{SignedSenders, Transport};
use crate::notify::Templates;
use crate::store::QueuedLetter;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What became of the letters that waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Delivered {
    /// Accepted by the next hop.
    pub accepted: u64,
    /// Not accepted yet: tried again later.
    pub waiting: u64,
    /// Refused for good: the recipient is marked as unreachable.
    pub refused: u64,
    /// Tried for days: the recipient is marked as unreachable.
    pub given_up: u64,
}

/// Delivers the letters whose next attempt has come at `now`, several at a time: one stuck recipient does not delay
/// another. Blocks until the last attempt has ended; soon after `cancel` is set, it abandons those that run, whose
/// outcome then counts as unknown. What becomes due while attempts run is taken up too. May be called while scans, and
/// other deliveries of the same session, run: no letter is attempted twice at the same time.
///
/// # Errors
/// [`AppError`] when the store fails, or when the way out cannot be prepared (a password that cannot be read).
pub fn deliver_due(
    session: &Session,
    environment: &Environment,
    now: Instant,
    cancel: &AtomicBool,
) -> Result<Delivered, AppError> {
    refresh(session, now)?;
    deliver(session, environment, session.store.due_letters(now)?, now, true, cancel)
}

/// The same with every letter that waits, due or not: what a person starts by hand tries them all.
///
/// # Errors
/// As [`deliver_due`].
pub fn deliver_waiting(
    session: &Session,
    environment: &Environment,
    now: Instant,
    cancel: &AtomicBool,
) -> Result<Delivered, AppError> {
    refresh(session, now)?;
    deliver(session, environment, session.store.queued_letters()?, now, false, cancel)
}

/// What became of the letters that wait once an act is stored: what keeps them from leaving changes nothing about the
/// act, so that is told beside its answer, and the letters count as waiting.
pub(super) fn deliver_what_follows(
    session: &Session,
    environment: &Environment,
    now: Instant,
    cancel: &AtomicBool,
) -> (Delivered, Option<String>) {
    deliver_waiting(session, environment, now, cancel).map_or_else(
        |error| {
            let waiting = session.store.queued_letters().map_or(0, |letters| letters.len() as u64);
            (Delivered { waiting, ..Delivered::default() }, Some(error.to_string()))
        },
        |delivered| (delivered, None),
    )
}

fn deliver(
    session: &Session,
    environment: &Environment,
    letters: Vec<QueuedLetter>,
    now: Instant,
    takes_up: bool,
    cancel: &AtomicBool,
) -> Result<Delivered, AppError> {
    let waiting = letters.len() as u64;
    if letters.is_empty() {
        return Ok(Delivered::default());
    }
    let Some(settings) = &session.loaded.settings.mail else {
        return Ok(Delivered { waiting, ..Delivered::default() });
    };
    let errand = Errand {
        transport: transport(settings, environment)?,
        from: settings.from.clone(),
        manager: session.loaded.register.organisation.privacy_manager.clone(),
        store: Arc::clone(&session.store),
        post: Arc::clone(&session.post),
        senders: signed_senders(session),
        now,
        takes_up,
    };
    send_all(errand, letters, cancel)
}

/// How envelope senders are signed: with a key of their own, where returned messages are read.
pub(super) fn signed_senders(session: &Session) -> Option<SignedSenders> {
    let bounces = session.loaded.settings.mail.as_ref()?.bounces.as_ref()?;
    SignedSenders::new(&bounces.address, session.digest_key.derive("purposed 2026 signed envelope senders"))
}

/// The transport that the settings describe, with its password.
pub(super) fn transport(settings: &MailSettings, environment: &Environment) -> Result<Transport, AppError> {
    let password = match &settings.transport {
        MailTransport::Smtp { password: Some(source), .. } => Some(
            source
                .read(environment.credentials_directory.as_deref())
                .map_err(|error| AppError::Secret(format!("letters cannot be sent: {error}")))?,
        ),
        _ => None,
    };
    Transport::new(settings, password).map_err(|error| AppError::Secret(format!("letters cannot be sent: {error}")))
}

/// The domain of the sender's address, for message ids.
pub(super) fn message_domain(loaded: &Loaded) -> String {
    let from = loaded.settings.mail.as_ref().map_or("", |mail| mail.from.as_str());
    let address = from.rsplit('<').next().unwrap_or(from).trim_end_matches(['>', ' ']);
    address.rsplit_once('@').map_or_else(|| "localhost".to_owned(), |(_, domain)| domain.to_owned())
}

/// The templates of letters: the administrator's own, else the built-in ones. What cannot be used is logged.
pub(super) fn templates(loaded: &Loaded) -> Templates {
    let own = loaded.settings.read_letter_templates().unwrap_or_else(|error| {
        tracing::error!(%error, "your own templates of letters cannot be read; the built-in ones are used");
        BTreeMap::new()
    });
    let (templates, problems) = Templates::load(&own);
    for problem in problems {
        tracing::error!("{problem}");
    }
    templates
}
