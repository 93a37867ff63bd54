//! The weekly summary: how things stand in every division, for the manager; the same in numbers alone, for the
//! auditor. When it is due, is known to `window`.

use super::ladder::{Known, is_unanswered, newest, recipient_of};
use super::model::{dataset_name, division_name, person_name};
use super::words::{count, day, one_line};
use super::{Context, Rendered, Templates};
use crate::domain::finding::{Finding, FindingId, FindingState};
use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::letter::{NoticeReason, Told};
use crate::domain::name::{DatasetName, DivisionName, PersonName};
use crate::domain::register::{Person, Register};
use crate::domain::verdict::Reason;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A letter that did not arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undelivered {
    /// To whom.
    pub recipient: PersonName,
    /// When it was written.
    pub queued_at: Instant,
}

/// What a summary is made from.
#[derive(Debug, Clone, Copy)]
pub struct Summary<'a> {
    /// All findings, resolved ones too.
    pub findings: &'a [Finding],
    /// What people were told.
    pub told: &'a [Told],
    /// Datasets whose first letters wait for the manager's word.
    pub waiting: &'a BTreeSet<DatasetName>,
    /// How many scans of each dataset were missed since the last summary, and made up for.
    pub missed: &'a BTreeMap<DatasetName, u64>,
    /// Letters that did not arrive since the last summary.
    pub undelivered: &'a [Undelivered],
    /// When the last summary was written.
    pub since: Option<Instant>,
    /// How many items each open finding had then.
    pub before: Option<&'a BTreeMap<FindingId, u64>>,
}

impl Summary<'_> {
    /// How many items each open finding has: what the next summary compares with.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<FindingId, u64> {
        self.open().map(|finding| (finding.key.id(), finding.items)).collect()
    }

    fn open(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.state != FindingState::Resolved)
    }
}

/// The values of a summary.
#[derive(Debug, Serialize)]
pub(super) struct SummaryModel {
    organisation: String,
    recipient: String,
    today: String,
    /// The day of the last summary.
    since: Option<String>,
    total: Numbers,
    /// Findings that were resolved since the last summary.
    resolved: String,
    /// Every division; none for the auditor.
    divisions: Vec<DivisionModel>,
    waiting: Vec<NamedModel>,
    missed: Vec<NamedModel>,
    caught_up: Vec<NamedModel>,
    closures: Vec<NamedModel>,
    unregistered: Vec<NamedModel>,
    undelivered: Vec<UndeliveredModel>,
    undelivered_count: String,
    missed_count: String,
    closures_count: String,
    /// Whether it names divisions and datasets.
    detailed: bool,
    confirm_command: String,
    evidence: Option<String>,
    simulated: bool,
}

impl SummaryModel {
    pub(super) fn commands(&self) -> [&str; 1] {
        [&self.confirm_command]
    }
}

#[derive(Debug, Default, Serialize)]
struct Numbers {
    findings: String,
    items: String,
    /// `+310`, `-5`, `0`; nothing before the second summary.
    trend: Option<String>,
    /// Findings that nobody has answered, those that went to somebody else, and those that are planned; as numbers.
    unanswered: u64,
    escalated: u64,
    planned: u64,
    /// Items under an exception; nothing when there are none.
    excepted: Option<String>,
    /// Of the expired items, how many the product was told to keep; nothing when there are none.
    kept_by_product: Option<String>,
}

#[derive(Debug, Serialize)]
struct DivisionModel {
    name: String,
    person: String,
    datasets: Vec<DatasetModel>,
}

#[derive(Debug, Serialize)]
struct DatasetModel {
    name: String,
    key: String,
    numbers: Numbers,
    /// The plans' days.
    plans: Vec<String>,
}

#[derive(Debug, Serialize)]
struct NamedModel {
    name: String,
    key: String,
    since: String,
    items: String,
}

#[derive(Debug, Serialize)]
struct UndeliveredModel {
    name: String,
    on: String,
}

