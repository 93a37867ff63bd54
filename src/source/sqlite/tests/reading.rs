//! What is read of tables, views and queries, and what is said of those that cannot be read.

use super::*;

fn camera_and_time() -> Vec<FieldSpec> {
    vec![column("camera", &["camera"], vec![]), column("recorded_at", &["start_time"], vec![DateFormat::UnixSeconds])]
}

fn error_of(source: &SourceSpec) -> String {
    let error = read_all(source).unwrap_err();
    assert_eq!(error.to_string(), probe(source).unwrap_err().to_string());
    match error {
        SourceError::Unreachable(text) => format!("unreachable: {text}"),
        SourceError::Unfit(text) => format!("unfit: {text}"),
        SourceError::Cancelled => "cancelled".to_owned(),
    }
}

#[test]
fn every_row_comes_with_the_type_that_its_values_have() {
    let world = World::new(
        "CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 1.5), ('山田', NULL), (x'00ff', ''), (CAST(x'93fa' AS TEXT), -2), (2.0, x'')",
    );
    let source = world.table("t", vec![column("a", &["a"], vec![]), column("b", &["b"], vec![])]);
    let (report, rows) = read_all(&source).unwrap();
    let part = Part { ordinal: 1, name: "t".to_owned() };
    assert_eq!(report, SourceReport { parts: vec![PartReport { part, items: 5, whole: true }], problems: vec![] });
    assert_eq!(
        rows,
        vec![
            vec![Kept::Integer(1), Kept::Real(1.5)],
            vec![text("山田"), Kept::Empty],
            vec![Kept::Bytes(vec![0, 255]), text("")],
            vec![Kept::Bytes(vec![0x93, 0xfa]), Kept::Integer(-2)],
            vec![Kept::Real(2.0), Kept::Bytes(vec![])],
        ]
    );
    probe(&source).unwrap();
}

#[test]
fn fields_that_nobody_wants_are_empty_and_constants_are_given() {
    let world = World::new("CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 2)");
    let mut constant = column("purpose", &[], vec![]);
    constant.access = FieldAccess::Constant("crime-prevention".to_owned());
    let fields = vec![column("b", &["b"], vec![]), constant, column("a", &["a"], vec![])];
    let source = world.table("t", fields);
    let read = |wanted: [bool; 3]| read_with(&source, &wanted, None, &Keeper::default()).unwrap().1;
    assert_eq!(read([false, true, true]), vec![vec![Kept::Empty, text("crime-prevention"), Kept::Integer(1)]]);
    assert_eq!(read([false; 3]), vec![vec![Kept::Empty; 3]]);
}

#[test]
fn views_queries_and_databases_in_utf_16_are_read() {
    let world = World::new(
        "PRAGMA encoding = 'UTF-16'; CREATE TABLE c (id, name); CREATE TABLE r (c_id, at);
         INSERT INTO c VALUES (1, '金庫'); INSERT INTO r VALUES (1, 5), (1, 6);
         CREATE VIEW v AS SELECT name, at FROM r JOIN c ON c.id = c_id",
    );
    let fields = || vec![column("camera", &["name"], vec![]), column("at", &["at"], vec![])];
    let expected = vec![vec![text("金庫"), Kept::Integer(5)], vec![text("金庫"), Kept::Integer(6)]];
    assert_eq!(read_all(&world.table("v", fields())).unwrap().1, expected);
    let query = "SELECT c.name AS Name, r.at FROM r JOIN c ON c.id = r.c_id ORDER BY at -- the newest last";
    for query in [query.to_owned(), format!("{query}\n; ")] {
        let (report, rows) = read_all(&world.source(Relation::Query(query), fields())).unwrap();
        assert_eq!((report.parts[0].part.name.as_str(), rows), ("query", expected.clone()));
    }
}

