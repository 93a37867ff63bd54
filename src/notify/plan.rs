//! From findings to notices: whether there is news for anybody, and whether it may leave now. Whose letter it is,
//! is known to `ladder`; why, to `reason`; what it looks like, to nobody here.

use super::ladder::{Climb, Standing, is_watched, newest};
use super::reason::Question;
use super::window::{Channel, Window};
use super::{Entry, ExceptionEntry, Notice, reminders};
use crate::domain::exception::{Exception, ExceptionKind};
use crate::domain::finding::{EarlierNumber, Finding, FindingId, FindingKey, FindingState};
use crate::domain::instant::Instant;
use crate::domain::letter::{ExceptionTold, NoticeReason, Told};
use crate::domain::name::{DatasetName, PersonName};
use crate::domain::register::Register;
use crate::domain::run::CaughtUp;
use crate::domain::verdict::Reason;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that planning looks at.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// What the organisation declares.
    pub register: &'a Register,
    /// All findings, resolved ones too.
    pub findings: &'a [Finding],
    /// The resolved ones whose items did not go away but meet another reason of the same rule now (a warning that
    /// has become due): that is nothing to be thanked for.
    pub moved: &'a BTreeSet<FindingKey>,
    /// The numbers that findings had before their datasets were renamed.
    pub earlier_numbers: &'a [EarlierNumber],
    /// What was said before; the newest row per person and finding counts.
    pub told: &'a [Told],
    /// The exceptions.
    pub exceptions: &'a [Exception],
    /// What was said about them.
    pub exceptions_told: &'a [ExceptionTold],
    /// Missed scans that were made up for, of which the manager was not told.
    pub missed: &'a [CaughtUp],
    /// People to whom letters do not arrive.
    pub unreachable: &'a BTreeSet<PersonName>,
    /// Datasets whose first letters wait for the manager's word.
    pub waiting: &'a BTreeSet<DatasetName>,
    /// The instant.
    pub now: Instant,
}

/// Who must be told what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// One letter per person.
    pub notices: Vec<Notice>,
    /// What is to be remembered although no letter says it: findings that moved on to another reason.
    pub quiet: Vec<Told>,
    /// The open channels through which something leaves.
    pub used: BTreeSet<Channel>,
}

/// Plans the letters that may leave now.
///
/// A person gets one when some finding of theirs has news (see `reason`) and that news may leave: what is urgent at
/// once, everything else through an open window. The letter then says everything that there is to say, so that
/// nobody gets two. Fewer items alone are good news that can wait for the next letter.
#[must_use]
pub fn plan(situation: &Situation<'_>, window: &Window) -> Plan {
    let findings = reminders::under_holds(situation);
    let situation = &Situation { findings: &findings, ..*situation };
    let told = newest(situation.told);
    let climb = Climb {
        register: situation.register,
        told: &told,
        unreachable: situation.unreachable,
        waiting: situation.waiting,
        now: situation.now,
    };
    let mut drafts: BTreeMap<&PersonName, Draft> = BTreeMap::new();
    let mut quiet = Vec::new();
    for finding in situation.findings {
        let id = finding.key.id();
        for standing in climb.standings(finding, &id) {
            quiet.extend(passed_over(situation, finding, &standing));
            if !situation.moved.contains(&finding.key) {
                drafts.entry(standing.person).or_default().add(situation, window, finding, standing);
            }
        }
    }
    for (person, entry) in reminders::held(situation, &told).into_iter().chain(reminders::due(situation)) {
        let channel = channel(situation.register, person, None);
        let may_leave = window.is_open(&channel, situation.register);
        drafts.entry(person).or_default().add_exception(situation, entry, person, may_leave.then_some(channel));
    }
    if !situation.missed.is_empty() {
        let may_leave = window.is_open(&Channel::Organisation, situation.register);
        let manager = &situation.register.organisation.privacy_manager;
        drafts.entry(manager).or_default().add_missed(situation.missed, may_leave.then_some(Channel::Organisation));
    }
    let mut plan = Plan { quiet, ..Plan::default() };
    for (person, mut draft) in drafts {
        let used = std::mem::take(&mut draft.used);
        if let Some(notice) = draft.into_notice(situation.register, person) {
            plan.notices.push(notice);
            plan.used.extend(used);
        }
    }
    plan
}

