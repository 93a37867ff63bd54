//! What is to be known of each part: what was known of it, merged with what was seen of it. A part that was
//! not seen to its end, or whose source is not believed, loses nothing.

use super::suspicion::Sight;
use super::tally::{Tallies, compare};
use super::{KnownPart, PartChange};
use crate::domain::observation::{Flagged, Observation, PartKey, PartObservation};
use crate::domain::verdict::Reasons;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The flagged items that a part is to be known by.
#[derive(Debug)]
pub(super) enum Merged {
    /// The list known before.
    AsKnown,
    /// The list just seen.
    AsSeen,
    /// A new list.
    List(Vec<Flagged>),
    /// No list: the part is gone.
    Gone,
}

/// Merges every part, and counts what that means for each reason of single items. After a failed scan
/// there is nothing to merge.
pub(super) fn merge(
    known: &BTreeMap<PartKey, KnownPart>,
    observation: &Observation,
    sight: &Sight,
) -> (Tallies, BTreeMap<PartKey, (Merged, bool)>) {
    let mut tallies = Tallies::default();
    let mut merged = BTreeMap::new();
    if sight.failed {
        return (tallies, merged);
    }
    for (key, seen) in &observation.parts {
        let believed = sight.healthy && seen.whole;
        let list = match known.get(key) {
            Some(KnownPart { flagged: None, .. }) => Merged::AsKnown,
            Some(KnownPart { flagged: Some(list), .. }) => part(list, seen, observation.undecided, believed),
            None => part(&[], seen, observation.undecided, believed),
        };
        merged.insert(*key, (list, believed));
    }
    for (key, part) in known.iter().filter(|(key, _)| !observation.parts.contains_key(key)) {
        let list = part.flagged.as_deref().unwrap_or_default();
        let kept = if sight.healthy { vanished(list, observation.undecided) } else { Merged::AsKnown };
        merged.insert(*key, (kept, sight.healthy));
    }
    count(known, observation, &merged, &mut tallies);
    (tallies, merged)
}

fn part(known: &[Flagged], seen: &PartObservation, undecided: Reasons, believed: bool) -> Merged {
    if known.is_empty() && undecided.is_empty() || believed && undecided.is_empty() {
        return if known == seen.flagged { Merged::AsKnown } else { Merged::AsSeen };
    }
    let list = join(known, &seen.flagged, undecided, !believed);
    if list == known { Merged::AsKnown } else { Merged::List(list) }
}

fn vanished(known: &[Flagged], undecided: Reasons) -> Merged {
    let list = join(known, &[], undecided, false);
    if list.is_empty() {
        Merged::Gone
    } else if list == known {
        Merged::AsKnown
    } else {
        Merged::List(list)
    }
}

/// Joins two sorted lists. An item seen again has its new reasons; undecided ones stay as they were known.
fn join(known: &[Flagged], seen: &[Flagged], undecided: Reasons, keep_unseen: bool) -> Vec<Flagged> {
    let mut joined = Vec::with_capacity(known.len().max(seen.len()));
    let mut push = |flagged: &Flagged, reasons: Reasons| {
        if !reasons.is_empty() {
            joined.push(Flagged { digest: flagged.digest, reasons });
        }
    };
    let (mut left, mut right) = (known, seen);
    loop {
        let order = match (left.first(), right.first()) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(old), Some(new)) => old.digest.cmp(&new.digest),
        };
        if order == Ordering::Less {
            push(&left[0], if keep_unseen { left[0].reasons } else { left[0].reasons.intersection(undecided) });
        } else if order == Ordering::Greater {
            push(&right[0], right[0].reasons.difference(undecided));
        } else {
            let stays = left[0].reasons.intersection(undecided);
            push(&right[0], right[0].reasons.difference(undecided).union(stays));
        }
        left = if order == Ordering::Greater { left } else { &left[1..] };
        right = if order == Ordering::Less { right } else { &right[1..] };
    }
    joined
}

fn count(
    known: &BTreeMap<PartKey, KnownPart>,
    observation: &Observation,
    merged: &BTreeMap<PartKey, (Merged, bool)>,
    tallies: &mut Tallies,
) {
    let mut changed = Vec::new();
    for (key, (list, _)) in merged {
        let before = known.get(key).and_then(|part| part.flagged.as_deref());
        let seen = observation.parts.get(key).map(|part| part.flagged.as_slice()).unwrap_or_default();
        match list {
            // Without a list of its own, the part is known by the very list that was seen.
            Merged::AsKnown => tallies.continue_all(before.unwrap_or(seen)),
            Merged::AsSeen => changed.push((before.unwrap_or_default(), seen)),
            Merged::List(list) => changed.push((before.unwrap_or_default(), list.as_slice())),
            Merged::Gone => changed.push((before.unwrap_or_default(), &[])),
        }
    }
    compare(&changed, tallies);
}

/// What is to be kept of the parts of which something changed.
pub(super) fn changes(
    known: &BTreeMap<PartKey, KnownPart>,
    mut seen: BTreeMap<PartKey, PartObservation>,
    merged: BTreeMap<PartKey, (Merged, bool)>,
) -> BTreeMap<PartKey, PartChange> {
    let mut changes = BTreeMap::new();
    for (key, (list, believed)) in merged {
        let before = known.get(&key).map(|part| part.items);
        let part = seen.remove(&key).unwrap_or_default();
        // What was once seen whole stays the measure until the part is believed again.
        let items = if believed { part.items } else { before.unwrap_or(part.items) };
        let change = match list {
            Merged::AsKnown if before == Some(items) => continue,
            Merged::AsKnown => PartChange::Counted(items),
            Merged::AsSeen => PartChange::Replaced(items, part.flagged),
            Merged::List(list) => PartChange::Replaced(items, list),
            Merged::Gone => PartChange::Dropped,
        };
        changes.insert(key, change);
    }
    changes
}
