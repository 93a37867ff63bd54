//! Secrecy: of communications of subscribers only clock and opaque id are read. Whatever would make a scan read more
//! is refused here; fields that are mapped and that nothing asks for are not read.

use super::Lowering;
use super::organisation::one_or_many;
use super::view::SourceView;
use crate::config::file::{DatasetFile, FieldFile, OneOrMany};
use crate::config::text::Span;

impl Lowering<'_> {
    /// Notes what would make more be read of the dataset `key` than clock and id.
    pub(super) fn check_secrecy(&mut self, key: &str, file: &DatasetFile, view: Option<&SourceView>) {
        self.no_files_under_secrecy(file, key);
        let asks = [("consent", given(file.consent.as_ref())), ("opt_outs", given(file.opt_outs.as_ref()))];
        for (asked, span) in asks {
            if let Some(span) = span {
                let hint = "take it out, or write an empty list over a template's".to_owned();
                self.not_under_secrecy(span, key, &format!("`{asked}` asks who it is about"), hint);
            }
        }
        let Some(view) = view else { return };
        let maxima = one_or_many(file.keep.as_ref()).map(|keep| (keep.from.as_ref(), keep.conditions.as_ref()));
        let minima =
            one_or_many(file.keep_at_least.as_ref()).map(|keep| (keep.from.as_ref(), keep.conditions.as_ref()));
        let periods: Vec<_> = maxima.chain(minima).collect();
        let clocks: Vec<&str> =
            periods.iter().flat_map(|(from, _)| one_or_many(*from)).map(|name| name.value.as_str()).collect();
        let reads_more = |name: &str| name != "id" && !clocks.contains(&name) && is_read(view, name);
        let conditions = periods.iter().filter_map(|(_, conditions)| *conditions);
        for name in conditions.chain(file.conditions.as_ref()).flat_map(|fields| &fields.0) {
            if reads_more(&name.0.value) {
                let hint = "take the condition out, or give those items a dataset and a source of their own".to_owned();
                self.not_under_secrecy(
                    name.0.span,
                    key,
                    &format!("`where` asks for the field `{}`", name.0.value),
                    hint,
                );
            }
        }
        for name in one_or_many(view.source.identity.as_ref()) {
            if reads_more(&name.value) {
                let hint = "write `identity = [\"file\", \"id\"]`, or leave it out".to_owned();
                self.not_under_secrecy(
                    name.span,
                    key,
                    &format!("`identity` asks for the field `{}`", name.value),
                    hint,
                );
            }
        }
        let fields = view.source.fields.iter().flat_map(|fields| &fields.0);
        for (name, _) in fields.filter(|(name, _)| name.value == "purpose") {
            if reads_more("purpose") {
                let hint =
                    "take it out, or write purpose = { value = \"...\" } where all items have the same".to_owned();
                self.not_under_secrecy(name.span, key, "each item's field `purpose` would be judged", hint);
            }
        }
    }

    fn not_under_secrecy(&mut self, span: Span, key: &str, why: &str, hint: String) {
        let message = format!("the dataset `{key}` is under `secrecy`, only clock and `id` are read: {why}");
        self.report.problem(span, message, hint);
    }
}

/// Where a list is that is not empty.
fn given<T>(list: Option<&OneOrMany<T>>) -> Option<Span> {
    list.filter(|list| !list.entries.is_empty()).map(|list| list.span)
}

/// Whether the field's values come from the items, rather than from the register.
fn is_read(view: &SourceView, name: &str) -> bool {
    let mut fields = view.source.fields.iter().flat_map(|fields| &fields.0);
    fields.find(|(known, _)| known.value == name).is_some_and(|(_, field)| match &field.value {
        FieldFile::Table(table) => table.value.is_none(),
        FieldFile::Column(_) | FieldFile::Synonyms(_) => true,
    })
}
