//! Writing letters: who must be told what follows from what is known and what has just changed. A scan writes
//! them within its own transaction; [`tick`] writes what is due without one. Sending them comes after.

mod gathering;
mod weekly;

#[cfg(test)]
mod tests;

use super::AppError;
use super::deliver::{message_domain, templates};
use super::recipients::refresh;
use super::session::Session;
use super::unregistered;
use crate::domain::finding::Finding;
use crate::domain::instant::Instant;
use crate::domain::letter::Letter;
use crate::domain::name::DatasetName;
use crate::notify::{self, Channel, Context, EvidenceHead, Pace, Rendered, Window};
use crate::rule::reconcile::ChangeReason;
use crate::store::{Commit, FindingFilter};
use gathering::Gathered;

/// What has just changed and is not stored yet.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// Findings as they will stand, each with the reason of its change.
    pub(super) findings: Vec<(Finding, ChangeReason)>,
    /// Datasets that are scanned for the first time.
    pub(super) first_scans: Vec<DatasetName>,
}

/// The letters that an instant without a scan brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LettersWritten {
    /// Their message ids, in the order of their numbers.
    pub message_ids: Vec<String>,
}

/// Writes what is due at `now` without a scan: digests whose time has come, what cannot wait, repeats,
/// escalations, reminders of exceptions, datasets that left the register, and the weekly summary. Meant to be
/// called every minute: when nothing is due, it reads a little and writes nothing. Called again at the same instant
/// it writes nothing either. Sending is for the caller.
///
/// # Errors
/// [`AppError::Store`] when the store fails.
pub fn tick(session: &Session, now: Instant) -> Result<LettersWritten, AppError> {
    let _alone = session.settle();
    refresh(session, now)?;
    let stored = session.store.stored_findings(&FindingFilter::default())?;
    let findings = unregistered::changes(session, &stored, now)?;
    let changes = Changes { findings, ..Changes::default() };
    let mut commit = write(session, &changes, now, Pace::Daemon)?;
    commit.findings.splice(0..0, changes.findings);
    weekly::add(session, &mut commit, now)?;
    store(session, &commit)
}

/// Writes the letters that follow from what is stored and may leave now.
pub(super) fn write_now(session: &Session, now: Instant) -> Result<LettersWritten, AppError> {
    let _alone = session.settle();
    refresh(session, now)?;
    let commit = write(session, &Changes::default(), now, session.pace)?;
    store(session, &commit)
}

/// Stores a commit, unless there is nothing in it.
fn store(session: &Session, commit: &Commit) -> Result<LettersWritten, AppError> {
    let is_empty = commit.findings.is_empty()
        && commit.letters.is_empty()
        && commit.told.is_empty()
        && commit.marks.is_empty()
        && commit.exceptions_told.is_empty();
    if is_empty {
        return Ok(LettersWritten::default());
    }
    let committed = session.store.commit(commit)?;
    Ok(LettersWritten { message_ids: committed.letters.into_iter().map(|queued| queued.message_id).collect() })
}

/// The commit of the letters that follow from what is stored and from `changes`, for the caller to complete and to
/// store: letters, what they tell, and plans whose day has passed. The changes themselves are not in it.
pub(super) fn write(session: &Session, changes: &Changes, now: Instant, pace: Pace) -> Result<Commit, AppError> {
    let loaded = &session.loaded;
    let gathered = Gathered::at(session, changes, now)?;
    let window = Window::at(&loaded.register, &gathered.marks, now, pace);
    let plan = notify::plan(&gathered.situation(&loaded.register, now), &window);
    // By hand, a window stays open until something has left through it.
    let is_over = |channel: &&Channel| pace == Pace::Daemon || plan.used.contains(*channel);
    let marks = window.opened().filter(is_over).map(Channel::mark).collect();
    let letters = if plan.notices.is_empty() {
        Vec::new()
    } else {
        rendered(session, now, |context, templates| {
            notify::render(&loaded.register, &plan.notices, context, templates)
        })?
    };
    let mut commit = Commit {
        now,
        findings: gathered.passed_plans,
        marks,
        letters,
        told: plan.quiet,
        baselines: gathered.begins_to_wait,
        message_domain: message_domain(loaded),
        config_digest: loaded.digest.clone(),
        ..Commit::default()
    };
    for notice in plan.notices {
        commit.told.extend(notice.told);
        commit.exceptions_told.extend(notice.exceptions_told);
        commit.missed_told.extend(notice.missed.iter().map(|missed| missed.run));
    }
    Ok(commit)
}

/// Renders letters with the context and the templates of this server, and logs what went wrong with templates.
fn rendered(
    session: &Session,
    now: Instant,
    render: impl FnOnce(&Context<'_>, &notify::Templates) -> Rendered,
) -> Result<Vec<Letter>, AppError> {
    let (length, hash) = session.store.head()?;
    let head = EvidenceHead { length, hash };
    let context = Context {
        now,
        evidence: Some(&head),
        items_command: "purposed items",
        confirm_command: "purposed confirm",
        acknowledge_command: "purposed acknowledge",
        declare_command: "purposed disposal declare",
        simulated: session.store.writes_simulated()?,
    };
    let rendered = render(&context, &templates(&session.loaded));
    for problem in &rendered.problems {
        tracing::warn!("{problem}");
    }
    Ok(rendered.letters)
}
