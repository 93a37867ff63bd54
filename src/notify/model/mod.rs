//! What templates are given: every value of a letter, already written for people in the letter's language.
//! Sentences are not here; they are in the templates. `config/templates/README.md` describes these values to
//! administrators.

mod entry;
mod term;

use super::act::{Act, Decision};
use super::ladder::owner_of;
use super::words::{count, day, day_and_weekday, one_line};
use super::{Context, Entry, ExceptionEntry, Notice};
use crate::domain::finding::FindingState;
use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::name::{DatasetName, DivisionName, PersonName};
use crate::domain::register::{Person, Register};
use crate::domain::run::CaughtUp;
use entry::{EntryModel, ResolvedModel};
use serde::Serialize;
use std::collections::BTreeSet;
use term::TermModel;

/// A letter's values.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "templates ask each of these questions by itself")]
pub(super) struct LetterModel {
    /// The organisation's name.
    organisation: String,
    /// The greeting's name: of the person or of their role.
    recipient: String,
    /// The recipient's name in the register.
    recipient_key: String,
    /// The day of the letter.
    today: String,
    /// The one decision; nothing when only good news is told.
    decision: Option<DecisionModel>,
    /// The datasets with open findings, those with news first.
    datasets: Vec<DatasetModel>,
    /// What was resolved.
    resolved: Vec<ResolvedModel>,
    /// Whether it is to be put on record what became of resolved items.
    records: bool,
    /// Exceptions that end soon, and holds to be reviewed.
    exceptions: Vec<ExceptionModel>,
    /// Missed checks that were made up for.
    missed: Vec<MissedModel>,
    /// Whether any entry can be listed.
    lists: bool,
    /// Whether any entry waits for an answer.
    answers: bool,
    /// Within how many days they are to be answered, and who is told otherwise.
    terms: Vec<TermModel>,
    /// The command that lists a finding's items.
    items_command: String,
    /// The command that confirms that a dataset is as it should be.
    confirm_command: String,
    /// The command that answers for a finding.
    acknowledge_command: String,
    /// The command that declares what became of a finding's items.
    declare_command: String,
    /// The organisation's contact point.
    contact_point: String,
    /// The privacy manager's name or role.
    manager: String,
    /// `N:HASH` of the evidence chain.
    evidence: Option<String>,
    /// Whether the dates are made up.
    simulated: bool,
}

impl LetterModel {
    /// What the lines with commands contain.
    pub(super) fn commands(&self) -> [&str; 4] {
        [&self.items_command, &self.confirm_command, &self.acknowledge_command, &self.declare_command]
    }
}

#[derive(Debug, Serialize)]
struct DecisionModel {
    act: Act,
    by: String,
    /// Whether the letter asks for other acts too.
    others: bool,
}

#[derive(Debug, Serialize)]
struct DatasetModel {
    name: String,
    key: String,
    division: String,
    /// Whether anything in it is news.
    news: bool,
    /// Whether this is its first scan, and its letters wait for the manager's word.
    waiting: bool,
    /// Who will be told then.
    owner: String,
    entries: Vec<EntryModel>,
}

#[derive(Debug, Serialize)]
struct ExceptionModel {
    id: String,
    /// `extension`, `approval` or `hold`.
    kind: &'static str,
    /// `exception-ends`, `review-due` or `held`.
    news: &'static str,
    name: String,
    key: String,
    division: String,
    /// The last day, or the day of the review.
    until: String,
    /// Who approved it.
    approved_by: String,
    /// It is a confidential hold, and the recipient is not the manager: neither `id` nor `approved_by` is given.
    secret: bool,
    /// It is of some items only.
    narrow: bool,
}

#[derive(Debug, Serialize)]
struct MissedModel {
    name: String,
    key: String,
    /// How many checks did not take place.
    checks: String,
    one: bool,
    /// The day of the check before; nothing when there was none.
    before: Option<String>,
    /// The day on which it was checked again.
    again: String,
}

/// The values of the letter that `notice` becomes.
pub(super) fn letter(register: &Register, notice: &Notice, person: &Person, context: &Context<'_>) -> LetterModel {
    let language = person.language;
    let organisation = &register.organisation;
    let datasets = datasets(register, notice, language, context);
    let entries = || datasets.iter().filter(|dataset| !dataset.waiting).flat_map(|dataset| &dataset.entries);
    LetterModel {
        organisation: one_line(organisation.name.get(language)),
        recipient: one_line(person.name.get(language)),
        recipient_key: notice.recipient.to_string(),
        today: day(context.now.day(&organisation.time_zone), language),
        decision: decision(register, notice, language, context),
        lists: entries().any(|entry| entry.list),
        answers: entries().any(EntryModel::can_be_answered),
        terms: term::terms(register, notice, language, context),
        records: notice.resolved.iter().any(|entry| entry.finding.key.reason.is_of_items()),
        resolved: notice.resolved.iter().map(|entry| entry::resolved(register, entry, language)).collect(),
        exceptions: notice
            .exceptions
            .iter()
            .map(|entry| exception(register, entry, &notice.recipient, language))
            .collect(),
        missed: missed_checks(register, &notice.missed, language),
        datasets,
        items_command: one_line(context.items_command),
        confirm_command: one_line(context.confirm_command),
        acknowledge_command: one_line(context.acknowledge_command),
        declare_command: one_line(context.declare_command),
        contact_point: one_line(&organisation.contact_point),
        manager: person_name(register, &organisation.privacy_manager, language),
        evidence: context.evidence.map(|head| one_line(&format!("{}:{}", head.length, head.hash))),
        simulated: context.simulated,
    }
}

