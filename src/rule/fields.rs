//! Which fields of a source the rules of a dataset read, and what is counted beside them. Fields that make up an item's identity are the
//! business of whoever makes digests.

use super::condition::Conditions;
use super::kept::KeepFlag;
use crate::domain::register::{ClockField, ConsentSource, Dataset, OptOutEntry};

/// Which fields the rules read, and the product's keep flag, by index in the dataset's source.
#[must_use]
pub fn fields_needed(dataset: &Dataset) -> Vec<bool> {
    let source = &dataset.source;
    let mut places: Vec<usize> = source.field("purpose").into_iter().collect();
    places.extend(KeepFlag::of(dataset).map(KeepFlag::field));
    let maxima = dataset.keep.iter().map(|keep| (&keep.conditions, &keep.from));
    let minima = dataset.keep_at_least.iter().map(|keep| (&keep.conditions, &keep.from));
    for (conditions, from) in maxima.chain(minima) {
        places.extend(Conditions::new(conditions, source).fields());
        places.extend(from.iter().filter_map(|field| match field {
            ClockField::Field(place) => Some(*place),
            ClockField::ContractEnds => None,
        }));
    }
    places.extend(Conditions::new(&dataset.slice, source).fields());
    for entry in &dataset.consent {
        match &entry.source {
            ConsentSource::Ledger { by, .. } => places.extend(by.iter().map(|key| key.field)),
            ConsentSource::Row { field, at } => places.extend([Some(*field), *at].into_iter().flatten()),
        }
    }
    for opt_out in &dataset.opt_outs {
        match opt_out {
            OptOutEntry::Ledger { by, .. } => places.extend(by.iter().map(|key| key.field)),
            OptOutEntry::Row { field } => places.push(*field),
        }
    }
    let mut needed = vec![false; source.fields.len()];
    for place in places {
        if let Some(is_needed) = needed.get_mut(place) {
            *is_needed = true;
        }
    }
    needed
}

/// Marks the fields that tell whether an item lies in the dataset's slice, by index in its source.
pub fn mark_slice(dataset: &Dataset, wanted: &mut [bool]) {
    let conditions = Conditions::new(&dataset.slice, &dataset.source);
    let purpose = dataset.source.field("purpose").filter(|_| conditions.ask_for_purpose());
    for place in conditions.fields().chain(purpose) {
        if let Some(is_wanted) = wanted.get_mut(place) {
            *is_wanted = true;
        }
    }
}
