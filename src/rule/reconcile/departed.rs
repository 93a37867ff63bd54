//! What left: the flagged items that are not seen any more in parts that were seen whole and are believed. They may
//! be erased, or merely well; a second look tells which. And how many items vanished before they were due, or under
//! a hold.

use super::parts::Merged;
use super::suspicion::{Sight, own};
use super::tally::{Found, walk};
use super::{Facts, Known};
use crate::domain::digest::Digest;
use crate::domain::finding::FindingState;
use crate::domain::observation::{CopyKey, Flagged, Observation, PartKey, Problem, ScanStatus};
use crate::domain::verdict::Reason;
use crate::rule::Exceptions;
use std::collections::BTreeMap;

/// A loss of fewer items is never told at once.
const FEWEST_LOST_ITEMS: u64 = 20;

/// One flagged item that left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Gone {
    digest: Digest,
    /// How many of the same identity are still flagged.
    still_flagged: u64,
    /// Whether it left as it may: its period had ended, or it was under an exception. What was held is counted apart.
    may_leave: bool,
    /// Whether a hold that is still in force kept it.
    is_held: bool,
}

/// The flagged items that left, by the part that they left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Departed(BTreeMap<PartKey, Vec<Gone>>);

impl Departed {
    /// Whether none left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether some left this part.
    #[must_use]
    pub fn left(&self, part: &PartKey) -> bool {
        self.0.contains_key(part)
    }

    /// Their digests.
    pub fn digests(&self) -> impl Iterator<Item = Digest> {
        self.0.values().flatten().map(|gone| gone.digest)
    }

    pub(super) fn of(known: &Known, observation: &Observation, merged: &Merged, exceptions: &Exceptions) -> Self {
        // What warned of its end at the last scan may have ended since, and left as it should.
        let warned = known.findings.iter().find(|finding| finding.key.reason == Reason::DueSoon);
        let due_by_now = warned
            .filter(|finding| finding.state != FindingState::Resolved)
            .is_some_and(|finding| finding.earliest_due.is_some_and(|due| due <= observation.now));
        let may_leave = |flagged: &Flagged| {
            flagged.reasons.contains(Reason::Expired)
                || (due_by_now && flagged.reasons.contains(Reason::DueSoon))
                || !flagged.excepted.is_empty()
        };
        let gone_of = |item: &Flagged, still_flagged| {
            let is_held = exceptions.hold(item);
            Gone { digest: item.digest, still_flagged, may_leave: is_held || may_leave(item), is_held }
        };
        let mut departed = BTreeMap::new();
        for (key, part) in &known.parts {
            let (Some(before), Some(now)) = (&part.flagged, merged.list(*key, observation)) else { continue };
            let mut gone = Vec::new();
            walk(before, now, &mut |_, before, now| {
                let left = before.len().saturating_sub(now.len());
                let still_flagged = now.len() as u64;
                gone.extend(before[..left].iter().map(|item| gone_of(item, still_flagged)));
            });
            if !gone.is_empty() {
                departed.insert(*key, gone);
            }
        }
        Self(departed)
    }

    /// How many of those that left this part are not there any more and might leave.
    fn disposed(&self, part: &PartKey, found: &Found) -> u64 {
        let gone = self.0.get(part).into_iter().flatten();
        gone.filter(|gone| gone.may_leave && gone.is_unseen(found)).count() as u64
    }
}

impl Gone {
    fn is_unseen(&self, found: &Found) -> bool {
        found.get(&self.digest).copied().unwrap_or_default() <= self.still_flagged
    }
}

/// What a second look at the source found. The default is a look that saw nothing at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    /// The parts, each with whether it was read to its end.
    pub parts: BTreeMap<PartKey, bool>,
    /// Whether all of the items was read to its end: then a part of them that is not there is gone.
    pub is_whole: bool,
    /// The same of each copy.
    pub copies: BTreeMap<CopyKey, bool>,
    /// How often each item that was looked for is there.
    pub found: Found,
}

