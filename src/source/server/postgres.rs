//! Sessions with PostgreSQL, and what its types and errors mean.

use super::session::{Column, Kind, Parameter, Session, Wire};
use super::{Server, statement, values};
use crate::domain::item::Value;
use crate::domain::register::{Relation, ServerAddress, ServerKind, ServerTls};
use crate::source::{SourceError, columns};
use futures_util::Stream;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow, PgSslMode, PgTypeInfo, Postgres};
use sqlx::{
    AssertSqlSafe, Column as _, ConnectOptions, Connection as _, Executor, Row, SqlSafeStr, Statement, ValueRef,
};

/// A session with a PostgreSQL server.
pub struct Postgresql {
    connection: PgConnection,
    number: i64,
}

/// How long a lock on a table is waited for.
const LOCK_PATIENCE_MILLISECONDS: u32 = 10_000;
/// How long the transaction may stand still before the server ends it: this process has died without a word.
const IDLE_PATIENCE_MILLISECONDS: u32 = 60_000;

impl Session for Postgresql {
    type Row = PgRow;

    const LANGUAGE: ServerKind = ServerKind::Postgresql;

    async fn open(server: &Server<'_>) -> Result<Self, SourceError> {
        let failed = |error| Self::unreachable(server, &error);
        let mut connection = options(server)?.connect().await.map_err(failed)?;
        let begin = begin(server, connection.server_version_num());
        connection.execute(AssertSqlSafe(begin)).await.map_err(failed)?;
        let number = sqlx::query_scalar::<_, i32>("SELECT pg_catalog.pg_backend_pid()").persistent(false);
        let number = number.fetch_one(&mut connection).await.map_err(failed)?;
        Ok(Self { connection, number: number.into() })
    }

    async fn columns(&mut self, server: &Server<'_>) -> Result<Vec<Column>, SourceError> {
        if let Relation::Query(query) = server.relation {
            // A text that is a statement by itself and in parentheses is one query and nothing more.
            self.prepare(server, columns::bare(query).to_owned()).await?;
        }
        self.prepare(server, format!("SELECT * FROM {}", statement::from(server))).await
    }

    fn select_hint(&self) -> &'static str {
        ""
    }

    fn rows<'s>(
        &'s mut self,
        statement: String,
        parameters: &[Parameter],
    ) -> impl Stream<Item = Result<PgRow, sqlx::Error>> + 's {
        let query = sqlx::query::<Postgres>(AssertSqlSafe(statement)).persistent(false);
        let query = parameters.iter().fold(query, |query, parameter| match parameter {
            Parameter::Integer(number) => query.bind(*number),
            Parameter::Real(number) => query.bind(*number),
            Parameter::Text(text) => query.bind(text.clone()),
        });
        query.fetch(&mut self.connection)
    }

    async fn number(&mut self, statement: String) -> Result<u64, sqlx::Error> {
        let number = sqlx::query_scalar::<Postgres, i64>(AssertSqlSafe(statement)).persistent(false);
        number.fetch_one(&mut self.connection).await.map(i64::unsigned_abs)
    }

    fn wires(row: &PgRow) -> Vec<Wire> {
        row.columns().iter().map(|column| wire(column.type_info())).collect()
    }

    fn value(row: &PgRow, index: usize, wire: Wire) -> Value<'_> {
        value(row, index, wire).unwrap_or(Value::Empty)
    }

    fn meaning_of_server(error: &sqlx::Error) -> String {
        let code = code(error).unwrap_or_default();
        let told = match code.as_str() {
            "28P01" => "the server refuses the role or its password",
            "28000" => "the server does not let the role in from here (pg_hba.conf)",
            "3D000" => "the server has no such database",
            "53300" => "the server has no connection left",
            "57P03" => "the server is starting or stopping",
            "57P01" | "57P02" => "the server ended the connection",
            "57014" => "the statement took longer than `statement_timeout_seconds`, or somebody ended it",
            "55P03" => "the table is locked by somebody else",
            "25006" => "the query would write, and nothing may",
            "40001" | "40P01" => "the server ended the statement in favour of another (a standby that fell behind?)",
            "42501" if is_row_security(error) => "row-level security hides rows from the role: grant it BYPASSRLS",
            "42501" => "the role may not read it: grant it SELECT",
            _ => return format!("the server ended the statement with SQLSTATE `{code}`"),
        };
        told.to_owned()
    }

    async fn may_write(&mut self, server: &Server<'_>) -> Result<Option<String>, SourceError> {
        const RIGHTS: &str = "SELECT (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user),
            (SELECT COUNT(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'p', 'f', 'v') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
               AND (has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
                    OR has_any_column_privilege(c.oid, 'INSERT, UPDATE')))";
        let row = sqlx::query::<Postgres>(RIGHTS).persistent(false).fetch_one(&mut self.connection).await;
        let row = row.map_err(|error| Self::unreachable(server, &error))?;
        let is_superuser = row.try_get::<Option<bool>, _>(0).ok().flatten().unwrap_or(false);
        let tables = row.try_get::<i64, _>(1).unwrap_or(0);
        Ok(match (is_superuser, tables) {
            (true, _) => Some("is a superuser".to_owned()),
            (false, 0) => None,
            (false, 1) => Some("may write to 1 table of the database".to_owned()),
            (false, tables) => Some(format!("may write to {tables} tables of the database")),
        })
    }

    fn number_of_session(&self) -> i64 {
        self.number
    }

    async fn stop(server: &Server<'_>, number: i64) -> Result<(), sqlx::Error> {
        let Ok(options) = options(server) else { return Ok(()) };
        let mut connection = options.connect().await?;
        let stop = sqlx::query::<Postgres>("SELECT pg_catalog.pg_cancel_backend($1)").persistent(false);
        stop.bind(i32::try_from(number).unwrap_or_default()).execute(&mut connection).await?;
        connection.close().await
    }

    async fn close(self) {
        // The transaction only read: if closing fails, dropping the connection does the same.
        drop(self.connection.close().await);
    }
}

