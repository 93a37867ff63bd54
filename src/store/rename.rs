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

impl Store {
    /// Gives the history of `from` to `to`. Does nothing, and says so, when `from` is not known or `to`
    /// has a history of its own.
    pub fn rename_dataset(&self, from: &DatasetName, to: &DatasetName, now: Instant) -> Result<bool, StoreError> {
        self.must_write()?;
        let (chain, node) = (&self.chain, self.node.as_str());
        let renamed = self.database.run(async |connection| {
            let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
            let sql = concat!(
                "UPDATE dataset SET name = ?1 WHERE name = ?2 ",
                "AND NOT EXISTS (SELECT 1 FROM dataset WHERE name = ?1)"
            );
            let query = sqlx::query(sql).bind(to.as_str()).bind(from.as_str());
            if query.execute(&mut *transaction).await?.rows_affected() == 0 {
                return Ok(false);
            }
            for stored in findings::of_dataset(&mut transaction, to).await? {
                let before = FindingKey { dataset: from.clone(), ..stored.finding.key.clone() };
                sqlx::query("UPDATE finding SET id = ? WHERE id = ?")
                    .bind(stored.finding.key.id().0)
                    .bind(before.id().0)
                    .execute(&mut *transaction)
                    .await?;
                let sql = concat!(
                    "INSERT INTO finding_alias (id, finding, renamed_at) VALUES (?, ?, ?) ",
                    "ON CONFLICT DO UPDATE SET finding = excluded.finding, renamed_at = excluded.renamed_at"
                );
                sqlx::query(sql)
                    .bind(before.id().0)
                    .bind(stored.finding.key.id().0)
                    .bind(now.microseconds())
                    .execute(&mut *transaction)
                    .await?;
            }
            for sql in [
                "UPDATE run SET dataset = ?1 WHERE dataset = ?2",
                "UPDATE exception SET dataset = ?1 WHERE dataset = ?2",
                "UPDATE OR IGNORE schedule SET dataset = ?1 WHERE dataset = ?2",
            ] {
                sqlx::query(sql).bind(to.as_str()).bind(from.as_str()).execute(&mut *transaction).await?;
            }
            let entry = Entry { kind: "rename", body: json!({ "from": from, "to": to }) };
            evidence::append(&mut transaction, chain, node, now, entry).await?;
            transaction.commit().await?;
            Ok(true)
        })?;
        self.write_head()?;
        Ok(renamed)
    }
}
