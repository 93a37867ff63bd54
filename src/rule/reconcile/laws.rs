//! The laws of reconciliation, for any sequence of scans.

use super::tests::{HOUR, Seen, World};
use super::*;
use crate::domain::digest::Digest;
use crate::domain::finding::FindingState;
use crate::domain::observation::{CopyKey, CopyObservation, PartObservation};
use crate::domain::verdict::{Reasons, Rule};
use proptest::prelude::*;
use std::collections::{BTreeSet, HashMap};

fn flagged() -> impl Strategy<Value = Vec<Flagged>> {
    // Few items and few reasons, so that scans meet each other's.
    proptest::collection::btree_map(0_u8..12, (1_u32..(1 << 10), 0_u32..(1 << 10)), 0..10).prop_map(|items| {
        let flag = |(item, (reasons, excepted)): (u8, (u32, u32))| Flagged {
            digest: Digest([item; 16]),
            reasons: Reasons(reasons & !excepted),
            excepted: Reasons(reasons & excepted),
        };
        items.into_iter().map(flag).collect()
    })
}

/// The copy that every dataset here has.
fn backup() -> CopyKey {
    CopyKey::new(Digest([9; 16]))
}

/// The key of a part: those from 2 on are the copy's.
fn part_key(name: u8) -> PartKey {
    let key = Digest([name; 16]);
    if name < 2 { key } else { backup().part(key) }
}

fn part() -> impl Strategy<Value = PartObservation> {
    (flagged(), 0_u64..40, prop::bool::weighted(0.85)).prop_map(|(flagged, more, whole)| PartObservation {
        items: flagged.len() as u64 + more,
        whole,
        flagged,
    })
}

prop_compose! {
    fn observation()(
        parts in proptest::collection::btree_map(0_u8..4, part(), 0..4),
        failed in prop::bool::weighted(0.1),
        sick in prop::bool::weighted(0.2),
        incomplete in prop::option::of(0_u64..50),
        is_away in prop::bool::weighted(0.1),
        may_be_empty in prop::bool::weighted(0.3),
    ) -> Seen {
        let mut seen = Seen::nothing();
        if failed {
            seen.0.status = ScanStatus::Failed;
            seen.0.whole_reasons.insert(Reason::Unreachable, 0);
            return seen;
        }
        seen.0.parts = parts.into_iter().map(|(name, part)| (part_key(name), part)).collect();
        if is_away {
            seen.0.parts.retain(|key, _| CopyKey::of(key).is_none());
        }
        seen.0.items = seen.0.parts.values().map(|part| part.items).sum();
        let is_torn = |of_copy: bool| {
            seen.0.parts.iter().any(|(key, part)| !part.whole && CopyKey::of(key).is_some() == of_copy)
        };
        let (items_torn, copy_torn) = (is_torn(false), is_torn(true) || is_away);
        let has_some = seen.0.parts.iter().any(|(key, part)| CopyKey::of(key).is_some() && part.items > 0);
        let is_empty = !copy_torn && !has_some && !may_be_empty;
        let copy = CopyObservation { name: "backup".to_owned(), whole: !copy_torn, is_empty };
        seen.0.copies.insert(backup(), copy);
        if items_torn {
            seen.0.status = ScanStatus::Partial;
            seen.0.whole_reasons.insert(Reason::Partial, 0);
        }
        if sick {
            let consent = Reasons::of_rule(Rule::Consent);
            seen.0.undecided = consent;
            // Nobody judges what cannot be decided.
            for part in seen.0.parts.values_mut() {
                for flagged in &mut part.flagged {
                    flagged.reasons = flagged.reasons.difference(consent);
                    flagged.excepted = flagged.excepted.difference(consent);
                }
                part.flagged.retain(|flagged| !flagged.reasons.union(flagged.excepted).is_empty());
            }
            seen.0.whole_reasons.insert(Reason::LedgerUnreachable, 0);
        }
        seen.0.whole_reasons.extend(incomplete.map(|items| (Reason::Incomplete, items)));
        seen
    }
}

/// What a scan sees, how many hours after the one before, and what a second look finds.
#[derive(Debug, Clone)]
struct Step {
    seen: Seen,
    hours: i64,
    still_there: HashMap<Digest, u64>,
    looks_in_vain: bool,
}

prop_compose! {
    fn step()(
        seen in observation(),
        hours in 0_i64..30,
        found in proptest::collection::vec(0_u8..12, 0..6),
        looks_in_vain in prop::bool::weighted(0.15),
    ) -> Step {
        let still_there = found.into_iter().map(|item| (Digest([item; 16]), 1)).collect();
        Step { seen, hours, still_there, looks_in_vain }
    }
}

fn story() -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec(step(), 1..8)
}

/// Goes on to the next step of the story.
fn go_on(world: &mut World, step: Step) -> Seen {
    world.now = Instant::from_microseconds(world.now.microseconds() + step.hours * HOUR);
    (world.still_there, world.looks_in_vain) = (step.still_there, step.looks_in_vain);
    step.seen
}

/// How many items each unresolved finding has.
fn counts(findings: &[Finding]) -> BTreeMap<Reason, u64> {
    let open = findings.iter().filter(|finding| finding.state != FindingState::Resolved);
    open.map(|finding| (finding.key.reason, finding.items)).collect()
}

fn items(world: &World) -> BTreeSet<(PartKey, Digest)> {
    let parts = world.known.parts.iter();
    parts.flat_map(|(key, part)| part.flagged.iter().flatten().map(|flagged| (*key, flagged.digest))).collect()
}

