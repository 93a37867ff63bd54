//! Reading the sources of the chosen datasets, one after the other; each uses all cores. Datasets that share a source
//! are read together, in one pass. And looking a second time for what left.

use super::Watch;
use crate::app::exception::in_force;
use crate::app::session::is_scanned_here;
use crate::app::{AppError, subject_key};
use crate::config::Loaded;
use crate::domain::digest::DigestKey;
use crate::domain::instant::Instant;
use crate::domain::name::DatasetName;
use crate::domain::observation::Observation;
use crate::domain::register::{Dataset, Place, SourceSpec};
use crate::rule::Exceptions;
use crate::rule::reconcile::{Closure, Departed};
use crate::scan::{self, Claimant, Context, Pass};
use crate::store::Store;
use std::collections::BTreeMap;

/// How many entries each ledger had when it was last read and not empty.
fn known_entries(store: &Store) -> Result<BTreeMap<String, u64>, AppError> {
    Ok(most_entries(store.last_scans()?.into_iter().map(|scan| scan.ledger_events)))
}

/// The most entries that some dataset knows of each ledger. One that never saw any in it takes nothing from what
/// another one saw.
fn most_entries(of_datasets: impl Iterator<Item = BTreeMap<String, u64>>) -> BTreeMap<String, u64> {
    let mut most = BTreeMap::new();
    for (ledger, entries) in of_datasets.flatten() {
        let known = most.entry(ledger).or_default();
        *known = entries.max(*known);
    }
    most
}

/// What is read of the datasets: the items of each, and its copies.
fn sources_of<'a>(datasets: &[(&'a DatasetName, &'a Dataset)]) -> Vec<(&'a DatasetName, &'a Dataset)> {
    let each = datasets.iter().flat_map(|(name, dataset)| dataset.with_copies().map(move |one| (*name, one)));
    each.collect()
}

/// What is read, for people.
fn called((name, dataset): &(&DatasetName, &Dataset)) -> String {
    dataset.copy_name.as_ref().map_or_else(|| name.to_string(), |copy| format!("{name} (copy {copy})"))
}

/// What was seen of one dataset: of its items, and of its copies in any order.
fn of_dataset(key: &DigestKey, seen: Vec<(&Dataset, Observation)>) -> Option<Observation> {
    let (copies, mut items): (Vec<_>, Vec<_>) = seen.into_iter().partition(|(dataset, _)| dataset.copy_name.is_some());
    let (_, items) = items.pop()?;
    Some(scan::add_copies(key, items, copies))
}

/// The datasets by their source, each in the place of its first one. What is under secrecy is not read together with
/// what is not, for more is read then.
fn by_source<'a>(datasets: &[(&'a DatasetName, &'a Dataset)]) -> Vec<Vec<(&'a DatasetName, &'a Dataset)>> {
    let mut together: Vec<Vec<(&'a DatasetName, &'a Dataset)>> = Vec::new();
    for (name, dataset) in datasets {
        let same = together.iter_mut().find(|others| {
            others.iter().any(|(_, other)| {
                dataset.shared_source.is_some()
                    && other.shared_source == dataset.shared_source
                    && other.secrecy == dataset.secrecy
                    && has_same_columns(&other.source, &dataset.source)
            })
        });
        match same {
            Some(others) => others.push((name, dataset)),
            None => together.push(vec![(name, dataset)]),
        }
    }
    together
}

/// Whether rows can be read in the one where they can be read in the other: a list without a header must have the
/// clocks that its dataset asks for.
fn has_same_columns(one: &SourceSpec, other: &SourceSpec) -> bool {
    match (&one.place, &other.place) {
        (Place::Lists { columns: one, .. }, Place::Lists { columns: other, .. }) => one == other,
        _ => true,
    }
}

/// What reading needs, for all datasets of one run.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) loaded: &'a Loaded,
    pub(super) digest_key: &'a DigestKey,
    pub(super) now: Instant,
    pub(super) watch: &'a dyn Watch,
}

