//! Reading the sources of the chosen datasets, one after the other; each uses all cores.

use super::{DatasetScan, Watch};
use crate::app::{AppError, subject_key};
use crate::config::Loaded;
use crate::domain::digest::DigestKey;
use crate::domain::instant::Instant;
use crate::domain::name::DatasetName;
use crate::domain::observation::Observation;
use crate::domain::register::Dataset;
use crate::scan::{self, Context};
use crate::store::Store;
use std::collections::BTreeMap;

/// How many events each ledger had when it was last read and not empty.
pub(super) fn known_events(store: &Store) -> Result<BTreeMap<String, u64>, AppError> {
    Ok(store.last_scans()?.into_iter().flat_map(|scan| scan.ledger_events).collect())
}

/// Scans one dataset after the other; each uses all cores.
pub(super) fn observe_all(
    loaded: &Loaded,
    digest_key: &DigestKey,
    chosen: &[DatasetName],
    now: Instant,
    known_events: &BTreeMap<String, u64>,
    watch: &dyn Watch,
) -> Result<Vec<Observation>, AppError> {
    let register = &loaded.register;
    let subject_key = subject_key()?;
    let context =
        Context { register, now, digest_key, subject_key, cancel: watch.cancelled(), progress: watch.items() };
    let datasets: Vec<(&DatasetName, &Dataset)> =
        chosen.iter().filter_map(|name| register.datasets.get_key_value(name)).collect();
    watch.begins("ledgers:");
    let ledgers = scan::load_ledgers(&context, datasets.iter().map(|(_, dataset)| *dataset), known_events)?;
    let mut observations = Vec::new();
    for (name, dataset) in datasets {
        watch.begins(&format!("{name}:"));
        observations.push(scan::observe(&context, name, dataset, &ledgers)?);
    }
    Ok(observations)
}

/// What the answer says of an observation.
pub(super) fn summary(observation: &Observation) -> DatasetScan {
    DatasetScan {
        dataset: observation.dataset.clone(),
        status: observation.status,
        items: observation.items,
        undecidable: observation.undecidable,
        problems: observation.problems.clone(),
    }
}
