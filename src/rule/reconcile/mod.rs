//! What a new observation means for what was known: which findings are new, go on or end, and why. A pure
//! function from (known, observation, facts) to an outcome; nothing is ever resolved by absence alone.
//!
//! How it goes:
//!
//! 1. `suspicion` asks whether the source of the items looks empty or shrunken, and whether that is held back;
//!    `copies`, apart from that, how far each copy is believed.
//! 2. `parts` merges what was known of each part with what was seen of it.
//! 3. `departed` tells which flagged items are not among those seen: [`departed()`] is asked first, so that the
//!    caller can look for them a second time, and [`reconcile`] is given what was found.
//! 4. `tally` counts, for each reason of single items, what is new, continuing and gone, and how it left.
//! 5. `step` turns the counts into findings, each with the named reason of its change.
//!
//! Deliberately absent: telling anybody (that is `notify`) and remembering anything (that is `store`).

mod copies;
mod departed;
mod parts;
mod step;
mod suspicion;
mod tally;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;

pub use departed::{Closure, Departed, Look};

use crate::domain::departure::Departures;
use crate::domain::finding::{Finding, FindingKey};
use crate::domain::instant::Instant;
use crate::domain::name::{DatasetName, DivisionName};
use crate::domain::observation::{Flagged, Observation, PartKey, Problem, ScanStatus};
use crate::domain::verdict::{Reason, Reasons};
use crate::rule::Exceptions;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How long the second scan must lie after the first one before an empty or shrunken source is believed,
/// in microseconds: 20 hours.
pub const HOLD_MICROSECONDS: i64 = 20 * 60 * 60 * 1_000_000;

/// What a part had when it was last seen whole and believed: what a later loss is measured by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Measure {
    /// How many items.
    pub items: u64,
    /// How many of them were flagged.
    pub flagged: u64,
}

/// What is known of one part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownPart {
    /// What a later loss is measured by.
    pub measure: Measure,
    /// Its flagged items, sorted. `None`: the very list that the observation has of this part (found by
    /// its content hash), or one that nobody needs because the scan failed.
    pub flagged: Option<Vec<Flagged>>,
}

/// Why resolution is held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HoldReason {
    /// The source is empty where it was not.
    Empty,
    /// More was lost than was flagged, and over half.
    Shrunken,
}

impl HoldReason {
    /// The reason of the finding that says so.
    #[must_use]
    pub const fn reason(self) -> Reason {
        match self {
            Self::Empty => Reason::Empty,
            Self::Shrunken => Reason::Shrunken,
        }
    }
}

/// Resolution is held back until a later whole scan agrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    /// Why.
    pub reason: HoldReason,
    /// The instant of the first whole scan that saw it so.
    pub since: Instant,
    /// How many items that scan saw. A later one that sees far fewer again does not agree with it.
    pub items: u64,
}

/// What is known of a dataset from earlier scans.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Its parts.
    pub parts: BTreeMap<PartKey, KnownPart>,
    /// Its findings, resolved ones included.
    pub findings: Vec<Finding>,
    /// The hold, if resolution is held back.
    pub hold: Option<Hold>,
    /// Whether the manager has confirmed that the source is as it should be, since the hold began.
    pub confirmed: bool,
    /// How many entries each ledger had when it was last read and not empty.
    pub ledger_events: BTreeMap<String, u64>,
}

impl Known {
    /// Forgets which items were flagged for a reason that nobody judges any more: its finding ends, and nothing is
    /// missed.
    pub fn forget(&mut self, reason: Reason) {
        let these: Reasons = [reason].into_iter().collect();
        for list in self.parts.values_mut().filter_map(|part| part.flagged.as_mut()) {
            list.retain_mut(|flagged| {
                flagged.reasons = flagged.reasons.difference(these);
                flagged.excepted = flagged.excepted.difference(these);
                !flagged.reasons.union(flagged.excepted).is_empty()
            });
        }
    }
}

/// What the register says of the dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The division that answers for it.
    pub division: DivisionName,
    /// Whether an empty source is fine.
    pub may_be_empty: bool,
    /// Whether its items are files: then no item at all means that no file matched.
    pub items_are_files: bool,
    /// The share of its items, in percent, that may vanish before they are due.
    pub early_loss_percent: u8,
    /// Its exceptions in force: what is held may not vanish, what is excepted otherwise may.
    pub exceptions: Exceptions,
}

/// Why a finding stands as it does after a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeReason {
    /// It was never there before.
    First,
    /// It had been resolved and holds again.
    Reopened,
    /// Items came to it.
    More,
    /// Items left it, and none came.
    Fewer,
    /// It is as it was.
    Same,
    /// Items left it, all of them for another reason of the same rule; none came. It may have no item left.
    Moved,
    /// Items came under an exception, or left one without coming back, and none came. It may have no item left: then
    /// what was excepted is not seen any more.
    Excepted,
    /// It stays as it was because this scan could not see enough to say otherwise.
    Kept,
    /// It does not hold any more.
    Resolved,
    /// Somebody has answered for it.
    Acknowledged,
    /// The day until which somebody wanted to act has passed.
    PlanPassed,
}

