//! `purposed scan`: source -> observations -> findings -> letters, in one direction. A dry run is this
//! same path, stopped before the transaction.
//!
//! `observing` reads the sources, and a second time where items left; `settling` compares with what is known and
//! stores what follows; `running` keeps the run ledger around both.

mod observing;
mod running;
mod settling;

pub use running::Cause;

use super::deliver::{Delivered, deliver_what_follows};
use super::disposal::overdue;
use super::exception::expire_due;
use super::findings::unresolved;
use super::session::{Session, dataset, is_scanned_here, load};
use super::{AppError, Environment, random_bytes};
use crate::clock::Clock;
use crate::config::Loaded;
use crate::domain::departure::Departures;
use crate::domain::digest::DigestKey;
use crate::domain::finding::{Finding, FindingId};
use crate::domain::instant::Instant;
use crate::domain::name::DatasetName;
use crate::domain::observation::{Problem, ScanStatus};
use crate::domain::run::RunTrigger;
use crate::notify::Pace;
use crate::store::{Access, Store};
use jiff::tz::TimeZone;
use observing::Reading;
use serde::{Deserialize, Serialize};
use settling::{Settled, settle, would_settle};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64};

/// What is asked for.
#[derive(Debug)]
pub struct ScanRequest<'a> {
    /// The datasets to scan; all of this site when none is named.
    pub datasets: &'a [String],
    /// The instant to judge at; the present one without it.
    pub now: Option<Instant>,
    /// Store nothing, send nothing.
    pub dry_run: bool,
}

/// Follows a scan while it runs.
pub trait Watch: Sync {
    /// The reading of something (a dataset, the ledgers) begins.
    fn begins(&self, what: &str);

    /// Where items are counted as they are read.
    fn items(&self) -> &AtomicU64;

    /// What was seen is stored; what follows is the letters' delivery alone.
    fn stored(&self) {}

    /// Set when the scan is to stop soon; nothing of it is stored then.
    fn cancelled(&self) -> &AtomicBool;
}

/// What one dataset's scan saw.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DatasetScan {
    /// The dataset.
    pub dataset: DatasetName,
    /// Whether all was seen.
    pub status: ScanStatus,
    /// How many items there are.
    pub items: u64,
    /// For how many items some rule was undecidable.
    pub undecidable: u64,
    /// Of the expired items, how many the product was told to keep from its own clean-up; `None` where nothing says so.
    pub kept_by_product: Option<u64>,
    /// What went wrong.
    pub problems: Vec<Problem>,
}

/// What a scan came to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ScanAnswer {
    /// The instant at which items were judged.
    pub now: Instant,
    /// The organisation's zone.
    #[serde(with = "jiff::fmt::serde::tz::required")]
    pub time_zone: TimeZone,
    /// Whether nothing was stored.
    pub dry_run: bool,
    /// What was seen, by dataset.
    pub scans: Vec<DatasetScan>,
    /// The unresolved findings of the named datasets, or all.
    pub findings: Vec<Finding>,
    /// How items left findings at the last scan of their dataset; findings that none left are not there.
    pub departures: BTreeMap<FindingId, Departures>,
    /// The message ids of the letters that this scan wrote.
    pub message_ids: Vec<String>,
    /// What became of the letters that waited.
    pub delivery: Delivered,
    /// What kept all of them from leaving; what was seen is stored all the same.
    pub undelivered: Option<String>,
}

/// Scans, and unless it is a dry run stores what was seen and delivers the letters that follow.
///
/// # Errors
/// [`AppError`] when the configuration, the store or an argument is wrong. Sources that cannot be read are
/// part of the answer.
pub fn scan(
    config: &Path,
    request: &ScanRequest<'_>,
    environment: &Environment,
    watch: &dyn Watch,
) -> Result<ScanAnswer, AppError> {
    let loaded = load(config)?;
    if request.dry_run {
        return dry_run(request, &loaded, environment, watch);
    }
    choose(&loaded, request.datasets, request.now.unwrap_or_else(|| Clock::System.now()))?;
    let session = Session::open(loaded, environment, Access::Write)?;
    scan_and_store(&session, request, environment, watch)
}

/// Scans with a store that is open, stores what was seen, and delivers the letters that follow.
///
/// # Errors
/// As [`scan()`].
pub fn scan_and_store(
    session: &Session,
    request: &ScanRequest<'_>,
    environment: &Environment,
    watch: &dyn Watch,
) -> Result<ScanAnswer, AppError> {
    let mut answer = scan_without_delivery(session, request, Cause::HAND, watch)?;
    watch.stored();
    (answer.delivery, answer.undelivered) = deliver_what_follows(session, environment, answer.now, watch.cancelled());
    Ok(answer)
}

