//! Where each effective value of a dataset comes from: itself, its template, the defaults, a preset, a
//! named source, or a default of the language.

use super::file::{DatasetFile, Short, SourceFile};
use super::load::{Gathered, gather};
use super::lower::{Entry, Lowering, Spans};
use super::parse::padded;
use super::read::Files;
use super::report::Report;
use super::text::Span;
use super::{ConfigProblem, tree};
use std::collections::BTreeMap;
use std::path::Path;
use toml::de::DeTable;

/// One effective value of a dataset, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginLine {
    /// The key, dotted, such as `source.fields.email`.
    pub key: String,
    /// The value as TOML on one line.
    pub value: String,
    /// `register/datasets.toml:12:1`, the same with ` (template branch-pbx)` or ` (defaults)` behind it,
    /// `preset frigate:12:1`, or `default`.
    pub origin: String,
}

/// What the language takes where nothing is written.
const DEFAULTS: [(&str, &str); 7] = [
    ("time_zone", "the organisation's"),
    ("warn", "[]"),
    ("early_loss", "\"10 %\""),
    ("may_be_empty", "false"),
    ("baseline", "false"),
    ("source.exclude", "[]"),
    ("source.time_zone", "the organisation's"),
];

/// The effective values of a dataset, each with its origin.
///
/// # Errors
/// Every problem of the configuration, or that there is no such dataset.
pub fn origin(config_file: &Path, dataset: &str) -> Result<Vec<OriginLine>, Vec<ConfigProblem>> {
    super::load(config_file)?;
    let mut gathered = gather(config_file, &Files::default())?;
    let Some(entry) = gathered.declared.datasets.get(dataset).cloned() else {
        let known = gathered.declared.datasets.keys().map(String::as_str);
        let hint = super::suggest::hint(dataset, known, "`purposed check` tells how many there are");
        let file = config_file.display().to_string();
        return Err(vec![ConfigProblem::of_file(file, format!("there is no dataset `{dataset}`"), Some(hint))]);
    };
    let (keys, owners) = effective(&mut gathered, &entry);
    let values = Values::new(&mut gathered.report);
    let mut lines: Vec<OriginLine> = keys
        .into_iter()
        .map(|(key, span)| OriginLine {
            value: values.at(span),
            origin: format!("{}{}", gathered.report.texts.place_text(span), owners.of(span)),
            key,
        })
        .collect();
    for (key, value) in DEFAULTS {
        if !lines.iter().any(|line| line.key == key) {
            lines.push(OriginLine { key: key.to_owned(), value: value.to_owned(), origin: "default".to_owned() });
        }
    }
    Ok(lines)
}

/// The keys that hold in the end, with their places, and what owns which place.
fn effective(gathered: &mut Gathered, entry: &Entry<DatasetFile>) -> (Vec<(String, Span)>, Owners) {
    let Gathered { report, server, declared, presets, holidays, .. } = gathered;
    let mut lowering = Lowering { report, declared, server, presets, holidays };
    let layers = lowering.layers(entry);
    let view = lowering.dataset_view(&layers, &entry.name.value);
    let mut owners = Owners::default();
    if let Some(template) = entry.value.template.as_ref().and_then(|name| declared.templates.get(&name.value)) {
        owners.own(&template.value.value, &format!(" (template {})", template.name.value));
    }
    if let Some(defaults) = &declared.defaults {
        owners.own(&defaults.value, " (defaults)");
    }
    let merged = &layers.merged;
    let mut keys = vec![];
    for (key, span) in merged.spans() {
        let is_expanded = key == "source" || key == "sources";
        let names_a_source = matches!(merged.source.as_ref().map(|source| &source.value), Some(Short::Text(_)));
        if !is_expanded || names_a_source || key == "sources" {
            keys.push((key.to_owned(), span));
        }
    }
    for (key, span) in view.iter().flat_map(|view| view.source.spans()) {
        if key != "fields" {
            keys.push((format!("source.{key}"), span));
        }
    }
    for (name, field) in view.iter().flat_map(|view| view.source.fields.iter()).flat_map(|fields| &fields.0) {
        keys.push((format!("source.fields.{}", name.value), field.span));
    }
    (keys, owners)
}

/// Which places belong to a template or to the defaults.
#[derive(Debug, Default)]
struct Owners(BTreeMap<Span, String>);

impl Owners {
    fn own(&mut self, layer: &DatasetFile, label: &str) {
        let source = match layer.source.as_ref().map(|source| &source.value) {
            Some(Short::Table(source)) => source.clone(),
            _ => SourceFile::default(),
        };
        let fields = source.fields.iter().flat_map(|fields| fields.0.iter().map(|(_, field)| field.span));
        let keys = layer.spans().into_iter().chain(source.spans()).map(|(_, span)| span).chain(fields);
        for span in keys {
            self.0.insert(span, label.to_owned());
        }
    }

    fn of(&self, span: Span) -> &str {
        self.0.get(&span).map_or("", String::as_str)
    }
}

/// Values by their places.
struct Values {
    texts: Vec<String>,
    numbers: Vec<usize>,
    bases: Vec<usize>,
}

impl Values {
    fn new(report: &mut Report) -> Self {
        let numbers: Vec<usize> = (0..report.texts.iter().count()).collect();
        let bases = report.texts.iter().map(|text| text.base).collect();
        let texts = numbers.iter().map(|number| padded(*number, report)).collect();
        Self { texts, numbers, bases }
    }

    fn at(&self, span: Span) -> String {
        let index = self.bases.partition_point(|base| *base <= span.start).saturating_sub(1);
        let Some(number) = self.numbers.get(index) else { return String::new() };
        let (table, _) = DeTable::parse_recoverable(&self.texts[*number]);
        tree::value_at(table.get_ref(), span).map(tree::one_line).unwrap_or_default()
    }
}
