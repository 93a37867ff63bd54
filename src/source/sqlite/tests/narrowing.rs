//! Narrowed equals not narrowed, on real databases; and the recorder's index is used.

use super::*;
use crate::source::kept::matters;
use jiff::Timestamp;
use proptest::prelude::*;

const MICROSECONDS: i64 = 1_000_000;

fn formats() -> impl Strategy<Value = DateFormat> {
    let pattern = |text: &str| Just(DateFormat::Pattern(text.to_owned())).boxed();
    prop_oneof![
        Just(DateFormat::UnixSeconds).boxed(),
        Just(DateFormat::UnixMilliseconds).boxed(),
        Just(DateFormat::UnixMicroseconds).boxed(),
        Just(DateFormat::Ticks90Khz).boxed(),
        Just(DateFormat::Iso).boxed(),
        pattern("%Y-%m-%d %H:%M:%S"),
        pattern("%Y/%m/%d"),
        pattern("%Y%m%d"),
        pattern("%Y%m%d%H%M%S"),
        pattern("%d.%m.%Y"),
    ]
}

/// Values as databases have them, most of them about the cut, as SQL writes them.
fn values(format: DateFormat, not_after: i64) -> impl Strategy<Value = String> {
    let near = (-400_i64 * 86_400..400 * 86_400).prop_map(move |seconds| not_after / MICROSECONDS + seconds);
    let close = (-5_i64..5).prop_map(move |seconds| not_after / MICROSECONDS + seconds);
    let whenever = -62_000_000_000_i64..253_000_000_000;
    let seconds = prop_oneof![4 => near, 2 => close, 1 => whenever].boxed();
    let dated = (seconds.clone(), 0_i64..MICROSECONDS, any::<u8>())
        .prop_map(move |(seconds, fraction, style)| written(&format, seconds, fraction, style));
    let odd = prop_oneof![
        Just("NULL"),
        Just("''"),
        Just("' '"),
        Just("x''"),
        Just("x'3230323830313031'"),
        Just("0"),
        Just("-1"),
        Just("0.0"),
        Just("1e300"),
        Just("-1e300"),
        Just("9e999"),
        Just("9223372036854775807"),
        Just("'abc'"),
        Just("'令和9年1月1日'"),
        Just("'2099-13-01'"),
        Just("'2099-02-30'"),
        Just("'2099-02-29'"),
        Just("'2199-12-31 24:00:00'"),
        Just("'2099-01-01 12:00'"),
        Just("'2099-01-01 12:00:00 '"),
        Just("'2099-01-01 12:00:00.'"),
        Just("'2099-01-01x'"),
        Just("'2099-01-01' || char(0) || 'x'"),
        Just("'2099-01-01T12:00:00+25:00'"),
        Just("'2099-01-01T12:00:00.1234567890'"),
        Just("'20990230'"),
        Just("'1970-01-01'"),
        Just("'1970/01/01'"),
        Just("'1899-12-30 00:00:00'"),
        Just("'9999-12-31'"),
        Just("' 2026-01-01'"),
        Just("'２０２６-01-01'"),
        Just("'+002026-01-01'"),
        Just("20280101"),
        Just("2028"),
        Just("'1.8e9'"),
        Just("CAST(x'ff' AS TEXT)"),
        Just("'2099/1/1'"),
        Just("'2099-01-01 23:59:60'"),
    ];
    let bare = seconds.prop_map(|seconds| seconds.to_string());
    prop_oneof![6 => dated, 3 => odd.prop_map(str::to_owned), 1 => bare]
}

