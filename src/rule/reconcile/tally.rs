//! How many flagged items are new, continuing and gone under each reason, how many are under an exception, and how
//! those that are gone left. Lists are compared as multisets over all parts together, so that an item that moves
//! from one list file to another goes on.

use crate::domain::departure::{DepartureKind, Departures};
use crate::domain::digest::Digest;
use crate::domain::observation::Flagged;
use crate::domain::verdict::{Reason, Reasons, Rule};
use std::collections::HashMap;

/// How often each item that left was found by a second look.
pub(super) type Found = HashMap<Digest, u64>;

/// The counts of one reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Items that meet it now and did not before.
    pub(super) new: u64,
    /// Items that meet it now and did before.
    pub(super) continuing: u64,
    /// Items that met it before and do not now; of those under an exception, the ones that are not seen any more.
    pub(super) gone: u64,
    /// Items that meet it under an exception.
    pub(super) excepted: u64,
    /// How those that are gone left.
    pub(super) departures: Departures,
}

impl Tally {
    /// Whether some are gone, and each of them meets the same rule all the same.
    pub(super) const fn only_moved(&self) -> bool {
        self.gone > 0 && self.departures.moved + self.departures.excepted == self.gone
    }
}

/// The counts of every reason of single items.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tallies([Tally; 32]);

impl Tallies {
    /// The counts of `reason`.
    pub(super) const fn of(&self, reason: Reason) -> Tally {
        self.0[reason as usize]
    }

    /// All of `list` goes on.
    pub(super) fn continue_all(&mut self, list: &[Flagged]) {
        for flagged in list {
            self.each(flagged.reasons, |tally| tally.continuing += 1);
            self.each(flagged.excepted, |tally| tally.excepted += 1);
        }
    }

    fn each(&mut self, reasons: Reasons, mut act: impl FnMut(&mut Tally)) {
        let mut bits = reasons.0;
        while bits != 0 {
            act(&mut self.0[bits.trailing_zeros() as usize]);
            bits &= bits - 1;
        }
    }

    /// Counts one digest: the reasons it had before and has now, once per occurrence. `found` says how often a
    /// second look found it.
    fn group(&mut self, before: &[Flagged], now: &[Flagged], found: u64) {
        for flagged in now {
            self.each(flagged.excepted, |tally| tally.excepted += 1);
        }
        if let ([old], [new]) = (before, now) {
            return self.pair(old.reasons, *new);
        }
        let here = now.iter().fold(Here::default(), |here, flagged| here.and(*flagged));
        let unseen = (before.len() - before.len().min(now.len())) as u64;
        let unseen = unseen.min((before.len() as u64).saturating_sub(found));
        let all = before.iter().chain(now).fold(Reasons::NONE, |all, flagged| all.union(flagged.reasons));
        let all = before.iter().fold(all, |all, flagged| all.union(flagged.excepted));
        for reason in all.iter() {
            let count =
                |list: &[Flagged]| list.iter().filter(|flagged| flagged.reasons.contains(reason)).count() as u64;
            let excepted =
                |list: &[Flagged]| list.iter().filter(|flagged| flagged.excepted.contains(reason)).count() as u64;
            let (old, new) = (count(before), count(now));
            let gone = old.saturating_sub(new);
            let tally = &mut self.0[reason as usize];
            tally.continuing += old.min(new);
            tally.new += new.saturating_sub(old);
            tally.gone += gone;
            let unseen = if reason == Reason::Unreadable { 0 } else { unseen };
            let open_unseen = gone.min(unseen);
            // What was under an exception is missed like everything else.
            let excepted_unseen = excepted(before).saturating_sub(excepted(now)).min(unseen - open_unseen);
            tally.gone += excepted_unseen;
            tally.departures.add(DepartureKind::NotSeen, open_unseen + excepted_unseen);
            tally.departures.add(here.departure(reason), gone - open_unseen);
        }
    }

    fn pair(&mut self, before: Reasons, now: Flagged) {
        self.each(before.intersection(now.reasons), |tally| tally.continuing += 1);
        self.each(now.reasons.difference(before), |tally| tally.new += 1);
        let here = Here::default().and(now);
        for reason in before.difference(now.reasons).iter() {
            let tally = &mut self.0[reason as usize];
            tally.gone += 1;
            tally.departures.add(here.departure(reason), 1);
        }
    }
}

/// What an item that is still there meets now.
#[derive(Debug, Clone, Copy, Default)]
struct Here {
    reasons: Reasons,
    excepted: Reasons,
}

impl Here {
    const fn and(self, flagged: Flagged) -> Self {
        Self { reasons: self.reasons.union(flagged.reasons), excepted: self.excepted.union(flagged.excepted) }
    }

    /// How it left `reason`. An unreadable row has no identity by which it could be looked for.
    fn departure(self, reason: Reason) -> DepartureKind {
        if self.excepted.contains(reason) {
            DepartureKind::Excepted
        } else if meets_another(self.reasons, reason) {
            DepartureKind::Moved
        } else if meets_another(self.excepted, reason) {
            DepartureKind::Excepted
        } else if reason.rule() == Rule::Retention {
            DepartureKind::ReDated
        } else {
            DepartureKind::Cured
        }
    }
}

/// Whether there is another reason of the same rule.
fn meets_another(reasons: Reasons, reason: Reason) -> bool {
    reasons.iter().any(|other| other != reason && other.rule() == reason.rule())
}

/// Compares the lists of the changed parts, each pair (known, now) sorted, all of them together.
pub(super) fn compare(changed: &[(&[Flagged], &[Flagged])], found: &Found, tallies: &mut Tallies) {
    if changed.iter().all(|(known, _)| known.is_empty()) {
        for flagged in changed.iter().flat_map(|(_, now)| now.iter()) {
            tallies.each(flagged.reasons, |tally| tally.new += 1);
            tallies.each(flagged.excepted, |tally| tally.excepted += 1);
        }
        return;
    }
    let mut take = |digest: Digest, before: &[Flagged], now: &[Flagged]| {
        // Only an item of which fewer are there than before can have been looked for.
        let found = if before.len() > now.len() { found.get(&digest).copied().unwrap_or_default() } else { 0 };
        tallies.group(before, now, found);
    };
    if let [(known, now)] = changed {
        return walk(known, now, &mut take);
    }
    let gather = |lists: Vec<&[Flagged]>| {
        let mut list = lists.concat();
        list.sort_unstable();
        list
    };
    let known = gather(changed.iter().map(|(known, _)| *known).collect());
    let now = gather(changed.iter().map(|(_, now)| *now).collect());
    walk(&known, &now, &mut take);
}

/// Walks two sorted lists together: each digest once, with its occurrences in both.
pub(super) fn walk(mut known: &[Flagged], mut now: &[Flagged], take: &mut impl FnMut(Digest, &[Flagged], &[Flagged])) {
    while let Some(first) = known.first().into_iter().chain(now.first()).map(|flagged| flagged.digest).min() {
        let run = |list: &[Flagged]| list.iter().take_while(|flagged| flagged.digest == first).count();
        let (before, rest) = known.split_at(run(known));
        known = rest;
        let (after, rest) = now.split_at(run(now));
        now = rest;
        take(first, before, after);
    }
}
