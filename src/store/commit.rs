//! The one transaction of a run: findings, pointers to flagged items, letters, what was told, evidence.

use super::Store;
use super::clock;
use super::disposals;
use super::error::StoreError;
use super::evidence::{self, Entry};
use super::marks;
use super::notices;
use super::numbers::stored;
use super::outbox::{self, QueuedLetter};
use super::runs;
use super::stage::{PartPointer, Staged, sweep};
use crate::domain::departure::Departures;
use crate::domain::finding::Finding;
use crate::domain::instant::Instant;
use crate::domain::letter::{ExceptionTold, Letter, NoticeReason, Told};
use crate::domain::name::DatasetName;
use crate::domain::observation::PartKey;
use crate::rule::reconcile::{ChangeReason, Outcome};
use serde_json::json;
use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;
use std::sync::PoisonError;

/// What a run, or an act without one, leaves behind.
#[derive(Debug, Default)]
pub struct Commit {
    /// The instant of the run.
    pub now: Instant,
    /// The scans, staged.
    pub scans: Vec<Staged>,
    /// Findings that change without a scan (somebody acknowledged, a scan was missed), each with its change.
    pub findings: Vec<(Finding, ChangeReason)>,
    /// What is done now and then and was done now, such as `summary`.
    pub marks: Vec<String>,
    /// What else is to be left in the evidence: a kind and a body without personal data.
    pub entries: Vec<(&'static str, serde_json::Value)>,
    /// The letters that follow.
    pub letters: Vec<Letter>,
    /// What people will have been told of findings: by those letters, and what moved on without a word.
    pub told: Vec<Told>,
    /// What they tell of exceptions.
    pub exceptions_told: Vec<ExceptionTold>,
    /// The runs that they tell to have made up for missed ones.
    pub missed_told: Vec<i64>,
    /// Datasets whose first letters wait for the manager's word from now on.
    pub baselines: Vec<DatasetName>,
    /// The domain of the sender's address, for message ids.
    pub message_domain: String,
    /// Stands for the configuration of this run, so that a change of it leaves a trace.
    pub config_digest: String,
}

/// What a commit did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The letters that were queued, with their numbers and message ids.
    pub letters: Vec<QueuedLetter>,
}

impl Store {
    /// Stores a run, all of it or nothing.
    pub fn commit(&self, commit: &Commit) -> Result<Committed, StoreError> {
        self.must_write()?;
        let (chain, node) = (&self.chain, self.node.as_str());
        let clock = *self.scan_clock.lock().unwrap_or_else(PoisonError::into_inner);
        let letters = self.database.run(async |connection| {
            let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
            let mut entries = config_change(&mut transaction, commit).await?;
            if !commit.scans.is_empty() {
                clock::remember(&mut transaction, commit.now, clock).await?;
                entries.push(Entry { kind: "scan", body: scan_body(&commit.scans) });
            }
            for staged in &commit.scans {
                store_scan(&mut transaction, staged).await?;
            }
            for (finding, change) in &commit.findings {
                store_change(&mut transaction, finding, *change, commit.now).await?;
            }
            for name in &commit.marks {
                marks::set(&mut transaction, name, commit.now).await?;
            }
            if !commit.findings.is_empty() {
                entries.push(Entry { kind: "findings", body: changes_body(&commit.findings) });
            }
            entries.extend(commit.entries.iter().map(|(kind, body)| Entry { kind, body: body.clone() }));
            let letters = outbox::queue(&mut transaction, commit, node).await?;
            store_told(&mut transaction, &commit.told).await?;
            notices::store_exceptions_told(&mut transaction, &commit.exceptions_told).await?;
            runs::missed_told(&mut transaction, &commit.missed_told, commit.now).await?;
            notices::let_wait(&mut transaction, &commit.baselines).await?;
            entries.extend(letters.iter().map(letter_entry));
            for entry in entries {
                evidence::append(&mut transaction, chain, node, commit.now, entry).await?;
            }
            transaction.commit().await?;
            Ok(letters)
        })?;
        self.write_head()?;
        self.database.run(async |connection| sweep(connection).await)?;
        Ok(Committed { letters })
    }
}

