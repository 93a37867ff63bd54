//! Exceptions that end soon, holds whose review is due, and holds that came to cover what somebody was told of: whom
//! to tell, and when again. The finding that comes back, and the hold that stands, are not decided here.

use super::ExceptionEntry;
use super::ladder::{Known, counts_for, owner_of};
use super::plan::Situation;
use super::reason::next_day;
use crate::domain::exception::{Exception, ExceptionKind, ExceptionState};
use crate::domain::finding::{Finding, FindingState};
use crate::domain::letter::NoticeReason;
use crate::domain::name::PersonName;
use std::collections::BTreeSet;

/// Whether an exception is in force and can cover items of a finding.
pub(super) fn concerns(exception: &Exception, finding: &Finding) -> bool {
    exception.state == ExceptionState::Active
        && exception.scope.dataset == finding.key.dataset
        && exception.scope.covered_reasons(exception.kind).contains(finding.key.reason)
}

/// The findings as they stand under holds of which no scan knows yet: one on all items of a reason covers them from
/// the moment when it is made.
pub(super) fn under_holds(situation: &Situation<'_>) -> Vec<Finding> {
    let is_held = |finding: &Finding| {
        let holds = situation.exceptions.iter().filter(|exception| exception.kind == ExceptionKind::Hold);
        holds.filter(|hold| is_of_all_items(hold)).any(|hold| concerns(hold, finding))
    };
    let overlaid = |finding: &Finding| match finding.state {
        FindingState::Open | FindingState::Acknowledged if is_held(finding) => Finding {
            items: 0,
            new: 0,
            continuing: 0,
            excepted: finding.excepted + finding.items,
            state: FindingState::Excepted,
            ..finding.clone()
        },
        _ => finding.clone(),
    };
    situation.findings.iter().map(overlaid).collect()
}

/// Whom to tell of holds on what they were told of: all who were, so that nobody erases what is held; the manager
/// where one of them cannot be reached. Each is told once, and whoever saw the hold in another letter knows.
pub(super) fn held<'a>(situation: &Situation<'a>, told: &Known<'a>) -> Vec<(&'a PersonName, ExceptionEntry)> {
    let reason = NoticeReason::Held;
    let manager = &situation.register.organisation.privacy_manager;
    let mut held = Vec::new();
    for hold in situation.exceptions.iter().filter(|exception| exception.kind == ExceptionKind::Hold) {
        let findings = situation.findings.iter().filter(|finding| finding.state != FindingState::Resolved);
        let mut people: BTreeSet<&PersonName> = BTreeSet::new();
        for finding in findings.filter(|finding| concerns(hold, finding)) {
            let id = finding.key.id();
            let knows = told.iter().filter(|((_, about), row)| **about == id && counts_for(row, finding));
            people.extend(
                knows
                    .map(|((person, _), _)| *person)
                    .map(|person| if situation.unreachable.contains(person) { manager } else { person }),
            );
        }
        let news = people.into_iter().filter(|person| is_news(situation, hold, person, reason));
        held.extend(news.map(|person| (person, ExceptionEntry { exception: hold.clone(), reason })));
    }
    held
}

fn is_of_all_items(exception: &Exception) -> bool {
    let scope = &exception.scope;
    scope.from.is_none() && scope.until.is_none() && scope.listed_items.is_none()
}

/// Whether another exception covers all that this one does, beyond its last day.
fn goes_on(situation: &Situation<'_>, ending: &Exception) -> bool {
    situation.exceptions.iter().any(|other| {
        let scope = &other.scope;
        other.id != ending.id
            && other.state == ExceptionState::Active
            && scope.dataset == ending.scope.dataset
            && ending.scope.covered_reasons(ending.kind).difference(scope.covered_reasons(other.kind)).is_empty()
            && scope.listed_items.is_none()
            && scope.from.is_none_or(|from| ending.scope.from.is_some_and(|narrow| from <= narrow))
            && scope.until.is_none_or(|until| ending.scope.until.is_some_and(|narrow| narrow <= until))
            && (other.kind == ExceptionKind::Hold || other.until_day > ending.until_day)
    })
}

/// Who is to be reminded of which exception now.
///
/// - An extension or approval that ends within the register's `remind`: whoever answers for the dataset and the
///   manager, once for each day that it ends on. Not when another exception covers its items beyond that day: they
///   do not come back then.
/// - A hold whose day of review has passed: the manager, and again after each repeat interval. It stands.
pub(super) fn due<'a>(situation: &Situation<'a>) -> Vec<(&'a PersonName, ExceptionEntry)> {
    let register = situation.register;
    let manager = &register.organisation.privacy_manager;
    let mut due = Vec::new();
    for exception in situation.exceptions.iter().filter(|exception| exception.state == ExceptionState::Active) {
        let Some(reason) = reason(situation, exception) else { continue };
        let owner = owner_of(register, &exception.scope.dataset);
        let mut people = vec![manager];
        if reason == NoticeReason::ExceptionEnds && owner != manager && !situation.unreachable.contains(owner) {
            people.push(owner);
        }
        people.retain(|person| is_news(situation, exception, person, reason));
        due.extend(people.into_iter().map(|person| (person, ExceptionEntry { exception: exception.clone(), reason })));
    }
    due
}

fn reason(situation: &Situation<'_>, exception: &Exception) -> Option<NoticeReason> {
    let today = situation.now.day(&situation.register.organisation.time_zone);
    match exception.kind {
        ExceptionKind::Hold => (exception.until_day < today).then_some(NoticeReason::ReviewDue),
        ExceptionKind::Extension | ExceptionKind::Approval => {
            let remind = situation.register.exceptions.remind.span();
            let ends_soon = exception.until_day.checked_sub(remind).is_ok_and(|from| from <= today);
            (ends_soon && today <= exception.until_day && !goes_on(situation, exception))
                .then_some(NoticeReason::ExceptionEnds)
        }
    }
}

fn is_news(situation: &Situation<'_>, exception: &Exception, person: &PersonName, reason: NoticeReason) -> bool {
    let told = situation
        .exceptions_told
        .iter()
        .filter(|told| told.exception == exception.id && told.recipient == *person)
        .filter(|told| told.reason == reason)
        .filter(|told| reason == NoticeReason::Held || told.until_day == exception.until_day)
        .map(|told| told.at)
        .max();
    let Some(told_at) = told else { return true };
    let zone = &situation.register.organisation.time_zone;
    let policy = &situation.register.letters;
    reason == NoticeReason::ReviewDue
        && situation.now.day(zone) >= next_day(told_at.day(zone), &policy.repeat, &policy.calendar)
}
