//! How many flagged items are new, continuing and gone under each reason. Lists are compared as multisets
//! over all parts together, so that an item that moves from one list file to another goes on.

use crate::domain::observation::Flagged;
use crate::domain::verdict::{Reason, Reasons};

/// The counts of one reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Items that meet it now and did not before.
    pub(super) new: u64,
    /// Items that meet it now and did before.
    pub(super) continuing: u64,
    /// Items that met it before and do not now.
    pub(super) gone: u64,
    /// Those of the gone that meet no other reason of the same rule now.
    pub(super) left: u64,
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
        }
    }

    fn each(&mut self, reasons: Reasons, mut act: impl FnMut(&mut Tally)) {
        let mut bits = reasons.0;
        while bits != 0 {
            act(&mut self.0[bits.trailing_zeros() as usize]);
            bits &= bits - 1;
        }
    }

    /// Counts one digest: the reasons it had before and has now, once per occurrence.
    fn group(&mut self, before: &[Flagged], now: &[Flagged]) {
        if let ([old], [new]) = (before, now) {
            self.pair(old.reasons, new.reasons);
            return;
        }
        let all = before.iter().chain(now).fold(Reasons::NONE, |all, flagged| all.union(flagged.reasons));
        let met_now = now.iter().fold(Reasons::NONE, |all, flagged| all.union(flagged.reasons));
        for reason in all.iter() {
            let count =
                |list: &[Flagged]| list.iter().filter(|flagged| flagged.reasons.contains(reason)).count() as u64;
            let (old, new) = (count(before), count(now));
            let gone = old.saturating_sub(new);
            let tally = &mut self.0[reason as usize];
            tally.continuing += old.min(new);
            tally.new += new.saturating_sub(old);
            tally.gone += gone;
            tally.left += if meets_rule_of(reason, met_now) { 0 } else { gone };
        }
    }

    fn pair(&mut self, before: Reasons, now: Reasons) {
        self.each(before.intersection(now), |tally| tally.continuing += 1);
        self.each(now.difference(before), |tally| tally.new += 1);
        for reason in before.difference(now).iter() {
            let tally = &mut self.0[reason as usize];
            tally.gone += 1;
            tally.left += u64::from(!meets_rule_of(reason, now));
        }
    }
}

fn meets_rule_of(reason: Reason, now: Reasons) -> bool {
    now.iter().any(|other| other.rule() == reason.rule())
}

/// Compares the lists of the changed parts, each pair (known, now) sorted, all of them together.
pub(super) fn compare(changed: &[(&[Flagged], &[Flagged])], tallies: &mut Tallies) {
    if changed.iter().all(|(known, _)| known.is_empty()) {
        for flagged in changed.iter().flat_map(|(_, now)| now.iter()) {
            tallies.each(flagged.reasons, |tally| tally.new += 1);
        }
        return;
    }
    if let [(known, now)] = changed {
        return walk(known, now, tallies);
    }
    let gather = |lists: Vec<&[Flagged]>| {
        let mut list = lists.concat();
        list.sort_unstable();
        list
    };
    let known = gather(changed.iter().map(|(known, _)| *known).collect());
    let now = gather(changed.iter().map(|(_, now)| *now).collect());
    walk(&known, &now, tallies);
}

fn walk(mut known: &[Flagged], mut now: &[Flagged], tallies: &mut Tallies) {
    while let Some(first) = known.first().into_iter().chain(now.first()).map(|flagged| flagged.digest).min() {
        let run = |list: &[Flagged]| list.iter().take_while(|flagged| flagged.digest == first).count();
        let (before, rest) = known.split_at(run(known));
        known = rest;
        let (after, rest) = now.split_at(run(now));
        now = rest;
        tallies.group(before, after);
    }
}
