//! Delivery into a maildir: written whole and synced under `tmp`, then renamed into `new`. The file is named after
//! the Message-ID, so that a second delivery replaces the first instead of standing beside it.

use super::local_line_endings;
use super::message::message_id_of;
use crate::domain::letter::Delivery;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The file that a message lies in after it was delivered and before a mail program moved it.
#[must_use]
pub fn maildir_file(maildir: &Path, message_id: &str) -> PathBuf {
    maildir.join("new").join(file_name(message_id))
}

/// A file name that no two message ids share, and that reads like the id where the id allows.
fn file_name(message_id: &str) -> String {
    let id = message_id_of(message_id).unwrap_or(message_id);
    let safe = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_' | '@' | '=');
    if id.chars().all(safe) && !id.starts_with('.') && !id.is_empty() && id.len() <= 120 {
        return id.to_owned();
    }
    let readable: String = id.chars().filter(char::is_ascii_alphanumeric).take(60).collect();
    format!("{readable}-{}", &blake3::hash(id.as_bytes()).to_hex()[..32])
}

pub(super) async fn deliver(maildir: &Path, message: &[u8], message_id: &str) -> Delivery {
    let maildir = maildir.to_owned();
    let name = file_name(message_id);
    let message = local_line_endings(message);
    let written = tokio::task::spawn_blocking(move || write(&maildir, &name, &message)).await;
    match written {
        Ok(Ok(())) => Delivery::Accepted,
        Ok(Err(error)) => Delivery::Unavailable(format!("the maildir could not be written: {}", error.kind())),
        Err(_) => Delivery::Unknown("the writing of the maildir was interrupted".to_owned()),
    }
}

fn write(maildir: &Path, name: &str, message: &[u8]) -> io::Result<()> {
    for folder in ["tmp", "new", "cur"] {
        DirBuilder::new().recursive(true).mode(0o700).create(maildir.join(folder))?;
    }
    if was_taken(maildir, name)? {
        return Ok(());
    }
    let temporary = maildir.join("tmp").join(name);
    // What a crash left there was never delivered.
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
    file.write_all(message)?;
    file.sync_all()?;
    fs::rename(&temporary, maildir.join("new").join(name))?;
    File::open(maildir.join("new"))?.sync_all()
}

/// Whether a mail program has already moved this message to `cur`, where flags follow its name.
#[expect(clippy::disallowed_methods, reason = "the maildir is ours: nothing that is scanned lies there")]
fn was_taken(maildir: &Path, name: &str) -> io::Result<bool> {
    for entry in fs::read_dir(maildir.join("cur"))? {
        let found = entry?.file_name();
        let base = found.as_encoded_bytes().split(|byte| *byte == b':').next();
        if base == Some(name.as_bytes()) {
            return Ok(true);
        }
    }
    Ok(false)
}
