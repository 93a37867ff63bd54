//! Reads of a ledger only the rows whose keys occur in lists behind the same connection, and the lists' keys, all from
//! one state of the database. Rows whose key is not certainly stored as it is compared come along: what a database finds
//! equal is equal for certain only among those. So nothing is left out that a key of the lists could find, as long as
//! that key itself is stored so; whether it is, is for the receivers of the lists to see.
//!
//! Fetching less is never worth a failure: where the join is not possible, the answer is `None`.

use super::{Receivers, Request, SourceError, SourceReport, server, sqlite};
use crate::domain::register::{FieldType, KeyField, Place, SourceSpec};

/// A list that asks a ledger.
pub struct Asker<'a> {
    /// The list.
    pub list: &'a SourceSpec,
    /// The keys by which it asks.
    pub keys: &'a [KeyField],
    /// Takes every row of the list with its keys alone, before the first row of the ledger comes.
    pub receivers: &'a dyn Receivers,
}

impl Asker<'_> {
    /// The list's fields that are keys.
    pub(super) fn wanted(&self) -> Vec<bool> {
        (0..self.list.fields.len()).map(|field| self.keys.iter().any(|key| key.field == field)).collect()
    }
}

/// Reads the rows of a ledger that these lists ask for. The report counts all rows of the ledger. `None`, and no
/// receiver of the ledger was closed: the database cannot compare the keys (their types or collations do not go
/// together), keeps no states of its tables, failed, was written meanwhile; or the lists are no smaller than the ledger.
///
/// # Errors
/// [`SourceError::Cancelled`] alone.
pub fn read(
    request: &Request<'_>,
    askers: &[Asker<'_>],
    receivers: &dyn Receivers,
) -> Result<Option<SourceReport>, SourceError> {
    let read = match &request.source.place {
        Place::Folder { .. } | Place::Lists { .. } => Ok(None),
        Place::Sqlite { .. } => sqlite::read_joined(request, askers, receivers),
        Place::Server { .. } => server::read_joined(request, askers, receivers),
    };
    match read {
        Err(SourceError::Cancelled) => Err(SourceError::Cancelled),
        read => Ok(read.ok().flatten()),
    }
}

/// Texts that stand for themselves as keys.
pub(super) struct PlainKeys {
    /// The characters that they consist of, as a class of patterns names them in every dialect.
    pub characters: &'static str,
    /// What they do not begin with.
    pub no_beginnings: &'static [&'static str],
}

impl PlainKeys {
    /// Texts that normalisation leaves as they are, or calls unusable; not all of them.
    pub const fn of(field_type: FieldType) -> Self {
        match field_type {
            FieldType::Email => Self { characters: "a-z0-9.@_+%-", no_beginnings: &[] },
            // A country code or leading zeros would be dropped.
            FieldType::Phone => Self { characters: "0-9", no_beginnings: &["0", "81"] },
            FieldType::Text => Self { characters: "!-~", no_beginnings: &[] },
        }
    }
}
