//! The database file as the file system shows it: how it must be opened so that nothing is disturbed, and
//! whether it stood still. The file is never opened for writing.

use super::Database;
use crate::source::SourceError;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The path of a database file, with links resolved: the log lies beside the file itself.
#[derive(Debug)]
pub struct DatabaseFile {
    path: PathBuf,
}

/// How a database is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenMode {
    /// As a file that nobody changes: no locks, no other files. Whether that was true is checked afterwards.
    Immutable,
    /// With SQLite's read locks: one consistent state, whatever others write.
    ReadOnly,
}

/// What tells two states of a database file apart, as far as it can be seen without reading it all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileState {
    inode: (u64, u64),
    length: u64,
    modified: (i64, i64),
    /// The file change counter and the version that it is valid for, from the file's header.
    change_counter: [u8; 4],
    is_write_ahead: bool,
    log_length: u64,
    journal_length: u64,
}

impl DatabaseFile {
    /// Finds the file.
    pub fn find(database: &Database<'_>) -> Result<Self, SourceError> {
        let path = std::fs::canonicalize(database.path).map_err(|error| unreachable(database, error.kind()))?;
        let metadata = std::fs::metadata(&path).map_err(|error| unreachable(database, error.kind()))?;
        if metadata.is_file() {
            Ok(Self { path })
        } else {
            Err(database.unreachable("the database's path is not a file"))
        }
    }

    /// The path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Looks at the file's present state.
    pub fn look(&self, database: &Database<'_>) -> Result<FileState, SourceError> {
        self.state().map_err(|error| unreachable(database, error.kind()))
    }

    fn state(&self) -> std::io::Result<FileState> {
        let mut header = Vec::with_capacity(100);
        File::open(&self.path)?.take(100).read_to_end(&mut header)?;
        let metadata = std::fs::metadata(&self.path)?;
        let mut change_counter = [0; 4];
        if let Some(bytes) = header.get(24..28) {
            change_counter.copy_from_slice(bytes);
        }
        Ok(FileState {
            inode: (metadata.dev(), metadata.ino()),
            length: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            change_counter,
            is_write_ahead: header.get(19) == Some(&2),
            log_length: self.length_beside("-wal")?,
            journal_length: self.length_beside("-journal")?,
        })
    }

    /// The length of the file beside the database whose name has this ending; 0 when there is none.
    fn length_beside(&self, ending: &str) -> std::io::Result<u64> {
        let mut name = self.path.clone().into_os_string();
        name.push(ending);
        match std::fs::metadata(PathBuf::from(name)) {
            Ok(metadata) => Ok(metadata.len()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error),
        }
    }
}

impl FileState {
    /// How the file must be opened so that nothing is disturbed. A log or a journal with content belongs to
    /// the database's state and needs SQLite's locks; without them, locks would only be in a recorder's way.
    pub fn open_mode(&self) -> OpenMode {
        if self.log_length > 0 || self.journal_length > 0 { OpenMode::ReadOnly } else { OpenMode::Immutable }
    }

    /// How the file is opened when it did not stand still before: with locks, unless that would make SQLite
    /// create a write-ahead log.
    pub fn patient_open_mode(&self) -> OpenMode {
        if self.is_write_ahead { self.open_mode() } else { OpenMode::ReadOnly }
    }
}

fn unreachable(database: &Database<'_>, kind: ErrorKind) -> SourceError {
    database.unreachable(match kind {
        ErrorKind::NotFound => "the database file is not there",
        ErrorKind::PermissionDenied => "the database file may not be read; give the service's user read permission",
        _ => "the database file cannot be read",
    })
}
