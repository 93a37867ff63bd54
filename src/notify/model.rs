//! What templates are given: every value of a letter, already written for people in the letter's language.
//! Sentences are not here; they are in the templates. `config/templates/README.md` describes these values to
//! administrators.

use super::act::{Act, Decision, act_by, act_for};
use super::words::{count, day, day_and_weekday, day_of, one_line};
use super::{Context, Entry, Notice};
use crate::domain::language::Language;
use crate::domain::letter::NoticeReason;
use crate::domain::name::DatasetName;
use crate::domain::register::{Dataset, Person, Register};
use serde::Serialize;
use std::collections::BTreeSet;

/// A letter's values.
#[derive(Debug, Serialize)]
pub(super) struct LetterModel {
    /// The organisation's name.
    organisation: String,
    /// The greeting's name: of the person or of their role.
    recipient: String,
    /// The day of the letter.
    today: String,
    /// The one decision; nothing when only good news is told.
    decision: Option<DecisionModel>,
    /// The datasets with open findings, those with news first.
    datasets: Vec<DatasetModel>,
    /// What was resolved.
    resolved: Vec<ResolvedModel>,
    /// Whether any entry can be listed.
    lists: bool,
    /// The command that lists a finding's items.
    items_command: String,
    /// The command that confirms that a dataset is as it should be.
    confirm_command: String,
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
    pub(super) fn commands(&self) -> [&str; 2] {
        [&self.items_command, &self.confirm_command]
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
    entries: Vec<EntryModel>,
}

#[derive(Debug, Serialize)]
struct EntryModel {
    id: String,
    rule: &'static str,
    reason: &'static str,
    /// `first`, `more`, `fewer`, `due-soon` or `same`.
    news: &'static str,
    /// The number of items, with separators.
    items: String,
    /// Whether there is exactly one.
    one: bool,
    /// How many were told last time.
    told: Option<String>,
    earliest_due: Option<String>,
    first_seen: String,
    act: Act,
    by: String,
    /// Whether an administrator can list the items.
    list: bool,
    /// Communications of subscribers: nobody lists them.
    secrecy: bool,
    /// What demands that data stays.
    bases: Vec<String>,
    /// The ledgers that the dataset is looked up in.
    ledgers: Vec<String>,
    /// Statements of origin that are missing, by name.
    missing: Vec<String>,
    /// The dataset's name in the register.
    dataset: String,
}

#[derive(Debug, Serialize)]
struct ResolvedModel {
    name: String,
    division: String,
    rule: &'static str,
    reason: &'static str,
    items: String,
    one: bool,
}

/// The values of the letter that `notice` becomes.
pub(super) fn letter(register: &Register, notice: &Notice, person: &Person, context: &Context<'_>) -> LetterModel {
    let language = person.language;
    let organisation = &register.organisation;
    let manager = register.people.get(&organisation.privacy_manager);
    let datasets = datasets(register, notice, language, context);
    LetterModel {
        organisation: one_line(organisation.name.get(language)),
        recipient: one_line(person.name.get(language)),
        today: day(day_of(context.now, &organisation.time_zone), language),
        decision: decision(register, notice, language, context),
        lists: datasets.iter().flat_map(|dataset| &dataset.entries).any(|entry| entry.list),
        datasets,
        resolved: notice.resolved.iter().map(|entry| resolved(register, entry, language)).collect(),
        items_command: one_line(context.items_command),
        confirm_command: one_line(context.confirm_command),
        contact_point: one_line(&organisation.contact_point),
        manager: manager.map(|manager| one_line(manager.name.get(language))).unwrap_or_default(),
        evidence: context.evidence.map(|head| one_line(&format!("{}:{}", head.length, head.hash))),
        simulated: context.simulated,
    }
}

fn decision(register: &Register, notice: &Notice, language: Language, context: &Context<'_>) -> Option<DecisionModel> {
    let findings = || notice.open.iter().map(|entry| &entry.finding);
    let first = Decision::first(findings(), context.now, register)?;
    let others = findings().any(|finding| act_for(finding.key.reason) != first.act);
    Some(DecisionModel { act: first.act, by: day_and_weekday(first.by, language), others })
}

fn datasets(register: &Register, notice: &Notice, language: Language, context: &Context<'_>) -> Vec<DatasetModel> {
    let names: BTreeSet<&DatasetName> = notice.open.iter().map(|entry| &entry.finding.key.dataset).collect();
    let mut datasets: Vec<DatasetModel> = names
        .into_iter()
        .map(|name| {
            let mut entries: Vec<&Entry> =
                notice.open.iter().filter(|entry| entry.finding.key.dataset == *name).collect();
            entries.sort_by_key(|entry| (act_for(entry.finding.key.reason), entry.finding.key.reason));
            let entries: Vec<EntryModel> =
                entries.into_iter().map(|entry| self::entry(register, entry, language, context)).collect();
            let division = notice.open.iter().find(|entry| entry.finding.key.dataset == *name);
            DatasetModel {
                name: dataset_name(register, name, language),
                key: name.to_string(),
                division: division.map(|entry| division_name(register, entry, language)).unwrap_or_default(),
                news: entries.iter().any(|entry| entry.news != "same"),
                entries,
            }
        })
        .collect();
    datasets.sort_by_key(|dataset| !dataset.news);
    datasets
}

fn entry(register: &Register, entry: &Entry, language: Language, context: &Context<'_>) -> EntryModel {
    let finding = &entry.finding;
    let reason = finding.key.reason;
    let zone = &register.organisation.time_zone;
    let dataset = register.datasets.get(&finding.key.dataset);
    let category = dataset.and_then(|dataset| register.categories.get(&dataset.category));
    let secrecy = dataset.is_some_and(|dataset| dataset.secrecy) || category.is_some_and(|category| category.secrecy);
    EntryModel {
        id: finding.key.id().to_string(),
        rule: reason.rule().as_str(),
        reason: reason.as_str(),
        news: news(entry.reason),
        items: count(finding.items),
        one: finding.items == 1,
        told: entry.told_items.filter(|told| *told != finding.items).map(count),
        earliest_due: finding.earliest_due.map(|due| day(day_of(due, zone), language)),
        first_seen: day(day_of(finding.first_seen, zone), language),
        act: act_for(reason),
        by: day_and_weekday(act_by(finding, context.now, register), language),
        list: reason.is_of_items() && !secrecy,
        secrecy: reason.is_of_items() && secrecy,
        bases: dataset.map(bases).unwrap_or_default(),
        ledgers: dataset.map(ledgers).unwrap_or_default(),
        missing: category.zip(dataset).map_or_else(Vec::new, |(category, dataset)| {
            let lacks = |name: &&String| dataset.provenance.get(*name).is_none_or(|text| text.trim().is_empty());
            category.require_provenance.iter().filter(lacks).map(|name| one_line(name)).collect()
        }),
        dataset: finding.key.dataset.to_string(),
    }
}

const fn news(reason: Option<NoticeReason>) -> &'static str {
    match reason {
        Some(NoticeReason::Resolved) | None => "same",
        Some(reason) => reason.as_str(),
    }
}