#[test]
fn another_part_than_the_one_asked_for_is_not_read() {
    let world = World::new("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
    let source = world.table("t", vec![column("a", &["a"], vec![])]);
    let (cancel, progress) = (AtomicBool::new(false), AtomicU64::new(0));
    let parts = |only_part| {
        let request = Request {
            source: &source,
            wanted: &[true],
            narrowing: None,
            only_part: Some(only_part),
            cancel: &cancel,
            progress: &progress,
        };
        read(&request, &Keeper::default()).unwrap().parts.len()
    };
    assert_eq!((parts("t"), parts("u")), (1, 0));
}

#[test]
fn the_first_synonym_counts_whatever_its_case_and_a_second_one_is_a_problem() {
    let world = World::new("CREATE TABLE t (Mail, email); INSERT INTO t VALUES ('a@example.jp', 'b@example.jp')");
    let source = world.table("t", vec![column("email", &["メール", "mail", "MAIL"], vec![])]);
    let (report, rows) = read_all(&source).unwrap();
    assert_eq!((report.problems.len(), rows), (0, vec![vec![text("a@example.jp")]]));

    let source = world.table("t", vec![column("email", &["email", "mail"], vec![])]);
    assert_eq!(
        error_of(&source),
        "unfit: connection `nvr`, table `t`: columns `email` and `Mail` are both there: which of them is meant?"
    );
}

#[test]
fn what_is_not_there_is_told_in_the_registers_words() {
    let mut world = World::new("CREATE TABLE recordings (camera, start_time)");
    let source = world.table("recording", camera_and_time());
    assert_eq!(
        error_of(&source),
        "unreachable: connection `nvr`, table `recording`: the database has no such table or view"
    );
    let source = world.table("recordings", vec![column("email", &["mail", "e-mail"], vec![])]);
    assert_eq!(error_of(&source), "unfit: connection `nvr`, table `recordings`: no column `mail` or `e-mail`");
    let source = world.source(Relation::Query("SELECT camera FORM recordings".to_owned()), camera_and_time());
    assert_eq!(error_of(&source), "unfit: connection `nvr`, query: near \"recordings\": syntax error");
    let source = world.source(Relation::Query("SELECT * FROM gone".to_owned()), camera_and_time());
    assert_eq!(error_of(&source), "unreachable: connection `nvr`, query: no such table: gone");
    world.path = world.folder.path().join("gone.db");
    let source = world.table("recordings", camera_and_time());
    assert_eq!(error_of(&source), "unreachable: connection `nvr`, table `recordings`: the database file is not there");
    world.path = world.folder.path().to_owned();
    let source = world.table("recordings", camera_and_time());
    assert_eq!(
        error_of(&source),
        "unreachable: connection `nvr`, table `recordings`: the database's path is not a file"
    );
}

#[test]
fn a_file_that_is_no_database_or_damaged_is_told_apart() {
    let mut world = World::new("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
    let source = world.table("t", vec![column("a", &["a"], vec![])]);
    std::fs::write(
        &world.path,
        "this is a note about recordings, not a database, and long enough to be looked at: ".repeat(9),
    )
    .unwrap();
    assert_eq!(
        error_of(&source),
        "unreachable: connection `nvr`, table `t`: the file is not a SQLite database (or is encrypted)"
    );
    world.path = world.folder.path().join("empty.db");
    std::fs::write(&world.path, "").unwrap();
    let source = world.table("t", vec![column("a", &["a"], vec![])]);
    assert_eq!(error_of(&source), "unreachable: connection `nvr`, table `t`: the database has no such table or view");
}

#[test]
fn a_database_damaged_in_the_middle_is_read_as_far_as_it_goes_and_is_not_whole() {
    let world = World::new(
        "CREATE TABLE t (a); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
         INSERT INTO t SELECT i FROM n",
    );
    let mut bytes = std::fs::read(&world.path).unwrap();
    let half = bytes.len() / 2 / 4096 * 4096;
    bytes[half..half + 4096].fill(0x5a);
    std::fs::write(&world.path, bytes).unwrap();
    let (report, rows) = read_all(&world.table("t", vec![column("a", &["a"], vec![])])).unwrap();
    assert!(!report.parts[0].whole);
    assert!(rows.len() > 1000 && rows.len() < 49_000 && report.parts[0].items == rows.len() as u64);
    assert_eq!(report.problems[0].example, "connection `nvr`, table `t`: the database is damaged");
}

#[test]
fn names_cannot_carry_sql() {
    let world = World::new(
        r#"CREATE TABLE "x; DROP TABLE t --" ("a""b" , "c; DELETE FROM t"); CREATE TABLE t (a);
           INSERT INTO "x; DROP TABLE t --" VALUES (1, 2); INSERT INTO t VALUES (3)"#,
    );
    let fields = vec![column("a", &["a\"b"], vec![]), column("c", &["c; DELETE FROM t"], vec![])];
    let (_, rows) = read_all(&world.table("x; DROP TABLE t --", fields)).unwrap();
    assert_eq!(rows, vec![vec![Kept::Integer(1), Kept::Integer(2)]]);
    let fields = || vec![column("a", &["a"], vec![])];
    for name in ["t; DROP TABLE t", "t\" UNION SELECT 1 --", "main.t", "(SELECT 1)", ""] {
        assert!(matches!(read_all(&world.table(name, fields())), Err(SourceError::Unreachable(_))), "{name}");
    }
    // A quoted name that is no column would be a text constant to SQLite.
    let injected = vec![column("a", &["a, (SELECT 7)"], vec![])];
    assert!(matches!(read_all(&world.table("t", injected)), Err(SourceError::Unfit(_))));
    assert_eq!(read_all(&world.table("t", fields())).unwrap().1, vec![vec![Kept::Integer(3)]]);
}

#[test]
fn a_query_is_one_query_and_cannot_write() {
    let world = World::new("CREATE TABLE t (a); INSERT INTO t VALUES (3)");
    let elsewhere = world.folder.path().join("copy.db");
    let before = std::fs::read(&world.path).unwrap();
    for query in [
        "DELETE FROM t RETURNING a".to_owned(),
        "SELECT a FROM t; DELETE FROM t".to_owned(),
        format!("SELECT a FROM t); VACUUM INTO '{}'; SELECT (1", elsewhere.display()),
        format!("SELECT a FROM t; VACUUM INTO '{}'", elsewhere.display()),
        format!("VACUUM INTO '{}'", elsewhere.display()),
        format!("ATTACH '{}' AS other", elsewhere.display()),
        String::new(),
    ] {
        let source = world.source(Relation::Query(query.clone()), vec![column("a", &["a"], vec![])]);
        assert!(matches!(read_all(&source), Err(SourceError::Unfit(_))), "{query}");
    }
    assert_eq!(before, std::fs::read(&world.path).unwrap());
    assert_eq!(world.names(), ["nvr.db"]);
}

#[test]
fn reading_stops_when_asked_even_inside_a_long_statement() {
    let world = World::new("CREATE TABLE t (a)");
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS a FROM n WHERE i < 0";
    let source = world.source(Relation::Query(endless.to_owned()), vec![column("a", &["a"], vec![])]);
    let (cancel, progress) = (AtomicBool::new(false), AtomicU64::new(0));
    let request = Request {
        source: &source,
        wanted: &[true],
        narrowing: None,
        only_part: None,
        cancel: &cancel,
        progress: &progress,
    };
    std::thread::scope(|scope| {
        let reading = scope.spawn(|| read(&request, &Keeper::default()));
        std::thread::sleep(std::time::Duration::from_millis(50));
        cancel.store(true, Ordering::Relaxed);
        assert!(matches!(reading.join().unwrap(), Err(SourceError::Cancelled)));
    });
}
