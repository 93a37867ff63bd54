//! What is known of a dataset. Flagged items are read only for parts whose list is not the very one that
//! was just seen: a rescan that finds nothing changed reads none.

use super::Store;
use super::error::StoreError;
use super::findings::{self, StoredFinding};
use super::numbers::count;
use super::records::{content_hash, decode};
use crate::domain::digest::Digest;
use crate::domain::finding::Finding;
use crate::domain::instant::Instant;
use crate::domain::name::DatasetName;
use crate::domain::observation::{Flagged, Observation, PartKey, ScanStatus};
use crate::rule::reconcile::{Hold, HoldReason, Known, KnownPart, Measure};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use std::collections::BTreeMap;

/// A part as its row points to it.
struct PartRow {
    key: PartKey,
    measure: Measure,
    hash: Vec<u8>,
    generation: Option<i64>,
}

/// The columns of a part, as they are stored.
type Columns = (Vec<u8>, i64, i64, Vec<u8>, Option<i64>);

impl Store {
    /// What is known of the dataset of `observation`, for `reconcile` to compare the observation with.
    pub fn known(&self, observation: &Observation) -> Result<Known, StoreError> {
        self.database.run(async |connection| {
            let Some((id, mut known)) = dataset(connection, &observation.dataset).await? else {
                return Ok(Known::default());
            };
            known.findings = findings_of(connection, &observation.dataset).await?;
            for row in parts(connection, id).await? {
                let flagged = if is_needed(&row, observation) { Some(list(connection, &row).await?) } else { None };
                known.parts.insert(row.key, KnownPart { measure: row.measure, flagged });
            }
            Ok(known)
        })
    }
}

fn is_needed(row: &PartRow, observation: &Observation) -> bool {
    if observation.status == ScanStatus::Failed {
        return false;
    }
    observation.parts.get(&row.key).is_none_or(|seen| content_hash(&seen.flagged).as_slice() != row.hash)
}

async fn dataset(connection: &mut SqliteConnection, name: &DatasetName) -> Result<Option<(i64, Known)>, StoreError> {
    let row =
        sqlx::query("SELECT * FROM dataset WHERE name = ?").bind(name.as_str()).fetch_optional(connection).await?;
    let Some(row) = row else { return Ok(None) };
    let known = Known {
        hold: hold(&row)?,
        confirmed: row.try_get("is_confirmed")?,
        ledger_events: serde_json::from_str(row.try_get("ledger_events")?)?,
        ..Known::default()
    };
    Ok(Some((row.try_get("id")?, known)))
}

/// The hold that a row of `dataset` tells of.
pub(super) fn hold(row: &SqliteRow) -> Result<Option<Hold>, StoreError> {
    let since: Option<i64> = row.try_get("hold_since")?;
    let reason: Option<&str> = row.try_get("hold_reason")?;
    Ok(match (reason, since) {
        (Some(reason), Some(since)) => {
            let reason = if reason == "empty" { HoldReason::Empty } else { HoldReason::Shrunken };
            let items = count(row.try_get("hold_items")?);
            Some(Hold { reason, since: Instant::from_microseconds(since), items })
        }
        _ => None,
    })
}

async fn findings_of(connection: &mut SqliteConnection, dataset: &DatasetName) -> Result<Vec<Finding>, StoreError> {
    let stored: Vec<StoredFinding> = findings::of_dataset(connection, dataset).await?;
    Ok(stored.into_iter().map(|stored| stored.finding).collect())
}

async fn parts(connection: &mut SqliteConnection, dataset_id: i64) -> Result<Vec<PartRow>, StoreError> {
    let rows: Vec<Columns> =
        sqlx::query_as("SELECT key, items, flagged, content_hash, generation FROM part WHERE dataset_id = ?")
            .bind(dataset_id)
            .fetch_all(connection)
            .await?;
    rows.into_iter()
        .map(|(key, items, flagged, hash, generation)| {
            let key = <[u8; 16]>::try_from(key).map_err(|_| StoreError::Damaged("a part's key is cut"))?;
            let measure = Measure { items: count(items), flagged: count(flagged) };
            Ok(PartRow { key: Digest(key), measure, hash, generation })
        })
        .collect()
}

async fn list(connection: &mut SqliteConnection, row: &PartRow) -> Result<Vec<Flagged>, StoreError> {
    let mut flagged = Vec::new();
    if let Some(generation) = row.generation {
        let chunks: Vec<Vec<u8>> = sqlx::query_scalar("SELECT records FROM chunk WHERE generation = ? ORDER BY number")
            .bind(generation)
            .fetch_all(connection)
            .await?;
        chunks.iter().try_for_each(|records| decode(records, &mut flagged))?;
    }
    if content_hash(&flagged).as_slice() != row.hash {
        return Err(StoreError::Damaged("a list of flagged items is not whole"));
    }
    Ok(flagged)
}

/// The ledgers' events of a dataset, as JSON.
pub(super) fn ledger_events(row: &SqliteRow) -> Result<BTreeMap<String, u64>, StoreError> {
    Ok(serde_json::from_str(row.try_get("ledger_events")?)?)
}
