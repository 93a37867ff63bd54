//! Streams the rows of a relation to a receiver, and counts those that are left out.

use super::narrow::Cut;
use super::session::{Column, Session};
use super::{Server, statement};
use crate::domain::item::{Item, Value};
use crate::domain::observation::Problem;
use crate::source::columns::{self, Origin, emptied, origins};
use crate::source::{Part, PartReport, Receiver, Receivers, Request, SourceError, SourceReport};
use futures_util::StreamExt;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How many rows pass between looks at whether to stop, and steps of the progress.
const ROWS_BETWEEN_LOOKS: u64 = 1024;
/// How often it is looked at whether to stop while the server is silent.
const LOOKS_EVERY: Duration = Duration::from_millis(100);
/// How much longer than the server a statement is waited for before the server counts as dead.
const GRACE: Duration = Duration::from_secs(10);
/// How long a farewell may take.
const FAREWELL: Duration = Duration::from_secs(2);

/// Whether the relation can be read as the register describes it. Reads no row.
pub async fn probe<S: Session>(request: &Request<'_>, server: &Server<'_>) -> Result<(), SourceError> {
    let mut session = open::<S>(request, server).await?;
    plan(request, server, &mut session).await?;
    drop(tokio::time::timeout(FAREWELL, session.close()).await);
    Ok(())
}

/// What the role could change, told as what follows its name.
pub async fn may_write<S: Session>(server: &Server<'_>) -> Result<Option<String>, SourceError> {
    S::open(server).await?.may_write(server).await
}

/// Reads the relation.
pub async fn read<S: Session>(
    request: &Request<'_>,
    receivers: &dyn Receivers,
    server: &Server<'_>,
) -> Result<SourceReport, SourceError> {
    let part = Part { ordinal: 1, name: columns::part_name(server.schema, server.relation) };
    let mut receiver = receivers.open(&part);
    let work = async |session: &mut S| read_rows(request, server, session, receiver.as_mut()).await;
    let seen = in_session(request, server, work).await?;
    receiver.close();
    let partial = |why: &String| Problem {
        reason: "partial".to_owned(),
        items: 0,
        example: format!("{}: {why}", server.describe()),
    };
    let problems = seen.trouble.iter().map(partial).collect();
    Ok(SourceReport { parts: vec![PartReport { part, items: seen.items, whole: seen.trouble.is_none() }], problems })
}

/// Does something in a session of its own, and ends it.
pub async fn in_session<S: Session, T>(
    request: &Request<'_>,
    server: &Server<'_>,
    work: impl AsyncFnOnce(&mut S) -> Result<T, SourceError>,
) -> Result<T, SourceError> {
    let mut session = open::<S>(request, server).await?;
    let number = session.number_of_session();
    let outcome = work(&mut session).await;
    match &outcome {
        Ok(_) => drop(tokio::time::timeout(FAREWELL, session.close()).await),
        Err(error) => {
            drop(session);
            if matches!(error, SourceError::Cancelled) {
                // Best effort: a server that cannot be told stops by its own time limit.
                drop(tokio::time::timeout(FAREWELL, S::stop(server, number)).await);
            }
        }
    }
    outcome
}

async fn open<S: Session>(request: &Request<'_>, server: &Server<'_>) -> Result<S, SourceError> {
    let limit = server.spec.connect_timeout;
    until_stopped(request, limit, S::open(server)).await?.unwrap_or_else(|TooLong| {
        Err(server.unreachable("the server did not let the role in within `connect_timeout_seconds`"))
    })
}

/// What is fetched.
pub struct Plan<'a> {
    pub statement: String,
    pub cut: Option<Cut>,
    pub origins: Vec<Origin<'a>>,
}

/// What was seen of the relation.
struct Seen {
    items: u64,
    /// What kept it from being read whole.
    trouble: Option<String>,
}

/// Finds the columns, and makes sure that the role may read them: the planned statement is run for no row.
pub async fn plan<S: Session>(
    request: &Request<'_>,
    server: &Server<'_>,
    session: &mut S,
) -> Result<(Vec<Option<String>>, Vec<Column>), SourceError> {
    let work = async {
        statement::refuse_locks(server)?;
        let columns = session.columns(server).await?;
        let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
        let bound = columns::bind(request.source, &names).map_err(|why| server.unfit(&why))?;
        let (_, fetched) = origins(request, &bound);
        let nothing = format!("{} LIMIT 0", select(server, session, &fetched, &columns));
        let mut rows = std::pin::pin!(session.rows(nothing, &[]));
        match rows.next().await {
            Some(Err(error)) => Err(S::unreachable(server, &error)),
            _ => Ok((bound, columns)),
        }
    };
    until_stopped(request, patience(server), work).await?.unwrap_or_else(|TooLong| Err(server.unreachable(SILENT)))
}

