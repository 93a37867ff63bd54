//! Stories of exceptions that come and end, of items that leave, and of losses before their time.

use super::*;
use crate::domain::exception::{Exception, ExceptionId, ExceptionKind, ExceptionScope, ExceptionState};
use crate::domain::name::PersonName;
use crate::rule::exceptions::Cover;
use jiff::civil::date;

impl Seen {
    /// The items of a part under an exception, beside those that are not.
    fn excepted(mut self, name: u32, excepted: &[(u32, &[Reason])]) -> Self {
        let part = self.0.parts.get_mut(&digest(name)).unwrap();
        for (item, reasons) in excepted {
            let covered: Reasons = reasons.iter().copied().collect();
            match part.flagged.iter_mut().find(|flagged| flagged.digest == digest(*item)) {
                Some(flagged) => flagged.excepted = covered,
                None => part.flagged.push(Flagged { digest: digest(*item), reasons: Reasons::NONE, excepted: covered }),
            }
        }
        part.flagged.sort_unstable();
        self
    }
}

/// How items left a finding, and how many are excepted: `not seen/re-dated/cured/excepted/moved, excepted now`.
fn left(outcome: &Outcome, reason: Reason) -> String {
    let place = outcome.findings.iter().position(|finding| finding.key.reason == reason).unwrap();
    let left = outcome.departures[place];
    let excepted = outcome.findings[place].excepted;
    format!("{}/{}/{}/{}/{}, {excepted}", left.not_seen, left.re_dated, left.cured, left.excepted, left.moved)
}

#[test]
fn an_exception_narrows_a_finding_and_its_end_brings_it_back() {
    let mut world = World::new();
    world.scan(Seen::nothing().part(1, 10, &[(1, EXPIRED), (2, EXPIRED)]));
    let some = world.after(24).scan(Seen::nothing().part(1, 10, &[(2, EXPIRED)]).excepted(1, &[(1, EXPIRED)]));
    assert_eq!(told(&some), ["expired excepted 0+1-1"]);
    assert_eq!(left(&some, Reason::Expired), "0/0/0/1/0, 1");
    let all = world.after(24).scan(Seen::nothing().part(1, 10, &[]).excepted(1, &[(1, EXPIRED), (2, EXPIRED)]));
    assert_eq!(told(&all), ["expired excepted 0+0-1"]);
    assert_eq!(all.findings[0].state, FindingState::Excepted);
    assert_eq!(world.looked_for, 0, "what is excepted is there");
    let held =
        world.after(24).scan(Seen::nothing().part(1, 10, &[]).excepted(1, &[(1, EXPIRED), (2, EXPIRED), (3, EXPIRED)]));
    assert_eq!(told(&held), ["expired excepted 0+0-0"]);
    assert_eq!(held.findings[0].excepted, 3);
    let back = world.after(24).scan(Seen::nothing().part(1, 10, &[(1, EXPIRED), (2, EXPIRED), (3, EXPIRED)]));
    assert_eq!(told(&back), ["expired reopened 3+0-0"]);
    assert_eq!((back.findings[0].state, back.findings[0].first_seen), (FindingState::Open, world.now));
}

#[test]
fn items_that_are_held_as_they_appear_make_an_excepted_finding() {
    let mut world = World::new();
    let first = world.scan(Seen::nothing().part(1, 10, &[]).excepted(1, &[(1, EXPIRED)]));
    assert_eq!(told(&first), ["expired first 0+0-0"]);
    assert_eq!(first.findings[0].state, FindingState::Excepted);
    let failed = world.after(24).scan(Seen::failed());
    assert_eq!(told(&failed), ["expired kept 0+0-0", "unreachable first 0+0-0"]);
    assert_eq!((failed.findings[0].state, failed.findings[0].excepted), (FindingState::Excepted, 1));
    let more = world.after(24).scan(Seen::nothing().part(1, 10, &[(2, EXPIRED)]).excepted(1, &[(1, EXPIRED)]));
    assert_eq!(told(&more), ["expired reopened 1+0-0", "unreachable resolved 0+0-0"]);
    let gone = world.after(24).scan(Seen::nothing().part(1, 9, &[(2, EXPIRED)]));
    assert_eq!(told(&gone), ["expired fewer 0+1-1"]);
    assert_eq!(left(&gone, Reason::Expired), "1/0/0/0/0, 0");
    assert_eq!(world.looked_for, 1);
}

