//! Whether a source looks empty or shrunken, and whether that holds back resolution. A part that was not
//! read to its end counts as it was known, so that it is never taken for a loss.

use super::copies::Copies;
use super::{Facts, HOLD_MICROSECONDS, Hold, HoldReason, Known, Measure};
use crate::domain::observation::{CopyKey, Observation, PartKey, ScanStatus};
use crate::domain::verdict::{Reason, Reasons};
use std::collections::BTreeMap;

/// How much this scan can say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sight {
    /// Whether every part was read to its end, or some, or none.
    pub(super) status: ScanStatus,
    /// What is not there is not believed to be gone.
    pub(super) held: bool,
    /// The source looks empty or shrunken, whether or not that is held back.
    pub(super) doubted: bool,
    /// The source is empty or shrunken, and that is not fine.
    pub(super) trouble: Option<HoldReason>,
    /// The hold that goes on.
    pub(super) hold: Option<Hold>,
    /// A confirmation that was not used up.
    pub(super) confirmed: bool,
    /// The reasons of which nothing can be said: what was known of them stays. While rows may be lost, files that no
    /// row names are no news.
    pub(super) undecided: Reasons,
    /// How far the copies are believed: apart from the items, whose hold they neither begin nor end.
    pub(super) copies: Copies,
}

impl Sight {
    /// Whether all was seen and believed, of copies too.
    pub(super) fn is_healthy(&self) -> bool {
        self.items_are_healthy() && self.copies.are_healthy()
    }

    /// Whether all was seen and believed of the dataset's own items.
    pub(super) fn items_are_healthy(&self) -> bool {
        self.status == ScanStatus::Complete && !self.held
    }

    /// Whether all was seen of the items and of the copies.
    pub(super) fn status_of_all(&self, observation: &Observation) -> ScanStatus {
        match observation.status {
            ScanStatus::Complete if self.copies.are_torn() => ScanStatus::Partial,
            status => status,
        }
    }

    /// Whether nothing was seen.
    pub(super) fn is_failed(&self) -> bool {
        self.status == ScanStatus::Failed
    }
}

/// Judges the health of the whole sight.
pub(super) fn look(known: &Known, observation: &Observation, facts: &Facts) -> Sight {
    let status = match observation.status {
        ScanStatus::Complete if own(&observation.parts).any(|(_, part)| !part.whole) => ScanStatus::Partial,
        status => status,
    };
    let items = own(&observation.parts).map(|(_, part)| part.items).sum();
    let complete = status == ScanStatus::Complete;
    let is_empty = items == 0 && !facts.may_be_empty;
    let doubt = if status == ScanStatus::Failed { None } else { doubt(known, observation, is_empty, complete) };
    let hold = match (doubt, known.hold) {
        (None, _) if complete => None,
        // Only whole scans begin a hold, end one, or agree.
        (_, hold) if !complete => hold,
        (Some(reason), Some(hold)) if hold.agrees(reason, items) => Some(hold),
        (Some(reason), _) => Some(Hold { reason, since: observation.now, items }),
        (None, _) => None,
    };
    let waited = |hold: Hold| observation.now.microseconds().saturating_sub(hold.since.microseconds());
    let agreed = complete && (known.confirmed || hold.is_some_and(|hold| waited(hold) >= HOLD_MICROSECONDS));
    let doubted = (doubt.is_some() || hold.is_some()) && !agreed;
    let mut undecided = observation.undecided;
    if doubted {
        undecided.insert(Reason::FileWithoutRow);
    }
    let has_no_part = own(&observation.parts).next().is_none();
    let no_file = complete && is_empty && (has_no_part || facts.items_are_files);
    Sight {
        status,
        held: doubted,
        doubted: doubt.is_some(),
        trouble: if no_file { Some(HoldReason::Empty) } else { doubt.filter(|_| doubted) },
        hold: hold.filter(|_| doubted),
        confirmed: known.confirmed && !complete,
        undecided,
        copies: Copies::of(known, observation),
    }
}

/// The parts of the dataset's own items and files.
pub(super) fn own<T>(parts: &BTreeMap<PartKey, T>) -> impl Iterator<Item = (&PartKey, &T)> {
    parts.iter().filter(|(key, _)| CopyKey::of(key).is_none())
}

/// Whether the items look empty or shrunken. `is_empty`: there is none, and that is not fine.
fn doubt(known: &Known, observation: &Observation, is_empty: bool, complete: bool) -> Option<HoldReason> {
    let before = Measure {
        items: own(&known.parts).map(|(_, part)| part.measure.items).sum(),
        // Files without a row are flagged in a part of their own that has no items: they excuse no loss of rows.
        flagged: own(&known.parts).map(|(_, part)| part.measure.flagged.min(part.measure.items)).sum(),
    };
    if complete && own(&observation.parts).all(|(_, part)| part.items == 0) {
        return (is_empty && before.items > 0).then_some(HoldReason::Empty);
    }
    let mut now = 0;
    let mut shrunken = false;
    for (key, seen) in own(&observation.parts) {
        let part = known.parts.get(key).map(|part| part.measure).unwrap_or_default();
        if seen.whole {
            shrunken |= part.is_shrunken_to(seen.items);
            now += seen.items;
        } else {
            now += seen.items.max(part.items);
        }
    }
    if !complete {
        let unseen = own(&known.parts).filter(|(key, _)| !observation.parts.contains_key(*key));
        now += unseen.map(|(_, part)| part.measure.items).sum::<u64>();
    }
    (shrunken || before.is_shrunken_to(now)).then_some(HoldReason::Shrunken)
}

impl Hold {
    /// Whether a later scan sees what the first one saw: the same trouble, and not far fewer items again.
    fn agrees(self, reason: HoldReason, items: u64) -> bool {
        self.reason == reason && !Measure { items: self.items, flagged: 0 }.is_shrunken_to(items)
    }
}

impl Measure {
    /// More was lost than was flagged, and over half.
    const fn is_shrunken_to(self, now: u64) -> bool {
        let lost = self.items.saturating_sub(now);
        lost > self.flagged && lost > self.items / 2
    }
}
