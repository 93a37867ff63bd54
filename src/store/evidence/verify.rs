//! Verifying the evidence: read only, entry by entry, in constant memory.

use super::chain::{Chain, Head, Row};
use super::head::{self, Kept};
use crate::domain::digest::DigestKey;
use crate::store::StoreError;
use crate::store::database::Database;
use crate::store::hex;
use crate::store::numbers::{count, stored};
use crate::store::open::database_path;
use sqlx::sqlite::SqliteConnection;
use std::path::Path;

/// How many entries are read at once.
const BATCH: i64 = 1_000;

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verification {
    /// Every entry follows from the one before, and none is missing.
    Intact {
        /// How many entries there are.
        length: u64,
        /// The hash of the last one.
        head: String,
    },
    /// Something was altered.
    Altered {
        /// The first entry at which it shows.
        at: u64,
        /// What is wrong there.
        why: String,
    },
}

/// The columns of an entry, as they are stored.
type Columns = (i64, i64, Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>);

/// What a walk along the chain found.
pub(super) enum Walk {
    Whole(Head),
    Broken { at: u64, why: &'static str },
}

/// Verifies the evidence of the store in the folder `state`. `expected` is a head that was printed in a
/// letter: the chain must contain it. An error means that it could not be verified.
pub fn verify(state: &Path, key: &DigestKey, expected: Option<(u64, &str)>) -> Result<Verification, StoreError> {
    let path = database_path(state);
    if !path.exists() {
        return Err(StoreError::NotThere(state.to_owned()));
    }
    let chain = Chain::new(key);
    let database = Database::read(&path)?;
    // The file is read first: a scan that ends in between leaves the database ahead of it, which is fine.
    let kept = head::read(state, &chain)?;
    database.run(async |connection| {
        super::super::open::check_key(connection, super::super::open::key_check(key), crate::store::Access::Read)
            .await?;
        examine(connection, &chain, kept, expected).await
    })
}

/// Verifies the evidence of a copy that was just taken: it must hold together, and contain the head that was kept
/// beside the database when the copy was begun.
pub(in crate::store) fn verify_copy(
    database: &Database,
    chain: &Chain,
    kept: Kept,
) -> Result<Verification, StoreError> {
    database.run(async |connection| examine(connection, chain, kept, None).await)
}

async fn examine(
    connection: &mut SqliteConnection,
    chain: &Chain,
    kept: Kept,
    expected: Option<(u64, &str)>,
) -> Result<Verification, StoreError> {
    let end = match walk(connection, chain, chain.start(), false).await? {
        Walk::Whole(end) => end,
        Walk::Broken { at, why } => return Ok(altered(at, why)),
    };
    match kept {
        Kept::Missing => return Ok(altered(end.length, "`evidence.head` is missing")),
        Kept::Forged => return Ok(altered(end.length, "`evidence.head` was not written by this service")),
        Kept::Head(kept) if kept.length > end.length => {
            return Ok(altered(end.length + 1, "entries that `evidence.head` knows are missing"));
        }
        Kept::Head(kept) if at(connection, chain, kept.length).await? != Some(kept.hash) => {
            return Ok(altered(kept.length, "the entry is not the one that `evidence.head` knows"));
        }
        Kept::Head(_) => {}
    }
    if let Some((length, hash)) = expected {
        let known = at(connection, chain, length).await?;
        if known.is_none() {
            return Ok(altered(end.length + 1, "the expected head is beyond the end"));
        }
        if known != hex::decode(hash) {
            return Ok(altered(length, "the entry is not the expected one"));
        }
    }
    Ok(Verification::Intact { length: end.length, head: end.hex() })
}

fn altered(at: u64, why: &str) -> Verification {
    Verification::Altered { at, why: why.to_owned() }
}

/// The hash of the entry with this number, as the database has it.
async fn at(connection: &mut SqliteConnection, chain: &Chain, length: u64) -> Result<Option<[u8; 32]>, StoreError> {
    if length == 0 {
        return Ok(Some(chain.start().hash));
    }
    let hash: Option<Vec<u8>> = sqlx::query_scalar("SELECT hash FROM evidence WHERE sequence = ?")
        .bind(stored(length))
        .fetch_optional(connection)
        .await?;
    Ok(hash.and_then(|hash| hash.try_into().ok()))
}

/// Walks the chain from `head` to its end. With `check_start`, the entry that `head` names must be there.
pub(super) async fn walk(
    connection: &mut SqliteConnection,
    chain: &Chain,
    mut head: Head,
    check_start: bool,
) -> Result<Walk, StoreError> {
    if check_start && at(connection, chain, head.length).await? != Some(head.hash) {
        return Ok(Walk::Broken { at: head.length, why: "the entry is not the one that `evidence.head` knows" });
    }
    loop {
        let rows: Vec<Columns> = sqlx::query_as(concat!(
            "SELECT sequence, at, CAST(node AS BLOB), CAST(kind AS BLOB), CAST(body AS BLOB), hash FROM evidence ",
            "WHERE sequence > ? ORDER BY sequence LIMIT ?"
        ))
        .bind(stored(head.length))
        .bind(BATCH)
        .fetch_all(&mut *connection)
        .await?;
        if rows.is_empty() {
            return Ok(Walk::Whole(head));
        }
        for (sequence, at, node, kind, body, hash) in rows {
            let row = Row { sequence: count(sequence), at, node, kind, body };
            if row.sequence != head.length + 1 {
                return Ok(Walk::Broken { at: head.length + 1, why: "the entry is missing" });
            }
            let next = chain.link(&head, &row);
            if next.hash.as_slice() != hash {
                return Ok(Walk::Broken { at: row.sequence, why: "the entry does not match its hash" });
            }
            head = next;
        }
    }
}
