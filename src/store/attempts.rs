//! What is known of each attempt to deliver a letter: noted before anything is sent, and again when the outcome is
//! known. An attempt that began and never ended may or may not have delivered: it is made again, under the same
//! message id.

use super::Store;
use super::error::StoreError;
use super::evidence::{self, Entry};
use super::numbers::count;
use super::outbox::LetterNumber;
use super::unreachable::{mark, trust_again};
use crate::domain::instant::Instant;
use crate::domain::letter::{Delivery, Letter};
use crate::domain::unreachable::{Unreachable, UnreachableCause};
use crate::rule::retry::{Retry, retry};
use serde_json::json;
use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;

/// Where a letter stands after an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finished {
    /// The next hop has it.
    Accepted,
    /// It waits for its next attempt.
    Waits,
    /// It was refused for good, and its recipient is marked as unreachable.
    Refused(Unreachable),
    /// It was tried long enough, and its recipient is marked as unreachable.
    GivenUp(Unreachable),
    /// It did not wait any more: somebody else has finished it.
    NotWaiting,
}

/// What is known of a letter before an attempt is noted.
struct Waiting {
    message_id: String,
    queued_at: Instant,
    attempts: u64,
    letter: Letter,
}

impl Store {
    /// Notes, before anything is sent, that an attempt begins, and when the next one is due should this one never end.
    /// `false`: the letter does not wait any more, and nothing may be sent.
    pub fn begin_attempt(&self, number: LetterNumber, now: Instant) -> Result<bool, StoreError> {
        self.must_write()?;
        self.database.run(async |connection| {
            let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
            let Some(waiting) = waiting(&mut transaction, number).await? else { return Ok(false) };
            let attempts = waiting.attempts + 1;
            let next = match retry(waiting.queued_at, attempts, now, &waiting.message_id) {
                Retry::At(next) => next,
                Retry::GiveUp => now,
            };
            sqlx::query(
                "UPDATE letter SET attempts = attempts + 1, begun_at = ?, next_attempt_at = ? WHERE number = ?",
            )
            .bind(now.microseconds())
            .bind(next.microseconds())
            .bind(number.0)
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await?;
            Ok(true)
        })
    }

    /// Notes how an attempt ended at `now`, and leaves it in the evidence; with it, what follows for the recipient.
    pub fn finish_attempt(
        &self,
        number: LetterNumber,
        delivery: &Delivery,
        now: Instant,
    ) -> Result<Finished, StoreError> {
        self.must_write()?;
        let (chain, node) = (&self.chain, self.node.as_str());
        let finished = self.database.run(async |connection| {
            let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
            let (finished, entries) = finish(&mut transaction, number, delivery, now).await?;
            for entry in entries {
                evidence::append(&mut transaction, chain, node, now, entry).await?;
            }
            transaction.commit().await?;
            Ok(finished)
        })?;
        self.write_head()?;
        Ok(finished)
    }
}

async fn waiting(connection: &mut SqliteConnection, number: LetterNumber) -> Result<Option<Waiting>, StoreError> {
    let sql = "SELECT message_id, queued_at, attempts, body FROM letter WHERE number = ? AND state = 'queued'";
    let row: Option<(String, i64, i64, String)> = sqlx::query_as(sql).bind(number.0).fetch_optional(connection).await?;
    row.map(|(message_id, queued_at, attempts, body)| {
        let queued_at = Instant::from_microseconds(queued_at);
        Ok(Waiting { message_id, queued_at, attempts: count(attempts), letter: serde_json::from_str(&body)? })
    })
    .transpose()
}

async fn finish(
    connection: &mut SqliteConnection,
    number: LetterNumber,
    delivery: &Delivery,
    now: Instant,
) -> Result<(Finished, Vec<Entry>), StoreError> {
    let Some(waiting) = waiting(connection, number).await? else { return Ok((Finished::NotWaiting, Vec::new())) };
    let next = retry(waiting.queued_at, waiting.attempts, now, &waiting.message_id);
    let (result, answer, cause) = match delivery {
        Delivery::Accepted => ("accepted", None, None),
        Delivery::Permanent(answer) => ("permanent", Some(answer), Some(UnreachableCause::Refused)),
        Delivery::Rejected(answer) => ("rejected", Some(answer), Some(UnreachableCause::Blocked)),
        Delivery::Transient(answer) => ("transient", Some(answer), given_up(next, UnreachableCause::GivenUp)),
        Delivery::Unknown(answer) => ("unknown", Some(answer), given_up(next, UnreachableCause::GivenUp)),
        Delivery::Unavailable(answer) => ("unavailable", Some(answer), given_up(next, UnreachableCause::NoServer)),
    };
    let state = match (delivery, cause) {
        (Delivery::Accepted, _) => "accepted",
        (_, None) => "queued",
        (_, Some(UnreachableCause::Refused | UnreachableCause::Blocked)) => "refused",
        (_, Some(_)) => "given-up",
    };
    let next = match next {
        Retry::At(next) if state == "queued" => Some(next.microseconds()),
        _ => None,
    };
    let sql =
        "UPDATE letter SET state = ?, answer = ?, ended_at = ?, begun_at = NULL, next_attempt_at = ? WHERE number = ?";
    let update = sqlx::query(sql).bind(state).bind(answer).bind(now.microseconds()).bind(next).bind(number.0);
    update.execute(&mut *connection).await?;
    let Waiting { message_id, attempts, letter, .. } = waiting;
    let body = json!({ "message-id": message_id, "attempt": attempts, "result": result, "state": state });
    let mut entries = vec![Entry { kind: "delivery", body }];
    let Some(cause) = cause else {
        if *delivery == Delivery::Accepted {
            entries.extend(trust_again(connection, &letter).await?);
            return Ok((Finished::Accepted, entries));
        }
        return Ok((Finished::Waits, entries));
    };
    let unreachable = Unreachable {
        person: letter.recipient,
        email: letter.email,
        since: now,
        cause,
        why: answer.cloned().unwrap_or_default(),
        letter: number.0,
    };
    entries.push(mark(connection, &unreachable).await?);
    let finished = match cause {
        UnreachableCause::Refused | UnreachableCause::Blocked => Finished::Refused(unreachable),
        _ => Finished::GivenUp(unreachable),
    };
    Ok((finished, entries))
}

/// The cause, where nothing is tried any more.
const fn given_up(next: Retry, cause: UnreachableCause) -> Option<UnreachableCause> {
    if matches!(next, Retry::GiveUp) { Some(cause) } else { None }
}

#[cfg(test)]
mod tests;
