//! Reading the sources of the chosen datasets, one after the other; each uses all cores. And looking a second time
//! for what left.

use super::Watch;
use crate::app::exception::in_force;
use crate::app::{AppError, subject_key};
use crate::config::Loaded;
use crate::domain::digest::DigestKey;
use crate::domain::instant::Instant;
use crate::domain::name::DatasetName;
use crate::domain::observation::Observation;
use crate::domain::register::Dataset;
use crate::rule::Exceptions;
use crate::rule::reconcile::{Closure, Departed};
use crate::scan::{self, Context};
use crate::store::Store;
use std::collections::BTreeMap;

/// How many events each ledger had when it was last read and not empty.
fn known_events(store: &Store) -> Result<BTreeMap<String, u64>, AppError> {
    Ok(most_events(store.last_scans()?.into_iter().map(|scan| scan.ledger_events)))
}

/// The most events that some dataset knows of each ledger. One that never saw events in it takes nothing from what
/// another one saw.
fn most_events(of_datasets: impl Iterator<Item = BTreeMap<String, u64>>) -> BTreeMap<String, u64> {
    let mut most = BTreeMap::new();
    for (ledger, events) in of_datasets.flatten() {
        let known = most.entry(ledger).or_default();
        *known = events.max(*known);
    }
    most
}

/// What reading needs, for all datasets of one run.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) loaded: &'a Loaded,
    pub(super) digest_key: &'a DigestKey,
    pub(super) now: Instant,
    pub(super) watch: &'a dyn Watch,
}

impl Reading<'_> {
    fn context(&self) -> Result<Context<'_>, AppError> {
        Ok(Context {
            register: &self.loaded.register,
            now: self.now,
            digest_key: self.digest_key,
            subject_key: subject_key()?,
            cancel: self.watch.cancelled(),
            progress: self.watch.items(),
        })
    }

    /// Scans one dataset after the other; each uses all cores. Without a store, nothing is excepted and no ledger
    /// is known.
    pub(super) fn observe_all(
        &self,
        chosen: &[DatasetName],
        store: Option<&Store>,
    ) -> Result<Vec<Observation>, AppError> {
        let register = &self.loaded.register;
        let context = self.context()?;
        let datasets: Vec<(&DatasetName, &Dataset)> =
            chosen.iter().filter_map(|name| register.datasets.get_key_value(name)).collect();
        self.watch.begins("ledgers:");
        let known_events = store.map(known_events).transpose()?.unwrap_or_default();
        let ledgers = scan::load_ledgers(&context, datasets.iter().map(|(_, dataset)| *dataset), &known_events)?;
        let mut observations = Vec::new();
        for (name, dataset) in datasets {
            self.watch.begins(&format!("{name}:"));
            let exceptions = match store {
                Some(store) => in_force(store, self.loaded, name, self.now)?,
                None => Exceptions::default(),
            };
            observations.push(scan::observe(&context, name, dataset, &ledgers, &exceptions)?);
        }
        Ok(observations)
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
            assert_eq!(most_events(order.into_iter().map(of)), of(5));
        }
        assert_eq!(most_events(std::iter::once(of(0))), of(0));
    }
}
