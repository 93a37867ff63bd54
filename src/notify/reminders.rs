//! Exceptions that end soon, and holds whose review is due: whom to remind, and when again. The finding that comes
//! back, and the hold that stands, are not decided here.

use super::ExceptionEntry;
use super::ladder::owner_of;
use super::plan::Situation;
use super::reason::next_day;
use super::words::day_of;
use crate::domain::exception::{Exception, ExceptionKind, ExceptionState};
use crate::domain::letter::NoticeReason;
use crate::domain::name::PersonName;

/// Who is to be reminded of which exception now.
///
/// - An extension or approval that ends within the register's `remind`: whoever answers for the dataset and the
///   manager, once for each day that it ends on.
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
    let today = day_of(situation.now, &situation.register.organisation.time_zone);
    match exception.kind {
        ExceptionKind::Hold => (exception.until_day < today).then_some(NoticeReason::ReviewDue),
        ExceptionKind::Extension | ExceptionKind::Approval => {
            let remind = situation.register.exceptions.remind.span();
            let ends_soon = exception.until_day.checked_sub(remind).is_ok_and(|from| from <= today);
            (ends_soon && today <= exception.until_day).then_some(NoticeReason::ExceptionEnds)
        }
    }
}

fn is_news(situation: &Situation<'_>, exception: &Exception, person: &PersonName, reason: NoticeReason) -> bool {
    let told = situation
        .exceptions_told
        .iter()
        .filter(|told| told.exception == exception.id && told.recipient == *person)
        .filter(|told| told.reason == reason && told.until_day == exception.until_day)
        .map(|told| told.at)
        .max();
    let Some(told_at) = told else { return true };
    let zone = &situation.register.organisation.time_zone;
    let policy = &situation.register.letters;
    reason == NoticeReason::ReviewDue
        && day_of(situation.now, zone) >= next_day(day_of(told_at, zone), &policy.repeat, &policy.calendar)
}
