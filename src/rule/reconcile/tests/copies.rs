//! Copies beside items: what is lost of them, what is believed, and that neither holds back the other.

use super::*;
use crate::domain::observation::{CopyKey, CopyObservation};

const NOTHING: &[Reason] = &[];

/// The key of the copy, and the one part that it has.
fn backup() -> (CopyKey, PartKey) {
    let key = CopyKey::new(digest(9));
    (key, key.part(digest(2)))
}

/// A scan of items, part 1 with so many of them, and of a copy with these items.
fn seen(items: u64, expired: &[u32], copy: &[(u32, &[Reason])]) -> Seen {
    let expired: Vec<(u32, &[Reason])> = expired.iter().map(|item| (*item, EXPIRED)).collect();
    let mut seen = Seen::nothing().part(1, items, &expired).part(2, copy.len() as u64, copy);
    let (key, part) = backup();
    let mut of_copy = seen.0.parts.remove(&digest(2)).unwrap();
    of_copy.flagged.retain(|flagged| !flagged.reasons.is_empty());
    seen.0.parts.insert(part, of_copy);
    let is_empty = copy.is_empty();
    seen.0.copies.insert(key, CopyObservation { name: "backup".to_owned(), whole: true, is_empty });
    seen
}

/// The same with the copy not read to its end, and nothing of it seen.
fn away(items: u64, expired: &[u32]) -> Seen {
    let mut seen = seen(items, expired, &[]).whole(Reason::Unreachable, 0);
    let (key, part) = backup();
    seen.0.parts.remove(&part);
    seen.0.copies.insert(key, CopyObservation { name: "backup".to_owned(), whole: false, is_empty: false });
    seen
}

const TWO: &[(u32, &[Reason])] = &[(7, EXPIRED), (8, EXPIRED)];

#[test]
fn a_copy_that_is_empty_where_it_was_not_keeps_what_was_known_of_it() {
    let mut world = World::new();
    world.scan(seen(10, &[1], TWO));
    let empty = world.after(1).scan(seen(10, &[1], &[]));
    assert_eq!(told(&empty), ["expired kept 0+3-0", "empty first 0+0-0"]);
    assert_eq!(
        empty.problems[0].example,
        "copy `backup`: no item where it had some; write `may_be_empty = true` into its source if it may be so"
    );
    assert_eq!((empty.status, empty.saw_everything), (ScanStatus::Complete, false));
    // Time alone does not make it true: nobody looked.
    assert_eq!(told(&world.after(48).scan(seen(10, &[1], &[]))), ["expired kept 0+3-0", "empty same 0+0-0"]);
    let back = world.after(24).scan(seen(10, &[1], TWO));
    assert_eq!(told(&back), ["expired same 0+3-0", "empty resolved 0+0-0"]);
    // The register says that it may be so.
    let mut may_be = seen(10, &[1], &[]);
    may_be.0.copies.get_mut(&backup().0).unwrap().is_empty = false;
    assert_eq!(told(&world.after(24).scan(may_be)), ["expired fewer 0+1-2"]);
}

#[test]
fn a_copy_is_missed_even_if_nothing_of_it_was_flagged_and_never_if_it_had_nothing() {
    let mut world = World::new();
    world.scan(seen(10, &[1], &[(7, NOTHING)]));
    assert_eq!(told(&world.after(1).scan(seen(10, &[1], &[]))), ["expired kept 0+1-0", "empty first 0+0-0"]);
    let mut world = World::new();
    assert_eq!(told(&world.scan(seen(10, &[1], &[]))), ["expired first 1+0-0"]);
    assert_eq!(told(&world.after(1).scan(seen(10, &[1], &[]))), ["expired same 0+1-0"]);
}

#[test]
fn a_copy_in_trouble_neither_holds_nor_believes_for_the_items() {
    // Items that are erased while the copy is empty or away are gone at once.
    for trouble in [seen(9, &[], &[]), away(9, &[])] {
        let mut world = World::new();
        world.scan(seen(10, &[1], TWO));
        let erased = world.after(24).scan(trouble);
        assert!(told(&erased).contains(&"expired fewer 0+2-1".to_owned()), "{:?}", told(&erased));
    }
    // Items that are away for the first time are held, however long the copy has been.
    let mut world = World::new();
    world.scan(seen(10, &[1], TWO));
    world.after(24).scan(seen(10, &[1], &[]));
    let both = world.after(24).scan(seen(0, &[], &[]));
    assert_eq!(told(&both), ["expired kept 0+3-0", "empty same 0+0-0"]);
    // And believed a day later, though the copy is away: what was known of it stays.
    let believed = world.after(24).scan(away(0, &[]));
    assert!(told(&believed).contains(&"expired fewer 0+2-1".to_owned()), "{:?}", told(&believed));
    assert_eq!(believed.status, ScanStatus::Partial);
}

#[test]
fn items_that_may_be_none_are_none_whatever_the_copy_has() {
    let mut world = World::new();
    world.facts.may_be_empty = true;
    world.scan(seen(10, &[1], TWO));
    assert_eq!(told(&world.after(24).scan(seen(0, &[], TWO))), ["expired fewer 0+2-1"]);
}

#[test]
fn a_copy_that_the_register_does_not_name_any_more_leaves_without_a_word() {
    let mut world = World::new();
    world.scan(seen(10, &[1], TWO));
    let mut without = seen(10, &[1], &[]);
    without.0.parts.remove(&backup().1);
    without.0.copies.clear();
    let left = world.after(24).scan(without);
    assert_eq!(told(&left), ["expired same 0+1-0"]);
    assert_eq!((world.looked_for, left.departures[0].not_seen), (0, 0), "nobody is to declare what became of them");
    assert_eq!(world.known.parts.len(), 1);
}

#[test]
fn copies_that_come_and_go_are_no_early_loss_and_hide_none() {
    let many: Vec<(u32, &[Reason])> = (100..200).map(|item| (item, EXPIRED)).collect();
    let mut world = World::new();
    world.scan(seen(100, &[1], &many));
    let rotated = world.after(24).scan(seen(100, &[1], &many[..1]));
    assert_eq!(told(&rotated), ["expired fewer 0+2-99"]);
    // Two thirds of the items are lost: what was flagged of copies explains nothing of it.
    let mut world = World::new();
    world.scan(seen(100, &[1], &many));
    let lost = world.after(24).scan(seen(30, &[1], &many));
    assert!(told(&lost).contains(&"shrunken first 0+0-0".to_owned()), "{:?}", told(&lost));
}

#[test]
fn what_one_source_could_not_tell_is_not_gone() {
    let mut world = World::new();
    world.scan(seen(10, &[], TWO).whole(Reason::Unclaimed, 60));
    let mut torn = seen(10, &[], TWO).whole(Reason::Unclaimed, 40);
    torn.0.unjudged = [Reason::Unclaimed].into_iter().collect();
    let told_of = |outcome: &Outcome| told(outcome).into_iter().find(|line| line.starts_with("unclaimed")).unwrap();
    assert_eq!(told_of(&world.after(1).scan(torn)), "unclaimed same 0+60-0");
    assert_eq!(
        told_of(&world.after(1).scan(seen(10, &[], TWO).whole(Reason::Unclaimed, 40))),
        "unclaimed fewer 0+40-20"
    );
}