impl Postgresql {
    async fn prepare(&mut self, server: &Server<'_>, statement: String) -> Result<Vec<Column>, SourceError> {
        let prepared = (&mut self.connection)
            .prepare(AssertSqlSafe(statement).into_sql_str())
            .await
            .map_err(|error| meaning_at_preparation(server, &error))?;
        Ok(prepared.columns().iter().map(|column| described(column.name(), column.type_info())).collect())
    }
}

fn options(server: &Server<'_>) -> Result<PgConnectOptions, SourceError> {
    let spec = server.spec;
    let mut options = PgConnectOptions::new_without_pgpass()
        .username(&spec.user)
        .database(&spec.database)
        .application_name("purposed")
        .extra_float_digits(None)
        .statement_cache_capacity(0)
        .ssl_mode(match spec.tls {
            ServerTls::Off => PgSslMode::Disable,
            ServerTls::IfOffered => PgSslMode::Prefer,
            ServerTls::Unverified => PgSslMode::Require,
            ServerTls::Authority => PgSslMode::VerifyCa,
            ServerTls::Full => PgSslMode::VerifyFull,
        })
        .disable_statement_logging();
    options = match &spec.address {
        ServerAddress::Tcp { host, port } => options.host(host).port(*port),
        ServerAddress::Socket { path, port } => options.socket(path).port(*port).ssl_mode(PgSslMode::Disable),
    };
    if let Some(path) = &spec.authorities {
        options = options.ssl_root_cert(path);
    }
    if let Some(password) = server.password()? {
        options = options.password(password.reveal());
    }
    Ok(options)
}

/// Begins the transaction. Its settings end with it, so that a pooler hands none of them to others.
fn begin(server: &Server<'_>, version: Option<u32>) -> String {
    let statement_timeout = server.spec.statement_timeout.as_millis();
    let mut begin = format!(
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL default_transaction_read_only = on; \
         SET LOCAL statement_timeout = {statement_timeout}; SET LOCAL lock_timeout = {LOCK_PATIENCE_MILLISECONDS}; \
         SET LOCAL idle_in_transaction_session_timeout = {IDLE_PATIENCE_MILLISECONDS}; SET LOCAL row_security = off; \
         SET LOCAL TimeZone = 'UTC'"
    );
    if version.is_some_and(|version| version >= 140_000) {
        begin.push_str("; SET LOCAL client_connection_check_interval = 1000");
    }
    begin
}

/// What an error means that occurred when a statement was prepared. The server's own text is told only where
/// it can speak of nothing but the register's names.
fn meaning_at_preparation(server: &Server<'_>, error: &sqlx::Error) -> SourceError {
    let code = code(error).unwrap_or_default();
    let text = error.as_database_error().map(sqlx::error::DatabaseError::message).unwrap_or_default();
    match (code.as_str(), server.relation) {
        ("42P01" | "3F000", Relation::Table(_)) => server.unreachable("the database has no such table or view"),
        ("42P01" | "3F000", Relation::Query(_)) => server.unreachable(text),
        ("42501" | "", _) => Postgresql::unreachable(server, error),
        (code, _) if ["42", "22", "0A"].iter().any(|class| code.starts_with(class)) => server.unfit(text),
        _ => Postgresql::unreachable(server, error),
    }
}

