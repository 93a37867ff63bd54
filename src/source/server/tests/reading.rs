//! Values of every type, and what is refused or told.

use super::*;
use jiff::civil;

const POSTGRESQL: ServerKind = ServerKind::Postgresql;
const MYSQL: ServerKind = ServerKind::Mysql;

/// The single row of a query, and its columns as fields.
fn row(world: &World, query: &str, columns: &[&str]) -> Vec<Kept> {
    let fields = columns.iter().map(|name| column(name, name, vec![])).collect();
    let (report, mut rows) = read_all(&world.query(query, fields)).unwrap();
    assert!(report.parts[0].whole, "{:?}", report.problems);
    assert_eq!((report.parts[0].items, rows.len()), (1, 1));
    rows.remove(0)
}

#[test]
fn values_of_postgresql_are_presented_by_their_types() {
    let statements = "CREATE EXTENSION citext; CREATE TYPE mood AS ENUM ('good'); CREATE DOMAIN nr AS integer;
        CREATE TABLE t (a int2, b int4, c int8, d nr, e float4, f float8, g numeric, h text, i varchar, j char(5), k name,
            l citext, m uuid, n json, o jsonb, p bool, q date, r timestamp, s timestamptz, u inet, v mood, w int[],
            x bytea, y interval, z money);
        INSERT INTO t VALUES (-1, 2, 3, 4, 1.5, 2.5, 1735700000.123456, 'あ', 'b', 'ab', 'n', 'Ci',
            '6f9619ff-8b86-d011-b42d-00cf4fc964ff', '{\"a\": 1}', '{\"b\":2}', true, '2027-02-28',
            '2027-02-28 12:00:00.25', '2027-02-28 12:00:00+09', '10.0.0.1', 'good', '{1,2}', '\\x00ff', '1 day', 1);
        INSERT INTO t (a) VALUES (NULL);
        CREATE TABLE odd (q date, r timestamp, s timestamptz, f float8);
        INSERT INTO odd VALUES ('infinity', 'infinity', '-infinity', 'NaN'), ('0044-03-15 BC', '20000-01-01', '0044-03-15 BC', 1)";
    let Some(world) = World::new(POSTGRESQL, "types", statements) else { return };
    let names: Vec<String> = ('a'..='z').filter(|name| *name != 't').map(|name| name.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let moment = civil::datetime(2027, 2, 28, 12, 0, 0, 250_000_000);
    let instant = Instant::from_microseconds(1_803_783_600_000_000);
    let expected = vec![
        Kept::Integer(-1),
        Kept::Integer(2),
        Kept::Integer(3),
        Kept::Integer(4),
        Kept::Real(1.5),
        Kept::Real(2.5),
        text("1735700000.123456"),
        text("あ"),
        text("b"),
        text("ab"),
        text("n"),
        text("Ci"),
        text("6f9619ff-8b86-d011-b42d-00cf4fc964ff"),
        text("{\"a\": 1}"),
        text("{\"b\": 2}"),
        Kept::Boolean(true),
        Kept::Date(civil::date(2027, 2, 28)),
        Kept::DateTime(moment),
        Kept::Instant(instant),
        text("10.0.0.1"),
        text("good"),
        text("{1,2}"),
        Kept::Bytes(vec![0, 255]),
        text("1 day"),
        text("$1.00"),
    ];
    assert_eq!(row(&world, "SELECT * FROM t WHERE a IS NOT NULL -- all", &names), expected);
    assert_eq!(row(&world, "SELECT * FROM t WHERE a IS NULL;", &names), vec![Kept::Empty; 25]);
    let fields = ["q", "r", "s"].map(|name| column(name, name, vec![])).to_vec();
    let (_, rows) = read_all(&world.table("odd", fields)).unwrap();
    assert_eq!(rows, vec![vec![text("not a date"); 3]; 2]);
}

#[test]
fn values_of_mariadb_are_presented_by_their_types() {
    let statements = "SET sql_mode = '', time_zone = '+09:00';
        CREATE TABLE t (a tinyint, b smallint unsigned, c mediumint, d int unsigned, e bigint, f bigint unsigned, g float,
            h double, i decimal(20,6), j varchar(20) CHARACTER SET cp932, k text CHARACTER SET ujis, l char(5) COLLATE utf8mb4_bin,
            m varbinary(20), n blob, o date, p datetime(3), q timestamp(6) NULL, r bit(9), s bool, u json, v enum('x','y'),
            w set('x','y'), x year, y time, z uuid);
        INSERT INTO t VALUES (-1, 65535, -3, 4294967295, -5, 18446744073709551615, 1.5, 2.5, 1735700000.123456, '髙橋', '山',
            'ab', 'abc', x'00ff', '2027-02-28', '2027-02-28 12:00:00.250', '2027-02-28 12:00:00.000001', b'100000001', true,
            '{\"a\": 1}', 'y', 'x,y', 2027, '-12:00:00', '6f9619ff-8b86-d011-b42d-00cf4fc964ff');
        INSERT INTO t (a) VALUES (NULL);
        CREATE TABLE odd (o date, p datetime, q timestamp NULL);
        INSERT INTO odd VALUES ('0000-00-00', '0000-00-00 00:00:00', '0000-00-00 00:00:00');
        SET sql_mode = 'ALLOW_INVALID_DATES'; INSERT INTO odd VALUES ('2027-00-15', '2027-02-31 10:00:00', NULL)";
    let Some(world) = World::new(MYSQL, "types", statements) else { return };
    let names: Vec<String> = ('a'..='z').filter(|name| *name != 't').map(|name| name.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let moment = civil::datetime(2027, 2, 28, 12, 0, 0, 250_000_000);
    let instant = Instant::from_microseconds(1_803_783_600_000_001);
    let expected = vec![
        Kept::Integer(-1),
        Kept::Integer(65535),
        Kept::Integer(-3),
        Kept::Integer(4_294_967_295),
        Kept::Integer(-5),
        Kept::Real(18_446_744_073_709_551_615.0),
        Kept::Real(1.5),
        Kept::Real(2.5),
        text("1735700000.123456"),
        text("髙橋"),
        text("山"),
        text("ab"),
        text("abc"),
        Kept::Bytes(vec![0, 255]),
        Kept::Date(civil::date(2027, 2, 28)),
        Kept::DateTime(moment),
        Kept::Instant(instant),
        Kept::Integer(257),
        Kept::Integer(1),
        text("{\"a\": 1}"),
        text("y"),
        text("x,y"),
        Kept::Integer(2027),
        text("-12:00:00"),
        text("6f9619ff-8b86-d011-b42d-00cf4fc964ff"),
    ];
    let fields: Vec<FieldSpec> = names.iter().map(|name| column(name, name, vec![])).collect();
    let (report, rows) = read_all(&world.table("t", fields)).unwrap();
    assert!(report.parts[0].whole);
    assert_eq!(rows, [expected.clone(), vec![Kept::Empty; 25]]);
    assert_eq!(row(&world, "SELECT * FROM t WHERE a IS NOT NULL # all", &names)[..22], expected[..22]);
    let fields = ["o", "p", "q"].map(|name| column(name, name, vec![])).to_vec();
    let (_, rows) = read_all(&world.table("odd", fields)).unwrap();
    assert_eq!(rows[0], vec![text("0000-00-00"); 3]);
    assert_eq!(rows[1], [text("not a date"), text("not a date"), Kept::Empty]);
}

/// A table with an odd name, and one that must stay.
fn odd_world(kind: ServerKind, name: &str) -> Option<World> {
    let (quote, twice) = if kind == POSTGRESQL { ("\"", "\"\"") } else { ("`", "``") };
    World::new(
        kind,
        name,
        &format!(
            "CREATE TABLE {quote}Odd {twice}名簿; x{quote} ({quote}Id {twice}; DROP{quote} int, {quote}end{quote} int);
             INSERT INTO {quote}Odd {twice}名簿; x{quote} VALUES (1, 2); CREATE TABLE t (id int); INSERT INTO t VALUES (1), (2)"
        ),
    )
}

#[test]
fn a_register_can_name_what_does_not_exist_and_no_more() {
    for kind in [POSTGRESQL, MYSQL] {
        let Some(world) = odd_world(kind, "odd_names") else { return };
        let quote = if kind == POSTGRESQL { "\"" } else { "`" };
        let fields = vec![column("id", &format!("id {quote}; drop"), vec![]), column("end", "end", vec![])];
        let (report, rows) = read_all(&world.table(&format!("Odd {quote}名簿; x"), fields)).unwrap();
        assert_eq!(rows, [[Kept::Integer(1), Kept::Integer(2)]]);
        assert_eq!(report.parts[0].part.name, format!("Odd {quote}名簿; x"));
        let id = || vec![column("id", "id", vec![])];
        let names = ["t; DROP TABLE t", "t\"; DROP TABLE t; --", "t`; DROP TABLE t; --", "t' OR '1'='1", "none"];
        for name in names {
            let error = read_all(&world.table(name, id())).unwrap_err();
            assert!(matches!(error, SourceError::Unreachable(_)), "{error}");
            assert!(error.to_string().contains("has no such table or view"), "{error}");
        }
        let error = read_all(&world.table("t", vec![column("id", "x\" FROM t; --", vec![])])).unwrap_err();
        assert!(matches!(error, SourceError::Unfit(_)) && error.to_string().contains("no column"), "{error}");
        let queries = [
            "SELECT id FROM t; DROP TABLE t",
            "SELECT id FROM t) AS a; DROP TABLE t; --",
            "DELETE FROM t",
            "DROP TABLE t",
            "SELECT id FROM t FOR UPDATE",
            "SELECT id FROM t LOCK IN SHARE MODE",
            "SELECT * FROM t) AS a, (SELECT 1",
            "SELECT nothing FROM t",
            "INSERT INTO t VALUES (3)",
        ];
        for query in queries {
            let mut spec = world.spec();
            spec.user = "writer".to_owned();
            let error = read_all(&source_at(spec, Relation::Query(query.to_owned()), id())).unwrap_err();
            assert!(matches!(error, SourceError::Unfit(_) | SourceError::Unreachable(_)), "{query}: {error}");
        }
        let (_, rows) = read_all(&world.table("t", id())).unwrap();
        assert_eq!(rows.len(), 2);
    }
}

#[test]
fn functions_of_a_query_cannot_write_even_where_the_role_may() {
    let statements = "CREATE TABLE t (id int); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS
        'INSERT INTO t VALUES (1) RETURNING id'; CREATE SEQUENCE s";
    let Some(world) = World::new(POSTGRESQL, "functions", statements) else { return };
    let mut spec = world.spec();
    spec.user = "writer".to_owned();
    for query in [
        "SELECT f() AS id",
        "SELECT nextval('s') AS id",
        "WITH x AS (INSERT INTO t VALUES (1) RETURNING id) SELECT * FROM x",
    ] {
        let source = source_at(spec.clone(), Relation::Query(query.to_owned()), vec![column("id", "id", vec![])]);
        let error = read_all(&source);
        let told = match error {
            Ok((report, _)) => report.problems[0].example.clone(),
            Err(error) => error.to_string(),
        };
        assert!(
            told.contains("nothing may") || told.contains("WITH clause") || told.contains("nextval"),
            "{query}: {told}"
        );
    }
    let (_, rows) = read_all(&world.table("t", vec![column("id", "id", vec![])])).unwrap();
    assert_eq!(rows.len(), 0);
}

#[test]
fn a_role_that_could_write_is_told() {
    for kind in [POSTGRESQL, MYSQL] {
        let Some(world) = World::new(kind, "rights", "CREATE TABLE t (id int); CREATE TABLE u (id int)") else {
            return;
        };
        let id = || vec![column("id", "id", vec![])];
        assert_eq!(may_write(&world.table("t", id())).unwrap(), None);
        let mut spec = world.spec();
        spec.user = "writer".to_owned();
        let source = source_at(spec, Relation::Table("t".to_owned()), id());
        let expected = match kind {
            POSTGRESQL => "may write to 2 tables of the database",
            MYSQL => "has the rights DELETE, INSERT",
        };
        let expected = format!("connection `crm`: the role `writer` {expected}: grant it SELECT alone");
        assert_eq!(may_write(&source).unwrap(), Some(expected));
    }
}

#[test]
fn what_a_server_refuses_is_told_in_its_own_kind() {
    for kind in [POSTGRESQL, MYSQL] {
        let Some(world) = World::new(kind, "refusals", "CREATE TABLE t (id int)") else { return };
        let source = |change: &dyn Fn(&mut ServerSpec)| {
            let mut spec = world.spec();
            change(&mut spec);
            source_at(spec, Relation::Table("t".to_owned()), vec![column("id", "id", vec![])])
        };
        assert!(probe(&source(&|_| ())).is_ok());
        let wrong = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(wrong.path(), "wrong").unwrap();
        let told = |source: &SourceSpec| match probe(source).unwrap_err() {
            SourceError::Unreachable(told) => told,
            other => panic!("{other:?}"),
        };
        let password = SecretSource::File(wrong.path().to_owned());
        let refused = told(&source(&|spec| spec.password = Some(password.clone())));
        assert_eq!(refused, "connection `crm`, table `t`: the server refuses the role or its password");
        let refused = told(&source(&|spec| "elsewhere".clone_into(&mut spec.database)));
        assert!(refused.ends_with("the server has no such database"), "{refused}");
        let refused = told(&source(&|spec| spec.authorities = None));
        assert!(refused.contains("TLS with the server failed") && refused.contains("UnknownIssuer"), "{refused}");
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let nobody = ServerAddress::Tcp { host: "127.0.0.1".to_owned(), port };
        let refused = told(&source(&|spec| spec.address = nobody.clone()));
        assert!(refused.ends_with("the server cannot be reached (connection refused)"), "{refused}");
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = ServerAddress::Tcp { host: "127.0.0.1".to_owned(), port: silent.local_addr().unwrap().port() };
        let refused = told(&source(&|spec| {
            spec.address = address.clone();
            spec.connect_timeout = Duration::from_millis(300);
        }));
        assert!(refused.ends_with("did not let the role in within `connect_timeout_seconds`"), "{refused}");
    }
}

#[test]
fn rows_and_their_number_are_of_one_state() {
    for kind in [POSTGRESQL, MYSQL] {
        let Some(world) = World::new(kind, "snapshot", "CREATE TABLE t (id int, at int)") else { return };
        world.execute("INSERT INTO t VALUES (1, 100), (2, 100), (3, 2000000000)");
        let source =
            world.table("t", vec![column("id", "id", vec![]), column("at", "at", vec![DateFormat::UnixSeconds])]);
        let narrowing = Narrowing { field: 1, not_after: Instant::from_microseconds(1_500_000_000_000_000) };
        let name = world.name.clone();
        let keeper = Keeper::with(move || {
            // Another thread, as a product: nothing of it may be seen, and it does not wait.
            let world = World { kind, name: name.clone(), servers: servers().unwrap() };
            std::thread::spawn(move || world.execute("DELETE FROM t WHERE id > 1; INSERT INTO t VALUES (9, 9)"))
                .join()
                .unwrap();
        });
        let (report, rows) = read_with(&source, Some(&narrowing), &keeper, &AtomicBool::new(false)).unwrap();
        assert_eq!((report.parts[0].items, rows.len()), (3, 2));
        assert_eq!(read_all(&source).unwrap().1.len(), 2);
    }
}

#[test]
fn a_scan_that_is_stopped_stops_its_statement_too() {
    for (kind, wait, running) in [
        (
            POSTGRESQL,
            "SELECT 1 AS id FROM pg_sleep(30) WHERE random() < 2",
            "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'purposed' AND datname = 'stopped'
             AND query LIKE '%pg_sle' || 'ep%' AND state = 'active'",
        ),
        (
            MYSQL,
            "SELECT SLEEP(30) AS id FROM t WHERE SLEEP(30) = 0",
            "SELECT COUNT(*) FROM information_schema.processlist WHERE db = 'stopped' AND info LIKE CONCAT('%SLE', 'EP(30)%')
             AND user = 'purposed'",
        ),
    ] {
        let Some(world) = World::new(kind, "stopped", "CREATE TABLE t (id int); INSERT INTO t VALUES (1)") else {
            return;
        };
        let count = || {
            let source =
                source_at(world.spec(), Relation::Query(running.to_owned()), vec![column("n", "count", vec![])]);
            let mut source = source;
            if kind == MYSQL {
                source.fields[0].access = FieldAccess::Column(vec!["COUNT(*)".to_owned()]);
            }
            read_all(&source).unwrap().1[0][0].clone()
        };
        let source = world.query(wait, vec![column("id", "id", vec![])]);
        let cancel = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let reading = scope.spawn(|| read_with(&source, None, &Keeper::default(), &cancel));
            for _ in 0..100 {
                if count() == Kept::Integer(1) {
                    break;
                }
                std::thread::sleep(Duration::from_millis(50));
            }
            assert_eq!(count(), Kept::Integer(1));
            cancel.store(true, std::sync::atomic::Ordering::Relaxed);
            let began = std::time::Instant::now();
            assert!(matches!(reading.join().unwrap(), Err(SourceError::Cancelled)));
            assert!(began.elapsed() < Duration::from_secs(5));
        });
        for _ in 0..40 {
            if count() == Kept::Integer(0) {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        assert_eq!(count(), Kept::Integer(0), "{kind:?}");
    }
}

#[test]
fn a_statement_that_takes_too_long_is_told() {
    for (kind, wait) in [
        (POSTGRESQL, "SELECT 1 AS id FROM pg_sleep(30) WHERE random() < 2"),
        (MYSQL, "SELECT SLEEP(30) AS id FROM t WHERE SLEEP(30) = 0"),
    ] {
        let Some(world) = World::new(kind, "slow", "CREATE TABLE t (id int); INSERT INTO t VALUES (1)") else { return };
        let mut spec = world.spec();
        spec.statement_timeout = Duration::from_secs(1);
        let source = source_at(spec, Relation::Query(wait.to_owned()), vec![column("id", "id", vec![])]);
        let (report, _) = read_all(&source).unwrap();
        assert!(!report.parts[0].whole);
        let told = &report.problems[0].example;
        assert!(told.starts_with("connection `crm`, query: the statement took longer"), "{told}");
    }
}
