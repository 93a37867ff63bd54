//! Whose letter it is: the people who answer for a finding, one after the other, and how far up it has gone.
//! Why each of them is told is decided in `reason`.

use super::window::start_of;
use crate::domain::finding::{Finding, FindingId, FindingState};
use crate::domain::instant::Instant;
use crate::domain::letter::Told;
use crate::domain::name::{DatasetName, PersonName};
use crate::domain::register::{Register, Tell};
use crate::domain::verdict::Reason;
use jiff::ToSpan;
use jiff::tz::TimeZone;
use std::collections::{BTreeSet, HashMap};

/// What each person was last told about each finding.
pub(super) type Known<'a> = HashMap<(&'a PersonName, &'a FindingId), &'a Told>;

/// The newest row per person and finding.
pub(super) fn newest(told: &[Told]) -> Known<'_> {
    let mut known = Known::new();
    for row in told {
        let newest = known.entry((&row.recipient, &row.finding)).or_insert(row);
        if row.at >= newest.at {
            *newest = row;
        }
    }
    known
}

/// Somebody who was to answer before the recipient of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// Who.
    pub person: PersonName,
    /// When they were first told; never when they could not be reached from the start.
    pub told_at: Option<Instant>,
    /// Letters to them do not arrive.
    pub is_unreachable: bool,
}

/// Where one person stands with one finding.
#[derive(Debug)]
pub(super) struct Standing<'a> {
    pub(super) person: &'a PersonName,
    /// The last that they were told about it, however long ago.
    pub(super) told: Option<&'a Told>,
    /// The same, when it still counts: since the finding was opened and came to them.
    pub(super) known: Option<&'a Told>,
    /// Who was to answer before them.
    pub(super) before: Vec<Earlier>,
    /// It came to them because letters to somebody who had been told do not arrive.
    pub(super) is_urgent: bool,
}

/// Whom letters about a finding go to first: the person in charge of the division that owns the dataset; the
/// privacy manager when the dataset says so, when it is a matter for the manager, or when nobody else is known.
#[must_use]
pub fn recipient_of<'a>(register: &'a Register, finding: &Finding) -> &'a PersonName {
    ladder(register, finding, false).first().copied().unwrap_or(&register.organisation.privacy_manager)
}

/// Who may answer for a finding: the person in charge, the deputy and the privacy manager.
#[must_use]
pub fn may_answer<'a>(register: &'a Register, finding: &Finding) -> Vec<&'a PersonName> {
    division_ladder(register, finding)
}

/// Who answers for the dataset: the person in charge, or the manager when it says so.
pub(super) fn owner_of<'a>(register: &'a Register, dataset: &DatasetName) -> &'a PersonName {
    let manager = &register.organisation.privacy_manager;
    let Some(dataset) = register.datasets.get(dataset) else { return manager };
    if dataset.tell == Some(Tell::Manager) {
        return manager;
    }
    let division = register.divisions.get(&dataset.division);
    division
        .map(|division| &division.person_in_charge)
        .filter(|person| register.people.contains_key(*person))
        .unwrap_or(manager)
}

/// The people who answer for a finding, one after the other. `is_waiting`: the letters of the dataset's first scan
/// wait for the manager's word.
fn ladder<'a>(register: &'a Register, finding: &Finding, is_waiting: bool) -> Vec<&'a PersonName> {
    let dataset = register.datasets.get(&finding.key.dataset);
    let tells_manager = dataset.is_some_and(|dataset| dataset.tell == Some(Tell::Manager));
    let for_manager = matches!(finding.key.reason, Reason::Missed | Reason::Unregistered | Reason::EarlyLoss);
    if is_waiting || tells_manager || for_manager {
        return vec![&register.organisation.privacy_manager];
    }
    division_ladder(register, finding)
}

/// Who is told when somebody does not answer for a finding; nobody after the last.
pub(super) fn next_after<'a>(
    register: &'a Register,
    finding: &Finding,
    is_waiting: bool,
    person: &PersonName,
) -> Option<&'a PersonName> {
    let ladder = ladder(register, finding, is_waiting);
    let place = ladder.iter().position(|one| *one == person)?;
    ladder.get(place + 1).copied()
}

fn division_ladder<'a>(register: &'a Register, finding: &Finding) -> Vec<&'a PersonName> {
    let dataset = register.datasets.get(&finding.key.dataset);
    let division = register.divisions.get(dataset.map_or(&finding.division, |dataset| &dataset.division));
    let staff = division.into_iter().flat_map(|division| [Some(&division.person_in_charge), division.deputy.as_ref()]);
    let mut ladder: Vec<&PersonName> = Vec::new();
    for person in staff.flatten().filter(|person| register.people.contains_key(*person)) {
        if !ladder.contains(&person) {
            ladder.push(person);
        }
    }
    let manager = &register.organisation.privacy_manager;
    if !ladder.contains(&manager) {
        ladder.push(manager);
    }
    ladder
}

/// The first instant after the day until which somebody wanted to act, once it has come.
#[must_use]
pub fn plan_passed_at(finding: &Finding, zone: &TimeZone, now: Instant) -> Option<Instant> {
    let until = finding.acknowledgement.as_ref()?.until;
    let passed_at = start_of(until.checked_add(1.day()).ok()?, zone);
    (passed_at <= now).then_some(passed_at)
}

