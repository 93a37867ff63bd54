//! A source with its preset laid beneath it: which fields it has, before any of them is read. Rules refer
//! to fields by name; that a field exists is decided here, even where the field itself is wrong.

use super::Lowering;
use crate::config::file::{AskText, ItemsText, Placed, Short, SourceFile};
use crate::config::suggest;
use crate::config::text::Span;
use crate::domain::register::IdentityPart;

/// File name endings of lists.
const LIST_ENDINGS: [&str; 7] = ["csv", "tsv", "txt", "xlsx", "xlsm", "xls", "ods"];

/// What kind of place a source is, as far as it is written, right or wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceKind {
    /// A folder whose files are items.
    Files,
    /// A folder of lists whose rows are items.
    Lists,
    /// A database.
    Database,
}

/// A source with its preset laid beneath it.
#[derive(Debug, Clone)]
pub struct SourceView {
    /// What holds in the end.
    pub source: SourceFile,
    /// Whose source it is, for people: `dataset calls`, `ledger consents`.
    pub owner: String,
    /// What the source itself is called, for people: `the source of the dataset calls`, `the source partners`.
    pub what: String,
    /// The tables of the source, its own first.
    pub tables: Vec<Span>,
    /// The tables of its fields.
    pub field_tables: Vec<Span>,
}

impl SourceView {
    /// The names of the fields, in their order.
    pub fn field_names(&self) -> impl Iterator<Item = &str> {
        super::keys(self.source.fields.as_ref())
    }

    /// What kind of place it is; `None` where that cannot be told.
    #[must_use]
    pub fn place_kind(&self) -> Option<PlaceKind> {
        match (&self.source.root, &self.source.connection, &self.source.files) {
            (None, Some(_), _) => Some(PlaceKind::Database),
            (Some(_), None, Some(files)) => {
                let is_rows = match self.source.items.as_ref().map(|items| items.value) {
                    Some(items) => items == ItemsText::Rows,
                    None => files.entries.iter().all(|glob| ends_like_a_list(&glob.value.0)),
                };
                Some(if is_rows { PlaceKind::Lists } else { PlaceKind::Files })
            }
            _ => None,
        }
    }

    /// The index of a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<usize> {
        self.field_names().position(|known| known == name)
    }
}

fn ends_like_a_list(glob: &str) -> bool {
    let ending = glob.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    let mut endings = ending.trim_matches(['{', '}']).split(',');
    endings.all(|ending| LIST_ENDINGS.contains(&ending.trim_start_matches("*.")))
}

impl Lowering<'_> {
    /// The view of a source that is a table or the name of one of `[sources]`. `tables` and `field_tables`
    /// are those of all layers of a table.
    pub(super) fn view(
        &mut self,
        source: &Placed<Short<SourceFile>>,
        owner: String,
        tables: Vec<Span>,
        field_tables: Vec<Span>,
    ) -> Option<SourceView> {
        match &source.value {
            Short::Text(name) => self.shared_view(&Placed::new(source.span, name.clone()), owner),
            Short::Table(table) => {
                let why = "it is for one of `[sources]` that `copies` names";
                self.not_here(table.extra.as_ref().map(|extra| extra.span), "extra", why);
                let what = format!("the source of the {owner}");
                self.with_preset(table.clone(), [owner, what], tables, field_tables)
            }
        }
    }

    /// The view of one of `[sources]`.
    pub(super) fn shared_view(&mut self, name: &Placed<String>, owner: String) -> Option<SourceView> {
        let declared = self.declared;
        let Some(entry) = declared.sources.get(&name.value) else {
            if !self.report.section_was_removed("sources") {
                let known = declared.sources.keys().map(String::as_str);
                let otherwise = format!("declare it as `[sources.{}]`", name.value);
                self.report.unknown(name.span, "source", &name.value, known, &otherwise);
            }
            return None;
        };
        let fields = entry.value.fields.iter().map(|fields| fields.span).collect();
        let what = format!("the source `{}`", name.value);
        self.with_preset(entry.value.value.clone(), [owner, what], vec![entry.value.span], fields)
    }

    /// What the source's preset asks, and nobody answered.
    pub(super) fn check_answers(&mut self, view: &SourceView, key: &str, secrecy_is_said: bool) {
        let asked = view.source.asks.iter().flat_map(|asks| &asks.entries);
        for ask in asked {
            match ask.value {
                AskText::Secrecy if secrecy_is_said => {}
                AskText::Secrecy => {
                    let message =
                        format!("the dataset `{key}` does not say whether it has communications of subscribers");
                    let hint = "write `secrecy = true`, or `secrecy = false` for calls of the company's own lines, in the \
                                dataset or its category";
                    let span = view.source.preset.as_ref().map_or(ask.span, |preset| preset.span);
                    self.report.problem(span, message, hint.to_owned());
                }
            }
        }
    }

    fn with_preset(
        &mut self,
        mut source: SourceFile,
        [owner, what]: [String; 2],
        tables: Vec<Span>,
        mut field_tables: Vec<Span>,
    ) -> Option<SourceView> {
        if let Some(name) = source.preset.clone() {
            let presets = self.presets;
            let Some(preset) = presets.get(&name.value) else {
                let known = presets.keys().map(String::as_str);
                let otherwise =
                    "`purposed preset list` shows them; own ones lie in the folders of `presets` in purposed.toml";
                self.report.unknown(name.span, "preset", &name.value, known, otherwise);
                return None;
            };
            field_tables.extend(preset.fields.as_ref().map(|fields| fields.span));
            source = source.over(&preset.value);
        }
        Some(SourceView { source, owner, what, tables, field_tables })
    }

    /// The index of a field that something refers to; noted when the source has no such field.
    pub(super) fn field_index(&mut self, view: &SourceView, name: &Placed<String>) -> Option<usize> {
        let found = view.field(&name.value);
        let is_wrong = || view.field_tables.iter().any(|table| self.report.was_removed(*table, &name.value));
        let all_wrong = || view.tables.iter().any(|table| self.report.was_removed(*table, "fields"));
        if found.is_none() && !is_wrong() && !all_wrong() {
            let message = format!("the {} has no field `{}`", view.owner, name.value);
            let otherwise = "map it under `fields` of the source";
            let hint = match suggest::closest(&name.value, view.field_names()) {
                Some(candidate) => format!("did you mean `{candidate}`?"),
                None if view.field_names().next().is_none() => otherwise.to_owned(),
                None => format!("{otherwise}; it has {}", suggest::list(view.field_names())),
            };
            self.report.problem(name.span, message, hint);
        }
        found
    }

    /// The parts of an identity.
    pub(super) fn identity(&mut self, view: &SourceView) -> Option<Vec<IdentityPart>> {
        let identity = view.source.identity.clone()?;
        if identity.entries.is_empty() {
            let hint = "write `identity = [\"file\", \"id\"]`, or leave it out".to_owned();
            self.report.problem(identity.span, "an identity of nothing would make all items the same", hint);
        }
        let part = |name: &Placed<String>| match name.value.as_str() {
            "file" if view.field("file").is_none() => Some(IdentityPart::File),
            _ => self.field_index(view, name).map(IdentityPart::Field),
        };
        Some(identity.entries.iter().filter_map(part).collect())
    }
}
