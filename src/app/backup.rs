//! `purposed backup PATH`: a checked copy of the store, taken while it is in use.

use super::session::{Session, load, written_key};
use super::{AppError, Environment};
use crate::store::{Access, backup};
use std::path::{Path, PathBuf};

/// What was written.
#[derive(Debug)]
pub struct BackupAnswer {
    /// The copy of the database.
    pub copy: PathBuf,
    /// The head of its evidence, which belongs to it.
    pub head_file: PathBuf,
    /// The digest key, if it was asked for.
    pub key_file: Option<PathBuf>,
    /// The size of the copy.
    pub bytes: u64,
    /// How many entries its evidence has, and the hash of the last one.
    pub head: (u64, String),
}

/// Copies the store to `path`, which must not exist. The digest key is written beside it only `with_key`: whoever has
/// both can search the copy for persons.
///
/// # Errors
/// [`AppError`] when something is there already, or the copy does not hang together: then nothing is left there.
pub fn backup(
    config_file: &Path,
    path: &Path,
    with_key: bool,
    environment: &Environment,
) -> Result<BackupAnswer, AppError> {
    let loaded = load(config_file)?;
    if path.is_dir() {
        let hint = path.join("purposed.db");
        let text = format!("`{}` is a folder\n  hint: name a file, such as `{}`", path.display(), hint.display());
        return Err(AppError::Argument(text));
    }
    let key = with_key.then(|| written_key(&loaded, environment)).transpose()?;
    let session = Session::open(loaded, environment, Access::Read)?;
    let copied = session.store.copy_to(path, key.as_deref())?;
    Ok(BackupAnswer {
        copy: path.to_owned(),
        head_file: backup::head_path(path),
        key_file: with_key.then(|| backup::key_path(path)),
        bytes: copied.bytes,
        head: copied.head,
    })
}
