//! The digest key: a file beside the state that is made at the first start. Whoever loses it can tell no
//! known item again, so that is refused; it is never made anew for a store that exists.

use super::error::StoreError;
use super::hex;
use crate::domain::digest::DigestKey;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Reads the key in `path`, or makes one there when there is neither a key nor a database.
pub fn load_or_create(path: &Path, database_exists: bool) -> Result<DigestKey, StoreError> {
    match std::fs::read(path) {
        Ok(bytes) => {
            let metadata = std::fs::metadata(path).map_err(StoreError::file("reading the digest key", path))?;
            if metadata.permissions().mode() & 0o007 != 0 {
                return Err(StoreError::KeyExposed(path.to_owned()));
            }
            parse(&bytes).ok_or_else(|| StoreError::KeyForm(path.to_owned()))
        }
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(StoreError::File { what: "reading the digest key", path: path.to_owned(), source: error })
        }
        Err(_) if database_exists => Err(StoreError::KeyLost(path.to_owned())),
        Err(_) => match create(path) {
            // Another process has made one in the meantime.
            Err(StoreError::File { source, .. }) if source.kind() == ErrorKind::AlreadyExists => {
                load_or_create(path, true)
            }
            result => result,
        },
    }
}

/// The key made of 32 bytes, or of 64 hexadecimal digits with white space around them.
#[must_use]
pub fn parse(bytes: &[u8]) -> Option<DigestKey> {
    if let Ok(key) = <[u8; 32]>::try_from(bytes) {
        return Some(DigestKey::new(key));
    }
    hex::decode(std::str::from_utf8(bytes).ok()?.trim()).map(DigestKey::new)
}

fn create(path: &Path) -> Result<DigestKey, StoreError> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|_| StoreError::File {
        what: "making the digest key",
        path: path.to_owned(),
        source: std::io::Error::other("the system gave no random bytes"),
    })?;
    write_new(path, &hex::encode(&key)).map_err(StoreError::file("writing the digest key", path))?;
    Ok(DigestKey::new(key))
}

/// Written under another name first, so that a crash leaves a whole key or none.
fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    super::open::make_folder(folder)?;
    let draft = path.with_extension("draft");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    // A link, unlike a rename, never replaces a key that another process has just made.
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    linked?;
    File::open(folder)?.sync_all()
}
