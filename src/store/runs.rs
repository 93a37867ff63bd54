//! The run ledger: every scan that was begun, how it ended, and up to when each schedule was looked at. A run
//! that was begun and never ended was cut off; the next one who opens the store for writing says so.

use super::Store;
use super::error::StoreError;
use super::numbers::{count, stored};
use super::scans::status;
use crate::domain::instant::Instant;
use crate::domain::name::DatasetName;
use crate::domain::observation::ScanStatus;
use crate::domain::run::{CaughtUp, Run, RunTrigger};
use sqlx::Connection;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use std::collections::BTreeMap;

/// How many runs of each dataset are remembered: about three years of nights.
const KEPT_RUNS: i64 = 1000;

/// A run that begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunStart {
    /// The dataset.
    pub dataset: DatasetName,
    /// Why it runs.
    pub trigger: RunTrigger,
    /// The instant that its schedule named.
    pub scheduled_at: Option<Instant>,
    /// How many earlier instants of its schedule passed without a scan.
    pub missed: u64,
    /// When it begins.
    pub started_at: Instant,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunEnd {
    /// When.
    pub ended_at: Instant,
    /// How; nothing when nothing was stored.
    pub status: Option<ScanStatus>,
    /// How many items there were.
    pub items: u64,
    /// How many problems were told.
    pub problems: u64,
    /// Why nothing came of it.
    pub failure: Option<String>,
    /// Up to when its schedule counts as looked at.
    pub considered_until: Option<Instant>,
}

impl Store {
    /// Notes that a run begins, and returns its number.
    pub fn begin_run(&self, run: &RunStart) -> Result<i64, StoreError> {
        self.must_write()?;
        let node = self.node.as_str();
        self.database.run(async |connection| {
            let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
            let number: i64 = sqlx::query_scalar(concat!(
                "INSERT INTO run (node, dataset, cause, scheduled_at, missed, started_at) ",
                "VALUES (?, ?, ?, ?, ?, ?) RETURNING number"
            ))
            .bind(node)
            .bind(run.dataset.as_str())
            .bind(run.trigger.as_str())
            .bind(run.scheduled_at.map(Instant::microseconds))
            .bind(stored(run.missed))
            .bind(run.started_at.microseconds())
            .fetch_one(&mut *transaction)
            .await?;
            sqlx::query(concat!(
                "DELETE FROM run WHERE dataset = ?1 AND number <= ",
                "(SELECT number FROM run WHERE dataset = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)"
            ))
            .bind(run.dataset.as_str())
            .bind(KEPT_RUNS)
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await?;
            Ok(number)
        })
    }

    /// Notes how a run ended.
    pub fn end_run(&self, number: i64, end: &RunEnd) -> Result<(), StoreError> {
        self.must_write()?;
        self.database.run(async |connection| {
            let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
            let dataset: Option<String> = sqlx::query_scalar(concat!(
                "UPDATE run SET ended_at = ?, status = ?, items = ?, problems = ?, failure = ? WHERE number = ? ",
                "RETURNING dataset"
            ))
            .bind(end.ended_at.microseconds())
            .bind(end.status.map(ScanStatus::as_str))
            .bind(stored(end.items))
            .bind(stored(end.problems))
            .bind(end.failure.as_deref())
            .bind(number)
            .fetch_optional(&mut *transaction)
            .await?;
            if let (Some(dataset), Some(until)) = (dataset, end.considered_until) {
                consider(&mut transaction, &dataset, Some(until)).await?;
            }
            Ok(transaction.commit().await?)
        })
    }

    /// The latest runs of each dataset, at most `of_each`, in the order of starting.
    pub fn runs(&self, of_each: u32) -> Result<Vec<Run>, StoreError> {
        self.database.run(async |connection| {
            let rows = sqlx::query(concat!(
                "SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY dataset ORDER BY number DESC) AS place ",
                "FROM run) WHERE place <= ? ORDER BY number"
            ))
            .bind(of_each)
            .fetch_all(connection)
            .await?;
            rows.iter().map(read).collect()
        })
    }

    /// Runs that made up for missed ones, of which nobody was told yet. One that came more than a day late counts as
    /// well: its own instant was missed.
    pub fn caught_up(&self) -> Result<Vec<CaughtUp>, StoreError> {
        self.database.run(async |connection| {
            let rows: Vec<(i64, String, i64, Option<i64>, i64)> = sqlx::query_as(concat!(
                "SELECT number, dataset, max(missed, 1), (SELECT max(started_at) FROM run AS before WHERE ",
                "before.dataset = run.dataset AND before.number < run.number AND before.status IS NOT NULL), ",
                "started_at FROM run WHERE status IS NOT NULL AND missed_told_at IS NULL AND (missed > 0 OR ",
                "(cause = 'catch-up' AND started_at - scheduled_at > 86400000000)) ORDER BY number"
            ))
            .fetch_all(connection)
            .await?;
            rows.into_iter()
                .map(|(run, dataset, missed, before, scanned_at)| {
                    Ok(CaughtUp {
                        run,
                        dataset: dataset_name(dataset)?,
                        missed: count(missed),
                        scanned_before: before.map(Instant::from_microseconds),
                        scanned_at: Instant::from_microseconds(scanned_at),
                    })
                })
                .collect()
        })
    }

