//! The statements that look through a database's own catalogue, count and sample. Names are quoted in each database's
//! own way; every column has an alias, so that it does not matter what it is called.

use super::{Dialect, Extent, Limits, Table, TableColumn};
use crate::source::columns::quoted;

/// How many columns the catalogue's rows have.
pub const CATALOGUE_COLUMNS: usize = 11;
/// How much of a text is looked at.
const TEXT_CHARACTERS: u32 = 200;

/// Schema, whether it is the connection's own, name, whether it is a view, about how many rows, whether the role may
/// read the column, its number, its name and its type, whether an index begins with it, and whether it is of the primary key.
const POSTGRESQL: &str = "SELECT CAST(n.nspname AS text) AS c0, pg_catalog.pg_table_is_visible(c.oid) AS c1, \
    CAST(c.relname AS text) AS c2, c.relkind IN ('v', 'm') AS c3, \
    CASE WHEN c.reltuples >= 0 THEN CAST(c.reltuples AS bigint) END AS c4, \
    pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT') AS c5, CAST(a.attnum AS integer) AS c6, \
    CAST(a.attname AS text) AS c7, pg_catalog.format_type(a.atttypid, NULL) AS c8, \
    EXISTS (SELECT 1 FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS k ON k.oid = i.indexrelid \
        JOIN pg_catalog.pg_am AS m ON m.oid = k.relam AND m.amname = 'btree' \
        WHERE i.indrelid = c.oid AND i.indisvalid AND i.indpred IS NULL AND i.indkey[0] = a.attnum) AS c9, \
    EXISTS (SELECT 1 FROM pg_catalog.pg_index AS i WHERE i.indrelid = c.oid AND i.indisprimary \
        AND a.attnum = ANY (i.indkey)) AS c10 \
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace \
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition \
    AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%' \
    AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')";

const MYSQL: &str = "SELECT t.table_schema AS c0, COALESCE(t.table_schema = DATABASE(), 0) AS c1, t.table_name AS c2, \
    t.table_type <> 'BASE TABLE' AS c3, t.table_rows AS c4, 1 AS c5, c.ordinal_position AS c6, c.column_name AS c7, \
    c.data_type AS c8, c.column_key IN ('UNI', 'MUL') AS c9, c.column_key = 'PRI' AS c10 FROM information_schema.tables AS t JOIN information_schema.columns AS c \
    ON c.table_schema = t.table_schema AND c.table_name = t.table_name \
    WHERE t.table_schema NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')";

/// How many tables the databases of a server have but for the connection's own.
pub const MYSQL_ELSEWHERE: &str = "SELECT COUNT(*) AS c0 FROM information_schema.tables \
    WHERE table_schema NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys') \
    AND table_schema <> DATABASE()";

const MYSQL_OWN: &str = "SELECT '' AS c0, 1 AS c1, t.table_name AS c2, t.table_type <> 'BASE TABLE' AS c3, \
    t.table_rows AS c4, 1 AS c5, c.ordinal_position AS c6, c.column_name AS c7, c.data_type AS c8, \
    c.column_key IN ('UNI', 'MUL') AS c9, c.column_key = 'PRI' AS c10 FROM information_schema.tables AS t JOIN information_schema.columns AS c \
    ON c.table_schema = t.table_schema AND c.table_name = t.table_name \
    WHERE t.table_schema = DATABASE() AND c.table_schema = DATABASE()";

const SQLITE: &str = "SELECT '' AS c0, 1 AS c1, m.name AS c2, m.type = 'view' AS c3, NULL AS c4, 1 AS c5, p.cid AS c6, \
    p.name AS c7, p.type AS c8, EXISTS (SELECT 1 FROM pragma_index_list(m.name) AS l \
        JOIN pragma_index_info(l.name) AS i WHERE l.partial = 0 AND i.seqno = 0 AND i.cid = p.cid) AS c9, p.pk > 0 AS c10 \
    FROM sqlite_master AS m JOIN pragma_table_xinfo(m.name) AS p \
    WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND p.hidden <> 1";

const SQLITE_TABLES: &str = "SELECT '' AS c0, 1 AS c1, m.name AS c2, 0 AS c3, NULL AS c4, 1 AS c5, p.cid AS c6, \
    p.name AS c7, p.type AS c8, EXISTS (SELECT 1 FROM pragma_index_list(m.name) AS l \
        JOIN pragma_index_info(l.name) AS i WHERE l.partial = 0 AND i.seqno = 0 AND i.cid = p.cid) AS c9, p.pk > 0 AS c10 \
    FROM sqlite_master AS m JOIN pragma_table_xinfo(m.name) AS p \
    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND p.hidden <> 1";

