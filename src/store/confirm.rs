//! What people do besides scanning: confirming that a source is as it should be, and asking for items. Each
//! leaves a trace.

use super::Store;
use super::commit::store_finding;
use super::error::StoreError;
use super::evidence::{self, Entry};
use super::findings::{self, StoredFinding};
use crate::domain::finding::{FindingId, FindingState};
use crate::domain::instant::Instant;
use crate::domain::name::DatasetName;
use crate::domain::verdict::Reason;
use crate::rule::reconcile::ChangeReason;
use serde_json::json;
use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;
use std::collections::BTreeMap;

/// What a confirmation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmation {
    /// The next whole scan is believed.
    Noted,
    /// The letters of the first scan may go to the person in charge.
    Released,
    /// Nothing was held back, so there was nothing to confirm.
    NothingHeld,
}

impl Store {
    /// Notes that `who` says that the source of `dataset` is as it should be: the next whole scan is
    /// believed although it is empty or shrunken, a ledger that is empty is believed to be so, and an early loss
    /// is resolved. Where the letters of its first scan wait for that word, they may go.
    pub fn confirm(&self, dataset: &DatasetName, who: &str, now: Instant) -> Result<Confirmation, StoreError> {
        self.must_write()?;
        let (chain, node) = (&self.chain, self.node.as_str());
        let confirmation = self.database.run(async |connection| {
            let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
            let row: Option<(i64, Option<i64>, bool, i64, i64)> = sqlx::query_as(concat!(
                "SELECT id, hold_since, baseline IS 'waiting', (SELECT count(*) FROM finding WHERE dataset_id = dataset.id ",
                "AND rule = 'source' AND reason = 'ledger-empty' AND state <> 'resolved'), ",
                "(SELECT count(*) FROM finding WHERE dataset_id = dataset.id ",
                "AND rule = 'source' AND reason = 'early-loss' AND state <> 'resolved') FROM dataset WHERE name = ?"
            ))
            .bind(dataset.as_str())
            .fetch_optional(&mut *transaction)
            .await?;
            let Some((id, hold, is_waiting, ledgers, losses)) = row else {
                return Err(StoreError::UnknownDataset(dataset.to_string()));
            };
            if hold.is_none() && ledgers == 0 && losses == 0 && !is_waiting {
                return Ok(Confirmation::NothingHeld);
            }
            let sql = concat!(
                "UPDATE dataset SET is_confirmed = hold_since IS NOT NULL, ",
                "baseline = CASE baseline WHEN 'waiting' THEN 'released' ELSE baseline END WHERE id = ?"
            );
            sqlx::query(sql).bind(id).execute(&mut *transaction).await?;
            if ledgers > 0 {
                forget_ledgers(&mut transaction, id).await?;
            }
            let (ledger, source) = (ledgers > 0, hold.is_some());
            let mut body = json!({
                "dataset": dataset, "who": who, "ledger": ledger, "source": source, "first-scan": is_waiting
            });
            if losses > 0 {
                resolve_early_loss(&mut transaction, (id, dataset), now).await?;
                body["early-loss"] = json!(true);
            }
            evidence::append(&mut transaction, chain, node, now, Entry { kind: "confirm", body }).await?;
            transaction.commit().await?;
            Ok(if is_waiting { Confirmation::Released } else { Confirmation::Noted })
        })?;
        self.write_head()?;
        Ok(confirmation)
    }

    /// Leaves in the evidence that `who` asks for the items of a finding.
    pub fn record_items_asked(&self, who: &str, finding: &FindingId, now: Instant) -> Result<(), StoreError> {
        self.record(now, "items", json!({ "act": "asked", "who": who, "finding": finding }))
    }

    /// Leaves in the evidence that `who` was given items of a finding, and how many.
    pub fn record_items_listed(
        &self,
        who: &str,
        finding: &FindingId,
        items: u64,
        now: Instant,
    ) -> Result<(), StoreError> {
        self.record(now, "items", json!({ "act": "listed", "who": who, "finding": finding, "items": items }))
    }

    /// Leaves in the evidence that `who` was told the verdict on items of a dataset, and on how many.
    pub fn record_explained(
        &self,
        who: &str,
        dataset: &DatasetName,
        items: u64,
        now: Instant,
    ) -> Result<(), StoreError> {
        self.record(now, "explain", json!({ "who": who, "dataset": dataset, "items": items }))
    }

    /// Leaves an act in the evidence. `body` holds no personal data and no discovered file name.
    pub fn record(&self, now: Instant, kind: &'static str, body: serde_json::Value) -> Result<(), StoreError> {
        self.must_write()?;
        let (chain, node) = (&self.chain, self.node.as_str());
        self.database.run(async |connection| {
            let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
            evidence::append(&mut transaction, chain, node, now, Entry { kind, body }).await?;
            Ok(transaction.commit().await?)
        })?;
        self.write_head()
    }
}

/// Resolves the early loss of a dataset: somebody has said that it is right as it is.
async fn resolve_early_loss(
    connection: &mut SqliteConnection,
    (dataset_id, dataset): (i64, &DatasetName),
    now: Instant,
) -> Result<(), StoreError> {
    for StoredFinding { finding, .. } in findings::of_dataset(connection, dataset).await? {
        if finding.key.reason == Reason::EarlyLoss && finding.state != FindingState::Resolved {
            store_finding(connection, dataset_id, &finding.resolved(now), ChangeReason::Resolved).await?;
        }
    }
    let sql = "DELETE FROM departure WHERE kind = 'lost' AND disposal IS NULL AND finding IN \
               (SELECT id FROM finding WHERE dataset_id = ? AND reason = 'early-loss')";
    sqlx::query(sql).bind(dataset_id).execute(connection).await?;
    Ok(())
}

/// Forgets, for every dataset, that the ledgers of this one ever had events: being empty is no news then.
async fn forget_ledgers(connection: &mut SqliteConnection, dataset_id: i64) -> Result<(), StoreError> {
    let rows: Vec<(i64, String)> =
        sqlx::query_as("SELECT id, ledger_events FROM dataset").fetch_all(&mut *connection).await?;
    let events: BTreeMap<i64, BTreeMap<String, u64>> = rows
        .into_iter()
        .map(|(id, events)| Ok((id, serde_json::from_str(&events)?)))
        .collect::<Result<_, StoreError>>()?;
    let forgotten = events.get(&dataset_id).cloned().unwrap_or_default();
    for (id, mut events) in events {
        events.retain(|ledger, _| !forgotten.contains_key(ledger));
        sqlx::query("UPDATE dataset SET ledger_events = ? WHERE id = ?")
            .bind(serde_json::to_string(&events)?)
            .bind(id)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
