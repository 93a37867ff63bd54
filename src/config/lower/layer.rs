//! Layers: a dataset over its template over the defaults, a source over its preset. What the upper layer
//! says replaces what the lower one says, key by key; fields of a source merge one by one.

use super::declared::Entry;
use crate::config::file::{DatasetFile, ExceptionsFile, LettersFile, Names, OneOrMany, Placed, Short, SourceFile};
use crate::config::text::Span;

/// Where a key is written.
trait At {
    fn at(&self) -> Option<Span>;
}

impl<T> At for Option<Placed<T>> {
    fn at(&self) -> Option<Span> {
        self.as_ref().map(|placed| placed.span)
    }
}

impl<T> At for Option<OneOrMany<T>> {
    fn at(&self) -> Option<Span> {
        self.as_ref().map(|many| many.span)
    }
}

/// The keys that a table gives, and where.
pub trait Spans {
    /// Each key given, with its place, in the order of the reference.
    fn spans(&self) -> Vec<(&'static str, Span)>;
}

macro_rules! layered {
    ($type:ident { $($field:ident: $key:literal),* $(,)? }) => {
        impl Spans for $type {
            fn spans(&self) -> Vec<(&'static str, Span)> {
                [$(($key, self.$field.at())),*].into_iter().filter_map(|(key, span)| Some((key, span?))).collect()
            }
        }

        impl $type {
            /// The keys of this table, and those of `lower` that it lacks.
            pub fn keys_over(&self, lower: &Self) -> Self {
                Self { $($field: self.$field.clone().or_else(|| lower.$field.clone())),* }
            }
        }
    };
}

layered!(SourceFile {
    preset: "preset",
    connection: "connection",
    table: "table",
    schema: "schema",
    query: "query",
    root: "root",
    files: "files",
    exclude: "exclude",
    items: "items",
    encoding: "encoding",
    sheet: "sheet",
    header_row: "header_row",
    columns: "columns",
    identity: "identity",
    time_zone: "time_zone",
    fields: "fields",
    asks: "asks",
    product_paths: "product_paths",
    matched_by: "matched_by",
    may_be_empty: "may_be_empty",
    extra: "extra",
});

layered!(DatasetFile {
    template: "template",
    name: "name",
    division: "division",
    category: "category",
    purposes: "purposes",
    schedule: "schedule",
    time_zone: "time_zone",
    random_delay: "random_delay",
    site: "site",
    was: "was",
    retired: "retired",
    warn: "warn",
    keep: "keep",
    keep_at_least: "keep_at_least",
    consent: "consent",
    opt_outs: "opt_outs",
    provenance: "provenance",
    contract: "contract",
    early_loss: "early_loss",
    may_be_empty: "may_be_empty",
    secrecy: "secrecy",
    special: "special",
    collected: "collected",
    tell: "tell",
    product_setting: "product_setting",
    source: "source",
    sources: "sources",
    conditions: "where",
    baseline: "baseline",
});

layered!(LettersFile {
    send: "send",
    holidays: "holidays",
    repeat: "repeat",
    escalate_after: "escalate_after",
    declare_within: "declare_within",
    immediate: "immediate",
    summary: "summary",
});

layered!(ExceptionsFile {
    longest_extension: "longest_extension",
    longest_approval: "longest_approval",
    remind: "remind",
});

impl SourceFile {
    /// This source where it says something, `lower` where it does not. A folder here puts a database there
    /// out of force, and the other way round.
    #[must_use]
    pub fn over(&self, lower: &Self) -> Self {
        let mut lower = lower.clone();
        if self.root.is_some() {
            (lower.connection, lower.table, lower.schema, lower.query) = (None, None, None, None);
        }
        if self.connection.is_some() {
            (lower.root, lower.files, lower.exclude, lower.items) = (None, None, None, None);
            (lower.encoding, lower.sheet, lower.header_row, lower.columns) = (None, None, None, None);
            (lower.product_paths, lower.matched_by) = (None, None);
        }
        if self.table.is_some() {
            // Its schema is the lower one's, unless this source has its own.
            (lower.table, lower.query) = (None, None);
        }
        if self.query.is_some() {
            (lower.table, lower.schema, lower.query) = (None, None, None);
        }
        let mut merged = self.keys_over(&lower);
        if let (Some(own), Some(inherited)) = (&self.fields, &lower.fields) {
            let is_own = |name: &str| own.0.iter().any(|(known, _)| known.value == name);
            let kept = inherited.0.iter().filter(|(name, _)| !is_own(&name.value));
            let fields = kept.chain(&own.0).cloned().collect();
            merged.fields = Some(Placed::new(own.span, Names(fields)));
        }
        merged
    }
}

impl DatasetFile {
    /// This dataset where it says something, `lower` where it does not.
    #[must_use]
    pub fn over(&self, lower: &Self) -> Self {
        let mut lower = lower.clone();
        if self.source.is_some() {
            lower.sources = None;
        }
        if self.sources.is_some() {
            lower.source = None;
        }
        let mut merged = self.keys_over(&lower);
        if let (Some(own), Some(inherited)) = (&self.source, &lower.source)
            && let (Short::Table(upper), Short::Table(lower)) = (&own.value, &inherited.value)
        {
            merged.source = Some(Placed::new(own.span, Short::Table(upper.over(lower))));
        }
        merged
    }
}

/// A dataset with the layers that it is made of.
#[derive(Debug, Clone)]
pub struct DatasetLayers {
    /// What holds in the end.
    pub merged: DatasetFile,
    /// Whether the dataset names a template that does not exist: what it lacks may be there.
    pub lacks_template: bool,
    /// The spans of the tables, the dataset's own first.
    pub tables: Vec<Span>,
    /// The spans of the layers' sources, the dataset's own first.
    pub source_tables: Vec<Span>,
    /// The spans of the layers' field tables.
    pub field_tables: Vec<Span>,
}

impl DatasetLayers {
    /// Lays a dataset over its template and the defaults.
    #[must_use]
    pub fn new(
        own: &Placed<DatasetFile>,
        template: Option<&Entry<DatasetFile>>,
        file_division: Option<&Placed<String>>,
        defaults: Option<&Placed<DatasetFile>>,
    ) -> Self {
        let layers: Vec<&Placed<DatasetFile>> =
            std::iter::once(own).chain(template.map(|entry| &entry.value)).chain(defaults).collect();
        let mut merged = match template {
            Some(template) => own.value.over(&template.value.value),
            None => own.value.clone(),
        };
        // The division of the file is closer than the defaults of the whole register.
        merged.division = merged.division.or_else(|| file_division.cloned());
        if let Some(defaults) = defaults {
            merged = merged.over(&defaults.value);
        }
        let sources: Vec<&Placed<Short<SourceFile>>> =
            layers.iter().filter_map(|layer| layer.source.as_ref()).collect();
        let field_tables = sources.iter().filter_map(|source| match &source.value {
            Short::Table(table) => table.fields.as_ref().map(|fields| fields.span),
            Short::Text(_) => None,
        });
        Self {
            merged,
            lacks_template: own.template.is_some() && template.is_none(),
            tables: layers.iter().map(|layer| layer.span).collect(),
            field_tables: field_tables.collect(),
            source_tables: sources.iter().map(|source| source.span).collect(),
        }
    }
}
