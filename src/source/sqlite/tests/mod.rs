//! Reading real database files. What the tests share: made-up databases, and sources on them.

mod disturbance;
mod joined;
mod narrowing;
mod reading;

use super::*;
use crate::domain::instant::Instant;
use crate::domain::register::{DateFormat, FieldAccess, FieldSpec, FieldType};
use crate::rule::Narrowing;
use crate::source::kept::{Keeper, Kept, Rows, text};
use jiff::tz::TimeZone;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection as _, Executor};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64};
use tempfile::TempDir;

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
        normalised: false,
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
    let rows = keeper.taken();
    let counted: u64 = report.parts.iter().filter(|part| part.whole).map(|part| part.items).sum();
    if narrowing.is_none() && counted > 0 {
        assert_eq!((counted, progress.load(Ordering::Relaxed)), (rows.len() as u64, counted));
    }
    Ok((report, rows))
}

pub fn read_all(source: &SourceSpec) -> Result<(SourceReport, Rows), SourceError> {
    read_with(source, &vec![true; source.fields.len()], None, &Keeper::default())
}
