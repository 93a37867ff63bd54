//! What a database holds, before anybody says which part of it is looked at: its tables and views with their columns
//! and about how many rows, and a bounded sample of one of them. It is read as a scan reads, by the same sessions and
//! with nothing written; only that no statement may take longer than a minute.
//!
//! Not here: what a column means. A sample is handed on as values, which whoever takes it counts and forgets.

mod statements;
#[cfg(test)]
mod tests;

use super::{Part, Receiver, Receivers, Request, SourceError, SourceReport};
use crate::domain::item::{Item, Value};
use crate::domain::name::ConnectionName;
use crate::domain::register::{FieldAccess, FieldSpec, FieldType, Place, Relation, ServerKind, ServerSpec, SourceSpec};
use jiff::tz::TimeZone;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long one statement may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// How many tables are counted by one statement.
const TABLES_AT_ONCE: usize = 50;

/// A database that a connection leads to.
#[derive(Debug, Clone)]
pub enum Database {
    /// The file of a SQLite database.
    Sqlite {
        /// The connection's name.
        connection: ConnectionName,
        /// The file.
        path: PathBuf,
    },
    /// A database server.
    Server {
        /// The connection's name.
        connection: ConnectionName,
        /// The server.
        server: Box<ServerSpec>,
    },
}

/// The language of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgresql,
    /// MySQL and MariaDB.
    Mysql,
}

/// Which tables are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Those of the database that the connection names.
    Own,
    /// Those of other databases of its server too, which MySQL and MariaDB have behind one connection.
    Server,
}

/// A table or view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its schema, where a register has to name it.
    pub schema: Option<String>,
    /// Its name.
    pub name: String,
    /// Whether it is a view.
    pub is_view: bool,
    /// Its columns.
    pub columns: Vec<TableColumn>,
    /// How many rows it has.
    pub rows: RowCount,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableColumn {
    /// Its name.
    pub name: String,
    /// Its type, as the database calls it.
    pub type_name: String,
    /// Whether the role may read it.
    pub may_read: bool,
    /// Whether an index begins with it, so that its least and greatest values are found at once.
    pub is_indexed: bool,
    /// Whether it belongs to the primary key.
    pub is_of_key: bool,
}

/// Between which values those of a column are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limits {
    /// From a text on and below another, for texts and for dates.
    Texts(&'static str, &'static str),
    /// From a number on and below another.
    Numbers(i64, i64),
}

impl Table {
    /// Whether the role may read any column.
    #[must_use]
    pub fn may_read(&self) -> bool {
        self.columns.iter().any(|column| column.may_read)
    }

    /// The column that is the primary key by itself, by its place.
    #[must_use]
    pub fn key(&self) -> Option<usize> {
        let mut of_key = (0..self.columns.len()).filter(|place| self.columns[*place].is_of_key);
        of_key.next().filter(|_| of_key.next().is_none())
    }
}

/// How many rows a table has, as far as that is cheap to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "rows")]
pub enum RowCount {
    /// So many: they were counted.
    Exactly(u64),
    /// About so many, by the server's own statistics.
    About(u64),
    /// More than so many: nobody counted further.
    MoreThan(u64),
    /// Nobody counted.
    Unknown,
}

