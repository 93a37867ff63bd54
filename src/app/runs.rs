//! `purposed runs`: the run ledger, and when each dataset is scanned next.

use super::session::{Session, dataset, is_scanned_here, load};
use super::{AppError, Environment};
use crate::clock::Clock;
use crate::domain::instant::Instant;
use crate::domain::name::DatasetName;
use crate::domain::run::Run;
use crate::store::{Access, Store};
use jiff::tz::TimeZone;
use std::path::Path;

/// When a dataset is scanned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheduled {
    /// The dataset.
    pub dataset: DatasetName,
    /// Its schedule as written; only by hand without one.
    pub schedule: Option<String>,
    /// When its schedule comes next.
    pub next: Option<Instant>,
}

/// The runs, and what comes next.
#[derive(Debug, Clone)]
pub struct RunsAnswer {
    /// In the order of starting. One that is open runs now.
    pub runs: Vec<Run>,
    /// The datasets that this server scans, by name.
    pub scheduled: Vec<Scheduled>,
    /// The organisation's zone.
    pub time_zone: TimeZone,
}

/// The latest runs of the named datasets, at most `of_each`; of all when none is named.
///
/// # Errors
/// [`AppError`] when the configuration or the store cannot be read, or there never was such a dataset.
pub fn runs(
    config_file: &Path,
    datasets: &[String],
    of_each: u32,
    environment: &Environment,
) -> Result<RunsAnswer, AppError> {
    let loaded = load(config_file)?;
    let is_wanted = |name: &DatasetName| datasets.is_empty() || datasets.iter().any(|wanted| wanted == name.as_str());
    let session = Session::open(loaded, environment, Access::Read)?;
    let (loaded, now) = (&session.loaded, Clock::System.now());
    let mut runs = session.store.runs(of_each)?;
    for name in datasets {
        // Those that have left the register are still in the ledger.
        if !runs.iter().any(|run| run.dataset.as_str() == name) {
            dataset(loaded, name)?;
        }
    }
    runs.retain(|run| is_wanted(&run.dataset));
    if !Store::is_in_use(&loaded.settings.state) {
        // Nobody is at them: their process has ended, and no other one has noted it yet.
        for run in runs.iter_mut().filter(|run| run.is_open()) {
            run.failure = Some(Run::CUT_OFF.to_owned());
        }
    }
    let scanned_here = loaded.register.datasets.iter().filter(|(_, dataset)| is_scanned_here(loaded, dataset, now));
    let scheduled = scanned_here
        .filter(|(name, _)| is_wanted(name))
        .map(|(name, dataset)| {
            let schedule = dataset.schedule.as_ref();
            Scheduled {
                dataset: name.clone(),
                schedule: schedule.map(|schedule| schedule.text.clone()),
                next: schedule.and_then(|schedule| schedule.next_after(now, &dataset.schedule_time_zone)),
            }
        })
        .collect();
    Ok(RunsAnswer { runs, scheduled, time_zone: loaded.register.organisation.time_zone.clone() })
}
