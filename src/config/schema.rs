//! The JSON Schema of each kind of file, generated from the types that read it: for completion in
//! editors through `#:schema`, and for the reference.

use super::file::{RegisterFile, ServerFile, SourceFile};
use super::wording::FileKind;
use schemars::Schema;
use schemars::generate::SchemaSettings;

/// The schema of a kind of file.
#[must_use]
pub fn schema(kind: FileKind) -> Schema {
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = match kind {
        FileKind::Server => generator.into_root_schema_for::<ServerFile>(),
        FileKind::Register => generator.into_root_schema_for::<RegisterFile>(),
        FileKind::Preset => generator.into_root_schema_for::<SourceFile>(),
    };
    let title = match kind {
        FileKind::Server => "purposed.toml",
        FileKind::Register => "purposed register",
        FileKind::Preset => "purposed preset",
    };
    schema.insert("title".to_owned(), title.into());
    schema
}

/// The schema of a kind of file as JSON text, with a line end.
#[must_use]
pub fn json_schema(kind: FileKind) -> String {
    let value = schema(kind).to_value();
    serde_json::to_string_pretty(&value).unwrap_or_default() + "\n"
}
