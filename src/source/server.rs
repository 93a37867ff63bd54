//! Reads tables, views and queries of PostgreSQL, MySQL and MariaDB servers, without writing to them, from
//! one consistent state, and in constant memory.
//!
//! - Whatever the role may do, nothing is written: the transaction is declared read-only, and a query of the
//!   register must be one statement that fits into parentheses. `may_write` tells whether the role could write.
//! - Nothing of a product is made to wait beyond what every `SELECT` does: no row is locked, and a table's lock
//!   is waited for only briefly. While a scan reads, a change of the table's columns by its product waits.
//! - Names are quoted in the server's own way and values are bound, so that a register can name things that do
//!   not exist, and no more.
//! - A scan that is stopped tells the server to stop its statement, too.
//!
//! What both languages share is in this folder's files; what differs, in `postgres` and `mysql`, which open
//! sessions. Not here: what a value means. Items are left out only as `narrow` allows, and counted all the same.

mod joined;
mod mysql;
mod narrow;
mod postgres;
mod reading;
mod session;
mod statement;
#[cfg(test)]
mod tests;
mod values;

use crate::domain::name::ConnectionName;
use crate::domain::register::{Place, Relation, ServerKind, ServerSpec, SourceSpec};
use crate::secret::Secret;
use crate::source::columns::part_name;
use crate::source::joined::Asker;
use crate::source::{Receivers, Request, SourceError, SourceReport};
use std::sync::atomic::{AtomicBool, AtomicU64};

/// The place of a source that lies in a database server.
#[derive(Debug, Clone, Copy)]
struct Server<'a> {
    connection: &'a ConnectionName,
    spec: &'a ServerSpec,
    schema: Option<&'a str>,
    relation: &'a Relation,
}

impl<'a> Server<'a> {
    fn of(source: &'a SourceSpec) -> Result<Self, SourceError> {
        match &source.place {
            Place::Server { connection, server, schema, relation } => {
                Ok(Self { connection, spec: server, schema: schema.as_deref(), relation })
            }
            Place::Folder { .. } | Place::Lists { .. } | Place::Sqlite { .. } => {
                Err(SourceError::Unfit("the source does not lie in a database server".to_owned()))
            }
        }
    }

    /// How messages call the place: by the names that the register gives.
    fn describe(&self) -> String {
        match self.relation {
            Relation::Table(_) => {
                format!("connection `{}`, table `{}`", self.connection, part_name(self.schema, self.relation))
            }
            Relation::Query(_) => format!("connection `{}`, query", self.connection),
        }
    }

    fn unreachable(&self, why: &str) -> SourceError {
        SourceError::Unreachable(format!("{}: {why}", self.describe()))
    }

    fn unfit(&self, why: &str) -> SourceError {
        SourceError::Unfit(format!("{}: {why}", self.describe()))
    }

    /// The role's password, if the connection has one.
    fn password(&self) -> Result<Option<Secret>, SourceError> {
        let directory = crate::secret::credentials_directory();
        let read = self.spec.password.as_ref().map(|source| source.read(directory)).transpose();
        read.map_err(|error| self.unreachable(&format!("the password cannot be read: {error}")))
    }
}

/// Reads the one part of a source that is a table, view or query of a database server. Runs a small runtime of
/// its own: call it from a thread that may block.
///
/// # Errors
/// [`SourceError::Unreachable`] when the server, database or table is not there or does not let the role in;
/// [`SourceError::Unfit`] when a mapped column is missing or the query is wrong; [`SourceError::Cancelled`].
pub fn read(request: &Request<'_>, receivers: &dyn Receivers) -> Result<SourceReport, SourceError> {
    let server = Server::of(request.source)?;
    if request.only_part.is_some_and(|part| part != part_name(server.schema, server.relation)) {
        return Ok(SourceReport::default());
    }
    match server.spec.kind {
        ServerKind::Postgresql => block_on(&server, reading::read::<postgres::Postgresql>(request, receivers, &server)),
        ServerKind::Mysql => block_on(&server, reading::read::<mysql::Mysql>(request, receivers, &server)),
    }
}

/// Reads the rows of a ledger that lists behind the same connection ask for, as [`crate::source::joined::read`] says.
pub fn read_joined(
    request: &Request<'_>,
    askers: &[Asker<'_>],
    receivers: &dyn Receivers,
) -> Result<Option<SourceReport>, SourceError> {
    let server = Server::of(request.source)?;
    match server.spec.kind {
        ServerKind::Postgresql => {
            block_on(&server, joined::read::<postgres::Postgresql>(request, askers, receivers, &server))
        }
        ServerKind::Mysql => block_on(&server, joined::read::<mysql::Mysql>(request, askers, receivers, &server)),
    }
}

/// Whether a source can be read as the register describes it: the server lets the role in, the table and the
/// mapped columns are there and may be read. Reads no row.
///
/// # Errors
/// As [`read`].
pub fn probe(source: &SourceSpec) -> Result<(), SourceError> {
    let server = Server::of(source)?;
    let (cancel, progress) = (AtomicBool::new(false), AtomicU64::new(0));
    let wanted = vec![true; source.fields.len()];
    let request =
        Request { source, wanted: &wanted, narrowing: None, only_part: None, cancel: &cancel, progress: &progress };
    match server.spec.kind {
        ServerKind::Postgresql => block_on(&server, reading::probe::<postgres::Postgresql>(&request, &server)),
        ServerKind::Mysql => block_on(&server, reading::probe::<mysql::Mysql>(&request, &server)),
    }
}

/// What the role of a source's connection could change in its database, told for people: a role that reads
/// personal information for this purpose wants `SELECT` and nothing more. `None` where it can only read.
///
/// # Errors
/// As [`read`].
pub fn may_write(source: &SourceSpec) -> Result<Option<String>, SourceError> {
    let server = Server::of(source)?;
    let told = match server.spec.kind {
        ServerKind::Postgresql => block_on(&server, reading::may_write::<postgres::Postgresql>(&server)),
        ServerKind::Mysql => block_on(&server, reading::may_write::<mysql::Mysql>(&server)),
    };
    Ok(told?.map(|what| {
        format!("connection `{}`: the role `{}` {what}: grant it SELECT alone", server.connection, server.spec.user)
    }))
}

fn block_on<T>(server: &Server<'_>, work: impl Future<Output = Result<T, SourceError>>) -> Result<T, SourceError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|_| server.unreachable("the machine has no resources left to connect to it"))?;
    let result = runtime.block_on(work);
    // A look-up of the host's name that does not end is no reason to wait for it.
    runtime.shutdown_background();
    result
}
