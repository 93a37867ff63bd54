//! Purposes as lists spell them: from the text of a cell to purposes of the register. Whether an item's
//! purposes are allowed is decided in `judge`.

use super::text::{folded, folded_owned};
use crate::domain::name::PurposeName;
use crate::domain::register::Register;
use std::collections::HashMap;

/// A purpose, by its place among the register's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct PurposeId(pub(super) u16);

impl PurposeId {
    /// Whatever is not a purpose of the register.
    pub(super) const UNKNOWN: Self = Self(4_094);
    /// Every purpose: an event that is for none in particular.
    pub(super) const EVERY: Self = Self(4_095);
}

/// The spellings of all purposes.
#[derive(Debug, Clone)]
pub(super) struct PurposeBook {
    names: Vec<PurposeName>,
    spellings: HashMap<String, Vec<PurposeId>>,
}

impl PurposeBook {
    /// The book of a register. Purposes beyond the first 4,094 are unknown to it.
    pub(super) fn of(register: &Register) -> Self {
        let names: Vec<PurposeName> = register.purposes.keys().cloned().collect();
        let mut spellings: HashMap<String, Vec<PurposeId>> = HashMap::new();
        let limit = PurposeId::UNKNOWN.0;
        for (id, (name, purpose)) in (0..limit).map(PurposeId).zip(&register.purposes) {
            let values = purpose.values.iter().map(String::as_str);
            for spelling in std::iter::once(name.as_str()).chain(values) {
                let ids = spellings.entry(folded_owned(spelling)).or_default();
                if !ids.contains(&id) {
                    ids.push(id);
                }
            }
        }
        Self { names, spellings }
    }

    /// The purposes that a folded text stands for.
    pub(super) fn find(&self, text: &str) -> &[PurposeId] {
        self.spellings.get(text).map_or(&[], Vec::as_slice)
    }

    /// The purpose with this name.
    pub(super) fn id(&self, name: &PurposeName) -> Option<PurposeId> {
        let place = u16::try_from(self.names.binary_search(name).ok()?).ok()?;
        Some(PurposeId(place)).filter(|id| *id < PurposeId::UNKNOWN)
    }

    /// The name of a purpose; `None` for those that are none in particular.
    pub(super) fn name(&self, id: PurposeId) -> Option<&PurposeName> {
        self.names.get(usize::from(id.0))
    }
}

/// The values in one cell, folded and trimmed, blank ones left out.
pub(super) fn values(text: &str, split: Option<&str>) -> Vec<String> {
    let mut buffer = String::new();
    let text = folded(text, &mut buffer);
    let parts: Vec<&str> = match split {
        Some(separator) if !separator.is_empty() => text.split(separator).collect(),
        _ => vec![text],
    };
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// The separator of a field, folded as the text that it splits is. White space stays as it is.
pub(super) fn separator(split: Option<&String>) -> Option<String> {
    split.map(|text| if text.trim().is_empty() { text.clone() } else { folded_owned(text) })
}
