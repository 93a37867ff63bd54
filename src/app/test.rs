//! `purposed test`: the register's own tests. Made-up items are judged by the real rules; no source is
//! read, so every ledger is empty.

use super::AppError;
use super::made_up::MadeUp;
use crate::config;
use crate::domain::item::Item;
use crate::domain::register::{Dataset, Register, RegisterTest};
use crate::domain::verdict::{Reason, Reasons};
use crate::rule::{Judge, LedgerTable, Slice, SliceScratch, SubjectKey};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// How one test of the register ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestResult {
    /// The dataset.
    pub dataset: String,
    /// Where the test stands.
    pub origin: String,
    /// Expected and not found.
    pub missing: Vec<String>,
    /// Found and not expected.
    pub surplus: Vec<String>,
}

impl TestResult {
    /// Whether just what was expected was found.
    #[must_use]
    pub const fn passed(&self) -> bool {
        self.missing.is_empty() && self.surplus.is_empty()
    }
}

/// Runs the register's tests in the order in which they stand.
///
/// # Errors
/// [`AppError::Config`] when the configuration has problems.
pub fn test(config_file: &Path) -> Result<Vec<TestResult>, AppError> {
    let register = config::load(config_file).map_err(AppError::Config)?.register;
    Ok(register.tests.iter().filter_map(|test| run(&register, test)).collect())
}

/// Whether the item lies in the dataset's slice.
fn has(register: &Register, dataset: &Dataset, item: &Item<'_>) -> bool {
    Slice::of(register, dataset).is_none_or(|slice| slice.has(item, &mut SliceScratch::default()))
}

/// What is said of an item that lies outside the dataset's slice: nothing, unless no dataset of the source claims it.
fn outside(register: &Register, dataset: &Dataset, item: &Item<'_>) -> Reasons {
    let Some(source) = &dataset.shared_source else { return Reasons::NONE };
    let mut sharers = register.datasets.values().filter(|other| other.shared_source.as_ref() == Some(source));
    let is_claimed = sharers.any(|other| has(register, other, item));
    (!is_claimed).then_some(Reason::Unclaimed).into_iter().collect()
}

/// Runs one test; nothing for a dataset that is not there, which `check` has refused before.
fn run(register: &Register, test: &RegisterTest) -> Option<TestResult> {
    let dataset = register.datasets.get(&test.dataset)?;
    let empty = register.ledgers.keys().map(|name| (name.clone(), LedgerTable::build(Vec::new())));
    let ledgers: BTreeMap<_, _> = empty.collect();
    let judge = Judge::compile(register, dataset, test.now, SubjectKey::new(0, 0), &ledgers);
    let made_up = MadeUp::new(&dataset.source, &test.item);
    let reasons = made_up.with_item(|item| {
        if has(register, dataset, item) {
            judge.judge(item, &mut judge.scratch()).reasons
        } else {
            outside(register, dataset, item)
        }
    });
    let found: BTreeSet<String> =
        reasons.union(judge.whole_reasons()).iter().map(|reason| format!("{}:{}", reason.rule(), reason)).collect();
    let expected: BTreeSet<String> = test.expect.iter().cloned().collect();
    Some(TestResult {
        dataset: test.dataset.to_string(),
        origin: test.origin.clone(),
        missing: expected.difference(&found).cloned().collect(),
        surplus: found.difference(&expected).cloned().collect(),
    })
}
