//! What is to be known of each part: what was known of it, merged with what was seen of it. A part that was
//! not seen to its end, or whose source is not believed, loses nothing.

use super::copies::Standing;
use super::suspicion::Sight;
use super::tally::{Found, Tallies, compare};
use super::{KnownPart, Measure, PartChange};
use crate::domain::observation::{Flagged, Observation, PartKey, PartObservation};
use crate::domain::verdict::Reasons;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The flagged items that a part is to be known by.
#[derive(Debug)]
enum List {
    /// Those known before.
    AsKnown,
    /// Those just seen.
    AsSeen,
    /// Others.
    New(Vec<Flagged>),
    /// None: the part is gone.
    Gone,
    /// None, and nothing is said of those known before: the register does not name their copy any more.
    Forgotten,
}

/// What every part is to be known by.
#[derive(Debug, Default)]
pub(super) struct Merged(BTreeMap<PartKey, (List, Measure)>);

/// Merges every part. After a failed scan there is nothing to merge.
pub(super) fn merge(known: &BTreeMap<PartKey, KnownPart>, observation: &Observation, sight: &Sight) -> Merged {
    let mut merged = Merged::default();
    if sight.is_failed() {
        return merged;
    }
    for (key, seen) in &observation.parts {
        let is_doubted = match sight.copies.standing(key) {
            None => sight.held,
            Some(standing) => standing == Standing::Doubted && seen.items == 0,
        };
        merged.0.insert(*key, seen_part(known.get(key), seen, sight.undecided, is_doubted));
    }
    for (key, part) in known.iter().filter(|(key, _)| !observation.parts.contains_key(key)) {
        let kept = match sight.copies.standing(key) {
            Some(Standing::Forgotten) => (List::Forgotten, Measure::default()),
            Some(Standing::Doubted) => (List::AsKnown, part.measure),
            None if !sight.items_are_healthy() => (List::AsKnown, part.measure),
            Some(Standing::Believed) | None => {
                (unseen(part.flagged.as_deref().unwrap_or_default(), sight.undecided), Measure::default())
            }
        };
        merged.0.insert(*key, kept);
    }
    merged
}

fn seen_part(
    known: Option<&KnownPart>,
    seen: &PartObservation,
    undecided: Reasons,
    is_doubted: bool,
) -> (List, Measure) {
    let believed = seen.whole && !is_doubted;
    let (list, flagged) = match known {
        Some(KnownPart { flagged: None, .. }) => (List::AsKnown, open_items(&seen.flagged)),
        Some(KnownPart { flagged: Some(list), .. }) => merged_list(list, seen, undecided, believed),
        None => merged_list(&[], seen, undecided, believed),
    };
    let measure = match known {
        Some(part) if is_doubted => part.measure,
        // At least what was seen of it is there.
        Some(part) if !believed => Measure { items: part.measure.items.max(seen.items), ..part.measure },
        _ => Measure { items: seen.items, flagged },
    };
    (list, measure)
}

/// How many items meet some reason that no exception covers. What is held is not expected to vanish.
fn open_items(list: &[Flagged]) -> u64 {
    list.iter().filter(|flagged| !flagged.reasons.is_empty()).count() as u64
}

/// The list, and how many items of it meet a reason that no exception covers.
fn merged_list(known: &[Flagged], seen: &PartObservation, undecided: Reasons, believed: bool) -> (List, u64) {
    if undecided.is_empty() && (believed || known.is_empty()) {
        let list = if known == seen.flagged { List::AsKnown } else { List::AsSeen };
        return (list, open_items(&seen.flagged));
    }
    let list = join(known, &seen.flagged, undecided, !believed);
    let length = open_items(&list);
    (if list == known { List::AsKnown } else { List::New(list) }, length)
}

fn unseen(known: &[Flagged], undecided: Reasons) -> List {
    let list = join(known, &[], undecided, false);
    if list.is_empty() {
        List::Gone
    } else if list == known {
        List::AsKnown
    } else {
        List::New(list)
    }
}

