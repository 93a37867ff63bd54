//! What planning letters needs beside findings: what was said of exceptions, whose letters do not arrive, which
//! first scans wait for the manager's word, and what the last summary counted.

use super::Store;
use super::error::StoreError;
use crate::domain::exception::ExceptionId;
use crate::domain::finding::FindingId;
use crate::domain::instant::Instant;
use crate::domain::letter::{ExceptionTold, NoticeReason};
use crate::domain::name::{DatasetName, PersonName};
use serde::Deserialize;
use sqlx::sqlite::SqliteConnection;
use std::collections::{BTreeMap, BTreeSet};

#[cfg(test)]
mod tests;

/// The kind of evidence that a summary leaves.
pub const SUMMARY_ENTRY: &str = "summary";

#[derive(Deserialize)]
struct SummaryBody {
    counts: BTreeMap<FindingId, u64>,
}

impl Store {
    /// What each person was told about each exception.
    pub fn exceptions_told(&self) -> Result<Vec<ExceptionTold>, StoreError> {
        self.database.run(async |connection| {
            let rows: Vec<(i64, String, String, String, i64)> = sqlx::query_as(
                "SELECT exception, recipient, reason, until_day, at FROM exception_told ORDER BY exception, recipient",
            )
            .fetch_all(connection)
            .await?;
            rows.into_iter()
                .map(|(number, recipient, reason, until_day, at)| {
                    Ok(ExceptionTold {
                        recipient: PersonName::new(recipient)
                            .map_err(|_| StoreError::Damaged("a recipient is no name"))?,
                        exception: ExceptionId::of_number(number),
                        reason: NoticeReason::parse(&reason)
                            .ok_or(StoreError::Damaged("nobody knows why a person was told"))?,
                        until_day: until_day.parse().map_err(|_| StoreError::Damaged("an exception has no day"))?,
                        at: Instant::from_microseconds(at),
                    })
                })
                .collect()
        })
    }

    /// Datasets whose first letters wait for the manager's word.
    pub fn waiting_baselines(&self) -> Result<BTreeSet<DatasetName>, StoreError> {
        self.database.run(async |connection| {
            let names: Vec<String> =
                sqlx::query_scalar("SELECT name FROM dataset WHERE baseline = 'waiting'").fetch_all(connection).await?;
            names
                .into_iter()
                .map(|name| DatasetName::new(name).map_err(|_| StoreError::Damaged("a dataset has no name")))
                .collect()
        })
    }

    /// How many items each open finding had at the last weekly summary; nothing before the first one.
    pub fn last_summary(&self) -> Result<Option<BTreeMap<FindingId, u64>>, StoreError> {
        let body: Option<String> = self.database.run(async |connection| {
            let sql = "SELECT body FROM evidence WHERE kind = ? ORDER BY sequence DESC LIMIT 1";
            Ok(sqlx::query_scalar(sql).bind(SUMMARY_ENTRY).fetch_optional(connection).await?)
        })?;
        body.map(|body| Ok(serde_json::from_str::<SummaryBody>(&body)?.counts)).transpose()
    }
}

/// Stores what was said of exceptions.
pub(super) async fn store_exceptions_told(
    connection: &mut SqliteConnection,
    told: &[ExceptionTold],
) -> Result<(), StoreError> {
    for told in told {
        sqlx::query(concat!(
            "INSERT INTO exception_told (exception, recipient, reason, until_day, at) VALUES (?, ?, ?, ?, ?) ",
            "ON CONFLICT DO UPDATE SET at = excluded.at"
        ))
        .bind(told.exception.number().ok_or(StoreError::Damaged("an exception has no number"))?)
        .bind(told.recipient.as_str())
        .bind(told.reason.as_str())
        .bind(told.until_day.to_string())
        .bind(told.at.microseconds())
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Lets the letters of first scans wait for the manager's word. One that was released never waits again.
pub(super) async fn let_wait(connection: &mut SqliteConnection, datasets: &[DatasetName]) -> Result<(), StoreError> {
    for name in datasets {
        sqlx::query("UPDATE dataset SET baseline = 'waiting' WHERE name = ? AND baseline IS NULL")
            .bind(name.as_str())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
