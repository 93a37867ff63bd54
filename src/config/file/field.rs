//! A field of a source: a column by its name or synonyms, or a table that says more.

use super::leaf::{ColumnName, FormatText, PatternText, Scalar, ZoneText};
use super::placed::Placed;
use super::shape::{Names, OneOrMany, from_list, from_table};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::fmt;

/// A field of a source.
#[derive(Debug, Clone)]
pub enum FieldFile {
    /// A column, by its name.
    Column(String),
    /// A column, by any of its names.
    Synonyms(Vec<ColumnName>),
    /// A table that says more.
    Table(Box<FieldTable>),
}

/// How a field is found: exactly one of `column`, `name`, `path`, `value` and `file_time`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a column, a list of columns, or a table")]
pub struct FieldTable {
    /// The column, or its synonyms. Two of them in one list are a problem.
    pub column: Option<OneOrMany<ColumnName>>,
    /// A regular expression on the file name: the last match, its captures joined by a space.
    pub name: Option<Placed<PatternText>>,
    /// The same on the path relative to the root.
    pub path: Option<Placed<PatternText>>,
    /// The same value for every item.
    pub value: Option<Placed<Scalar>>,
    /// The time at which the file was last modified.
    pub file_time: Option<Placed<bool>>,
    /// How its dates are written: `iso`, `japanese`, `excel`, `unix-seconds`, `unix-milliseconds`,
    /// `unix-microseconds`, `ticks-90khz`, a strftime pattern, or a list of them. Default: a real date cell or ISO.
    pub format: Option<OneOrMany<FormatText>>,
    /// The zone of its times without one. Default: the source's.
    pub time_zone: Option<Placed<ZoneText>>,
    /// What an empty value means: `running` says that the clock has not started. Default: the date is unknown.
    pub empty: Option<Placed<EmptyText>>,
    /// What it holds, which decides how keys are normalised. Default: by its name, `email` or `phone`; else `text`.
    #[serde(rename = "type")]
    pub field_type: Option<Placed<FieldTypeText>>,
    /// Whether the database keeps it exactly as keys are compared (e-mail addresses in lower case, telephone numbers as
    /// digits without country code and leading zeros, texts in NFKC, all trimmed), or empty. Where a ledger and the lists
    /// that ask it lie behind one connection and all keys are so, only the ledger's entries for those lists are fetched.
    /// Default: `false`.
    pub normalised: Option<Placed<bool>>,
    /// The text between several values in one cell. Default: a cell has one value.
    pub split: Option<Placed<String>>,
    /// What cell values answer to the question of consent.
    pub values: Option<Placed<Names<AnswerText>>>,
}

/// What an empty value means.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EmptyText {
    /// The clock has not started.
    Running,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FieldTypeText {
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// Any other text.
    Text,
}

/// What a cell answers to the question of consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerText {
    /// Yes.
    Given,
    /// No.
    Refused,
}

struct FieldVisitor;

impl<'de> Visitor<'de> for FieldVisitor {
    type Value = FieldFile;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a column, a list of columns, or a table")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<FieldFile, E> {
        Ok(FieldFile::Column(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<FieldFile, A::Error> {
        from_list(list).map(FieldFile::Synonyms)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<FieldFile, A::Error> {
        from_table(map).map(FieldFile::Table)
    }
}

impl<'de> Deserialize<'de> for FieldFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor)
    }
}

impl JsonSchema for FieldFile {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Field".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let table = generator.subschema_for::<FieldTable>();
        json_schema!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }, table] })
    }
}