/// Joins two sorted lists. An item seen again has its new reasons; undecided ones stay as they were known.
fn join(known: &[Flagged], seen: &[Flagged], undecided: Reasons, keep_unseen: bool) -> Vec<Flagged> {
    let mut joined = Vec::with_capacity(known.len().max(seen.len()));
    let mut push = |flagged: Flagged| {
        if !flagged.reasons.union(flagged.excepted).is_empty() {
            joined.push(flagged);
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
            push(if keep_unseen { left[0] } else { left[0].only(undecided) });
        } else if order == Ordering::Greater {
            push(right[0].without(undecided));
        } else {
            push(right[0].without(undecided).with(left[0].only(undecided)));
        }
        left = if order == Ordering::Greater { left } else { &left[1..] };
        right = if order == Ordering::Less { right } else { &right[1..] };
    }
    joined
}

impl Flagged {
    fn only(self, these: Reasons) -> Self {
        let (reasons, excepted) = (self.reasons.intersection(these), self.excepted.intersection(these));
        Self { reasons, excepted, ..self }
    }

    fn without(self, these: Reasons) -> Self {
        let (reasons, excepted) = (self.reasons.difference(these), self.excepted.difference(these));
        Self { reasons, excepted, ..self }
    }

    fn with(self, other: Self) -> Self {
        let (reasons, excepted) = (self.reasons.union(other.reasons), self.excepted.union(other.excepted));
        Self { reasons, excepted, ..self }
    }
}

/// Counts what the merged parts mean for each reason of single items.
pub(super) fn count(
    known: &BTreeMap<PartKey, KnownPart>,
    observation: &Observation,
    merged: &Merged,
    found: &Found,
) -> Tallies {
    let mut tallies = Tallies::default();
    let mut changed = Vec::new();
    for (key, (list, _)) in &merged.0 {
        let part = known.get(key);
        let before = part.and_then(|part| part.flagged.as_deref());
        let seen = observation.parts.get(key).map(|part| part.flagged.as_slice()).unwrap_or_default();
        match list {
            // A known part without a list is known by the very list that was seen.
            List::AsKnown if part.is_some() => tallies.continue_all(before.unwrap_or(seen)),
            List::AsKnown | List::Forgotten => {}
            List::AsSeen => changed.push((before.unwrap_or_default(), seen)),
            List::New(list) => changed.push((before.unwrap_or_default(), list.as_slice())),
            List::Gone => changed.push((before.unwrap_or_default(), &[])),
        }
    }
    compare(&changed, found, &mut tallies);
    tallies
}

impl Merged {
    /// The list that a part is to be known by, where it is not the one that it was known by.
    pub(super) fn list<'a>(&'a self, key: PartKey, observation: &'a Observation) -> Option<&'a [Flagged]> {
        match &self.0.get(&key)?.0 {
            List::AsKnown | List::Forgotten => None,
            List::AsSeen => observation.parts.get(&key).map(|part| part.flagged.as_slice()),
            List::New(list) => Some(list),
            List::Gone => Some(&[]),
        }
    }

    /// How many items there are in all parts, as far as is known.
    pub(super) fn items(&self) -> u64 {
        self.0.values().map(|(_, measure)| measure.items).sum()
    }

    /// What is to be kept of the parts of which something changed.
    pub(super) fn changes(
        self,
        known: &BTreeMap<PartKey, KnownPart>,
        mut seen: BTreeMap<PartKey, PartObservation>,
    ) -> BTreeMap<PartKey, PartChange> {
        let mut changes = BTreeMap::new();
        for (key, (list, measure)) in self.0 {
            let change = match list {
                List::AsKnown if known.get(&key).is_some_and(|part| part.measure == measure) => continue,
                List::AsKnown => PartChange::Measured(measure),
                List::AsSeen => {
                    PartChange::Replaced(measure, seen.remove(&key).map(|part| part.flagged).unwrap_or_default())
                }
                List::New(list) => PartChange::Replaced(measure, list),
                List::Gone | List::Forgotten => PartChange::Dropped,
            };
            changes.insert(key, change);
        }
        changes
    }
}
