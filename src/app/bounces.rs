//! Returned messages: what those prove that are about our own letters. A forged or old one proves nothing, and none
//! proves anything twice.

use super::AppError;
use super::deliver::signed_senders;
use super::session::Session;
use crate::domain::digest::Digest;
use crate::domain::instant::Instant;
use crate::domain::unreachable::UnreachableCause;
use crate::mail::SignedSenders;
use crate::mail::bounces::{self as mailbox, Fate, Report, Returned, What};
use crate::store::{Bounce, Bounced, LetterNumber, StoreError};
use std::sync::PoisonError;

/// How long after the last attempt a letter can come back, in microseconds: 14 days. Mail servers keep trying for
/// five.
const RETURNS_WITHIN_MICROSECONDS: i64 = 14 * 24 * 60 * 60 * 1_000_000;

/// What was found in the mailbox since the last time, in messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BouncesRead {
    /// A letter did not arrive: its recipient is marked as unreachable.
    pub undelivered: u64,
    /// A letter is late, or failed for a reason that passes.
    pub noted: u64,
    /// A letter came back that had come back before, or was delivered.
    pub without_news: u64,
    /// The message is about none of our letters, whatever it says.
    pub forged: u64,
    /// The letter was sent too long ago.
    pub expired: u64,
    /// No delivery report.
    pub other: u64,
    /// It could not be read.
    pub broken: u64,
}

/// What is remembered of the mailbox between two readings.
#[derive(Debug, Default)]
pub(super) struct Memory {
    mailbox: mailbox::Memory,
    cannot_be_read: bool,
}

/// What a report is, once it was looked up.
enum Proof {
    Ours(LetterNumber),
    Forged,
    Expired,
}

/// Reads what came back since the last time, and marks the people whose letters did not arrive. Cheap when nothing
/// came. The next planning tells somebody else.
///
/// # Errors
/// [`AppError`] when the mailbox cannot be read, or the store fails.
pub fn read_bounces(session: &Session, now: Instant) -> Result<BouncesRead, AppError> {
    let mut read = BouncesRead::default();
    let settings = session.loaded.settings.mail.as_ref().and_then(|mail| mail.bounces.as_ref());
    let (Some(settings), Some(senders)) = (settings, signed_senders(session)) else { return Ok(read) };
    let mut memory = session.returned.lock().unwrap_or_else(PoisonError::into_inner);
    let key = session.digest_key.derive("purposed 2026 returned messages");
    let failed = |error| AppError::File { what: "the mailbox of returned messages cannot be read".to_owned(), error };
    let Some(glimpse) = mailbox::glimpse(&settings.mailbox, &memory.mailbox).map_err(failed)? else {
        return Ok(read);
    };
    let known = session.store.returned_messages()?;
    let reading = mailbox::read(&settings.mailbox, glimpse, &senders, &key, known, &mut memory.mailbox);
    let reading = reading.map_err(failed)?;
    let mut without_effect = Vec::new();
    for Returned { digest, what } in reading.returned {
        let counter = match what {
            What::Other => &mut read.other,
            What::Broken => &mut read.broken,
            What::Report(report) => match proof(session, &senders, &report, now)? {
                Proof::Forged => &mut read.forged,
                Proof::Expired => &mut read.expired,
                Proof::Ours(number) => match follow(session, number, &report, digest, now)? {
                    Some(Bounced::Marked(_)) => {
                        read.undelivered += 1;
                        continue;
                    }
                    Some(Bounced::Noted) => {
                        read.noted += 1;
                        continue;
                    }
                    Some(Bounced::Repeated) | None => &mut read.without_news,
                },
            },
        };
        *counter += 1;
        without_effect.push(digest);
    }
    if !without_effect.is_empty() || reading.still_there.is_some() {
        session.store.note_returned(&without_effect, reading.still_there.as_ref(), now)?;
    }
    Ok(read)
}

/// Stores what a proven report says of its letter; nothing where the letter was delivered.
fn follow(
    session: &Session,
    number: LetterNumber,
    report: &Report,
    digest: Digest,
    now: Instant,
) -> Result<Option<Bounced>, StoreError> {
    let Some(bounce) = bounce(report.fate) else { return Ok(None) };
    let status = report.status.as_deref().unwrap_or("no status code");
    let bounced = session.store.record_bounce(digest, number, bounce, status, now)?;
    tell(session, number, status, &bounced);
    Ok(Some(bounced))
}

/// The same for whoever goes on whatever comes: failures are logged, each once.
pub fn look(session: &Session, now: Instant) {
    let result = read_bounces(session, now);
    let mut memory = session.returned.lock().unwrap_or_else(PoisonError::into_inner);
    match result {
        Ok(read) => {
            memory.cannot_be_read = false;
            let BouncesRead { undelivered, noted, without_news, other, .. } = read;
            if undelivered + noted + without_news + other > 0 {
                tracing::info!(undelivered, noted, without_news, other, "returned messages were read");
            }
            if read.forged + read.expired + read.broken > 0 {
                let BouncesRead { forged, expired, broken, .. } = read;
                tracing::warn!(forged, expired, broken, "returned messages prove nothing and were left aside");
            }
        }
        Err(error) => {
            if !memory.cannot_be_read {
                tracing::error!(%error, "returned messages cannot be read");
            }
            memory.cannot_be_read = true;
        }
    }
}

/// Whether one of the claims is proven: it names a letter that was sent not long ago, and its code is ours.
fn proof(session: &Session, senders: &SignedSenders, report: &Report, now: Instant) -> Result<Proof, StoreError> {
    let mut proof = Proof::Forged;
    for claim in &report.claims {
        let number = LetterNumber(claim.letter);
        let Some(sent) = session.store.sent_letter(number)? else { continue };
        if !senders.is_ours(claim, &sent.email) {
            continue;
        }
        let age = now.microseconds().saturating_sub(sent.attempted_at.microseconds());
        if age <= RETURNS_WITHIN_MICROSECONDS {
            return Ok(Proof::Ours(number));
        }
        proof = Proof::Expired;
    }
    Ok(proof)
}

const fn bounce(fate: Fate) -> Option<Bounce> {
    match fate {
        Fate::Failed => Some(Bounce::Undelivered(UnreachableCause::Bounced)),
        Fate::Blocked => Some(Bounce::Undelivered(UnreachableCause::Blocked)),
        Fate::Delayed => Some(Bounce::Noted),
        Fate::Delivered => None,
    }
}

fn tell(session: &Session, number: LetterNumber, status: &str, bounced: &Bounced) {
    let letter = number.0;
    match bounced {
        Bounced::Marked(mark) => {
            let recipient = mark.person.as_str();
            tracing::error!(letter, recipient, status, "a letter came back");
            if mark.person == session.loaded.register.organisation.privacy_manager {
                tracing::error!(recipient, "the privacy manager cannot be reached, and nobody else can be told");
            }
        }
        Bounced::Noted => tracing::warn!(letter, status, "a letter is late, or failed for a reason that passes"),
        Bounced::Repeated => {}
    }
}
