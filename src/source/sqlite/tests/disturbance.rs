//! That nothing is disturbed by reading, and that nothing which happens meanwhile spoils a count.

use super::*;
use std::os::unix::fs::MetadataExt;

fn fields() -> Vec<FieldSpec> {
    vec![column("id", &["id"], vec![])]
}

/// Everything of a file that reading must leave alone.
fn traits_of(path: &Path) -> (String, u64, u64, (i64, i64), (i64, i64), u32) {
    let metadata = std::fs::metadata(path).unwrap();
    let changed = (metadata.ctime(), metadata.ctime_nsec());
    let content = blake3::hash(&std::fs::read(path).unwrap()).to_string();
    let modified = (metadata.mtime(), metadata.mtime_nsec());
    (content, metadata.len(), metadata.ino(), modified, changed, metadata.mode())
}

fn thousand(table: &str) -> String {
    format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
         INSERT INTO {table} SELECT i FROM n"
    )
}

#[test]
fn a_database_at_rest_is_left_as_it_is_and_alone_in_its_folder() {
    for journal in ["DELETE", "WAL", "PERSIST", "TRUNCATE"] {
        let name = "カメラ #1 100%?mode=rwc&x.db";
        let world =
            World::named(name, &format!("PRAGMA journal_mode = {journal}; CREATE TABLE t (id); {}", thousand("t")));
        let (before, names) = (traits_of(&world.path), world.names());
        let (report, rows) = read_all(&world.table("t", fields())).unwrap();
        assert!(report.parts[0].whole && rows.len() == 1000, "{journal}");
        assert_eq!((traits_of(&world.path), world.names()), (before, names), "{journal}");
    }
}

#[test]
fn a_read_only_folder_is_no_obstacle() {
    let world = World::new(&format!("PRAGMA journal_mode = WAL; CREATE TABLE t (id); {}", thousand("t")));
    rustix::fs::chmod(world.folder.path(), rustix::fs::Mode::from_bits_truncate(0o555)).unwrap();
    rustix::fs::chmod(&world.path, rustix::fs::Mode::from_bits_truncate(0o444)).unwrap();
    assert_eq!(read_all(&world.table("t", fields())).unwrap().1.len(), 1000);
    rustix::fs::chmod(world.folder.path(), rustix::fs::Mode::from_bits_truncate(0o755)).unwrap();
}

#[test]
fn a_log_that_a_crashed_recorder_left_is_read_and_not_written_back() {
    let world = World::new("PRAGMA journal_mode = WAL; CREATE TABLE t (id)");
    let crashed = world.folder.path().join("crashed.db");
    run(async {
        let mut connection = recorder(&world.path).await;
        connection.execute(AssertSqlSafe(thousand("t"))).await.unwrap();
        std::fs::copy(&world.path, &crashed).unwrap();
        std::fs::copy(world.folder.path().join("nvr.db-wal"), world.folder.path().join("crashed.db-wal")).unwrap();
        connection.close().await.unwrap();
    });
    let crashed = World { folder: world.folder, path: crashed };
    let log = crashed.folder.path().join("crashed.db-wal");
    // As root, SQLite gives the log to the owner that it already has, which only its change time shows.
    let of_log = |log: &Path| {
        let (content, length, inode, modified, _, mode) = traits_of(log);
        (content, length, inode, modified, mode)
    };
    let before = (traits_of(&crashed.path), of_log(&log));
    let (report, rows) = read_all(&crashed.table("t", fields())).unwrap();
    assert!(report.parts[0].whole && rows.len() == 1000);
    assert_eq!((traits_of(&crashed.path), of_log(&log)), before);
    let beside: Vec<String> = crashed.names().into_iter().filter(|name| name != "crashed.db-shm").collect();
    assert_eq!(beside, ["crashed.db", "crashed.db-wal", "nvr.db"]);
}

#[test]
fn a_recorder_that_writes_ahead_goes_on_writing_and_the_count_is_exact() {
    let world = World::new(&format!(
        "PRAGMA journal_mode = WAL; CREATE TABLE t (id); CREATE INDEX i ON t (id); {}",
        thousand("t")
    ));
    let narrowing = Narrowing { field: 0, not_after: Instant::from_microseconds(1_000_000_000_000_000) };
    let source = world.table("t", vec![column("id", &["id"], vec![DateFormat::UnixSeconds])]);
    run(async {
        let mut connection = recorder(&world.path).await;
        connection.execute("INSERT INTO t VALUES (2000000000)").await.unwrap();
    });
    // The connection stays open elsewhere, so that the log stays.
    let (stop, written) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            run(async {
                let mut connection = recorder(&world.path).await;
                while !stop.load(Ordering::Relaxed) {
                    connection
                        .execute("BEGIN IMMEDIATE; INSERT INTO t VALUES (5), (2000000000); COMMIT")
                        .await
                        .unwrap();
                    written.fetch_add(1, Ordering::Relaxed);
                }
            });
        });
        while written.load(Ordering::Relaxed) < 5 {
            std::thread::yield_now();
        }
        let mut last = 0;
        for _ in 0..40 {
            let (report, rows) = read_with(&source, &[true], Some(&narrowing), &Keeper::default()).unwrap();
            assert!(report.parts[0].whole, "{:?}", report.problems);
            // Each commit adds one row on either side of the cut, so one state has equally many more of both.
            assert_eq!(report.parts[0].items - 1001, (rows.len() as u64 - 1000) * 2);
            assert!(report.parts[0].items >= last);
            last = report.parts[0].items;
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert!(written.load(Ordering::Relaxed) > 5);
}