fn code(error: &sqlx::Error) -> Option<String> {
    error.as_database_error()?.code().map(std::borrow::Cow::into_owned)
}

fn is_row_security(error: &sqlx::Error) -> bool {
    let text = error.as_database_error().map(sqlx::error::DatabaseError::message).unwrap_or_default();
    text.contains("row-level security")
}

/// What a column of this type holds, and how it is fetched. What the wire does not carry in a form known here
/// is written as text by the server.
fn described(name: &str, info: &PgTypeInfo) -> Column {
    let kind = match oid(info) {
        INT2 | INT4 | INT8 => Kind::Integer,
        FLOAT4 | FLOAT8 => Kind::Real,
        NUMERIC => Kind::Exact,
        TEXT | VARCHAR | BPCHAR => Kind::Text,
        DATE => Kind::Date,
        TIMESTAMP => Kind::Naive,
        TIMESTAMPTZ => Kind::Instant,
        _ => Kind::Other,
    };
    let quoted = statement::quoted(ServerKind::Postgresql, name);
    let fetched_by = match oid(info) {
        // Without the mask that a cast to text would add.
        INET => Some(format!("pg_catalog.abbrev({quoted})")),
        BOOL | BYTEA | CHAR | NAME | JSON | INT2 | INT4 | INT8 | FLOAT4 | FLOAT8 | TEXT | VARCHAR | DATE
        | TIMESTAMP | TIMESTAMPTZ => None,
        _ => Some(format!("CAST({quoted} AS text)")),
    };
    Column { name: name.to_owned(), kind, fetched_by }
}

fn wire(info: &PgTypeInfo) -> Wire {
    match oid(info) {
        BOOL => Wire::Boolean,
        BYTEA => Wire::Bytes,
        INT2 | INT4 | INT8 => Wire::Integer,
        FLOAT4 | FLOAT8 => Wire::Real,
        DATE => Wire::Date,
        TIMESTAMP => Wire::Naive,
        TIMESTAMPTZ => Wire::Instant,
        _ => Wire::Text,
    }
}

const BOOL: u32 = 16;
const BYTEA: u32 = 17;
const CHAR: u32 = 18;
const NAME: u32 = 19;
const INT8: u32 = 20;
const INT2: u32 = 21;
const INT4: u32 = 23;
const TEXT: u32 = 25;
const JSON: u32 = 114;
const FLOAT4: u32 = 700;
const FLOAT8: u32 = 701;
const INET: u32 = 869;
const BPCHAR: u32 = 1042;
const VARCHAR: u32 = 1043;
const DATE: u32 = 1082;
const TIMESTAMP: u32 = 1114;
const TIMESTAMPTZ: u32 = 1184;
const NUMERIC: u32 = 1700;

/// The number of a type in PostgreSQL's catalogue, which never changes for its own types.
fn oid(info: &PgTypeInfo) -> u32 {
    info.oid().map_or(0, |oid| oid.0)
}

/// The value of a column as it came over the wire. `None` for NULL.
fn value(row: &PgRow, index: usize, wire: Wire) -> Option<Value<'_>> {
    let raw = row.try_get_raw(index).ok()?;
    if raw.is_null() {
        return None;
    }
    let bytes = raw.as_bytes().ok()?;
    Some(match wire {
        Wire::Boolean => Value::Boolean(bytes.first().is_some_and(|byte| *byte != 0)),
        Wire::Integer | Wire::Unsigned => Value::Integer(integer(bytes)?),
        Wire::Real => Value::Real(match *bytes {
            [a, b, c, d] => f32::from_be_bytes([a, b, c, d]).into(),
            _ => f64::from_be_bytes(bytes.try_into().ok()?),
        }),
        Wire::Date => values::date_since_2000(i32::try_from(integer(bytes)?).ok()?),
        Wire::Naive => values::naive_since_2000(integer(bytes)?),
        Wire::Instant => values::instant_since_2000(integer(bytes)?),
        Wire::Text => std::str::from_utf8(bytes).map_or(Value::Bytes(bytes), Value::Text),
        Wire::Bytes | Wire::Bits => Value::Bytes(bytes),
    })
}

/// A whole number of 2, 4 or 8 bytes.
fn integer(bytes: &[u8]) -> Option<i64> {
    Some(match *bytes {
        [a, b] => i16::from_be_bytes([a, b]).into(),
        [a, b, c, d] => i32::from_be_bytes([a, b, c, d]).into(),
        _ => i64::from_be_bytes(bytes.try_into().ok()?),
    })
}