/// The row to remember where somebody knows of a finding that is over without good news.
fn passed_over(situation: &Situation<'_>, finding: &Finding, standing: &Standing<'_>) -> Option<Told> {
    let told = standing.told?;
    let is_over = finding.state == FindingState::Resolved && situation.moved.contains(&finding.key);
    is_over.then(|| Told { items: finding.items, state: finding.state, ..told.clone() })
}

/// Through whose send time a letter to a person leaves.
fn channel(register: &Register, person: &PersonName, finding: Option<&Finding>) -> Channel {
    if *person == register.organisation.privacy_manager {
        return Channel::Organisation;
    }
    let of_person = || {
        let mut theirs = register.divisions.iter().filter(|(_, division)| division.person_in_charge == *person);
        theirs.next().map_or(Channel::Organisation, |(name, _)| Channel::Division(name.clone()))
    };
    finding.map_or_else(of_person, |finding| Channel::Division(finding.division.clone()))
}

/// A letter in the making.
#[derive(Debug, Default)]
struct Draft {
    open: Vec<Entry>,
    resolved: Vec<Entry>,
    exceptions: Vec<ExceptionEntry>,
    missed: Vec<CaughtUp>,
    told: Vec<Told>,
    exceptions_told: Vec<ExceptionTold>,
    /// The open channels through which something in it may leave.
    used: BTreeSet<Channel>,
    /// Whether anything in it may leave now.
    leaves: bool,
}

impl Draft {
    fn add(&mut self, situation: &Situation<'_>, window: &Window, finding: &Finding, standing: Standing<'_>) {
        let register = situation.register;
        let policy = register.letters_of(&finding.division);
        let reason = Question {
            finding,
            known: standing.known,
            was_excepted: standing.told.is_some_and(was_excepted),
            is_escalated: !standing.before.is_empty(),
            warnings: register.datasets.get(&finding.key.dataset).map_or(&[][..], |dataset| &dataset.warn),
            is_watched: is_watched(register, finding, situation.now),
            policy,
            zone: &register.organisation.time_zone,
            now: situation.now,
        }
        .reason();
        let is_news = reason.is_some_and(|reason| reason != NoticeReason::Fewer);
        let is_at_once = standing.is_urgent || (is_of_findings(reason) && is_immediate(register, finding));
        let channel = channel(register, standing.person, Some(finding));
        let may_leave = is_news && window.is_open(&channel, register);
        self.leaves |= is_news && is_at_once || may_leave;
        self.used.extend(may_leave.then_some(channel));
        let is_resolved = finding.state == FindingState::Resolved;
        let shows = if is_resolved { reason.is_some() } else { true };
        if !shows {
            return;
        }
        if let Some(row) = row(situation, finding, &standing, reason) {
            self.told.push(row);
        }
        let exceptions = covering(situation.exceptions, finding);
        let holds = exceptions.iter().filter(|exception| exception.kind == ExceptionKind::Hold);
        let seen = holds.map(|hold| exception_told(situation, standing.person, hold, NoticeReason::Held));
        self.exceptions_told.extend(seen);
        let entry = Entry {
            finding: finding.clone(),
            reason,
            earlier_ids: earlier_ids(situation, finding, standing.told),
            told_items: standing.known.map(|told| told.items),
            told_first_at: standing.known.map(|told| told.first_at),
            before: standing.before,
            is_waiting: situation.waiting.contains(&finding.key.dataset),
            exceptions,
        };
        if is_resolved { self.resolved.push(entry) } else { self.open.push(entry) }
    }

    fn add_exception(
        &mut self,
        situation: &Situation<'_>,
        entry: ExceptionEntry,
        person: &PersonName,
        open: Option<Channel>,
    ) {
        // An erasure cannot be undone: that something is held is told at once.
        self.leaves |= open.is_some() || entry.reason == NoticeReason::Held;
        self.used.extend(open);
        self.exceptions_told.push(exception_told(situation, person, &entry.exception, entry.reason));
        self.exceptions.push(entry);
    }

