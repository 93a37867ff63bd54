//! From findings to notices: who answers for which finding, and whether there is news for them. What a
//! letter looks like is not known here.

use super::reason::notice_reason;
use super::{Entry, Notice};
use crate::domain::finding::{Finding, FindingId, FindingKey, FindingState};
use crate::domain::instant::Instant;
use crate::domain::letter::{NoticeReason, Told};
use crate::domain::name::PersonName;
use crate::domain::register::{Register, Tell};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Who must be told what.
///
/// `findings` are all unresolved ones and those that this scan resolved, `told` what was said before (the
/// newest row per person and finding counts), `moved` the resolved ones whose items did not go away but meet
/// another reason of the same rule now (a warning that has become due): that is nothing to be thanked for.
///
/// A person gets a notice when at least one finding of theirs is new, has grown, comes due sooner than the next
/// warning time, or was resolved. Fewer items alone are good news that can wait for the next letter.
#[must_use]
pub fn plan(
    register: &Register,
    findings: &[Finding],
    told: &[Told],
    now: Instant,
    moved: &BTreeSet<FindingKey>,
) -> Vec<Notice> {
    let told = newest(told);
    let mut by_person: BTreeMap<PersonName, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        by_person.entry(recipient_of(register, finding).clone()).or_default().push(finding);
    }
    by_person.into_iter().filter_map(|(person, theirs)| notice(register, person, &theirs, moved, &told, now)).collect()
}

/// Whom letters about a finding go to: the person in charge of the division that owns the dataset; the
/// privacy manager when the dataset says so, or when nobody else is known.
#[must_use]
pub fn recipient_of<'a>(register: &'a Register, finding: &Finding) -> &'a PersonName {
    let manager = &register.organisation.privacy_manager;
    let dataset = register.datasets.get(&finding.key.dataset);
    if dataset.is_some_and(|dataset| dataset.tell == Some(Tell::Manager)) {
        return manager;
    }
    let division = dataset.map_or(&finding.division, |dataset| &dataset.division);
    register
        .divisions
        .get(division)
        .map(|division| &division.person_in_charge)
        .filter(|person| register.people.contains_key(*person))
        .unwrap_or(manager)
}

/// What ties a person's letters to one thread: the roles they answer in, and their name in the register.
#[must_use]
pub fn thread_of(register: &Register, person: &PersonName) -> String {
    let manager = (*person == register.organisation.privacy_manager).then_some("manager");
    let divisions = register
        .divisions
        .iter()
        .filter(|(_, division)| division.person_in_charge == *person)
        .map(|(name, _)| name.as_str());
    let roles: Vec<&str> = manager.into_iter().chain(divisions).collect();
    format!("{}/{person}", roles.join("+"))
}

type Known<'a> = HashMap<(&'a PersonName, &'a FindingId), &'a Told>;

fn newest(told: &[Told]) -> Known<'_> {
    let mut known = Known::new();
    for row in told {
        let newest = known.entry((&row.recipient, &row.finding)).or_insert(row);
        if row.at >= newest.at {
            *newest = row;
        }
    }
    known
}

fn notice(
    register: &Register,
    recipient: PersonName,
    theirs: &[&Finding],
    moved: &BTreeSet<FindingKey>,
    told: &Known<'_>,
    now: Instant,
) -> Option<Notice> {
    let zone = &register.organisation.time_zone;
    let mut open = Vec::new();
    let mut resolved = Vec::new();
    let mut rows = Vec::new();
    for finding in theirs {
        let id = finding.key.id();
        let before = told.get(&(&recipient, &id)).copied();
        let warnings = register.datasets.get(&finding.key.dataset).map_or(&[][..], |dataset| &dataset.warn);
        let calendar = &register.letters_of(&finding.division).calendar;
        let reason = notice_reason(finding, before, warnings, calendar, zone, now);
        let is_resolved = finding.state == FindingState::Resolved;
        if is_resolved && reason.is_none() {
            continue;
        }
        rows.push(Told {
            recipient: recipient.clone(),
            finding: id,
            items: finding.items,
            state: finding.state,
            at: now,
            first_at: before.filter(|told| told.at >= finding.first_seen).map_or(now, |told| told.first_at),
            reason: reason.or(before.map(|told| told.reason)).unwrap_or(NoticeReason::First),
        });
        if is_resolved && moved.contains(&finding.key) {
            continue;
        }
        let entry = Entry { finding: (*finding).clone(), reason, told_items: before.map(|told| told.items) };
        if is_resolved { resolved.push(entry) } else { open.push(entry) }
    }
    let news = |entry: &Entry| !matches!(entry.reason, None | Some(NoticeReason::Fewer));
    if !open.iter().chain(&resolved).any(news) {
        return None;
    }
    open.sort_by(|left, right| left.finding.key.cmp(&right.finding.key));
    resolved.sort_by(|left, right| left.finding.key.cmp(&right.finding.key));
    let thread = thread_of(register, &recipient);
    Some(Notice { recipient, thread, open, resolved, told: rows })
}
