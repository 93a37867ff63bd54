//! Exceptions, and the keyed digests of the items that some of them list. Whether one may be made or ended is
//! decided by the caller. Every act leaves a trace; the texts of reasons and the items leave none.

use super::Store;
use super::error::StoreError;
use super::evidence::{self, Entry};
use super::numbers::{count, stored};
use crate::domain::digest::Digest;
use crate::domain::exception::{Exception, ExceptionId, ExceptionKind, ExceptionScope, ExceptionState};
use crate::domain::instant::Instant;
use crate::domain::name::{DatasetName, PersonName};
use crate::domain::verdict::{Reason, Rule};
use jiff::civil::Date;
use serde_json::json;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{Connection, Row};

/// An exception that is to be made.
#[derive(Debug, Clone)]
pub struct NewException {
    /// What it allows.
    pub kind: ExceptionKind,
    /// Which items it concerns; how many are listed follows from the list.
    pub scope: ExceptionScope,
    /// Why.
    pub why: String,
    /// Who asked for it.
    pub requested_by: PersonName,
    /// Who approved it.
    pub approved_by: PersonName,
    /// The last day, or the day of the next review.
    pub until_day: Date,
    /// Show the person in charge only that nothing may be erased.
    pub confidential: bool,
}

/// The end of an exception.
#[derive(Debug, Clone)]
pub struct ExceptionEnd {
    /// Which one.
    pub id: ExceptionId,
    /// How it ended.
    pub state: ExceptionState,
    /// Through whom; nobody for one that expired.
    pub by: Option<PersonName>,
}

/// An exception with the digests that it lists, sorted; without a list where it concerns every item in its scope.
pub type Listed = (Exception, Option<Vec<Digest>>);

impl Store {
    /// Makes an exception. `items` are the digests that it lists; none: it concerns every item in its scope. `who`
    /// gave the command, as the operating system knows them.
    pub fn add_exception(
        &self,
        new: &NewException,
        items: Option<&[Digest]>,
        who: &str,
        now: Instant,
    ) -> Result<ExceptionId, StoreError> {
        self.must_write()?;
        let (chain, node) = (&self.chain, self.node.as_str());
        let id = self.database.run(async |connection| {
            let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
            let number = insert(&mut transaction, new, items, now).await?;
            let id = ExceptionId::of_number(number);
            let scope = &new.scope;
            let body = json!({
                "act": "add", "id": id, "who": who, "kind": new.kind, "dataset": scope.dataset, "rule": scope.rule,
                "reason": scope.reason.map(Reason::as_str), "items": items.map(<[_]>::len), "until": new.until_day,
                "requested-by": new.requested_by, "approved-by": new.approved_by, "confidential": new.confidential,
            });
            evidence::append(&mut transaction, chain, node, now, Entry { kind: "exception", body }).await?;
            transaction.commit().await?;
            Ok(id)
        })?;
        self.write_head()?;
        Ok(id)
    }

    /// Every exception that was ever made, in the order of their numbers.
    pub fn exceptions(&self) -> Result<Vec<Exception>, StoreError> {
        self.database.run(async |connection| {
            let rows = sqlx::query("SELECT * FROM exception ORDER BY number").fetch_all(connection).await?;
            rows.iter().map(read).collect()
        })
    }

    /// The active exceptions of a dataset. One whose day has passed is active until it is ended.
    pub fn active_exceptions(&self, dataset: &DatasetName) -> Result<Vec<Listed>, StoreError> {
        self.database.run(async |connection| {
            let sql = "SELECT * FROM exception WHERE dataset = ? AND state = 'active' ORDER BY number";
            let rows = sqlx::query(sql).bind(dataset.as_str()).fetch_all(&mut *connection).await?;
            let mut exceptions = Vec::new();
            for row in &rows {
                let exception = read(row)?;
                let items = match exception.scope.listed_items {
                    Some(_) => Some(digests(connection, row.try_get("number")?).await?),
                    None => None,
                };
                exceptions.push((exception, items));
            }
            Ok(exceptions)
        })
    }

    /// Ends exceptions, all or none; the lists of their items are erased. Does nothing when there is nothing to end.
    ///
    /// # Errors
    /// [`StoreError::NoException`] when one of them is not active.
    pub fn end_exceptions(&self, ends: &[ExceptionEnd], who: &str, now: Instant) -> Result<(), StoreError> {
        self.must_write()?;
        if ends.is_empty() {
            return Ok(());
        }
        let (chain, node) = (&self.chain, self.node.as_str());
        self.database.run(async |connection| {
            let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
            for ExceptionEnd { id, state, by } in ends {
                let number = number(id)?;
                let sql = concat!(
                    "UPDATE exception SET state = ?, ended_at = ?, ended_by = ? ",
                    "WHERE number = ? AND state = 'active'"
                );
                let query = sqlx::query(sql).bind(state.as_str()).bind(now.microseconds());
                let query = query.bind(by.as_ref().map(PersonName::as_str)).bind(number);
                if query.execute(&mut *transaction).await?.rows_affected() == 0 {
                    return Err(StoreError::NoException(id.to_string()));
                }
                let sql = "DELETE FROM exception_item WHERE exception = ?";
                sqlx::query(sql).bind(number).execute(&mut *transaction).await?;
                let body = json!({ "act": state, "id": id, "who": who, "by": by });
                evidence::append(&mut transaction, chain, node, now, Entry { kind: "exception", body }).await?;
            }
            Ok(transaction.commit().await?)
        })?;
        self.write_head()
    }

