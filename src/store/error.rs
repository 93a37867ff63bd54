//! What can go wrong with the store, and what to do about it.

use std::path::PathBuf;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has it open for writing.
    #[error("the store in `{0}` is in use by another process")]
    InUse(PathBuf),
    /// Root would leave files there that the folder's own user could not write.
    #[error("the state in `{0}` belongs to another user, who could not write what root leaves there")]
    OfAnother(PathBuf),
    /// There is none yet.
    #[error("there is no store in `{0}` yet")]
    NotThere(PathBuf),
    /// It was opened for reading.
    #[error("the store was opened for reading only")]
    ReadOnly,
    /// The database is there and its digest key is not.
    #[error("the digest key `{0}` is missing, and the store was made with one")]
    KeyLost(PathBuf),
    /// The digest key is there and cannot be one.
    #[error("`{0}` is not a digest key: 64 hexadecimal digits or 32 bytes are expected")]
    KeyForm(PathBuf),
    /// The digest key can be read by everybody.
    #[error("the digest key `{0}` can be read by other users")]
    KeyExposed(PathBuf),
    /// The digest key is not the one that the store was made with.
    #[error("the digest key is not the one that the store was made with")]
    KeyWrong,
    /// A later version wrote it.
    #[error("the store has version {found}, and this program knows versions up to {known}")]
    Newer {
        /// The version found.
        found: i64,
        /// The latest version known.
        known: i64,
    },
    /// An earlier version wrote it, and it was opened for reading only.
    #[error("the store has the older version {0} and must be brought up to date first")]
    Older(i64),
    /// The database was written by another program.
    #[error("`{0}` is not a store of purposed")]
    Foreign(PathBuf),
    /// A scan at a made-up instant was to be stored in a real store.
    #[error("the store holds real scans, and this one is at a made-up instant")]
    IsReal,
    /// A real scan was to be stored in a simulated store.
    #[error("the store is simulated: its scans are at made-up instants")]
    IsSimulated,
    /// A simulated store was to go back in time.
    #[error("the store is simulated, and its latest scan is at {0}, later than this one")]
    Backwards(String),
    /// The evidence does not hang together, so nothing is added to it.
    #[error("the evidence was altered at entry {at}: {why}")]
    Altered {
        /// The entry.
        at: u64,
        /// What is wrong there.
        why: &'static str,
    },
    /// Where a copy was to be written, something is already.
    #[error("`{0}` exists already")]
    Exists(PathBuf),
    /// The evidence of a copy does not hang together, and so neither does that of the store.
    #[error("the evidence is altered at entry {at}: {why}; the copy was not kept")]
    CopyAltered {
        /// The entry.
        at: u64,
        /// What is wrong there.
        why: String,
    },
    /// No dataset of this name was ever scanned.
    #[error("dataset `{0}` has not been scanned yet")]
    UnknownDataset(String),
    /// No exception of this name is there, or it has ended.
    #[error("there is no exception `{0}` in force")]
    NoException(String),
    /// No item waits for a declaration.
    #[error("no item of finding `{0}` waits for a declaration")]
    NothingToDeclare(String),
    /// A file beside the database could not be read or written.
    #[error("{what} `{path}` failed")]
    File {
        /// What was being done.
        what: &'static str,
        /// To which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The database holds something that this program never writes.
    #[error("the store is damaged: {0}")]
    Damaged(&'static str),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// A value could not be written as JSON, or read from it.
    #[error("a value in the store could not be read or written as JSON")]
    Json(#[from] serde_json::Error),
    /// No thread or event loop could be started.
    #[error("no thread for the database could be started")]
    Thread(#[source] std::io::Error),
}

impl StoreError {
    /// What the reader of the message can do.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::InUse(_) => "wait until the other run has ended; `--dry-run` needs no lock",
            Self::OfAnother(_) => "run it as that user: `sudo -u purposed purposed ...`",
            Self::NotThere(_) => "run `purposed scan` first",
            Self::KeyLost(_) | Self::KeyWrong => {
                "restore the key from a backup; with another key every known item would look new"
            }
            Self::KeyForm(_) => "restore the key from a backup, or name the right file as `digest_key`",
            Self::KeyExposed(_) => "take the right to read it from other users: `chmod 600`",
            Self::Newer { .. } => "use the version of purposed that wrote it, or a later one",
            Self::Older(_) => "run `purposed scan`, which does so",
            Self::Foreign(_) => "name another folder as `state`",
            Self::IsReal => "add `--dry-run`, or use another `state` for made-up instants",
            Self::IsSimulated => "give `--now`, or use another `state` for real scans",
            Self::Backwards(_) => "give a later `--now`, or add `--dry-run`",
            Self::Altered { .. } => "run `purposed evidence verify`, and restore database and head from one backup",
            Self::Exists(_) => "a backup replaces nothing: name another file, such as one with the date in its name",
            Self::CopyAltered { .. } => "keep the state folder as it is, and run `purposed evidence verify`",
            Self::NoException(_) => "`purposed exception list` shows those in force",
            Self::NothingToDeclare(_) => "`purposed disposal open` shows what waits",
            Self::UnknownDataset(_) => "see `purposed findings` for the datasets that are known",
            Self::File { source, .. } if source.kind() == std::io::ErrorKind::PermissionDenied => {
                "the state belongs to another user: use the service's own, such as `sudo -u purposed purposed ...`"
            }
            Self::File { .. } => "see that the folder belongs to the service and has space left",
            _ => return None,
        })
    }

    pub(super) fn file(what: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { what, path, source }
    }
}
