//! Narrowed equals not narrowed, on real servers; and the product's index is used.

use super::*;
use crate::source::columns::origins;
use crate::source::kept::matters;
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use sqlx::Row;
use std::sync::atomic::AtomicU32;

const MICROSECONDS: i64 = 1_000_000;

/// A type of a clock's column, and how its values are written and read.
#[derive(Debug, Clone)]
struct Clock {
    column_type: &'static str,
    format: Option<DateFormat>,
    odd: &'static [&'static str],
}

const fn clock(column_type: &'static str, format: Option<DateFormat>, odd: &'static [&'static str]) -> Clock {
    Clock { column_type, format, odd }
}

const TEXTS: &[&str] = &[
    "''",
    "' '",
    "'abc'",
    "'2099-13-01'",
    "'2099-02-30'",
    "'2096-02-29'",
    "'2099-01-01 24:00:00'",
    "'2099-01-01 12:00'",
    "'2099-01-01 12:00:00 '",
    "'2099-01-01x'",
    "'2099-01-01T12:00:00+25:00'",
    "'2099-01-01T12:00:00.1234567890'",
    "'2099-01-01t12:00:00'",
    "'1970-01-01'",
    "'0000-00-00'",
    "'9999-12-31'",
    "'2099/1/1'",
    "'２０９９-01-01'",
    "'2099-01-01 23:59:60'",
    "'20990101'",
    "'-2099-01-01'",
    "'令和81年1月1日'",
];
const NUMBERS: &[&str] = &["0", "-1", "1", "2147483647"];
const LARGE: &[&str] = &["0", "-1", "9223372036854775807", "99999999999"];
const REALS: &[&str] = &["0", "-1.5", "1e30", "-1e30"];

fn clocks(kind: ServerKind) -> Vec<Clock> {
    let seconds = || Some(DateFormat::UnixSeconds);
    let pattern = |text: &str| Some(DateFormat::Pattern(text.to_owned()));
    let mut clocks = vec![
        clock("int", seconds(), NUMBERS),
        clock("bigint", seconds(), LARGE),
        clock("bigint", Some(DateFormat::UnixMilliseconds), LARGE),
        clock("bigint", Some(DateFormat::UnixMicroseconds), LARGE),
        clock("decimal(20,6)", seconds(), &["0", "-1.5", "99999999999999.999999"]),
        clock("double precision", seconds(), REALS),
    ];
    match kind {
        ServerKind::Postgresql => {
            let infinite = &["'infinity'", "'-infinity'", "'1970-01-01'", "'0044-03-15 BC'", "'20000-01-01'"];
            clocks.extend([
                clock("timestamptz", None, infinite),
                clock("timestamp", None, infinite),
                clock("date", None, infinite),
                clock("numeric", seconds(), &["'NaN'", "0", "1e40", "-1e40"]),
                clock("real", seconds(), &["'NaN'", "'Infinity'", "'-Infinity'"]),
            ]);
            for collation in ["\"C\"", "\"und-x-icu\"", "\"ja-x-icu\"", "numbers", "unpunctuated"] {
                let collated: &'static str = Box::leak(format!("text COLLATE {collation}").into_boxed_str());
                clocks.push(clock(collated, None, TEXTS));
                clocks.push(clock(collated, pattern("%Y-%m-%d %H:%M:%S"), TEXTS));
                clocks.push(clock(collated, pattern("%Y-%m-%dT%H:%M:%S"), TEXTS));
                clocks.push(clock(collated, pattern("%Y%m%d%H%M%S"), TEXTS));
            }
            clocks.push(clock("char(40)", None, TEXTS));
            clocks.push(clock("varchar(40)", pattern("%Y/%m/%d"), TEXTS));
        }
        ServerKind::Mysql => {
            let invalid = &[
                "'0000-00-00'",
                "'2099-00-15'",
                "'2029-00-00'",
                "'2031-05-00'",
                "'2027-02-31'",
                "'2030-02-30'",
                "'1970-01-01'",
                "'9999-12-31'",
            ];
            clocks.extend([
                clock("datetime", None, invalid),
                clock("datetime(6)", None, invalid),
                clock("date", None, invalid),
                clock("timestamp(6) NULL", None, &["'0000-00-00'", "'1970-01-02'"]),
                clock("int unsigned", seconds(), &["0", "4294967295"]),
                clock("bigint unsigned", seconds(), &["0", "18446744073709551615"]),
                clock("float", seconds(), REALS),
            ]);
            for collation in ["utf8mb4_general_ci", "utf8mb4_unicode_ci", "utf8mb4_bin", "utf8mb4_unicode_520_nopad_ci"]
            {
                let collated: &'static str =
                    Box::leak(format!("varchar(40) CHARACTER SET utf8mb4 COLLATE {collation}").into_boxed_str());
                clocks.push(clock(collated, None, TEXTS));
                clocks.push(clock(collated, pattern("%Y-%m-%d %H:%M:%S"), TEXTS));
                clocks.push(clock(collated, pattern("%Y-%m-%dT%H:%M:%S"), TEXTS));
            }
            clocks.push(clock("varchar(40) CHARACTER SET cp932", pattern("%Y%m%d%H%M%S"), TEXTS));
            clocks.push(clock("varbinary(40)", None, TEXTS));
        }
    }
    clocks
}

/// A value about the cut, as SQL writes it for the column.
fn written(clock: &Clock, seconds: i64, fraction: i64) -> String {
    // MySQL's timestamps end in 2038, as do 32-bit numbers.
    let narrow = clock.column_type.starts_with("timestamp(") || clock.column_type == "int";
    let seconds = if narrow { seconds.clamp(86_400, 2_147_000_000) } else { seconds };
    let local = Timestamp::from_second(seconds).unwrap_or_default().to_zoned_datetime(TimeZone::UTC).datetime();
    match &clock.format {
        Some(DateFormat::UnixSeconds) if clock.column_type.contains("int") => seconds.max(0).to_string(),
        Some(DateFormat::UnixSeconds) => format!("{}.{fraction:06}", seconds.max(0)),
        Some(DateFormat::UnixMilliseconds) => (seconds * 1000 + fraction / 1000).to_string(),
        Some(DateFormat::UnixMicroseconds) => (seconds * MICROSECONDS + fraction).to_string(),
        Some(DateFormat::Pattern(pattern)) => format!("'{}'", local.strftime(pattern)),
        _ if clock.column_type == "date" => format!("'{}'", local.date()),
        _ if clock.column_type.contains("char") || clock.column_type.starts_with("text") => match fraction % 5 {
            0 => format!("'{}'", local.date()),
            1 => format!("'{local}.{fraction:06}+00:00'"),
            2 => format!("'{}'", local.strftime("%Y-%m-%d %H:%M:%S-11:00")),
            3 => format!("'{local}Z'"),
            _ => format!("'{}'", local.strftime("%Y-%m-%d %H:%M:%S")),
        },
        _ => format!("'{}.{fraction:06}'", local.strftime("%Y-%m-%d %H:%M:%S")),
    }
}

fn rows(clock: &Clock, not_after: i64) -> impl Strategy<Value = Vec<String>> + use<> {
    let near = (-400_i64 * 86_400..400 * 86_400).prop_map(move |seconds| not_after / MICROSECONDS + seconds);
    let close = (-5_i64..5).prop_map(move |seconds| not_after / MICROSECONDS + seconds);
    let seconds = prop_oneof![4 => near, 2 => close, 1 => 0_i64..8_000_000_000];
    let (odd, clock) = (clock.odd, clock.clone());
    let dated = (seconds, 0..MICROSECONDS).prop_map(move |(seconds, fraction)| written(&clock, seconds, fraction));
    let odd = prop::sample::select(odd).prop_map(str::to_owned);
    prop::collection::vec(prop_oneof![6 => dated, 2 => odd, 1 => Just("NULL".to_owned())], 1..40)
}

fn narrowed_equals_not_narrowed(kind: ServerKind) {
    let preparation = match kind {
        ServerKind::Postgresql => {
            "CREATE COLLATION numbers (provider = icu, locale = 'und-u-kn-true');
             CREATE COLLATION unpunctuated (provider = icu, locale = 'und-u-ka-shifted', deterministic = false)"
        }
        ServerKind::Mysql => "DO 0",
    };
    let Some(world) = World::new(kind, "narrowing", preparation) else { return };
    let table = AtomicU32::new(0);
    let cases =
        (prop::sample::select(clocks(kind)), 100_000_000_i64..4_000_000_000).prop_flat_map(|(clock, seconds)| {
            let not_after = seconds * MICROSECONDS + 123_456;
            let rows = rows(&clock, not_after);
            (Just(clock), Just(not_after), rows)
        });
    let zones = prop::sample::select(vec!["Asia/Tokyo", "UTC", "Pacific/Pago_Pago", "Pacific/Kiritimati"]);
    let config =
        ProptestConfig { cases: 120, max_shrink_iters: 40, failure_persistence: None, ..ProptestConfig::default() };
    let outcome =
        TestRunner::new(config).run(&(cases, any::<bool>(), zones), |((clock, not_after, values), index, zone)| {
            let name = format!("t{}", table.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
            let inserts: Vec<String> = values.iter().enumerate().map(|(id, at)| format!("({id}, {at})")).collect();
            let index = if index { format!("CREATE INDEX i_{name} ON {name} (at);") } else { String::new() };
            let tolerance = if kind == ServerKind::Mysql {
                "SET sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+00:00';"
            } else {
                ""
            };
            world.execute(&format!(
                "{tolerance} CREATE TABLE {name} (id int PRIMARY KEY, at {}); {index} INSERT INTO {name} VALUES {}",
                clock.column_type,
                inserts.join(", ")
            ));
            let zone = TimeZone::get(zone).unwrap();
            let mut field = column("at", "at", clock.format.iter().cloned().collect());
            field.time_zone = Some(zone.clone());
            // What is proven here has nothing to do with TLS, which takes its time.
            let spec = ServerSpec { tls: ServerTls::Off, ..world.spec() };
            let fields = vec![column("id", "id", vec![]), field];
            let source = source_at(spec, Relation::Table(name), fields);
            let narrowing = Narrowing { field: 1, not_after: Instant::from_microseconds(not_after) };
            let (all, every_row) = read_all(&source).unwrap();
            let (narrowed, fetched) =
                read_with(&source, Some(&narrowing), &Keeper::default(), &AtomicBool::new(false)).unwrap();
            prop_assert_eq!(all, narrowed);
            let mut ids: Vec<String> = fetched.iter().map(|row| format!("{:?}", row[0])).collect();
            ids.sort();
            prop_assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "a row came twice");
            for row in &every_row {
                let may_be_left_out = !matters(&row[1], &source.fields[1], &zone, narrowing.not_after);
                // A NaN equals nothing, itself included.
                let was_fetched = ids.contains(&format!("{:?}", row[0]));
                prop_assert!(may_be_left_out || was_fetched, "left out: {:?} of {:?}", row, clock);
            }
            Ok(())
        });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

#[test]
fn narrowed_equals_not_narrowed_in_postgresql() {
    narrowed_equals_not_narrowed(ServerKind::Postgresql);
}

#[test]
fn narrowed_equals_not_narrowed_in_mariadb() {
    narrowed_equals_not_narrowed(ServerKind::Mysql);
}

#[test]
fn a_collation_without_case_leaves_nothing_out_that_cannot_be_read() {
    let statements = "CREATE TABLE t (id int, at varchar(40) COLLATE utf8mb4_general_ci);
        INSERT INTO t VALUES (1, '2099-01-01t12:00:00'), (2, '2099-01-01T12:00:00')";
    let Some(world) = World::new(ServerKind::Mysql, "narrowing_case", statements) else { return };
    let pattern = DateFormat::Pattern("%Y-%m-%dT%H:%M:%S".to_owned());
    let source = world.table("t", vec![column("id", "id", vec![]), column("at", "at", vec![pattern])]);
    let narrowing = Narrowing { field: 1, not_after: Instant::from_microseconds(1_700_000_000 * MICROSECONDS) };
    let (_, rows) = read_with(&source, Some(&narrowing), &Keeper::default(), &AtomicBool::new(false)).unwrap();
    assert_eq!(rows.iter().map(|row| row[0].clone()).collect::<Vec<_>>(), [Kept::Integer(1)]);
}

/// The server's plan of the statement that a narrowed reading runs.
fn plan_of(world: &World, source: &SourceSpec, not_after: Instant) -> String {
    let narrowing = Narrowing { field: 0, not_after };
    let (cancel, progress) = (AtomicBool::new(false), AtomicU64::new(0));
    let wanted = vec![true; source.fields.len()];
    let request = Request {
        source,
        wanted: &wanted,
        narrowing: Some(&narrowing),
        only_part: None,
        cancel: &cancel,
        progress: &progress,
    };
    let server = Server::of(source).unwrap();
    run(async {
        match world.kind {
            ServerKind::Postgresql => {
                let mut session = postgres::Postgresql::open(&server).await.unwrap();
                let statement = statement_of(&request, &server, &mut session).await;
                let rows = session.rows(format!("EXPLAIN {}", statement.0), &statement.1);
                let rows: Vec<_> = futures_util::TryStreamExt::try_collect(rows).await.unwrap();
                rows.iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>().join("\n")
            }
            ServerKind::Mysql => {
                let mut session = mysql::Mysql::open(&server).await.unwrap();
                let statement = statement_of(&request, &server, &mut session).await;
                let rows = session.rows(format!("EXPLAIN FORMAT=JSON {}", statement.0), &statement.1);
                let rows: Vec<_> = futures_util::TryStreamExt::try_collect(rows).await.unwrap();
                rows.iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>().join("\n")
            }
        }
    })
}

async fn statement_of<S: session::Session>(
    request: &Request<'_>,
    server: &Server<'_>,
    session: &mut S,
) -> (String, Vec<session::Parameter>) {
    let columns = session.columns(server).await.unwrap();
    let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    let bound = crate::source::columns::bind(request.source, &names).unwrap();
    let (_, fetched) = origins(request, &bound);
    let fetched: Vec<&session::Column> =
        fetched.iter().filter_map(|name| columns.iter().find(|column| column.name == *name)).collect();
    let cut = narrow::Cut::of(S::LANGUAGE, request, &bound, &columns).unwrap();
    let select = statement::select(server, session.select_hint(), &fetched);
    (format!("{select} WHERE {}", cut.condition), cut.parameters)
}

#[test]
fn the_index_of_a_clock_is_searched_whatever_its_type() {
    let create = |kind, value: &str, column_type: &str| {
        match kind {
        ServerKind::Postgresql => format!(
            "CREATE TABLE t_{0} (id int, at {1}, rest text); CREATE INDEX ON t_{0} (at);
             INSERT INTO t_{0} SELECT n, {value}, repeat('x', 80) FROM generate_series(0, 19999) AS n; ANALYZE t_{0};",
            column_type.split(|c: char| !c.is_alphanumeric()).collect::<String>(),
            column_type
        ),
        ServerKind::Mysql => format!(
            "CREATE TABLE t_{0} (id int, at {1}, rest varchar(100), KEY (at)); INSERT INTO t_{0}
             SELECT seq, {value}, repeat('x', 80) FROM (SELECT seq, seq AS n FROM seq_0_to_19999) AS s; ANALYZE TABLE t_{0};",
            column_type.split(|c: char| !c.is_alphanumeric()).collect::<String>(),
            column_type
        ),
    }
    };
    // One row an hour since 2023-11-14T22:13:20Z; the cut lies after 200 of them.
    let not_after = Instant::from_microseconds((1_700_000_000 + 200 * 3600) * MICROSECONDS);
    let (postgresql, mysql) = (ServerKind::Postgresql, ServerKind::Mysql);
    let of_postgresql = "to_timestamp(1700000000 + n * 3600.0) AT TIME ZONE 'UTC'";
    let of_mysql = "TIMESTAMP '2023-11-14 22:13:20' + INTERVAL n HOUR";
    let number = "1700000000 + n * 3600";
    for (kind, column_type, value, format) in [
        (postgresql, "timestamptz", "to_timestamp(1700000000 + n * 3600.0)", None),
        (postgresql, "timestamp", of_postgresql, None),
        (postgresql, "date", of_postgresql, None),
        (postgresql, "int", number, Some(DateFormat::UnixSeconds)),
        (postgresql, "bigint", "(1700000000 + n * 3600) * 1000000::bigint", Some(DateFormat::UnixMicroseconds)),
        (postgresql, "numeric(20,6)", number, Some(DateFormat::UnixSeconds)),
        (postgresql, "real", number, Some(DateFormat::UnixSeconds)),
        (postgresql, "double precision", number, Some(DateFormat::UnixSeconds)),
        (mysql, "datetime", of_mysql, None),
        (mysql, "datetime(6)", of_mysql, None),
        (mysql, "timestamp", of_mysql, None),
        (mysql, "date", of_mysql, None),
        (mysql, "int unsigned", number, Some(DateFormat::UnixSeconds)),
        (mysql, "bigint", "(1700000000 + n * 3600) * 1000", Some(DateFormat::UnixMilliseconds)),
        (mysql, "decimal(20,6)", number, Some(DateFormat::UnixSeconds)),
        (mysql, "double", number, Some(DateFormat::UnixSeconds)),
    ] {
        let name: String = column_type.split(|c: char| !c.is_alphanumeric()).collect();
        let world = World::new(kind, &format!("plan_{name}"), &create(kind, value, column_type));
        let Some(world) = world else { return };
        let formats = format.into_iter().collect();
        let source = world.table(&format!("t_{name}"), vec![column("at", "at", formats), column("id", "id", vec![])]);
        let plan = plan_of(&world, &source, not_after);
        match kind {
            ServerKind::Postgresql => {
                assert!(plan.contains("Bitmap Index Scan") && !plan.contains("Seq Scan"), "{plan}");
            }
            ServerKind::Mysql => assert!(plan.contains("\"access_type\": \"range\""), "{column_type}: {plan}"),
        }
        let narrowing = Narrowing { field: 0, not_after };
        let (report, rows) = read_with(&source, Some(&narrowing), &Keeper::default(), &AtomicBool::new(false)).unwrap();
        assert_eq!(report.parts[0].items, 20_000);
        // Local times and dates keep a margin of days.
        assert!((200..=330).contains(&rows.len()), "{column_type}: {}", rows.len());
    }
}
