//! How items left findings, and what people declared of those that are not seen any more: the disposal record.

use super::Store;
use super::commit::store_change;
use super::error::StoreError;
use super::evidence::{self, Entry};
use super::numbers::{count, stored};
use crate::domain::departure::{DepartureKind, Departures};
use crate::domain::disposal::{Disposal, DisposalId, DisposalMethod};
use crate::domain::finding::{Finding, FindingId};
use crate::domain::instant::Instant;
use crate::domain::name::{DatasetName, DivisionName, PersonName};
use crate::domain::verdict::Reason;
use crate::rule::reconcile::ChangeReason;
use jiff::civil::Date;
use serde_json::json;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{Connection, Row};
use std::collections::BTreeMap;

/// Items that left a finding at one scan, are not seen any more, and of which nobody has said what became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenDeparture {
    /// The finding that they left.
    pub finding: FindingId,
    /// Its dataset.
    pub dataset: DatasetName,
    /// Its division.
    pub division: DivisionName,
    /// Its reason.
    pub reason: Reason,
    /// The scan that did not see them any more.
    pub at: Instant,
    /// How many.
    pub items: u64,
}

/// What somebody declares.
#[derive(Debug, Clone)]
pub struct Declaration {
    /// The findings that the items left, each with items beside those that are known to have left it.
    pub findings: Vec<(FindingId, u64)>,
    /// What was done.
    pub method: DisposalMethod,
    /// On which day.
    pub on: Date,
    /// Who did it.
    pub by: PersonName,
    /// Who approved it.
    pub approved_by: PersonName,
    /// The reference of a certificate.
    pub certificate: Option<String>,
    /// Anything else.
    pub note: Option<String>,
    /// The findings that the declaration resolves.
    pub resolved: Vec<Finding>,
}

/// A declaration as the record keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDisposal {
    /// The declaration.
    pub disposal: Disposal,
    /// The reason of the finding that the items left.
    pub reason: Reason,
    /// Who gave the command, as the operating system knows them.
    pub declared_by: String,
    /// The entry of the evidence that tells of it.
    pub entry: u64,
}

impl Store {
    /// What still waits for a declaration, by dataset and finding, the oldest first.
    pub fn open_departures(&self) -> Result<Vec<OpenDeparture>, StoreError> {
        self.database.run(async |connection| {
            let rows = sqlx::query(concat!(
                "SELECT departure.finding, departure.at, departure.items, finding.rule, finding.reason, ",
                "finding.division, dataset.name AS dataset FROM departure ",
                "JOIN finding ON finding.id = departure.finding JOIN dataset ON dataset.id = dataset_id ",
                "WHERE departure.kind = 'not-seen' AND departure.disposal IS NULL ",
                "ORDER BY dataset.name, finding.rule, finding.reason, departure.at, departure.id"
            ))
            .fetch_all(connection)
            .await?;
            rows.iter().map(read_open).collect()
        })
    }

    /// How items left each finding at the last scan of its dataset; findings that none left are not there.
    pub fn last_departures(&self) -> Result<BTreeMap<FindingId, Departures>, StoreError> {
        self.database.run(async |connection| {
            let rows: Vec<(String, String, i64)> = sqlx::query_as(concat!(
                "SELECT finding.id, departure.kind, sum(departure.items) FROM departure ",
                "JOIN finding ON finding.id = departure.finding JOIN dataset ON dataset.id = dataset_id ",
                "WHERE departure.at = dataset.scanned_at AND finding.gone > 0 AND departure.kind <> 'lost' ",
                "GROUP BY finding.id, departure.kind"
            ))
            .fetch_all(connection)
            .await?;
            let mut all: BTreeMap<FindingId, Departures> = BTreeMap::new();
            for (finding, kind, items) in rows {
                let kind = DepartureKind::ALL.iter().find(|known| known.as_str() == kind);
                let kind = kind.ok_or(StoreError::Damaged("nobody knows how items left"))?;
                all.entry(FindingId(finding)).or_default().add(*kind, count(items));
            }
            Ok(all)
        })
    }

