//! Reading real servers: PostgreSQL and MariaDB, started once for the tests of this process by
//! `tests/database-server`. What the tests share: databases of their own, and sources on them.

mod engines;
mod joined;
mod narrowing;
mod reading;

use super::session::Session as _;
use super::*;
use crate::domain::instant::Instant;
use crate::domain::register::{DateFormat, FieldAccess, FieldSpec, FieldType, SecretSource, ServerAddress, ServerTls};
use crate::rule::Narrowing;
use crate::source::kept::{Keeper, Kept, Rows, text};
use jiff::tz::TimeZone;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;
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
        normalised: false,
        split: None,
        answers: BTreeMap::new(),
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
    let rows = keeper.taken();
    assert_eq!(progress.load(std::sync::atomic::Ordering::Relaxed), rows.len() as u64);
    Ok((report, rows))
}

pub fn read_all(source: &SourceSpec) -> Result<(SourceReport, Rows), SourceError> {
    read_with(source, None, &Keeper::default(), &AtomicBool::new(false))
}
