//! What to believe of a dataset's copies. Backups come and go, so a loss is no alarm; but a copy without any item that
//! had some may be one that is not mounted. What was known of such a copy stays until it has items again, or the
//! register says that it may be empty. None of this holds back what was seen of the items.

use super::{Known, KnownPart};
use crate::domain::observation::{CopyKey, CopyObservation, Observation, PartKey, Problem};
use crate::domain::verdict::Reason;
use std::collections::BTreeMap;

/// How far each copy that the register names is believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Copies(BTreeMap<CopyKey, Belief>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Belief {
    /// What is not there is gone.
    Whole,
    /// It could not be read to its end: what was not seen of it stays.
    Torn,
    /// It is empty where it was not: all that was known of it stays.
    Empty,
}

/// How a part that belongs to a copy is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// What is not there is gone.
    Believed,
    /// What is not there stays.
    Doubted,
    /// The register does not name the copy any more: what was known of it is nobody's business.
    Forgotten,
}

impl KnownPart {
    /// Whether anything is known of it.
    fn has_some(&self) -> bool {
        // What could not be decided may be known of a part that is not there any more.
        self.measure.items > 0 || self.flagged.as_ref().is_some_and(|list| !list.is_empty())
    }
}

impl Copies {
    pub(super) fn of(known: &Known, observation: &Observation) -> Self {
        let had_some = |copy: &CopyKey| {
            let parts = known.parts.iter().filter(|(key, _)| CopyKey::of(key) == Some(*copy));
            parts.map(|(_, part)| part).any(KnownPart::has_some)
        };
        let belief = |(key, copy): (&CopyKey, &CopyObservation)| {
            let belief = if copy.is_empty && had_some(key) {
                Belief::Empty
            } else if copy.whole {
                Belief::Whole
            } else {
                Belief::Torn
            };
            (*key, belief)
        };
        Self(observation.copies.iter().map(belief).collect())
    }

    /// How a part is to be taken; `None` where it belongs to no copy.
    pub(super) fn standing(&self, part: &PartKey) -> Option<Standing> {
        let copy = CopyKey::of(part)?;
        Some(match self.0.get(&copy) {
            Some(Belief::Whole) => Standing::Believed,
            Some(Belief::Torn | Belief::Empty) => Standing::Doubted,
            None => Standing::Forgotten,
        })
    }

    /// Whether every copy was seen whole and is believed.
    pub(super) fn are_healthy(&self) -> bool {
        self.0.values().all(|belief| *belief == Belief::Whole)
    }

    /// Whether some copy could not be read to its end.
    pub(super) fn are_torn(&self) -> bool {
        self.0.values().any(|belief| *belief == Belief::Torn)
    }

    /// Notes in the observation which copies are empty where they were not.
    pub(super) fn tell(&self, observation: &mut Observation) {
        for (key, belief) in &self.0 {
            let Some(copy) = observation.copies.get(key).filter(|_| *belief == Belief::Empty) else { continue };
            let prefix = format!("copy `{}`: ", copy.name);
            let is_told =
                |problem: &Problem| problem.reason == Reason::Empty.as_str() && problem.example.starts_with(&prefix);
            if !observation.problems.iter().any(is_told) {
                let example = format!(
                    "{prefix}no item where it had some; write `may_be_empty = true` into its source if it may be so"
                );
                observation.problems.push(Problem { reason: Reason::Empty.as_str().to_owned(), items: 0, example });
            }
            observation.whole_reasons.insert(Reason::Empty, 0);
        }
    }
}
