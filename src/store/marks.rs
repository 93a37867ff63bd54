//! When something was last done that is done now and then: a summary, a digest.

use super::Store;
use super::error::StoreError;
use crate::domain::instant::Instant;
use sqlx::sqlite::SqliteConnection;
use std::collections::BTreeMap;

impl Store {
    /// When each of these was last done, by its name.
    pub fn marks(&self) -> Result<BTreeMap<String, Instant>, StoreError> {
        self.database.run(async |connection| {
            let rows: Vec<(String, i64)> = sqlx::query_as("SELECT name, at FROM mark").fetch_all(connection).await?;
            Ok(rows.into_iter().map(|(name, at)| (name, Instant::from_microseconds(at))).collect())
        })
    }
}

/// Notes that something was done now.
pub(super) async fn set(connection: &mut SqliteConnection, name: &str, now: Instant) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO mark (name, at) VALUES (?, ?) ON CONFLICT DO UPDATE SET at = excluded.at")
        .bind(name)
        .bind(now.microseconds())
        .execute(connection)
        .await?;
    Ok(())
}
