//! Reading real servers: PostgreSQL and MariaDB, started once for the tests of this process by
//! `tests/database-server`. What the tests share: databases of their own, sources on them, and a receiver that
//! keeps what it is given.

mod narrowing;
mod reading;

use super::*;
use crate::domain::instant::Instant;
use crate::domain::item::{Item, Value};
use crate::domain::register::{DateFormat, FieldAccess, FieldSpec, FieldType, SecretSource, ServerAddress, ServerTls};
use crate::rule::Narrowing;
use crate::source::{Part, Receiver};
use jiff::civil;
use jiff::tz::TimeZone;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

/// Where the servers are.
pub struct Servers {
    settings: BTreeMap<String, String>,
    password_file: PathBuf,
}

/// The servers; nothing where none can run, which is said aloud.
#[expect(clippy::print_stderr, reason = "a test that is left out is said aloud")]
pub fn servers() -> Option<&'static Servers> {
    static SERVERS: OnceLock<Option<Servers>> = OnceLock::new();
    let servers = SERVERS.get_or_init(|| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/database-server");
        let output = std::process::Command::new(script).args(["start", &std::process::id().to_string()]).output();
        let output = output.unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        if output.status.code() == Some(77) {
            eprintln!("no real database servers here: {said}");
            return None;
        }
        assert!(output.status.success(), "{said}");
        let settings = String::from_utf8(output.stdout).unwrap();
        let settings: BTreeMap<String, String> = settings
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let password_file = PathBuf::from(&settings["folder"]).join("password");
        Some(Servers { settings, password_file })
    });
    servers.as_ref()
}

/// A database of a test's own in one of the servers.
pub struct World {
    pub kind: ServerKind,
    pub name: String,
    servers: &'static Servers,
}

impl World {
    /// A database made by these statements. Nothing where no server can run.
    pub fn new(kind: ServerKind, name: &str, statements: &str) -> Option<Self> {
        let world = Self { kind, name: name.to_owned(), servers: servers()? };
        match kind {
            ServerKind::Postgresql => world.execute_in("postgres", &format!("CREATE DATABASE \"{name}\"")),
            ServerKind::Mysql => {
                world.execute_in("mysql", &format!("CREATE DATABASE `{name}` DEFAULT CHARACTER SET utf8mb4"));
            }
        }
        world.execute(statements);
        Some(world)
    }

    /// Runs statements as the product would.
    pub fn execute(&self, statements: &str) {
        self.execute_in(&self.name, statements);
    }

    fn execute_in(&self, database: &str, statements: &str) {
        let statements = AssertSqlSafe(statements.to_owned());
        run(async {
            match self.kind {
                ServerKind::Postgresql => {
                    let mut connection = self.postgresql_admin(database).connect().await.unwrap();
                    connection.execute(statements).await.unwrap();
                }
                ServerKind::Mysql => {
                    let mut connection = self.mariadb_admin(database).connect().await.unwrap();
                    connection.execute(statements).await.unwrap();
                }
            }
        });
    }

    pub fn postgresql_admin(&self, database: &str) -> sqlx::postgres::PgConnectOptions {
        let settings = &self.servers.settings;
        sqlx::postgres::PgConnectOptions::new_without_pgpass()
            .socket(&settings["postgresql_socket"])
            .port(settings["postgresql"].parse().unwrap())
            .username("admin")
            .database(database)
    }

    pub fn mariadb_admin(&self, database: &str) -> sqlx::mysql::MySqlConnectOptions {
        let socket = &self.servers.settings["mariadb_socket"];
        // As a product that is not strict about dates.
        sqlx::mysql::MySqlConnectOptions::new().socket(socket).username("admin").database(database)
    }

    pub fn spec(&self) -> ServerSpec {
        let port = match self.kind {
            ServerKind::Postgresql => "postgresql",
            ServerKind::Mysql => "mariadb",
        };
        let port = self.servers.settings[port].parse().unwrap();
        ServerSpec {
            kind: self.kind,
            address: ServerAddress::Tcp { host: "localhost".to_owned(), port },
            user: "purposed".to_owned(),
            password: Some(SecretSource::File(self.servers.password_file.clone())),
            database: self.name.clone(),
            tls: ServerTls::Full,
            authorities: Some(self.servers.settings["authority"].clone().into()),
            connect_timeout: Duration::from_secs(10),
            statement_timeout: Duration::from_mins(1),
        }
    }

    pub fn source(&self, relation: Relation, fields: Vec<FieldSpec>) -> SourceSpec {
        source_at(self.spec(), relation, fields)
    }

    pub fn table(&self, name: &str, fields: Vec<FieldSpec>) -> SourceSpec {
        self.source(Relation::Table(name.to_owned()), fields)
    }

    pub fn query(&self, query: &str, fields: Vec<FieldSpec>) -> SourceSpec {
        self.source(Relation::Query(query.to_owned()), fields)
    }
}

