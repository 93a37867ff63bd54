//! The statements that fetch and count rows. Names are quoted in the server's own way; values are bound.

use super::session::Column;
use super::{Server, SourceError};
use crate::domain::register::{Relation, ServerKind};
use crate::source::columns;

/// A name as SQL writes it, whatever characters it has.
pub fn quoted(language: ServerKind, name: &str) -> String {
    match language {
        ServerKind::Postgresql => columns::quoted(name, '"'),
        ServerKind::Mysql => columns::quoted(name, '`'),
    }
}

/// What stands behind `FROM`.
pub fn from(server: &Server<'_>) -> String {
    let quoted = |name: &str| quoted(server.spec.kind, name);
    match (server.relation, server.schema) {
        (Relation::Table(table), None) => quoted(table),
        (Relation::Table(table), Some(schema)) => format!("{}.{}", quoted(schema), quoted(table)),
        // The line break ends a comment that the query may end with.
        (Relation::Query(query), _) => format!("({}\n) AS purposed_query", columns::bare(query)),
    }
}

/// Refuses what no product may wait for, and no server notices in a read-only transaction: rows locked by a
/// query, and rows written into files or variables.
pub fn refuse_locks(server: &Server<'_>) -> Result<(), SourceError> {
    let Relation::Query(query) = server.relation else { return Ok(()) };
    let words: Vec<String> = query
        .split(|character: char| !character.is_alphanumeric() && character != '_')
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let has = |wanted: &[&str]| words.windows(wanted.len()).any(|found| found.iter().eq(wanted));
    if has(&["for", "update"]) || has(&["for", "share"]) || has(&["lock", "in", "share", "mode"]) {
        return Err(server.unfit("the query locks rows that others wait for: take `FOR UPDATE` and the like out"));
    }
    if has(&["into", "outfile"]) || has(&["into", "dumpfile"]) {
        return Err(server.unfit("the query writes a file: take `INTO` out"));
    }
    Ok(())
}

/// The statement that fetches these columns of every row.
pub fn select(server: &Server<'_>, hint: &str, columns: &[&Column]) -> String {
    let list = if columns.is_empty() {
        "1".to_owned()
    } else {
        let fetched =
            |column: &&Column| column.fetched_by.clone().unwrap_or_else(|| quoted(server.spec.kind, &column.name));
        columns.iter().map(fetched).collect::<Vec<_>>().join(", ")
    };
    format!("SELECT {hint}{list} FROM {}", from(server))
}

/// The statement that counts the rows.
pub fn count(server: &Server<'_>) -> String {
    format!("SELECT COUNT(*) FROM {}", from(server))
}