fn resolved(register: &Register, entry: &Entry, language: Language) -> ResolvedModel {
    let told = entry.told_items.unwrap_or(entry.finding.gone);
    ResolvedModel {
        name: dataset_name(register, &entry.finding.key.dataset, language),
        division: division_name(register, entry, language),
        rule: entry.finding.key.reason.rule().as_str(),
        reason: entry.finding.key.reason.as_str(),
        items: count(told),
        one: told == 1,
    }
}

fn dataset_name(register: &Register, name: &DatasetName, language: Language) -> String {
    register.datasets.get(name).map_or_else(|| name.to_string(), |dataset| one_line(dataset.name.get(language)))
}

fn division_name(register: &Register, entry: &Entry, language: Language) -> String {
    let name = &entry.finding.division;
    register.divisions.get(name).map_or_else(|| name.to_string(), |division| one_line(division.name.get(language)))
}

fn bases(dataset: &Dataset) -> Vec<String> {
    let bases: BTreeSet<String> =
        dataset.keep_at_least.iter().filter_map(|minimum| minimum.basis.as_deref()).map(one_line).collect();
    bases.into_iter().collect()
}

fn ledgers(dataset: &Dataset) -> Vec<String> {
    dataset.ledgers().into_iter().map(ToString::to_string).collect()
}