    /// Notes that a hold was reviewed, and the day of its next review.
    ///
    /// # Errors
    /// [`StoreError::NoException`] when it is not active.
    pub fn review_exception(
        &self,
        id: &ExceptionId,
        until: Date,
        by: &PersonName,
        who: &str,
        now: Instant,
    ) -> Result<(), StoreError> {
        self.must_write()?;
        let (chain, node) = (&self.chain, self.node.as_str());
        self.database.run(async |connection| {
            let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
            let sql = "UPDATE exception SET until_day = ? WHERE number = ? AND state = 'active'";
            let query = sqlx::query(sql).bind(until.to_string()).bind(number(id)?);
            if query.execute(&mut *transaction).await?.rows_affected() == 0 {
                return Err(StoreError::NoException(id.to_string()));
            }
            let body = json!({ "act": "reviewed", "id": id, "who": who, "by": by, "until": until });
            evidence::append(&mut transaction, chain, node, now, Entry { kind: "exception", body }).await?;
            Ok(transaction.commit().await?)
        })?;
        self.write_head()
    }
}

async fn insert(
    connection: &mut SqliteConnection,
    new: &NewException,
    items: Option<&[Digest]>,
    now: Instant,
) -> Result<i64, StoreError> {
    let scope = &new.scope;
    let sql = concat!(
        "INSERT INTO exception (kind, dataset, rule, reason, from_at, until_at, listed_items, why, requested_by, ",
        "approved_by, made_at, until_day, confidential, state) ",
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'active') RETURNING number"
    );
    let number: i64 = sqlx::query_scalar(sql)
        .bind(new.kind.as_str())
        .bind(scope.dataset.as_str())
        .bind(scope.rule.map(Rule::as_str))
        .bind(scope.reason.map(Reason::as_str))
        .bind(scope.from.map(Instant::microseconds))
        .bind(scope.until.map(Instant::microseconds))
        .bind(items.map(|items| stored(items.len() as u64)))
        .bind(&new.why)
        .bind(new.requested_by.as_str())
        .bind(new.approved_by.as_str())
        .bind(now.microseconds())
        .bind(new.until_day.to_string())
        .bind(new.confidential)
        .fetch_one(&mut *connection)
        .await?;
    for item in items.unwrap_or_default() {
        sqlx::query("INSERT OR IGNORE INTO exception_item (exception, digest) VALUES (?, ?)")
            .bind(number)
            .bind(item.0.as_slice())
            .execute(&mut *connection)
            .await?;
    }
    Ok(number)
}

/// The digests that an exception lists, sorted.
async fn digests(connection: &mut SqliteConnection, exception: i64) -> Result<Vec<Digest>, StoreError> {
    let rows: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT digest FROM exception_item WHERE exception = ? ORDER BY digest")
            .bind(exception)
            .fetch_all(connection)
            .await?;
    let digest = |bytes: Vec<u8>| <[u8; 16]>::try_from(bytes).map(Digest);
    rows.into_iter().map(|bytes| digest(bytes).map_err(|_| StoreError::Damaged("a digest is cut"))).collect()
}

fn number(id: &ExceptionId) -> Result<i64, StoreError> {
    id.number().ok_or_else(|| StoreError::NoException(id.to_string()))
}

fn read(row: &SqliteRow) -> Result<Exception, StoreError> {
    const DAMAGED: StoreError = StoreError::Damaged("an exception cannot be read");
    let person = |name: String| PersonName::new(name).map_err(|_| DAMAGED);
    let instant = |at: Option<i64>| at.map(Instant::from_microseconds);
    let rule: Option<String> = row.try_get("rule")?;
    let rule = rule.map(|name| Rule::parse(&name).ok_or(DAMAGED)).transpose()?;
    let reason: Option<String> = row.try_get("reason")?;
    let reason = match (rule, reason) {
        (Some(rule), Some(reason)) => Some(Reason::parse(rule.as_str(), &reason).ok_or(DAMAGED)?),
        _ => None,
    };
    let kind: &str = row.try_get("kind")?;
    let state: &str = row.try_get("state")?;
    let listed: Option<i64> = row.try_get("listed_items")?;
    let ended_by: Option<String> = row.try_get("ended_by")?;
    let ended_by = ended_by.map(person).transpose()?;
    Ok(Exception {
        id: ExceptionId::of_number(row.try_get("number")?),
        kind: ExceptionKind::ALL.iter().copied().find(|known| known.as_str() == kind).ok_or(DAMAGED)?,
        scope: ExceptionScope {
            dataset: DatasetName::new(row.try_get::<String, _>("dataset")?).map_err(|_| DAMAGED)?,
            rule,
            reason,
            from: instant(row.try_get("from_at")?),
            until: instant(row.try_get("until_at")?),
            listed_items: listed.map(count),
        },
        why: row.try_get("why")?,
        requested_by: person(row.try_get("requested_by")?)?,
        approved_by: person(row.try_get("approved_by")?)?,
        made_at: Instant::from_microseconds(row.try_get("made_at")?),
        until_day: row.try_get::<&str, _>("until_day")?.parse().map_err(|_| DAMAGED)?,
        confidential: row.try_get("confidential")?,
        state: ExceptionState::ALL.iter().copied().find(|known| known.as_str() == state).ok_or(DAMAGED)?,
        ended: instant(row.try_get("ended_at")?).map(|at| (at, ended_by)),
    })
}
