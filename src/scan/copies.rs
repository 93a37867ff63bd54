//! The copies of a dataset, such as backups: each is read from a source of its own and judged as the register says of
//! it; here what was seen of them is added to what was seen of the items.
//!
//! Deliberately absent: taking an item and its copy for the same, for both are to be erased; and alarm over copies that
//! are lost, for backups come and go. Only a copy that has no item any more is trouble.

use crate::domain::observation::{Observation, PartObservation, Problem, ScanStatus};
use crate::domain::register::Dataset;
use crate::domain::verdict::Reason;

/// Adds what was seen of the copies to what was seen of the dataset's items. Where the items could not be read, nothing
/// is said of the copies either.
#[must_use]
pub fn with_copies(dataset: &Dataset, mut items: Observation, copies: Vec<(&Dataset, Observation)>) -> Observation {
    if copies.is_empty() || items.status == ScanStatus::Failed {
        return items;
    }
    doubt_emptiness(dataset, &mut items);
    for (copy, mut seen) in copies {
        doubt_emptiness(copy, &mut seen);
        let name = copy.copy_name.as_ref().map_or("", |name| name.as_str());
        for problem in &mut seen.problems {
            problem.example = format!("copy `{name}`: {}", problem.example);
        }
        add(&mut items, seen);
    }
    items
}

/// A source without an item may be one that is not mounted, whatever the others have: what was known of it stays until
/// a later scan agrees, or for as long as no file matches at all.
fn doubt_emptiness(dataset: &Dataset, seen: &mut Observation) {
    if seen.items > 0 || seen.status != ScanStatus::Complete || dataset.may_be_empty {
        return;
    }
    seen.parts.values_mut().for_each(|part| part.of_empty_source = true);
    let no_file = seen.parts.is_empty();
    if no_file {
        seen.status = ScanStatus::Partial;
    }
    if no_file || dataset.source.items_are_files() {
        seen.whole_reasons.insert(Reason::Empty, 0);
        let example = "no file matches; `may_be_empty = true` says that it may be so".to_owned();
        seen.problems.push(Problem { reason: Reason::Empty.as_str().to_owned(), items: 0, example });
    }
}

fn add(items: &mut Observation, copy: Observation) {
    if copy.status != ScanStatus::Complete {
        items.status = ScanStatus::Partial;
    }
    items.items += copy.items;
    items.undecidable += copy.undecidable;
    items.problems.extend(copy.problems);
    for (key, part) in copy.parts {
        // Its number of items is no measure of a later loss.
        items.parts.insert(key, PartObservation { items: 0, ..part });
    }
    for (reason, due) in copy.earliest_due {
        items.earliest_due.entry(reason).and_modify(|known| *known = due.min(*known)).or_insert(due);
    }
    items.kept_by_product = match (items.kept_by_product, copy.kept_by_product) {
        (Some(one), Some(other)) => Some(one + other),
        (one, other) => one.or(other),
    };
    for (reason, count) in copy.whole_reasons {
        *items.whole_reasons.entry(reason).or_default() += count;
    }
    items.undecided = items.undecided.union(copy.undecided);
    items.unjudged = items.unjudged.union(copy.unjudged);
}

#[cfg(test)]
mod tests;
