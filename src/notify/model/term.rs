//! Within how many business days a letter is to be answered, and who is told otherwise. What an answer is, is said by
//! the templates.

use super::{division_name, person_name};
use crate::domain::finding::FindingState;
use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::name::{DivisionName, PersonName};
use crate::domain::register::Register;
use crate::domain::verdict::Reason;
use crate::notify::ladder::{is_watched, next_after};
use crate::notify::{Context, Entry, Notice};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Serialize)]
pub(super) struct TermModel {
    /// How many business days.
    days: u32,
    /// Who is told otherwise.
    next: String,
    /// The divisions whose term it is.
    divisions: Vec<String>,
}

/// The terms of what can still be answered before somebody else is told, each once.
pub(super) fn terms(register: &Register, notice: &Notice, language: Language, context: &Context<'_>) -> Vec<TermModel> {
    let mut terms: BTreeMap<(u32, &PersonName), BTreeSet<&DivisionName>> = BTreeMap::new();
    for entry in &notice.open {
        if let Some(term) = term(register, entry, &notice.recipient, context) {
            terms.entry(term).or_default().insert(&entry.finding.division);
        }
    }
    let model = |((days, next), divisions): ((u32, &PersonName), BTreeSet<&DivisionName>)| TermModel {
        days,
        next: person_name(register, next, language),
        divisions: divisions.into_iter().map(|division| division_name(register, division, language)).collect(),
    };
    terms.into_iter().map(model).collect()
}

fn term<'a>(
    register: &'a Register,
    entry: &Entry,
    recipient: &PersonName,
    context: &Context<'_>,
) -> Option<(u32, &'a PersonName)> {
    let finding = &entry.finding;
    let is_asked = finding.state == FindingState::Open
        && finding.acknowledgement.is_none()
        && finding.key.reason != Reason::DueSoon
        && is_watched(register, finding, context.now);
    let next = next_after(register, finding, entry.is_waiting, recipient).filter(|_| is_asked)?;
    let policy = register.letters_of(&finding.division);
    let days = policy.escalate_after_business_days.max(1);
    let zone = &register.organisation.time_zone;
    let today = context.now.day(zone);
    let has_passed = |told_at: Instant| policy.calendar.business_days_between(told_at.day(zone), today) >= days;
    (!entry.told_first_at.is_some_and(has_passed)).then_some((days, next))
}
