//! Scans on threads of their own: which datasets are being scanned, by the daemon or by hand, and what runs.

use super::progress::Progress;
use super::schedules::{Stored, Waiting, scheduled_here};
use super::tick::{Daemon, Message};
use crate::app::AppError;
use crate::app::scan::{Cause, ScanAnswer, ScanRequest, scan_without_delivery};
use crate::app::session::Session;
use crate::config::Loaded;
use crate::domain::instant::Instant;
use crate::domain::name::DatasetName;
use crate::domain::run::Run;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

/// After so many runs in a row that were cut off, a dataset waits for its schedule instead of being made up for: a
/// scan that ends the whole process must not do so for ever.
const CRASHES_IN_A_ROW: usize = 2;

/// A scan that runs.
#[derive(Debug)]
pub(super) struct RunningScan {
    pub(super) progress: Arc<Progress>,
    _claim: Claim,
}

/// How many scans have begun since none was waiting or running, for people.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) begun: usize,
}

/// The datasets that are being scanned: none is scanned twice at once.
#[derive(Debug, Default)]
pub(super) struct Claims(Mutex<BTreeSet<DatasetName>>);

/// The right to scan some datasets.
#[derive(Debug)]
pub(super) struct Claim {
    claims: Arc<Claims>,
    datasets: Vec<DatasetName>,
}

impl Claims {
    /// Whether the dataset is being scanned.
    pub(super) fn has(&self, dataset: &DatasetName) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(dataset)
    }

    /// The right to scan these datasets, or the one that is being scanned already.
    pub(super) fn claim(self: &Arc<Self>, datasets: &[DatasetName]) -> Result<Claim, DatasetName> {
        let mut claimed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(busy) = datasets.iter().find(|dataset| claimed.contains(*dataset)) {
            return Err(busy.clone());
        }
        claimed.extend(datasets.iter().cloned());
        Ok(Claim { claims: Arc::clone(self), datasets: datasets.to_vec() })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut claimed = self.claims.0.lock().unwrap_or_else(PoisonError::into_inner);
        for dataset in &self.datasets {
            claimed.remove(dataset);
        }
    }
}

impl Daemon {
    /// Begins what waits, as far as there are free places.
    pub(super) fn begin_scans(&mut self, now: Instant) {
        if self.is_stopping() {
            return;
        }
        let places = usize::from(self.session.loaded.settings.scans_at_once.max(1));
        while self.scans.len() < places {
            let claims = Arc::clone(&self.claims);
            let waiting = self.schedules.take(&self.session.loaded, |dataset| claims.has(dataset), now);
            let Some(Waiting { cause, .. }) = waiting.first().cloned() else { break };
            let datasets: Vec<DatasetName> = waiting.into_iter().map(|waiting| waiting.dataset).collect();
            let Ok(claim) = claims.claim(&datasets) else { continue };
            self.begin_scan(datasets, cause, claim);
        }
        if self.scans.is_empty() && self.schedules.waiting.is_empty() {
            self.batch = Batch::default();
        }
    }

    /// Begins to scan datasets in one pass. It goes by the name of the first one.
    fn begin_scan(&mut self, datasets: Vec<DatasetName>, cause: Cause, claim: Claim) {
        let Some(dataset) = datasets.first().cloned() else { return };
        let count = datasets.len();
        let progress = Arc::new(Progress::new(Arc::clone(&self.cancelled)));
        let running = RunningScan { progress: Arc::clone(&progress), _claim: claim };
        let (session, name) = (self.session.clone(), dataset.clone());
        let scan = move || {
            scan_datasets(&session, &datasets, cause, &progress);
            Message::ScanEnded(name)
        };
        if self.begin("scan", scan, Message::ScanEnded(dataset.clone())) {
            self.batch.begun += count;
            self.scans.insert(dataset, running);
        } else {
            tracing::error!(%dataset, "a scan cannot be started");
        }
    }

    pub(super) fn scan_ended(&mut self, dataset: &DatasetName) {
        self.scans.remove(dataset);
    }

    /// Takes over the schedules of the session's configuration.
    pub(super) fn adopt_schedules(&mut self, before: Option<&Loaded>, now: Instant) -> Result<(), AppError> {
        let stored: Stored =
            self.session.store.considered_until()?.into_iter().map(|(name, until)| (name, Some(until))).collect();
        let changes = self.schedules.adopt(&self.session.loaded, before, &stored, now);
        Ok(self.session.store.consider_until(&changes)?)
    }

    /// Lets datasets wait for their schedule whose last runs all ended the process.
    pub(super) fn give_up_on_crashes(&mut self, now: Instant) -> Result<(), AppError> {
        let mut crashes: BTreeMap<DatasetName, usize> = BTreeMap::new();
        for run in self.session.store.runs(u32::try_from(CRASHES_IN_A_ROW).unwrap_or(u32::MAX))? {
            *crashes.entry(run.dataset.clone()).or_default() += usize::from(Run::was_cut_off(&run));
        }
        for (dataset, _) in crashes.into_iter().filter(|(_, crashes)| *crashes >= CRASHES_IN_A_ROW) {
            tracing::error!(%dataset, "its last scans were cut off with the whole process: it waits for its schedule");
            self.schedules.let_pass(&dataset, now);
        }
        Ok(())
    }
}

/// How many datasets with a schedule were never scanned.
pub(super) fn count_never_scanned(session: &Session, now: Instant) -> Result<usize, AppError> {
    let scanned = session.store.last_stored_runs()?;
    Ok(scheduled_here(&session.loaded, now).filter(|(name, _)| !scanned.contains_key(*name)).count())
}

/// Scans datasets in one pass, and logs how that went: once, here.
fn scan_datasets(session: &Session, datasets: &[DatasetName], cause: Cause, progress: &Progress) {
    let trigger = cause.trigger.as_str();
    for dataset in datasets {
        tracing::info!(%dataset, trigger, missed = cause.missed, "a scan begins");
    }
    let names: Vec<String> = datasets.iter().map(DatasetName::to_string).collect();
    let request = ScanRequest { datasets: &names, now: None, dry_run: false };
    match scan_without_delivery(session, &request, cause, progress) {
        Ok(answer) => log_answer(&answer),
        Err(error) => {
            for dataset in datasets {
                match &error {
                    AppError::Cancelled => tracing::info!(%dataset, "a scan was stopped; nothing of it was stored"),
                    error => tracing::error!(%dataset, %error, "a scan failed"),
                }
            }
        }
    }
}

/// Logs what was seen of each dataset.
pub(super) fn log_answer(answer: &ScanAnswer) {
    for scan in &answer.scans {
        let (dataset, items, undecidable) = (&scan.dataset, scan.items, scan.undecidable);
        let findings = answer.findings.iter().filter(|finding| finding.key.dataset == *dataset).count();
        let (status, problems) = (scan.status.as_str(), scan.problems.len());
        tracing::info!(%dataset, status, items, undecidable, problems, findings, "a scan has ended");
    }
}