impl ChangeReason {
    /// Every reason there is.
    pub const ALL: &'static [Self] = &[
        Self::First,
        Self::Reopened,
        Self::More,
        Self::Fewer,
        Self::Same,
        Self::Moved,
        Self::Excepted,
        Self::Kept,
        Self::Resolved,
        Self::Acknowledged,
        Self::PlanPassed,
    ];

    /// The reason's name in evidence and store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Reopened => "reopened",
            Self::More => "more",
            Self::Fewer => "fewer",
            Self::Same => "same",
            Self::Moved => "moved",
            Self::Excepted => "excepted",
            Self::Kept => "kept",
            Self::Resolved => "resolved",
            Self::Acknowledged => "acknowledged",
            Self::PlanPassed => "plan-passed",
        }
    }

    /// Whether the finding is as it was before the scan.
    #[must_use]
    pub const fn is_quiet(self) -> bool {
        matches!(self, Self::Same | Self::Kept)
    }
}

/// What a scan did to one finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The finding.
    pub key: FindingKey,
    /// Why it stands as it does.
    pub reason: ChangeReason,
}

/// What is to be kept of a part whose items or flagged items changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartChange {
    /// Its flagged items are those known; later losses are measured by this.
    Measured(Measure),
    /// Later losses are measured by this, and its flagged items are these, sorted.
    Replaced(Measure, Vec<Flagged>),
    /// It is gone, and nothing is known of it any more.
    Dropped,
}

/// What a scan means for a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The dataset.
    pub dataset: DatasetName,
    /// The instant of the scan.
    pub now: Instant,
    /// Whether all was seen.
    pub status: ScanStatus,
    /// Whether every item that is known now was seen by this very scan.
    pub saw_everything: bool,
    /// How many items there are.
    pub items: u64,
    /// For how many items some rule was undecidable.
    pub undecidable: u64,
    /// Of the expired items that it saw, how many the product was told to keep; `None` where nothing says so.
    pub kept_by_product: Option<u64>,
    /// What went wrong.
    pub problems: Vec<Problem>,
    /// The unresolved findings and those that this scan resolved, by key.
    pub findings: Vec<Finding>,
    /// Why each of them stands as it does, in the same order.
    pub changes: Vec<Change>,
    /// How items left each of them, in the same order.
    pub departures: Vec<Departures>,
    /// The parts of which something changed; the others stay as they are known.
    pub parts: BTreeMap<PartKey, PartChange>,
    /// The hold, if resolution is held back.
    pub hold: Option<Hold>,
    /// Whether the manager's confirmation still waits for a scan that needs it.
    pub confirmed: bool,
    /// How many entries each ledger had when it was last read and not empty.
    pub ledger_events: BTreeMap<String, u64>,
}

/// Which flagged items of those `known` are not there any more, as far as `observation` can tell: those that the
/// caller is to look for once more. None after a scan that found nothing changed.
#[must_use]
pub fn departed(known: &Known, observation: &Observation, facts: &Facts) -> Departed {
    let sight = suspicion::look(known, observation, facts);
    Departed::of(known, observation, &parts::merge(&known.parts, observation, &sight), &facts.exceptions)
}

/// Tells what `observation` means for what is `known`. Takes both by value: lists of a million flagged
/// items are moved, not copied. `closure` is what [`departed()`] answered of the same, and what a second look found.
#[must_use]
pub fn reconcile(known: Known, mut observation: Observation, facts: &Facts, closure: &Closure) -> Outcome {
    closure.doubt(&mut observation);
    let sight = suspicion::look(&known, &observation, facts);
    sight.copies.tell(&mut observation);
    let parts = parts::merge(&known.parts, &observation, &sight);
    let tallies = parts::count(&known.parts, &observation, &parts, &closure.look.found);
    let lost = departed::early_loss(&known, &observation, facts, &sight, closure)
        + departed::held_loss(&known, &observation, &parts, facts, closure);
    let counts = step::Counts { tallies: &tallies, items: parts.items(), lost };
    let step::Steps { findings, changes, departures } =
        step::step(&known.findings, &observation, facts, &sight, &counts);
    let status = sight.status_of_all(&observation);
    let parts = parts.changes(&known.parts, observation.parts);
    Outcome {
        dataset: observation.dataset,
        now: observation.now,
        status,
        saw_everything: sight.is_healthy() && observation.undecided.is_empty(),
        items: observation.items,
        undecidable: observation.undecidable,
        kept_by_product: observation.kept_by_product,
        problems: observation.problems,
        findings,
        changes,
        departures,
        parts,
        hold: sight.hold,
        confirmed: sight.confirmed,
        ledger_events: ledger_events(known.ledger_events, observation.ledger_events),
    }
}

/// A ledger that is empty where it was not keeps the number it had, so that it stays sick until it has
/// some again or a person says that it is fine.
fn ledger_events(mut known: BTreeMap<String, u64>, seen: BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    for (ledger, events) in seen {
        let kept = known.entry(ledger).or_default();
        if events > 0 {
            *kept = events;
        }
    }
    known
}
