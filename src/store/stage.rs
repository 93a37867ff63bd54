//! Writing changed lists of flagged items where nothing points to them yet, in bounded transactions, and
//! sweeping those that nothing came to point to.

use super::Store;
use super::error::StoreError;
use super::numbers::stored;
use super::records::{CHUNK_RECORDS, encode};
use crate::domain::observation::{Flagged, PartKey};
use crate::rule::reconcile::{Outcome, PartChange};
use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

/// How many chunks one transaction writes at most (10 MB).
const CHUNKS_PER_TRANSACTION: usize = 64;

/// What the commit is to do with a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PartPointer {
    /// Its flagged items stay; later losses are measured by this.
    Measured { items: i64, flagged: i64 },
    /// It points to a new list.
    Moved { items: i64, flagged: i64, content_hash: [u8; 32], generation: Option<i64> },
    /// It is deleted.
    Dropped,
}

/// An outcome whose lists are written, so that a commit can switch to them.
#[derive(Debug)]
pub struct Staged {
    /// The outcome; its lists of flagged items are in the store.
    pub outcome: Outcome,
    pub(super) pointers: BTreeMap<PartKey, PartPointer>,
}

impl Store {
    /// Writes the changed lists of `outcome`. Until a commit switches to them, nothing has happened.
    pub fn stage(&self, mut outcome: Outcome) -> Result<Staged, StoreError> {
        self.must_write()?;
        let parts = std::mem::take(&mut outcome.parts);
        let first = self.next_generation.load(Ordering::SeqCst);
        let (pointers, next) = self.database.run(async |connection| {
            // Nothing points to these lists before the commit, and its flush of the log covers them too.
            sqlx::raw_sql("PRAGMA synchronous = NORMAL").execute(&mut *connection).await?;
            let written = write(connection, parts, first).await;
            sqlx::raw_sql("PRAGMA synchronous = FULL").execute(&mut *connection).await?;
            written
        })?;
        self.next_generation.store(next, Ordering::SeqCst);
        Ok(Staged { outcome, pointers })
    }
}

async fn write(
    connection: &mut SqliteConnection,
    parts: BTreeMap<PartKey, PartChange>,
    mut generation: i64,
) -> Result<(BTreeMap<PartKey, PartPointer>, i64), StoreError> {
    let mut pointers = BTreeMap::new();
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let mut written = 0;
    for (key, change) in parts {
        let pointer = match change {
            PartChange::Measured(measure) => {
                PartPointer::Measured { items: stored(measure.items), flagged: stored(measure.flagged) }
            }
            PartChange::Dropped => PartPointer::Dropped,
            PartChange::Replaced(measure, flagged) => {
                let mut hasher = blake3::Hasher::new();
                for (number, chunk) in flagged.chunks(CHUNK_RECORDS).enumerate() {
                    if written == CHUNKS_PER_TRANSACTION {
                        transaction.commit().await?;
                        transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
                        written = 0;
                    }
                    insert(&mut transaction, generation, number, chunk, &mut hasher).await?;
                    written += 1;
                }
                let used = (!flagged.is_empty()).then_some(generation);
                generation += i64::from(used.is_some());
                PartPointer::Moved {
                    items: stored(measure.items),
                    flagged: stored(measure.flagged),
                    content_hash: *hasher.finalize().as_bytes(),
                    generation: used,
                }
            }
        };
        pointers.insert(key, pointer);
    }
    transaction.commit().await?;
    Ok((pointers, generation))
}

async fn insert(
    connection: &mut SqliteConnection,
    generation: i64,
    number: usize,
    chunk: &[Flagged],
    hasher: &mut blake3::Hasher,
) -> Result<(), StoreError> {
    let records = encode(chunk);
    hasher.update(&records);
    sqlx::query("INSERT INTO chunk (generation, number, records) VALUES (?, ?, ?)")
        .bind(generation)
        .bind(stored(number as u64))
        .bind(records)
        .execute(connection)
        .await?;
    Ok(())
}

/// The first generation that was never used.
pub(super) async fn next_generation(connection: &mut SqliteConnection) -> Result<i64, StoreError> {
    let last: Option<i64> = sqlx::query_scalar(
        "SELECT max(generation) FROM (SELECT generation FROM part UNION ALL SELECT max(generation) FROM chunk)",
    )
    .fetch_one(connection)
    .await?;
    Ok(last.unwrap_or_default() + 1)
}

/// Deletes the lists that nothing points to, and gives the log's space back.
pub(super) async fn sweep(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let lost: Vec<i64> = sqlx::query_scalar(concat!(
        "SELECT DISTINCT generation FROM chunk ",
        "WHERE generation NOT IN (SELECT generation FROM part WHERE generation IS NOT NULL)"
    ))
    .fetch_all(&mut *connection)
    .await?;
    for generation in lost {
        loop {
            let deleted = sqlx::query(concat!(
                "DELETE FROM chunk WHERE rowid IN (SELECT rowid FROM chunk WHERE generation = ? ",
                "ORDER BY number LIMIT 64)"
            ))
            .bind(generation)
            .execute(&mut *connection)
            .await?;
            if deleted.rows_affected() == 0 {
                break;
            }
        }
    }
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut *connection).await?;
    Ok(())
}
