//! What monitoring asks of a store: how much waits, what was run when, how large it is. Counts, dates and names of
//! the register alone.

use super::Store;
use super::error::StoreError;
use super::numbers::count;
use super::open::database_path;
use crate::domain::instant::Instant;
use jiff::civil::Date;
use sqlx::sqlite::SqliteConnection;
use std::collections::BTreeMap;

/// The counts of a store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Letters by what became of them: `queued`, `accepted`, `refused`, `given-up`.
    pub letters: BTreeMap<String, u64>,
    /// Since when the letter waits that has waited longest.
    pub waiting_since: Option<Instant>,
    /// Active exceptions by kind: `extension`, `approval`, `hold`.
    pub exceptions: BTreeMap<String, u64>,
    /// The earliest day on which an active hold is to be reviewed.
    pub next_review: Option<Date>,
    /// What the run ledger says of each dataset that it knows.
    pub runs: BTreeMap<String, RunCounts>,
    /// The latest instant that a scan was stored at.
    pub latest_scan: Option<Instant>,
    /// Whether its scans happen at made-up instants.
    pub is_simulated: bool,
    /// The size of the database and its log.
    pub bytes: u64,
}

/// What the run ledger says of a dataset.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunCounts {
    /// When the last run began.
    pub started_at: Option<Instant>,
    /// Whether that run goes on.
    pub is_unfinished: bool,
    /// When a run last saw everything.
    pub succeeded_at: Option<Instant>,
    /// How many scheduled instants passed without a run, as the runs that are remembered noted.
    pub missed: u64,
}

impl Store {
    /// The counts, in one consistent look.
    pub fn counts(&self) -> Result<Counts, StoreError> {
        let mut counts = self.database.run(async |connection| {
            use sqlx::Connection as _;
            let mut look = connection.begin().await?;
            let counts = read(&mut look).await?;
            look.rollback().await?;
            Ok(counts)
        })?;
        let path = database_path(&self.state);
        let sizes = [path.clone(), path.with_extension("db-wal")].map(std::fs::metadata);
        counts.bytes = sizes.into_iter().flatten().map(|metadata| metadata.len()).sum();
        Ok(counts)
    }
}

async fn read(connection: &mut SqliteConnection) -> Result<Counts, StoreError> {
    let letters = "SELECT state, count(*) FROM letter GROUP BY state";
    let waiting = "SELECT min(queued_at) FROM letter WHERE state = 'queued'";
    let exceptions = "SELECT kind, count(*) FROM exception WHERE state = 'active' GROUP BY kind";
    let review = "SELECT min(until_day) FROM exception WHERE state = 'active' AND kind = 'hold'";
    let waiting_since: Option<i64> = sqlx::query_scalar(waiting).fetch_one(&mut *connection).await?;
    let review: Option<String> = sqlx::query_scalar(review).fetch_one(&mut *connection).await?;
    let store: Option<(Option<bool>, Option<i64>)> =
        sqlx::query_as("SELECT is_simulated, latest_scan FROM store").fetch_optional(&mut *connection).await?;
    let (is_simulated, latest_scan) = store.unwrap_or_default();
    Ok(Counts {
        letters: by_name(connection, letters).await?,
        waiting_since: waiting_since.map(Instant::from_microseconds),
        exceptions: by_name(connection, exceptions).await?,
        next_review: review.and_then(|day| day.parse().ok()),
        runs: runs(connection).await?,
        latest_scan: latest_scan.map(Instant::from_microseconds),
        is_simulated: is_simulated.unwrap_or_default(),
        bytes: 0,
    })
}

async fn by_name(connection: &mut SqliteConnection, sql: &'static str) -> Result<BTreeMap<String, u64>, StoreError> {
    let rows: Vec<(String, i64)> = sqlx::query_as(sql).fetch_all(connection).await?;
    Ok(rows.into_iter().map(|(name, number)| (name, count(number))).collect())
}