fn decision(register: &Register, notice: &Notice, language: Language, context: &Context<'_>) -> Option<DecisionModel> {
    let first = Decision::first(notice, context.now, register)?;
    Some(DecisionModel { act: first.act, by: day_and_weekday(first.by, language), others: first.others })
}

fn datasets(register: &Register, notice: &Notice, language: Language, context: &Context<'_>) -> Vec<DatasetModel> {
    let names: BTreeSet<&DatasetName> = notice.open.iter().map(|entry| &entry.finding.key.dataset).collect();
    let of = |name: &DatasetName| {
        let mut entries: Vec<&Entry> = notice.open.iter().filter(|entry| entry.finding.key.dataset == *name).collect();
        entries.sort_by_key(|entry| {
            let is_excepted = entry.finding.state == FindingState::Excepted;
            (is_excepted, super::act_for(entry.finding.key.reason), entry.finding.key.reason)
        });
        let division = entries.first().map(|entry| division_name(register, &entry.finding.division, language));
        DatasetModel {
            name: dataset_name(register, name, language),
            key: name.to_string(),
            division: division.unwrap_or_default(),
            news: entries.iter().any(|entry| entry.reason.is_some()),
            waiting: entries.iter().any(|entry| entry.is_waiting),
            owner: person_name(register, owner_of(register, name), language),
            entries: entries
                .into_iter()
                .map(|entry| entry::entry(register, entry, &notice.recipient, language, context))
                .collect(),
        }
    };
    let mut datasets: Vec<DatasetModel> = names.into_iter().map(of).collect();
    datasets.sort_by_key(|dataset| !dataset.news);
    datasets
}

fn exception(
    register: &Register,
    entry: &ExceptionEntry,
    recipient: &PersonName,
    language: Language,
) -> ExceptionModel {
    let exception = &entry.exception;
    let secret = entry::is_confidential_hold(exception) && *recipient != register.organisation.privacy_manager;
    let shown = |text: String| if secret { String::new() } else { text };
    let scope = &exception.scope;
    let name = &exception.scope.dataset;
    let division = register.datasets.get(name).map(|dataset| division_name(register, &dataset.division, language));
    ExceptionModel {
        id: shown(exception.id.to_string()),
        kind: exception.kind.as_str(),
        news: entry.reason.as_str(),
        name: dataset_name(register, name, language),
        key: name.to_string(),
        division: division.unwrap_or_default(),
        until: shown(day_and_weekday(exception.until_day, language)),
        approved_by: shown(person_name(register, &exception.approved_by, language)),
        secret,
        narrow: scope.from.is_some() || scope.until.is_some() || scope.listed_items.is_some(),
    }
}

/// What was missed of each dataset, however often that was.
fn missed_checks(register: &Register, missed: &[CaughtUp], language: Language) -> Vec<MissedModel> {
    let day_of = |instant: Instant| day_and_weekday(instant.day(&register.organisation.time_zone), language);
    let datasets: BTreeSet<&DatasetName> = missed.iter().map(|one| &one.dataset).collect();
    let of = |name: &DatasetName| {
        let theirs = || missed.iter().filter(|one| one.dataset == *name);
        let (first, last) = theirs().next().zip(theirs().next_back())?;
        let checks: u64 = theirs().map(|one| one.missed).sum();
        Some(MissedModel {
            name: dataset_name(register, name, language),
            key: name.to_string(),
            checks: count(checks),
            one: checks == 1,
            before: first.scanned_before.map(day_of),
            again: day_of(last.scanned_at),
        })
    };
    datasets.into_iter().filter_map(of).collect()
}

/// A person's name or role in the letter's language; the name in the register for one that it does not know.
pub(super) fn person_name(register: &Register, name: &PersonName, language: Language) -> String {
    register.people.get(name).map_or_else(|| name.to_string(), |person| one_line(person.name.get(language)))
}

/// A dataset's name in the letter's language.
pub(super) fn dataset_name(register: &Register, name: &DatasetName, language: Language) -> String {
    register.datasets.get(name).map_or_else(|| name.to_string(), |dataset| one_line(dataset.name.get(language)))
}

/// A division's name in the letter's language.
pub(super) fn division_name(register: &Register, name: &DivisionName, language: Language) -> String {
    register.divisions.get(name).map_or_else(|| name.to_string(), |division| one_line(division.name.get(language)))
}