async fn config_change(connection: &mut SqliteConnection, commit: &Commit) -> Result<Vec<Entry>, StoreError> {
    let known: Option<String> =
        sqlx::query_scalar("SELECT config_digest FROM store").fetch_one(&mut *connection).await?;
    if known.as_deref() == Some(commit.config_digest.as_str()) {
        return Ok(Vec::new());
    }
    sqlx::query("UPDATE store SET config_digest = ?").bind(&commit.config_digest).execute(connection).await?;
    Ok(vec![Entry { kind: "config", body: json!({ "digest": commit.config_digest, "before": known }) }])
}

async fn store_scan(connection: &mut SqliteConnection, staged: &Staged) -> Result<(), StoreError> {
    let seen_at = seen_at(connection, &staged.outcome.dataset).await?;
    let dataset_id = store_dataset(connection, &staged.outcome).await?;
    for (key, pointer) in &staged.pointers {
        store_part(connection, dataset_id, key, pointer).await?;
    }
    let outcome = &staged.outcome;
    for ((finding, change), departures) in outcome.findings.iter().zip(&outcome.changes).zip(&outcome.departures) {
        store_finding(connection, dataset_id, finding, change.reason).await?;
        disposals::store_departures(connection, finding, departures, (outcome.now, seen_at)).await?;
    }
    Ok(())
}

/// The last scan before this one that saw everything.
async fn seen_at(connection: &mut SqliteConnection, dataset: &DatasetName) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT seen_at FROM dataset WHERE name = ?";
    let row: Option<Option<i64>> = sqlx::query_scalar(sql).bind(dataset.as_str()).fetch_optional(connection).await?;
    Ok(row.flatten())
}

async fn store_dataset(connection: &mut SqliteConnection, outcome: &Outcome) -> Result<i64, StoreError> {
    let sql = concat!(
        "INSERT INTO dataset (name, scanned_at, status, items, undecidable, problems, ",
        "hold_reason, hold_since, hold_items, is_confirmed, ledger_events, seen_at) ",
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ",
        "ON CONFLICT (name) DO UPDATE SET scanned_at = excluded.scanned_at, status = excluded.status, ",
        "items = excluded.items, undecidable = excluded.undecidable, problems = excluded.problems, ",
        "hold_reason = excluded.hold_reason, hold_since = excluded.hold_since, hold_items = excluded.hold_items, ",
        "is_confirmed = excluded.is_confirmed, ledger_events = excluded.ledger_events, ",
        "seen_at = coalesce(excluded.seen_at, dataset.seen_at) RETURNING id"
    );
    Ok(sqlx::query_scalar(sql)
        .bind(outcome.dataset.as_str())
        .bind(outcome.now.microseconds())
        .bind(outcome.status.as_str())
        .bind(stored(outcome.items))
        .bind(stored(outcome.undecidable))
        .bind(serde_json::to_string(&outcome.problems)?)
        .bind(outcome.hold.map(|hold| hold.reason.reason().as_str()))
        .bind(outcome.hold.map(|hold| hold.since.microseconds()))
        .bind(stored(outcome.hold.map_or(0, |hold| hold.items)))
        .bind(outcome.confirmed)
        .bind(serde_json::to_string(&outcome.ledger_events)?)
        .bind(outcome.saw_everything.then_some(outcome.now.microseconds()))
        .fetch_one(connection)
        .await?)
}