    fn add_missed(&mut self, missed: &[CaughtUp], open: Option<Channel>) {
        self.leaves |= open.is_some();
        self.used.extend(open);
        self.missed.extend_from_slice(missed);
    }

    fn into_notice(mut self, register: &Register, person: &PersonName) -> Option<Notice> {
        if !self.leaves {
            return None;
        }
        self.open.sort_by(|left, right| left.finding.key.cmp(&right.finding.key));
        self.resolved.sort_by(|left, right| left.finding.key.cmp(&right.finding.key));
        Some(Notice {
            recipient: person.clone(),
            thread: thread_of(register, person),
            open: self.open,
            resolved: self.resolved,
            exceptions: self.exceptions,
            missed: self.missed,
            told: self.told,
            exceptions_told: self.exceptions_told,
        })
    }
}

/// The numbers that a person knows a finding by, when it was renamed since they were last told.
fn earlier_ids(situation: &Situation<'_>, finding: &Finding, told: Option<&Told>) -> Vec<FindingId> {
    let id = finding.key.id();
    let numbers = situation.earlier_numbers.iter().filter(|number| number.finding == id);
    let unsaid = numbers.filter(|number| told.is_some_and(|told| told.at <= number.renamed_at));
    unsaid.map(|number| number.id.clone()).collect()
}

fn exception_told(
    situation: &Situation<'_>,
    person: &PersonName,
    exception: &Exception,
    reason: NoticeReason,
) -> ExceptionTold {
    ExceptionTold {
        recipient: person.clone(),
        exception: exception.id.clone(),
        reason,
        until_day: exception.until_day,
        at: situation.now,
    }
}

/// Whether the last that somebody was told was that an exception covers it. A row of something covered with another
/// reason is what is left of letters that did not arrive.
fn was_excepted(told: &Told) -> bool {
    told.state == FindingState::Excepted && told.reason == NoticeReason::Excepted
}

/// Whether it is news of the finding itself, and not of somebody's silence.
const fn is_of_findings(reason: Option<NoticeReason>) -> bool {
    matches!(reason, Some(NoticeReason::First | NoticeReason::Again | NoticeReason::More | NoticeReason::DueSoon))
}

fn is_immediate(register: &Register, finding: &Finding) -> bool {
    let reason = finding.key.reason;
    reason == Reason::EarlyLoss || register.letters_of(&finding.division).is_immediate(reason)
}

/// What the person will have been told. What they know to be under an exception is only shown; the items of one
/// that they are told of are those under the exception, so that a later letter says how many of them left.
fn row(
    situation: &Situation<'_>,
    finding: &Finding,
    standing: &Standing<'_>,
    reason: Option<NoticeReason>,
) -> Option<Told> {
    let reason = reason.or(standing.known.map(|told| told.reason))?;
    let is_excepted = finding.state == FindingState::Excepted;
    Some(Told {
        recipient: standing.person.clone(),
        finding: finding.key.id(),
        items: if is_excepted { finding.excepted } else { finding.items },
        state: finding.state,
        at: situation.now,
        first_at: standing.known.map_or(situation.now, |told| told.first_at),
        reason,
    })
}

/// The exceptions that narrow a finding, and holds that will at the next scan.
fn covering(exceptions: &[Exception], finding: &Finding) -> Vec<Exception> {
    let counts = |exception: &&Exception| finding.excepted > 0 || exception.kind == ExceptionKind::Hold;
    exceptions.iter().filter(|exception| reminders::concerns(exception, finding)).filter(counts).cloned().collect()
}

/// What ties a person's letters to one thread: the roles they answer in, and their name in the register.
#[must_use]
pub fn thread_of(register: &Register, person: &PersonName) -> String {
    let manager = (*person == register.organisation.privacy_manager).then_some("manager");
    let divisions = register
        .divisions
        .iter()
        .filter(|(_, division)| division.person_in_charge == *person || division.deputy.as_ref() == Some(person))
        .map(|(name, _)| name.as_str());
    let roles: Vec<&str> = manager.into_iter().chain(divisions).collect();
    format!("{}/{person}", roles.join("+"))
}