fn written(format: &DateFormat, seconds: i64, fraction: i64, style: u8) -> String {
    let exact = i128::from(seconds) * 1_000_000 + i128::from(fraction);
    let local = Timestamp::from_second(seconds).unwrap_or_default().to_zoned_datetime(TimeZone::UTC).datetime();
    let number = match format {
        DateFormat::UnixSeconds => exact,
        DateFormat::UnixMilliseconds => exact * 1_000,
        DateFormat::UnixMicroseconds => exact * 1_000_000,
        DateFormat::Ticks90Khz => exact * 90_000,
        DateFormat::Pattern(pattern) => return format!("'{}'", local.strftime(pattern)),
        _ => {
            return match style % 7 {
                0 => format!("'{}'", local.date()),
                1 => format!("'{local}'"),
                2 => format!("'{}'", local.strftime("%Y-%m-%d %H:%M:%S")),
                3 => format!("'{local}.{fraction:06}+00:00'"),
                4 => format!("'{}'", local.strftime("%Y-%m-%d %H:%M:%S-11:00")),
                5 => format!("'{local}Z'"),
                _ => format!("'{local}+14:00'"),
            };
        }
    };
    match style % 4 {
        0 => format!("{:?}", number as f64 / 1e6),
        1 => format!("'{}'", number / 1_000_000),
        _ => (number / 1_000_000).to_string(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn narrowed_equals_not_narrowed(
        (format, not_after, rows) in (formats(), 0_i64..4_000_000_000).prop_flat_map(|(format, seconds)| {
            let not_after = seconds * MICROSECONDS + 123_456;
            let rows = prop::collection::vec(values(format.clone(), not_after), 1..40);
            (Just(format), Just(not_after), rows)
        }),
        declared in prop::sample::select(vec!["", "INTEGER", "REAL", "TEXT", "DATETIME", "TEXT COLLATE NOCASE", "BLOB"]),
        index in prop::sample::select(vec!["", "CREATE INDEX i ON t (at)", "CREATE INDEX i ON t (at DESC, id)"]),
        zone in prop::sample::select(vec!["Asia/Tokyo", "UTC", "Pacific/Pago_Pago", "Pacific/Kiritimati"]),
    ) {
        let inserts = format!("INSERT INTO t (at) VALUES ({})", rows.join("), ("));
        let world = World::new(&format!("CREATE TABLE t (id INTEGER PRIMARY KEY, at {declared}); {index}; {inserts}"));
        let mut field = column("at", &["at"], vec![format.clone()]);
        let zone = TimeZone::get(zone).unwrap();
        field.time_zone = Some(zone.clone());
        let source = world.table("t", vec![column("id", &["id"], vec![]), field]);
        let narrowing = Narrowing { field: 1, not_after: Instant::from_microseconds(not_after) };
        let (all, every_row) = read_all(&source).unwrap();
        let (narrowed, mut fetched) = read_with(&source, &[true; 2], Some(&narrowing), &Keeper::default()).unwrap();

        prop_assert_eq!(all, narrowed);
        let by_id = |row: &Vec<Kept>| match &row[0] { Kept::Integer(id) => *id, other => panic!("{other:?}") };
        fetched.sort_by_key(by_id);
        prop_assert!(fetched.windows(2).all(|pair| by_id(&pair[0]) < by_id(&pair[1])), "a row came twice");
        prop_assert!(fetched.iter().all(|row| every_row.contains(row)));
        for row in &every_row {
            let may_be_left_out = !matters(&row[1], &source.fields[1], &zone, narrowing.not_after);
            prop_assert!(may_be_left_out || fetched.contains(row), "left out: {:?}", row);
        }
    }
}

/// The plan of the statement that a narrowed reading of this table runs.
fn plan_of(world: &World, source: &SourceSpec, not_after: Instant) -> Vec<String> {
    let narrowing = Narrowing { field: 0, not_after };
    let (cancel, progress) = (AtomicBool::new(false), AtomicU64::new(0));
    let request = Request {
        source,
        wanted: &vec![true; source.fields.len()],
        narrowing: Some(&narrowing),
        only_part: None,
        cancel: &cancel,
        progress: &progress,
    };
    let database = Database::of(source).unwrap();
    run(async {
        let file = DatabaseFile::find(&database).unwrap();
        let mut connection = Connection::open(&database, &file, OpenMode::Immutable).await.unwrap();
        let columns = relation::columns(&database, &mut connection).await.unwrap();
        let bound = relation::bind(&database, source, &columns).unwrap();
        let names: Vec<&str> = bound.iter().flatten().map(String::as_str).collect();
        let cut = narrow::Cut::of(&request, &bound).unwrap();
        let statement = rows::narrowed_statement(&database, &mut connection, &names, &cut).await.unwrap();
        let plan = rows::plan(&mut connection, &statement, &cut.parameters).await.unwrap();
        assert!(world.path.exists());
        plan
    })
}

const FRIGATE: &str = "CREATE TABLE recordings (
    id VARCHAR(30) NOT NULL PRIMARY KEY, camera VARCHAR(20) NOT NULL, path VARCHAR(255) NOT NULL,
    start_time DATETIME NOT NULL, end_time DATETIME NOT NULL, duration REAL NOT NULL, motion INTEGER, objects INTEGER);
    CREATE INDEX recordings_camera ON recordings (camera);
    CREATE UNIQUE INDEX recordings_path ON recordings (path);
    CREATE INDEX recordings_start_time_end_time ON recordings (start_time DESC, end_time DESC);
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
    INSERT INTO recordings SELECT i, 'vault-' || i % 3, 'p' || i, 1700000000.5 + i * 10, 1700000010.5 + i * 10, 10, 0, 0 FROM n;";

#[test]
fn the_recorders_index_is_searched_with_and_without_statistics() {
    for statistics in ["", "ANALYZE"] {
        let world = World::new(&format!("{FRIGATE} {statistics}"));
        let fields = vec![
            column("recorded_at", &["start_time"], vec![DateFormat::UnixSeconds]),
            column("camera", &["camera"], vec![]),
            column("id", &["id"], vec![]),
        ];
        let source = world.table("recordings", fields);
        let not_after = Instant::from_microseconds(1_700_000_500 * MICROSECONDS);
        let plan = plan_of(&world, &source, not_after);
        let searches: Vec<&String> = plan.iter().filter(|step| step.starts_with("SEARCH")).collect();
        assert_eq!(searches.len(), 4, "{plan:?}");
        let by_index = "SEARCH recordings USING INDEX recordings_start_time_end_time (start_time";
        assert!(searches.iter().all(|step| step.starts_with(by_index)), "{plan:?}");
        assert!(!plan.iter().any(|step| step.starts_with("SCAN")), "{plan:?}");

        let narrowing = Narrowing { field: 0, not_after };
        let (report, rows) = read_with(&source, &[true; 3], Some(&narrowing), &Keeper::default()).unwrap();
        assert_eq!((report.parts[0].items, rows.len()), (5001, 50));
    }
}

#[test]
fn texts_and_ticks_are_searched_by_their_index_too() {
    let world = World::new(
        "CREATE TABLE t (at DATETIME, ticks INTEGER NOT NULL, who TEXT);
         CREATE INDEX by_at ON t (at); CREATE INDEX by_ticks ON t (ticks);
         WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
         INSERT INTO t SELECT datetime(1700000000 + i * 86400, 'unixepoch'), (1700000000 + i * 86400) * 90000, 'x' FROM n;
         INSERT INTO t VALUES ('2030-02-30 00:00:00', 999999999999999, 'no such day')",
    );
    let not_after = Instant::from_microseconds((1_700_000_000 + 100 * 86_400) * MICROSECONDS);
    for (name, format, index, expected) in [
        ("at", DateFormat::Iso, "by_at (at", 106),
        ("at", DateFormat::Pattern("%Y-%m-%d %H:%M:%S".to_owned()), "by_at (at", 106),
        ("ticks", DateFormat::Ticks90Khz, "by_ticks (ticks", 102),
    ] {
        let source = world.table("t", vec![column(name, &[name], vec![format]), column("who", &["who"], vec![])]);
        let plan = plan_of(&world, &source, not_after);
        let by_index = format!("SEARCH t USING INDEX {index}");
        assert_eq!(plan.iter().filter(|step| step.starts_with(&by_index)).count(), 4, "{plan:?}");
        let narrowing = Narrowing { field: 0, not_after };
        let rows = read_with(&source, &[true; 2], Some(&narrowing), &Keeper::default()).unwrap().1;
        assert_eq!(rows.len(), expected, "{name}");
    }
}

#[test]
fn without_an_index_everything_is_passed_once() {
    let world = World::new(&format!("{FRIGATE} DROP INDEX recordings_start_time_end_time"));
    let fields = vec![column("recorded_at", &["start_time"], vec![DateFormat::UnixSeconds])];
    let query = Relation::Query("SELECT start_time FROM recordings WHERE camera <> 'vault-9'".to_owned());
    for source in [world.table("recordings", fields.clone()), world.source(query, fields)] {
        let plan = plan_of(&world, &source, Instant::from_microseconds(1_700_000_500 * MICROSECONDS));
        assert_eq!(plan.iter().filter(|step| step.starts_with("SCAN")).count(), 1, "{plan:?}");
    }
}

#[test]
fn two_formats_a_split_cell_and_a_clock_that_is_no_column_are_not_narrowed() {
    let world = World::new(FRIGATE);
    let two = column("at", &["start_time"], vec![DateFormat::UnixSeconds, DateFormat::Iso]);
    let mut split = column("at", &["start_time"], vec![DateFormat::UnixSeconds]);
    split.split = Some(";".to_owned());
    let mut constant = column("at", &[], vec![DateFormat::UnixSeconds]);
    constant.access = FieldAccess::Constant("0".to_owned());
    for field in [two, split, constant] {
        let source = world.table("recordings", vec![field]);
        let narrowing = Narrowing { field: 0, not_after: Instant::from_microseconds(1_700_000_500 * MICROSECONDS) };
        let rows = read_with(&source, &[true], Some(&narrowing), &Keeper::default()).unwrap().1;
        assert_eq!(rows.len(), 5001);
    }
}
