//! From version 1 of the store to version 2: flagged items got a second set of reasons, so every list is
//! written anew, and its hash with it.

use super::error::StoreError;
use sqlx::sqlite::SqliteConnection;

const OLD_BYTES: usize = 20;

/// Fills the new table of chunks from the old one, and takes its place.
pub(super) async fn widen(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let parts: Vec<(i64, Vec<u8>, i64)> =
        sqlx::query_as("SELECT dataset_id, key, generation FROM part WHERE generation IS NOT NULL")
            .fetch_all(&mut *connection)
            .await?;
    for (dataset, key, generation) in parts {
        let hash = widen_list(connection, generation).await?;
        sqlx::query("UPDATE part SET content_hash = ? WHERE dataset_id = ? AND key = ?")
            .bind(hash.as_slice())
            .bind(dataset)
            .bind(key)
            .execute(&mut *connection)
            .await?;
    }
    sqlx::raw_sql("DROP TABLE chunk; ALTER TABLE chunk_2 RENAME TO chunk").execute(connection).await?;
    Ok(())
}

/// Writes one list anew, chunk by chunk; returns its hash.
async fn widen_list(connection: &mut SqliteConnection, generation: i64) -> Result<[u8; 32], StoreError> {
    let numbers: Vec<i64> = sqlx::query_scalar("SELECT number FROM chunk WHERE generation = ? ORDER BY number")
        .bind(generation)
        .fetch_all(&mut *connection)
        .await?;
    let mut hasher = blake3::Hasher::new();
    for number in numbers {
        let old: Vec<u8> = sqlx::query_scalar("SELECT records FROM chunk WHERE generation = ? AND number = ?")
            .bind(generation)
            .bind(number)
            .fetch_one(&mut *connection)
            .await?;
        let new: Vec<u8> = old.chunks_exact(OLD_BYTES).flat_map(|record| [record, &[0; 4]].concat()).collect();
        hasher.update(&new);
        sqlx::query("INSERT INTO chunk_2 (generation, number, records) VALUES (?, ?, ?)")
            .bind(generation)
            .bind(number)
            .bind(new)
            .execute(&mut *connection)
            .await?;
    }
    Ok(*hasher.finalize().as_bytes())
}