async fn store_part(
    connection: &mut SqliteConnection,
    dataset_id: i64,
    key: &PartKey,
    pointer: &PartPointer,
) -> Result<(), StoreError> {
    let key = key.0.as_slice();
    match pointer {
        PartPointer::Dropped => {
            let sql = "DELETE FROM part WHERE dataset_id = ? AND key = ?";
            sqlx::query(sql).bind(dataset_id).bind(key).execute(connection).await?;
        }
        PartPointer::Measured { items, flagged } => {
            let sql = concat!(
                "INSERT INTO part (dataset_id, key, items, flagged, content_hash) VALUES (?, ?, ?, ?, ?) ",
                "ON CONFLICT DO UPDATE SET items = excluded.items, flagged = excluded.flagged"
            );
            let nothing = super::records::content_hash(&[]);
            let query = sqlx::query(sql).bind(dataset_id).bind(key).bind(items).bind(flagged);
            query.bind(nothing.as_slice()).execute(connection).await?;
        }
        PartPointer::Moved { items, flagged, content_hash, generation } => {
            let sql = concat!(
                "INSERT INTO part (dataset_id, key, items, flagged, content_hash, generation) ",
                "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET items = excluded.items, ",
                "flagged = excluded.flagged, content_hash = excluded.content_hash, generation = excluded.generation"
            );
            let query = sqlx::query(sql).bind(dataset_id).bind(key).bind(items).bind(flagged);
            query.bind(content_hash.as_slice()).bind(generation).execute(connection).await?;
        }
    }
    Ok(())
}

pub(super) async fn store_finding(
    connection: &mut SqliteConnection,
    dataset_id: i64,
    finding: &Finding,
    change: ChangeReason,
) -> Result<(), StoreError> {
    let sql = concat!(
        "INSERT INTO finding (id, dataset_id, rule, reason, detail, division, items, new, continuing, gone, ",
        "excepted, earliest_due, state, first_seen, changed_at, change, acknowledged_by, acknowledged_at, plan_until, ",
        "plan_note, kept_by_product) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ",
        "ON CONFLICT (id) DO UPDATE SET division = excluded.division, items = excluded.items, new = excluded.new, ",
        "continuing = excluded.continuing, gone = excluded.gone, earliest_due = excluded.earliest_due, ",
        "state = excluded.state, first_seen = excluded.first_seen, changed_at = excluded.changed_at, ",
        "change = excluded.change, excepted = excluded.excepted, acknowledged_by = excluded.acknowledged_by, ",
        "acknowledged_at = excluded.acknowledged_at, plan_until = excluded.plan_until, plan_note = excluded.plan_note, ",
        "kept_by_product = excluded.kept_by_product"
    );
    let acknowledgement = finding.acknowledgement.as_ref();
    sqlx::query(sql)
        .bind(finding.key.id().0)
        .bind(dataset_id)
        .bind(finding.key.reason.rule().as_str())
        .bind(finding.key.reason.as_str())
        .bind(&finding.key.detail)
        .bind(finding.division.as_str())
        .bind(stored(finding.items))
        .bind(stored(finding.new))
        .bind(stored(finding.continuing))
        .bind(stored(finding.gone))
        .bind(stored(finding.excepted))
        .bind(finding.earliest_due.map(Instant::microseconds))
        .bind(finding.state.as_str())
        .bind(finding.first_seen.microseconds())
        .bind(finding.changed_at.microseconds())
        .bind(change.as_str())
        .bind(acknowledgement.map(|acknowledgement| acknowledgement.by.as_str()))
        .bind(acknowledgement.map(|acknowledgement| acknowledgement.at.microseconds()))
        .bind(acknowledgement.map(|acknowledgement| acknowledgement.until.to_string()))
        .bind(acknowledgement.and_then(|acknowledgement| acknowledgement.note.as_deref()))
        .bind(finding.kept_by_product.map(stored))
        .execute(connection)
        .await?;
    Ok(())
}