/// How many flagged items there are under `reason`, and how many of them under an exception, counted without the
/// function under test.
fn recount(world: &World, reason: Reason) -> (u64, u64) {
    let lists = || world.known.parts.values().flat_map(|part| part.flagged.iter().flatten());
    let open = lists().filter(|flagged| flagged.reasons.contains(reason)).count() as u64;
    (open, lists().filter(|flagged| flagged.excepted.contains(reason)).count() as u64)
}

proptest! {
    #[test]
    fn counts_add_up(story in story()) {
        let mut world = World::new();
        for step in story {
            let seen = go_on(&mut world, step);
            let before = counts(&world.known.findings);
            let excepted: BTreeMap<Reason, u64> =
                world.known.findings.iter().map(|finding| (finding.key.reason, finding.excepted)).collect();
            let outcome = world.scan(seen);
            let after: BTreeMap<_, _> = outcome.findings.iter().map(|finding| (finding.key.reason, finding)).collect();
            for (finding, left) in outcome.findings.iter().zip(&outcome.departures) {
                let reason = finding.key.reason;
                prop_assert_eq!(finding.items, finding.new + finding.continuing);
                let previous = before.get(&reason).copied().unwrap_or_default();
                // What was under an exception and is not seen any more is gone, too.
                let excepted_gone = (finding.gone + finding.continuing).checked_sub(previous);
                let most = if reason.is_of_items() { excepted.get(&reason).copied().unwrap_or_default() } else { 0 };
                prop_assert!(excepted_gone.is_some_and(|gone| gone <= most.min(left.not_seen)), "{}", reason);
                if reason.is_of_items() {
                    prop_assert_eq!((finding.items, finding.excepted), recount(&world, reason), "{}", reason);
                    prop_assert_eq!(left.total(), finding.gone, "{}: {:?}", reason, left);
                    let state = match (finding.items, finding.excepted) {
                        (0, 0) => FindingState::Resolved,
                        (0, _) => FindingState::Excepted,
                        _ => FindingState::Open,
                    };
                    prop_assert_eq!(finding.state, state, "{}", reason);
                    prop_assert!(finding.items > 0 || finding.earliest_due.is_none());
                }
            }
            prop_assert!(before.keys().all(|reason| after.contains_key(reason)), "no open finding is forgotten");
        }
    }

    #[test]
    fn nothing_is_lost_unless_it_was_looked_for_and_believed(story in story()) {
        let mut world = World::new();
        for step in story {
            let seen = go_on(&mut world, step);
            let before = items(&world);
            let whole: BTreeSet<PartKey> =
                seen.0.parts.iter().filter(|(_, part)| part.whole).map(|(key, _)| *key).collect();
            let complete = seen.0.status == ScanStatus::Complete;
            let copy = seen.0.copies.get(&backup()).cloned();
            let looks_in_vain = world.looks_in_vain;
            let outcome = world.scan(seen);
            let held = outcome.hold.is_some();
            let shrunken = outcome.findings.iter().any(|finding| {
                finding.key.reason == Reason::Shrunken && finding.state != FindingState::Resolved
            });
            let after = items(&world);
            for item in before.difference(&after) {
                if CopyKey::of(&item.0).is_some() {
                    let copy = copy.as_ref().expect("nothing is lost by a scan that failed");
                    prop_assert!(copy.whole || whole.contains(&item.0), "{:?} was not looked for", item);
                    prop_assert!(!copy.is_empty, "{:?} is gone while its copy is doubted", item);
                } else {
                    prop_assert!(complete || whole.contains(&item.0), "{:?} was not looked for", item);
                    prop_assert!(!held && !shrunken, "{:?} is gone while the source is doubted", item);
                }
                prop_assert!(!looks_in_vain, "{:?} is gone, and nobody could look for it", item);
            }
        }
    }

    #[test]
    fn the_same_scan_again_changes_nothing(story in story()) {
        let mut world = World::new();
        for step in story {
            // A look in vain may succeed the next time: that is a change.
            let seen = go_on(&mut world, Step { looks_in_vain: false, ..step });
            let first = world.scan(seen.clone());
            let second = world.scan(seen);
            prop_assert!(second.changes.iter().all(|change| change.reason.is_quiet()), "{:?}", second.changes);
            prop_assert!(second.parts.is_empty(), "{:?}", second.parts);
            prop_assert_eq!(world.looked_for, 0, "nothing left, and somebody looked for it");
            prop_assert_eq!(counts(&first.findings), counts(&second.findings));
            prop_assert!(second.findings.iter().all(|finding| finding.new == 0 && finding.gone == 0));
            prop_assert_eq!(first.hold, second.hold);
        }
    }

    #[test]
    fn what_is_found_again_is_never_told_as_not_seen(story in story()) {
        let mut world = World::new();
        for step in story {
            let seen = go_on(&mut world, step);
            world.still_there = (0..12).map(|item| (Digest([item; 16]), 99)).collect();
            let outcome = world.scan(seen);
            for (finding, left) in outcome.findings.iter().zip(&outcome.departures) {
                prop_assert_eq!(left.not_seen, 0, "{}", finding.key.reason);
            }
        }
    }

    #[test]
    fn a_sick_ledger_moves_no_consent_finding(story in story(), mut last in observation()) {
        let mut world = World::new();
        for step in story {
            let seen = go_on(&mut world, step);
            world.scan(seen);
        }
        let consent = Reasons::of_rule(Rule::Consent);
        last.0.undecided = consent;
        let before = counts(&world.known.findings);
        let after = counts(&world.scan(last).findings);
        for reason in consent.iter() {
            prop_assert_eq!(before.get(&reason), after.get(&reason));
        }
    }
}
