//! Notices and letters: who must be told what, and the text that says so. Pure: findings, what was told before
//! and the instant are given; templates come as texts. Queueing, message ids and sending are not here.
//!
//! ```text
//! findings + told + now --plan--> notices (with reasons) --render--> letters (subject, text, HTML)
//! ```
//!
//! There is one letter per person, however many divisions and datasets they answer for. It is written when
//! something has changed since they were last told, when nobody answers, or when a day has passed, and then shows
//! everything that is still open. `window` says when ordinary letters may leave, `ladder` whose letter it is,
//! `reason` why, `reminders` what is told of exceptions, `plan` joins them.

mod act;
mod ladder;
mod model;
mod plan;
mod reason;
mod reminders;
mod summary;
mod templates;
mod window;
mod words;

#[cfg(test)]
mod tests;

pub use act::{Act, Decision, act_by, act_for};
pub use ladder::{Earlier, may_answer, plan_passed_at, recipient_of};
pub use plan::{Plan, Situation, plan, thread_of};
pub use summary::{Summary, Undelivered, render_summary};
pub use templates::{TemplateProblem, Templates};
pub use window::{Channel, Pace, SUMMARY_MARK, Window, is_summary_due};
pub use words::count;

use crate::domain::exception::Exception;
use crate::domain::finding::{Finding, FindingId};
use crate::domain::instant::Instant;
use crate::domain::letter::{ExceptionTold, Letter, NoticeReason, Told};
use crate::domain::name::PersonName;
use crate::domain::register::Register;
use crate::domain::run::CaughtUp;

/// Everything that one person is told at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Who is told.
    pub recipient: PersonName,
    /// What ties this person's letters together.
    pub thread: String,
    /// All unresolved findings that the person answers for, changed or not.
    pub open: Vec<Entry>,
    /// Findings that the person was told of and that do not hold any more.
    pub resolved: Vec<Entry>,
    /// Exceptions that end soon, and holds to be reviewed.
    pub exceptions: Vec<ExceptionEntry>,
    /// Missed scans that were made up for.
    pub missed: Vec<CaughtUp>,
    /// What the person will have been told once the letter is queued; stored in the same transaction.
    pub told: Vec<Told>,
    /// The same for exceptions.
    pub exceptions_told: Vec<ExceptionTold>,
}

impl Notice {
    /// The reasons that make this letter necessary, each once.
    #[must_use]
    pub fn reasons(&self) -> Vec<NoticeReason> {
        let of_findings = self.open.iter().chain(&self.resolved).filter_map(|entry| entry.reason);
        let of_exceptions = self.exceptions.iter().map(|entry| entry.reason);
        let of_missed = self.missed.iter().map(|_| NoticeReason::Missed);
        let mut reasons: Vec<_> = of_findings.chain(of_exceptions).chain(of_missed).collect();
        reasons.sort_unstable();
        reasons.dedup();
        reasons
    }

    /// The findings in it, each with the reason why this letter tells it.
    fn findings(&self) -> Vec<(FindingId, Option<NoticeReason>)> {
        self.open.iter().chain(&self.resolved).map(|entry| (entry.finding.key.id(), entry.reason)).collect()
    }
}

/// One finding in a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The finding as it stands.
    pub finding: Finding,
    /// Why the person is told of it now; nothing when it is as they were last told.
    pub reason: Option<NoticeReason>,
    /// The numbers that it had in letters to them before its dataset was renamed.
    pub earlier_ids: Vec<FindingId>,
    /// How many items they were last told of.
    pub told_items: Option<u64>,
    /// When they were first told of it.
    pub told_first_at: Option<Instant>,
    /// Who was to answer before them.
    pub before: Vec<Earlier>,
    /// It is of a dataset's first scan, whose letters wait for the manager's word.
    pub is_waiting: bool,
    /// The exceptions that narrow it.
    pub exceptions: Vec<Exception>,
}

/// One exception in a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExceptionEntry {
    /// The exception as it stands.
    pub exception: Exception,
    /// Why the person is told of it now.
    pub reason: NoticeReason,
}

/// The head of the evidence chain, as letters print it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceHead {
    /// How many entries the chain has.
    pub length: u64,
    /// The hash of the last one, in hexadecimal.
    pub hash: String,
}

/// What a letter says beside its findings.
#[derive(Debug, Clone)]
pub struct Context<'a> {
    /// The instant of the letter.
    pub now: Instant,
    /// Where the evidence chain ends, printed so that a cut tail can be noticed.
    pub evidence: Option<&'a EvidenceHead>,
    /// The command that an administrator runs before a finding's id, such as `purposed items`.
    pub items_command: &'a str,
    /// The same for a dataset's name, such as `purposed confirm`.
    pub confirm_command: &'a str,
    /// The command that answers for a finding, such as `purposed acknowledge`.
    pub acknowledge_command: &'a str,
    /// The command that declares what became of a finding's items, such as `purposed disposal declare`.
    pub declare_command: &'a str,
    /// The store is marked simulated: its dates are made up.
    pub simulated: bool,
}

/// Letters, and what went wrong with an administrator's own templates on the way.
#[derive(Debug, Clone, Default)]
pub struct Rendered {
    /// One letter per notice, in the same order.
    pub letters: Vec<Letter>,
    /// Templates that failed and were replaced by the built-in ones.
    pub problems: Vec<TemplateProblem>,
}

/// Writes the letters. A template of the administrator's that fails is replaced by the built-in one and
/// reported: a letter is never lost. A notice whose recipient the register does not know gets none.
#[must_use]
pub fn render(register: &Register, notices: &[Notice], context: &Context<'_>, templates: &Templates) -> Rendered {
    let mut rendered = Rendered::default();
    for notice in notices {
        let Some(person) = register.people.get(&notice.recipient) else { continue };
        let model = model::letter(register, notice, person, context);
        let texts = templates.render(person.language, &model, &mut rendered.problems);
        let letter = texts.into_letter(&notice.recipient, person, notice.thread.clone(), notice.reasons());
        rendered.letters.push(Letter { findings: notice.findings(), ..letter });
    }
    rendered
}
