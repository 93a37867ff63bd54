//! One finding's step from what it was to what it is, with the named reason of the change.

use super::suspicion::Sight;
use super::tally::{Tallies, Tally};
use super::{Change, ChangeReason, Facts};
use crate::domain::departure::Departures;
use crate::domain::finding::{Finding, FindingKey, FindingState};
use crate::domain::instant::Instant;
use crate::domain::observation::{Observation, ScanStatus};
use crate::domain::verdict::Reason;
use std::collections::BTreeMap;

/// What this scan says of one reason.
enum Saying {
    /// It holds, with these counts; `seen` tells whether the scan could have seen it end.
    Holds { tally: Tally, seen: bool },
    /// It does not hold. Why: its items are well, meet another reason of the same rule, or left an exception unseen.
    Ended { tally: Tally, change: ChangeReason },
    /// It never held.
    Nothing,
}

/// What this scan counted.
pub(super) struct Counts<'a> {
    /// Single items, by reason.
    pub(super) tallies: &'a Tallies,
    /// All items, as far as is known.
    pub(super) items: u64,
    /// Items that vanished before they were due, where that is too many.
    pub(super) lost: u64,
}

/// Every finding's step, the lists in the same order.
pub(super) struct Steps {
    pub(super) findings: Vec<Finding>,
    pub(super) changes: Vec<Change>,
    pub(super) departures: Vec<Departures>,
}

/// Steps every finding of the dataset, in the order of the keys.
pub(super) fn step(
    known: &[Finding],
    observation: &Observation,
    facts: &Facts,
    sight: &Sight,
    counts: &Counts<'_>,
) -> Steps {
    let by_reason: BTreeMap<Reason, &Finding> = known.iter().map(|finding| (finding.key.reason, finding)).collect();
    let mut steps: Vec<(Finding, Change, Departures)> = Vec::new();
    for reason in Reason::ALL.iter().copied() {
        let before = by_reason.get(&reason).copied();
        let open = before.filter(|finding| finding.state != FindingState::Resolved);
        let saying = if reason.is_of_items() {
            of_items(open, sight, counts.tallies.of(reason), reason)
        } else {
            of_whole(open, observation, sight, reason, counts)
        };
        let (tally, change) = match saying {
            Saying::Nothing => continue,
            Saying::Ended { tally, change } => (tally, change),
            Saying::Holds { tally, seen } => (tally, name(before, open, tally, seen)),
        };
        let state = if matches!(saying, Saying::Ended { .. }) { FindingState::Resolved } else { state(open, tally) };
        let (ended, excepted) = (state == FindingState::Resolved, state == FindingState::Excepted);
        let key = FindingKey { dataset: observation.dataset.clone(), reason, detail: String::new() };
        let now = observation.now;
        let since = open.filter(|_| change != ChangeReason::Reopened);
        let finding = Finding {
            key: key.clone(),
            division: facts.division.clone(),
            items: tally.new + tally.continuing,
            new: tally.new,
            continuing: tally.continuing,
            gone: tally.gone,
            excepted: tally.excepted,
            kept_by_product: if ended || excepted {
                None
            } else {
                kept_by_product(open, observation, sight, reason).map(|kept| kept.min(tally.new + tally.continuing))
            },
            earliest_due: if ended || excepted { None } else { earliest_due(open, observation, sight, reason) },
            state,
            first_seen: since.map_or(now, |finding| finding.first_seen),
            changed_at: open.filter(|_| change.is_quiet()).map_or(now, |finding| finding.changed_at),
            acknowledgement: since.filter(|_| !ended && !excepted).and_then(|open| open.acknowledgement.clone()),
        };
        steps.push((finding, Change { key, reason: change }, tally.departures));
    }
    steps.sort_by_cached_key(|(finding, ..)| (finding.key.reason.rule(), finding.key.reason.as_str()));
    let mut sorted = Steps { findings: Vec::new(), changes: Vec::new(), departures: Vec::new() };
    for (finding, change, departures) in steps {
        sorted.findings.push(finding);
        sorted.changes.push(change);
        sorted.departures.push(departures);
    }
    sorted
}

/// Where a finding stands that holds: excepted when nothing but what is under an exception is left of it.
fn state(open: Option<&Finding>, tally: Tally) -> FindingState {
    match open.map(|finding| finding.state) {
        _ if tally.new + tally.continuing == 0 && tally.excepted > 0 => FindingState::Excepted,
        Some(FindingState::Acknowledged) => FindingState::Acknowledged,
        _ => FindingState::Open,
    }
}

/// A finding with all its items as they were.
fn as_it_was(open: Option<&Finding>) -> Saying {
    open.map_or(Saying::Nothing, |finding| Saying::Holds {
        tally: Tally { continuing: finding.items, excepted: finding.excepted, ..Tally::default() },
        seen: false,
    })
}