impl Look {
    /// Whether the part was read to its end, or is certainly not there.
    fn reached_the_end(&self, part: &PartKey) -> bool {
        let otherwise = || match CopyKey::of(part) {
            None => self.is_whole,
            Some(copy) => self.copies.get(&copy).copied().unwrap_or_default(),
        };
        self.parts.get(part).copied().unwrap_or_else(otherwise)
    }
}

/// What left, and what a second look found. The default: nothing left, and nobody looked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Closure {
    /// The flagged items that left.
    pub departed: Departed,
    /// What a second look found.
    pub look: Look,
}

impl Closure {
    /// Nothing is guessed of a part that the second look did not see to its end: it counts as torn, and what was
    /// known of it stays.
    pub(super) fn doubt(&self, observation: &mut Observation) {
        if observation.status == ScanStatus::Failed {
            return;
        }
        let mut torn = 0;
        for key in self.departed.0.keys() {
            if self.look.reached_the_end(key) {
                continue;
            }
            torn += 1;
            if let Some(part) = observation.parts.get_mut(key) {
                part.whole = false;
            }
            match CopyKey::of(key) {
                None => observation.status = ScanStatus::Partial,
                Some(copy) => {
                    if let Some(copy) = observation.copies.get_mut(&copy) {
                        copy.whole = false;
                    }
                }
            }
        }
        if torn > 0 {
            observation.whole_reasons.insert(Reason::Partial, 0);
            observation.problems.push(Problem {
                reason: Reason::Partial.as_str().to_owned(),
                items: 0,
                example: "items are not seen any more, and a second look at what became of them did not reach the end"
                    .to_owned(),
            });
        }
    }
}

/// How many items vanished before they were due, where that is more than the register lets pass. Asked only of a
/// scan that saw everything and is believed; a loss that is doubted is told as `shrunken` or `empty` instead, and
/// one that somebody has confirmed is none.
pub(super) fn early_loss(
    known: &Known,
    observation: &Observation,
    facts: &Facts,
    sight: &Sight,
    closure: &Closure,
) -> u64 {
    let now = own(&observation.parts).map(|(_, part)| part.items).sum();
    if !sight.items_are_healthy() || sight.doubted || known.confirmed || (now == 0 && facts.may_be_empty) {
        return 0;
    }
    let (mut before, mut disposed, mut by_part) = (0, 0, 0);
    for (key, part) in own(&known.parts) {
        let disposed_of = closure.departed.disposed(key, &closure.look.found);
        before += part.measure.items;
        disposed += disposed_of;
        // A part that is gone may have made room for another one; one that is there may not.
        if let Some(seen) = observation.parts.get(key) {
            by_part += too_many(part.measure.items, seen.items, disposed_of, facts.early_loss_percent);
        }
    }
    by_part.max(too_many(before, now, disposed, facts.early_loss_percent))
}

/// How many items vanished under a hold that is still in force: every one of them is told. Asked of what is gone by
/// now, which is less than what left where the second look did not reach the end.
pub(super) fn held_loss(
    known: &Known,
    observation: &Observation,
    merged: &Merged,
    facts: &Facts,
    closure: &Closure,
) -> u64 {
    if closure.departed.is_empty() {
        return 0;
    }
    let gone = Departed::of(known, observation, merged, &facts.exceptions);
    gone.0.values().flatten().filter(|gone| gone.is_held && gone.is_unseen(&closure.look.found)).count() as u64
}

/// The loss that nobody has explained, where it is too large; else 0.
fn too_many(before: u64, now: u64, disposed: u64, percent: u8) -> u64 {
    let lost = before.saturating_sub(now).saturating_sub(disposed);
    let is_large = lost >= FEWEST_LOST_ITEMS && lost.saturating_mul(100) > before.saturating_mul(u64::from(percent));
    if is_large { lost } else { 0 }
}