impl Database {
    /// Its language.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite { .. } => Dialect::Sqlite,
            Self::Server { server, .. } => match server.kind {
                ServerKind::Postgresql => Dialect::Postgresql,
                ServerKind::Mysql => Dialect::Mysql,
            },
        }
    }

    /// The source that a query of it is, with these columns as fields.
    fn source(&self, query: String, columns: impl Iterator<Item = String>) -> SourceSpec {
        let relation = Relation::Query(query);
        let place = match self {
            Self::Sqlite { connection, path } => {
                Place::Sqlite { connection: connection.clone(), path: path.clone(), relation }
            }
            Self::Server { connection, server } => {
                let mut server = server.clone();
                server.statement_timeout = server.statement_timeout.min(PATIENCE);
                Place::Server { connection: connection.clone(), server, schema: None, relation }
            }
        };
        SourceSpec { place, fields: columns.map(column_field).collect(), identity: None, time_zone: TimeZone::UTC }
    }

    fn read(&self, query: String, columns: usize, receivers: &dyn Receivers) -> Result<SourceReport, SourceError> {
        let source = self.source(query, (0..columns).map(statements::alias));
        let wanted = vec![true; columns];
        let (cancel, progress) = (AtomicBool::new(false), AtomicU64::new(0));
        let (cancel, progress) = (&cancel, &progress);
        let request = Request { source: &source, wanted: &wanted, narrowing: None, only_part: None, cancel, progress };
        let mut report = super::read(&request, receivers)?;
        match report.problems.pop() {
            Some(problem) => Err(SourceError::Unreachable(problem.example)),
            None => Ok(report),
        }
    }

    /// The rows of a small query, as texts.
    fn rows(&self, query: String, columns: usize) -> Result<Vec<Vec<String>>, SourceError> {
        let rows = Rows::default();
        self.read(query, columns, &rows)?;
        Ok(rows.0.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}

fn column_field(column: String) -> FieldSpec {
    FieldSpec {
        name: column.clone(),
        access: FieldAccess::Column(vec![column]),
        field_type: FieldType::Text,
        formats: Vec::new(),
        time_zone: None,
        empty_is_running: false,
        normalised: false,
        split: None,
        answers: BTreeMap::new(),
    }
}

/// The tables and views of a database that the role may know of, by their names. Their rows are not counted: what is
/// known of them is the server's own estimate.
///
/// # Errors
/// [`SourceError::Unreachable`] when the database cannot be read.
pub fn tables(database: &Database, extent: Extent) -> Result<Vec<Table>, SourceError> {
    let dialect = database.dialect();
    let read = |query: &str| database.rows(query.to_owned(), statements::CATALOGUE_COLUMNS);
    let mut rows = match read(statements::catalogue(dialect, extent, true)) {
        // A view whose table is gone keeps SQLite from telling its columns.
        Err(SourceError::Unfit(_) | SourceError::Unreachable(_)) if dialect == Dialect::Sqlite => {
            read(statements::catalogue(dialect, extent, false))?
        }
        rows => rows?,
    };
    rows.sort_by_cached_key(|row| (row[0].clone(), row[2].clone(), row[6].parse::<i64>().unwrap_or(0)));
    let mut tables: Vec<Table> = Vec::new();
    for row in rows {
        let [schema, is_own, name, is_view, estimate, may_read, _, column, type_name, is_indexed, is_of_key] =
            row.try_into().unwrap_or_default();
        let schema = (is_own != "1").then_some(schema);
        if tables.last().is_none_or(|table| (&table.schema, &table.name) != (&schema, &name)) {
            let rows = estimate.parse().map_or(RowCount::Unknown, RowCount::About);
            tables.push(Table { schema, name, is_view: is_view == "1", columns: Vec::new(), rows });
        }
        if let Some(table) = tables.last_mut() {
            table.columns.push(TableColumn {
                name: column,
                type_name,
                may_read: may_read == "1",
                is_indexed: is_indexed == "1",
                is_of_key: is_of_key == "1",
            });
        }
    }
    Ok(tables)
}

/// How many tables and views the role may know of in other databases of the same server.
///
/// # Errors
/// [`SourceError::Unreachable`] when the database cannot be read.
pub fn tables_elsewhere(database: &Database) -> Result<u64, SourceError> {
    if database.dialect() != Dialect::Mysql {
        return Ok(0);
    }
    let rows = database.rows(statements::MYSQL_ELSEWHERE.to_owned(), 1)?;
    Ok(rows.first().and_then(|row| row[0].parse().ok()).unwrap_or(0))
}

/// Counts the rows of tables that are not known to be large, each up to a limit.
///
/// # Errors
/// [`SourceError::Cancelled`] alone: a table that cannot be counted keeps what was known.
pub fn count_small(database: &Database, tables: &mut [Table]) -> Result<(), SourceError> {
    let limit = statements::counted_rows(database.dialect());
    let is_small = |table: &&mut Table| {
        let rows = if let RowCount::About(rows) = table.rows { rows } else { 0 };
        !table.is_view && table.may_read() && rows < limit
    };
    let mut small: Vec<&mut Table> = tables.iter_mut().filter(is_small).collect();
    for some in small.chunks_mut(TABLES_AT_ONCE) {
        if count(database, some, limit)? {
            continue;
        }
        // One of them cannot be counted: that is said of itself alone.
        for one in some.chunks_mut(1) {
            count(database, one, limit)?;
        }
    }
    Ok(())
}

/// Counts the rows of these tables; whether that could be done.
fn count(database: &Database, tables: &mut [&mut Table], limit: u64) -> Result<bool, SourceError> {
    let query = statements::count(database.dialect(), tables.iter().map(|table| &**table), limit);
    let rows = match database.rows(query, 2) {
        Ok(rows) => rows,
        Err(SourceError::Cancelled) => return Err(SourceError::Cancelled),
        Err(_) => return Ok(false),
    };
    for row in rows {
        if let [Ok(place), Ok(rows)] = [&row[0], &row[1]].map(|text| text.parse::<u64>())
            && let Some(table) = usize::try_from(place).ok().and_then(|place| tables.get_mut(place))
        {
            let estimate = if let RowCount::About(estimate) = table.rows { estimate } else { 0 };
            table.rows = match rows {
                rows if rows <= limit => RowCount::Exactly(rows),
                _ if estimate > limit => RowCount::About(estimate),
                _ => RowCount::MoreThan(limit),
            };
        }
    }
    Ok(true)
}

/// Hands the first rows of a table to receivers, in no particular order and at most so many. An item's values are
/// those of the table's columns; long texts are cut, and of what is no text, number or time only is known whether it
/// is there (as true).
///
/// # Errors
/// [`SourceError::Unreachable`] when the table cannot be read.
pub fn sample(database: &Database, table: &Table, at_most: u64, receivers: &dyn Receivers) -> Result<(), SourceError> {
    let query = statements::sample(database.dialect(), table, at_most);
    database.read(query, table.columns.len(), receivers).map(|_| ())
}

/// Hands the least and the greatest value of a column within limits to receivers, each an item of one value. Without an
/// index the whole table is read for that.
///
/// # Errors
/// [`SourceError`] when the column cannot be compared with the limits, or the table cannot be read.
pub fn ends(
    database: &Database,
    table: &Table,
    column: &TableColumn,
    limits: Limits,
    receivers: &dyn Receivers,
) -> Result<(), SourceError> {
    database.read(statements::ends(database.dialect(), table, column, limits), 1, receivers).map(|_| ())
}

/// Keeps rows as texts.
#[derive(Debug, Default)]
struct Rows(Mutex<Vec<Vec<String>>>);

struct Reader<'r> {
    kept: &'r Rows,
    rows: Vec<Vec<String>>,
}

impl Receivers for Rows {
    fn open<'a>(&'a self, _part: &Part) -> Box<dyn Receiver + 'a> {
        Box::new(Reader { kept: self, rows: Vec::new() })
    }
}

impl Receiver for Reader<'_> {
    fn item(&mut self, item: &Item<'_>) {
        let text = |value: &Value<'_>| match value {
            Value::Text(text) => (*text).to_owned(),
            Value::Integer(number) => number.to_string(),
            Value::Boolean(truth) => u8::from(*truth).to_string(),
            Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            _ => String::new(),
        };
        self.rows.push(item.values.iter().map(text).collect());
    }

    fn unreadable(&mut self, _place: u64, _why: &str) {}

    fn close(self: Box<Self>) {
        self.kept.0.lock().unwrap_or_else(PoisonError::into_inner).extend(self.rows);
    }
}
