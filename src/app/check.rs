//! `purposed check` and `purposed config show`: the configuration as it is understood.

use super::AppError;
use super::session::load;
use crate::config::{self, ConfigProblem, OriginLine};
use crate::domain::register::{Dataset, Register, SourceSpec};
use crate::source;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// What a check came to when the configuration has no problem.
#[derive(Debug)]
pub struct CheckAnswer {
    /// How much the configuration declares, in one line.
    pub summary: String,
    /// What is allowed and yet probably not meant.
    pub warnings: Vec<ConfigProblem>,
    /// With `connect`: sources that are not as the register says, each with its dataset or ledger.
    pub connection_problems: Vec<String>,
    /// With `connect`: roles of connections that could do more than read.
    pub connection_warnings: Vec<String>,
}

/// Checks the configuration; with `connect` also whether roots, tables and headers are there.
///
/// # Errors
/// [`AppError::Config`] with every problem at once.
pub fn check(config_file: &Path, connect: bool) -> Result<CheckAnswer, AppError> {
    let loaded = load(config_file)?;
    let register = &loaded.register;
    let connection_problems = if connect { look_at_sources(register) } else { Vec::new() };
    let connection_warnings = if connect { look_at_roles(register) } else { Vec::new() };
    let summary = format!(
        "ok: {}, {}, {}, {}",
        counted(register.divisions.len(), "division"),
        counted(register.datasets.len(), "dataset"),
        counted(register.ledgers.len(), "ledger"),
        counted(register.tests.len(), "test"),
    );
    Ok(CheckAnswer { summary, warnings: loaded.warnings, connection_problems, connection_warnings })
}

/// The effective values of a dataset, each with its origin.
///
/// # Errors
/// [`AppError::Config`] when the configuration has problems or there is no such dataset.
pub fn show(config_file: &Path, dataset: &str) -> Result<Vec<OriginLine>, AppError> {
    config::origin(config_file, dataset).map_err(AppError::Config)
}

/// What is wrong with the sources as they are now.
fn look_at_sources(register: &Register) -> Vec<String> {
    let mut wrong = Vec::new();
    for (what, source) in sources(register) {
        match source::probe(source) {
            Ok(problems) => wrong.extend(problems.iter().map(|problem| format!("{what}: {}", problem.example))),
            Err(error) => wrong.push(format!("{what}: {error}")),
        }
    }
    wrong.extend(unread_settings(register));
    wrong
}

/// Which settings of products cannot be read.
pub(super) fn unread_settings(register: &Register) -> impl Iterator<Item = String> {
    let settings =
        register.datasets.iter().filter_map(|(name, dataset)| Some((name, dataset.product_setting.as_ref()?)));
    settings.filter_map(|(name, setting)| {
        let error = source::product_setting::read(setting, &AtomicBool::new(false)).err()?;
        Some(format!("dataset `{name}`: {error}"))
    })
}

/// What the roles of connections could change, each told once. A source that cannot be looked at is a problem
/// already.
fn look_at_roles(register: &Register) -> Vec<String> {
    let told: BTreeSet<String> =
        sources(register).filter_map(|(_, source)| source::may_write(source).ok().flatten()).collect();
    told.into_iter().collect()
}

/// All sources, with what they are for.
pub(super) fn sources(register: &Register) -> impl Iterator<Item = (String, &SourceSpec)> {
    let datasets = register.datasets.iter().map(|(name, dataset)| (format!("dataset `{name}`"), &dataset.source));
    let files = register.datasets.iter().filter_map(|(name, dataset)| {
        dataset.files.as_ref().map(|files| (format!("dataset `{name}`, its files"), &files.source))
    });
    let copies = register.datasets.iter().flat_map(|(name, dataset)| {
        let called =
            move |copy: &Dataset| copy.copy_name.as_ref().map(|copy| format!("dataset `{name}`, its copy `{copy}`"));
        dataset.copies.iter().filter_map(move |copy| Some((called(copy)?, &copy.source)))
    });
    let ledgers = register.ledgers.iter().map(|(name, ledger)| (format!("ledger `{name}`"), &ledger.source));
    datasets.chain(files).chain(copies).chain(ledgers)
}

/// A number with its noun.
fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
