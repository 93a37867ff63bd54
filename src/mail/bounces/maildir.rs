//! A mailbox in the maildir format: one file a message, new ones in `new`, those that a mail program has seen in
//! `cur`. A message keeps its name, up to the colon, wherever it lies.

use super::{LARGEST_MESSAGE, Sorting, Stamp};
use crate::domain::digest::Digest;
use rustix::fs::{Mode, OFlags, open};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

const FOLDERS: [&str; 2] = ["new", "cur"];

pub(super) fn stamps(folder: &Path) -> io::Result<Vec<Stamp>> {
    FOLDERS.iter().map(|name| fs::metadata(folder.join(name)).map(|metadata| Stamp::of(&metadata))).collect()
}

/// Whether all was looked at.
pub(super) fn read(folder: &Path, sorting: &mut Sorting<'_>) -> io::Result<bool> {
    for name in FOLDERS {
        let folder = folder.join(name);
        for file in names(&folder)? {
            let base = file.as_encoded_bytes().split(|byte| *byte == b':').next().unwrap_or_default();
            if base.is_empty() || base.starts_with(b".") {
                continue;
            }
            let digest = Digest::of(sorting.key, base);
            if !sorting.is_new(digest) {
                continue;
            }
            if sorting.is_full() {
                return Ok(false);
            }
            match message(&folder.join(&file)) {
                Ok(message) => sorting.take(digest, Some(&message)),
                // A mail program has moved or removed it: it is found under its other name, or gone.
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
                Err(_) => sorting.take(digest, None),
            }
        }
    }
    Ok(true)
}

#[expect(clippy::disallowed_methods, reason = "the mailbox is named in the settings, and nothing in it is scanned")]
fn names(folder: &Path) -> io::Result<Vec<OsString>> {
    let mut names: Vec<OsString> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<_>>()?;
    names.sort();
    Ok(names)
}

/// The beginning of a message. A link is not followed, and a pipe not waited for.
fn message(path: &Path) -> io::Result<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(open(path, flags, Mode::empty())?);
    if !file.metadata()?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut message = Vec::new();
    file.take(LARGEST_MESSAGE as u64).read_to_end(&mut message)?;
    Ok(message)
}
