//! A source that several datasets share: each item is given to the datasets that claim it, and counted where none does
//! or several do.

use super::seen::problem_of;
use super::tally::{Tallies, Trouble};
use crate::domain::item::Item;
use crate::domain::name::DatasetName;
use crate::domain::observation::Observation;
use crate::domain::register::SourceSpec;
use crate::domain::verdict::Reason;
use crate::rule::{Slice, SliceScratch};
use crate::source::{Part, Receiver, Receivers, SourceReport};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// How a problem calls items that several datasets claim.
const CLAIMED_TWICE: &str = "claimed-twice";

/// One dataset of a pass.
#[derive(Debug)]
pub(super) struct Member<'a> {
    /// Where its items are judged and counted.
    pub(super) tallies: Tallies<'a>,
    pub(super) name: &'a DatasetName,
    /// Its slice; every item is its own without one.
    pub(super) slice: Option<Slice>,
    /// Whether rows that could not be read are its own.
    pub(super) takes_unreadable: bool,
}

/// A dataset that shares the source and is not scanned now.
#[derive(Debug)]
pub(super) struct Other<'a> {
    pub(super) name: &'a DatasetName,
    /// Its slice; every item is its own without one.
    pub(super) slice: Option<Slice>,
}

/// The datasets of a pass, and what is counted over all of them.
#[derive(Debug)]
pub(super) struct Shared<'a> {
    pub(super) members: Vec<Member<'a>>,
    others: Vec<Other<'a>>,
    /// Whether the source is shared in slices: then each item shall have one dataset.
    has_slices: bool,
    claims: Mutex<Claims>,
}

/// Who claimed what.
#[derive(Debug, Default)]
struct Claims {
    /// What no dataset claims.
    unclaimed: Trouble,
    /// Per dataset.
    members: Vec<MemberClaims>,
}

/// What one dataset claimed.
#[derive(Debug, Default)]
struct MemberClaims {
    /// How many items, by part.
    items: BTreeMap<u32, u64>,
    /// What another dataset claims as well.
    twice: Trouble,
}

impl<'a> Shared<'a> {
    pub(super) fn new(members: Vec<Member<'a>>, others: Vec<Other<'a>>, has_slices: bool) -> Self {
        Self { members, others, has_slices, claims: Mutex::default() }
    }

    /// What was counted. Items that no dataset claims can be told only after a pass that saw the whole source, and
    /// something in it.
    pub(super) fn sharing(&self, report: Option<&SourceReport>) -> Sharing {
        let mut claims = std::mem::take(&mut *self.claims.lock().unwrap_or_else(PoisonError::into_inner));
        claims.members.resize_with(self.members.len(), MemberClaims::default);
        let can_tell = report.is_some_and(|report| {
            let has_items = report.parts.iter().any(|part| part.items > 0);
            has_items && report.problems.is_empty() && report.parts.iter().all(|part| part.whole)
        });
        Sharing { claims, has_slices: self.has_slices, can_tell }
    }
}

/// What was counted of a shared source.
#[derive(Debug)]
pub(super) struct Sharing {
    claims: Claims,
    has_slices: bool,
    /// Whether what no dataset claims can be told.
    can_tell: bool,
}

impl Sharing {
    /// How many items a dataset claimed, by part.
    pub(super) fn items_of(&self, member: usize) -> &BTreeMap<u32, u64> {
        &self.claims.members[member].items
    }

    /// Notes in the observation of a dataset what concerns it. `answers`: for what no dataset claims.
    pub(super) fn report(&self, member: usize, answers: bool, source: &SourceSpec, observation: &mut Observation) {
        if !self.has_slices {
            return;
        }
        observation.problems.extend(problem_of(source, CLAIMED_TWICE, &self.claims.members[member].twice));
        let unclaimed = &self.claims.unclaimed;
        if !self.can_tell {
            observation.unjudged.insert(Reason::Unclaimed);
        } else if answers && unclaimed.items > 0 {
            observation.whole_reasons.insert(Reason::Unclaimed, unclaimed.items);
            observation.problems.extend(problem_of(source, Reason::Unclaimed.as_str(), unclaimed));
        }
    }
}

