//! The reference of the configuration as Markdown, generated from the same schema that editors use.

use super::schema::schema;
use super::wording::FileKind;
use serde_json::{Map, Value};
use std::collections::{BTreeSet, VecDeque};
use std::fmt::Write;

const HEAD: &str = "\
# Configuration reference

<!-- Generated from the types that read the configuration; `tests/run` fails when it is not current. -->

TOML 1.0, strict keys. Names are kebab-case. Periods are whole words: `6 months`, `1 year 6 months`, `10 days`.
Dates are native (`2026-12-31`) or texts. No interpolation. `purposed check` tells every problem at once.
";

/// The reference of all kinds of file.
#[must_use]
pub fn reference_markdown() -> String {
    let mut page = HEAD.to_owned();
    for (kind, title) in [(FileKind::Server, "`purposed.toml`"), (FileKind::Register, "Register files")] {
        let root = schema(kind);
        let _ = write!(page, "\n## {title}\n\n{}\n", description(&root));
        Walk { root: &root, page: &mut page, told: BTreeSet::new() }.tables();
    }
    page.push_str(
        "\n## Presets\n\nA preset is a source in a file of its own: the keys of `[sources.NAME]`, at its top level.\n",
    );
    page
}

struct Walk<'a> {
    root: &'a Value,
    page: &'a mut String,
    told: BTreeSet<String>,
}

impl<'a> Walk<'a> {
    fn tables(&mut self) {
        let mut waiting = VecDeque::from([(String::new(), self.root)]);
        while let Some((path, table)) = waiting.pop_front() {
            let Some(properties) = table.get("properties").and_then(Value::as_object) else { continue };
            if !path.is_empty() {
                let _ = write!(self.page, "\n### `[{path}]`\n\n{}\n", description(table));
            }
            self.keys(properties);
            for (key, value) in properties {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                self.follow(&path, value, &mut waiting);
            }
        }
    }

    fn keys(&mut self, properties: &Map<String, Value>) {
        self.page.push_str("\n| key | value | meaning |\n|---|---|---|\n");
        for (key, value) in properties {
            let meaning = description(value).replace('|', "\\|");
            let _ = writeln!(self.page, "| `{key}` | {} | {meaning} |", self.kind(value));
        }
    }

    /// Queues the tables that a key may hold, each kind of table once per file.
    fn follow(&mut self, path: &str, value: &'a Value, waiting: &mut VecDeque<(String, &'a Value)>) {
        if let Some(name) = reference_name(value) {
            if self.told.insert(name.to_owned()) {
                waiting.extend(self.definition(name).map(|table| (path.to_owned(), table)));
            }
            return;
        }
        for key in ["anyOf", "allOf", "oneOf"] {
            for choice in value.get(key).and_then(Value::as_array).into_iter().flatten() {
                self.follow(path, choice, waiting);
            }
        }
        if let Some(named) = value.get("additionalProperties").filter(|named| named.is_object()) {
            self.follow(&format!("{path}.NAME"), named, waiting);
        }
        if let Some(element) = value.get("items") {
            self.follow(path, element, waiting);
        }
    }

    fn definition(&self, name: &str) -> Option<&'a Value> {
        self.root.get("definitions")?.get(name)
    }

    /// The kinds of value that a key takes, in words.
    fn kind(&self, value: &Value) -> String {
        let mut kinds = vec![];
        self.kinds(value, &mut kinds);
        let mut seen = BTreeSet::new();
        kinds.retain(|kind| seen.insert(kind.clone()));
        if let Some((list, ones)) = kinds.split_last()
            && let Some(element) = list.strip_prefix("list of ")
            && element == ones.join(" or ")
        {
            return format!("{element}, or a list of them");
        }
        if kinds.is_empty() { "-".to_owned() } else { kinds.join(" or ") }
    }

    fn kinds(&self, value: &Value, kinds: &mut Vec<String>) {
        if let Some(definition) = reference_name(value).and_then(|name| self.definition(name)) {
            return self.kinds(definition, kinds);
        }
        if let Some(choices) = value.get("enum").and_then(Value::as_array) {
            kinds.extend(choices.iter().filter_map(Value::as_str).map(|choice| format!("`{choice}`")));
            return;
        }
        if let Some(choice) = value.get("const").and_then(Value::as_str) {
            kinds.push(format!("`{choice}`"));
            return;
        }
        for key in ["anyOf", "allOf", "oneOf"] {
            for choice in value.get(key).and_then(Value::as_array).into_iter().flatten() {
                self.kinds(choice, kinds);
            }
        }
        let types = value.get("type");
        let types = types
            .and_then(Value::as_array)
            .map_or_else(|| types.into_iter().collect(), |list| list.iter().collect::<Vec<_>>());
        for word in types.into_iter().filter_map(Value::as_str) {
            kinds.extend(match word {
                "string" => Some("text".to_owned()),
                "integer" => Some("whole number".to_owned()),
                "number" => Some("number".to_owned()),
                "boolean" => Some("true or false".to_owned()),
                "array" => Some(format!(
                    "list of {}",
                    value.get("items").map_or_else(|| "values".to_owned(), |items| self.kind(items))
                )),
                "object" => Some("table".to_owned()),
                _ => None,
            });
        }
    }
}

fn reference_name(value: &Value) -> Option<&str> {
    value.get("$ref")?.as_str()?.rsplit('/').next()
}

fn description(value: &Value) -> String {
    value.get("description").and_then(Value::as_str).unwrap_or_default().replace('\n', " ")
}
