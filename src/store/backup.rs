//! Copies of a store, taken while it is in use: written whole beside their place, checked, and only then given their
//! name. A copy whose pages or whose evidence do not hang together is not kept.

use super::Store;
use super::database::Database;
use super::error::StoreError;
use super::evidence::{self, Verification};
use super::open::database_path;
use rustix::fs::{CWD, RenameFlags};
use rustix::io::Errno;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// A copy that was taken and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Its size.
    pub bytes: u64,
    /// How many entries its evidence has, and the hash of the last one.
    pub head: (u64, String),
}

/// Where the head of the evidence of a copy lies: beside it.
#[must_use]
pub fn head_path(copy: &Path) -> PathBuf {
    beside(copy, ".head")
}

/// Where the digest key of a copy lies, if it was asked for: beside it.
#[must_use]
pub fn key_path(copy: &Path) -> PathBuf {
    beside(copy, ".key")
}

impl Store {
    /// Copies the store to `copy`, which must not exist, with the head of its evidence beside it. Neither readers nor
    /// the writer are kept waiting.
    pub fn copy_to(&self, copy: &Path) -> Result<Copied, StoreError> {
        for path in [copy, &head_path(copy)] {
            if path.symlink_metadata().is_ok() {
                return Err(StoreError::Exists(path.to_owned()));
            }
        }
        // The head is read first: the copy may have more entries, never fewer.
        let kept = evidence::kept_head(&self.state, &self.chain)?;
        let draft = Draft::new(copy)?;
        vacuum_into(&database_path(&self.state), &draft.0)?;
        Database::alter(&draft.0)?.run(async |connection| leave_numbers_out(connection).await)?;
        let bytes = synced(&draft.0)?;
        let database = Database::read(&draft.0)?;
        database.run(async |connection| check_pages(connection).await)?;
        let verified = evidence::verify_copy(&database, &self.chain, kept)?;
        drop(database);
        let (length, hash) = match verified {
            Verification::Intact { length, head } => (length, head),
            Verification::Altered { at, why } => return Err(StoreError::CopyAltered { at, why }),
        };
        write_beside(copy, &head_path(copy), &evidence::head_line(&self.chain, length, &hash)?)?;
        if let Err(error) = draft.becomes(copy) {
            // Without the copy its head is of no use. That it could not be removed changes nothing about the error.
            drop(std::fs::remove_file(head_path(copy)));
            return Err(error);
        }
        Ok(Copied { bytes, head: (length, hash) })
    }
}

/// Writes a secret beside a copy, readable for its owner alone.
pub fn write_key(copy: &Path, key: &str) -> Result<(), StoreError> {
    write_beside(copy, &key_path(copy), &format!("{key}\n"))
}

/// A file that is removed unless it becomes what it was made for.
struct Draft(PathBuf);

impl Draft {
    /// An empty file beside its future place, for its owner alone. Another backup to the same place has its own.
    fn new(place: &Path) -> Result<Self, StoreError> {
        let path = beside(place, &format!(".draft-{}", rustix::process::getpid().as_raw_nonzero()));
        // What a backup with the same process number left when it was killed is of no use.
        drop(std::fs::remove_file(&path));
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(StoreError::file("writing", &path))?;
        Ok(Self(path))
    }

    /// Gives the draft its name, unless something has it by now.
    fn becomes(self, place: &Path) -> Result<(), StoreError> {
        let renamed = match rustix::fs::renameat_with(CWD, &self.0, CWD, place, RenameFlags::NOREPLACE) {
            // File systems that cannot promise that.
            Err(Errno::INVAL | Errno::NOSYS) if place.symlink_metadata().is_err() => rustix::fs::rename(&self.0, place),
            renamed => renamed,
        };
        match renamed {
            Ok(()) => sync_folder(place),
            Err(Errno::EXIST) => Err(StoreError::Exists(place.to_owned())),
            Err(errno) => Err(StoreError::file("writing", place)(errno.into())),
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Gone already when it was given its name.
        drop(std::fs::remove_file(&self.0));
    }
}

/// One reading transaction for as long as it takes; writing goes on meanwhile.
fn vacuum_into(from: &Path, to: &Path) -> Result<(), StoreError> {
    let to = to.to_str().ok_or_else(|| {
        let error = std::io::Error::other("the path is not UTF-8");
        StoreError::file("writing", to)(error)
    })?;
    Database::read(from)?.run(async |connection| {
        sqlx::query("VACUUM INTO ?").bind(to).execute(connection).await?;
        Ok(())
    })
}

/// So many numbers of letters are left out in a copy.
const NUMBERS_LEFT_OUT: i64 = 1_000_000;

/// Whoever goes on from a copy does not know the letters that were queued since. New ones must not get their message
/// ids: the people's mail systems would take them for the same letters, and drop them.
async fn leave_numbers_out(connection: &mut sqlx::sqlite::SqliteConnection) -> Result<(), StoreError> {
    let known = sqlx::query("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'letter'")
        .bind(NUMBERS_LEFT_OUT)
        .execute(&mut *connection)
        .await?;
    if known.rows_affected() == 0 {
        sqlx::query("INSERT INTO sqlite_sequence (name, seq) VALUES ('letter', ?)")
            .bind(NUMBERS_LEFT_OUT)
            .execute(connection)
            .await?;
    }
    Ok(())
}

/// Whether every page, index and reference of a database is as it should be.
async fn check_pages(connection: &mut sqlx::sqlite::SqliteConnection) -> Result<(), StoreError> {
    let said: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_all(&mut *connection).await?;
    if said != ["ok"] {
        return Err(StoreError::Damaged("its pages do not hang together, so the copy was not kept"));
    }
    let broken = sqlx::query("PRAGMA foreign_key_check").fetch_optional(connection).await?;
    if broken.is_some() {
        return Err(StoreError::Damaged("its tables do not hang together, so the copy was not kept"));
    }
    Ok(())
}

/// Brings a file to the disk, and says how large it is.
fn synced(path: &Path) -> Result<u64, StoreError> {
    let size = || -> std::io::Result<u64> {
        let file = File::open(path)?;
        file.sync_all()?;
        Ok(file.metadata()?.len())
    };
    size().map_err(StoreError::file("writing", path))
}

/// Writes a small file that does not exist yet, whole or not at all.
fn write_beside(copy: &Path, place: &Path, text: &str) -> Result<(), StoreError> {
    let draft = Draft::new(place)?;
    let write = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).open(&draft.0)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(StoreError::file("writing", place))?;
    draft.becomes(place)?;
    sync_folder(copy)
}

fn sync_folder(of: &Path) -> Result<(), StoreError> {
    let folder = of.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(StoreError::file("writing", folder))
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}
