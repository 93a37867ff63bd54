//! `purposed scan`: source -> observations -> findings -> letters, in one direction. A dry run is this
//! same path, stopped before the transaction.

use super::deliver::{Delivered, deliver_due, message_domain, templates};
use super::findings::unresolved;
use super::session::{Session, dataset, is_scanned_here, load};
use super::{AppError, Environment, random_bytes, subject_key};
use crate::clock::Clock;
use crate::config::Loaded;
use crate::domain::digest::DigestKey;
use crate::domain::finding::Finding;
use crate::domain::instant::Instant;
use crate::domain::name::DatasetName;
use crate::domain::observation::{Observation, Problem, ScanStatus};
use crate::domain::register::Dataset;
use crate::notify;
use crate::rule::reconcile::{ChangeReason, Facts, Outcome, reconcile};
use crate::scan::{self, Context};
use crate::store::{Access, Commit, FindingFilter, Staged, Store};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64};

/// What is asked for.
#[derive(Debug)]
pub struct ScanRequest<'a> {
    /// The configuration file.
    pub config: &'a Path,
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
}

/// What one dataset's scan saw.
#[derive(Debug, Clone)]
pub struct DatasetScan {
    /// The dataset.
    pub dataset: DatasetName,
    /// Whether all was seen.
    pub status: ScanStatus,
    /// How many items there are.
    pub items: u64,
    /// For how many items some rule was undecidable.
    pub undecidable: u64,
    /// What went wrong.
    pub problems: Vec<Problem>,
}

/// What a scan came to.
#[derive(Debug, Clone)]
pub struct ScanAnswer {
    /// The instant at which items were judged.
    pub now: Instant,
    /// The organisation's zone.
    pub time_zone: TimeZone,
    /// Whether nothing was stored.
    pub dry_run: bool,
    /// What was seen, by dataset.
    pub scans: Vec<DatasetScan>,
    /// The unresolved findings of the named datasets, or all.
    pub findings: Vec<Finding>,
    /// The message ids of the letters that this scan wrote.
    pub message_ids: Vec<String>,
    /// What became of the letters that waited.
    pub delivery: Delivered,
}

/// Scans, and unless it is a dry run stores what was seen and delivers the letters that follow.
///
/// # Errors
/// [`AppError`] when the configuration, the store or an argument is wrong. Sources that cannot be read are
/// part of the answer.
pub fn scan(request: &ScanRequest<'_>, environment: &Environment, watch: &dyn Watch) -> Result<ScanAnswer, AppError> {
    let loaded = load(request.config)?;
    let now = request.now.unwrap_or_else(|| Clock::System.now());
    let chosen = choose(&loaded, request.datasets, now)?;
    if request.dry_run {
        return dry_run(request, &loaded, environment, &chosen, now, watch);
    }
    let mut session = Session::open(loaded, environment, Access::Write)?;
    session.store.begin_scan_clock(now, request.now.is_some())?;
    follow_renames(&mut session, &chosen, now)?;
    let known_events = known_events(&session.store)?;
    let observations = observe_all(&session.loaded, &session.digest_key, &chosen, now, &known_events, watch)?;
    let scans = observations.iter().map(summary).collect();
    let mut staged = Vec::new();
    for observation in observations {
        let facts = facts(&session.loaded, &observation.dataset);
        let outcome = reconcile(session.store.known(&observation)?, observation, &facts);
        staged.push(session.store.stage(outcome)?);
    }
    let findings =
        merged(session.store.findings(&FindingFilter::default())?, staged.iter().map(|staged| &staged.outcome));
    let message_ids = commit(&mut session, staged, &findings, now)?;
    let delivery = deliver_due(&mut session, environment, now)?;
    let time_zone = session.loaded.register.organisation.time_zone.clone();
    let findings = unresolved(findings, request.datasets);
    Ok(ScanAnswer { now, time_zone, dry_run: false, scans, findings, message_ids, delivery })
}

