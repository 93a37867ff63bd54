//! Writing letters: who must be told what follows from the findings, rendered. Queueing them is part of the
//! caller's transaction; sending them comes after it.

use super::AppError;
use super::deliver::templates;
use super::session::Session;
use crate::domain::finding::{Finding, FindingKey};
use crate::domain::instant::Instant;
use crate::domain::letter::{Letter, Told};
use crate::notify;
use std::collections::BTreeSet;

/// Letters, and what people will have been told by them.
pub(super) struct Written {
    pub(super) letters: Vec<Letter>,
    pub(super) told: Vec<Told>,
}

/// Plans and renders the letters that follow from `findings` at `now`. `moved` are those resolved because their
/// items meet another reason now.
pub(super) fn write(
    session: &Session,
    findings: &[Finding],
    moved: &BTreeSet<FindingKey>,
    now: Instant,
) -> Result<Written, AppError> {
    let register = &session.loaded.register;
    let notices = notify::plan(register, findings, &session.store.told()?, now, moved);
    let (length, hash) = session.store.head()?;
    let context = notify::Context {
        now,
        evidence: Some(&notify::EvidenceHead { length, hash }),
        items_command: "purposed items",
        confirm_command: "purposed confirm",
        simulated: session.store.is_simulated()? == Some(true),
    };
    let rendered = notify::render(register, &notices, &context, &templates(&session.loaded));
    for problem in &rendered.problems {
        tracing::warn!("{problem}");
    }
    let told = notices.into_iter().flat_map(|notice| notice.told).collect();
    Ok(Written { letters: rendered.letters, told })
}
