//! What is read of a database: the columns that a table, view or query has, which of them the register's
//! fields mean, and the statements that fetch and count its rows. Names are quoted, values are bound.

use super::Database;
use super::connection::{Connection, meaning_at_preparation};
use super::narrow::Cut;
use crate::domain::register::{Relation, SourceSpec};
use crate::source::{SourceError, columns};
use sqlx::{AssertSqlSafe, Column, Executor, SqlSafeStr, Statement};

/// A name as SQL writes it, whatever characters it has.
pub fn quoted(name: &str) -> String {
    columns::quoted(name, '"')
}

/// What stands behind `FROM`.
pub fn from(relation: &Relation) -> String {
    match relation {
        Relation::Table(name) => quoted(name),
        // The line break ends a comment that the query may end with.
        Relation::Query(query) => format!("({}\n)", columns::bare(query)),
    }
}

/// The names of the columns that the relation has.
pub async fn columns(database: &Database<'_>, connection: &mut Connection) -> Result<Vec<String>, SourceError> {
    if let Relation::Query(query) = database.relation {
        // A text that is a statement by itself and in parentheses is one query and nothing more.
        prepare(database, connection, columns::bare(query).to_owned()).await?;
    }
    prepare(database, connection, format!("SELECT * FROM {}", from(database.relation))).await
}

async fn prepare(
    database: &Database<'_>,
    connection: &mut Connection,
    statement: String,
) -> Result<Vec<String>, SourceError> {
    let prepared = connection
        .inner
        .prepare(AssertSqlSafe(statement).into_sql_str())
        .await
        .map_err(|error| meaning_at_preparation(database, &error))?;
    Ok(prepared.columns().iter().map(|column| column.name().to_owned()).collect())
}

/// Finds the column of every field.
pub fn bind(
    database: &Database<'_>,
    source: &SourceSpec,
    columns: &[String],
) -> Result<Vec<Option<String>>, SourceError> {
    columns::bind(source, columns).map_err(|why| database.unfit(&why))
}

/// The statement that fetches these columns of every row.
pub fn select(relation: &Relation, columns: &[&str]) -> String {
    let list = if columns.is_empty() {
        "1".to_owned()
    } else {
        columns.iter().map(|column| quoted(column)).collect::<Vec<_>>().join(", ")
    };
    format!("SELECT {list} FROM {}", from(relation))
}

/// The statement that fetches these columns of the rows that the cut does not leave out, in one pass.
pub fn select_in_one_pass(relation: &Relation, columns: &[&str], cut: &Cut) -> String {
    format!("{} WHERE ({})", select(relation, columns), cut.arms.join(") OR ("))
}

/// The same with one pass for each kind of row: SQLite searches an index in each.
pub fn select_by_index(relation: &Relation, columns: &[&str], cut: &Cut) -> String {
    let select = select(relation, columns);
    cut.arms.iter().map(|arm| format!("{select} WHERE {arm}")).collect::<Vec<_>>().join(" UNION ALL ")
}

/// The statement that counts the rows.
pub fn count(relation: &Relation) -> String {
    format!("SELECT COUNT(*) FROM {}", from(relation))
}
