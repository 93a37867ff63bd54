//! The weekly summary: when it is due, it goes into the commit of the tick.

use super::gathering::Gathered;
use super::{Changes, rendered};
use crate::app::AppError;
use crate::app::session::Session;
use crate::domain::instant::Instant;
use crate::notify::{self, SUMMARY_MARK, Summary, Undelivered};
use crate::store::{Commit, SUMMARY_ENTRY};
use serde_json::json;

/// Adds the summary to `commit` when it is due. The first one comes a week after the first tick at the latest: there
/// is nothing to sum up before.
pub(super) fn add(session: &Session, commit: &mut Commit, now: Instant) -> Result<(), AppError> {
    let (store, register) = (&session.store, &session.loaded.register);
    let Some(last) = store.marks()?.get(SUMMARY_MARK).copied() else {
        commit.marks.push(SUMMARY_MARK.to_owned());
        return Ok(());
    };
    if !notify::is_summary_due(register, last, now) {
        return Ok(());
    }
    let changes = Changes { findings: commit.findings.clone(), ..Changes::default() };
    let gathered = Gathered::at(session, &changes, now)?;
    let before = store.last_summary()?;
    let undelivered: Vec<Undelivered> = store
        .undelivered_letters(last)?
        .into_iter()
        .map(|queued| Undelivered { recipient: queued.letter.recipient, queued_at: queued.queued_at })
        .collect();
    let missed = store.missed_since(last)?;
    let summary = Summary {
        missed: &missed,
        findings: &gathered.findings,
        told: &gathered.told,
        waiting: &gathered.waiting,
        undelivered: &undelivered,
        since: before.is_some().then_some(last),
        before: before.as_ref(),
    };
    let letters =
        rendered(session, now, |context, templates| notify::render_summary(register, &summary, context, templates))?;
    commit.letters.extend(letters);
    commit.marks.push(SUMMARY_MARK.to_owned());
    commit.entries.push((SUMMARY_ENTRY, json!({ "counts": summary.counts() })));
    Ok(())
}
