//! Whom exceptions concern, and what they cover.

use super::*;
use crate::domain::exception::ExceptionId;
use crate::domain::name::{DatasetName, PersonName};
use crate::domain::verdict::{Reason, Rule};
use jiff::civil::date;

const ITEM: Digest = Digest([5; 16]);

fn exception(kind: ExceptionKind) -> Exception {
    Exception {
        id: ExceptionId("E-1".to_owned()),
        kind,
        scope: ExceptionScope {
            dataset: DatasetName::new("calls").unwrap(),
            rule: None,
            reason: None,
            from: None,
            until: None,
            listed_items: None,
        },
        why: "audit".to_owned(),
        requested_by: PersonName::new("sato").unwrap(),
        approved_by: PersonName::new("suzuki").unwrap(),
        made_at: Instant::from_microseconds(0),
        until_day: date(2027, 3, 31),
        confidential: false,
        state: ExceptionState::Active,
        ended: None,
    }
}

fn under(kind: ExceptionKind, rule: Option<Rule>, reason: Option<Reason>) -> Reasons {
    let exception = exception(kind);
    ExceptionScope { rule, reason, ..exception.scope }.covered_reasons(kind)
}

fn set(reasons: &[Reason]) -> Reasons {
    reasons.iter().copied().collect()
}

#[test]
fn each_kind_covers_what_it_may_touch() {
    let erasure = set(&[Reason::Expired, Reason::DueSoon]);
    assert_eq!(under(ExceptionKind::Extension, None, None), erasure);
    assert_eq!(under(ExceptionKind::Extension, Some(Rule::Retention), Some(Reason::DueSoon)), set(&[Reason::DueSoon]));
    assert_eq!(under(ExceptionKind::Extension, Some(Rule::Consent), None), Reasons::NONE);
    let approval = under(ExceptionKind::Approval, None, None);
    assert!(approval.contains(Reason::Outside) && approval.contains(Reason::Missing));
    assert!(approval.intersection(Reasons::of_rule(Rule::Retention)).is_empty());
    assert_eq!(under(ExceptionKind::Approval, Some(Rule::Retention), None), Reasons::NONE);
}

#[test]
fn a_hold_keeps_from_erasure_whatever_else_it_names() {
    let erasure = set(&[Reason::Expired, Reason::DueSoon]);
    assert_eq!(under(ExceptionKind::Hold, None, None), erasure);
    let consent = under(ExceptionKind::Hold, Some(Rule::Consent), None);
    assert_eq!(consent, erasure.union(Reasons::of_rule(Rule::Consent)));
    assert_eq!(
        under(ExceptionKind::Hold, Some(Rule::Retention), Some(Reason::MustKeep)),
        erasure.union(set(&[Reason::MustKeep]))
    );
    for kind in ExceptionKind::ALL {
        assert_eq!(under(*kind, Some(Rule::Source), None), Reasons::NONE, "{kind:?}");
    }
}

#[test]
fn a_list_concerns_its_items_alone() {
    let cover = Cover::new(exception(ExceptionKind::Hold), Some(vec![Digest([9; 16]), ITEM]));
    let reasons = set(&[Reason::Expired, Reason::Missing]);
    assert_eq!(cover.covered(ITEM, None, reasons), set(&[Reason::Expired]));
    assert_eq!(cover.covered(Digest([6; 16]), None, reasons), Reasons::NONE);
    let nobody = Cover::new(exception(ExceptionKind::Hold), Some(Vec::new()));
    assert_eq!(nobody.covered(ITEM, None, reasons), Reasons::NONE);
}

#[test]
fn a_range_of_time_begins_with_its_first_instant_and_ends_before_its_last() {
    let mut ranged = exception(ExceptionKind::Extension);
    (ranged.scope.from, ranged.scope.until) =
        (Some(Instant::from_microseconds(10)), Some(Instant::from_microseconds(20)));
    let exceptions = Exceptions::new(vec![Cover::new(ranged, None)]);
    assert!(exceptions.ask_for_clock());
    let expired = set(&[Reason::Expired]);
    let covered = |clock: Option<i64>| exceptions.covered(ITEM, clock.map(Instant::from_microseconds), expired);
    assert_eq!([9, 10, 19, 20].map(|clock| covered(Some(clock)) == expired), [false, true, true, false]);
    assert_eq!(covered(None), Reasons::NONE);
}

#[test]
fn exceptions_add_up() {
    let approval = Cover::new(exception(ExceptionKind::Approval), None);
    let hold = Cover::new(exception(ExceptionKind::Hold), Some(vec![ITEM]));
    let exceptions = Exceptions::new(vec![approval, hold]);
    let reasons = set(&[Reason::Expired, Reason::Missing, Reason::Undated]);
    assert_eq!(exceptions.covered(ITEM, None, reasons), set(&[Reason::Expired, Reason::Missing]));
    assert_eq!(exceptions.covered(Digest([6; 16]), None, reasons), set(&[Reason::Missing]));
    assert!(!exceptions.ask_for_clock());
}

#[test]
fn extensions_end_with_their_day_and_holds_never_by_time() {
    let zone = TimeZone::get("Asia/Tokyo").unwrap();
    let at = |text: &str| Instant::from(text.parse::<jiff::Timestamp>().unwrap());
    let (last, after) = (at("2027-03-31T23:59:59.999999+09:00"), at("2027-04-01T00:00:00+09:00"));
    let extension = exception(ExceptionKind::Extension);
    assert!(is_in_force(&extension, &zone, last) && !is_in_force(&extension, &zone, after));
    assert!(is_in_force(&exception(ExceptionKind::Hold), &zone, at("2099-01-01T00:00:00Z")));
    let revoked = Exception { state: ExceptionState::Revoked, ..extension };
    assert!(!is_in_force(&revoked, &zone, last));
}

#[test]
fn what_a_hold_concerns_is_left_out_whatever_is_wrong_with_it() {
    let cover = |kind, items: Option<Vec<Digest>>| Cover::new(exception(kind), items);
    let hold = cover(ExceptionKind::Hold, Some(vec![ITEM]));
    for reason in [Reason::Expired, Reason::Undated, Reason::Outside, Reason::Withdrawn] {
        assert!(hold.leaves_out(ITEM, None, reason), "{reason}");
        assert!(!hold.leaves_out(Digest([6; 16]), None, reason), "{reason}");
    }
    let extension = cover(ExceptionKind::Extension, None);
    assert!(extension.leaves_out(ITEM, None, Reason::Expired));
    assert!(!extension.leaves_out(ITEM, None, Reason::Withdrawn));
}
