//! The outbox: letters that wait until the next hop has taken them. Sending is the business of `mail`; here
//! is only what is known of each attempt. An attempt that began and never ended may or may not have
//! delivered: it is made again with the same message id.

use super::Store;
use super::commit::Commit;
use super::error::StoreError;
use super::evidence::{self, Entry};
use super::numbers::count;
use crate::domain::instant::Instant;
use crate::domain::letter::{Delivery, Letter};
use serde_json::json;
use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;

/// How long a letter is tried, in microseconds: 5 days.
const GIVE_UP_MICROSECONDS: i64 = 5 * 24 * 60 * 60 * 1_000_000;

/// The number of a letter, in the order of queueing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LetterNumber(pub i64);

/// A letter in the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedLetter {
    /// Its number.
    pub number: LetterNumber,
    /// Its `Message-ID`, with the angle brackets. It never changes.
    pub message_id: String,
    /// The root of its thread, for `References` and `In-Reply-To`, with the angle brackets.
    pub thread_id: String,
    /// The letter.
    pub letter: Letter,
    /// When it was queued.
    pub queued_at: Instant,
    /// How many attempts were begun.
    pub attempts: u64,
    /// Whether the last attempt began and its end is not known.
    pub is_unfinished: bool,
}

type Row = (i64, String, String, String, i64, i64, Option<i64>);

impl Store {
    /// The letters that wait to be delivered at `now`, oldest first. Every run tries them all.
    pub fn due_letters(&self, now: Instant) -> Result<Vec<QueuedLetter>, StoreError> {
        self.letters(
            concat!(
                "SELECT number, message_id, thread_id, body, queued_at, attempts, begun_at FROM letter ",
                "WHERE state = 'queued' AND queued_at <= ? ORDER BY number"
            ),
            now.microseconds(),
        )
    }

    /// The letters that were refused for good, or given up, at or after `since`, oldest first.
    pub fn undelivered_letters(&self, since: Instant) -> Result<Vec<QueuedLetter>, StoreError> {
        self.letters(
            concat!(
                "SELECT number, message_id, thread_id, body, queued_at, attempts, begun_at FROM letter ",
                "WHERE state IN ('refused', 'given-up') AND ended_at >= ? ORDER BY number"
            ),
            since.microseconds(),
        )
    }

    fn letters(&self, sql: &'static str, at: i64) -> Result<Vec<QueuedLetter>, StoreError> {
        self.database.run(async |connection| {
            let rows: Vec<Row> = sqlx::query_as(sql).bind(at).fetch_all(connection).await?;
            rows.into_iter()
                .map(|(number, message_id, thread_id, body, queued_at, attempts, begun_at)| {
                    Ok(QueuedLetter {
                        number: LetterNumber(number),
                        message_id,
                        thread_id,
                        letter: serde_json::from_str(&body)?,
                        queued_at: Instant::from_microseconds(queued_at),
                        attempts: count(attempts),
                        is_unfinished: begun_at.is_some(),
                    })
                })
                .collect()
        })
    }

    /// Notes, before anything is sent, that an attempt begins.
    pub fn begin_attempt(&self, number: LetterNumber, now: Instant) -> Result<(), StoreError> {
        self.must_write()?;
        self.database.run(async |connection| {
            sqlx::query(
                "UPDATE letter SET attempts = attempts + 1, begun_at = ? WHERE number = ? AND state = 'queued'",
            )
            .bind(now.microseconds())
            .bind(number.0)
            .execute(connection)
            .await?;
            Ok(())
        })
    }

    /// Notes how an attempt ended, and leaves it in the evidence.
    pub fn finish_attempt(&self, number: LetterNumber, delivery: &Delivery, now: Instant) -> Result<(), StoreError> {
        self.must_write()?;
        let (chain, node) = (&self.chain, self.node.as_str());
        self.database.run(async |connection| {
            let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
            let entry = finish(&mut transaction, number, delivery, now).await?;
            if let Some(entry) = entry {
                evidence::append(&mut transaction, chain, node, now, entry).await?;
            }
            Ok(transaction.commit().await?)
        })?;
        self.write_head()
    }
}

async fn finish(
    connection: &mut SqliteConnection,
    number: LetterNumber,
    delivery: &Delivery,
    now: Instant,
) -> Result<Option<Entry>, StoreError> {
    let row: Option<(String, i64, i64)> =
        sqlx::query_as("SELECT message_id, queued_at, attempts FROM letter WHERE number = ? AND state = 'queued'")
            .bind(number.0)
            .fetch_optional(&mut *connection)
            .await?;
    let Some((message_id, queued_at, attempts)) = row else { return Ok(None) };
    let is_late = now.microseconds().saturating_sub(queued_at) >= GIVE_UP_MICROSECONDS;
    let (state, result, answer) = match delivery {
        Delivery::Accepted => ("accepted", "accepted", None),
        Delivery::Permanent(answer) => ("refused", "permanent", Some(answer)),
        Delivery::Transient(answer) => (if is_late { "given-up" } else { "queued" }, "transient", Some(answer)),
        Delivery::Unknown(answer) => (if is_late { "given-up" } else { "queued" }, "unknown", Some(answer)),
    };
    sqlx::query("UPDATE letter SET state = ?, answer = ?, ended_at = ?, begun_at = NULL WHERE number = ?")
        .bind(state)
        .bind(answer)
        .bind(now.microseconds())
        .bind(number.0)
        .execute(connection)
        .await?;
    let body = json!({ "message-id": message_id, "attempt": attempts, "result": result, "state": state });
    Ok(Some(Entry { kind: "delivery", body }))
}

/// Queues the letters of a commit.
pub(super) async fn queue(
    connection: &mut SqliteConnection,
    commit: &Commit,
    node: &str,
) -> Result<Vec<QueuedLetter>, StoreError> {
    let mut queued = Vec::with_capacity(commit.letters.len());
    for letter in &commit.letters {
        let last: Option<i64> = sqlx::query_scalar("SELECT seq FROM sqlite_sequence WHERE name = 'letter'")
            .fetch_optional(&mut *connection)
            .await?;
        let number = last.unwrap_or_default() + 1;
        let domain = &commit.message_domain;
        let thread = blake3::hash(letter.thread.as_bytes()).to_hex();
        let queued_letter = QueuedLetter {
            number: LetterNumber(number),
            message_id: format!("<purposed.{node}.{number}@{domain}>"),
            thread_id: format!("<purposed.{node}.thread.{}@{domain}>", &thread[..16]),
            letter: letter.clone(),
            queued_at: commit.now,
            attempts: 0,
            is_unfinished: false,
        };
        insert(connection, &queued_letter, node).await?;
        queued.push(queued_letter);
    }
    Ok(queued)
}

async fn insert(connection: &mut SqliteConnection, queued: &QueuedLetter, node: &str) -> Result<(), StoreError> {
    sqlx::query(concat!(
        "INSERT INTO letter (number, message_id, thread_id, node, recipient, body, queued_at, state) ",
        "VALUES (?, ?, ?, ?, ?, ?, ?, 'queued')"
    ))
    .bind(queued.number.0)
    .bind(&queued.message_id)
    .bind(&queued.thread_id)
    .bind(node)
    .bind(queued.letter.recipient.as_str())
    .bind(serde_json::to_string(&queued.letter)?)
    .bind(queued.queued_at.microseconds())
    .execute(connection)
    .await?;
    Ok(())
}
