//! Whether a source looks empty or shrunken, and whether that holds back resolution. Only whole scans are
//! asked: one that is partial or failed says nothing about what is lost.

use super::{Baseline, Facts, HOLD_MICROSECONDS, Hold, HoldReason, Known};
use crate::domain::observation::{Observation, ScanStatus};

/// How much this scan can say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sight {
    /// The source was not there: nothing was seen.
    pub(super) failed: bool,
    /// All was seen and believed: what is not there is gone.
    pub(super) healthy: bool,
    /// The sight to compare later scans with.
    pub(super) baseline: Option<Baseline>,
    /// The hold, if what is not there is not believed yet.
    pub(super) hold: Option<Hold>,
    /// A confirmation that was not used up.
    pub(super) confirmed: bool,
}

/// Judges the health of the whole sight.
pub(super) fn look(known: &Known, observation: &Observation, facts: &Facts) -> Sight {
    let stays = Sight {
        failed: observation.status == ScanStatus::Failed,
        healthy: false,
        baseline: known.baseline,
        hold: known.hold,
        confirmed: known.confirmed,
    };
    let whole = observation.status == ScanStatus::Complete && observation.parts.values().all(|part| part.whole);
    if !whole {
        return stays;
    }
    let accepted = known.baseline.is_some_and(|seen| seen.empty_accepted);
    let Some(reason) = doubt(known, observation, facts, accepted) else { return believed(observation, accepted) };
    let hold = match known.hold {
        Some(hold) if hold.reason == reason => hold,
        _ => Hold { reason, since: observation.now },
    };
    let waited = observation.now.microseconds().saturating_sub(hold.since.microseconds()) >= HOLD_MICROSECONDS;
    if waited || known.confirmed { believed(observation, true) } else { Sight { hold: Some(hold), ..stays } }
}

fn believed(observation: &Observation, agreed: bool) -> Sight {
    // Once agreed, it stays agreed for as long as there is nothing.
    let empty_accepted = agreed && observation.items == 0;
    let baseline = Some(Baseline { items: observation.items, empty_accepted });
    Sight { failed: false, healthy: true, baseline, hold: None, confirmed: false }
}

fn doubt(known: &Known, observation: &Observation, facts: &Facts, accepted: bool) -> Option<HoldReason> {
    let before = known.baseline.map_or_else(|| known.parts.values().map(|part| part.items).sum(), |seen| seen.items);
    if observation.items == 0 {
        let no_file = observation.parts.is_empty() || facts.items_are_files;
        let is_empty = !facts.may_be_empty && (before > 0 || (no_file && !accepted));
        return is_empty.then_some(HoldReason::Empty);
    }
    let flagged = known.parts.values().map(|part| part.flagged_items).sum();
    let shrunken = is_shrunken(before, observation.items, flagged)
        || observation.parts.iter().any(|(key, seen)| {
            known.parts.get(key).is_some_and(|part| is_shrunken(part.items, seen.items, part.flagged_items))
        });
    shrunken.then_some(HoldReason::Shrunken)
}

/// More was lost than was flagged, and over half.
fn is_shrunken(before: u64, now: u64, flagged: u64) -> bool {
    let lost = before.saturating_sub(now);
    lost > flagged && lost > before / 2
}