fn of_items(open: Option<&Finding>, sight: &Sight, tally: Tally, reason: Reason) -> Saying {
    if sight.is_failed() {
        return as_it_was(open);
    }
    if tally.new + tally.continuing + tally.excepted > 0 {
        return Saying::Holds { tally, seen: sight.is_healthy() && !sight.undecided.contains(reason) };
    }
    match open {
        Some(_) if tally.only_moved() => Saying::Ended { tally, change: ChangeReason::Moved },
        // Nobody has acted on the finding: what was excepted is not seen any more, and waits for a declaration.
        Some(open) if open.state == FindingState::Excepted && tally.departures.not_seen > 0 => {
            Saying::Ended { tally, change: ChangeReason::Excepted }
        }
        Some(_) => Saying::Ended { tally, change: ChangeReason::Resolved },
        None => Saying::Nothing,
    }
}

fn of_whole(
    open: Option<&Finding>,
    observation: &Observation,
    sight: &Sight,
    reason: Reason,
    counts: &Counts<'_>,
) -> Saying {
    let given = observation.whole_reasons.get(&reason).copied();
    let count = match reason {
        // Given by itself: the files that the rows are reconciled with are not there.
        Reason::Unreachable => given.or(sight.is_failed().then_some(0)),
        _ if given.is_none() && observation.unjudged.contains(reason) => return as_it_was(open),
        // What one source has is known, and what another one had is not gone.
        _ if observation.unjudged.contains(reason) => given.max(open.map(|finding| finding.items)),
        Reason::LedgerUnreachable | Reason::LedgerEmpty if given.is_some() => given,
        // A scan did happen, whatever it saw.
        Reason::Missed => given,
        _ if sight.is_failed() && open.is_some() => return as_it_was(open),
        Reason::Empty | Reason::Shrunken if sight.trouble.is_some_and(|trouble| trouble.reason() == reason) => Some(0),
        // While the hold goes on, only a whole scan can say that it is not so any more.
        Reason::Empty | Reason::Shrunken if sight.held && sight.status != ScanStatus::Complete => {
            return as_it_was(open);
        }
        // No scan can explain these: people do.
        Reason::ClosureUnexplained => return as_it_was(open),
        Reason::EarlyLoss if counts.lost == 0 => return as_it_was(open),
        Reason::EarlyLoss => Some(open.map_or(0, |finding| finding.items) + counts.lost),
        // What the product says is not known now.
        Reason::ProductSetting if observation.whole_reasons.contains_key(&Reason::SettingUnreadable) => {
            return as_it_was(open);
        }
        // They count every item, those that this scan could not see too.
        Reason::Incomplete | Reason::ProductSetting if !sight.is_failed() => given.map(|_| counts.items),
        _ => given,
    };
    let before = open.map_or(0, |finding| finding.items);
    match count {
        Some(now) => {
            let gone = before.saturating_sub(now);
            let tally =
                Tally { new: now.saturating_sub(before), continuing: before.min(now), gone, ..Tally::default() };
            Saying::Holds { tally, seen: true }
        }
        None if open.is_some() => {
            Saying::Ended { tally: Tally { gone: before, ..Tally::default() }, change: ChangeReason::Resolved }
        }
        None => Saying::Nothing,
    }
}

fn name(before: Option<&Finding>, open: Option<&Finding>, tally: Tally, seen: bool) -> ChangeReason {
    match (before, open) {
        (None, _) => ChangeReason::First,
        (Some(_), None) => ChangeReason::Reopened,
        (Some(_), Some(open)) if open.state == FindingState::Excepted && tally.new + tally.continuing > 0 => {
            ChangeReason::Reopened
        }
        _ if tally.new > 0 => ChangeReason::More,
        _ if tally.only_moved() && tally.departures.excepted > 0 => ChangeReason::Excepted,
        _ if tally.only_moved() => ChangeReason::Moved,
        _ if tally.gone > 0 => ChangeReason::Fewer,
        (_, Some(open)) if open.excepted != tally.excepted => ChangeReason::Excepted,
        _ if seen => ChangeReason::Same,
        _ => ChangeReason::Kept,
    }
}

/// How many of its items the product was told to keep. Where items stay that this scan did not see, those that were
/// known to be kept do.
fn kept_by_product(open: Option<&Finding>, observation: &Observation, sight: &Sight, reason: Reason) -> Option<u64> {
    let (seen, known) = (observation.kept_by_product, open.and_then(|finding| finding.kept_by_product));
    match reason {
        Reason::Expired if sight.is_failed() => known,
        Reason::Expired if sight.is_healthy() => seen,
        Reason::Expired => seen.map(|seen| seen.max(known.unwrap_or_default())),
        _ => None,
    }
}

/// Where items stay that this scan did not see, their due date stays too.
fn earliest_due(open: Option<&Finding>, observation: &Observation, sight: &Sight, reason: Reason) -> Option<Instant> {
    let seen = observation.earliest_due.get(&reason).copied();
    let known = open.and_then(|finding| finding.earliest_due);
    let undecided = sight.undecided.contains(reason);
    match (seen, known) {
        _ if sight.is_healthy() && !undecided => seen,
        (Some(seen), Some(known)) if !undecided => Some(seen.min(known)),
        (seen, None) if !undecided => seen,
        (_, known) => known,
    }
}
