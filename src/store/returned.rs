//! Messages that came back: which were read, and what those did that are about one of our letters. That a message was
//! read, and what it did, is one transaction, so that none counts twice.

use super::Store;
use super::error::StoreError;
use super::evidence::{self, Entry};
use super::outbox::LetterNumber;
use super::unreachable::mark;
use crate::domain::digest::Digest;
use crate::domain::instant::Instant;
use crate::domain::letter::Letter;
use crate::domain::unreachable::{Unreachable, UnreachableCause};
use serde_json::json;
use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;
use std::collections::BTreeSet;

/// A letter that was attempted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentLetter {
    /// The address that it was sent to.
    pub email: String,
    /// When it was last attempted.
    pub attempted_at: Instant,
}

/// What a message that came back does to a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bounce {
    /// The letter did not arrive, and its recipient is marked with this cause.
    Undelivered(UnreachableCause),
    /// It is noted, and nothing else happens.
    Noted,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bounced {
    /// The recipient is marked as unreachable.
    Marked(Unreachable),
    /// It was noted.
    Noted,
    /// The letter had come back before.
    Repeated,
}

impl Store {
    /// The letter with this number, if it was ever attempted.
    pub fn sent_letter(&self, number: LetterNumber) -> Result<Option<SentLetter>, StoreError> {
        self.database.run(async |connection| {
            let sql =
                "SELECT body, coalesce(begun_at, ended_at, queued_at) FROM letter WHERE number = ? AND attempts > 0";
            let row: Option<(String, i64)> = sqlx::query_as(sql).bind(number.0).fetch_optional(connection).await?;
            row.map(|(body, at)| {
                let letter: Letter = serde_json::from_str(&body)?;
                Ok(SentLetter { email: letter.email, attempted_at: Instant::from_microseconds(at) })
            })
            .transpose()
        })
    }

    /// The messages that were read.
    pub fn returned_messages(&self) -> Result<BTreeSet<Digest>, StoreError> {
        self.database.run(async |connection| {
            let rows: Vec<Vec<u8>> =
                sqlx::query_scalar("SELECT digest FROM returned_message").fetch_all(connection).await?;
            rows.into_iter()
                .map(|digest| {
                    let bytes = digest.try_into().map_err(|_| StoreError::Damaged("a digest of a message is cut"))?;
                    Ok(Digest(bytes))
                })
                .collect()
        })
    }

    /// Notes that these messages were read and did nothing, and forgets those that are no longer `still_there` (when
    /// that is known).
    pub fn note_returned(
        &self,
        without_effect: &[Digest],
        still_there: Option<&BTreeSet<Digest>>,
        now: Instant,
    ) -> Result<(), StoreError> {
        self.must_write()?;
        self.database.run(async |connection| {
            let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
            if let Some(still_there) = still_there {
                let known: Vec<Vec<u8>> = sqlx::query_scalar("SELECT digest FROM returned_message WHERE read_at < ?")
                    .bind(now.microseconds())
                    .fetch_all(&mut *transaction)
                    .await?;
                let is_there =
                    |digest: &[u8]| digest.try_into().is_ok_and(|digest| still_there.contains(&Digest(digest)));
                for digest in known.iter().filter(|digest| !is_there(digest)) {
                    let sql = "DELETE FROM returned_message WHERE digest = ?";
                    sqlx::query(sql).bind(digest.as_slice()).execute(&mut *transaction).await?;
                }
            }
            for digest in without_effect {
                note(&mut transaction, *digest, now).await?;
            }
            Ok(transaction.commit().await?)
        })
    }

    /// Stores what a message did that came back about this letter, with the status code that it gave.
    pub fn record_bounce(
        &self,
        digest: Digest,
        number: LetterNumber,
        bounce: Bounce,
        status: &str,
        now: Instant,
    ) -> Result<Bounced, StoreError> {
        self.must_write()?;
        let (chain, node) = (&self.chain, self.node.as_str());
        let bounced = self.database.run(async |connection| {
            let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
            note(&mut transaction, digest, now).await?;
            let (bounced, entries) = record(&mut transaction, number, bounce, status, now).await?;
            for entry in entries {
                evidence::append(&mut transaction, chain, node, now, entry).await?;
            }
            transaction.commit().await?;
            Ok(bounced)
        })?;
        self.write_head()?;
        Ok(bounced)
    }
}

async fn note(connection: &mut SqliteConnection, digest: Digest, now: Instant) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO returned_message (digest, read_at) VALUES (?, ?) ON CONFLICT DO NOTHING")
        .bind(digest.0.as_slice())
        .bind(now.microseconds())
        .execute(connection)
        .await?;
    Ok(())
}

async fn record(
    connection: &mut SqliteConnection,
    number: LetterNumber,
    bounce: Bounce,
    status: &str,
    now: Instant,
) -> Result<(Bounced, Vec<Entry>), StoreError> {
    let sql = "SELECT message_id, body FROM letter WHERE number = ? AND bounced_at IS NULL";
    let row: Option<(String, String)> = sqlx::query_as(sql).bind(number.0).fetch_optional(&mut *connection).await?;
    let Some((message_id, body)) = row else { return Ok((Bounced::Repeated, Vec::new())) };
    let (result, cause) = match bounce {
        Bounce::Undelivered(cause) => ("undelivered", Some(cause)),
        Bounce::Noted => ("noted", None),
    };
    let entry = json!({ "message-id": message_id, "status": status, "result": result });
    let mut entries = vec![Entry { kind: "bounce", body: entry }];
    let Some(cause) = cause else { return Ok((Bounced::Noted, entries)) };
    let why = format!("a letter came back with {status}");
    // A letter that still waits was delivered after all, as far as the server that sent it back.
    sqlx::query(concat!(
        "UPDATE letter SET state = 'refused', answer = ?, ended_at = ?, bounced_at = ?, begun_at = NULL, ",
        "next_attempt_at = NULL WHERE number = ?"
    ))
    .bind(&why)
    .bind(now.microseconds())
    .bind(now.microseconds())
    .bind(number.0)
    .execute(&mut *connection)
    .await?;
    let letter: Letter = serde_json::from_str(&body)?;
    let unreachable =
        Unreachable { person: letter.recipient, email: letter.email, since: now, cause, why, letter: number.0 };
    entries.push(mark(connection, &unreachable).await?);
    Ok((Bounced::Marked(unreachable), entries))
}