/// Scans with a store that is open, and stores what was seen; letters that follow wait for whoever delivers them.
/// Each dataset's run is kept in the run ledger, also one that fails, panics or is stopped.
///
/// # Errors
/// As [`scan()`].
pub fn scan_without_delivery(
    session: &Session,
    request: &ScanRequest<'_>,
    cause: Cause,
    watch: &dyn Watch,
) -> Result<ScanAnswer, AppError> {
    let now = request.now.unwrap_or_else(|| session.clock.now());
    let chosen = choose(&session.loaded, request.datasets, now)?;
    session.store.begin_scan_clock(now, request.now.is_some())?;
    follow_renames(session, &chosen, now)?;
    // What the daemon scans by itself mails nobody at night, whoever opened the session.
    let pace = if cause.trigger == RunTrigger::Hand { session.pace } else { Pace::Daemon };
    let everything = request.datasets.is_empty();
    let ended_at = || request.now.unwrap_or_else(|| session.clock.now());
    running::in_the_ledger(&session.store, &chosen, cause, now, ended_at, || {
        expire_due(session, now)?;
        overdue(session, now)?;
        let reading = Reading { loaded: &session.loaded, digest_key: &session.digest_key, now, watch };
        let observations = reading.observe_all(&chosen, Some(&session.store))?;
        let Settled { scans, findings, departures, message_ids } =
            settle(session, observations, everything, pace, &reading)?;
        let time_zone = session.loaded.register.organisation.time_zone.clone();
        let findings = unresolved(findings, request.datasets);
        Ok(ScanAnswer {
            now,
            time_zone,
            dry_run: false,
            scans,
            findings,
            departures,
            message_ids,
            delivery: Delivered::default(),
            undelivered: None,
        })
    })
}

/// The same path, stopped before anything is written. A store that is not there yet is not made.
fn dry_run(
    request: &ScanRequest<'_>,
    loaded: &Loaded,
    environment: &Environment,
    watch: &dyn Watch,
) -> Result<ScanAnswer, AppError> {
    let now = request.now.unwrap_or_else(|| Clock::System.now());
    let chosen = choose(loaded, request.datasets, now)?;
    let session = if Store::exists(&loaded.settings.state) {
        Some(Session::open(loaded.clone(), environment, Access::Read)?)
    } else {
        None
    };
    let digest_key = match &session {
        Some(session) => session.digest_key.clone(),
        None => DigestKey::new(random_bytes()?),
    };
    let reading = Reading { loaded, digest_key: &digest_key, now, watch };
    let store = session.as_ref().map(|session| &*session.store);
    let observations = reading.observe_all(&chosen, store)?;
    let Settled { scans, findings, departures, message_ids } = would_settle(store, observations, &reading)?;
    let findings = unresolved(findings, request.datasets);
    let time_zone = loaded.register.organisation.time_zone.clone();
    Ok(ScanAnswer {
        now,
        time_zone,
        dry_run: true,
        scans,
        findings,
        departures,
        message_ids,
        delivery: Delivered::default(),
        undelivered: None,
    })
}

/// Gives datasets that were renamed (`was`) the history of their old name.
fn follow_renames(session: &Session, chosen: &[DatasetName], now: Instant) -> Result<(), AppError> {
    let _alone = session.settle();
    for name in chosen {
        for old in &session.loaded.register.datasets[name].was {
            session.store.rename_dataset(old, name, now)?;
        }
    }
    Ok(())
}

/// The datasets to scan: those named, else all that this server scans at `now`.
fn choose(loaded: &Loaded, names: &[String], now: Instant) -> Result<Vec<DatasetName>, AppError> {
    if names.is_empty() {
        let datasets = loaded.register.datasets.iter();
        return Ok(datasets
            .filter(|(_, dataset)| is_scanned_here(loaded, dataset, now))
            .map(|(name, _)| name.clone())
            .collect());
    }
    let mut chosen = Vec::new();
    for name in names {
        let (name, dataset) = dataset(loaded, name)?;
        if !is_scanned_here(loaded, dataset, now) {
            return Err(AppError::Argument(format!("`{name}` is retired or of another site: it is not scanned here")));
        }
        if !chosen.contains(name) {
            chosen.push(name.clone());
        }
    }
    chosen.sort();
    Ok(chosen)
}
