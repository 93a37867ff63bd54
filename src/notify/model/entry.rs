//! The values of one finding in a letter.

use super::{dataset_name, division_name, person_name};
use crate::domain::exception::{Exception, ExceptionKind};
use crate::domain::finding::FindingState;
use crate::domain::language::Language;
use crate::domain::letter::NoticeReason;
use crate::domain::name::PersonName;
use crate::domain::register::{Dataset, ProductSetting, Register};
use crate::domain::verdict::{Reason, Rule};
use crate::notify::act::{Act, act_of, act_of_by};
use crate::notify::ladder::{Earlier, plan_passed_at};
use crate::notify::words::{count, day, day_and_weekday, one_line};
use crate::notify::{Context, Entry};
use serde::Serialize;
use std::collections::BTreeSet;

#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "templates ask each of these questions by itself")]
pub(super) struct EntryModel {
    id: String,
    /// The numbers in earlier letters, when they were others.
    earlier_ids: Vec<String>,
    rule: &'static str,
    reason: &'static str,
    /// `first`, `again`, `more`, `fewer`, `due-soon`, `repeat`, `escalated`, `plan-passed`,
    /// `excepted` or `same`.
    pub(super) news: &'static str,
    /// `open`, `acknowledged` or `excepted`.
    state: &'static str,
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
    /// Who was to answer before.
    before: Vec<EarlierModel>,
    /// Who has answered, and until when it will be done.
    plan: Option<PlanModel>,
    /// How many more are under an exception.
    excepted: Option<String>,
    /// How many of them the product was told to keep from its own clean-up, where some are.
    kept_by_product: Option<String>,
    /// Which exceptions those are.
    exceptions: Vec<CoveringModel>,
    /// Something here must not be erased, and only the manager knows more.
    ask_before_erasing: bool,
    /// Whether an administrator can list the items.
    pub(super) list: bool,
    /// Communications of subscribers: nobody lists them.
    secrecy: bool,
    /// Whether it is to be declared what became of its items.
    declare: bool,
    /// What demands that data stays.
    bases: Vec<String>,
    /// The ledgers that the dataset is looked up in.
    ledgers: Vec<String>,
    /// The sources of its copies, where it may be about them as well.
    copies: Vec<String>,
    /// Statements of origin that are missing, by name.
    missing: Vec<String>,
    /// The dataset's name in the register.
    dataset: String,
    /// The product that states its own retention, as people write it.
    product: Option<&'static str>,
    /// The keys that it states it under.
    setting: Option<&'static str>,
}

impl EntryModel {
    /// Whether it waits for somebody's answer.
    pub(super) fn can_be_answered(&self) -> bool {
        self.state == FindingState::Open.as_str() && self.reason != Reason::DueSoon.as_str()
    }
}

#[derive(Debug, Serialize)]
struct EarlierModel {
    name: String,
    /// When they were first told.
    told_on: Option<String>,
    unreachable: bool,
}

#[derive(Debug, Serialize)]
struct PlanModel {
    by: String,
    until: String,
    /// Whether that day has passed.
    passed: bool,
}

#[derive(Debug, Serialize)]
struct CoveringModel {
    id: String,
    kind: &'static str,
    until: String,
}

#[derive(Debug, Serialize)]
pub(super) struct ResolvedModel {
    id: String,
    /// The numbers in earlier letters, when they were others.
    earlier_ids: Vec<String>,
    name: String,
    division: String,
    rule: &'static str,
    reason: &'static str,
    items: String,
    one: bool,
    product: Option<&'static str>,
}