    /// When the items that wait for a declaration under a finding were last seen, the latest of them; nothing where no
    /// scan before had seen everything.
    pub fn last_seen(&self, finding: &FindingId) -> Result<Option<Instant>, StoreError> {
        self.database.run(async |connection| {
            let sql = concat!(
                "SELECT max(seen_at) FROM departure ",
                "WHERE finding = ? AND kind IN ('not-seen', 'lost') AND disposal IS NULL"
            );
            let at: Option<i64> = sqlx::query_scalar(sql).bind(&finding.0).fetch_one(connection).await?;
            Ok(at.map(Instant::from_microseconds))
        })
    }

    /// Stores what somebody declares of everything that waits under its findings.
    ///
    /// # Errors
    /// [`StoreError::NothingToDeclare`] when nothing waits under one of them.
    pub fn declare(&self, declaration: &Declaration, who: &str, now: Instant) -> Result<Vec<Disposal>, StoreError> {
        self.must_write()?;
        let (chain, node) = (&self.chain, self.node.as_str());
        let disposals = self.database.run(async |connection| {
            let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
            let mut disposals = Vec::new();
            for (finding, beside) in &declaration.findings {
                let disposal = insert(&mut transaction, declaration, (finding, *beside), who, now).await?;
                let body = json!({
                    "id": disposal.id, "finding": finding, "dataset": disposal.dataset, "method": disposal.method,
                    "on": disposal.on, "by": disposal.by, "approved-by": disposal.approved_by,
                    "certificate": disposal.certificate, "items": disposal.items, "who": who,
                });
                evidence::append(&mut transaction, chain, node, now, Entry { kind: "disposal", body }).await?;
                note_entry(&mut transaction, &disposal.id).await?;
                disposals.push(disposal);
            }
            for finding in &declaration.resolved {
                store_change(&mut transaction, finding, ChangeReason::Resolved, now).await?;
            }
            transaction.commit().await?;
            Ok(disposals)
        })?;
        self.write_head()?;
        Ok(disposals)
    }

    /// The disposal record, in the order of the declarations.
    pub fn disposals(&self) -> Result<Vec<StoredDisposal>, StoreError> {
        self.database.run(async |connection| {
            let rows = sqlx::query(concat!(
                "SELECT disposal.*, finding.rule, finding.reason, dataset.name AS dataset FROM disposal ",
                "JOIN finding ON finding.id = disposal.finding JOIN dataset ON dataset.id = dataset_id ",
                "ORDER BY disposal.number"
            ))
            .fetch_all(connection)
            .await?;
            rows.iter().map(read).collect()
        })
    }
}

