//! Sessions with MySQL and MariaDB, and what their errors mean.

mod rights;
mod values;

use super::session::{Column, Parameter, Session, Wire};
use super::{Server, statement};
use crate::domain::item::Value;
use crate::domain::register::{Relation, ServerAddress, ServerKind, ServerTls};
use crate::source::{SourceError, columns};
use futures_util::Stream;
use rights::writing_rights;
use sqlx::mysql::{MySql, MySqlConnectOptions, MySqlConnection, MySqlDatabaseError, MySqlRow, MySqlSslMode};
use sqlx::{
    AssertSqlSafe, Column as _, ConnectOptions, Connection as _, Executor, Row, SqlSafeStr, Statement, TypeInfo,
};
use values::{described, value, wire};

/// A session with a MySQL or MariaDB server.
pub struct Mysql {
    connection: MySqlConnection,
    number: i64,
    /// Whether an engine locks the whole table while it is read.
    locks_whole_table: bool,
}

/// The engines that lock a whole table while it is read.
const LOCKING_ENGINES: [&str; 5] = ["myisam", "aria", "memory", "csv", "mrg_myisam"];
/// How long a lock on a table is waited for.
const LOCK_PATIENCE_SECONDS: u32 = 10;
/// How long the server waits for a client that is busy with rows that it was given.
const WRITE_PATIENCE_SECONDS: u32 = 600;

impl Session for Mysql {
    type Row = MySqlRow;

    const LANGUAGE: ServerKind = ServerKind::Mysql;

    async fn open(server: &Server<'_>) -> Result<Self, SourceError> {
        let failed = |error| Self::unreachable(server, &error);
        let mut connection = options(server)?.connect().await.map_err(failed)?;
        let about = sqlx::query::<MySql>("SELECT CONNECTION_ID(), VERSION()").persistent(false);
        let about = about.fetch_one(&mut connection).await.map_err(failed)?;
        let number = match Self::value(&about, 0, Wire::Unsigned) {
            Value::Integer(number) => number,
            _ => 0,
        };
        let is_maria = text(&about, 1).contains("MariaDB");
        let seconds = server.spec.statement_timeout.as_secs();
        let time_limit = if is_maria {
            format!("max_statement_time = {seconds}")
        } else {
            format!("max_execution_time = {}", seconds * 1000)
        };
        let settings = format!(
            "SET SESSION lock_wait_timeout = {LOCK_PATIENCE_SECONDS}, net_write_timeout = {WRITE_PATIENCE_SECONDS}, \
             {time_limit}"
        );
        for statement in [
            settings.as_str(),
            "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
            "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
        ] {
            connection.execute(AssertSqlSafe(statement.to_owned())).await.map_err(failed)?;
        }
        Ok(Self { connection, number, locks_whole_table: false })
    }

    async fn columns(&mut self, server: &Server<'_>) -> Result<Vec<Column>, SourceError> {
        match server.relation {
            Relation::Table(table) => self.columns_of_table(server, table).await,
            Relation::Query(query) => {
                // A text that is a statement by itself and in parentheses is one query and nothing more.
                self.prepare(server, columns::bare(query).to_owned()).await?;
                self.locks_whole_table = self.may_lock_whole_tables(server).await?;
                self.prepare(server, format!("SELECT * FROM {}", statement::from(server))).await
            }
        }
    }

