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