/// The values of a finding that is not resolved.
pub(super) fn entry(
    register: &Register,
    entry: &Entry,
    recipient: &PersonName,
    language: Language,
    context: &Context<'_>,
) -> EntryModel {
    let finding = &entry.finding;
    let reason = finding.key.reason;
    let zone = &register.organisation.time_zone;
    let dataset = register.datasets.get(&finding.key.dataset);
    let category = dataset.and_then(|dataset| register.categories.get(&dataset.category));
    let secrecy = dataset.is_some_and(|dataset| dataset.secrecy) || category.is_some_and(|category| category.secrecy);
    let is_manager = *recipient == register.organisation.privacy_manager;
    let setting = dataset.and_then(|dataset| dataset.product_setting.as_ref());
    let shows_list = reason.is_of_items() && finding.state != FindingState::Excepted;
    let is_secret = !is_manager && entry.exceptions.iter().any(is_confidential_hold);
    EntryModel {
        id: finding.key.id().to_string(),
        earlier_ids: entry.earlier_ids.iter().map(ToString::to_string).collect(),
        rule: reason.rule().as_str(),
        reason: reason.as_str(),
        news: news(entry.reason),
        state: finding.state.as_str(),
        items: count(finding.items),
        one: finding.items == 1,
        told: entry.told_items.filter(|told| *told != finding.items).map(count),
        earliest_due: finding.earliest_due.map(|due| day(due.day(zone), language)),
        first_seen: day(finding.first_seen.day(zone), language),
        act: act_of(entry, is_manager),
        by: day_and_weekday(act_of_by(entry, context.now, register), language),
        before: entry.before.iter().map(|before| earlier(register, before, language)).collect(),
        plan: finding.acknowledgement.as_ref().map(|plan| PlanModel {
            by: person_name(register, &plan.by, language),
            until: day_and_weekday(plan.until, language),
            passed: plan_passed_at(finding, zone, context.now).is_some(),
        }),
        excepted: (finding.excepted > 0 && !is_secret).then(|| count(finding.excepted)),
        kept_by_product: finding.kept_by_product.filter(|kept| *kept > 0).map(count),
        exceptions: if is_secret {
            Vec::new()
        } else {
            entry.exceptions.iter().map(|one| covering(one, language)).collect()
        },
        ask_before_erasing: is_secret,
        list: shows_list && !secrecy,
        secrecy: shows_list && secrecy,
        declare: matches!(reason, Reason::ClosureUnexplained | Reason::EarlyLoss),
        bases: dataset.map(bases).unwrap_or_default(),
        ledgers: dataset.map(ledgers).unwrap_or_default(),
        copies: dataset.filter(|_| is_of_copies_too(reason)).map(copies).unwrap_or_default(),
        missing: category.zip(dataset).map_or_else(Vec::new, |(category, dataset)| {
            let lacks = |name: &&String| dataset.provenance.get(*name).is_none_or(|text| text.trim().is_empty());
            category.require_provenance.iter().filter(lacks).map(|name| one_line(name)).collect()
        }),
        product: setting.map(|setting| setting.product.title()),
        setting: setting.and_then(ProductSetting::keys),
        dataset: finding.key.dataset.to_string(),
    }
}

pub(super) fn is_confidential_hold(exception: &Exception) -> bool {
    exception.kind == ExceptionKind::Hold && exception.confidential
}

const fn news(reason: Option<NoticeReason>) -> &'static str {
    match reason {
        Some(NoticeReason::Resolved) | None => "same",
        Some(reason) => reason.as_str(),
    }
}

fn earlier(register: &Register, before: &Earlier, language: Language) -> EarlierModel {
    let zone = &register.organisation.time_zone;
    EarlierModel {
        name: person_name(register, &before.person, language),
        told_on: before.told_at.map(|told_at| day(told_at.day(zone), language)),
        unreachable: before.is_unreachable,
    }
}

fn covering(exception: &Exception, language: Language) -> CoveringModel {
    CoveringModel {
        id: exception.id.to_string(),
        kind: exception.kind.as_str(),
        until: day(exception.until_day, language),
    }
}

/// The values of a finding that does not hold any more.
pub(super) fn resolved(register: &Register, entry: &Entry, language: Language) -> ResolvedModel {
    let told = entry.told_items.filter(|told| *told > 0).unwrap_or(entry.finding.gone);
    ResolvedModel {
        id: entry.finding.key.id().to_string(),
        earlier_ids: entry.earlier_ids.iter().map(ToString::to_string).collect(),
        name: dataset_name(register, &entry.finding.key.dataset, language),
        division: division_name(register, &entry.finding.division, language),
        rule: entry.finding.key.reason.rule().as_str(),
        reason: entry.finding.key.reason.as_str(),
        items: count(told),
        one: told == 1,
        product: product_of(register, entry),
    }
}

/// The product that states its own retention, as people write it.
fn product_of(register: &Register, entry: &Entry) -> Option<&'static str> {
    let setting = register.datasets.get(&entry.finding.key.dataset)?.product_setting.as_ref()?;
    Some(setting.product.title())
}

fn bases(dataset: &Dataset) -> Vec<String> {
    let bases: BTreeSet<String> =
        dataset.keep_at_least.iter().filter_map(|minimum| minimum.basis.as_deref()).map(one_line).collect();
    bases.into_iter().collect()
}

fn ledgers(dataset: &Dataset) -> Vec<String> {
    dataset.ledgers().into_iter().map(ToString::to_string).collect()
}

/// Whether it may be about a copy: copies have no files, no setting of a product and no early losses.
fn is_of_copies_too(reason: Reason) -> bool {
    let of_source = [Reason::Unreachable, Reason::Partial, Reason::Empty, Reason::Unclaimed];
    (reason.is_of_items() && reason.rule() != Rule::Reconciliation) || of_source.contains(&reason)
}

fn copies(dataset: &Dataset) -> Vec<String> {
    dataset.copies.iter().filter_map(|copy| copy.copy_name.as_ref()).map(ToString::to_string).collect()
}
