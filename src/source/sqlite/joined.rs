//! A ledger joined with the lists that ask it, in the SQLite database that holds them all.

use super::connection::Connection;
use super::file::{DatabaseFile, OpenMode};
use super::relation::{self, quoted};
use super::{Database, part_of, rows};
use crate::domain::register::FieldSpec;
use crate::source::columns::origins;
use crate::source::joined::{Asker, PlainKeys};
use crate::source::{PartReport, Receiver, Receivers, Request, SourceError, SourceReport};
use std::collections::BTreeSet;
use std::sync::atomic::AtomicU64;

/// Reads the rows of a ledger that lists ask for; `None` where that is not possible.
pub async fn read(
    request: &Request<'_>,
    askers: &[Asker<'_>],
    receivers: &dyn Receivers,
    database: &Database<'_>,
) -> Result<Option<SourceReport>, SourceError> {
    let file = DatabaseFile::find(database)?;
    let before = file.look(database)?;
    let mode = before.open_mode();
    let mut connection = Connection::open(database, &file, mode).await?;
    let outcome = read_snapshot(request, askers, receivers, database, &mut connection).await;
    connection.close().await;
    let is_disturbed = mode == OpenMode::Immutable && file.look(database)? != before;
    let Some((receiver, items)) = outcome?.filter(|_| !is_disturbed) else { return Ok(None) };
    receiver.close();
    let part = PartReport { part: part_of(database), items, whole: true };
    Ok(Some(SourceReport { parts: vec![part], problems: Vec::new() }))
}

/// Reads the keys of the lists and then the rows; gives the ledger's receiver back unclosed, and how many rows it has.
async fn read_snapshot<'r>(
    request: &Request<'_>,
    askers: &[Asker<'_>],
    receivers: &'r dyn Receivers,
    database: &Database<'_>,
    connection: &mut Connection,
) -> Result<Option<(Box<dyn Receiver + 'r>, u64)>, SourceError> {
    let bound = bind(database, request, connection).await?;
    let items = count(request, database, connection).await?;
    let mut asking = 0;
    let mut conditions = BTreeSet::new();
    for asker in askers {
        let (list, wanted, progress) = (Database::of(asker.list)?, asker.wanted(), AtomicU64::new(0));
        let keys = Request { source: asker.list, wanted: &wanted, progress: &progress, ..*request };
        let keys_bound = bind(&list, &keys, connection).await?;
        asking += count(&keys, &list, connection).await?;
        if asking >= items && items > 0 {
            return Ok(None);
        }
        for key in asker.keys {
            let theirs = keys_bound.get(key.field).and_then(Option::as_ref);
            let ours = bound.get(key.ledger_field).and_then(Option::as_ref);
            let field = request.source.fields.get(key.ledger_field);
            let (Some(theirs), Some(ours), Some(field)) = (theirs, ours, field) else { return Ok(None) };
            // A number in the one may be a text in the other.
            let asked = format!("SELECT CAST({} AS TEXT) FROM {}", quoted(theirs), relation::from(list.relation));
            conditions.insert(format!("CAST({} AS TEXT) COLLATE BINARY IN ({asked})", quoted(ours)));
            conditions.insert(is_doubtful(field, &quoted(ours)));
        }
        let mut receiver = asker.receivers.open(&part_of(&list));
        stream(&keys, &list, connection, None, &keys_bound, receiver.as_mut()).await?;
        receiver.close();
    }
    let conditions = conditions.into_iter().collect::<Vec<_>>().join(" OR ");
    let mut receiver = receivers.open(&part_of(database));
    stream(request, database, connection, Some(conditions), &bound, receiver.as_mut()).await?;
    Ok(Some((receiver, items)))
}

async fn bind(
    database: &Database<'_>,
    request: &Request<'_>,
    connection: &mut Connection,
) -> Result<Vec<Option<String>>, SourceError> {
    let columns = relation::columns(database, connection).await?;
    relation::bind(database, request.source, &columns)
}

async fn count(
    request: &Request<'_>,
    database: &Database<'_>,
    connection: &mut Connection,
) -> Result<u64, SourceError> {
    let stop = connection.stop();
    let counted = rows::until_cancelled(request, &stop, rows::count(database, connection)).await?;
    counted.map_err(|why| database.unreachable(&why))
}

/// Gives every row that meets the condition to the receiver.
async fn stream(
    request: &Request<'_>,
    database: &Database<'_>,
    connection: &mut Connection,
    condition: Option<String>,
    bound: &[Option<String>],
    receiver: &mut dyn Receiver,
) -> Result<(), SourceError> {
    let (origins, columns) = origins(request, bound);
    let mut statement = relation::select(database.relation, &columns);
    if let Some(condition) = condition {
        statement = format!("{statement} WHERE {condition}");
    }
    let stop = connection.stop();
    let rows = rows::stream(request, database, connection, statement, &[], &origins, receiver);
    let (_, trouble) = rows::until_cancelled(request, &stop, rows).await?;
    trouble.map_or(Ok(()), |why| Err(database.unreachable(&why)))
}

/// The condition under which the key of a ledger's row is not certainly stored as it is compared.
fn is_doubtful(field: &FieldSpec, column: &str) -> String {
    let PlainKeys { characters, no_beginnings } = PlainKeys::of(field.field_type);
    let beginnings: String =
        no_beginnings.iter().map(|beginning| format!(" OR {column} GLOB '{beginning}*'")).collect();
    // A text that goes on after a NUL is longer in bytes than SQLite's functions see.
    format!(
        "typeof({column}) NOT IN ('text', 'integer', 'null') OR length(CAST({column} AS BLOB)) <> length({column}) \
         OR {column} GLOB '*[^{characters}]*'{beginnings}"
    )
}