/// Writes the summary to the manager, and to the auditor if the register names one.
#[must_use]
pub fn render_summary(
    register: &Register,
    summary: &Summary<'_>,
    context: &Context<'_>,
    templates: &Templates,
) -> Rendered {
    let mut rendered = Rendered::default();
    let organisation = &register.organisation;
    let auditor = organisation.auditor.as_ref().filter(|auditor| **auditor != organisation.privacy_manager);
    for (name, detailed) in [(Some(&organisation.privacy_manager), true), (auditor, false)] {
        let Some((name, person)) = name.and_then(|name| register.people.get_key_value(name)) else { continue };
        let model = model(register, summary, context, person, detailed);
        let texts = templates.render_summary(person.language, &model, &mut rendered.problems);
        rendered.letters.push(texts.into_letter(name, person, format!("summary/{name}"), vec![NoticeReason::Summary]));
    }
    rendered
}

fn model(
    register: &Register,
    summary: &Summary<'_>,
    context: &Context<'_>,
    person: &Person,
    detailed: bool,
) -> SummaryModel {
    let language = person.language;
    let zone = &register.organisation.time_zone;
    let writer = Writer { register, summary, told: newest(summary.told), now: context.now, language };
    let resolved = summary.findings.iter().filter(|finding| {
        finding.state == FindingState::Resolved && summary.since.is_some_and(|since| finding.changed_at > since)
    });
    let named = |reason| writer.named(reason);
    let (missed, closures) = (named(Reason::Missed), named(Reason::ClosureUnexplained));
    let only_detailed = |list: Vec<NamedModel>| if detailed { list } else { Vec::new() };
    SummaryModel {
        organisation: one_line(register.organisation.name.get(language)),
        recipient: one_line(person.name.get(language)),
        today: day(context.now.day(zone), language),
        since: summary.since.map(|since| day(since.day(zone), language)),
        total: writer.numbers(&summary.open().collect::<Vec<_>>(), summary.before.map(|before| before.values().sum())),
        resolved: count(resolved.count() as u64),
        divisions: if detailed { writer.divisions() } else { Vec::new() },
        waiting: only_detailed(writer.waiting()),
        missed_count: count(missed.len() as u64 + summary.missed.values().sum::<u64>()),
        closures_count: count(closures.len() as u64),
        missed: only_detailed(missed),
        caught_up: only_detailed(writer.caught_up()),
        closures: only_detailed(closures),
        unregistered: only_detailed(named(Reason::Unregistered)),
        undelivered: if detailed { writer.undelivered() } else { Vec::new() },
        undelivered_count: count(summary.undelivered.len() as u64),
        detailed,
        confirm_command: one_line(context.confirm_command),
        evidence: context.evidence.map(|head| one_line(&format!("{}:{}", head.length, head.hash))),
        simulated: context.simulated,
    }
}

/// What the parts of a summary are written with.
struct Writer<'a> {
    register: &'a Register,
    summary: &'a Summary<'a>,
    told: Known<'a>,
    now: Instant,
    language: Language,
}

