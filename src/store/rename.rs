//! Renames: what is known of a dataset goes with it to its new name. The numbers of its findings follow from the name;
//! the earlier ones stay known.

use super::Store;
use super::error::StoreError;
use super::evidence::{self, Entry};
use super::findings;
use crate::domain::finding::FindingKey;
use crate::domain::instant::Instant;
use crate::domain::name::DatasetName;
use serde_json::json;
use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;

impl Store {
    /// Gives the history of `from` to `to`, and says whether it did: not when `from` was never scanned or `to` has a
    /// history of its own. Exceptions were made for the data, whatever it is called: they go to `to` in any case.
    pub fn rename_dataset(&self, from: &DatasetName, to: &DatasetName, now: Instant) -> Result<bool, StoreError> {
        self.must_write()?;
        let (chain, node) = (&self.chain, self.node.as_str());
        let (renamed, exceptions) = self.database.run(async |connection| {
            let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
            let query = sqlx::query("UPDATE exception SET dataset = ? WHERE dataset = ?");
            let query = query.bind(to.as_str()).bind(from.as_str());
            let exceptions = query.execute(&mut *transaction).await?.rows_affected();
            let sql = concat!(
                "UPDATE dataset SET name = ?1 WHERE name = ?2 ",
                "AND NOT EXISTS (SELECT 1 FROM dataset WHERE name = ?1)"
            );
            let query = sqlx::query(sql).bind(to.as_str()).bind(from.as_str());
            let renamed = query.execute(&mut *transaction).await?.rows_affected() > 0;
            if renamed {
                rename_history(&mut transaction, from, to, now).await?;
            }
            if renamed || exceptions > 0 {
                let body = json!({ "from": from, "to": to, "history": renamed, "exceptions": exceptions });
                evidence::append(&mut transaction, chain, node, now, Entry { kind: "rename", body }).await?;
                transaction.commit().await?;
            }
            Ok((renamed, exceptions))
        })?;
        if renamed || exceptions > 0 {
            self.write_head()?;
        }
        Ok(renamed)
    }
}

/// Gives the findings new numbers, of which the earlier ones stay known, and takes the runs and the schedule along.
async fn rename_history(
    connection: &mut SqliteConnection,
    from: &DatasetName,
    to: &DatasetName,
    now: Instant,
) -> Result<(), StoreError> {
    for stored in findings::of_dataset(connection, to).await? {
        let before = FindingKey { dataset: from.clone(), ..stored.finding.key.clone() };
        sqlx::query("UPDATE finding SET id = ? WHERE id = ?")
            .bind(stored.finding.key.id().0)
            .bind(before.id().0)
            .execute(&mut *connection)
            .await?;
        let sql = concat!(
            "INSERT INTO finding_alias (id, finding, renamed_at) VALUES (?, ?, ?) ",
            "ON CONFLICT DO UPDATE SET finding = excluded.finding, renamed_at = excluded.renamed_at"
        );
        sqlx::query(sql)
            .bind(before.id().0)
            .bind(stored.finding.key.id().0)
            .bind(now.microseconds())
            .execute(&mut *connection)
            .await?;
    }
    for sql in [
        "UPDATE run SET dataset = ?1 WHERE dataset = ?2",
        "UPDATE OR IGNORE schedule SET dataset = ?1 WHERE dataset = ?2",
    ] {
        sqlx::query(sql).bind(to.as_str()).bind(from.as_str()).execute(&mut *connection).await?;
    }
    Ok(())
}