impl<'a> Reading<'a> {
    fn context(&self) -> Result<Context<'a>, AppError> {
        Ok(Context {
            register: &self.loaded.register,
            now: self.now,
            digest_key: self.digest_key,
            subject_key: subject_key()?,
            cancel: self.watch.cancelled(),
            progress: self.watch.items(),
        })
    }

    /// Scans one source after the other; each uses all cores. Without a store, nothing is excepted and no ledger
    /// is known.
    pub(super) fn observe_all(
        &self,
        chosen: &[DatasetName],
        store: Option<&Store>,
    ) -> Result<Vec<Observation>, AppError> {
        let register = &self.loaded.register;
        let context = self.context()?;
        let datasets: Vec<(&'a DatasetName, &'a Dataset)> =
            chosen.iter().filter_map(|name| register.datasets.get_key_value(name)).collect();
        self.watch.begins("ledgers:");
        let known_entries = store.map(known_entries).transpose()?.unwrap_or_default();
        let sources = sources_of(&datasets);
        let looking: Vec<&Dataset> = sources.iter().map(|(_, dataset)| *dataset).collect();
        let mut ledgers = scan::load_ledgers_for(&context, &looking, &known_entries)?;
        let mut seen: BTreeMap<&DatasetName, Vec<(&Dataset, Observation)>> = BTreeMap::new();
        for together in by_source(&sources) {
            self.watch.begins(&format!("{}:", together.iter().map(called).collect::<Vec<_>>().join(", ")));
            let claimant = |(name, dataset): &(&'a DatasetName, &'a Dataset)| {
                let exceptions = match store {
                    Some(store) => in_force(store, self.loaded, name, self.now)?,
                    None => Exceptions::default(),
                };
                Ok(Claimant { name, dataset, exceptions })
            };
            let claimants = together.iter().map(claimant).collect::<Result<Vec<_>, AppError>>()?;
            let pass = Pass { sharers: self.sharers(&together), claimants };
            let mut observations = scan::observe(&context, &pass, &ledgers)?;
            if ledgers.widen(&context, &known_entries)? {
                observations = scan::observe(&context, &pass, &ledgers)?;
            }
            for ((name, dataset), observation) in together.into_iter().zip(observations) {
                seen.entry(name).or_default().push((dataset, observation));
            }
        }
        Ok(seen.into_values().filter_map(|seen| of_dataset(self.digest_key, seen)).collect())
    }

    /// The datasets that share the source of these ones on this server, by name; a source of its own is shared by
    /// nobody else.
    fn sharers(&self, together: &[(&'a DatasetName, &'a Dataset)]) -> Vec<(&'a DatasetName, &'a Dataset)> {
        let Some(source) = together.first().and_then(|(_, dataset)| dataset.shared_source.as_ref()) else {
            return Vec::new();
        };
        let datasets = self.loaded.register.datasets.iter();
        let here = datasets.filter(|(_, dataset)| is_scanned_here(self.loaded, dataset, self.now)).collect::<Vec<_>>();
        let sharers = sources_of(&here).into_iter();
        let mut sharers: Vec<_> =
            sharers.filter(|(_, dataset)| dataset.shared_source.as_ref() == Some(source)).collect();
        // Whose items they are answers before whose copies they are.
        sharers.sort_by_key(|(name, dataset)| (dataset.copy_name.is_some(), *name));
        sharers
    }

    /// Looks a second time for what left, where something did.
    pub(super) fn look_again(&self, name: &DatasetName, departed: Departed) -> Result<Closure, AppError> {
        if departed.is_empty() {
            return Ok(Closure::default());
        }
        self.watch.begins(&format!("{name}, again:"));
        let look = scan::look_again(&self.context()?, &self.loaded.register.datasets[name], &departed)?;
        Ok(Closure { departed, look })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dataset_that_knows_an_empty_ledger_hides_no_other_ones_count() {
        let of = |events| BTreeMap::from([("consents".to_owned(), events)]);
        for order in [[5, 0], [0, 5]] {
            assert_eq!(most_entries(order.into_iter().map(of)), of(5));
        }
        assert_eq!(most_entries(std::iter::once(of(0))), of(0));
    }
}
