//! Which reasons of an item are under an exception: whom an exception concerns, and what its kind may touch.
//! Pure; adding, ending and telling exceptions are the business of `store`, `app` and `notify`.

use crate::domain::digest::Digest;
use crate::domain::exception::{Exception, ExceptionKind, ExceptionScope, ExceptionState};
use crate::domain::instant::Instant;
use crate::domain::observation::Flagged;
use crate::domain::verdict::{Reason, Reasons};
use jiff::tz::TimeZone;

/// When an exception that ends by time ends: with its last day. A hold never ends by time alone.
#[must_use]
pub fn ends_at(exception: &Exception, zone: &TimeZone) -> Option<Instant> {
    let next = exception.until_day.tomorrow().unwrap_or(exception.until_day);
    let end = || next.to_zoned_datetime(zone.clone()).ok().map(|end| Instant::from(end.timestamp()));
    if exception.kind == ExceptionKind::Hold { None } else { end() }
}

/// Whether an exception narrows findings at `now`.
#[must_use]
pub fn is_in_force(exception: &Exception, zone: &TimeZone, now: Instant) -> bool {
    exception.state == ExceptionState::Active && ends_at(exception, zone).is_none_or(|end| now < end)
}

/// One exception in force, and the items that it lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cover {
    exception: Exception,
    reasons: Reasons,
    /// Sorted; every item without a list.
    items: Option<Vec<Digest>>,
}

impl Cover {
    /// The exception with the digests of the items that it lists (`None`: it lists none and concerns all).
    #[must_use]
    pub fn new(exception: Exception, items: Option<Vec<Digest>>) -> Self {
        let reasons = exception.scope.covered_reasons(exception.kind);
        let items = items.map(|mut items| {
            items.sort_unstable();
            items
        });
        Self { exception, reasons, items }
    }

    /// The exception.
    #[must_use]
    pub const fn exception(&self) -> &Exception {
        &self.exception
    }

    /// The reasons of an item that it covers, out of `reasons`. `clock` is the instant that the item's period runs
    /// from; an item without one lies in no range of time.
    #[must_use]
    pub fn covered(&self, digest: Digest, clock: Option<Instant>, reasons: Reasons) -> Reasons {
        let covered = self.reasons.intersection(reasons);
        if covered.is_empty() || !self.concerns(digest, clock) { Reasons::NONE } else { covered }
    }

    /// Whether it leaves the item out of the list of those that meet `reason`: it covers that reason, or it is a hold
    /// that concerns the item. What is held is not erased, whatever else is wrong with it.
    #[must_use]
    pub fn leaves_out(&self, digest: Digest, clock: Option<Instant>, reason: Reason) -> bool {
        let is_hold = self.exception.kind == ExceptionKind::Hold;
        (is_hold || self.reasons.contains(reason)) && self.concerns(digest, clock)
    }

    /// Whether the item lies in its scope, whatever is wrong with it.
    fn concerns(&self, digest: Digest, clock: Option<Instant>) -> bool {
        let ExceptionScope { from, until, .. } = &self.exception.scope;
        from.is_none_or(|from| clock.is_some_and(|clock| from <= clock))
            && until.is_none_or(|until| clock.is_some_and(|clock| clock < until))
            && self.items.as_ref().is_none_or(|items| items.binary_search(&digest).is_ok())
    }

    /// Whether it holds an item whose clock is not known, since it is not there to be read. What was under an exception
    /// counts as lying in the range of time.
    fn holds(&self, item: &Flagged) -> bool {
        let known = if self.has_time_range() { item.excepted } else { item.reasons.union(item.excepted) };
        self.exception.kind == ExceptionKind::Hold
            && !self.reasons.intersection(known).is_empty()
            && self.items.as_ref().is_none_or(|items| items.binary_search(&item.digest).is_ok())
    }

    const fn has_time_range(&self) -> bool {
        self.exception.scope.from.is_some() || self.exception.scope.until.is_some()
    }
}

/// The exceptions in force of one dataset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exceptions(Vec<Cover>);

impl Exceptions {
    /// These exceptions.
    #[must_use]
    pub const fn new(covers: Vec<Cover>) -> Self {
        Self(covers)
    }

    /// Whether some of them ask for the clocks of items.
    #[must_use]
    pub fn ask_for_clock(&self) -> bool {
        self.0.iter().any(Cover::has_time_range)
    }

    /// The reasons of an item that some exception covers, out of `reasons`.
    #[must_use]
    pub fn covered(&self, digest: Digest, clock: Option<Instant>, reasons: Reasons) -> Reasons {
        let all = self.0.iter();
        all.fold(Reasons::NONE, |covered, cover| covered.union(cover.covered(digest, clock, reasons)))
    }

    /// Whether some hold kept a flagged item that is not there any more.
    #[must_use]
    pub fn hold(&self, item: &Flagged) -> bool {
        self.0.iter().any(|cover| cover.holds(item))
    }

    /// Each exception.
    pub fn iter(&self) -> impl Iterator<Item = &Cover> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests;
