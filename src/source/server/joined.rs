//! A ledger joined with the lists that ask it, in the server that holds them all.

use super::reading::{Plan, SILENT, TooLong, in_session, patience, plan, select, stream, until_stopped};
use super::session::{Column, Kind, Session};
use super::{Server, statement};
use crate::domain::register::{FieldSpec, ServerKind};
use crate::source::columns::origins;
use crate::source::joined::{Asker, PlainKeys};
use crate::source::{Part, PartReport, Receivers, Request, SourceError, SourceReport, columns};
use std::collections::BTreeSet;
use std::sync::atomic::AtomicU64;

/// Reads the rows of a ledger that lists ask for; `None` where that is not possible.
pub async fn read<S: Session>(
    request: &Request<'_>,
    askers: &[Asker<'_>],
    receivers: &dyn Receivers,
    server: &Server<'_>,
) -> Result<Option<SourceReport>, SourceError> {
    in_session(request, server, async |session: &mut S| read_rows(request, askers, receivers, server, session).await)
        .await
}

async fn read_rows<S: Session>(
    request: &Request<'_>,
    askers: &[Asker<'_>],
    receivers: &dyn Receivers,
    server: &Server<'_>,
    session: &mut S,
) -> Result<Option<SourceReport>, SourceError> {
    let ledger = plan(request, server, session).await?;
    let mut can_join = has_states(session);
    let mut lists = Vec::with_capacity(askers.len());
    for asker in askers {
        let list = List::of(request, asker, session).await?;
        can_join &= has_states(session);
        lists.push(list);
    }
    let Some(conditions) = conditions(request, &ledger, &lists).filter(|_| can_join) else {
        return Ok(None);
    };
    let items = count(request, server, session).await?;
    let mut asking = 0;
    for list in &lists {
        asking += count(request, &list.server, session).await?;
    }
    if asking >= items && items > 0 {
        return Ok(None);
    }
    for list in &lists {
        list.read_keys(request, session).await?;
    }
    let (origins, names) = origins(request, &ledger.0);
    let select = select(server, session, &names, &ledger.1);
    let statements: Vec<String> = conditions.iter().map(|condition| format!("{select} WHERE {condition}")).collect();
    let plan = Plan { statement: statements.join(" UNION ALL "), cut: None, origins };
    let part = Part { ordinal: 1, name: columns::part_name(server.schema, server.relation) };
    let mut receiver = receivers.open(&part);
    let mut place = 0;
    let rows = stream(request, session, &plan, receiver.as_mut(), &mut place);
    finished(server, until_stopped(request, patience(server), rows).await?)?;
    receiver.close();
    Ok(Some(SourceReport { parts: vec![PartReport { part, items, whole: true }], problems: Vec::new() }))
}

/// Whether the relation whose columns were asked for last is kept in states, so that all that is read of it is of one.
fn has_states<S: Session>(session: &S) -> bool {
    session.select_hint().is_empty()
}

fn finished(server: &Server<'_>, ended: Result<Option<String>, TooLong>) -> Result<(), SourceError> {
    match ended {
        Ok(None) => Ok(()),
        Ok(Some(why)) => Err(server.unreachable(&why)),
        Err(TooLong) => Err(server.unreachable(SILENT)),
    }
}

async fn count<S: Session>(request: &Request<'_>, server: &Server<'_>, session: &mut S) -> Result<u64, SourceError> {
    let counted = session.number(statement::count(server));
    let counted = until_stopped(request, patience(server), counted).await?;
    counted.map_err(|TooLong| server.unreachable(SILENT))?.map_err(|error| S::unreachable(server, &error))
}

/// The columns of a relation's fields, and all that it has.
type Found = (Vec<Option<String>>, Vec<Column>);

/// The column of a field.
fn column_of((bound, columns): &Found, field: usize) -> Option<&Column> {
    let name = bound.get(field)?.as_ref()?;
    columns.iter().find(|column| column.name == *name)
}

/// A list that asks, found in the server.
struct List<'a> {
    asker: &'a Asker<'a>,
    server: Server<'a>,
    wanted: Vec<bool>,
    found: Found,
}

impl<'a> List<'a> {
    async fn of<S: Session>(request: &Request<'_>, asker: &'a Asker<'a>, session: &mut S) -> Result<Self, SourceError> {
        let server = Server::of(asker.list)?;
        let (wanted, progress) = (asker.wanted(), AtomicU64::new(0));
        let found = plan(&keys_of(request, asker, &wanted, &progress), &server, session).await?;
        Ok(Self { asker, server, wanted, found })
    }

    /// Gives the keys of every row to the list's receivers.
    async fn read_keys<S: Session>(&self, request: &Request<'_>, session: &mut S) -> Result<(), SourceError> {
        let progress = AtomicU64::new(0);
        let request = keys_of(request, self.asker, &self.wanted, &progress);
        let (origins, names) = origins(&request, &self.found.0);
        let statement = select(&self.server, session, &names, &self.found.1);
        let part = Part { ordinal: 1, name: columns::part_name(self.server.schema, self.server.relation) };
        let mut receiver = self.asker.receivers.open(&part);
        let plan = Plan { statement, cut: None, origins };
        let mut place = 0;
        let rows = stream(&request, session, &plan, receiver.as_mut(), &mut place);
        finished(&self.server, until_stopped(&request, patience(&self.server), rows).await?)?;
        receiver.close();
        Ok(())
    }
}

/// What is asked of a list: its keys.
fn keys_of<'a>(request: &Request<'a>, asker: &Asker<'a>, wanted: &'a [bool], progress: &'a AtomicU64) -> Request<'a> {
    Request { source: asker.list, wanted, narrowing: None, only_part: None, cancel: request.cancel, progress }
}

/// The conditions of which every row to fetch meets one, or some where several of its keys are asked for: the events of
/// such a row come twice, which changes no answer. `None` where keys cannot be compared.
///
/// Each has a statement of its own, so that the server plans it as a join, whatever the size of the list.
fn conditions(request: &Request<'_>, ledger: &Found, lists: &[List<'_>]) -> Option<Vec<String>> {
    let language = lists.first()?.server.spec.kind;
    let quoted = |column: &Column| statement::quoted(language, &column.name);
    let (mut doubts, mut joins) = (BTreeSet::new(), BTreeSet::new());
    for list in lists {
        for key in list.asker.keys {
            let (ours, theirs) = (column_of(ledger, key.ledger_field)?, column_of(&list.found, key.field)?);
            if ours.kind != theirs.kind || !matches!(ours.kind, Kind::Text | Kind::Integer) {
                return None;
            }
            let asked = format!("SELECT {} FROM {}", quoted(theirs), statement::from(&list.server));
            joins.insert(format!("{} IN ({asked})", quoted(ours)));
            let field = request.source.fields.get(key.ledger_field)?;
            doubts.insert(is_doubtful(language, field, &quoted(ours)));
        }
    }
    let doubts = doubts.into_iter().collect::<Vec<_>>().join(" OR ");
    let joins = joins.into_iter().map(|join| format!("{join} AND ({doubts}) IS NOT TRUE"));
    Some(joins.chain([doubts.clone()]).collect())
}

/// The condition under which the key of a ledger's row is not certainly stored as it is compared.
fn is_doubtful(language: ServerKind, field: &FieldSpec, column: &str) -> String {
    let PlainKeys { characters, no_beginnings } = PlainKeys::of(field.field_type);
    let beginnings: String = no_beginnings.iter().map(|beginning| format!("|^{beginning}")).collect();
    let pattern = format!("'[^{characters}]{beginnings}'");
    // By other collations, `a` would match `A`, too.
    match language {
        ServerKind::Postgresql => format!("CAST({column} AS text) COLLATE \"C\" ~ {pattern}"),
        ServerKind::Mysql => format!("CONVERT({column} USING utf8mb4) COLLATE utf8mb4_bin REGEXP {pattern}"),
    }
}