impl Receivers for Shared<'_> {
    fn open<'a>(&'a self, part: &Part) -> Box<dyn Receiver + 'a> {
        let member = |member: &'a Member<'_>| Claiming {
            tally: member.tallies.open(part),
            scratch: SliceScratch::default(),
            has_claimed: false,
            items: 0,
            twice: Trouble::default(),
        };
        Box::new(SharedTally {
            all: self,
            part_ordinal: part.ordinal,
            members: self.members.iter().map(member).collect(),
            others: self.others.iter().map(|_| SliceScratch::default()).collect(),
            unclaimed: Trouble::default(),
        })
    }
}

/// Gives the items of one part to the datasets on one thread.
struct SharedTally<'a> {
    all: &'a Shared<'a>,
    part_ordinal: u32,
    members: Vec<Claiming<'a>>,
    /// Room for the slices of the others.
    others: Vec<SliceScratch>,
    unclaimed: Trouble,
}

/// One dataset on one thread.
struct Claiming<'a> {
    tally: Box<dyn Receiver + 'a>,
    scratch: SliceScratch,
    /// Whether it claimed the item at hand.
    has_claimed: bool,
    items: u64,
    twice: Trouble,
}

impl SharedTally<'_> {
    /// Notes an item that not exactly one of the sharers claims; `claims` of those that are scanned do.
    fn compare_claims(&mut self, item: &Item<'_>, claims: usize) {
        let has = |(other, scratch): (&Other<'_>, &mut SliceScratch)| {
            other.slice.as_ref().is_none_or(|slice| slice.has(item, scratch))
        };
        let mut others = self.all.others.iter().zip(&mut self.others);
        // Of those that claim it, whichever come first tell it.
        let other = others.find_map(|(other, scratch)| has((other, scratch)).then_some(other.name));
        match (claims, other) {
            (0, None) => self.unclaimed.add(self.part_ordinal, item.place, || Cow::Borrowed("no dataset claims it")),
            (0, Some(_)) | (1, None) => {}
            _ => {
                let members = self.members.iter().zip(&self.all.members);
                let claimed = members.filter(|(claiming, _)| claiming.has_claimed).map(|(_, member)| member.name);
                let names: Vec<&DatasetName> = claimed.chain(other).collect();
                for (claiming, member) in self.members.iter_mut().zip(&self.all.members) {
                    let too = names.iter().find(|name| **name != member.name);
                    if let Some(too) = too.filter(|_| claiming.has_claimed) {
                        let why = || Cow::Owned(format!("`{too}` claims it, too"));
                        claiming.twice.add(self.part_ordinal, item.place, why);
                    }
                }
            }
        }
    }
}

impl Receiver for SharedTally<'_> {
    fn item(&mut self, item: &Item<'_>) {
        let mut claims = 0;
        for (claiming, member) in self.members.iter_mut().zip(&self.all.members) {
            claiming.has_claimed = member.slice.as_ref().is_none_or(|slice| slice.has(item, &mut claiming.scratch));
            if claiming.has_claimed {
                claiming.tally.item(item);
                claiming.items += 1;
                claims += 1;
            }
        }
        if self.all.has_slices {
            self.compare_claims(item, claims);
        }
    }

    fn unreadable(&mut self, place: u64, why: &str) {
        for (claiming, member) in self.members.iter_mut().zip(&self.all.members) {
            if member.takes_unreadable {
                claiming.tally.unreadable(place, why);
                claiming.items += 1;
            }
        }
    }

    fn close(self: Box<Self>) {
        let mut claims = self.all.claims.lock().unwrap_or_else(PoisonError::into_inner);
        claims.unclaimed.merge(self.unclaimed);
        claims.members.resize_with(self.members.len(), MemberClaims::default);
        for (claimed, claiming) in claims.members.iter_mut().zip(self.members) {
            claiming.tally.close();
            *claimed.items.entry(self.part_ordinal).or_default() += claiming.items;
            claimed.twice.merge(claiming.twice);
        }
    }
}

#[cfg(test)]
mod tests;
