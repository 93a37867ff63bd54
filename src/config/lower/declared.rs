//! Merges register files: everything under its name, wherever it was written. A name given twice is noted
//! with both places.

use crate::config::file::{
    CategoryFile, ContractFile, DatasetFile, DivisionFile, ExceptionsFile, LedgerFile, LettersFile, Names,
    OrganisationFile, PersonFile, Placed, PurposeFile, RegisterFile, SourceFile, TestFile,
};
use crate::config::lower::layer::Spans;
use crate::config::report::Report;
use crate::config::text::Span;
use std::collections::BTreeMap;

/// Something declared under a name.
#[derive(Debug, Clone)]
pub struct Entry<T> {
    /// Its name and where that is written.
    pub name: Placed<String>,
    /// What is declared.
    pub value: Placed<T>,
    /// The division of the file it is written in.
    pub file_division: Option<Placed<String>>,
}

/// Everything that the register files declare.
#[derive(Debug, Default)]
pub struct Declared {
    /// Whether every file that the register should have was read, and there was one.
    pub is_whole: bool,
    /// The organisation.
    pub organisation: Option<Placed<OrganisationFile>>,
    /// How letters are sent.
    pub letters: Option<Placed<LettersFile>>,
    /// How long exceptions may last.
    pub exceptions: Option<Placed<ExceptionsFile>>,
    /// Divisions that whole files belong to.
    pub file_divisions: Vec<Placed<String>>,
    /// People.
    pub people: BTreeMap<String, Entry<PersonFile>>,
    /// Divisions.
    pub divisions: BTreeMap<String, Entry<DivisionFile>>,
    /// Purposes.
    pub purposes: BTreeMap<String, Entry<PurposeFile>>,
    /// Categories.
    pub categories: BTreeMap<String, Entry<CategoryFile>>,
    /// Contracts.
    pub contracts: BTreeMap<String, Entry<ContractFile>>,
    /// Ledgers.
    pub ledgers: BTreeMap<String, Entry<LedgerFile>>,
    /// Named sources.
    pub sources: BTreeMap<String, Entry<SourceFile>>,
    /// Templates.
    pub templates: BTreeMap<String, Entry<DatasetFile>>,
    /// Datasets.
    pub datasets: BTreeMap<String, Entry<DatasetFile>>,
    /// What every dataset takes where it says nothing.
    pub defaults: Option<Placed<DatasetFile>>,
    /// The register's own tests.
    pub tests: Vec<Placed<TestFile>>,
}

/// Merges the files.
pub fn gather(files: Vec<RegisterFile>, report: &mut Report) -> Declared {
    let mut declared = Declared::default();
    for file in files {
        let division = file.division.as_ref();
        merge(&mut declared.people, file.people, division, "person", report);
        merge(&mut declared.divisions, file.divisions, division, "division", report);
        merge(&mut declared.purposes, file.purposes, division, "purpose", report);
        merge(&mut declared.categories, file.categories, division, "category", report);
        merge(&mut declared.contracts, file.contracts, division, "contract", report);
        merge(&mut declared.ledgers, file.ledgers, division, "ledger", report);
        merge(&mut declared.sources, file.sources, division, "source", report);
        merge(&mut declared.templates, file.templates, division, "template", report);
        merge(&mut declared.datasets, file.datasets, division, "dataset", report);
        declared.tests.extend(file.tests);
        declared.file_divisions.extend(file.division);
        match (&declared.organisation, file.organisation) {
            (Some(first), Some(second)) => twice("`[organisation]`", first.span, second.span, report),
            (None, Some(only)) => declared.organisation = Some(only),
            (_, None) => {}
        }
        merge_keys(&mut declared.defaults, file.defaults, "defaults", DatasetFile::over, report);
        merge_keys(&mut declared.letters, file.letters, "letters", LettersFile::keys_over, report);
        merge_keys(&mut declared.exceptions, file.exceptions, "exceptions", ExceptionsFile::keys_over, report);
    }
    declared
}

fn twice(what: &str, first: Span, second: Span, report: &mut Report) {
    let hint = format!("it is first given at {}; keep one of them", report.texts.place_text(first));
    report.problem(second, format!("{what} is given twice"), hint);
}

fn merge<T>(
    known: &mut BTreeMap<String, Entry<T>>,
    names: Names<T>,
    division: Option<&Placed<String>>,
    kind: &str,
    report: &mut Report,
) {
    for (name, value) in names.0 {
        if let Some(first) = known.get(&name.value) {
            twice(&format!("the {kind} `{}`", name.value), first.name.span, name.span, report);
            continue;
        }
        let entry = Entry { name, value, file_division: division.cloned() };
        known.insert(entry.name.value.clone(), entry);
    }
}

/// Merges a table that has its keys in several files; a key given twice is noted.
fn merge_keys<T: Spans>(
    known: &mut Option<Placed<T>>,
    more: Option<Placed<T>>,
    section: &str,
    over: fn(&T, &T) -> T,
    report: &mut Report,
) {
    let Some(more) = more else { return };
    let Some(first) = known else {
        *known = Some(more);
        return;
    };
    let firsts = first.spans();
    for (key, span) in more.spans() {
        if let Some((_, first)) = firsts.iter().find(|(known, _)| *known == key) {
            twice(&format!("`{key}` in `[{section}]`"), *first, span, report);
        }
    }
    first.value = over(&first.value, &more.value);
}
