//! Reading findings, and what people were told about them.

use super::Store;
use super::error::StoreError;
use super::numbers::count;
use crate::domain::finding::{Acknowledgement, EarlierNumber, Finding, FindingId, FindingKey, FindingState};
use crate::domain::instant::Instant;
use crate::domain::letter::{NoticeReason, Told};
use crate::domain::name::{DatasetName, DivisionName, PersonName};
use crate::domain::verdict::Reason;
use crate::rule::reconcile::ChangeReason;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

/// Which findings are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FindingFilter {
    /// Those of these datasets; all when none is named.
    pub datasets: Vec<DatasetName>,
    /// Resolved ones too.
    pub resolved_too: bool,
}

/// A finding as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFinding {
    /// The finding.
    pub finding: Finding,
    /// Why it stands as it does since its last scan.
    pub change: ChangeReason,
}

impl Store {
    /// Findings, sorted by dataset, rule, reason.
    pub fn findings(&self, filter: &FindingFilter) -> Result<Vec<Finding>, StoreError> {
        Ok(self.stored_findings(filter)?.into_iter().map(|stored| stored.finding).collect())
    }

    /// The same with the reason of each one's last change. One that is resolved because its items moved to
    /// another reason of the same rule says [`ChangeReason::Moved`]: nobody is told that it is resolved.
    pub fn stored_findings(&self, filter: &FindingFilter) -> Result<Vec<StoredFinding>, StoreError> {
        let mut found = self.database.run(async |connection| all(connection).await)?;
        found.retain(|stored| {
            let finding = &stored.finding;
            (filter.resolved_too || finding.state != FindingState::Resolved)
                && (filter.datasets.is_empty() || filter.datasets.contains(&finding.key.dataset))
        });
        Ok(found)
    }

    /// The finding with this identifier, resolved or not; one that it had under an earlier name of its dataset counts.
    pub fn finding(&self, id: &FindingId) -> Result<Option<Finding>, StoreError> {
        let found = self.database.run(async |connection| {
            let row = sqlx::query(concat!(
                "SELECT finding.*, dataset.name AS dataset FROM finding ",
                "JOIN dataset ON dataset.id = dataset_id WHERE finding.id = coalesce(",
                "(SELECT id FROM finding WHERE id = ?1), (SELECT finding FROM finding_alias WHERE id = ?1))"
            ))
            .bind(&id.0)
            .fetch_optional(connection)
            .await?;
            row.as_ref().map(read).transpose()
        })?;
        Ok(found.map(|stored| stored.finding))
    }

    /// Numbers that findings had before their datasets were renamed.
    pub fn earlier_numbers(&self) -> Result<Vec<EarlierNumber>, StoreError> {
        self.database.run(async |connection| {
            let sql = "SELECT id, finding, renamed_at FROM finding_alias WHERE id <> finding ORDER BY id";
            let rows: Vec<(String, String, i64)> = sqlx::query_as(sql).fetch_all(connection).await?;
            let number = |(id, finding, at)| EarlierNumber {
                id: FindingId(id),
                finding: FindingId(finding),
                renamed_at: Instant::from_microseconds(at),
            };
            Ok(rows.into_iter().map(number).collect())
        })
    }

    /// What each person was last told about each finding.
    pub fn told(&self) -> Result<Vec<Told>, StoreError> {
        self.database.run(async |connection| {
            let rows: Vec<(String, String, i64, String, i64, i64, String)> = sqlx::query_as(concat!(
                "SELECT recipient, finding, items, state, at, first_at, reason FROM told ",
                "ORDER BY recipient, finding"
            ))
            .fetch_all(connection)
            .await?;
            rows.into_iter()
                .map(|(recipient, finding, items, told, at, first_at, reason)| {
                    Ok(Told {
                        recipient: PersonName::new(recipient)
                            .map_err(|_| StoreError::Damaged("a recipient is no name"))?,
                        finding: FindingId(finding),
                        items: count(items),
                        state: state(&told)?,
                        at: Instant::from_microseconds(at),
                        first_at: Instant::from_microseconds(first_at),
                        reason: NoticeReason::parse(&reason)
                            .ok_or(StoreError::Damaged("nobody knows why a person was told"))?,
                    })
                })
                .collect()
        })
    }
}

