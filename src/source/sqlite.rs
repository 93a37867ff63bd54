//! Reads tables, views and queries of SQLite databases, without writing to them and in constant memory.
//!
//! A database without a write-ahead log is opened as immutable: no lock is taken that a recorder would
//! wait for, and no file is created. Whether it really stood still is looked at afterwards; if not, it is
//! read again. A database with a write-ahead log is opened read-only, which gives one consistent state
//! while the recorder goes on writing; only its `-shm` file may be created or touched.
//!
//! Not here: what a value means. Items are left out only as `narrow` allows, and counted all the same.

mod connection;
mod file;
mod joined;
mod narrow;
mod relation;
mod rows;
#[cfg(test)]
mod tests;

use crate::domain::name::ConnectionName;
use crate::domain::observation::Problem;
use crate::domain::register::{Place, Relation, SourceSpec};
use crate::source::joined::Asker;
use crate::source::{Part, PartReport, Receivers, Request, SourceError, SourceReport, columns};
use connection::Connection;
use file::{DatabaseFile, OpenMode};
use std::sync::atomic::Ordering;

/// How often a database that is written while it is read is read again before its part counts as not whole.
const ATTEMPTS: u32 = 3;

/// The place of a source that lies in a SQLite database.
#[derive(Debug, Clone, Copy)]
struct Database<'a> {
    connection: &'a ConnectionName,
    path: &'a std::path::Path,
    relation: &'a Relation,
}

impl<'a> Database<'a> {
    fn of(source: &'a SourceSpec) -> Result<Self, SourceError> {
        match &source.place {
            Place::Sqlite { connection, path, relation } => Ok(Self { connection, path, relation }),
            Place::Folder { .. } | Place::Lists { .. } | Place::Server { .. } => {
                Err(SourceError::Unfit("the source does not lie in a SQLite database".to_owned()))
            }
        }
    }

    /// The name of the one part.
    fn part_name(&self) -> String {
        columns::part_name(None, self.relation)
    }

    /// How messages call the place: by the names that the register gives.
    fn describe(&self) -> String {
        match self.relation {
            Relation::Table(name) => format!("connection `{}`, table `{name}`", self.connection),
            Relation::Query(_) => format!("connection `{}`, query", self.connection),
        }
    }

    fn unreachable(&self, why: &str) -> SourceError {
        SourceError::Unreachable(format!("{}: {why}", self.describe()))
    }

    fn unfit(&self, why: &str) -> SourceError {
        SourceError::Unfit(format!("{}: {why}", self.describe()))
    }
}

/// How an attempt to read ended.
enum Attempt {
    /// The part was read, to its end or as far as it can be.
    Done(PartReport, Vec<Problem>),
    /// The database changed meanwhile: what was read, so many rows, counts for nothing.
    Disturbed(u64),
}

/// Reads the one part of a source that is a table, view or query of a SQLite database. Runs a small
/// runtime of its own: call it from a thread that may block.
///
/// # Errors
/// [`SourceError::Unreachable`] when the file or table is not there, is no database, is damaged or locked;
/// [`SourceError::Unfit`] when a mapped column is missing or the query is wrong; [`SourceError::Cancelled`].
pub fn read(request: &Request<'_>, receivers: &dyn Receivers) -> Result<SourceReport, SourceError> {
    let database = Database::of(request.source)?;
    if request.only_part.is_some_and(|part| part != database.part_name()) {
        return Ok(SourceReport::default());
    }
    block_on(&database, read_until_undisturbed(request, receivers, &database))
}

