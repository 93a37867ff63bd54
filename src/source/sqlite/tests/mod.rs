//! Reading real database files. What the tests share: made-up databases, sources on them, and a receiver
//! that keeps what it is given.

mod disturbance;
mod narrowing;
mod reading;

use super::*;
use crate::domain::instant::Instant;
use crate::domain::item::{Item, Value};
use crate::domain::register::{DateFormat, FieldAccess, FieldSpec, FieldType};
use crate::rule::Narrowing;
use crate::source::Receiver;
use jiff::tz::TimeZone;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection as _, Executor};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64};
use tempfile::TempDir;

/// A value that outlives its row.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
pub enum Kept {
    Empty,
    Integer(i64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Kept {
    fn of(value: &Value<'_>) -> Self {
        match value {
            Value::Empty => Self::Empty,
            Value::Integer(number) => Self::Integer(*number),
            Value::Real(number) => Self::Real(*number),
            Value::Text(text) => Self::Text((*text).to_owned()),
            Value::Bytes(bytes) => Self::Bytes(bytes.to_vec()),
            other => panic!("a database has no {other:?}"),
        }
    }
}

pub type Rows = Vec<Vec<Kept>>;

/// Keeps the values of items whose receiver was closed.
#[derive(Default)]
pub struct Keeper {
    closed: Mutex<Rows>,
    /// Done before the first item of every reading is kept: what happens to the database while it is read.
    meanwhile: Mutex<Option<Box<dyn FnMut() + Send>>>,
}

struct Keeping<'a> {
    keeper: &'a Keeper,
    rows: Rows,
}

impl Receiver for Keeping<'_> {
    fn item(&mut self, item: &Item<'_>) {
        if self.rows.is_empty()
            && let Some(meanwhile) = self.keeper.meanwhile.lock().unwrap().as_mut()
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

/// A folder with a database in it.
pub struct World {
    pub folder: TempDir,
    pub path: PathBuf,
}

impl World {
    /// A database made by these statements.
    pub fn new(statements: &str) -> Self {
        Self::named("nvr.db", statements)
    }

    pub fn named(name: &str, statements: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        write(&path, statements);
        Self { folder, path }
    }

    pub fn source(&self, relation: Relation, fields: Vec<FieldSpec>) -> SourceSpec {
        let connection = ConnectionName::new("nvr").unwrap();
        SourceSpec {
            place: Place::Sqlite { connection, path: self.path.clone(), relation },
            fields,
            identity: None,
            time_zone: TimeZone::get("Asia/Tokyo").unwrap(),
        }
    }

    pub fn table(&self, name: &str, fields: Vec<FieldSpec>) -> SourceSpec {
        self.source(Relation::Table(name.to_owned()), fields)
    }

    /// The names in the folder, sorted.
    pub fn names(&self) -> Vec<String> {
        let paths = listing(self.folder.path());
        paths.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
    }
}

#[expect(clippy::disallowed_methods, reason = "the test looks at what a reader left in the folder")]
fn listing(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// Runs statements on a database as its recorder would, and closes it.
pub fn write(path: &Path, statements: &str) {
    run(async {
        let mut connection = recorder(path).await;
        connection.execute(AssertSqlSafe(statements.to_owned())).await.unwrap();
        connection.close().await.unwrap();
    });
}

/// A connection that writes.
pub async fn recorder(path: &Path) -> sqlx::SqliteConnection {
    sqlx::sqlite::SqliteConnectOptions::new().filename(path).create_if_missing(true).connect().await.unwrap()
}

pub fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(work)
}

/// A field that is the column of the same name, or one of these.
pub fn column(name: &str, synonyms: &[&str], formats: Vec<DateFormat>) -> FieldSpec {
    FieldSpec {
        name: name.to_owned(),
        access: FieldAccess::Column(synonyms.iter().map(ToString::to_string).collect()),
        field_type: FieldType::Text,
        formats,
        time_zone: None,
        empty_is_running: false,
        split: None,
        answers: BTreeMap::new(),
    }
}

/// Reads everything that is wanted, narrowed or not.
pub fn read_with(
    source: &SourceSpec,
    wanted: &[bool],
    narrowing: Option<&Narrowing>,
    keeper: &Keeper,
) -> Result<(SourceReport, Rows), SourceError> {
    let (cancel, progress) = (AtomicBool::new(false), AtomicU64::new(0));
    let request = Request { source, wanted, narrowing, only_part: None, cancel: &cancel, progress: &progress };
    let report = read(&request, keeper)?;
    let rows = keeper.closed.lock().unwrap().clone();
    let counted: u64 = report.parts.iter().filter(|part| part.whole).map(|part| part.items).sum();
    if narrowing.is_none() && counted > 0 {
        assert_eq!((counted, progress.load(Ordering::Relaxed)), (rows.len() as u64, counted));
    }
    Ok((report, rows))
}

pub fn read_all(source: &SourceSpec) -> Result<(SourceReport, Rows), SourceError> {
    read_with(source, &vec![true; source.fields.len()], None, &Keeper::default())
}

pub fn text(value: &str) -> Kept {
    Kept::Text(value.to_owned())
}