#[test]
fn a_warning_that_falls_due_under_a_hold_is_excepted() {
    let mut world = World::new();
    world.scan(Seen::nothing().part(1, 10, &[(1, DUE_SOON)]));
    let due = world.after(24).scan(Seen::nothing().part(1, 10, &[]).excepted(1, &[(1, EXPIRED)]));
    assert_eq!(told(&due), ["due-soon moved 0+0-1", "expired first 0+0-0"]);
    assert_eq!(left(&due, Reason::DueSoon), "0/0/0/1/0, 0");
}

#[test]
fn items_that_left_are_told_apart() {
    let mut world = World::new();
    let both: &[Reason] = &[Reason::Expired, Reason::Missing];
    world.scan(Seen::nothing().part(1, 20, &[(1, both), (2, both), (3, both), (4, DUE_SOON)]));
    // The first is erased; the second is well in every way; the third has its consent; the fourth falls due.
    world.still_there = HashMap::from([(digest(2), 1)]);
    let seen = world.after(24).scan(Seen::nothing().part(1, 19, &[(3, EXPIRED), (4, EXPIRED)]));
    assert_eq!(world.looked_for, 2, "only what is not seen is looked for");
    assert_eq!(told(&seen), ["missing resolved 0+0-3", "due-soon moved 0+0-1", "expired more 1+1-2"]);
    assert_eq!(left(&seen, Reason::Missing), "1/0/2/0/0, 0");
    assert_eq!(left(&seen, Reason::Expired), "1/1/0/0/0, 0");
    assert_eq!(left(&seen, Reason::DueSoon), "0/0/0/0/1, 0");
    world.after(24).scan(Seen::nothing().part(1, 19, &[(3, EXPIRED), (4, EXPIRED)]));
    assert_eq!(world.looked_for, 0, "nothing left");
}

#[test]
fn of_repeats_as_many_are_not_seen_as_are_missing() {
    let mut world = World::new();
    world.scan(Seen::nothing().part(1, 9, &[(1, EXPIRED), (1, EXPIRED), (1, EXPIRED)]));
    world.still_there = HashMap::from([(digest(1), 2)]);
    let seen = world.after(24).scan(Seen::nothing().part(1, 8, &[(1, EXPIRED)]));
    assert_eq!(told(&seen), ["expired fewer 0+1-2"]);
    assert_eq!(left(&seen, Reason::Expired), "1/1/0/0/0, 0");
}

#[test]
fn a_second_look_that_reaches_no_end_loses_nothing() {
    let mut world = World::new();
    world.scan(Seen::nothing().part(1, 30, &[(1, EXPIRED)]).part(2, 10, &[(2, EXPIRED)]));
    world.looks_in_vain = true;
    let vain = world.after(24).scan(Seen::nothing().part(1, 29, &[]));
    assert_eq!(told(&vain), ["expired kept 0+2-0", "partial first 0+0-0"]);
    assert_eq!(vain.status, ScanStatus::Partial);
    world.looks_in_vain = false;
    let well = world.after(24).scan(Seen::nothing().part(1, 29, &[]).part(2, 10, &[(2, EXPIRED)]));
    assert_eq!(told(&well), ["expired fewer 0+1-1", "partial resolved 0+0-0"]);
    assert_eq!(left(&well, Reason::Expired), "1/0/0/0/0, 0");
}

#[test]
fn a_loss_before_its_time_is_told_until_somebody_explains_it() {
    let mut world = World::new();
    let expired: Vec<(u32, &[Reason])> = (1..=30).map(|item| (item, EXPIRED)).collect();
    world.scan(Seen::nothing().part(1, 200, &expired));
    // Thirty that were due are gone, and nineteen that were not: that is too few to be told.
    let few = world.after(24).scan(Seen::nothing().part(1, 151, &[]));
    assert_eq!(told(&few), ["expired resolved 0+0-30"]);
    let many = world.after(24).scan(Seen::nothing().part(1, 131, &[]));
    assert_eq!(told(&many), ["early-loss first 20+0-0"]);
    let same = world.after(24).scan(Seen::nothing().part(1, 131, &[]));
    assert_eq!(told(&same), ["early-loss kept 0+20-0"]);
    let more = world.after(24).scan(Seen::nothing().part(1, 100, &[]));
    assert_eq!(told(&more), ["early-loss more 31+20-0"]);
    assert_eq!(told(&world.after(24).scan(Seen::failed()))[0], "early-loss kept 0+51-0");
}

