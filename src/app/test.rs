//! `purposed test`: the register's own tests. Made-up items are judged by the real rules; no source is
//! read, so every ledger is empty.

use super::AppError;
use super::made_up::MadeUp;
use crate::config;
use crate::domain::register::{Register, RegisterTest};
use crate::rule::{Judge, LedgerTable, SubjectKey};
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

/// Runs one test; nothing for a dataset that is not there, which `check` has refused before.
fn run(register: &Register, test: &RegisterTest) -> Option<TestResult> {
    let dataset = register.datasets.get(&test.dataset)?;
    let empty = register.ledgers.keys().map(|name| (name.clone(), LedgerTable::build(Vec::new())));
    let ledgers: BTreeMap<_, _> = empty.collect();
    let judge = Judge::compile(register, dataset, test.now, SubjectKey::new(0, 0), &ledgers);
    let made_up = MadeUp::new(&dataset.source, &test.item);
    let judgement = made_up.with_item(|item| judge.judge(item, &mut judge.scratch()));
    let found: BTreeSet<String> = judgement
        .reasons
        .union(judge.whole_reasons())
        .iter()
        .map(|reason| format!("{}:{}", reason.rule(), reason))
        .collect();
    let expected: BTreeSet<String> = test.expect.iter().cloned().collect();
    Some(TestResult {
        dataset: test.dataset.to_string(),
        origin: test.origin.clone(),
        missing: expected.difference(&found).cloned().collect(),
        surplus: found.difference(&expected).cloned().collect(),
    })
}
