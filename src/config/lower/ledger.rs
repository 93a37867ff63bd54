//! Ledgers: what is looked up rather than judged.

use super::Lowering;
use super::declared::Entry;
use super::view::SourceView;
use crate::config::file::{LedgerFile, LedgerKindText, Short};
use crate::domain::name::LedgerName;
use crate::domain::register::{Ledger, LedgerKind};
use std::collections::BTreeMap;

impl Lowering<'_> {
    pub(super) fn ledgers(&mut self) -> BTreeMap<LedgerName, Ledger> {
        let declared = self.declared;
        let mut ledgers = BTreeMap::new();
        for (key, entry) in &declared.ledgers {
            let name = self.own_name(&entry.name, LedgerName::new);
            let division = entry.value.division.as_ref().or(entry.file_division.as_ref());
            self.check_file_division(entry.value.division.as_ref(), entry.file_division.as_ref(), "ledger", key);
            let division = division.and_then(|division| self.division(division));
            if entry.value.kind.is_none() {
                let message = format!("the ledger `{key}` has no `kind`");
                let hint = "write `kind = \"consents\"` or `kind = \"opt-outs\"`".to_owned();
                self.report.missing(&[entry.value.span], "kind", message, hint);
            }
            if entry.value.source.is_none() {
                let message = format!("the ledger `{key}` has no `source`");
                let hint = format!("write `[ledgers.{key}.source]`, or name one of `[sources]`");
                self.report.missing(&[entry.value.span], "source", message, hint);
            }
            let view = self.ledger_view(entry);
            let source = view.as_ref().and_then(|view| self.source(view));
            let kind = entry.value.kind.as_ref().map(|kind| match kind.value {
                LedgerKindText::Consents => LedgerKind::Consents,
                LedgerKindText::OptOuts => LedgerKind::OptOuts,
            });
            if let (Some(view), Some(LedgerKind::Consents)) = (&view, kind) {
                self.warn_without_given_at(entry, view);
            }
            if let (Some(name), Some(kind), Some(source)) = (name, kind, source) {
                let avoid = view.as_ref().and_then(|view| self.avoided_hours(view));
                ledgers.insert(name, Ledger { kind, division, source, avoid });
            }
        }
        ledgers
    }

    /// The view of a ledger's source.
    pub(super) fn ledger_view(&mut self, entry: &Entry<LedgerFile>) -> Option<SourceView> {
        let source = entry.value.source.as_ref()?;
        let fields = match &source.value {
            Short::Table(table) => table.fields.iter().map(|fields| fields.span).collect(),
            Short::Text(_) => vec![],
        };
        self.view(source, format!("ledger `{}`", entry.name.value), vec![source.span], fields)
    }

    fn warn_without_given_at(&mut self, entry: &Entry<LedgerFile>, view: &SourceView) {
        let was_wrong = view.field_tables.iter().any(|table| self.report.was_removed(*table, "given_at"));
        if view.field("given_at").is_none() && !was_wrong {
            let message = format!("the ledger `{}` has no field `given_at`, so it never gives", entry.name.value);
            self.report.warning(entry.value.span, message, "map `given_at` under `fields` of its source".to_owned());
        }
    }
}