#[test]
fn a_loss_is_measured_by_the_share_that_the_register_lets_pass() {
    let mut world = World::new();
    world.scan(Seen::nothing().part(1, 1_000, &[]).part(2, 100, &[]));
    assert_eq!(told(&world.after(24).scan(Seen::nothing().part(1, 900, &[]).part(2, 100, &[]))), [""; 0]);
    let of_part = world.after(24).scan(Seen::nothing().part(1, 900, &[]).part(2, 60, &[]));
    assert_eq!(told(&of_part), ["early-loss first 40+0-0"]);
    let mut lenient = World::new();
    lenient.facts.early_loss_percent = 50;
    lenient.scan(Seen::nothing().part(1, 100, &[]));
    assert_eq!(told(&lenient.after(24).scan(Seen::nothing().part(1, 50, &[]))), [""; 0]);
}

#[test]
fn a_list_that_makes_room_for_another_is_no_early_loss() {
    let mut world = World::new();
    world.scan(Seen::nothing().part(1, 100, &[]).part(2, 100, &[]));
    assert_eq!(told(&world.after(24).scan(Seen::nothing().part(2, 100, &[]).part(3, 110, &[]))), [""; 0]);
}

#[test]
fn a_doubted_loss_is_told_once_as_what_it_looks_like() {
    let mut world = World::new();
    world.scan(Seen::nothing().part(1, 100, &[]));
    assert_eq!(told(&world.after(24).scan(Seen::nothing().part(1, 40, &[]))), ["shrunken first 0+0-0"]);
    assert_eq!(told(&world.after(20).scan(Seen::nothing().part(1, 40, &[]))), ["shrunken resolved 0+0-0"]);
    assert_eq!(told(&world.after(20).scan(Seen::nothing().part(1, 40, &[]))), [""; 0]);
}

#[test]
fn what_warned_of_its_end_and_ended_since_left_in_time() {
    let mut world = World::new();
    let warned: Vec<(u32, &[Reason])> = (1..=40).map(|item| (item, DUE_SOON)).collect();
    world.scan(Seen::nothing().part(1, 100, &warned).due(Reason::DueSoon, HOUR));
    assert_eq!(told(&world.after(24).scan(Seen::nothing().part(1, 60, &[]))), ["due-soon resolved 0+0-40"]);
    let mut early = World::new();
    early.scan(Seen::nothing().part(1, 100, &warned).due(Reason::DueSoon, 99 * HOUR));
    let seen = early.after(24).scan(Seen::nothing().part(1, 60, &[]));
    assert_eq!(told(&seen), ["due-soon resolved 0+0-40", "early-loss first 40+0-0"]);
}

#[test]
fn what_is_held_is_not_expected_to_vanish() {
    let mut world = World::new();
    let held: Vec<(u32, &[Reason])> = (1..=90).map(|item| (item, EXPIRED)).collect();
    world.scan(Seen::nothing().part(1, 100, &[]).excepted(1, &held));
    let gone = world.after(24).scan(Seen::nothing().part(1, 10, &[]));
    assert_eq!(told(&gone), ["expired kept 0+0-0", "shrunken first 0+0-0"]);
}

/// An exception of this kind for these items; for all without a list.
fn exception(kind: ExceptionKind, items: Option<&[u32]>) -> Exceptions {
    let scope = ExceptionScope {
        dataset: DatasetName::new("calls").unwrap(),
        rule: None,
        reason: None,
        from: None,
        until: None,
        listed_items: None,
    };
    let exception = Exception {
        id: ExceptionId("E-1".to_owned()),
        kind,
        scope,
        why: "dispute".to_owned(),
        requested_by: PersonName::new("sato").unwrap(),
        approved_by: PersonName::new("suzuki").unwrap(),
        made_at: Instant::from_microseconds(0),
        until_day: date(2027, 3, 31),
        confidential: false,
        state: ExceptionState::Active,
        ended: None,
    };
    Exceptions::new(vec![Cover::new(exception, items.map(|items| items.iter().copied().map(digest).collect()))])
}