/// A source in the server that `spec` describes.
pub fn source_at(spec: ServerSpec, relation: Relation, fields: Vec<FieldSpec>) -> SourceSpec {
    let connection = ConnectionName::new("crm").unwrap();
    SourceSpec {
        place: Place::Server { connection, server: Box::new(spec), schema: None, relation },
        fields,
        identity: None,
        time_zone: TimeZone::get("Asia/Tokyo").unwrap(),
    }
}

pub fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

pub fn column(name: &str, column: &str, formats: Vec<DateFormat>) -> FieldSpec {
    FieldSpec {
        name: name.to_owned(),
        access: FieldAccess::Column(vec![column.to_owned()]),
        field_type: FieldType::Text,
        formats,
        time_zone: None,
        empty_is_running: false,
        split: None,
        answers: BTreeMap::new(),
    }
}

/// A value that outlives its row.
#[derive(Debug, Clone, PartialEq)]
pub enum Kept {
    Empty,
    Integer(i64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
    Date(civil::Date),
    DateTime(civil::DateTime),
    Instant(Instant),
    Boolean(bool),
}

impl Kept {
    fn of(value: &Value<'_>) -> Self {
        match *value {
            Value::Empty => Self::Empty,
            Value::Integer(number) => Self::Integer(number),
            Value::Real(number) => Self::Real(number),
            Value::Text(text) => Self::Text(text.to_owned()),
            Value::Bytes(bytes) => Self::Bytes(bytes.to_vec()),
            Value::Date(date) => Self::Date(date),
            Value::DateTime(time) => Self::DateTime(time),
            Value::Instant(instant) => Self::Instant(instant),
            Value::Boolean(boolean) => Self::Boolean(boolean),
            Value::Cell(..) => panic!("a database has no cells"),
        }
    }

    pub fn value(&self) -> Value<'_> {
        match self {
            Self::Empty => Value::Empty,
            Self::Integer(number) => Value::Integer(*number),
            Self::Real(number) => Value::Real(*number),
            Self::Text(text) => Value::Text(text),
            Self::Bytes(bytes) => Value::Bytes(bytes),
            Self::Date(date) => Value::Date(*date),
            Self::DateTime(time) => Value::DateTime(*time),
            Self::Instant(instant) => Value::Instant(*instant),
            Self::Boolean(boolean) => Value::Boolean(*boolean),
        }
    }
}

pub fn text(text: &str) -> Kept {
    Kept::Text(text.to_owned())
}

pub type Rows = Vec<Vec<Kept>>;

/// Keeps the values of items whose receiver was closed.
#[derive(Default)]
pub struct Keeper {
    closed: Mutex<Rows>,
    /// Done before the first item of a reading is kept: what happens to the database while it is read.
    meanwhile: Mutex<Option<Box<dyn FnMut() + Send>>>,
}

impl Keeper {
    pub fn with(meanwhile: impl FnMut() + Send + 'static) -> Self {
        Self { closed: Mutex::default(), meanwhile: Mutex::new(Some(Box::new(meanwhile))) }
    }
}

struct Keeping<'a> {
    keeper: &'a Keeper,
    rows: Rows,
}

impl Receiver for Keeping<'_> {
    fn item(&mut self, item: &Item<'_>) {
        if self.rows.is_empty()
            && let Some(mut meanwhile) = self.keeper.meanwhile.lock().unwrap().take()
        {
            meanwhile();
        }
        assert!(item.path.is_empty());
        self.rows.push(item.values.iter().map(Kept::of).collect());
        assert_eq!(item.place, self.rows.len() as u64);
    }

    fn unreadable(&mut self, _place: u64, why: &str) {
        panic!("a row of a database is always readable: {why}");
    }

    fn close(self: Box<Self>) {
        self.keeper.closed.lock().unwrap().extend(self.rows);
    }
}

impl Receivers for Keeper {
    fn open<'a>(&'a self, part: &Part) -> Box<dyn Receiver + 'a> {
        assert_eq!(part.ordinal, 1);
        Box::new(Keeping { keeper: self, rows: Vec::new() })
    }
}

pub fn read_with(
    source: &SourceSpec,
    narrowing: Option<&Narrowing>,
    keeper: &Keeper,
    cancel: &AtomicBool,
) -> Result<(SourceReport, Rows), SourceError> {
    let progress = AtomicU64::new(0);
    let wanted = vec![true; source.fields.len()];
    let request = Request { source, wanted: &wanted, narrowing, only_part: None, cancel, progress: &progress };
    let report = read(&request, keeper)?;
    let rows = std::mem::take(&mut *keeper.closed.lock().unwrap());
    assert_eq!(progress.load(std::sync::atomic::Ordering::Relaxed), rows.len() as u64);
    Ok((report, rows))
}

pub fn read_all(source: &SourceSpec) -> Result<(SourceReport, Rows), SourceError> {
    read_with(source, None, &Keeper::default(), &AtomicBool::new(false))
}
