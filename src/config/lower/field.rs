//! Fields of a source.

use super::Lowering;
use super::organisation::one_or_many;
use super::view::{PlaceKind, SourceView};
use crate::config::file::{AnswerText, FieldFile, FieldTable, FieldTypeText, Names, Placed};
use crate::config::text::Span;

use crate::domain::register::{CellAnswer, FieldAccess, FieldSpec, FieldType};
use std::collections::BTreeMap;
use unicode_normalization::UnicodeNormalization;

/// The ways in which a field may be found.
const WAYS: [&str; 5] = ["column", "name", "path", "value", "file_time"];

impl Lowering<'_> {
    /// The fields of a source, if nothing about them is wrong.
    pub(super) fn fields(&mut self, view: &SourceView) -> Option<Vec<FieldSpec>> {
        let place = view.place_kind();
        let mut specs = vec![];
        let mut all_right = true;
        for (name, field) in view.source.fields.iter().flat_map(|fields| &fields.0) {
            let spec = match &field.value {
                FieldFile::Column(column) => self.columns(field.span, &name.value, vec![column.clone()]),
                FieldFile::Synonyms(columns) => {
                    self.columns(field.span, &name.value, columns.iter().map(|column| column.0.clone()).collect())
                }
                FieldFile::Table(table) => self.field_table(&name.value, field.span, table),
            };
            match spec {
                Some(spec) => {
                    self.check_way(&spec, field.span, place);
                    specs.push(spec);
                }
                None => all_right = false,
            }
        }
        all_right.then_some(specs)
    }

    fn columns(&mut self, span: Span, name: &str, columns: Vec<String>) -> Option<FieldSpec> {
        if columns.is_empty() || columns.iter().any(|column| column.trim().is_empty()) {
            let hint = "write the header as it stands in the list".to_owned();
            self.report.problem(span, format!("the field `{name}` names no column"), hint);
            return None;
        }
        Some(plain_field(name, FieldAccess::Column(columns)))
    }

    fn field_table(&mut self, name: &str, span: Span, table: &FieldTable) -> Option<FieldSpec> {
        let access = self.access(name, span, table)?;
        let mut spec = plain_field(name, access);
        if let Some(given) = &table.field_type {
            spec.field_type = match given.value {
                FieldTypeText::Email => FieldType::Email,
                FieldTypeText::Phone => FieldType::Phone,
                FieldTypeText::Text => FieldType::Text,
            };
        }
        spec.formats = one_or_many(table.format.as_ref()).map(|format| format.value.0.clone()).collect();
        spec.time_zone = table.time_zone.as_ref().map(|zone| zone.value.0.clone());
        spec.empty_is_running = table.empty.is_some();
        spec.normalised = table.normalised.as_ref().is_some_and(|given| given.value);
        if let Some(split) = table.split.as_ref().filter(|split| split.is_empty()) {
            let hint = "write the text between two values, such as `split = \";\"`".to_owned();
            self.report.problem(split.span, "`split` is empty", hint);
        }
        spec.split = table.split.as_ref().map(|split| split.value.clone());
        spec.answers = self.answers(table.values.as_ref());
        Some(spec)
    }

    fn access(&mut self, name: &str, span: Span, table: &FieldTable) -> Option<FieldAccess> {
        let columns = || one_or_many(table.column.as_ref()).map(|column| column.value.0.clone()).collect::<Vec<_>>();
        let file_time = table.file_time.as_ref().filter(|given| given.value);
        let mut ways: Vec<(Span, FieldAccess)> = vec![];
        ways.extend(table.column.as_ref().map(|given| (given.span, FieldAccess::Column(columns()))));
        ways.extend(table.name.as_ref().map(|given| (given.span, FieldAccess::Name(given.value.0.clone()))));
        ways.extend(table.path.as_ref().map(|given| (given.span, FieldAccess::Path(given.value.0.clone()))));
        ways.extend(table.value.as_ref().map(|given| (given.span, FieldAccess::Constant(given.value.0.clone()))));
        ways.extend(file_time.map(|given| (given.span, FieldAccess::FileTime)));
        ways.sort_by_key(|(span, _)| *span);
        let hint = "a field has exactly one of `column`, `name`, `path`, `value` and `file_time`";
        if let Some((second, _)) = ways.get(1) {
            self.report.problem(*second, format!("the field `{name}` is found in two ways"), hint.to_owned());
            return None;
        }
        let Some((span, access)) = ways.pop() else {
            if !WAYS.iter().any(|way| self.report.was_removed(span, way)) {
                let message = format!("the field `{name}` does not say how it is found");
                self.report.missing(&[span], "column", message, hint.to_owned());
            }
            return None;
        };
        if access == FieldAccess::Column(vec![]) {
            let hint = "write the header as it stands in the list".to_owned();
            self.report.problem(span, format!("the field `{name}` names no column"), hint);
            return None;
        }
        Some(access)
    }

    /// Files have no columns, and rows of a database no file.
    fn check_way(&mut self, spec: &FieldSpec, span: Span, place: Option<PlaceKind>) {
        let (message, hint) = match (place, &spec.access) {
            (Some(PlaceKind::Files), FieldAccess::Column(_)) => (
                format!("the field `{}` is a column, and a file has no columns", spec.name),
                "find it by `name`, `path` or `file_time`; for lists write `items = \"rows\"`",
            ),
            (Some(PlaceKind::Database), FieldAccess::Name(_) | FieldAccess::Path(_) | FieldAccess::FileTime) => (
                format!("the field `{}` is found by its file, and a row of a database has none", spec.name),
                "find it by `column`",
            ),
            _ => return,
        };
        self.report.problem(span, message, hint.to_owned());
    }

    fn answers(&mut self, values: Option<&Placed<Names<AnswerText>>>) -> BTreeMap<String, CellAnswer> {
        let mut answers = BTreeMap::new();
        let mut places: BTreeMap<String, Span> = BTreeMap::new();
        for (value, answer) in values.into_iter().flat_map(|values| &values.0) {
            let key = value.value.trim().nfkc().collect::<String>().trim().to_owned();
            if let Some(first) = places.insert(key.clone(), value.span) {
                let hint = format!("it is first given at {}; keep one of them", self.report.texts.place_text(first));
                self.report.problem(value.span, format!("`{}` is given twice", value.value), hint);
            }
            let answer = match answer.value {
                AnswerText::Given => CellAnswer::Given,
                AnswerText::Refused => CellAnswer::Refused,
            };
            answers.insert(key, answer);
        }
        answers
    }
}

/// A field of which only the access is said.
fn plain_field(name: &str, access: FieldAccess) -> FieldSpec {
    let field_type = match name {
        "email" => FieldType::Email,
        "phone" => FieldType::Phone,
        _ => FieldType::Text,
    };
    FieldSpec {
        name: name.to_owned(),
        access,
        field_type,
        formats: vec![],
        time_zone: None,
        empty_is_running: false,
        normalised: false,
        split: None,
        answers: BTreeMap::new(),
    }
}