    fn select_hint(&self) -> &'static str {
        // The server sets the rows aside first, so that writers wait no longer than for that.
        if self.locks_whole_table { "SQL_BUFFER_RESULT " } else { "" }
    }

    fn rows<'s>(
        &'s mut self,
        statement: String,
        parameters: &[Parameter],
    ) -> impl Stream<Item = Result<MySqlRow, sqlx::Error>> + 's {
        let query = sqlx::query::<MySql>(AssertSqlSafe(statement)).persistent(false);
        let query = parameters.iter().fold(query, |query, parameter| match parameter {
            Parameter::Integer(number) => query.bind(*number),
            Parameter::Real(number) => query.bind(*number),
            Parameter::Text(text) => query.bind(text.clone()),
        });
        query.fetch(&mut self.connection)
    }

    async fn number(&mut self, statement: String) -> Result<u64, sqlx::Error> {
        let number = sqlx::query_scalar::<MySql, i64>(AssertSqlSafe(statement)).persistent(false);
        number.fetch_one(&mut self.connection).await.map(i64::unsigned_abs)
    }

    fn wires(row: &MySqlRow) -> Vec<Wire> {
        row.columns().iter().map(|column| wire(column.type_info().name())).collect()
    }

    fn value(row: &MySqlRow, index: usize, wire: Wire) -> Value<'_> {
        value(row, index, wire).unwrap_or(Value::Empty)
    }

    fn meaning_of_server(error: &sqlx::Error) -> String {
        let number = number(error);
        let told = match number {
            1045 => "the server refuses the role or its password",
            1044 | 1130 | 1698 => "the server does not let the role in from here",
            1049 => "the server has no such database",
            1040 | 1203 | 1226 => "the server has no connection left",
            1053 | 1927 | 4031 => "the server ended the connection",
            1317 | 1969 | 3024 => "the statement took longer than `statement_timeout_seconds`, or somebody ended it",
            1205 => "the table is locked by somebody else",
            1290 | 1792 | 1836 => "the query would write, and nothing may",
            1146 => "the database has no such table or view",
            1142 | 1143 | 1227 | 1356 | 1370 => "the role may not read it: grant it SELECT",
            1412 => "the table was changed while it was read",
            _ => return format!("the server ended the statement with error {number}"),
        };
        told.to_owned()
    }

    async fn may_write(&mut self, server: &Server<'_>) -> Result<Option<String>, SourceError> {
        let rows = sqlx::query::<MySql>("SHOW GRANTS").persistent(false).fetch_all(&mut self.connection).await;
        let rows = rows.map_err(|error| Self::unreachable(server, &error))?;
        let mut rights: Vec<String> = rows.iter().flat_map(|row| writing_rights(text(row, 0))).collect();
        rights.sort();
        rights.dedup();
        Ok((!rights.is_empty()).then(|| format!("has the rights {}", rights.join(", "))))
    }

    fn number_of_session(&self) -> i64 {
        self.number
    }

    async fn stop(server: &Server<'_>, number: i64) -> Result<(), sqlx::Error> {
        let Ok(options) = options(server) else { return Ok(()) };
        let mut connection = options.connect().await?;
        connection.execute(AssertSqlSafe(format!("KILL QUERY {number}"))).await?;
        connection.close().await
    }

    async fn close(self) {
        // The transaction only read: if closing fails, dropping the connection does the same.
        drop(self.connection.close().await);
    }
}

impl Mysql {
    /// The columns of a table or view, as far as the role may see them.
    async fn columns_of_table(&mut self, server: &Server<'_>, table: &str) -> Result<Vec<Column>, SourceError> {
        const COLUMNS: &str = "SELECT c.column_name, c.data_type, t.engine FROM information_schema.columns c \
            LEFT JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name \
            WHERE c.table_schema = COALESCE(?, DATABASE()) AND c.table_name = ? ORDER BY c.ordinal_position";
        let rows = sqlx::query::<MySql>(COLUMNS).persistent(false).bind(server.schema).bind(table);
        let rows = rows.fetch_all(&mut self.connection).await;
        let rows = rows.map_err(|error| Self::unreachable(server, &error))?;
        if rows.is_empty() {
            return Err(server.unreachable("the database has no such table or view, or the role may not read it"));
        }
        let engine = rows.first().map(|row| text(row, 2).to_ascii_lowercase()).unwrap_or_default();
        self.locks_whole_table = match engine.as_str() {
            // A view.
            "" => self.may_lock_whole_tables(server).await?,
            engine => LOCKING_ENGINES.contains(&engine),
        };
        Ok(rows.iter().map(|row| described(text(row, 0), text(row, 1))).collect())
    }

