//! Shapes that values may take: one or many, a text or a table, a table of names. Each has a visitor of
//! its own rather than an untagged enum, so that an error stays where it is and says what it means.

use super::placed::Placed;
use crate::config::text::Span;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer, StrDeserializer};
use serde::de::{Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// One value, or a list of them.
#[derive(Debug, Clone)]
pub struct OneOrMany<T> {
    /// Where the value or the list is written.
    pub span: Span,
    /// The values.
    pub entries: Vec<Placed<T>>,
}

enum Raw<T> {
    One(T),
    Many(Vec<Placed<T>>),
}

struct RawVisitor<T>(PhantomData<T>);

macro_rules! forward_scalars {
    ($($method:ident: $kind:ty),*) => {$(
        fn $method<E: Error>(self, value: $kind) -> Result<Raw<T>, E> {
            T::deserialize(value.into_deserializer()).map(Raw::One)
        }
    )*};
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for RawVisitor<T> {
    type Value = Raw<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value or a list of values")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Raw<T>, E> {
        T::deserialize(StrDeserializer::new(text)).map(Raw::One)
    }

    forward_scalars!(visit_bool: bool, visit_i64: i64, visit_f64: f64);

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Raw<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Raw::One)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Raw<T>, A::Error> {
        let mut entries = vec![];
        while let Some(entry) = list.next_element()? {
            entries.push(entry);
        }
        Ok(Raw::Many(entries))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Raw<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Placed { span, value } = Placed::<Raw<T>>::deserialize(deserializer)?;
        let entries = match value {
            Raw::One(value) => vec![Placed::new(span, value)],
            Raw::Many(entries) => entries,
        };
        Ok(Self { span, entries })
    }
}

impl<T: JsonSchema> JsonSchema for OneOrMany<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("OneOrMany{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [one, { "type": "array", "items": one }] })
    }
}

/// A table, or a text that is short for one.
#[derive(Debug, Clone)]
pub enum Short<T> {
    /// The text.
    Text(String),
    /// The table.
    Table(T),
}

struct ShortVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ShortVisitor<T> {
    type Value = Short<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text or a table")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Short<T>, E> {
        Ok(Short::Text(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Short<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Short::Table)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Short<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShortVisitor(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for Short<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Short{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let table = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [{ "type": "string" }, table] })
    }
}

/// A table whose keys are names that the register gives; in the order in which they are written.
#[derive(Debug, Clone)]
pub struct Names<T>(pub Vec<(Placed<String>, Placed<T>)>);

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self(vec![])
    }
}

struct NamesVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for NamesVisitor<T> {
    type Value = Names<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a table of names")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Names<T>, A::Error> {
        let mut entries = vec![];
        while let Some(name) = map.next_key::<Placed<String>>()? {
            entries.push((name, map.next_value()?));
        }
        entries.sort_by_key(|(name, _): &(Placed<String>, _)| name.span);
        Ok(Names(entries))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Names<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(NamesVisitor(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for Names<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Names{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let value = generator.subschema_for::<T>();
        json_schema!({ "type": "object", "additionalProperties": value })
    }
}

/// Reads a list through the deserializer of another type.
pub fn from_list<'de, T: Deserialize<'de>, A: SeqAccess<'de>>(list: A) -> Result<T, A::Error> {
    T::deserialize(SeqAccessDeserializer::new(list))
}

/// Reads a table through the deserializer of another type.
pub fn from_table<'de, T: Deserialize<'de>, A: MapAccess<'de>>(map: A) -> Result<T, A::Error> {
    T::deserialize(MapAccessDeserializer::new(map))
}
