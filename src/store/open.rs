//! Opening a store: the folder, the lock, the file, its version, its key, its evidence.

use super::database::Database;
use super::error::StoreError;
use super::evidence::{self, Chain};
use super::{Access, Store};
use crate::domain::digest::DigestKey;
use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The steps from an empty file to the latest version; the number of a version is how many were taken.
const MIGRATIONS: &[&str] = &[include_str!("schema.sql"), include_str!("schema-2.sql"), include_str!("schema-3.sql")];

/// Marks the file as ours (`PRAGMA application_id`): the letters `Pprd`.
const APPLICATION: i64 = 0x5070_7264;

/// How often the lock is tried, and how long to wait in between.
const LOCK_ATTEMPTS: u32 = 3;
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// The database file of the state in this folder.
#[must_use]
pub fn database_path(state: &Path) -> PathBuf {
    state.join("purposed.db")
}

impl Store {
    /// Opens the store in the folder `state`; for writing, makes what is missing. `node` names this server
    /// in evidence and message ids.
    pub fn open(state: &Path, key: &DigestKey, node: &str, access: Access) -> Result<Self, StoreError> {
        let path = database_path(state);
        let chain = Chain::new(key);
        let check = key_check(key);
        let (database, lock) = match access {
            Access::Read if !path.exists() => return Err(StoreError::NotThere(state.to_owned())),
            Access::Read => (Database::read(&path)?, None),
            Access::Write => {
                let lock = lock(state)?;
                (create(&path)?, Some(lock))
            }
        };
        let next_generation = database.run(async |connection| {
            bring_up_to_date(connection, &path, access).await?;
            check_key(connection, check, access).await?;
            if access == Access::Write {
                evidence::settle(connection, &chain, state).await?;
                super::runs::cut_off(connection).await?;
                super::stage::sweep(connection).await?;
            }
            super::stage::next_generation(connection).await
        })?;
        Ok(Self {
            database,
            access,
            state: state.to_owned(),
            node: node.to_owned(),
            chain,
            next_generation: next_generation.into(),
            scan_clock: std::sync::Mutex::default(),
            head_file: std::sync::Mutex::default(),
            _lock: lock,
        })
    }

    /// Refuses a folder that this process may not look into, or whose user could not use what it would leave there.
    /// A store that another process has is for [`Store::open`] to tell.
    ///
    /// # Errors
    /// [`StoreError::File`], [`StoreError::OfAnother`].
    pub fn refuse_unfit(state: &Path, access: Access) -> Result<(), StoreError> {
        let path = database_path(state);
        path.try_exists().map_err(StoreError::file("looking at", &path))?;
        if access == Access::Write && is_of_another(state) && !state.join("lock").exists() {
            return Err(StoreError::OfAnother(state.to_owned()));
        }
        Ok(())
    }

    /// Whether there is a store in the folder `state`.
    #[must_use]
    pub fn exists(state: &Path) -> bool {
        database_path(state).exists()
    }

    /// Whether some process has the store in the folder `state` open for writing.
    #[must_use]
    pub fn is_in_use(state: &Path) -> bool {
        File::open(state.join("lock")).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    pub(super) fn must_write(&self) -> Result<(), StoreError> {
        if self.access == Access::Write { Ok(()) } else { Err(StoreError::ReadOnly) }
    }
}

/// Makes the folder, for its owner alone.
pub(super) fn make_folder(folder: &Path) -> std::io::Result<()> {
    if folder.is_dir() { Ok(()) } else { DirBuilder::new().recursive(true).mode(0o700).create(folder) }
}

fn lock(state: &Path) -> Result<File, StoreError> {
    make_folder(state).map_err(StoreError::file("making the folder", state))?;
    let path = state.join("lock");
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(StoreError::file("opening the lock", &path))?;
    // Whoever only asks whether it is taken takes it for a moment.
    for attempt in 1.. {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) if attempt < LOCK_ATTEMPTS => std::thread::sleep(LOCK_PAUSE),
            Err(TryLockError::WouldBlock) => return Err(StoreError::InUse(state.to_owned())),
            Err(TryLockError::Error(source)) => return Err(StoreError::File { what: "taking the lock", path, source }),
        }
    }
    if is_of_another(state) { Err(StoreError::OfAnother(state.to_owned())) } else { Ok(file) }
}

/// Whether root would write into a folder of another user, who could not write what root leaves there any more.
fn is_of_another(state: &Path) -> bool {
    let owner = std::fs::metadata(state).map(|folder| folder.uid());
    rustix::process::geteuid().is_root() && owner.is_ok_and(|owner| owner != 0)
}

/// The log gets the rights of the database file, so the file is made first, with the right ones.
fn create(path: &Path) -> Result<Database, StoreError> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(StoreError::file("making the database", path))?;
    Database::write(path)
}

async fn bring_up_to_date(connection: &mut SqliteConnection, path: &Path, access: Access) -> Result<(), StoreError> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let application: i64 = sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut *connection).await?;
    let found: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *connection).await?;
    let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema").fetch_one(&mut *connection).await?;
    if application != APPLICATION && tables > 0 {
        return Err(StoreError::Foreign(path.to_owned()));
    }
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    if found == known {
        return Ok(());
    }
    if access == Access::Read {
        return Err(if tables == 0 { StoreError::NotThere(path.to_owned()) } else { StoreError::Older(found) });
    }
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    for (taken, migration) in MIGRATIONS.iter().enumerate().skip(usize::try_from(found).unwrap_or_default()) {
        sqlx::raw_sql(*migration).execute(&mut *transaction).await?;
        if taken == 1 {
            super::widen::widen(&mut transaction).await?;
        }
    }
    let marks = format!("PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {known}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(marks)).execute(&mut *transaction).await?;
    Ok(transaction.commit().await?)
}

/// What the store remembers of its key. It is no help in finding the key or an item.
pub(super) fn key_check(key: &DigestKey) -> [u8; 32] {
    key.derive("purposed 2026 check of the digest key").authenticate(b"check")
}

pub(super) async fn check_key(
    connection: &mut SqliteConnection,
    check: [u8; 32],
    access: Access,
) -> Result<(), StoreError> {
    let known: Option<Vec<u8>> =
        sqlx::query_scalar("SELECT key_check FROM store").fetch_optional(&mut *connection).await?;
    match known {
        Some(known) if known == check => Ok(()),
        Some(_) => Err(StoreError::KeyWrong),
        None if access == Access::Read => Err(StoreError::Damaged("it does not know its key")),
        None => {
            sqlx::query("INSERT INTO store (only_row, key_check) VALUES (1, ?)")
                .bind(check.as_slice())
                .execute(&mut *connection)
                .await?;
            Ok(())
        }
    }
}