/// Stores a finding that changed without a scan. A dataset that was never scanned is remembered as one that failed.
pub(super) async fn store_change(
    connection: &mut SqliteConnection,
    finding: &Finding,
    change: ChangeReason,
    now: Instant,
) -> Result<(), StoreError> {
    let sql = concat!(
        "INSERT INTO dataset (name, scanned_at, status, items, undecidable, problems, ledger_events) ",
        "VALUES (?, ?, 'failed', 0, 0, '[]', '{}') ON CONFLICT (name) DO NOTHING"
    );
    let name = finding.key.dataset.as_str();
    sqlx::query(sql).bind(name).bind(now.microseconds()).execute(&mut *connection).await?;
    let dataset_id: i64 =
        sqlx::query_scalar("SELECT id FROM dataset WHERE name = ?").bind(name).fetch_one(&mut *connection).await?;
    store_finding(connection, dataset_id, finding, change).await
}

async fn store_told(connection: &mut SqliteConnection, told: &[Told]) -> Result<(), StoreError> {
    for told in told {
        sqlx::query(concat!(
            "INSERT INTO told (recipient, finding, items, state, at, first_at, reason) VALUES (?, ?, ?, ?, ?, ?, ?) ",
            "ON CONFLICT DO UPDATE SET items = excluded.items, state = excluded.state, at = excluded.at, ",
            "first_at = excluded.first_at, reason = excluded.reason"
        ))
        .bind(told.recipient.as_str())
        .bind(&told.finding.0)
        .bind(stored(told.items))
        .bind(told.state.as_str())
        .bind(told.at.microseconds())
        .bind(told.first_at.microseconds())
        .bind(told.reason.as_str())
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// One entry for all scans of a run; findings that are as they were are not repeated. What a product was told to keep
/// stands behind the rest, where it says so.
fn scan_body(scans: &[Staged]) -> serde_json::Value {
    let scans = scans.iter().map(|staged| {
        let outcome = &staged.outcome;
        let changes: Vec<_> = outcome
            .findings
            .iter()
            .zip(&outcome.changes)
            .zip(&outcome.departures)
            .filter(|((_, change), _)| !change.reason.is_quiet())
            .map(|((finding, change), departures)| change_body(finding, change.reason, departures))
            .collect();
        let status = outcome.status.as_str();
        let mut body = vec![
            json!(outcome.dataset),
            json!(status),
            json!(outcome.items),
            json!(outcome.undecidable),
            json!(changes),
        ];
        body.extend(outcome.kept_by_product.map(|kept| json!({ "kept_by_product": kept })));
        body
    });
    json!({ "scans": scans.collect::<Vec<_>>() })
}

/// One change: the finding, why, and its counts; how items left it and how many are excepted, where some are.
fn change_body(finding: &Finding, reason: ChangeReason, departures: &Departures) -> serde_json::Value {
    let mut body = vec![
        json!(finding.key.id()),
        json!(reason.as_str()),
        json!(finding.items),
        json!(finding.new),
        json!(finding.gone),
    ];
    if departures.total() + finding.excepted > 0 {
        body.push(json!({ "left": departures, "excepted": finding.excepted }));
    }
    serde_json::Value::Array(body)
}

/// What changed without a scan.
fn changes_body(findings: &[(Finding, ChangeReason)]) -> serde_json::Value {
    let changes: Vec<_> = findings
        .iter()
        .map(|(finding, change)| json!([finding.key.id(), change.as_str(), finding.state.as_str(), finding.items]))
        .collect();
    json!({ "changes": changes })
}

/// To whom a letter went, and why: each finding in it with the reason (`same` for one that is as it was last told), and
/// the reasons of the letter as a whole.
fn letter_entry(queued: &QueuedLetter) -> Entry {
    let Letter { recipient, reasons, findings, .. } = &queued.letter;
    let findings: Vec<_> = findings
        .iter()
        .map(|(finding, reason)| json!([finding, reason.map_or("same", NoticeReason::as_str)]))
        .collect();
    let body = json!({ "to": recipient, "message-id": queued.message_id, "reasons": reasons, "findings": findings });
    Entry { kind: "letter", body }
}
