//! The register's own tests: that what they are about exists, and that they can be fulfilled.

use super::Lowering;
use super::organisation::one_or_many;
use crate::config::file::{CivilOrInstant, FieldFile, Placed, TestFile};
use crate::config::lower::view::SourceView;
use crate::config::suggest;
use crate::domain::instant::Instant;
use crate::domain::name::DatasetName;
use crate::domain::register::RegisterTest;
use crate::domain::verdict::Reason;

impl Lowering<'_> {
    pub(super) fn tests(&mut self) -> Vec<RegisterTest> {
        let declared = self.declared;
        declared.tests.iter().filter_map(|test| self.test(test)).collect()
    }

    fn test(&mut self, test: &Placed<TestFile>) -> Option<RegisterTest> {
        let declared = self.declared;
        if test.dataset.is_none() {
            self.report.missing(
                &[test.span],
                "dataset",
                "the test has no `dataset`",
                "write `dataset = \"...\"`".to_owned(),
            );
        }
        if test.now.is_none() {
            let hint = "write `now = 2027-02-28T12:00:00+09:00`".to_owned();
            self.report.missing(&[test.span], "now", "the test has no `now`", hint);
        }
        let dataset = test
            .dataset
            .as_ref()
            .and_then(|name| self.reference("dataset", "datasets", name, &declared.datasets, DatasetName::new));
        for expected in one_or_many(test.expect.as_ref()) {
            self.check_expectation(expected);
        }
        if let Some(entry) = test.dataset.as_ref().and_then(|name| declared.datasets.get(&name.value)) {
            let layers = self.layers(entry);
            if let Some(view) = self.dataset_view(&layers, &entry.name.value) {
                self.warn_of_unread_columns(test, &view);
            }
        }
        let zone = self.organisation_zone();
        let now = match test.now.as_ref()?.value.0 {
            CivilOrInstant::Instant(instant) => instant,
            CivilOrInstant::Civil(civil) => zone.to_timestamp(civil).ok()?,
        };
        Some(RegisterTest {
            dataset: dataset?,
            now: Instant::from(now),
            item: test
                .item
                .iter()
                .flat_map(|item| &item.0)
                .map(|(column, value)| (column.value.clone(), value.value.0.clone()))
                .collect(),
            expect: one_or_many(test.expect.as_ref()).map(|expected| expected.value.clone()).collect(),
            origin: self.report.texts.place_text(test.span),
        })
    }

    fn check_expectation(&mut self, expected: &Placed<String>) {
        let known = expected.split_once(':').and_then(|(rule, reason)| Reason::parse(rule, reason));
        if known.is_none() {
            let names: Vec<String> =
                Reason::ALL.iter().map(|reason| format!("{}:{}", reason.rule(), reason.as_str())).collect();
            let otherwise = "write `rule:reason`, such as `retention:expired`";
            let hint = suggest::hint(&expected.value, names.iter().map(String::as_str), otherwise);
            self.report.problem(expected.span, format!("`{}` can never be found", expected.value), hint);
        }
    }

    fn warn_of_unread_columns(&mut self, test: &Placed<TestFile>, view: &SourceView) {
        let mut columns: Vec<&str> = vec!["name", "path", "file_time"];
        for (_, field) in view.source.fields.iter().flat_map(|fields| &fields.0) {
            match &field.value {
                FieldFile::Column(column) => columns.push(column),
                FieldFile::Synonyms(synonyms) => columns.extend(synonyms.iter().map(|column| column.0.as_str())),
                FieldFile::Table(table) => {
                    columns.extend(one_or_many(table.column.as_ref()).map(|column| column.value.0.as_str()));
                }
            }
        }
        for (column, _) in test.item.iter().flat_map(|item| &item.0) {
            if !columns.contains(&column.value.as_str()) {
                let message = format!("the {} reads no column `{}`", view.owner, column.value);
                let hint = suggest::hint(&column.value, columns.iter().copied(), "take it out, or map it to a field");
                self.report.warning(column.span, message, hint);
            }
        }
    }
}
