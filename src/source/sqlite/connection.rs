//! A read-only connection to a SQLite database, and what SQLite's errors mean for a scan.

use super::Database;
use super::file::{DatabaseFile, OpenMode};
use crate::source::SourceError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection as _, Executor};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How many rows may wait between SQLite's thread and the one that takes them.
pub const ROWS_AHEAD: usize = 4096;
/// How long a lock of another program is waited for.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);
/// How many steps of SQLite's virtual machine pass between looks at whether to stop.
const STEPS_BETWEEN_LOOKS: i32 = 100_000;

/// An open connection. Closing it waits until SQLite has let go of the file.
pub struct Connection {
    /// The connection itself.
    pub inner: SqliteConnection,
    stop: Arc<AtomicBool>,
}

impl Connection {
    /// Opens the database. Whatever the statement, nothing can be written through the connection.
    pub async fn open(database: &Database<'_>, file: &DatabaseFile, mode: OpenMode) -> Result<Self, SourceError> {
        let options = SqliteConnectOptions::new()
            .filename(file.path())
            .read_only(true)
            .immutable(mode == OpenMode::Immutable)
            .busy_timeout(LOCK_PATIENCE)
            .row_buffer_size(ROWS_AHEAD)
            .pragma("query_only", "ON")
            .pragma("trusted_schema", "OFF")
            // Sorting that a query asks for must not leave records in files of the system's temporary folder.
            .pragma("temp_store", "MEMORY")
            .pragma("cache_size", "-8192")
            .disable_statement_logging();
        let mut inner = options.connect().await.map_err(|error| meaning(database, &error))?;
        let stop = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&stop);
        let mut handle = inner.lock_handle().await.map_err(|error| meaning(database, &error))?;
        handle.set_progress_handler(STEPS_BETWEEN_LOOKS, move || !asked.load(Ordering::Relaxed));
        drop(handle);
        inner.execute("BEGIN").await.map_err(|error| meaning(database, &error))?;
        Ok(Self { inner, stop })
    }

    /// What makes SQLite stop in the middle of a statement once it is set.
    pub fn stop(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.stop)
    }

    /// Ends the transaction and closes the file.
    pub async fn close(self) {
        // The transaction only read: if closing fails, dropping the connection does the same.
        drop(self.inner.close().await);
    }
}

/// What an error of SQLite means for the source. SQLite's own text is told only where it can speak of
/// nothing but the register's names.
pub fn meaning(database: &Database<'_>, error: &sqlx::Error) -> SourceError {
    match primary_code(error) {
        Some(5 | 6) => database.unreachable("it is locked by another program"),
        Some(11) => database.unreachable("the database is damaged"),
        Some(26) => database.unreachable("the file is not a SQLite database (or is encrypted)"),
        Some(3 | 23) => database.unreachable("the database file may not be read"),
        Some(8 | 14) => database.unreachable(
            "the database cannot be opened without writing beside it: let its recorder run, or give the service's \
             user write permission to the `-shm` file",
        ),
        Some(10) => database.unreachable("the database file cannot be read from its disk"),
        _ => database.unreachable("the database cannot be read"),
    }
}

/// What an error means that occurred when a statement was prepared.
pub fn meaning_at_preparation(database: &Database<'_>, error: &sqlx::Error) -> SourceError {
    let Some(1) = primary_code(error) else {
        return meaning(database, error);
    };
    let text = error.as_database_error().map(sqlx::error::DatabaseError::message).unwrap_or_default();
    if !text.starts_with("no such table") {
        return database.unfit(text);
    }
    match database.relation {
        crate::domain::register::Relation::Table(_) => database.unreachable("the database has no such table or view"),
        crate::domain::register::Relation::Query(_) => database.unreachable(text),
    }
}

/// SQLite's primary result code.
fn primary_code(error: &sqlx::Error) -> Option<u32> {
    let code: u32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}
