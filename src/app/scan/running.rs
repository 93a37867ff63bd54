//! The run ledger around a scan: each dataset's run is begun before anything is read and ended whatever happens,
//! also when the scan panics. What was begun and never ended was cut off with its process.

use super::ScanAnswer;
use crate::app::AppError;
use crate::domain::instant::Instant;
use crate::domain::name::DatasetName;
use crate::domain::run::{Run, RunTrigger};
use crate::store::{RunEnd, RunStart, Store};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Why a scan runs, as the run ledger says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cause {
    /// By its schedule, or by hand.
    pub trigger: RunTrigger,
    /// The instant that its schedule named.
    pub scheduled_at: Option<Instant>,
    /// How many earlier instants of its schedule passed without a scan.
    pub missed: u64,
}

impl Cause {
    /// Somebody asked for it.
    pub const HAND: Self = Self { trigger: RunTrigger::Hand, scheduled_at: None, missed: 0 };
}

/// Scans within the ledger. A run by its schedule that was stopped leaves the schedule as it was, so that the scan
/// is made up for.
pub(super) fn in_the_ledger(
    store: &Store,
    datasets: &[DatasetName],
    cause: Cause,
    started_at: Instant,
    ended_at: impl Fn() -> Instant,
    scan: impl FnOnce() -> Result<ScanAnswer, AppError>,
) -> Result<ScanAnswer, AppError> {
    let mut runs = Vec::with_capacity(datasets.len());
    for dataset in datasets {
        let Cause { trigger, scheduled_at, missed } = cause;
        let start = RunStart { dataset: dataset.clone(), trigger, scheduled_at, missed, started_at };
        runs.push((dataset, store.begin_run(&start)?));
    }
    let result = catch_unwind(AssertUnwindSafe(scan)).unwrap_or_else(|panic| Err(AppError::Panicked(said(&*panic))));
    let at = ended_at();
    let is_stopped = matches!(result, Err(AppError::Cancelled));
    let considered_until = (cause.trigger != RunTrigger::Hand && !is_stopped).then_some(at);
    for (dataset, number) in runs {
        let seen = result.as_ref().ok().and_then(|answer| answer.scans.iter().find(|scan| scan.dataset == *dataset));
        store.end_run(
            number,
            &RunEnd {
                ended_at: at,
                status: seen.map(|scan| scan.status),
                items: seen.map_or(0, |scan| scan.items),
                problems: seen.map_or(0, |scan| scan.problems.len() as u64),
                failure: result.as_ref().err().map(failure),
                considered_until,
            },
        )?;
    }
    result
}

/// Why nothing came of a run.
fn failure(error: &AppError) -> String {
    match error {
        AppError::Cancelled => Run::STOPPED.to_owned(),
        error => error.to_string(),
    }
}

/// What a panic said; it may quote what was being read, so it is kept short of that: only where it comes from is
/// told, by the hook that printed it.
fn said(panic: &(dyn Any + Send)) -> String {
    let is_text = panic.is::<&'static str>();
    panic.downcast_ref::<&'static str>().filter(|_| is_text).map_or("its message is not kept", |text| *text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::digest::DigestKey;
    use crate::store::Access;

    #[test]
    #[expect(clippy::panic, reason = "what a panic leaves behind is what is tested")]
    fn a_scan_that_panics_ends_its_run_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), &DigestKey::new([7; 32]), "test", Access::Write).unwrap();
        let (dataset, at) = (DatasetName::new("leads").unwrap(), Instant::from_microseconds(1));
        let cause = Cause { trigger: RunTrigger::Schedule, scheduled_at: Some(at), missed: 3 };
        let row = "canary@example.jp".to_owned();
        let ended = in_the_ledger(&store, &[dataset], cause, at, || at, || panic!("cannot read {row}"));
        assert!(matches!(ended, Err(AppError::Panicked(_))));
        let run = store.runs(1).unwrap().remove(0);
        assert_eq!((run.status, run.missed, run.ended_at), (None, 3, Some(at)));
        let failure = run.failure.unwrap();
        assert!(failure.contains("a defect of the program") && !failure.contains("canary"), "{failure}");
        assert_eq!(store.considered_until().unwrap().len(), 1, "it is not tried again before its time");
    }
}