/// Stores how items left a finding at a scan, and when a scan saw them last.
pub(super) async fn store_departures(
    connection: &mut SqliteConnection,
    finding: &Finding,
    departures: &Departures,
    (at, seen_at): (Instant, Option<i64>),
) -> Result<(), StoreError> {
    let kinds = DepartureKind::ALL.iter().map(|kind| (kind.as_str(), departures.of(*kind)));
    let lost = if finding.key.reason == Reason::EarlyLoss { finding.new } else { 0 };
    for (kind, items) in kinds.chain([("lost", lost)]).filter(|(_, items)| *items > 0) {
        sqlx::query("INSERT INTO departure (finding, at, kind, items, seen_at) VALUES (?, ?, ?, ?, ?)")
            .bind(&finding.key.id().0)
            .bind(at.microseconds())
            .bind(kind)
            .bind(stored(items))
            .bind(seen_at)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

async fn insert(
    connection: &mut SqliteConnection,
    declaration: &Declaration,
    (finding, beside): (&FindingId, u64),
    who: &str,
    now: Instant,
) -> Result<Disposal, StoreError> {
    let row: Option<(i64, String)> = sqlx::query_as(concat!(
        "SELECT (SELECT coalesce(sum(items), 0) FROM departure WHERE departure.finding = finding.id ",
        "AND kind = 'not-seen' AND disposal IS NULL), dataset.name ",
        "FROM finding JOIN dataset ON dataset.id = dataset_id WHERE finding.id = ?"
    ))
    .bind(&finding.0)
    .fetch_optional(&mut *connection)
    .await?;
    let nothing = || StoreError::NothingToDeclare(finding.to_string());
    let (waiting, dataset) = row.ok_or_else(nothing)?;
    let items = count(waiting) + beside;
    if items == 0 {
        return Err(nothing());
    }
    let Declaration { method, on, by, approved_by, certificate, note, .. } = declaration;
    let number: i64 = sqlx::query_scalar(concat!(
        "INSERT INTO disposal (finding, method, on_day, by_person, approved_by, certificate, note, items, ",
        "declared_at, declared_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number"
    ))
    .bind(&finding.0)
    .bind(method.as_str())
    .bind(on.to_string())
    .bind(by.as_str())
    .bind(approved_by.as_str())
    .bind(certificate)
    .bind(note)
    .bind(stored(items))
    .bind(now.microseconds())
    .bind(who)
    .fetch_one(&mut *connection)
    .await?;
    let sql =
        "UPDATE departure SET disposal = ? WHERE finding = ? AND kind IN ('not-seen', 'lost') AND disposal IS NULL";
    sqlx::query(sql).bind(number).bind(&finding.0).execute(connection).await?;
    Ok(Disposal {
        id: DisposalId(format!("D-{number}")),
        finding: finding.clone(),
        dataset: DatasetName::new(dataset).map_err(|_| StoreError::Damaged("a dataset has no name"))?,
        method: *method,
        on: *on,
        by: by.clone(),
        approved_by: approved_by.clone(),
        certificate: certificate.clone(),
        note: note.clone(),
        items,
        declared_at: now,
    })
}

/// Notes which entry of the evidence tells of a disposal: the last one.
async fn note_entry(connection: &mut SqliteConnection, id: &DisposalId) -> Result<(), StoreError> {
    let sql = "UPDATE disposal SET entry = (SELECT max(sequence) FROM evidence) WHERE 'D-' || number = ?";
    sqlx::query(sql).bind(&id.0).execute(connection).await?;
    Ok(())
}

fn read_open(row: &SqliteRow) -> Result<OpenDeparture, StoreError> {
    Ok(OpenDeparture {
        finding: FindingId(row.try_get("finding")?),
        dataset: dataset(row)?,
        division: DivisionName::new(row.try_get::<String, _>("division")?)
            .map_err(|_| StoreError::Damaged("a division has no name"))?,
        reason: reason(row)?,
        at: Instant::from_microseconds(row.try_get("at")?),
        items: count(row.try_get("items")?),
    })
}

fn read(row: &SqliteRow) -> Result<StoredDisposal, StoreError> {
    const DAMAGED: StoreError = StoreError::Damaged("a disposal cannot be read");
    let method: &str = row.try_get("method")?;
    let person = |column: &str| PersonName::new(row.try_get::<String, _>(column)?).map_err(|_| DAMAGED);
    Ok(StoredDisposal {
        disposal: Disposal {
            id: DisposalId(format!("D-{}", row.try_get::<i64, _>("number")?)),
            finding: FindingId(row.try_get("finding")?),
            dataset: dataset(row)?,
            method: DisposalMethod::ALL.iter().copied().find(|known| known.as_str() == method).ok_or(DAMAGED)?,
            on: row.try_get::<&str, _>("on_day")?.parse().map_err(|_| DAMAGED)?,
            by: person("by_person")?,
            approved_by: person("approved_by")?,
            certificate: row.try_get("certificate")?,
            note: row.try_get("note")?,
            items: count(row.try_get("items")?),
            declared_at: Instant::from_microseconds(row.try_get("declared_at")?),
        },
        reason: reason(row)?,
        declared_by: row.try_get("declared_by")?,
        entry: count(row.try_get("entry")?),
    })
}

fn dataset(row: &SqliteRow) -> Result<DatasetName, StoreError> {
    DatasetName::new(row.try_get::<String, _>("dataset")?).map_err(|_| StoreError::Damaged("a dataset has no name"))
}

fn reason(row: &SqliteRow) -> Result<Reason, StoreError> {
    Reason::parse(row.try_get("rule")?, row.try_get("reason")?).ok_or(StoreError::Damaged("a finding has no reason"))
}
