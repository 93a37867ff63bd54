//! Where consent and opt-outs are on record: ledgers and columns of the row.

use super::Lowering;
use super::organisation::one_or_many;
use super::view::SourceView;
use crate::config::file::{ConsentFile, FieldFile, LedgerKindText, OneOrMany, OptOutFile, Placed};
use crate::config::text::Span;
use crate::domain::name::LedgerName;
use crate::domain::register::{ConsentEntry, ConsentSource, KeyField, OptOutEntry};

const FORMS: &str = "write { ledger = \"...\", by = \"email\" }, or { row = \"...\" }";

impl Lowering<'_> {
    /// The places where consent is on record.
    pub(super) fn consent(
        &mut self,
        entries: Option<&OneOrMany<ConsentFile>>,
        view: Option<&SourceView>,
        dataset_purposes: &[String],
    ) -> Vec<ConsentEntry> {
        let mut read = vec![];
        for entry in one_or_many(entries) {
            let purposes: Vec<_> = one_or_many(entry.purposes.as_ref())
                .filter_map(|name| {
                    let purpose = self.purpose(name)?;
                    if !dataset_purposes.contains(&name.value) {
                        let hint = "this entry is never asked for it".to_owned();
                        let message = format!("the dataset is not held for the purpose `{}`", name.value);
                        self.report.warning(name.span, message, hint);
                    }
                    Some(purpose)
                })
                .collect();
            let source = self.consent_source(entry, view);
            let valid_for = entry.valid_for.as_ref().map(|period| period.value.0);
            read.extend(source.map(|source| ConsentEntry { source, valid_for, purposes }));
        }
        read
    }

    fn consent_source(&mut self, entry: &Placed<ConsentFile>, view: Option<&SourceView>) -> Option<ConsentSource> {
        match (&entry.ledger, &entry.row) {
            (Some(ledger), None) => {
                if let Some(at) = &entry.at {
                    self.report.problem(at.span, "`at` belongs to `row`", "the ledger itself says when".to_owned());
                }
                let (ledger, by) =
                    self.ledger(entry.span, ledger, entry.by.as_ref(), LedgerKindText::Consents, view)?;
                Some(ConsentSource::Ledger { ledger, by })
            }
            (None, Some(row)) => {
                self.not_with_row(entry.by.as_ref());
                let field = view.and_then(|view| self.field_index(view, row));
                let at = entry.at.as_ref().and_then(|at| self.field_index(view?, at));
                if let Some(view) = view {
                    self.warn_without_values(row, view);
                }
                Some(ConsentSource::Row { field: field?, at })
            }
            (Some(first), Some(second)) => self.two_places(first, second),
            (None, None) => self.no_place(entry.span, "consent"),
        }
    }

    /// The places where opt-outs are on record.
    pub(super) fn opt_outs(
        &mut self,
        entries: Option<&OneOrMany<OptOutFile>>,
        view: Option<&SourceView>,
    ) -> Vec<OptOutEntry> {
        let mut read = vec![];
        for entry in one_or_many(entries) {
            read.extend(match (&entry.ledger, &entry.row) {
                (Some(ledger), None) => self
                    .ledger(entry.span, ledger, entry.by.as_ref(), LedgerKindText::OptOuts, view)
                    .map(|(ledger, by)| OptOutEntry::Ledger { ledger, by }),
                (None, Some(row)) => {
                    self.not_with_row(entry.by.as_ref());
                    view.and_then(|view| self.field_index(view, row)).map(|field| OptOutEntry::Row { field })
                }
                (Some(first), Some(second)) => self.two_places(first, second),
                (None, None) => self.no_place(entry.span, "opt_outs"),
            });
        }
        read
    }

    fn two_places<T>(&mut self, first: &Placed<String>, second: &Placed<String>) -> Option<T> {
        let message = "an entry is either a ledger or a column of the row";
        self.report.problem(first.span.max(second.span), message, "write two entries, in a list".to_owned());
        None
    }

    fn no_place<T>(&mut self, span: Span, key: &str) -> Option<T> {
        if !self.report.was_removed(span, "row") {
            let message = format!("`{key}` says neither which ledger nor which column");
            self.report.missing(&[span], "ledger", message, FORMS.to_owned());
        }
        None
    }

    fn not_with_row(&mut self, by: Option<&OneOrMany<String>>) {
        if let Some(by) = by {
            self.report.problem(by.span, "`by` belongs to `ledger`", "the row itself answers; take it out".to_owned());
        }
    }

    /// A column without `values` never gives: whatever stands in it is not one that the register knows.
    fn warn_without_values(&mut self, row: &Placed<String>, view: &SourceView) {
        let field = view.source.fields.iter().flat_map(|fields| &fields.0).find(|(name, _)| name.value == row.value);
        let has_values = field.is_none_or(|(_, field)| match &field.value {
            FieldFile::Table(table) => table.values.is_some() || self.report.was_removed(field.span, "values"),
            FieldFile::Column(_) | FieldFile::Synonyms(_) => false,
        });
        if !has_values {
            let message = format!("the field `{}` has no `values`, so it never says yes", row.value);
            let hint = "write values = { \"yes\" = \"given\", \"no\" = \"refused\" } into the field".to_owned();
            self.report.warning(row.span, message, hint);
        }
    }

    /// A ledger and the keys by which it is asked.
    fn ledger(
        &mut self,
        span: Span,
        name: &Placed<String>,
        by: Option<&OneOrMany<String>>,
        kind: LedgerKindText,
        view: Option<&SourceView>,
    ) -> Option<(LedgerName, Vec<KeyField>)> {
        let declared = self.declared;
        let ledger_name = self.reference("ledger", "ledgers", name, &declared.ledgers, LedgerName::new);
        if by.is_none_or(|by| by.entries.is_empty()) {
            let hint = "write `by = \"email\"`: a field that both have".to_owned();
            self.report.missing(&[span], "by", format!("no key by which the ledger `{}` is asked", name.value), hint);
        }
        let entry = declared.ledgers.get(&name.value);
        if let Some(given) = entry.and_then(|entry| entry.value.kind.as_ref())
            && given.value != kind
        {
            let (is, wanted) = match kind {
                LedgerKindText::Consents => ("opt-outs", "consents"),
                LedgerKindText::OptOuts => ("consents", "opt-outs"),
            };
            let message = format!("the ledger `{}` is of kind `{is}`", name.value);
            self.report.problem(name.span, message, format!("a ledger of kind `{wanted}` is asked here"));
        }
        let ledger_view = entry.and_then(|entry| self.ledger_view(entry));
        let mut keys = vec![];
        for key in one_or_many(by) {
            let field = view.and_then(|view| self.field_index(view, key));
            let ledger_field = ledger_view.as_ref().and_then(|view| self.field_index(view, key));
            if let (Some(field), Some(ledger_field)) = (field, ledger_field) {
                keys.push(KeyField { field, ledger_field });
            }
        }
        Some((ledger_name?, keys))
    }
}
