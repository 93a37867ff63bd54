//! `purposed backup PATH`: a checked copy of the store, taken while it is in use.

use super::session::{Session, load};
use super::{AppError, Environment};
use crate::config::Loaded;
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
    let key_file = with_key.then(|| backup::key_path(path));
    if let Some(key_file) = key_file.as_ref().filter(|file| file.exists()) {
        return Err(crate::store::StoreError::Exists(key_file.clone()).into());
    }
    let key = with_key.then(|| key_text(&loaded, environment)).transpose()?;
    let session = Session::open(loaded, environment, Access::Read)?;
    let copied = session.store.copy_to(path)?;
    if let Some(key) = key {
        backup::write_key(path, &key)?;
    }
    Ok(BackupAnswer {
        copy: path.to_owned(),
        head_file: backup::head_path(path),
        key_file,
        bytes: copied.bytes,
        head: copied.head,
    })
}

/// The digest key as text, from wherever it lies.
fn key_text(loaded: &Loaded, environment: &Environment) -> Result<String, AppError> {
    let Some(source) = &loaded.settings.digest_key else {
        let path = loaded.settings.state.join("digest.key");
        let text = std::fs::read_to_string(&path).map_err(|error| AppError::File {
            what: format!("the digest key `{}` cannot be copied", path.display()),
            error,
        })?;
        return Ok(text.trim().to_owned());
    };
    let secret = source
        .read(environment.credentials_directory.as_deref())
        .map_err(|error| AppError::Secret(format!("the digest key cannot be copied: {error}")))?;
    Ok(secret.reveal().to_owned())
}
