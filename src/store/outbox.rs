//! The outbox: letters that wait until the next hop has taken them. Sending is the business of `mail`; what is
//! known of each attempt is noted in `attempts`.

use super::Store;
use super::commit::Commit;
use super::error::StoreError;
use super::numbers::count;
use crate::domain::instant::Instant;
use crate::domain::letter::Letter;
use crate::rule::retry::LONGEST_DELAY_MICROSECONDS;
use sqlx::sqlite::{SqliteArguments, SqliteConnection};

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
    /// The root of its thread, for `References`, with the angle brackets.
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

const COLUMNS: &str = "SELECT number, message_id, thread_id, body, queued_at, attempts, begun_at FROM letter ";

type Row = (i64, String, String, String, i64, i64, Option<i64>);
type Query<'a> = sqlx::query::QueryAs<'a, sqlx::Sqlite, Row, SqliteArguments>;

impl Store {
    /// The letters whose next attempt has come at `now`, oldest first. One that lies farther ahead than any delay was
    /// noted by a clock that has been set back since: it is due.
    pub fn due_letters(&self, now: Instant) -> Result<Vec<QueuedLetter>, StoreError> {
        let farthest = now.microseconds().saturating_add(LONGEST_DELAY_MICROSECONDS);
        let condition = "WHERE state = 'queued' AND coalesce(next_attempt_at, 0) NOT BETWEEN ? + 1 AND ?";
        self.letters(condition, |query| query.bind(now.microseconds()).bind(farthest))
    }

    /// All letters that wait, oldest first, whenever their next attempt is.
    pub fn queued_letters(&self) -> Result<Vec<QueuedLetter>, StoreError> {
        self.letters("WHERE state = 'queued'", |query| query)
    }

    /// The letters that were refused for good, came back, or were given up, at or after `since`, oldest first.
    pub fn undelivered_letters(&self, since: Instant) -> Result<Vec<QueuedLetter>, StoreError> {
        let condition = "WHERE state IN ('refused', 'given-up') AND ended_at >= ?";
        self.letters(condition, |query| query.bind(since.microseconds()))
    }

    fn letters(
        &self,
        condition: &str,
        bound: impl FnOnce(Query<'_>) -> Query<'_> + Send,
    ) -> Result<Vec<QueuedLetter>, StoreError> {
        let sql = format!("{COLUMNS}{condition} ORDER BY number");
        self.database.run(async |connection| {
            let query = bound(sqlx::query_as(sqlx::AssertSqlSafe(sql)));
            query.fetch_all(connection).await?.into_iter().map(queued).collect()
        })
    }
}

fn queued(
    (number, message_id, thread_id, body, queued_at, attempts, begun_at): Row,
) -> Result<QueuedLetter, StoreError> {
    Ok(QueuedLetter {
        number: LetterNumber(number),
        message_id,
        thread_id,
        letter: serde_json::from_str(&body)?,
        queued_at: Instant::from_microseconds(queued_at),
        attempts: count(attempts),
        is_unfinished: begun_at.is_some(),
    })
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