    /// How many scans of each dataset did not happen when they should have, as runs since an instant noted it.
    pub fn missed_since(&self, since: Instant) -> Result<BTreeMap<DatasetName, u64>, StoreError> {
        self.database.run(async |connection| {
            let sql = "SELECT dataset, sum(missed) FROM run WHERE missed > 0 AND started_at > ? GROUP BY dataset";
            let rows: Vec<(String, i64)> = sqlx::query_as(sql).bind(since.microseconds()).fetch_all(connection).await?;
            rows.into_iter().map(|(name, missed)| Ok((dataset_name(name)?, count(missed)))).collect()
        })
    }

    /// When the last run of each dataset of which something was stored began.
    pub fn last_stored_runs(&self) -> Result<BTreeMap<DatasetName, Instant>, StoreError> {
        self.instants("SELECT dataset, max(started_at) FROM run WHERE status IS NOT NULL GROUP BY dataset")
    }

    /// Up to when each dataset's schedule was looked at.
    pub fn considered_until(&self) -> Result<BTreeMap<DatasetName, Instant>, StoreError> {
        self.instants("SELECT dataset, considered_until FROM schedule")
    }

    /// Notes up to when schedules were looked at; nothing forgets the dataset.
    pub fn consider_until(&self, changes: &BTreeMap<DatasetName, Option<Instant>>) -> Result<(), StoreError> {
        self.must_write()?;
        if changes.is_empty() {
            return Ok(());
        }
        self.database.run(async |connection| {
            let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
            for (dataset, until) in changes {
                consider(&mut transaction, dataset.as_str(), *until).await?;
            }
            Ok(transaction.commit().await?)
        })
    }

    fn instants(&self, sql: &'static str) -> Result<BTreeMap<DatasetName, Instant>, StoreError> {
        self.database.run(async |connection| {
            let rows: Vec<(String, i64)> = sqlx::query_as(sql).fetch_all(connection).await?;
            rows.into_iter().map(|(name, at)| Ok((dataset_name(name)?, Instant::from_microseconds(at)))).collect()
        })
    }
}

/// Notes that the manager was told of the scans that were missed before these runs.
pub(super) async fn missed_told(
    connection: &mut SqliteConnection,
    runs: &[i64],
    now: Instant,
) -> Result<(), StoreError> {
    for number in runs {
        let query = sqlx::query("UPDATE run SET missed_told_at = ? WHERE number = ?").bind(now.microseconds());
        query.bind(number).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Marks runs that were begun and never ended. Nobody else writes, so nobody is still at them.
pub(super) async fn cut_off(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let sql = "UPDATE run SET failure = ? WHERE ended_at IS NULL AND failure IS NULL";
    sqlx::query(sql).bind(Run::CUT_OFF).execute(connection).await?;
    Ok(())
}

async fn consider(connection: &mut SqliteConnection, dataset: &str, until: Option<Instant>) -> Result<(), StoreError> {
    let query = match until {
        Some(until) => sqlx::query(concat!(
            "INSERT INTO schedule (dataset, considered_until) VALUES (?, ?) ",
            "ON CONFLICT DO UPDATE SET considered_until = excluded.considered_until"
        ))
        .bind(dataset)
        .bind(until.microseconds()),
        None => sqlx::query("DELETE FROM schedule WHERE dataset = ?").bind(dataset),
    };
    query.execute(connection).await?;
    Ok(())
}

fn dataset_name(name: String) -> Result<DatasetName, StoreError> {
    DatasetName::new(name).map_err(|_| StoreError::Damaged("a run has no dataset"))
}

fn read(row: &SqliteRow) -> Result<Run, StoreError> {
    let instant = |column| Ok::<_, StoreError>(row.try_get::<Option<i64>, _>(column)?.map(Instant::from_microseconds));
    let cause: &str = row.try_get("cause")?;
    let ended: Option<&str> = row.try_get("status")?;
    Ok(Run {
        number: row.try_get("number")?,
        dataset: dataset_name(row.try_get("dataset")?)?,
        trigger: RunTrigger::parse(cause).ok_or(StoreError::Damaged("why a scan ran is not known"))?,
        scheduled_at: instant("scheduled_at")?,
        missed: count(row.try_get("missed")?),
        started_at: Instant::from_microseconds(row.try_get("started_at")?),
        ended_at: instant("ended_at")?,
        status: ended.map(status).transpose()?,
        items: count(row.try_get("items")?),
        problems: count(row.try_get("problems")?),
        failure: row.try_get("failure")?,
    })
}

#[cfg(test)]
mod tests;
