//! What makes an item itself: the bytes that its digest is made of. Components carry their length, so
//! that `("ab", "c")` and `("a", "bc")` differ.

use crate::domain::digest::{Digest, DigestKey};
use crate::domain::item::{Item, Value};
use crate::domain::name::SourceName;
use crate::domain::observation::{CopyKey, PartKey};
use crate::domain::register::{Dataset, IdentityPart, SourceSpec};
use crate::rule::{KEPT_BY_PRODUCT, fields_needed};
use std::io::Write as _;

/// The name of a field that holds an Individual Number: never part of a digest.
const MY_NUMBER: &str = "my_number";

/// How the identity of a source's items is composed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Whether the part's name (for files: the relative path) belongs to it.
    by_part: bool,
    /// The fields that belong to it, by index.
    fields: Vec<usize>,
    /// Whether items are files.
    of_files: bool,
    /// The copy whose items they are: other ones than the dataset's own.
    copy: Option<SourceName>,
}

impl Identity {
    /// The identity of `source`'s items: as declared; else the relative path for files, and for rows the
    /// part and the field `id`, or the part and all mapped fields where there is no `id`.
    fn new(source: &SourceSpec) -> Self {
        let of_files = source.items_are_files();
        let (by_part, fields) = match (&source.identity, source.field("id")) {
            (Some(declared), _) => (
                declared.contains(&IdentityPart::File),
                declared
                    .iter()
                    .filter_map(|part| match part {
                        IdentityPart::Field(index) => Some(*index),
                        IdentityPart::File => None,
                    })
                    .collect(),
            ),
            (None, _) if of_files => (true, Vec::new()),
            (None, Some(id)) => (true, vec![id]),
            // A flag that somebody sets makes no other item of it.
            (None, None) => {
                let fields = source.fields.iter().enumerate().filter(|(_, field)| field.name != KEPT_BY_PRODUCT);
                (true, fields.map(|(index, _)| index).collect::<Vec<usize>>())
            }
        };
        let fields = fields.into_iter().filter(|index| source.fields[*index].name != MY_NUMBER).collect();
        Self { by_part, fields, of_files, copy: None }
    }

    /// The identity of `dataset`'s items. Of communications under secrecy only clock and opaque id are read (the
    /// configuration refuses what asks for more), so without an `id` the fields that no rule needs stay out of it.
    #[must_use]
    pub fn of(dataset: &Dataset) -> Self {
        let mut identity = Self { copy: dataset.copy_name.clone(), ..Self::new(&dataset.source) };
        if dataset.secrecy && dataset.source.identity.is_none() && dataset.source.field("id").is_none() {
            let needed = fields_needed(dataset);
            identity.fields.retain(|index| needed[*index]);
        }
        identity
    }

    /// Whether items keep their identity when they move to another part.
    const fn spans_parts(&self) -> bool {
        !self.by_part && !self.of_files
    }

    /// The key of the part of this name that items are kept under: one for all where they may move between parts.
    pub(super) fn part_key(&self, key: &DigestKey, part: &str) -> PartKey {
        let part = if self.spans_parts() { "" } else { part };
        let own = part_key(key, part);
        self.copy.as_ref().map_or(own, |copy| copy_key(key, copy).part(own))
    }

    /// The fields that belong to it, by index.
    #[must_use]
    pub fn fields(&self) -> &[usize] {
        &self.fields
    }

    /// Writes the identity of `item`, which lies in the part named `part`, over `bytes`.
    pub fn write(&self, part: &str, item: &Item<'_>, bytes: &mut Vec<u8>) {
        self.begin(bytes);
        if self.by_part {
            push(bytes, |bytes| bytes.extend_from_slice(if self.of_files { item.path } else { part.as_bytes() }));
        }
        for index in &self.fields {
            push(bytes, |bytes| write_value(bytes, &item.values[*index]));
        }
    }

    /// Begins an identity: items of a copy are other ones than those that it is a copy of.
    fn begin(&self, bytes: &mut Vec<u8>) {
        bytes.clear();
        if let Some(copy) = &self.copy {
            bytes.extend_from_slice(b"copy");
            push(bytes, |bytes| bytes.extend_from_slice(copy.as_str().as_bytes()));
        }
    }

    /// Writes the identity that all unreadable items of a part share; their repeats are told apart later.
    pub fn write_unreadable(&self, part: &str, bytes: &mut Vec<u8>) {
        self.begin(bytes);
        bytes.extend_from_slice(b"unreadable");
        if !self.spans_parts() {
            push(bytes, |bytes| bytes.extend_from_slice(part.as_bytes()));
        }
    }
}

/// The key of the copy with this name.
pub(super) fn copy_key(key: &DigestKey, name: &SourceName) -> CopyKey {
    CopyKey::new(Digest::of(&key.derive("purposed 2026-11-25 name of a copy"), name.as_str().as_bytes()))
}

/// The key of the part with this name.
pub(super) fn part_key(key: &DigestKey, name: &str) -> PartKey {
    Digest::of(&key.derive("purposed 2026-11-24 name of a part"), name.as_bytes())
}

/// Appends one component behind its length.
fn push(bytes: &mut Vec<u8>, component: impl FnOnce(&mut Vec<u8>)) {
    let start = bytes.len();
    bytes.extend_from_slice(&[0; 4]);
    component(bytes);
    let length = u32::try_from(bytes.len() - start - 4).unwrap_or(u32::MAX);
    bytes[start..start + 4].copy_from_slice(&length.to_be_bytes());
}

/// Appends a value so that the same value gives the same bytes whether a cell holds it as text or number.
fn write_value(bytes: &mut Vec<u8>, value: &Value<'_>) {
    let written = match value {
        Value::Empty => Ok(()),
        Value::Text(text) => bytes.write_all(text.trim().as_bytes()),
        Value::Bytes(raw) => bytes.write_all(raw),
        Value::Integer(number) => write!(bytes, "{number}"),
        Value::Real(number) | Value::Cell(number, _) => write!(bytes, "{number}"),
        Value::Date(date) => write!(bytes, "{date}"),
        Value::DateTime(datetime) => write!(bytes, "{datetime}"),
        Value::Instant(instant) => write!(bytes, "{}", instant.microseconds()),
        Value::Boolean(truth) => write!(bytes, "{truth}"),
    };
    debug_assert!(written.is_ok(), "writing to memory cannot fail");
}
