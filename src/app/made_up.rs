//! A made-up item: values given by column name instead of read from a source, for the register's own
//! tests and for questions about items that are not there yet.

use crate::domain::item::{Item, Value};
use crate::domain::register::{FieldAccess, FieldSpec, SourceSpec};
use regex::Regex;
use std::collections::BTreeMap;

/// A made-up item. Beside columns, the key `name` stands for the file's name and `path` for its path.
#[derive(Debug)]
pub(super) struct MadeUp {
    values: Vec<Option<String>>,
    path: String,
}

impl MadeUp {
    /// The item of `source` whose columns have these values; columns not given are empty.
    pub(super) fn new(source: &SourceSpec, given: &BTreeMap<String, String>) -> Self {
        Self {
            values: source.fields.iter().map(|field| value(field, given)).collect(),
            path: given.get("path").or_else(|| given.get("name")).cloned().unwrap_or_default(),
        }
    }

    /// Shows the item as a source would present it.
    pub(super) fn with_item<T>(&self, look: impl FnOnce(&Item<'_>) -> T) -> T {
        let values: Vec<Value<'_>> =
            self.values.iter().map(|value| value.as_deref().map_or(Value::Empty, Value::Text)).collect();
        look(&Item { values: &values, path: self.path.as_bytes(), place: 1 })
    }
}

/// The value of one field.
fn value(field: &FieldSpec, given: &BTreeMap<String, String>) -> Option<String> {
    match &field.access {
        FieldAccess::Column(synonyms) => synonyms.iter().find_map(|synonym| given.get(synonym)).cloned(),
        FieldAccess::Constant(text) => Some(text.clone()),
        FieldAccess::FileTime => given.get("file_time").cloned(),
        FieldAccess::Name(pattern) => {
            let name = given.get("name").cloned().or_else(|| {
                let path = given.get("path")?;
                Some(path.rsplit('/').next().unwrap_or(path).to_owned())
            });
            last_match(pattern, &name?)
        }
        FieldAccess::Path(pattern) => last_match(pattern, given.get("path")?),
    }
    .filter(|text| !text.is_empty())
}

/// The captures of the last match, joined by a space.
fn last_match(pattern: &str, text: &str) -> Option<String> {
    let pattern = Regex::new(pattern).ok()?;
    let captures = pattern.captures_iter(text).last()?;
    let parts: Vec<&str> = captures.iter().skip(1).flatten().map(|capture| capture.as_str()).collect();
    Some(if parts.is_empty() { captures[0].to_owned() } else { parts.join(" ") })
}