async fn all(connection: &mut SqliteConnection) -> Result<Vec<StoredFinding>, StoreError> {
    let rows = sqlx::query(concat!(
        "SELECT finding.*, dataset.name AS dataset FROM finding JOIN dataset ON dataset.id = dataset_id ",
        "ORDER BY dataset.name, rule, reason, detail"
    ))
    .fetch_all(connection)
    .await?;
    rows.iter().map(read).collect()
}

/// The findings of one dataset, in any state.
pub(super) async fn of_dataset(
    connection: &mut SqliteConnection,
    dataset: &DatasetName,
) -> Result<Vec<StoredFinding>, StoreError> {
    let rows = sqlx::query(concat!(
        "SELECT finding.*, dataset.name AS dataset FROM finding JOIN dataset ON dataset.id = dataset_id ",
        "WHERE dataset.name = ? ORDER BY rule, reason, detail"
    ))
    .bind(dataset.as_str())
    .fetch_all(connection)
    .await?;
    rows.iter().map(read).collect()
}

fn read(row: &SqliteRow) -> Result<StoredFinding, StoreError> {
    let dataset: String = row.try_get("dataset")?;
    let division: String = row.try_get("division")?;
    let earliest_due: Option<i64> = row.try_get("earliest_due")?;
    let kept_by_product: Option<i64> = row.try_get("kept_by_product")?;
    let number = |column: &str| row.try_get::<i64, _>(column).map(count);
    let instant = |column: &str| row.try_get::<i64, _>(column).map(Instant::from_microseconds);
    let finding = Finding {
        key: FindingKey {
            dataset: DatasetName::new(dataset).map_err(|_| StoreError::Damaged("a dataset has no name"))?,
            reason: Reason::parse(row.try_get("rule")?, row.try_get("reason")?)
                .ok_or(StoreError::Damaged("a finding has no reason"))?,
            detail: row.try_get("detail")?,
        },
        division: DivisionName::new(division).map_err(|_| StoreError::Damaged("a division has no name"))?,
        items: number("items")?,
        new: number("new")?,
        continuing: number("continuing")?,
        gone: number("gone")?,
        excepted: number("excepted")?,
        kept_by_product: kept_by_product.map(count),
        earliest_due: earliest_due.map(Instant::from_microseconds),
        state: state(row.try_get("state")?)?,
        first_seen: instant("first_seen")?,
        changed_at: instant("changed_at")?,
        acknowledgement: acknowledgement(row)?,
    };
    Ok(StoredFinding { finding, change: change(row.try_get("change")?)? })
}

fn acknowledgement(row: &SqliteRow) -> Result<Option<Acknowledgement>, StoreError> {
    let by: Option<String> = row.try_get("acknowledged_by")?;
    let at: Option<i64> = row.try_get("acknowledged_at")?;
    let until: Option<String> = row.try_get("plan_until")?;
    let (Some(by), Some(at), Some(until)) = (by, at, until) else { return Ok(None) };
    Ok(Some(Acknowledgement {
        by: PersonName::new(by).map_err(|_| StoreError::Damaged("whoever acknowledged has no name"))?,
        until: until.parse().map_err(|_| StoreError::Damaged("a plan has no day"))?,
        note: row.try_get("plan_note")?,
        at: Instant::from_microseconds(at),
    }))
}

fn state(text: &str) -> Result<FindingState, StoreError> {
    FindingState::ALL
        .iter()
        .copied()
        .find(|state| state.as_str() == text)
        .ok_or(StoreError::Damaged("a finding has no state"))
}

fn change(text: &str) -> Result<ChangeReason, StoreError> {
    ChangeReason::ALL
        .iter()
        .copied()
        .find(|reason| reason.as_str() == text)
        .ok_or(StoreError::Damaged("a finding has no reason of its change"))
}
