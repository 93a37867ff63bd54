//! The state of everything at one instant, as `status`, `doctor` and the metrics show it. Read only; nothing here is
//! personal but the addresses of staff that did not work.

use super::AppError;
use super::recipients::unreachable;
use super::session::{Session, is_scanned_here};
use crate::config::{Loaded, MailTransport};
use crate::domain::finding::Finding;
use crate::domain::instant::Instant;
use crate::domain::name::{DatasetName, DivisionName};
use crate::domain::observation::ScanStatus;
use crate::domain::register::Dataset;
use crate::domain::unreachable::Unreachable;
use crate::store::{Counts, FindingFilter, LastScan, Store};
use jiff::tz::TimeZone;
use std::path::Path;
use std::time::Duration;

/// How long a scheduled scan may wait for others before it counts as overdue.
const OVERDUE_AFTER: Duration = Duration::from_hours(1);

/// The state of everything at one instant.
#[derive(Debug, Clone)]
pub struct Picture {
    /// The instant.
    pub now: Instant,
    /// The organisation's zone.
    pub time_zone: TimeZone,
    /// The register's datasets, by name.
    pub datasets: Vec<DatasetPicture>,
    /// The findings that are not resolved, sorted by dataset, rule and reason.
    pub findings: Vec<Finding>,
    /// What the store counts.
    pub counts: Counts,
    /// How many entries the evidence has, and the hash of the last one.
    pub evidence: (u64, String),
    /// The people whom letters do not reach, by name.
    pub unreachable: Vec<Unreachable>,
    /// Whether the privacy manager is among them.
    pub manager_is_unreachable: bool,
    /// Letters go nowhere but into a maildir in the state folder.
    pub letters_stay_here: bool,
    /// Where the state lies, and what is left there.
    pub state: StateFolder,
}

/// The folder of the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateFolder {
    /// Whether this process may write there.
    pub is_writable: bool,
    /// How many bytes are left there.
    pub free_bytes: u64,
}

impl StateFolder {
    /// With less than this many bytes left, the state cannot be relied upon.
    pub const FEWEST_BYTES: u64 = 64 * 1024 * 1024;
}

/// What is known of one dataset.
#[derive(Debug, Clone)]
pub struct DatasetPicture {
    /// Its name.
    pub name: DatasetName,
    /// The division that answers for it.
    pub division: DivisionName,
    /// Whether this server scans it: it is of this site and not retired.
    pub is_scanned_here: bool,
    /// Its last stored scan.
    pub last: Option<LastScan>,
    /// When a scan last saw everything.
    pub succeeded_at: Option<Instant>,
    /// When a run began that has not ended.
    pub running_since: Option<Instant>,
    /// How many scheduled runs were missed, as the runs that are remembered noted.
    pub missed: u64,
    /// When its schedule comes next; nothing without one.
    pub next_run: Option<Instant>,
    /// The scheduled instant that no scan followed in time.
    pub overdue_since: Option<Instant>,
}

impl Picture {
    /// Reads the state. `known_since` is when this process learned of the configuration: what was due before that is
    /// not held against a dataset that was never scanned.
    ///
    /// # Errors
    /// [`AppError`] when the store cannot be read.
    pub fn read(session: &Session, now: Instant, known_since: Instant) -> Result<Self, AppError> {
        let (loaded, store) = (&*session.loaded, &*session.store);
        let counts = store.counts()?;
        let last_scans = store.last_scans()?;
        let unreachable = unreachable(session, now)?;
        let manager = &loaded.register.organisation.privacy_manager;
        let datasets = loaded.register.datasets.iter();
        let datasets = datasets
            .map(|(name, dataset)| {
                let last = last_scans.iter().find(|scan| scan.dataset == *name).cloned();
                let here = is_scanned_here(loaded, dataset, now);
                dataset_picture(name, dataset, here, last, &counts, now, known_since)
            })
            .collect();
        Ok(Self {
            now,
            time_zone: loaded.register.organisation.time_zone.clone(),
            datasets,
            findings: super::findings::unresolved(store.findings(&FindingFilter::default())?, &[]),
            evidence: store.head()?,
            manager_is_unreachable: unreachable.iter().any(|mark| mark.person == *manager),
            unreachable,
            letters_stay_here: letters_stay_here(loaded),
            state: state_folder(&loaded.settings.state),
            counts,
        })
    }

    /// The findings of a dataset.
    pub fn findings_of<'a>(&'a self, dataset: &'a DatasetName) -> impl Iterator<Item = &'a Finding> {
        self.findings.iter().filter(move |finding| finding.key.dataset == *dataset)
    }
}

fn dataset_picture(
    name: &DatasetName,
    dataset: &Dataset,
    here: bool,
    last: Option<LastScan>,
    counts: &Counts,
    now: Instant,
    known_since: Instant,
) -> DatasetPicture {
    let runs = counts.runs.get(name.as_str()).copied().unwrap_or_default();
    let whole = last.as_ref().filter(|scan| scan.status == ScanStatus::Complete).map(|scan| scan.at);
    let looked_at = runs.started_at.max(last.as_ref().map(|scan| scan.at));
    let schedule = dataset.schedule.as_ref().filter(|_| here);
    let grace = i64::try_from((OVERDUE_AFTER + dataset.random_delay).as_micros()).unwrap_or(i64::MAX);
    let by_now = Instant::from_microseconds(now.microseconds().saturating_sub(grace));
    let due = schedule.and_then(|schedule| schedule.previous_or_at(by_now, &dataset.schedule_time_zone));
    DatasetPicture {
        name: name.clone(),
        division: dataset.division.clone(),
        is_scanned_here: here,
        succeeded_at: runs.succeeded_at.max(whole),
        running_since: runs.started_at.filter(|_| runs.is_unfinished),
        missed: runs.missed,
        next_run: schedule.and_then(|schedule| schedule.next_after(now, &dataset.schedule_time_zone)),
        overdue_since: due.filter(|due| *due > looked_at.unwrap_or(known_since)),
        last,
    }
}

/// Whether letters go nowhere but into a maildir in the state folder.
pub(super) fn letters_stay_here(loaded: &Loaded) -> bool {
    match loaded.settings.mail.as_ref().map(|mail| &mail.transport) {
        Some(MailTransport::Maildir { path }) => path.starts_with(&loaded.settings.state),
        Some(MailTransport::Smtp { .. } | MailTransport::Sendmail { .. }) => false,
        None => true,
    }
}

/// What may be done in the folder, and what is left there.
pub(super) fn state_folder(folder: &Path) -> StateFolder {
    use rustix::fs::Access;
    let may_write = |path: &Path| rustix::fs::access(path, Access::WRITE_OK).is_ok();
    let database = crate::store::database_path(folder);
    StateFolder {
        is_writable: may_write(folder) && (may_write(&database) || !Store::exists(folder)),
        free_bytes: rustix::fs::statvfs(folder).map_or(0, |space| space.f_bavail.saturating_mul(space.f_frsize)),
    }
}
