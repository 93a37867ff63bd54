//! The JSON Schema of each kind of file, generated from the types that read it: for completion in
//! editors through `#:schema`, and for the reference.

use super::file::{RegisterFile, ServerFile, SourceFile};
use super::wording::FileKind;
use schemars::generate::SchemaSettings;
use serde_json::Value;

/// The schema of a kind of file.
#[must_use]
pub fn schema(kind: FileKind) -> Value {
    let generator = SchemaSettings::draft07().into_generator();
    let schema = match kind {
        FileKind::Server => generator.into_root_schema_for::<ServerFile>(),
        FileKind::Register => generator.into_root_schema_for::<RegisterFile>(),
        FileKind::Preset => generator.into_root_schema_for::<SourceFile>(),
    };
    let title = match kind {
        FileKind::Server => "purposed.toml",
        FileKind::Register => "purposed register",
        FileKind::Preset => "purposed preset",
    };
    let mut value = schema.to_value();
    without_null(&mut value);
    value["title"] = title.into();
    value
}

/// TOML has no null: a key is there or not.
fn without_null(value: &mut Value) {
    match value {
        Value::Array(elements) => {
            elements.retain(|element| element.get("type").and_then(Value::as_str) != Some("null"));
            elements.iter_mut().for_each(without_null);
        }
        Value::Object(entries) => {
            if entries.get("default").is_some_and(Value::is_null) {
                entries.remove("default");
            }
            if let Some(types) = entries.get_mut("type").and_then(Value::as_array_mut) {
                types.retain(|word| word != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    entries.insert("type".to_owned(), only);
                }
            }
            entries.values_mut().for_each(without_null);
        }
        _ => {}
    }
}

/// The schema of a kind of file as JSON text, with a line end.
#[must_use]
pub fn json_schema(kind: FileKind) -> String {
    serde_json::to_string_pretty(&schema(kind)).unwrap_or_default() + "\n"
}
