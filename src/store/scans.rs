//! What the last stored scan of each dataset said.

use super::Store;
use super::error::StoreError;
use super::known::{hold, ledger_events};
use super::numbers::count;
use crate::domain::instant::Instant;
use crate::domain::name::DatasetName;
use crate::domain::observation::{Problem, ScanStatus};
use crate::rule::reconcile::Hold;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use std::collections::BTreeMap;

/// The last stored scan of a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastScan {
    /// The dataset.
    pub dataset: DatasetName,
    /// The instant of the scan.
    pub at: Instant,
    /// Whether all was seen.
    pub status: ScanStatus,
    /// How many items there were.
    pub items: u64,
    /// For how many items some rule was undecidable.
    pub undecidable: u64,
    /// What went wrong.
    pub problems: Vec<Problem>,
    /// The hold, if resolution is held back.
    pub hold: Option<Hold>,
    /// How many entries each ledger had when it was last read and not empty: 0 now is `ledger-empty`.
    pub ledger_events: BTreeMap<String, u64>,
}

impl Store {
    /// The last stored scan of each dataset, by its name.
    pub fn last_scans(&self) -> Result<Vec<LastScan>, StoreError> {
        self.database.run(async |connection| {
            let rows = sqlx::query("SELECT * FROM dataset ORDER BY name").fetch_all(connection).await?;
            rows.iter().map(read).collect()
        })
    }
}

fn read(row: &SqliteRow) -> Result<LastScan, StoreError> {
    let name: String = row.try_get("name")?;
    Ok(LastScan {
        dataset: DatasetName::new(name).map_err(|_| StoreError::Damaged("a dataset has no name"))?,
        at: Instant::from_microseconds(row.try_get("scanned_at")?),
        status: status(row.try_get("status")?)?,
        items: count(row.try_get("items")?),
        undecidable: count(row.try_get("undecidable")?),
        problems: serde_json::from_str(row.try_get("problems")?)?,
        hold: hold(row)?,
        ledger_events: ledger_events(row)?,
    })
}

/// The status with this name.
pub(super) fn status(name: &str) -> Result<ScanStatus, StoreError> {
    ScanStatus::parse(name).ok_or(StoreError::Damaged("how a scan ended is not known"))
}