#[test]
fn every_item_that_vanishes_under_a_hold_is_an_early_loss() {
    let mut world = World::new();
    world.facts.exceptions = exception(ExceptionKind::Hold, Some(&[1, 2, 3]));
    let held: &[(u32, &[Reason])] = &[(1, EXPIRED), (2, EXPIRED), (3, EXPIRED)];
    world.scan(Seen::nothing().part(1, 100, &[]).excepted(1, held));
    world.looks_in_vain = true;
    let vain = world.after(24).scan(Seen::nothing().part(1, 99, &[]).excepted(1, &held[1..]));
    assert_eq!(told(&vain), ["expired kept 0+0-0", "partial first 0+0-0"]);
    world.looks_in_vain = false;
    let one = world.after(24).scan(Seen::nothing().part(1, 99, &[]).excepted(1, &held[1..]));
    assert_eq!(told(&one), ["expired fewer 0+0-1", "early-loss first 1+0-0", "partial resolved 0+0-0"]);
    assert_eq!(left(&one, Reason::Expired), "1/0/0/0/0, 2");
    world.still_there = HashMap::from([(digest(2), 1)]);
    let well = world.after(24).scan(Seen::nothing().part(1, 99, &[]).excepted(1, &held[2..]));
    assert_eq!(told(&well), ["expired excepted 0+0-0", "early-loss kept 0+1-0"], "it is there, and well");
    let last = world.after(24).scan(Seen::nothing().part(1, 98, &[]));
    assert_eq!(told(&last), ["expired excepted 0+0-1", "early-loss more 1+1-0"]);
    assert_eq!(left(&last, Reason::Expired), "1/0/0/0/0, 0");
    assert_eq!(last.findings[0].state, FindingState::Resolved);
}

#[test]
fn what_vanishes_after_its_hold_was_released_or_under_an_extension_left_as_it_may() {
    let held: Vec<(u32, &[Reason])> = (1..=40).map(|item| (item, EXPIRED)).collect();
    for exceptions in [Exceptions::default(), exception(ExceptionKind::Extension, None)] {
        let mut world = World::new();
        world.scan(Seen::nothing().part(1, 100, &[]).excepted(1, &held));
        world.facts.exceptions = exceptions;
        let gone = world.after(24).scan(Seen::nothing().part(1, 60, &[]));
        assert_eq!(told(&gone), ["expired excepted 0+0-40"]);
        assert_eq!(left(&gone, Reason::Expired), "40/0/0/0/0, 0");
    }
}

#[test]
fn what_a_hold_took_in_since_the_last_scan_may_not_vanish_either() {
    let mut world = World::new();
    world.scan(Seen::nothing().part(1, 100, &[(1, EXPIRED), (2, EXPIRED)]));
    world.facts.exceptions = exception(ExceptionKind::Hold, Some(&[1]));
    let gone = world.after(24).scan(Seen::nothing().part(1, 98, &[]));
    assert_eq!(told(&gone), ["expired resolved 0+0-2", "early-loss first 1+0-0"]);
}

#[test]
fn a_second_scan_that_sees_far_fewer_again_does_not_agree() {
    let mut world = World::new();
    world.scan(Seen::nothing().part(1, 40, &[(1, EXPIRED)]).part(2, 60, &[]));
    let first = world.after(24).scan(Seen::nothing().part(1, 4, &[]).part(2, 60, &[]));
    assert_eq!(told(&first), ["expired kept 0+1-0", "shrunken first 0+0-0"]);
    let worse = || Seen::nothing().part(1, 4, &[]).part(2, 10, &[]);
    let again = world.after(20).scan(worse());
    assert_eq!(told(&again), ["expired kept 0+1-0", "shrunken same 0+0-0"]);
    assert_eq!(again.hold.map(|hold| (hold.since, hold.items)), Some((world.now, 14)));
    assert_eq!(told(&world.after(20).scan(worse())), ["expired resolved 0+0-1", "shrunken resolved 0+0-0"]);
}
