//! `purposed acknowledge FINDING`: somebody's word that a finding is being dealt with, and until when. Nobody is
//! written to about it before that day has passed, unless items are added to it.

use super::AppError;
use super::session::Session;
use crate::domain::finding::{Acknowledgement, Finding, FindingId, FindingState};
use crate::domain::instant::Instant;
use crate::domain::name::{DatasetName, PersonName};
use crate::notify::may_answer;
use crate::rule::reconcile::ChangeReason;
use crate::store::Commit;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The farthest day of a plan, in days from today: whoever needs longer asks for an exception.
pub const LONGEST_PLAN_DAYS: i64 = 366;

/// The longest note, in characters.
pub const LONGEST_NOTE_CHARACTERS: usize = 500;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcknowledgeRequest {
    /// The finding's identifier.
    pub finding: String,
    /// Who answers: one of the register's people.
    pub by: String,
    /// The day until which it will be done.
    pub until: Date,
    /// What will be done; without personal data.
    pub note: Option<String>,
}

/// What was acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcknowledgeAnswer {
    /// The finding.
    pub finding: FindingId,
    /// Its dataset.
    pub dataset: DatasetName,
    /// Who answered.
    pub by: PersonName,
    /// The day until which it will be done.
    pub until: Date,
}

/// Acknowledges a finding in the name of one of its people; `user` gave the command.
///
/// # Errors
/// [`AppError::Argument`] when there is no such finding that holds, when that person does not answer for it, or
/// when the day is not in the future or too far in it.
pub fn acknowledge(
    session: &Session,
    request: &AcknowledgeRequest,
    user: &str,
    now: Instant,
) -> Result<AcknowledgeAnswer, AppError> {
    let _alone = session.settle();
    let finding = find(session, &request.finding)?;
    let by = answering(session, &finding, &request.by)?;
    check_day(session, request.until, now)?;
    let note = request.note.as_deref().map(check_note).transpose()?;
    let (id, dataset, until) = (finding.key.id(), finding.key.dataset.clone(), request.until);
    let acknowledgement = Acknowledgement { by: by.clone(), until, note, at: now };
    let entry = json!({
        "finding": id, "by": by, "until": until, "note": acknowledgement.note.is_some(), "who": user,
    });
    let finding = Finding {
        state: FindingState::Acknowledged,
        changed_at: now,
        acknowledgement: Some(acknowledgement),
        ..finding
    };
    session.store.commit(&Commit {
        now,
        findings: vec![(finding, ChangeReason::Acknowledged)],
        entries: vec![("acknowledge", entry)],
        config_digest: session.loaded.digest.clone(),
        ..Commit::default()
    })?;
    Ok(AcknowledgeAnswer { finding: id, dataset, by, until })
}

fn find(session: &Session, id: &str) -> Result<Finding, AppError> {
    let finding = session.store.finding(&FindingId(id.to_owned()))?.ok_or_else(|| {
        AppError::Argument(format!("there is no finding `{id}`\n  hint: `purposed findings` shows them"))
    })?;
    match finding.state {
        FindingState::Open | FindingState::Acknowledged => Ok(finding),
        FindingState::Excepted => {
            Err(AppError::Argument(format!("every item of `{id}` is under an exception: it waits for no answer")))
        }
        FindingState::Resolved => Err(AppError::Argument(format!("`{id}` is resolved: it waits for no answer"))),
    }
}

fn answering(session: &Session, finding: &Finding, by: &str) -> Result<PersonName, AppError> {
    let people = may_answer(&session.loaded.register, finding);
    people.iter().find(|person| person.as_str() == by).map(|person| (*person).clone()).ok_or_else(|| {
        let names: Vec<String> = people.iter().map(|person| format!("`{person}`")).collect();
        AppError::Argument(format!(
            "`{by}` does not answer for `{}`\n  hint: {} may",
            finding.key.dataset,
            names.join(", ")
        ))
    })
}

fn check_day(session: &Session, until: Date, now: Instant) -> Result<(), AppError> {
    let today = now.day(&session.loaded.register.organisation.time_zone);
    let last = today.saturating_add(LONGEST_PLAN_DAYS.days());
    if until <= today {
        return Err(AppError::Argument(format!("the day `{until}` is not in the future: today is {today}")));
    }
    if until > last {
        return Err(AppError::Argument(format!(
            "the day `{until}` is too far away: at most {last}\n  hint: ask for an exception if it must take longer"
        )));
    }
    Ok(())
}

fn check_note(note: &str) -> Result<String, AppError> {
    let note = note.trim();
    if note.chars().count() > LONGEST_NOTE_CHARACTERS || note.chars().any(char::is_control) {
        return Err(AppError::Argument(format!(
            "the note must be one line of at most {LONGEST_NOTE_CHARACTERS} characters"
        )));
    }
    Ok(note.to_owned())
}
