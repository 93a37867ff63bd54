//! The copies of a dataset, such as backups: each is read from a source of its own and judged as the register says of
//! it; here what was seen of them is added to what was seen of the items.
//!
//! Deliberately absent: taking an item and its copy for the same, for both are to be erased.

use super::identity::copy_key;
use crate::domain::digest::DigestKey;
use crate::domain::observation::{CopyObservation, Observation, Problem, ScanStatus};
use crate::domain::register::Dataset;
use crate::domain::verdict::Reason;

/// Adds what was seen of the copies to what was seen of a dataset's items. Where the items could not be read, nothing
/// is said of the copies either.
#[must_use]
pub fn add_copies(key: &DigestKey, mut items: Observation, copies: Vec<(&Dataset, Observation)>) -> Observation {
    if items.status == ScanStatus::Failed {
        return items;
    }
    for (copy, seen) in copies {
        add(key, &mut items, copy, seen);
    }
    items
}

fn add(key: &DigestKey, items: &mut Observation, copy: &Dataset, mut seen: Observation) {
    let Some(name) = &copy.copy_name else { return };
    let whole = seen.status == ScanStatus::Complete;
    let is_empty = whole && seen.source_is_empty && !copy.may_be_empty;
    // A database has its table all the same.
    if is_empty && (seen.parts.is_empty() || copy.source.items_are_files()) {
        seen.whole_reasons.insert(Reason::Empty, 0);
        let example = "no file matches; write `may_be_empty = true` into its source if it may be so".to_owned();
        seen.problems.push(Problem { reason: Reason::Empty.as_str().to_owned(), items: 0, example });
    }
    items.copies.insert(copy_key(key, name), CopyObservation { name: name.to_string(), whole, is_empty });
    items.items += seen.items;
    items.undecidable += seen.undecidable;
    items.problems.extend(
        seen.problems
            .into_iter()
            .map(|problem| Problem { example: format!("copy `{name}`: {}", problem.example), ..problem }),
    );
    items.parts.extend(seen.parts);
    for (reason, due) in seen.earliest_due {
        items.earliest_due.entry(reason).and_modify(|known| *known = due.min(*known)).or_insert(due);
    }
    items.kept_by_product = match (items.kept_by_product, seen.kept_by_product) {
        (Some(one), Some(other)) => Some(one + other),
        (one, other) => one.or(other),
    };
    for (reason, count) in seen.whole_reasons {
        *items.whole_reasons.entry(reason).or_default() += count;
    }
    items.undecided = items.undecided.union(seen.undecided);
    items.unjudged = items.unjudged.union(seen.unjudged);
}

#[cfg(test)]
mod tests;
