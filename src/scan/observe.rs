//! One pass over a source, for every dataset that it is read for: source -> items -> verdicts -> observations.

use super::identity::Identity;
use super::ledgers::Ledgers;
use super::pass::{Claimant, Pass};
use super::product_setting::look_at_setting;
use super::reconciliation::{Reconciliation, Seen, conclude};
use super::seen::{Sheet, blank, of_slice};
use super::shared::{Member, Other, Shared, Sharing};
use super::tally::{Tallies, Totals};
use super::{Cancelled, Context};
use crate::domain::observation::Observation;
use crate::domain::register::SourceSpec;
use crate::rule::{Judge, KeepFlag, Slice};
use crate::source::{self, Receivers, Request, SourceError, SourceReport};
use std::sync::{Mutex, PoisonError};

/// A dataset of a pass, ready to judge its items.
struct Ready<'a> {
    claimant: &'a Claimant<'a>,
    judge: Judge<'a>,
    identity: Identity,
    /// The files that its rows are reconciled with, or why they cannot be reached.
    files: Option<Result<Reconciliation<'a>, String>>,
}

/// Reads the source once and says what was seen of each dataset, in their order.
///
/// # Errors
/// [`Cancelled`] when the scan was stopped; a source that cannot be read is an observation, no error.
pub fn observe(context: &Context<'_>, pass: &Pass<'_>, ledgers: &Ledgers) -> Result<Vec<Observation>, Cancelled> {
    let Some(source) = pass.claimants.first().map(|claimant| &claimant.dataset.source) else { return Ok(Vec::new()) };
    let ready = pass.claimants.iter().map(|claimant| Ready::new(context, claimant, ledgers));
    let ready = ready.collect::<Result<Vec<_>, Cancelled>>()?;
    let members = ready.iter().map(|ready| ready.member(context, pass)).collect();
    let slice_of = |dataset| Slice::of(context.register, dataset);
    let others = pass.others().map(|(name, dataset)| Other { name, slice: slice_of(dataset) }).collect();
    let shared = Shared::new(members, others, pass.has_slices());
    let wanted = pass.wanted(ready.iter().map(|ready| &ready.identity));
    let narrowing = pass.narrowing(ready.iter().map(|ready| &ready.judge));
    let request = Request { narrowing: narrowing.as_ref(), ..context.request(source, &wanted) };
    let receivers: &dyn Receivers = match shared.members.as_slice() {
        [Member { tallies, slice: None, .. }] if !pass.has_slices() => tallies,
        _ => &shared,
    };
    let read = match source::read(&request, receivers) {
        Err(SourceError::Cancelled) => return Err(Cancelled),
        read => read,
    };
    let saw = Saw { context, source, sharing: shared.sharing(read.as_ref().ok()), read };
    let members = shared.members.into_iter().zip(&ready).enumerate();
    let each = members.map(|(index, (member, ready))| {
        let totals = member.tallies.totals.into_inner().unwrap_or_else(PoisonError::into_inner);
        let claimed_of = member.slice.is_some().then_some(index);
        let mut observation = blank(context, ready.claimant, &ready.judge, ledgers);
        saw.tell(ready, totals, claimed_of, &mut observation)?;
        saw.sharing.report(index, pass.answers(ready.claimant), source, &mut observation);
        Ok(observation)
    });
    each.collect()
}

impl<'a> Ready<'a> {
    fn new(context: &Context<'a>, claimant: &'a Claimant<'a>, ledgers: &'a Ledgers) -> Result<Self, Cancelled> {
        let (register, now, tables) = (context.register, context.now, &ledgers.tables);
        Ok(Self {
            claimant,
            judge: Judge::compile(register, claimant.dataset, now, context.subject_key, tables),
            identity: Identity::of(claimant.dataset),
            files: Reconciliation::begin(context, claimant.dataset)?,
        })
    }

    fn member<'m>(&'m self, context: &Context<'m>, pass: &Pass<'_>) -> Member<'m> {
        let Claimant { name, dataset, exceptions } = self.claimant;
        let tallies = Tallies {
            judge: &self.judge,
            identity: &self.identity,
            digest_key: context.digest_key,
            exceptions,
            keep_flag: KeepFlag::of(dataset),
            files: self.files.as_ref().and_then(|files| files.as_ref().ok()),
            totals: Mutex::default(),
        };
        let slice = Slice::of(context.register, dataset);
        Member { tallies, name, slice, takes_unreadable: pass.takes_unreadable(self.claimant) }
    }
}

/// What a pass saw, for all its datasets.
struct Saw<'a> {
    context: &'a Context<'a>,
    source: &'a SourceSpec,
    sharing: Sharing,
    read: Result<SourceReport, SourceError>,
}

impl Saw<'_> {
    /// Tells one dataset's share of it. `claimed_of`: its place among the members, where it is a slice.
    fn tell(
        &self,
        ready: &Ready<'_>,
        totals: Totals,
        claimed_of: Option<usize>,
        observation: &mut Observation,
    ) -> Result<(), Cancelled> {
        let Claimant { dataset, exceptions, .. } = ready.claimant;
        let rows = totals.rows;
        let (key, identity) = (self.context.digest_key, &ready.identity);
        let mut sheet = Sheet { observation, key, source: self.source, identity };
        match &self.read {
            Ok(report) => {
                sheet.observation.source_is_empty = report.parts.iter().all(|part| part.items == 0);
                let claimed = claimed_of.map(|index| self.sharing.items_of(index));
                let report = claimed.map_or_else(|| report.clone(), |claimed| of_slice(report, claimed));
                sheet.read(report, totals, KeepFlag::of(dataset));
            }
            Err(error) => sheet.unread(error),
        }
        if let Some(files) = &ready.files {
            let seen = match files {
                Ok(files) => Seen::Files(files, rows),
                Err(why) => Seen::Nothing(why.clone()),
            };
            conclude(self.context, dataset, exceptions, seen, observation)?;
        }
        for reason in ready.judge.whole_reasons().iter().filter(|_| observation.items > 0) {
            observation.whole_reasons.insert(reason, observation.items);
        }
        if let Some(look) = look_at_setting(dataset, self.context.cancel)? {
            look.note(observation);
        }
        Ok(())
    }
}
