//! The connection to the database file. Work runs to its end on a thread of its own, whoever asked for it:
//! a caller that is cancelled cannot leave a transaction half done.

use super::error::StoreError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// One connection and the event loop that drives it.
#[derive(Debug)]
pub(super) struct Database {
    /// Taken when it is closed.
    open: Mutex<Option<(Runtime, SqliteConnection)>>,
}

impl Database {
    /// Connects for writing; creates the file when it is missing.
    pub(super) fn write(path: &Path) -> Result<Self, StoreError> {
        let options = options(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            // The log may hold 32 MB before it is copied back: a large stage is then copied once.
            .pragma("wal_autocheckpoint", "8192")
            // Digests that are not needed any more are overwritten, not just forgotten.
            .pragma("secure_delete", "ON")
            .foreign_keys(true);
        Self::connect(options)
    }

    /// Connects for reading only.
    pub(super) fn read(path: &Path) -> Result<Self, StoreError> {
        match Self::connect(options(path).read_only(true)) {
            // Without the right to write beside it, a closed store can still be read as it lies.
            Err(StoreError::Database(_)) if !path.with_extension("db-wal").exists() => {
                Self::connect(options(path).read_only(true).immutable(true))
            }
            result => result,
        }
    }

    /// Connects to a copy that nobody else knows yet, and leaves it without a write-ahead log.
    pub(super) fn alter(path: &Path) -> Result<Self, StoreError> {
        Self::connect(options(path).journal_mode(SqliteJournalMode::Delete))
    }

    fn connect(options: SqliteConnectOptions) -> Result<Self, StoreError> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(StoreError::Thread)?;
        let connected = on_a_thread(move || {
            let connection = runtime.block_on(async {
                let mut connection = options.connect().await?;
                // The first look at the file: what cannot be read is said now.
                sqlx::query("SELECT count(*) FROM sqlite_schema").fetch_one(&mut connection).await?;
                Ok::<_, sqlx::Error>(connection)
            });
            connection.map(|connection| (runtime, connection))
        })??;
        Ok(Self { open: Mutex::new(Some(connected)) })
    }

    /// Runs `work` to its end.
    pub(super) fn run<T: Send>(
        &self,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, StoreError> + Send,
    ) -> Result<T, StoreError> {
        on_a_thread(|| {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            let (runtime, connection) = open.as_mut().ok_or(StoreError::Damaged("the connection is closed"))?;
            runtime.block_on(work(connection))
        })?
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner).take();
        // A failure to close loses nothing: the next one who opens the file recovers its log.
        if let Some((runtime, connection)) = open {
            let _closed = on_a_thread(move || runtime.block_on(connection.close()));
        }
    }
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(path).busy_timeout(Duration::from_secs(10)).disable_statement_logging()
}

fn on_a_thread<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, StoreError> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .name("store".to_owned())
            .spawn_scoped(scope, work)
            .map_err(StoreError::Thread)?;
        thread.join().or_else(|panic| std::panic::resume_unwind(panic))
    })
}
