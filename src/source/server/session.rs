//! What a session with a database server gives, whichever language it speaks.

use super::Server;
use crate::domain::item::Value;
use crate::domain::register::ServerKind;
use crate::source::SourceError;
use futures_util::Stream;

/// What a column holds, as far as narrowing asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Points in time.
    Instant,
    /// Dates and times without a zone.
    Naive,
    /// Dates.
    Date,
    /// Whole numbers.
    Integer,
    /// Floating-point numbers.
    Real,
    /// Decimal numbers.
    Exact,
    /// Texts, compared by a collation.
    Text,
    /// Anything else.
    Other,
}

/// A column of the relation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// The expression that its values are fetched by, where the server has to write them as texts.
    pub fetched_by: Option<String>,
}

/// A value to bind.
#[derive(Debug, Clone, PartialEq)]
pub enum Parameter {
    /// A whole number.
    Integer(i64),
    /// A floating-point number.
    Real(f64),
    /// A text.
    Text(String),
}

/// How the values of a fetched column come over the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// One byte.
    Boolean,
    /// A whole number of 1 to 8 bytes.
    Integer,
    /// The same without a sign.
    Unsigned,
    /// Bits, the highest first.
    Bits,
    /// A floating-point number of 4 or 8 bytes.
    Real,
    /// A date.
    Date,
    /// A date and time without a zone.
    Naive,
    /// A point in time.
    Instant,
    /// A text, or bytes that may be one.
    Text,
    /// Bytes that are no text.
    Bytes,
}

/// A session: an open connection in a read-only transaction, which sees one state of the database.
pub trait Session: Sized {
    /// A fetched row.
    type Row;

    /// The language.
    const LANGUAGE: ServerKind;

    /// Connects and begins the transaction.
    async fn open(server: &Server<'_>) -> Result<Self, SourceError>;

    /// The columns that the relation has. A query must be one statement that only reads.
    async fn columns(&mut self, server: &Server<'_>) -> Result<Vec<Column>, SourceError>;

    /// What stands behind `SELECT`, for this relation.
    fn select_hint(&self) -> &'static str;

    /// Runs a statement, and streams its rows.
    fn rows<'s>(
        &'s mut self,
        statement: String,
        parameters: &[Parameter],
    ) -> impl Stream<Item = Result<Self::Row, sqlx::Error>> + 's;

    /// Runs a statement that gives one number.
    async fn number(&mut self, statement: String) -> Result<u64, sqlx::Error>;

    /// How the columns of a row came over the wire.
    fn wires(row: &Self::Row) -> Vec<Wire>;

    /// A value of a row.
    fn value(row: &Self::Row, index: usize, wire: Wire) -> Value<'_>;

    /// What the server means by an error that a running statement ended with, told without any value.
    fn meaning_of_server(error: &sqlx::Error) -> String;

    /// What the role could change, told as what follows its name.
    async fn may_write(&mut self, server: &Server<'_>) -> Result<Option<String>, SourceError>;

    /// What an error means, whether it is the connection's or the server's own, told without any value.
    fn meaning(error: &sqlx::Error) -> String {
        meaning_of_connection(error).unwrap_or_else(|| Self::meaning_of_server(error))
    }

    /// What an error of a statement means that the source cannot do without.
    fn unreachable(server: &Server<'_>, error: &sqlx::Error) -> SourceError {
        server.unreachable(&Self::meaning(error))
    }

    /// What ends the running statement of this session from another one: the server's number of the session.
    fn number_of_session(&self) -> i64;

    /// Ends the running statement of a session by its number.
    async fn stop(server: &Server<'_>, number: i64) -> Result<(), sqlx::Error>;

    /// Ends the transaction and the connection.
    async fn close(self);
}

/// What an error of the connection means, when it is not the server's own word.
fn meaning_of_connection(error: &sqlx::Error) -> Option<String> {
    match error {
        // How TLS tells of a certificate that is not trusted.
        sqlx::Error::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            Some(format!("TLS with the server failed: {error}"))
        }
        sqlx::Error::Io(error) => Some(format!("the server cannot be reached ({})", error.kind())),
        sqlx::Error::Tls(error) => Some(format!("TLS with the server failed: {error}")),
        sqlx::Error::Protocol(_) => Some("the server does not speak as expected".to_owned()),
        sqlx::Error::Database(_) => None,
        _ => Some("the server cannot be spoken to".to_owned()),
    }
}
