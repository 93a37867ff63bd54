//! The head that is kept outside the database: written after each commit, read when the store is opened.
//! A crash can leave it behind the database, never ahead of it; being ahead means that entries are missing.

use super::chain::{Chain, Head, last};
use super::verify::{Walk, walk};
use crate::store::{Store, StoreError, hex};
use sqlx::sqlite::SqliteConnection;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

/// What the file beside the database says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Kept {
    /// It is not there.
    Missing,
    /// It was not written by whoever has the key.
    Forged,
    /// A head.
    Head(Head),
}

impl Store {
    /// How many entries the evidence has, and the hash of the last one: what letters print.
    pub fn head(&self) -> Result<(u64, String), StoreError> {
        let head = self.database.run(async |connection| last(connection, &self.chain).await)?;
        Ok((head.length, head.hex()))
    }

    /// Writes the head beside the database, after a commit. One at a time, so that no older head replaces a newer one.
    pub(in crate::store) fn write_head(&self) -> Result<(), StoreError> {
        let _alone = self.head_file.lock().unwrap_or_else(PoisonError::into_inner);
        let head = self.database.run(async |connection| last(connection, &self.chain).await)?;
        write(&self.state, &self.chain, &head)
    }
}

/// Brings the head beside the database up to date when the store is opened for writing, after checking
/// that the database continues from it.
pub(in crate::store) async fn settle(
    connection: &mut SqliteConnection,
    chain: &Chain,
    state: &Path,
) -> Result<(), StoreError> {
    let end = last(connection, chain).await?;
    let kept = match read(state, chain)? {
        Kept::Head(kept) if kept == end => return Ok(()),
        Kept::Head(kept) => kept,
        Kept::Missing if end.length == 0 => return write(state, chain, &end),
        Kept::Missing => return Err(StoreError::Altered { at: end.length, why: "`evidence.head` is missing" }),
        Kept::Forged => {
            return Err(StoreError::Altered { at: end.length, why: "`evidence.head` was not written by this service" });
        }
    };
    if kept.length >= end.length {
        return Err(StoreError::Altered { at: end.length, why: "entries after it are missing" });
    }
    match walk(connection, chain, kept, true).await? {
        Walk::Whole(head) => write(state, chain, &head),
        Walk::Broken { at, why } => Err(StoreError::Altered { at, why }),
    }
}

/// Where the head of the store in the folder `state` is kept.
pub(super) fn path(state: &Path) -> PathBuf {
    state.join("evidence.head")
}

/// Reads the head that is kept beside the database.
pub(in crate::store) fn read(state: &Path, chain: &Chain) -> Result<Kept, StoreError> {
    let path = path(state);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(parse(&text, chain).map_or(Kept::Forged, Kept::Head)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Kept::Missing),
        Err(error) if error.kind() == ErrorKind::InvalidData => Ok(Kept::Forged),
        Err(source) => Err(StoreError::File { what: "reading", path, source }),
    }
}

fn parse(text: &str, chain: &Chain) -> Option<Head> {
    let mut words = text.split_whitespace();
    let length = words.next()?.parse().ok()?;
    let hash = hex::decode(words.next()?)?;
    let head = Head { length, hash };
    (hex::decode(words.next()?)? == chain.seal(&head)).then_some(head)
}

fn write(state: &Path, chain: &Chain, head: &Head) -> Result<(), StoreError> {
    let path = path(state);
    replace(state, &path, &line(chain, head)).map_err(StoreError::file("writing", path))
}

/// A head as it is kept in a file.
fn line(chain: &Chain, head: &Head) -> String {
    format!("{} {} {}\n", head.length, head.hex(), hex::encode(&chain.seal(head)))
}

/// The same for a head as texts print it.
pub(in crate::store) fn head_line(chain: &Chain, length: u64, hash: &str) -> Result<String, StoreError> {
    let hash = hex::decode(hash).ok_or(StoreError::Damaged("a hash in the evidence is cut"))?;
    Ok(line(chain, &Head { length, hash }))
}

fn replace(state: &Path, path: &Path, text: &str) -> std::io::Result<()> {
    let draft = path.with_extension("head.draft");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&draft, path)?;
    File::open(state)?.sync_all()
}
