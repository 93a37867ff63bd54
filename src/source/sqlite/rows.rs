//! Streams the rows of a relation to a receiver, and counts those that are left out.

use super::Database;
use super::connection::{Connection, meaning};
use super::narrow::{Cut, Parameter};
use super::relation;
use crate::domain::item::{Item, Value};
use crate::source::columns::{Origin, emptied, origins};
use crate::source::{Receiver, Request, SourceError};
use futures_util::StreamExt;
use sqlx::query::Query;
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteRow};
use sqlx::{AssertSqlSafe, Decode, Row, TypeInfo, ValueRef};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How many rows are taken at once.
const BURST_ROWS: usize = 1024;
/// How long SQLite is left alone to get ahead. Less than it takes to fill [`super::connection::ROWS_AHEAD`].
const MOMENT: Duration = Duration::from_millis(1);

/// What was seen of the relation.
#[derive(Debug, Default)]
pub struct Seen {
    /// How many rows it has, left-out ones included.
    pub items: u64,
    /// How many of them were read, which is what the request's progress was told.
    pub read: u64,
    /// What kept it from being read whole.
    pub trouble: Option<String>,
}

/// Gives every row that the request wants to the receiver.
pub async fn read(
    request: &Request<'_>,
    database: &Database<'_>,
    connection: &mut Connection,
    bound_columns: &[Option<String>],
    receiver: &mut dyn Receiver,
) -> Result<Seen, SourceError> {
    let (origins, columns) = origins(request, bound_columns);
    let cut = Cut::of(request, bound_columns);
    let statement = match &cut {
        None => relation::select(database.relation, &columns),
        Some(cut) => narrowed_statement(database, connection, &columns, cut).await?,
    };
    let parameters = cut.as_ref().map(|cut| cut.parameters.as_slice()).unwrap_or_default();
    let stop = connection.stop();
    let rows = stream(request, database, connection, statement, parameters, &origins, receiver);
    let (read, trouble) = until_cancelled(request, &stop, rows).await?;
    let mut seen = Seen { items: read, read, trouble };
    if cut.is_some() && seen.trouble.is_none() {
        let counted = until_cancelled(request, &stop, count(database, connection)).await?;
        match counted {
            Ok(items) => seen.items = items,
            Err(why) => seen.trouble = Some(why),
        }
    }
    Ok(seen)
}

/// The narrowed statement whose plan is best: searches of an index where SQLite has one for the clock,
/// else one pass over everything.
pub async fn narrowed_statement(
    database: &Database<'_>,
    connection: &mut Connection,
    columns: &[&str],
    cut: &Cut,
) -> Result<String, SourceError> {
    let by_index = relation::select_by_index(database.relation, columns, cut);
    let plan = plan(connection, &by_index, &cut.parameters).await.map_err(|error| meaning(database, &error))?;
    if plan.iter().any(|step| step.starts_with("SCAN")) {
        Ok(relation::select_in_one_pass(database.relation, columns, cut))
    } else {
        Ok(by_index)
    }
}

/// The steps of SQLite's plan for a statement.
pub async fn plan(
    connection: &mut Connection,
    statement: &str,
    parameters: &[Parameter],
) -> Result<Vec<String>, sqlx::Error> {
    let explain = format!("EXPLAIN QUERY PLAN {statement}");
    let rows = bound(explain, parameters).fetch_all(&mut connection.inner).await?;
    rows.iter().map(|row| row.try_get::<String, _>(3)).collect()
}

fn bound(statement: String, parameters: &[Parameter]) -> Query<'_, Sqlite, SqliteArguments> {
    let query = sqlx::query(AssertSqlSafe(statement));
    parameters.iter().fold(query, |query, parameter| match parameter {
        Parameter::Null => query.bind(None::<i64>),
        Parameter::Integer(number) => query.bind(*number),
        Parameter::Real(number) => query.bind(*number),
        Parameter::Text(text) => query.bind(text.as_str()),
    })
}