/// How long a statement is waited for.
pub fn patience(server: &Server<'_>) -> Duration {
    server.spec.statement_timeout + GRACE
}

pub const SILENT: &str = "the server does not answer any more";

pub fn select<S: Session>(server: &Server<'_>, session: &S, names: &[&str], columns: &[Column]) -> String {
    let chosen: Vec<&Column> =
        names.iter().filter_map(|name| columns.iter().find(|column| column.name == *name)).collect();
    statement::select(server, session.select_hint(), &chosen)
}

async fn read_rows<S: Session>(
    request: &Request<'_>,
    server: &Server<'_>,
    session: &mut S,
    receiver: &mut dyn Receiver,
) -> Result<Seen, SourceError> {
    let (bound, columns) = plan(request, server, session).await?;
    let (origins, names) = origins(request, &bound);
    let cut = Cut::of(S::LANGUAGE, request, &bound, &columns);
    let mut statement = select(server, session, &names, &columns);
    if let Some(cut) = &cut {
        statement = format!("{statement} WHERE {}", cut.condition);
    }
    let plan = Plan { statement, cut, origins };
    let limit = patience(server);
    let mut read = 0;
    let streamed = until_stopped(request, limit, stream(request, session, &plan, receiver, &mut read)).await?;
    let mut trouble = streamed.unwrap_or_else(|TooLong| Some(SILENT.to_owned()));
    let mut items = read;
    if plan.cut.is_some() && trouble.is_none() {
        let counted = until_stopped(request, limit, session.number(statement::count(server))).await?;
        match counted {
            // A table whose engine has no snapshots may have grown meanwhile.
            Ok(Ok(counted)) => items = counted.max(read),
            Ok(Err(error)) => trouble = Some(S::meaning(&error)),
            Err(TooLong) => trouble = Some(SILENT.to_owned()),
        }
    }
    Ok(Seen { items, trouble })
}

/// Streams the rows; gives what ended the stream early.
pub async fn stream<S: Session>(
    request: &Request<'_>,
    session: &mut S,
    plan: &Plan<'_>,
    receiver: &mut dyn Receiver,
    place: &mut u64,
) -> Option<String> {
    let parameters = plan.cut.as_ref().map(|cut| cut.parameters.as_slice()).unwrap_or_default();
    let mut rows = std::pin::pin!(session.rows(plan.statement.clone(), parameters));
    let mut spare = Vec::with_capacity(plan.origins.len());
    let mut wires = None;
    let mut told = 0;
    let end = loop {
        let row = match rows.next().await {
            Some(Ok(row)) => row,
            Some(Err(error)) => break Some(S::meaning(&error)),
            None => break None,
        };
        *place += 1;
        let wires = wires.get_or_insert_with(|| S::wires(&row));
        let mut values = emptied(spare);
        values.extend(plan.origins.iter().map(|origin| match origin {
            Origin::Nowhere => Value::Empty,
            Origin::Constant(text) => Value::Text(text),
            Origin::Column(index) => S::value(&row, *index, wires[*index]),
        }));
        receiver.item(&Item { values: &values, path: b"", place: *place });
        spare = emptied(values);
        if *place - told >= ROWS_BETWEEN_LOOKS {
            request.progress.fetch_add(*place - told, Ordering::Relaxed);
            told = *place;
            if request.is_cancelled() {
                break None;
            }
        }
    };
    request.progress.fetch_add(*place - told, Ordering::Relaxed);
    end
}

/// The server took longer than it may.
pub struct TooLong;

/// Runs the work; gives up when the request is cancelled meanwhile, or when it takes too long.
pub async fn until_stopped<T>(
    request: &Request<'_>,
    limit: Duration,
    work: impl Future<Output = T>,
) -> Result<Result<T, TooLong>, SourceError> {
    let mut work = std::pin::pin!(tokio::time::timeout(limit, work));
    let mut looks = tokio::time::interval(LOOKS_EVERY);
    let result = loop {
        tokio::select! {
            biased;
            result = &mut work => break result,
            _ = looks.tick() => {
                if request.is_cancelled() {
                    return Err(SourceError::Cancelled);
                }
            }
        }
    };
    if request.is_cancelled() { Err(SourceError::Cancelled) } else { Ok(result.map_err(|_| TooLong)) }
}