/// The same path, stopped before anything is written. A store that is not there yet is not made.
fn dry_run(
    request: &ScanRequest<'_>,
    loaded: &Loaded,
    environment: &Environment,
    chosen: &[DatasetName],
    now: Instant,
    watch: &dyn Watch,
) -> Result<ScanAnswer, AppError> {
    let session = if Store::exists(&loaded.settings.state) {
        Some(Session::open(loaded.clone(), environment, Access::Read)?)
    } else {
        None
    };
    let digest_key = match &session {
        Some(session) => session.digest_key.clone(),
        None => DigestKey::new(random_bytes()?),
    };
    let known_events = session.as_ref().map(|session| known_events(&session.store)).transpose()?.unwrap_or_default();
    let observations = observe_all(loaded, &digest_key, chosen, now, &known_events, watch)?;
    let scans = observations.iter().map(summary).collect();
    let mut outcomes = Vec::new();
    for observation in observations {
        let known = session.as_ref().map(|session| session.store.known(&observation)).transpose()?.unwrap_or_default();
        let facts = facts(loaded, &observation.dataset);
        outcomes.push(reconcile(known, observation, &facts));
    }
    let stored = session.as_ref().map(|session| session.store.findings(&FindingFilter::default())).transpose()?;
    let findings = unresolved(merged(stored.unwrap_or_default(), outcomes.iter()), request.datasets);
    let time_zone = loaded.register.organisation.time_zone.clone();
    let (message_ids, delivery) = (Vec::new(), Delivered::default());
    Ok(ScanAnswer { now, time_zone, dry_run: true, scans, findings, message_ids, delivery })
}

/// Gives datasets that were renamed (`was`) the history of their old name.
fn follow_renames(session: &mut Session, chosen: &[DatasetName], now: Instant) -> Result<(), AppError> {
    for name in chosen {
        for old in &session.loaded.register.datasets[name].was {
            session.store.rename_dataset(old, name, now)?;
        }
    }
    Ok(())
}

/// How many events each ledger had when it was last read and not empty.
fn known_events(store: &Store) -> Result<BTreeMap<String, u64>, AppError> {
    Ok(store.last_scans()?.into_iter().flat_map(|scan| scan.ledger_events).collect())
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

/// Scans one dataset after the other; each uses all cores.
fn observe_all(
    loaded: &Loaded,
    digest_key: &DigestKey,
    chosen: &[DatasetName],
    now: Instant,
    known_events: &BTreeMap<String, u64>,
    watch: &dyn Watch,
) -> Result<Vec<Observation>, AppError> {
    let register = &loaded.register;
    let cancel = AtomicBool::new(false);
    let subject_key = subject_key()?;
    let context = Context { register, now, digest_key, subject_key, cancel: &cancel, progress: watch.items() };
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
fn summary(observation: &Observation) -> DatasetScan {
    DatasetScan {
        dataset: observation.dataset.clone(),
        status: observation.status,
        items: observation.items,
        undecidable: observation.undecidable,
        problems: observation.problems.clone(),
    }
}

/// What the register says of a dataset that reconciliation needs.
fn facts(loaded: &Loaded, name: &DatasetName) -> Facts {
    let dataset = &loaded.register.datasets[name];
    Facts {
        division: dataset.division.clone(),
        may_be_empty: dataset.may_be_empty,
        items_are_files: dataset.source.items_are_files(),
    }
}

/// The findings as they stand after the scan: those of the scanned datasets, and the others as stored.
fn merged<'a>(mut stored: Vec<Finding>, outcomes: impl Iterator<Item = &'a Outcome> + Clone) -> Vec<Finding> {
    stored.retain(|finding| outcomes.clone().all(|outcome| outcome.dataset != finding.key.dataset));
    stored.extend(outcomes.flat_map(|outcome| outcome.findings.iter().cloned()));
    stored
}

/// Writes the letters that follow, and commits findings, evidence and letters together.
/// Returns the letters' message ids.
fn commit(
    session: &mut Session,
    scans: Vec<Staged>,
    findings: &[Finding],
    now: Instant,
) -> Result<Vec<String>, AppError> {
    let register = &session.loaded.register;
    let changes = scans.iter().flat_map(|staged| &staged.outcome.changes);
    let moved =
        changes.filter(|change| change.reason == ChangeReason::Moved).map(|change| change.key.clone()).collect();
    let notices = notify::plan(register, findings, &session.store.told()?, now, &moved);
    let (length, hash) = session.store.head()?;
    let context = notify::Context {
        now,
        evidence: Some(&notify::EvidenceHead { length, hash }),
        items_command: "purposed items",
        confirm_command: "purposed confirm",
        simulated: session.store.is_simulated()? == Some(true),
    };
    let rendered = notify::render(register, &notices, &context, &templates(&session.loaded));
    for problem in &rendered.problems {
        tracing::warn!("{problem}");
    }
    let committed = session.store.commit(&Commit {
        now,
        scans,
        letters: rendered.letters,
        told: notices.into_iter().flat_map(|notice| notice.told).collect(),
        message_domain: message_domain(&session.loaded),
        config_digest: session.loaded.digest.clone(),
    })?;
    Ok(committed.letters.into_iter().map(|queued| queued.message_id).collect())
}