/// Streams the rows; gives how many there were, and what ended the stream early.
///
/// Rows are taken in bursts: a thread that is woken for every row costs more than the row. When there was no
/// full burst, SQLite is given a moment to get ahead.
pub async fn stream(
    request: &Request<'_>,
    database: &Database<'_>,
    connection: &mut Connection,
    statement: String,
    parameters: &[Parameter],
    origins: &[Origin<'_>],
    receiver: &mut dyn Receiver,
) -> (u64, Option<String>) {
    let mut bursts = bound(statement, parameters).fetch(&mut connection.inner).ready_chunks(BURST_ROWS);
    let mut place = 0;
    let mut spare = Vec::with_capacity(origins.len());
    while let Some(burst) = bursts.next().await {
        let before = place;
        let is_full = burst.len() == BURST_ROWS;
        let mut end = None;
        for row in burst {
            let row = match row {
                Ok(row) => row,
                Err(error) => {
                    end = Some(trouble(database, &error));
                    break;
                }
            };
            place += 1;
            let mut values = emptied(spare);
            values.extend(origins.iter().map(|origin| value(&row, origin)));
            receiver.item(&Item { values: &values, path: b"", place });
            spare = emptied(values);
        }
        request.progress.fetch_add(place - before, Ordering::Relaxed);
        if end.is_some() {
            return (place, end);
        }
        if request.is_cancelled() {
            break;
        }
        if !is_full {
            tokio::time::sleep(MOMENT).await;
        }
    }
    (place, None)
}

pub async fn count(database: &Database<'_>, connection: &mut Connection) -> Result<u64, String> {
    let statement = relation::count(database.relation);
    let counted = sqlx::query_scalar::<_, i64>(AssertSqlSafe(statement)).fetch_one(&mut connection.inner).await;
    counted.map(i64::unsigned_abs).map_err(|error| trouble(database, &error))
}

/// Runs the work; when the request is cancelled meanwhile, makes SQLite stop in the middle of its statement.
pub async fn until_cancelled<T>(
    request: &Request<'_>,
    stop: &AtomicBool,
    work: impl Future<Output = T>,
) -> Result<T, SourceError> {
    let mut work = std::pin::pin!(work);
    let mut looks = tokio::time::interval(Duration::from_millis(100));
    let result = loop {
        tokio::select! {
            biased;
            result = &mut work => break result,
            _ = looks.tick() => {
                if request.is_cancelled() {
                    stop.store(true, Ordering::Relaxed);
                }
            }
        }
    };
    if request.is_cancelled() { Err(SourceError::Cancelled) } else { Ok(result) }
}

/// What ended the reading early, without the place's name, which the problem adds.
fn trouble(database: &Database<'_>, error: &sqlx::Error) -> String {
    let whole = meaning(database, error).to_string();
    whole.strip_prefix(&format!("{}: ", database.describe())).map_or(whole.clone(), str::to_owned)
}

fn value<'r>(row: &'r SqliteRow, origin: &Origin<'r>) -> Value<'r> {
    match origin {
        Origin::Nowhere => Value::Empty,
        Origin::Constant(text) => Value::Text(text),
        Origin::Column(index) => column_value(row, *index).unwrap_or(Value::Empty),
    }
}

/// The value of a column, by the type that it has in this very row. `None` for NULL.
fn column_value(row: &SqliteRow, index: usize) -> Option<Value<'_>> {
    let raw = row.try_get_raw(index).ok()?;
    if raw.is_null() {
        return None;
    }
    let again = || row.try_get_raw(index).ok();
    match raw.type_info().name() {
        "INTEGER" => <i64 as Decode<Sqlite>>::decode(raw).ok().map(Value::Integer),
        "REAL" => <f64 as Decode<Sqlite>>::decode(raw).ok().map(Value::Real),
        "TEXT" => match <&str as Decode<Sqlite>>::decode(raw) {
            Ok(text) => Some(Value::Text(text)),
            Err(_) => <&[u8] as Decode<Sqlite>>::decode(again()?).ok().map(Value::Bytes),
        },
        _ => <&[u8] as Decode<Sqlite>>::decode(raw).ok().map(Value::Bytes),
    }
}