/// Reads the table `t`, and lets this happen at the first row of every reading.
fn read_while(world: &World, meanwhile: impl FnMut() + Send + 'static) -> (SourceReport, Rows) {
    let keeper = Keeper::with(meanwhile);
    read_with(&world.table("t", fields()), &[true], None, &keeper).unwrap()
}

/// Tries to run these statements as another program would; gives whether it could.
fn try_write(path: &Path, statements: &'static str) -> bool {
    let path = path.to_owned();
    let written = std::thread::spawn(move || {
        run(async {
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
            let mut connection = options.busy_timeout(std::time::Duration::ZERO).connect().await.unwrap();
            let result = connection.execute(statements).await;
            connection.close().await.unwrap();
            result.is_ok()
        })
    });
    written.join().unwrap()
}

#[test]
fn a_database_that_changes_once_is_read_again() {
    let world = World::new(&format!("CREATE TABLE t (id); {}", thousand("t")));
    let (path, mut is_first) = (world.path.clone(), true);
    let (report, rows) = read_while(&world, move || {
        if std::mem::take(&mut is_first) {
            assert!(try_write(&path, "DELETE FROM t WHERE id > 10"));
        }
    });
    assert_eq!((report.parts[0].items, report.parts[0].whole, rows.len()), (10, true, 10));
}

#[test]
fn a_database_that_never_stands_still_is_read_under_a_lock_in_the_end() {
    let world = World::new(&format!("CREATE TABLE t (id); {}", thousand("t")));
    let path = world.path.clone();
    let written = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = std::sync::Arc::clone(&written);
    let (report, rows) = read_while(&world, move || {
        seen.lock().unwrap().push(try_write(&path, "DELETE FROM t WHERE id > (SELECT MAX(id) - 100 FROM t)"));
    });
    assert_eq!(*written.lock().unwrap(), [true, true, false]);
    assert_eq!((report.parts[0].items, report.parts[0].whole, rows.len()), (800, true, 800));
}

#[test]
fn a_database_whose_log_comes_and_goes_all_the_time_is_not_whole() {
    let world = World::new(&format!("PRAGMA journal_mode = WAL; CREATE TABLE t (id); {}", thousand("t")));
    let path = world.path.clone();
    let (report, rows) = read_while(&world, move || assert!(try_write(&path, "INSERT INTO t VALUES (7)")));
    assert_eq!((report.parts[0].items, report.parts[0].whole, rows.len()), (0, false, 0));
    let expected = "connection `nvr`, table `t`: it was being written while it was read, and never stood still for long \
                    enough";
    assert_eq!(report.problems[0].example, expected);
    assert_eq!(world.names(), ["nvr.db"]);
}

#[test]
fn a_log_that_appears_meanwhile_is_noticed() {
    let world = World::new(&format!("PRAGMA journal_mode = WAL; CREATE TABLE t (id); {}", thousand("t")));
    let path = world.path.clone();
    let (close, closing) = std::sync::mpsc::channel::<()>();
    let mut closing = Some(closing);
    let recording = std::sync::Arc::new(std::sync::Mutex::new(None));
    let running = std::sync::Arc::clone(&recording);
    let (report, rows) = read_while(&world, move || {
        let Some(closing) = closing.take() else { return };
        let (path, (written, wait)) = (path.clone(), std::sync::mpsc::channel());
        *running.lock().unwrap() = Some(std::thread::spawn(move || {
            run(async {
                let mut connection = recorder(&path).await;
                connection.execute("INSERT INTO t VALUES (1001)").await.unwrap();
                written.send(()).unwrap();
                closing.recv().unwrap();
                connection.close().await.unwrap();
            });
        }));
        wait.recv().unwrap();
    });
    close.send(()).unwrap();
    recording.lock().unwrap().take().unwrap().join().unwrap();
    assert_eq!((report.parts[0].items, report.parts[0].whole, rows.len()), (1001, true, 1001));
}

#[test]
fn a_lock_that_is_not_released_makes_the_source_unreachable() {
    let world = World::new("CREATE TABLE t (id); INSERT INTO t VALUES (1)");
    run(async {
        // A spilled journal lies beside the database, so its state is not in the file alone.
        let mut connection = recorder(&world.path).await;
        connection.execute("PRAGMA cache_size = 2; PRAGMA journal_mode = PERSIST; BEGIN EXCLUSIVE").await.unwrap();
        connection.execute(AssertSqlSafe(thousand("t"))).await.unwrap();
        let source = world.table("t", fields());
        let error = std::thread::spawn(move || read_all(&source).unwrap_err()).join().unwrap();
        assert_eq!(error.to_string(), "connection `nvr`, table `t`: it is locked by another program");
    });
}
