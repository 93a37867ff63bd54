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
    /// Copies the store to `copy`, with the head of its evidence beside it, and its key, as it is written, if it is
    /// given. None of them may exist, and none is left where not all can be written. Neither readers nor the writer are
    /// kept waiting.
    pub fn copy_to(&self, copy: &Path, key: Option<&[u8]>) -> Result<Copied, StoreError> {
        let key = key.map(|key| (key_path(copy), key));
        for path in [copy, &head_path(copy)].into_iter().chain(key.as_ref().map(|(path, _)| path.as_path())) {
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
        let head_line = evidence::head_line(&self.chain, length, &hash)?;
        let head = Companion::write(head_path(copy), head_line.as_bytes())?;
        let key = key.map(|(path, key)| Companion::write(path, key)).transpose()?;
        draft.becomes(copy)?;
        for companion in [Some(head), key].into_iter().flatten() {
            companion.stays();
        }
        Ok(Copied { bytes, head: (length, hash) })
    }
}

/// A small file beside a copy, for its owner alone. Without the copy it is of no use: it is removed unless it stays.
struct Companion(Option<PathBuf>);

impl Companion {
    /// Writes one that does not exist yet, whole or not at all.
    fn write(place: PathBuf, content: &[u8]) -> Result<Self, StoreError> {
        let draft = Draft::new(&place)?;
        let write = || -> std::io::Result<()> {
            let mut file = OpenOptions::new().write(true).open(&draft.0)?;
            file.write_all(content)?;
            file.sync_all()
        };
        write().map_err(StoreError::file("writing", &place))?;
        draft.becomes(&place)?;
        Ok(Self(Some(place)))
    }

    fn stays(mut self) {
        self.0 = None;
    }
}

impl Drop for Companion {
    fn drop(&mut self) {
        if let Some(place) = &self.0 {
            // That it could not be removed changes nothing about why.
            drop(std::fs::remove_file(place));
        }
    }
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
            // What is not sure to last was not written.
            Ok(()) => sync_folder(place).inspect_err(|_| drop(std::fs::remove_file(place))),
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

fn sync_folder(of: &Path) -> Result<(), StoreError> {
    let folder = of.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(StoreError::file("writing", folder))
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::{open, scan_at};

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the test's own folder is listed")]
    fn where_the_key_cannot_be_written_nothing_is_left_and_it_can_be_tried_again() {
        let (state, backups) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let store = open(state.path());
        scan_at(&store, 1);
        let copy = backups.path().join("one.db");
        let in_the_way = beside(&key_path(&copy), &format!(".draft-{}", rustix::process::getpid().as_raw_nonzero()));
        std::fs::create_dir(&in_the_way).unwrap();
        assert!(matches!(store.copy_to(&copy, Some(b"key")), Err(StoreError::File { .. })));
        std::fs::remove_dir(&in_the_way).unwrap();
        assert_eq!(std::fs::read_dir(backups.path()).unwrap().count(), 0);
        store.copy_to(&copy, Some(b"key")).unwrap();
        assert_eq!(std::fs::read(key_path(&copy)).unwrap(), b"key");
        assert!(matches!(store.copy_to(&copy, None), Err(StoreError::Exists(path)) if path == copy));
    }
}
