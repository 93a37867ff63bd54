//! What one pass over a source is made for, and what must be read for it.

use super::identity::Identity;
use crate::domain::name::DatasetName;
use crate::domain::register::Dataset;
use crate::rule::{Exceptions, Judge, Narrowing, fields_needed, mark_slice};

/// A dataset that a pass is made for.
#[derive(Debug)]
pub struct Claimant<'a> {
    /// Its name.
    pub name: &'a DatasetName,
    /// What the register says of it.
    pub dataset: &'a Dataset,
    /// Its exceptions in force.
    pub exceptions: Exceptions,
}

/// What one pass over a source is made for.
#[derive(Debug)]
pub struct Pass<'a> {
    /// The datasets that are scanned: at least one, by name, all with the same source.
    pub claimants: Vec<Claimant<'a>>,
    /// The datasets that share the source on this server, by name, whether or not they are scanned now; none where the
    /// source is a dataset's own. The first of them answers for what none of them claims.
    pub sharers: Vec<(&'a DatasetName, &'a Dataset)>,
}

impl<'a> Pass<'a> {
    /// Whether the source is shared in slices.
    pub(super) fn has_slices(&self) -> bool {
        self.sharers.iter().any(|(_, dataset)| !dataset.slice.is_empty())
    }

    /// The datasets that share the source in slices and are not scanned now: asked only what they claim.
    pub(super) fn others(&self) -> impl Iterator<Item = &(&'a DatasetName, &'a Dataset)> {
        let is_scanned = |name: &DatasetName| self.claimants.iter().any(|claimant| claimant.name == name);
        let others = self.sharers.iter().filter(move |(name, _)| !is_scanned(name));
        others.filter(|_| self.has_slices())
    }

    /// Whether rows that could not be read are this dataset's: every one's that has no slice, else the first one's by
    /// name, for nobody can say in which slice they lie.
    pub(super) fn takes_unreadable(&self, claimant: &Claimant<'_>) -> bool {
        let has_whole = self.sharers.iter().any(|(_, dataset)| dataset.slice.is_empty());
        let is_first = self.sharers.is_empty() || self.answers(claimant);
        claimant.dataset.slice.is_empty() || (is_first && !has_whole)
    }

    /// Whether this dataset answers for what none of the sharers claims.
    pub(super) fn answers(&self, claimant: &Claimant<'_>) -> bool {
        self.sharers.first().is_some_and(|(name, _)| *name == claimant.name)
    }

    /// The fields that some dataset needs, by index in the source.
    pub(super) fn wanted<'i>(&self, identities: impl Iterator<Item = &'i Identity>) -> Vec<bool> {
        let mut wanted = Vec::new();
        for (claimant, identity) in self.claimants.iter().zip(identities) {
            let needed = fields_needed(claimant.dataset);
            wanted.resize(needed.len(), false);
            wanted.iter_mut().zip(needed).for_each(|(wanted, is_needed)| *wanted |= is_needed);
            identity.fields().iter().for_each(|index| wanted[*index] = true);
            if let Some(reconciled) = &claimant.dataset.files {
                wanted[reconciled.path_field] = true;
            }
        }
        self.others().for_each(|(_, dataset)| mark_slice(dataset, &mut wanted));
        wanted
    }

    /// What may be left out for all datasets alike. Nothing where one is a slice, whose items are counted as they pass,
    /// or is reconciled: every row names a file.
    pub(super) fn narrowing<'j>(&self, judges: impl Iterator<Item = &'j Judge<'j>>) -> Option<Narrowing> {
        if self.has_slices() || self.claimants.iter().any(|claimant| needs_all(claimant.dataset)) {
            return None;
        }
        let each = judges.map(Judge::narrowing);
        each.reduce(|one, other| {
            let (one, other) = one.zip(other).filter(|(one, other)| one.field == other.field)?;
            Some(if one.not_after >= other.not_after { one } else { other })
        })?
    }
}

fn needs_all(dataset: &Dataset) -> bool {
    !dataset.slice.is_empty() || dataset.files.is_some()
}