impl Writer<'_> {
    fn day_of(&self, instant: Instant) -> String {
        day(instant.day(&self.register.organisation.time_zone), self.language)
    }

    /// The numbers of some findings, which had `then` items at the last summary.
    fn numbers(&self, findings: &[&Finding], then: Option<u64>) -> Numbers {
        let zone = &self.register.organisation.time_zone;
        let items: u64 = findings.iter().map(|finding| finding.items).sum();
        let excepted: u64 = findings.iter().map(|finding| finding.excepted).sum();
        let kept: u64 = findings.iter().filter_map(|finding| finding.kept_by_product).sum();
        let number = |is: &dyn Fn(&Finding) -> bool| findings.iter().filter(|finding| is(finding)).count() as u64;
        let unanswered =
            |finding: &Finding| finding.key.reason != Reason::DueSoon && is_unanswered(finding, zone, self.now);
        let is_planned =
            |finding: &Finding| finding.state == FindingState::Acknowledged && !is_unanswered(finding, zone, self.now);
        Numbers {
            findings: count(number(&|finding| finding.state != FindingState::Excepted)),
            items: count(items),
            trend: then.map(|then| trend(then, items)),
            unanswered: number(&unanswered),
            escalated: number(&|finding| unanswered(finding) && self.is_escalated(finding)),
            planned: number(&is_planned),
            excepted: (excepted > 0).then(|| count(excepted)),
            kept_by_product: (kept > 0).then(|| count(kept)),
        }
    }

    /// How many items the findings of a dataset had at the last summary, those that were resolved since too.
    fn then(&self, dataset: &DatasetName) -> Option<u64> {
        let before = self.summary.before?;
        let theirs = self.summary.findings.iter().filter(|finding| finding.key.dataset == *dataset);
        Some(theirs.filter_map(|finding| before.get(&finding.key.id())).sum())
    }

    /// Whether somebody other than the one who answers for it was told.
    fn is_escalated(&self, finding: &Finding) -> bool {
        let owner = recipient_of(self.register, finding);
        let id = finding.key.id();
        self.told.iter().any(|((person, about), told)| {
            **about == id && *person != owner && told.at >= finding.first_seen && told.state != FindingState::Resolved
        })
    }

    /// Every division of the register, and those that findings alone still name.
    fn divisions(&self) -> Vec<DivisionModel> {
        let of_findings = self.summary.open().map(|finding| &finding.division);
        let names: BTreeSet<&DivisionName> = self.register.divisions.keys().chain(of_findings).collect();
        names.into_iter().map(|name| self.division(name)).collect()
    }

    fn division(&self, name: &DivisionName) -> DivisionModel {
        let theirs = || self.summary.open().filter(|finding| finding.division == *name);
        let datasets: BTreeSet<&DatasetName> = theirs().map(|finding| &finding.key.dataset).collect();
        let dataset = |dataset: &DatasetName| {
            let findings: Vec<&Finding> = theirs().filter(|finding| finding.key.dataset == *dataset).collect();
            let planned = findings.iter().filter(|finding| finding.state == FindingState::Acknowledged);
            let plans: BTreeSet<_> =
                planned.filter_map(|finding| finding.acknowledgement.as_ref()).map(|plan| plan.until).collect();
            DatasetModel {
                name: dataset_name(self.register, dataset, self.language),
                key: dataset.to_string(),
                numbers: self.numbers(&findings, self.then(dataset)),
                plans: plans.into_iter().map(|until| day(until, self.language)).collect(),
            }
        };
        let declared = self.register.divisions.get(name);
        DivisionModel {
            name: division_name(self.register, name, self.language),
            person: declared
                .map(|division| person_name(self.register, &division.person_in_charge, self.language))
                .unwrap_or_default(),
            datasets: datasets.into_iter().map(dataset).collect(),
        }
    }

    fn named(&self, reason: Reason) -> Vec<NamedModel> {
        let theirs = self.summary.open().filter(|finding| finding.key.reason == reason);
        theirs
            .map(|finding| NamedModel {
                name: dataset_name(self.register, &finding.key.dataset, self.language),
                key: finding.key.dataset.to_string(),
                since: self.day_of(finding.first_seen),
                items: count(finding.items),
            })
            .collect()
    }

    fn waiting(&self) -> Vec<NamedModel> {
        let model = |name: &DatasetName| NamedModel {
            name: dataset_name(self.register, name, self.language),
            key: name.to_string(),
            since: String::new(),
            items: String::new(),
        };
        self.summary.waiting.iter().map(model).collect()
    }

    fn caught_up(&self) -> Vec<NamedModel> {
        let model = |(name, missed): (&DatasetName, &u64)| NamedModel {
            name: dataset_name(self.register, name, self.language),
            key: name.to_string(),
            since: String::new(),
            items: count(*missed),
        };
        self.summary.missed.iter().map(model).collect()
    }

    fn undelivered(&self) -> Vec<UndeliveredModel> {
        let model = |letter: &Undelivered| UndeliveredModel {
            name: person_name(self.register, &letter.recipient, self.language),
            on: self.day_of(letter.queued_at),
        };
        self.summary.undelivered.iter().map(model).collect()
    }
}

/// How a number of items changed: `+310`, `-5`, `0`.
fn trend(then: u64, now: u64) -> String {
    match now.cmp(&then) {
        std::cmp::Ordering::Greater => format!("+{}", count(now - then)),
        std::cmp::Ordering::Less => format!("-{}", count(then - now)),
        std::cmp::Ordering::Equal => "0".to_owned(),
    }
}