/// The ledger grows for years: each dataset is asked for by the index, never all rows.
async fn runs(connection: &mut SqliteConnection) -> Result<BTreeMap<String, RunCounts>, StoreError> {
    type Row = (String, Option<i64>, bool, Option<i64>, i64);
    let rows: Vec<Row> = sqlx::query_as(concat!(
        "SELECT known.name, ",
        "(SELECT started_at FROM run WHERE dataset = known.name ORDER BY number DESC LIMIT 1), ",
        "coalesce((SELECT ended_at IS NULL AND failure IS NULL FROM run WHERE dataset = known.name ORDER BY number DESC LIMIT 1), 0), ",
        "(SELECT ended_at FROM run WHERE dataset = known.name AND status = 'complete' ORDER BY number DESC LIMIT 1), ",
        "(SELECT coalesce(sum(missed), 0) FROM run WHERE dataset = known.name AND missed > 0) ",
        "FROM (SELECT name FROM dataset UNION SELECT dataset FROM schedule) AS known"
    ))
    .fetch_all(connection)
    .await?;
    let instant = |at: Option<i64>| at.map(Instant::from_microseconds);
    Ok(rows
        .into_iter()
        .map(|(dataset, started_at, is_unfinished, succeeded_at, missed)| {
            let (started_at, succeeded_at) = (instant(started_at), instant(succeeded_at));
            (dataset, RunCounts { started_at, is_unfinished, succeeded_at, missed: count(missed) })
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::name::DatasetName;
    use crate::domain::observation::ScanStatus;
    use crate::domain::run::RunTrigger;
    use crate::store::runs::{RunEnd, RunStart};
    use crate::store::tests::{at, open, scan_at};

    fn begin(store: &Store, hour: i64, missed: u64) -> i64 {
        let dataset = DatasetName::new("calls").unwrap();
        let (trigger, scheduled_at, started_at) = (RunTrigger::Schedule, Some(at(hour)), at(hour));
        store.begin_run(&RunStart { dataset, trigger, scheduled_at, missed, started_at }).unwrap()
    }

    #[test]
    fn an_empty_store_counts_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let counts = open(folder.path()).counts().unwrap();
        assert!(counts.bytes > 0);
        assert_eq!(Counts { bytes: 0, ..counts }, Counts::default());
    }

    #[test]
    fn runs_are_counted_by_their_dataset() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        scan_at(&store, 1);
        let end = |hour, status| RunEnd {
            ended_at: at(hour),
            status,
            items: 10,
            problems: 0,
            failure: None,
            considered_until: Some(at(hour)),
        };
        for (hour, missed, status) in [(1, 3, ScanStatus::Complete), (24, 1, ScanStatus::Failed)] {
            let run = begin(&store, hour, missed);
            store.end_run(run, &end(hour + 1, Some(status))).unwrap();
        }
        begin(&store, 48, 0);
        let counts = store.counts().unwrap();
        assert_eq!(counts.latest_scan, Some(at(1)));
        let calls = RunCounts { started_at: Some(at(48)), is_unfinished: true, succeeded_at: Some(at(2)), missed: 4 };
        assert_eq!(counts.runs, BTreeMap::from([("calls".to_owned(), calls)]));
        drop(store);
        // Whoever opens the store next knows that the last run was cut off.
        assert!(!open(folder.path()).counts().unwrap().runs["calls"].is_unfinished);
    }

    #[test]
    fn exceptions_and_letters_that_wait_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        let rows = format!(
            "INSERT INTO exception (kind, dataset, why, requested_by, approved_by, made_at, until_day, confidential, state)
             VALUES ('hold', 'calls', 'x', 'sato', 'suzuki', 0, '2027-06-01', 0, 'active'),
                    ('hold', 'calls', 'x', 'sato', 'suzuki', 0, '2027-05-01', 0, 'active'),
                    ('hold', 'calls', 'x', 'sato', 'suzuki', 0, '2027-04-01', 0, 'released');
             INSERT INTO letter (message_id, thread_id, node, recipient, body, queued_at, state, attempts, next_attempt_at)
             VALUES ('a', 'a', 'n', 'sato', '', {queued}, 'queued', 1, {put_off}),
                    ('b', 'b', 'n', 'sato', '', {since}, 'accepted', 1, NULL);",
            since = at(-9).microseconds(),
            queued = at(-5).microseconds(),
            put_off = at(3).microseconds(),
        );
        store
            .database
            .run(async |connection| {
                Ok(sqlx::raw_sql(sqlx::AssertSqlSafe(rows)).execute(connection).await.map(|_| ())?)
            })
            .unwrap();
        let counts = store.counts().unwrap();
        assert_eq!(counts.exceptions, BTreeMap::from([("hold".to_owned(), 2)]));
        assert_eq!(counts.next_review, Some(jiff::civil::date(2027, 5, 1)));
        assert_eq!(counts.letters, BTreeMap::from([("queued".to_owned(), 1), ("accepted".to_owned(), 1)]));
        assert_eq!(counts.waiting_since, Some(at(-5)), "a letter that was put off waits since it was queued");
    }
}