/// Whether its dataset is still looked at: no answer could be seen otherwise. What tells of a dataset that left the
/// register is about just that.
pub(super) fn is_watched(register: &Register, finding: &Finding, now: Instant) -> bool {
    let today = now.day(&register.organisation.time_zone);
    let dataset = register.datasets.get(&finding.key.dataset);
    let is_scanned = dataset.is_some_and(|dataset| dataset.retired.is_none_or(|retired| today < retired));
    is_scanned || finding.key.reason == Reason::Unregistered
}

/// Whether nobody has answered: it holds, and no plan is under way.
pub(super) fn is_unanswered(finding: &Finding, zone: &TimeZone, now: Instant) -> bool {
    match finding.state {
        FindingState::Open => true,
        FindingState::Acknowledged => plan_passed_at(finding, zone, now).is_some(),
        FindingState::Excepted | FindingState::Resolved => false,
    }
}

/// Whether a row still counts: the finding was open then, and has not been resolved or excepted since.
fn counts(told: &Told, finding: &Finding) -> bool {
    !matches!(told.state, FindingState::Resolved | FindingState::Excepted) && told.at >= finding.first_seen
}

/// Whether somebody was told of a finding as it was last opened, and not that it is resolved.
pub(super) fn counts_for(told: &Told, finding: &Finding) -> bool {
    told.state != FindingState::Resolved && told.at >= finding.first_seen
}

/// What the ladder is climbed with.
pub(super) struct Climb<'a> {
    pub(super) register: &'a Register,
    pub(super) told: &'a Known<'a>,
    pub(super) unreachable: &'a BTreeSet<PersonName>,
    pub(super) waiting: &'a BTreeSet<DatasetName>,
    pub(super) now: Instant,
}

impl<'a> Climb<'a> {
    /// Everybody whom the finding concerns now, from the bottom of the ladder.
    ///
    /// - One who holds concerns whoever answers for it; the next one when the one before has been silent for the
    ///   division's business days, or cannot be reached, or has let the day of a plan pass.
    /// - One who does not hold any more concerns everybody who was told that it did.
    pub(super) fn standings(&self, finding: &Finding, id: &FindingId) -> Vec<Standing<'a>> {
        if finding.state == FindingState::Resolved {
            return self.of_resolved(id);
        }
        let ladder = ladder(self.register, finding, self.waiting.contains(&finding.key.dataset));
        let can_be_reached = |person: &&PersonName| !self.unreachable.contains(*person);
        let mut reachable: Vec<&PersonName> = ladder.iter().copied().filter(can_be_reached).collect();
        if reachable.is_empty() {
            // Nobody can be reached: the letter to the last one at least stands in the outbox.
            reachable.extend(ladder.last());
        }
        let mut standings: Vec<Standing<'a>> = Vec::new();
        for person in reachable {
            let told = self.row(person, id);
            let below = standings.last().map(|below| below.known);
            let known = told.filter(|told| counts(told, finding)).filter(|told| match below {
                Some(Some(below)) => told.first_at >= below.first_at,
                _ => true,
            });
            let has_come = match below {
                None => true,
                Some(None) => false,
                Some(Some(below)) => known.is_some() || self.is_silent(finding, below),
            };
            if !has_come {
                break;
            }
            let before = self.before(&ladder, person, finding, id);
            let is_urgent = known.is_none() && before.iter().any(|one| one.is_unreachable && one.told_at.is_some());
            standings.push(Standing { person, told, known, before, is_urgent });
        }
        standings
    }

    /// Everybody in the register who was told that it holds, whatever their office is by now.
    fn of_resolved(&self, id: &FindingId) -> Vec<Standing<'a>> {
        let rows = self.told.iter().filter(|((_, about), told)| *about == id && told.state != FindingState::Resolved);
        let mut standings: Vec<Standing<'a>> = rows
            .map(|((person, _), told)| (*person, *told))
            .filter(|(person, _)| self.register.people.contains_key(*person))
            .map(|(person, told)| Standing {
                person,
                told: Some(told),
                known: Some(told),
                before: Vec::new(),
                is_urgent: false,
            })
            .collect();
        standings.sort_by_key(|standing| standing.person);
        standings
    }

    fn row(&self, person: &PersonName, id: &FindingId) -> Option<&'a Told> {
        self.told.get(&(person, id)).copied()
    }

    /// Whether the one below has been silent for long enough, or the day of a plan has passed since.
    fn is_silent(&self, finding: &Finding, below: &Told) -> bool {
        let zone = &self.register.organisation.time_zone;
        let asks = finding.key.reason != Reason::DueSoon && is_watched(self.register, finding, self.now);
        if !asks || !is_unanswered(finding, zone, self.now) {
            return false;
        }
        if plan_passed_at(finding, zone, self.now).is_some_and(|passed_at| below.first_at < passed_at) {
            return true;
        }
        let policy = self.register.letters_of(&finding.division);
        let days = policy.calendar.business_days_between(below.first_at.day(zone), self.now.day(zone));
        days >= policy.escalate_after_business_days.max(1)
    }

    fn before(
        &self,
        ladder: &[&'a PersonName],
        person: &PersonName,
        finding: &Finding,
        id: &FindingId,
    ) -> Vec<Earlier> {
        let below = ladder.iter().copied().take_while(|below| *below != person);
        below
            .map(|below| Earlier {
                person: below.clone(),
                told_at: self.row(below, id).filter(|told| counts(told, finding)).map(|told| told.first_at),
                is_unreachable: self.unreachable.contains(below),
            })
            .collect()
    }
}
