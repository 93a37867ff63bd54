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
/// is made up for. Every run that was begun is ended, also where another one could not be begun or ended; what the
/// scan itself failed with is told before what the ledger did.
pub(super) fn in_the_ledger(
    store: &Store,
    datasets: &[DatasetName],
    cause: Cause,
    started_at: Instant,
    ended_at: impl Fn() -> Instant,
    scan: impl FnOnce() -> Result<ScanAnswer, AppError>,
) -> Result<ScanAnswer, AppError> {
    let mut runs = Vec::with_capacity(datasets.len());
    let begun = datasets.iter().try_for_each(|dataset| {
        let Cause { trigger, scheduled_at, missed } = cause;
        let start = RunStart { dataset: dataset.clone(), trigger, scheduled_at, missed, started_at };
        runs.push((dataset, store.begin_run(&start)?));
        Ok(())
    });
    let caught = || catch_unwind(AssertUnwindSafe(scan)).unwrap_or_else(|panic| Err(AppError::Panicked(said(&*panic))));
    let result = begun.and_then(|()| caught());
    let at = ended_at();
    let is_stopped = matches!(result, Err(AppError::Cancelled));
    let considered_until = (cause.trigger != RunTrigger::Hand && !is_stopped).then_some(at);
    let mut ended = Ok(());
    for (dataset, number) in runs {
        let seen = result.as_ref().ok().and_then(|answer| answer.scans.iter().find(|scan| scan.dataset == *dataset));
        let end = RunEnd {
            ended_at: at,
            status: seen.map(|scan| scan.status),
            items: seen.map_or(0, |scan| scan.items),
            problems: seen.map_or(0, |scan| scan.problems.len() as u64),
            failure: result.as_ref().err().map(failure),
            considered_until,
        };
        if let Err(error) = store.end_run(number, &end) {
            tracing::error!(%dataset, "the end of a run cannot be noted: {error}");
            ended = ended.and(Err(AppError::from(error)));
        }
    }
    let answer = result?;
    ended?;
    Ok(answer)
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
    panic.downcast_ref::<&'static str>().map_or("its message is not kept", |text| *text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::digest::DigestKey;
    use crate::store::Access;

    /// Lets the ledger of runs refuse what `trigger` says.
    fn refuse(state: &std::path::Path, trigger: &'static str) {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(state.join("purposed.db"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut connection = sqlx::ConnectOptions::connect(&options).await.unwrap();
            sqlx::raw_sql(trigger).execute(&mut connection).await.unwrap();
        });
    }

    #[test]
    fn one_run_that_cannot_be_noted_leaves_no_other_one_open() {
        let triggers = [
            "CREATE TRIGGER refuse BEFORE INSERT ON run WHEN new.dataset = 'second' BEGIN SELECT raise(ABORT, 'no'); END",
            "CREATE TRIGGER refuse BEFORE UPDATE ON run WHEN new.dataset = 'first' BEGIN SELECT raise(ABORT, 'no'); END",
        ];
        let datasets = ["first", "second"].map(|name| DatasetName::new(name).unwrap());
        let at = Instant::from_microseconds(1);
        for (trigger, ended) in triggers.into_iter().zip(["first", "second"]) {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(folder.path(), &DigestKey::new([7; 32]), "test", Access::Write).unwrap();
            refuse(folder.path(), trigger);
            let fails = || Err(AppError::Argument("the scan's own".to_owned()));
            let error = in_the_ledger(&store, &datasets, Cause::HAND, at, || at, fails).unwrap_err();
            assert_eq!(matches!(error, AppError::Argument(_)), ended == "second", "{error}");
            let runs = store.runs(1).unwrap();
            let closed: Vec<&str> =
                runs.iter().filter(|run| run.ended_at.is_some()).map(|run| run.dataset.as_str()).collect();
            assert_eq!(closed, [ended]);
        }
    }

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