/// The alias of a column.
pub fn alias(column: usize) -> String {
    format!("c{column}")
}

/// The statement that lists tables and their columns.
pub const fn catalogue(dialect: Dialect, extent: Extent, with_views: bool) -> &'static str {
    match dialect {
        Dialect::Postgresql => POSTGRESQL,
        Dialect::Mysql if matches!(extent, Extent::Own) => MYSQL_OWN,
        Dialect::Mysql => MYSQL,
        Dialect::Sqlite if with_views => SQLITE,
        Dialect::Sqlite => SQLITE_TABLES,
    }
}

/// Up to how many rows are counted. Servers have statistics for more; SQLite mostly has none, and is asked over no
/// network.
pub const fn counted_rows(dialect: Dialect) -> u64 {
    match dialect {
        Dialect::Postgresql | Dialect::Mysql => 10_000,
        Dialect::Sqlite => 1_000_000,
    }
}

fn name(dialect: Dialect, name: &str) -> String {
    quoted(name, if dialect == Dialect::Mysql { '`' } else { '"' })
}

fn table_name(dialect: Dialect, table: &Table) -> String {
    let table_name = name(dialect, &table.name);
    table.schema.as_ref().map_or(table_name.clone(), |schema| format!("{}.{table_name}", name(dialect, schema)))
}

/// The statement that counts the rows of tables, each up to one more than the limit: the table's place, and the number.
pub fn count<'t>(dialect: Dialect, tables: impl Iterator<Item = &'t Table>, limit: u64) -> String {
    let one = |(place, table)| {
        let table = table_name(dialect, table);
        format!(
            "SELECT {place} AS c0, (SELECT COUNT(*) FROM (SELECT 1 AS one FROM {table} LIMIT {}) AS counted) AS c1",
            limit + 1
        )
    };
    tables.enumerate().map(one).collect::<Vec<_>>().join(" UNION ALL ")
}

/// The statement that samples a table.
pub fn sample(dialect: Dialect, table: &Table, at_most: u64) -> String {
    let columns: Vec<String> = table
        .columns
        .iter()
        .enumerate()
        .map(|(place, column)| format!("{} AS {}", looked_at(dialect, column), alias(place)))
        .collect();
    format!("SELECT {} FROM {} LIMIT {at_most}", columns.join(", "), table_name(dialect, table))
}

/// The statement that asks for the least and the greatest value of a column within limits.
pub fn ends(dialect: Dialect, table: &Table, column: &TableColumn, limits: Limits) -> String {
    let (own, table) = (name(dialect, &column.name), table_name(dialect, table));
    let (least, below) = match limits {
        Limits::Texts(least, below) => (format!("'{least}'"), format!("'{below}'")),
        Limits::Numbers(least, below) => (least.to_string(), below.to_string()),
    };
    let end = |which: &str| {
        format!("SELECT {which}({own}) AS {} FROM {table} WHERE {own} >= {least} AND {own} < {below}", alias(0))
    };
    format!("{} UNION ALL {}", end("MIN"), end("MAX"))
}

/// What is looked at of a column.
fn looked_at(dialect: Dialect, column: &TableColumn) -> String {
    if !column.may_read {
        return "NULL".to_owned();
    }
    let own = name(dialect, &column.name);
    let type_name = column.type_name.to_ascii_lowercase();
    let is = |types: &[&str]| types.iter().any(|known| type_name.contains(known));
    match dialect {
        Dialect::Sqlite => format!(
            "CASE typeof({own}) WHEN 'text' THEN substr({own}, 1, {TEXT_CHARACTERS}) WHEN 'blob' THEN zeroblob(1) \
             ELSE {own} END"
        ),
        Dialect::Postgresql if is(&["bytea", "json", "xml", "tsvector", "[]"]) => {
            format!("NULLIF({own} IS NOT NULL, false)")
        }
        Dialect::Postgresql if is(&["text", "char"]) => format!("left(CAST({own} AS text), {TEXT_CHARACTERS})"),
        Dialect::Mysql if is(&["blob", "binary", "json", "geometry", "point", "polygon", "linestring"]) => {
            format!("NULLIF({own} IS NOT NULL, 0)")
        }
        Dialect::Mysql if is(&["text", "char"]) => format!("LEFT({own}, {TEXT_CHARACTERS})"),
        Dialect::Postgresql | Dialect::Mysql => own,
    }
}