/// Reads the rows of a ledger that lists in the same database ask for, as [`crate::source::joined::read`] says.
pub fn read_joined(
    request: &Request<'_>,
    askers: &[Asker<'_>],
    receivers: &dyn Receivers,
) -> Result<Option<SourceReport>, SourceError> {
    let database = Database::of(request.source)?;
    block_on(&database, joined::read(request, askers, receivers, &database))
}

/// Whether a source can be read as the register describes it: the file, the table and the mapped columns
/// are there. Reads no row.
///
/// # Errors
/// As [`read`].
pub fn probe(source: &SourceSpec) -> Result<(), SourceError> {
    let database = Database::of(source)?;
    block_on(&database, async {
        let file = DatabaseFile::find(&database)?;
        let mode = file.look(&database)?.open_mode();
        let mut connection = Connection::open(&database, &file, mode).await?;
        let columns = relation::columns(&database, &mut connection).await?;
        relation::bind(&database, source, &columns)?;
        connection.close().await;
        Ok(())
    })
}

fn block_on<T>(database: &Database<'_>, work: impl Future<Output = Result<T, SourceError>>) -> Result<T, SourceError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(|_| database.unreachable("the machine has no resources left to open it"))?;
    runtime.block_on(work)
}

async fn read_until_undisturbed(
    request: &Request<'_>,
    receivers: &dyn Receivers,
    database: &Database<'_>,
) -> Result<SourceReport, SourceError> {
    let file = DatabaseFile::find(database)?;
    for attempt in 1..=ATTEMPTS {
        let before = file.look(database)?;
        let mode = if attempt < ATTEMPTS { before.open_mode() } else { before.patient_open_mode() };
        match read_once(request, receivers, database, &file, mode).await? {
            Attempt::Done(part, problems) => return Ok(SourceReport { parts: vec![part], problems }),
            Attempt::Disturbed(read) => request.progress.fetch_sub(read, Ordering::Relaxed),
        };
    }
    let why = "it was being written while it was read, and never stood still for long enough";
    Ok(SourceReport {
        parts: vec![PartReport { part: part_of(database), items: 0, whole: false }],
        problems: vec![partial(database, why)],
    })
}

async fn read_once(
    request: &Request<'_>,
    receivers: &dyn Receivers,
    database: &Database<'_>,
    file: &DatabaseFile,
    mode: OpenMode,
) -> Result<Attempt, SourceError> {
    let before = file.look(database)?;
    let outcome = read_snapshot(request, receivers, database, file, mode).await;
    let disturbed = mode == OpenMode::Immutable && file.look(database)? != before;
    match outcome {
        Err(SourceError::Cancelled) => Err(SourceError::Cancelled),
        Ok((_, seen)) if disturbed => Ok(Attempt::Disturbed(seen.read)),
        Err(_) if disturbed => Ok(Attempt::Disturbed(0)),
        Err(error) => Err(error),
        Ok((receiver, seen)) => {
            receiver.close();
            let part = PartReport { part: part_of(database), items: seen.items, whole: seen.trouble.is_none() };
            let problems = seen.trouble.iter().map(|why| partial(database, why)).collect();
            Ok(Attempt::Done(part, problems))
        }
    }
}

/// Reads the relation once; gives the receiver back unclosed, since whether the items count is not known yet.
async fn read_snapshot<'r>(
    request: &Request<'_>,
    receivers: &'r dyn Receivers,
    database: &Database<'_>,
    file: &DatabaseFile,
    mode: OpenMode,
) -> Result<(Box<dyn crate::source::Receiver + 'r>, rows::Seen), SourceError> {
    let mut connection = Connection::open(database, file, mode).await?;
    let columns = relation::columns(database, &mut connection).await?;
    let bound = relation::bind(database, request.source, &columns)?;
    let mut receiver = receivers.open(&part_of(database));
    let seen = rows::read(request, database, &mut connection, &bound, receiver.as_mut()).await?;
    connection.close().await;
    Ok((receiver, seen))
}

fn part_of(database: &Database<'_>) -> Part {
    Part { ordinal: 1, name: database.part_name() }
}

fn partial(database: &Database<'_>, why: &str) -> Problem {
    Problem { reason: "partial".to_owned(), items: 0, example: format!("{}: {why}", database.describe()) }
}
