//! The configuration that was last accepted, kept in the state folder with all its texts: a service whose files
//! are broken at its next start goes on with it. It holds what the files held, and they hold no secret.

use super::AppError;
use crate::config::{self, Loaded, Snapshot};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

fn folder(state: &Path) -> PathBuf {
    state.join("accepted")
}

fn file(state: &Path) -> PathBuf {
    folder(state).join("configuration.json")
}

/// Keeps what a configuration was read from: all of it, or what was kept before.
///
/// # Errors
/// [`AppError::File`] when it cannot be written.
pub fn keep(state: &Path, snapshot: &Snapshot) -> Result<(), AppError> {
    let text = serde_json::to_vec(snapshot).map_err(io::Error::other);
    let kept = text.and_then(|text| write(state, &text));
    kept.map_err(|error| AppError::File { what: "the accepted configuration cannot be kept".to_owned(), error })
}

fn write(state: &Path, text: &[u8]) -> io::Result<()> {
    let (folder, path) = (folder(state), file(state));
    if std::fs::read(&path).is_ok_and(|kept| kept == text) {
        return Ok(());
    }
    if !folder.is_dir() {
        DirBuilder::new().mode(0o700).create(&folder)?;
    }
    let beside = folder.join("configuration.json.new");
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(text)?;
    file.sync_all()?;
    std::fs::rename(&beside, &path)?;
    File::open(&folder)?.sync_all()
}

/// Loads what was last accepted of this configuration file; nothing when none was kept, or of another file.
///
/// # Errors
/// [`AppError`] when what was kept cannot be read, or is not accepted any more.
pub fn load_kept(state: &Path, config_file: &Path) -> Result<Option<Loaded>, AppError> {
    let unusable = |error| AppError::File { what: "the accepted configuration cannot be read".to_owned(), error };
    let text = match std::fs::read(file(state)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unusable(error)),
    };
    let snapshot: Snapshot = serde_json::from_slice(&text).map_err(io::Error::from).map_err(unusable)?;
    if snapshot.config_file != config_file {
        return Ok(None);
    }
    config::load_snapshot(&snapshot).map(Some).map_err(AppError::Config)
}
