//! One link of the chain, and the end to which the next one is added.

use crate::domain::digest::DigestKey;
use crate::domain::instant::Instant;
use crate::store::StoreError;
use crate::store::hex;
use crate::store::numbers::{count, stored};
use sqlx::sqlite::SqliteConnection;

/// The keys of the chain: one for entries, one for the head that lies outside the database.
#[derive(Debug, Clone)]
pub struct Chain {
    entries: DigestKey,
    head: DigestKey,
}

/// What is added to the chain.
#[derive(Debug)]
pub struct Entry {
    /// What kind of act it tells of.
    pub kind: &'static str,
    /// The act.
    pub body: serde_json::Value,
}

/// The end of a chain: how many entries it has, and the hash of the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct Head {
    pub(super) length: u64,
    pub(super) hash: [u8; 32],
}

impl Head {
    /// The hash in hexadecimal digits.
    pub(super) fn hex(&self) -> String {
        hex::encode(&self.hash)
    }
}

/// An entry as it is stored. Its texts are bytes here: altered ones may not be text any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) sequence: u64,
    pub(super) at: i64,
    pub(super) node: Vec<u8>,
    pub(super) kind: Vec<u8>,
    pub(super) body: Vec<u8>,
}

impl Chain {
    /// The chain under keys derived from the digest key.
    #[must_use]
    pub fn new(key: &DigestKey) -> Self {
        Self { entries: key.derive("purposed 2026 evidence entries"), head: key.derive("purposed 2026 evidence head") }
    }

    /// The head of a chain without entries.
    pub(super) fn start(&self) -> Head {
        Head { length: 0, hash: self.entries.authenticate(b"start") }
    }

    /// The head after `row` is added to a chain that ends in `before`. Every field is preceded by its
    /// length or has a fixed one, so that no two rows have the same message.
    pub(super) fn link(&self, before: &Head, row: &Row) -> Head {
        let mut hasher = self.entries.hasher();
        hasher.update(&before.hash).update(&row.sequence.to_be_bytes()).update(&row.at.to_be_bytes());
        for text in [&row.node, &row.kind, &row.body] {
            hasher.update(&(text.len() as u64).to_be_bytes()).update(text);
        }
        Head { length: row.sequence, hash: *hasher.finalize().as_bytes() }
    }

    /// Proves that a head was written by whoever has the key.
    pub(super) fn seal(&self, head: &Head) -> [u8; 32] {
        let mut message = Vec::with_capacity(40);
        message.extend_from_slice(&head.length.to_be_bytes());
        message.extend_from_slice(&head.hash);
        self.head.authenticate(&message)
    }
}

/// Adds an entry. The caller's transaction holds it together with what it tells of.
pub(in crate::store) async fn append(
    connection: &mut SqliteConnection,
    chain: &Chain,
    node: &str,
    at: Instant,
    entry: Entry,
) -> Result<(), StoreError> {
    let before = last(connection, chain).await?;
    let body = entry.body.to_string();
    let row = Row {
        sequence: before.length + 1,
        at: at.microseconds(),
        node: node.into(),
        kind: entry.kind.into(),
        body: body.clone().into(),
    };
    let head = chain.link(&before, &row);
    sqlx::query("INSERT INTO evidence (sequence, at, node, kind, body, hash) VALUES (?, ?, ?, ?, ?, ?)")
        .bind(stored(row.sequence))
        .bind(row.at)
        .bind(node)
        .bind(entry.kind)
        .bind(body)
        .bind(head.hash.as_slice())
        .execute(connection)
        .await?;
    Ok(())
}

/// The end of the chain as the database has it.
pub(super) async fn last(connection: &mut SqliteConnection, chain: &Chain) -> Result<Head, StoreError> {
    let row: Option<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT sequence, hash FROM evidence ORDER BY sequence DESC LIMIT 1")
            .fetch_optional(connection)
            .await?;
    let Some((sequence, hash)) = row else { return Ok(chain.start()) };
    let hash = <[u8; 32]>::try_from(hash).map_err(|_| StoreError::Damaged("a hash in the evidence is cut"))?;
    Ok(Head { length: count(sequence), hash })
}
