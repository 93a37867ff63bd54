//! Delivery of the letters that wait: after the commit that queued them, outside any transaction. What is
//! not accepted waits for the next run, with the same message id.

use super::session::Session;
use super::{AppError, Environment};
use crate::config::{Loaded, MailSettings, MailTransport};
use crate::domain::instant::Instant;
use crate::domain::letter::Delivery;
use crate::mail::{Transport, compose};
use crate::notify::Templates;
use crate::store::{LetterNumber, QueuedLetter};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::task::JoinSet;

/// What became of the letters that waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Delivered {
    /// Accepted by the next hop.
    pub accepted: u64,
    /// Not accepted yet: tried again at the next run.
    pub waiting: u64,
    /// Refused for good.
    pub refused: u64,
}

/// Delivers every letter that waits, all at once: one stuck recipient does not delay another. `now` dates
/// the attempts. Blocks until the last attempt has ended.
///
/// # Errors
/// [`AppError`] when the store fails, or there is no way out.
pub fn deliver_due(session: &Session, environment: &Environment, now: Instant) -> Result<Delivered, AppError> {
    let letters = session.store.due_letters(now)?;
    let mut delivered = Delivered::default();
    if letters.is_empty() {
        return Ok(delivered);
    }
    let Some(settings) = session.loaded.settings.mail.clone() else {
        delivered.waiting = letters.len() as u64;
        return Ok(delivered);
    };
    let transport = transport(&settings, environment)?;
    for queued in &letters {
        session.store.begin_attempt(queued.number, now)?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| AppError::File { what: "letters cannot be sent".to_owned(), error })?;
    let ended = runtime.block_on(attempt_all(Arc::new(transport), settings.from, letters));
    for (number, delivery) in ended {
        session.store.finish_attempt(number, &delivery, now)?;
        match delivery {
            Delivery::Accepted => delivered.accepted += 1,
            Delivery::Permanent(why) => {
                tracing::error!(letter = number.0, why, "a letter was refused for good");
                delivered.refused += 1;
            }
            Delivery::Transient(why) | Delivery::Unknown(why) => {
                tracing::warn!(letter = number.0, why, "a letter could not be delivered and waits");
                delivered.waiting += 1;
            }
        }
    }
    Ok(delivered)
}

/// Attempts all letters at once. One whose attempt broke down is not in the answer: the store knows that it
/// was begun and never finished.
async fn attempt_all(
    transport: Arc<Transport>,
    from: String,
    letters: Vec<QueuedLetter>,
) -> Vec<(LetterNumber, Delivery)> {
    let mut attempts = JoinSet::new();
    for queued in letters {
        let (transport, from) = (Arc::clone(&transport), from.clone());
        attempts.spawn(async move { (queued.number, attempt(&transport, &from, &queued).await) });
    }
    attempts.join_all().await
}

/// Composes and hands over one letter.
async fn attempt(transport: &Transport, from: &str, queued: &QueuedLetter) -> Delivery {
    match compose(&queued.letter, from, &queued.message_id, &queued.thread_id, queued.queued_at) {
        Ok(message) => transport.deliver(&queued.letter.email, &message, &queued.message_id).await,
        Err(error) => Delivery::Permanent(error.to_string()),
    }
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