    /// Whether a query or view may read a table that its engine locks as a whole: nothing tells which tables it reads,
    /// so those of the database decide that the role may see.
    async fn may_lock_whole_tables(&mut self, server: &Server<'_>) -> Result<bool, SourceError> {
        let names = LOCKING_ENGINES.map(|engine| format!("'{engine}'")).join(", ");
        let tables = format!(
            "SELECT COUNT(*) FROM information_schema.tables WHERE table_type = 'BASE TABLE' \
             AND table_schema = COALESCE(?, DATABASE()) AND LOWER(engine) IN ({names})"
        );
        let tables = sqlx::query_scalar::<MySql, i64>(AssertSqlSafe(tables)).persistent(false).bind(server.schema);
        let tables = tables.fetch_one(&mut self.connection).await;
        tables.map(|tables| tables > 0).map_err(|error| Self::unreachable(server, &error))
    }

    async fn prepare(&mut self, server: &Server<'_>, statement: String) -> Result<Vec<Column>, SourceError> {
        let prepared = (&mut self.connection)
            .prepare(AssertSqlSafe(statement).into_sql_str())
            .await
            .map_err(|error| meaning_at_preparation(server, &error))?;
        Ok(prepared.columns().iter().map(|column| described(column.name(), column.type_info().name())).collect())
    }
}

fn options(server: &Server<'_>) -> Result<MySqlConnectOptions, SourceError> {
    let spec = server.spec;
    let mut options = MySqlConnectOptions::new()
        .username(&spec.user)
        .database(&spec.database)
        .charset("utf8mb4")
        .timezone(Some("+00:00".to_owned()))
        .pipes_as_concat(false)
        .no_engine_substitution(false)
        .statement_cache_capacity(0)
        .ssl_mode(match spec.tls {
            ServerTls::Off => MySqlSslMode::Disabled,
            ServerTls::IfOffered => MySqlSslMode::Preferred,
            ServerTls::Unverified => MySqlSslMode::Required,
            ServerTls::Authority => MySqlSslMode::VerifyCa,
            ServerTls::Full => MySqlSslMode::VerifyIdentity,
        })
        .disable_statement_logging();
    options = match &spec.address {
        ServerAddress::Tcp { host, port } => options.host(host).port(*port),
        ServerAddress::Socket { path, .. } => options.socket(path).ssl_mode(MySqlSslMode::Disabled),
    };
    if let Some(path) = &spec.authorities {
        options = options.ssl_ca(path);
    }
    if let Some(password) = server.password()? {
        options = options.password(password.reveal());
    }
    Ok(options)
}

/// What an error means that occurred when a statement was prepared. The server's own text is told only where
/// it can speak of nothing but the register's names.
fn meaning_at_preparation(server: &Server<'_>, error: &sqlx::Error) -> SourceError {
    let text = error.as_database_error().map(sqlx::error::DatabaseError::message).unwrap_or_default();
    match number(error) {
        1146 => server.unreachable(text),
        // Syntax, names and what does not go together.
        1052
        | 1054
        | 1055
        | 1060
        | 1063..=1066
        | 1093
        | 1110..=1115
        | 1140
        | 1241
        | 1248
        | 1305
        | 1327
        | 1582
        | 1630 => server.unfit(text),
        _ => Mysql::unreachable(server, error),
    }
}

/// The server's number of an error; 0 where the error is not the server's.
fn number(error: &sqlx::Error) -> u16 {
    let error = error.as_database_error().and_then(|error| error.try_downcast_ref::<MySqlDatabaseError>());
    error.map_or(0, MySqlDatabaseError::number)
}

/// A text column of the server's own tables.
fn text(row: &MySqlRow, index: usize) -> &str {
    match Mysql::value(row, index, Wire::Text) {
        Value::Text(text) => text,
        _ => "",
    }
}
