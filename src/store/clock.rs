//! Real and simulated stores. A store whose first scan was at a made-up instant goes on with made-up
//! instants, forward only; a real one never takes any.

use super::Store;
use super::error::StoreError;
use crate::domain::instant::Instant;
use jiff::tz::TimeZone;
use sqlx::sqlite::SqliteConnection;
use std::sync::PoisonError;

impl Store {
    /// Says at which instant the coming scan is, and whether that instant is made up. Refused where the
    /// store is of the other kind, or a simulated one would go back. Remembered by the next commit.
    pub fn begin_scan_clock(&self, now: Instant, simulated: bool) -> Result<(), StoreError> {
        let (is_simulated, latest): (Option<bool>, Option<i64>) = self.database.run(async |connection| {
            Ok(sqlx::query_as("SELECT is_simulated, latest_scan FROM store").fetch_one(connection).await?)
        })?;
        let latest = latest.map(Instant::from_microseconds);
        match is_simulated {
            Some(true) if !simulated => Err(StoreError::IsSimulated),
            Some(false) if simulated => Err(StoreError::IsReal),
            Some(true) if latest.is_some_and(|latest| latest > now) => {
                Err(StoreError::Backwards(latest.unwrap_or(now).rfc3339(&TimeZone::UTC)))
            }
            _ => {
                *self.scan_clock.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, simulated));
                Ok(())
            }
        }
    }

    /// The latest instant of a simulated store, which is its present one; `None` where the store is a real one.
    pub fn simulated_now(&self) -> Result<Option<Instant>, StoreError> {
        let latest: Option<i64> = self.database.run(async |connection| {
            let sql = "SELECT CASE WHEN is_simulated THEN latest_scan END FROM store";
            Ok(sqlx::query_scalar(sql).fetch_one(connection).await?)
        })?;
        Ok(latest.map(Instant::from_microseconds))
    }

    /// Whether the store is simulated; `None` before its first scan.
    pub fn is_simulated(&self) -> Result<Option<bool>, StoreError> {
        self.database.run(async |connection| {
            Ok(sqlx::query_scalar("SELECT is_simulated FROM store").fetch_one(connection).await?)
        })
    }

    /// Whether what is written now is of a simulated store: also before its first commit, when only the scan at hand
    /// knows.
    pub fn writes_simulated(&self) -> Result<bool, StoreError> {
        let clock = *self.scan_clock.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(self.is_simulated()?.unwrap_or_else(|| clock.is_some_and(|(_, simulated)| simulated)))
    }
}

pub(super) async fn remember(
    connection: &mut SqliteConnection,
    now: Instant,
    clock: Option<(Instant, bool)>,
) -> Result<(), StoreError> {
    let simulated = clock.is_some_and(|(_, simulated)| simulated);
    sqlx::query(
        "UPDATE store SET is_simulated = coalesce(is_simulated, ?), latest_scan = max(coalesce(latest_scan, ?), ?)",
    )
    .bind(simulated)
    .bind(now.microseconds())
    .bind(now.microseconds())
    .execute(connection)
    .await?;
    Ok(())
}
