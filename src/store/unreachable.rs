//! The people whom letters do not reach, as they were marked. Each mark, and each that is taken back, leaves a trace
//! in the evidence. Who is told in their place is not decided here.

use super::Store;
use super::error::StoreError;
use super::evidence::{self, Entry};
use crate::domain::instant::Instant;
use crate::domain::letter::Letter;
use crate::domain::name::PersonName;
use crate::domain::unreachable::{Unreachable, UnreachableCause};
use serde_json::json;
use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;

type Row = (String, String, i64, String, String, i64);

/// Why somebody counts as reachable again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reachable<'a> {
    /// Somebody said so.
    Word(&'a str),
    /// The register has another address, or the person not at all any more.
    Register,
    /// The mark proved nothing, and is old.
    Lapsed,
}

impl Store {
    /// The people whom letters do not reach, by name. Whether a mark still holds is said by
    /// [`Unreachable::holds`]: the register may have another address by now.
    pub fn unreachable(&self) -> Result<Vec<Unreachable>, StoreError> {
        self.database.run(async |connection| {
            let sql = "SELECT person, email, since, cause, why, letter FROM unreachable ORDER BY person";
            let rows: Vec<Row> = sqlx::query_as(sql).fetch_all(connection).await?;
            rows.into_iter().map(unreachable).collect()
        })
    }

    /// Takes a mark back. What the person was told by the letter that did not arrive, and after it, counts as not told.
    /// `false`: there is no mark.
    pub fn make_reachable(
        &self,
        person: &PersonName,
        because: Reachable<'_>,
        now: Instant,
    ) -> Result<bool, StoreError> {
        self.must_write()?;
        let (chain, node) = (&self.chain, self.node.as_str());
        let was_marked = self.database.run(async |connection| {
            let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
            if !forget(&mut transaction, person).await? {
                return Ok(false);
            }
            let (because, who) = match because {
                Reachable::Word(who) => ("word", Some(who)),
                Reachable::Register => ("register", None),
                Reachable::Lapsed => ("lapsed", None),
            };
            let body = json!({ "person": person, "because": because, "who": who });
            evidence::append(&mut transaction, chain, node, now, Entry { kind: "reachable", body }).await?;
            transaction.commit().await?;
            Ok(true)
        })?;
        if was_marked {
            self.write_head()?;
        }
        Ok(was_marked)
    }
}

fn unreachable((person, email, since, cause, why, letter): Row) -> Result<Unreachable, StoreError> {
    Ok(Unreachable {
        person: PersonName::new(person).map_err(|_| StoreError::Damaged("an unreachable person has no name"))?,
        email,
        since: Instant::from_microseconds(since),
        cause: UnreachableCause::parse(&cause)
            .ok_or(StoreError::Damaged("why a person is unreachable is not known"))?,
        why,
        letter,
    })
}

/// Marks a person. Who is marked already under the same address keeps the first instant; a proof replaces what is none.
pub(super) async fn mark(connection: &mut SqliteConnection, marked: &Unreachable) -> Result<Entry, StoreError> {
    sqlx::query(concat!(
        "INSERT INTO unreachable (person, email, since, cause, why, letter) VALUES (?, ?, ?, ?, ?, ?) ",
        "ON CONFLICT (person) DO UPDATE SET email = excluded.email, cause = excluded.cause, why = excluded.why, ",
        "since = iif(email = excluded.email, since, excluded.since), ",
        "letter = iif(email = excluded.email, letter, excluded.letter) ",
        "WHERE email <> excluded.email OR cause NOT IN ('refused', 'bounced')"
    ))
    .bind(marked.person.as_str())
    .bind(&marked.email)
    .bind(marked.since.microseconds())
    .bind(marked.cause.as_str())
    .bind(&marked.why)
    .bind(marked.letter)
    .execute(connection)
    .await?;
    let body = json!({ "person": marked.person, "cause": marked.cause, "why": marked.why, "letter": marked.letter });
    Ok(Entry { kind: "unreachable", body })
}

/// Takes back the marks that an accepted letter disproves: that the address is refused, and that no server is there.
/// A message that came back is not disproved by a server that takes the next one.
pub(super) async fn trust_again(connection: &mut SqliteConnection, letter: &Letter) -> Result<Vec<Entry>, StoreError> {
    let sql = concat!(
        "SELECT person FROM unreachable WHERE cause = 'no-server' ",
        "OR person = ? AND email = ? AND cause IN ('refused', 'given-up') ORDER BY person"
    );
    let people: Vec<String> =
        sqlx::query_scalar(sql).bind(letter.recipient.as_str()).bind(&letter.email).fetch_all(&mut *connection).await?;
    let mut entries = Vec::new();
    for person in people {
        let person = PersonName::new(person).map_err(|_| StoreError::Damaged("an unreachable person has no name"))?;
        forget(connection, &person).await?;
        entries.push(Entry { kind: "reachable", body: json!({ "person": person, "because": "accepted" }) });
    }
    Ok(entries)
}

/// The instant of the letter that did not arrive.
const LOST_AT: &str =
    "(SELECT queued_at FROM letter WHERE number = (SELECT letter FROM unreachable WHERE person = ?1))";

/// Removes a mark, and what the person was told by letters that have not arrived since it was made.
///
/// What they had been told before, by letters that arrived, they still know, though not how it stood: such a row
/// stays, as one of something open where an exception covers it by now, else as one that an exception covered. So all
/// that they have missed is news to them (the first letter, the closing one, the exception), and whoever was asked to
/// erase something is told of a hold on it.
async fn forget(connection: &mut SqliteConnection, person: &PersonName) -> Result<bool, StoreError> {
    let lost = |table: &str| {
        format!(
            "recipient = ?1 AND at >= {LOST_AT} AND NOT EXISTS (SELECT 1 FROM letter \
             WHERE recipient = ?1 AND queued_at = {table}.at AND state IN ('accepted', 'queued'))"
        )
    };
    let (told, exception_told) = (lost("told"), lost("exception_told"));
    for sql in [
        format!("DELETE FROM told WHERE {told} AND first_at >= {LOST_AT}"),
        format!(
            "UPDATE told SET state = iif((SELECT state FROM finding WHERE id = told.finding) = 'excepted', \
             'open', 'excepted') WHERE {told}"
        ),
        format!("DELETE FROM exception_told WHERE {exception_told}"),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(person.as_str()).execute(&mut *connection).await?;
    }
    let removed =
        sqlx::query("DELETE FROM unreachable WHERE person = ?").bind(person.as_str()).execute(connection).await?;
    Ok(removed.rows_affected() > 0)
}
