//! The catalogue of a SQLite database, and the statements of every kind. Servers are in `tests/it/inspect.rs`.

use super::*;
use sqlx::ConnectOptions as _;

fn database(folder: &tempfile::TempDir, statements: &str) -> Database {
    let path = folder.path().join("a.db");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let mut connection = options.connect().await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(statements.to_owned())).execute(&mut connection).await.unwrap();
        sqlx::Connection::close(connection).await.unwrap();
    });
    Database::Sqlite { connection: ConnectionName::new("a").unwrap(), path }
}

#[test]
fn tables_views_and_odd_names_are_listed_with_their_rows() {
    let folder = tempfile::tempdir().unwrap();
    let database = database(
        &folder,
        "CREATE TABLE \"odd \"\" `name\" (\"a \"\" b\" TEXT, \"日付\" INTEGER, g AS (日付 + 1));
         INSERT INTO \"odd \"\" `name\" (\"a \"\" b\") VALUES ('x'), ('y');
         CREATE TABLE empty (x);
         CREATE VIEW seen AS SELECT * FROM empty;",
    );
    let mut tables = tables(&database, Extent::Own).unwrap();
    count_small(&database, &mut tables).unwrap();
    let told: Vec<(&str, bool, RowCount)> =
        tables.iter().map(|table| (table.name.as_str(), table.is_view, table.rows)).collect();
    let expected = [
        ("empty", false, RowCount::Exactly(0)),
        ("odd \" `name", false, RowCount::Exactly(2)),
        ("seen", true, RowCount::Unknown),
    ];
    assert_eq!(told, expected);
    let columns: Vec<&str> = tables[1].columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(columns, ["a \" b", "日付", "g"]);
    let rows = Rows::default();
    sample(&database, &tables[1], 1, &rows).unwrap();
    assert_eq!(rows.0.into_inner().unwrap(), [["x", "", ""]]);
}

#[test]
fn the_ends_of_a_column_are_found_by_its_index() {
    let folder = tempfile::tempdir().unwrap();
    let database = database(
        &folder,
        "CREATE TABLE t (a TEXT, b INTEGER, c TEXT, d TEXT); CREATE INDEX one ON t (a, b); CREATE INDEX two ON t (b) WHERE b > 0;
         INSERT INTO t VALUES ('0000-00-00', 1, '', ''), ('2019-01-01', 5, '', ''), ('2026-01-01', 900, '', ''), ('x', NULL, '', '');",
    );
    let tables = tables(&database, Extent::Own).unwrap();
    let indexed: Vec<bool> = tables[0].columns.iter().map(|column| column.is_indexed).collect();
    assert_eq!(indexed, [true, false, false, false]);
    let ends = |column: usize, limits: Limits| {
        let rows = Rows::default();
        ends(&database, &tables[0], &tables[0].columns[column], limits, &rows).unwrap();
        rows.0.into_inner().unwrap().concat()
    };
    assert_eq!(ends(0, Limits::Texts("1971-01-01", "2200-01-01")), ["2019-01-01", "2026-01-01"]);
    assert_eq!(ends(1, Limits::Numbers(2, 100)), ["5", "5"]);
    assert_eq!(ends(1, Limits::Numbers(2_000, 3_000)), ["", ""]);
}

#[test]
fn a_view_whose_table_is_gone_hides_no_table() {
    let folder = tempfile::tempdir().unwrap();
    let database =
        database(&folder, "CREATE TABLE a (x); CREATE TABLE b (y); CREATE VIEW v AS SELECT * FROM b; DROP TABLE b;");
    let tables = tables(&database, Extent::Own).unwrap();
    assert!(tables.iter().any(|table| table.name == "a"), "{tables:?}");
}

#[test]
fn names_are_quoted_in_each_databases_way() {
    let column = |name: &str, type_name: &str| TableColumn {
        name: name.to_owned(),
        type_name: type_name.to_owned(),
        may_read: true,
        is_indexed: false,
        is_of_key: false,
    };
    let table = Table {
        schema: Some("s\"`".to_owned()),
        name: "t".to_owned(),
        is_view: false,
        columns: vec![column("a`b", "varchar"), column("c", "longblob"), column("d", "date")],
        rows: RowCount::Unknown,
    };
    assert_eq!(
        statements::sample(Dialect::Mysql, &table, 5),
        "SELECT LEFT(`a``b`, 200) AS c0, NULLIF(`c` IS NOT NULL, 0) AS c1, `d` AS c2 FROM `s\"```.`t` LIMIT 5"
    );
    assert_eq!(
        statements::ends(Dialect::Mysql, &table, &table.columns[0], Limits::Texts("1", "2")),
        "SELECT MIN(`a``b`) AS c0 FROM `s\"```.`t` WHERE `a``b` >= '1' AND `a``b` < '2' \
         UNION ALL SELECT MAX(`a``b`) AS c0 FROM `s\"```.`t` WHERE `a``b` >= '1' AND `a``b` < '2'"
    );
    assert!(
        statements::count(Dialect::Postgresql, std::iter::once(&table), 9).contains("FROM \"s\"\"`\".\"t\" LIMIT 10")
    );
}
