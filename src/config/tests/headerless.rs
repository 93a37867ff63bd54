//! Lists without a header: what `columns` may say, and which rows cannot be read without their id or clock.

use super::world::{DATASET, faults, loaded};
use crate::domain::register::{ListColumns, Place};

/// A dataset whose lists have these columns and fields.
fn lists(columns: &str, fields: &str) -> String {
    format!("{DATASET}[datasets.leads.source]\nroot = \"lists\"\nfiles = \"*.csv\"\n{columns}\n{fields}\n")
}

fn columns_of(register: &str) -> ListColumns {
    match &loaded(register).register.datasets.values().next().unwrap().source.place {
        Place::Lists { columns: Some(columns), .. } => columns.clone(),
        other => panic!("{other:?} has no columns"),
    }
}

const COLUMNS: &str = "columns = [\"a\", \"b\", \"c\", \"d\", \"e\"]";

#[test]
fn a_row_must_reach_to_its_clock_and_its_id() {
    let columns = columns_of(&lists(COLUMNS, "fields = { since = \"c\", email = \"e\" }"));
    assert_eq!((columns.names.join(" ").as_str(), columns.least_cells), ("a b c d e", 3));
    assert_eq!(columns_of(&lists(COLUMNS, "fields = { since = \"b\", id = \"d\" }")).least_cells, 4);
    assert_eq!(columns_of(&lists(COLUMNS, "fields = { since = [\"x\", \"e\"], id = \"d\" }")).least_cells, 5);
    let of_file = "fields = { since = { file_time = true }, email = \"e\" }";
    assert_eq!(columns_of(&lists(COLUMNS, of_file)).least_cells, 0);
}

#[test]
fn of_several_clocks_the_first_column_will_do_and_every_period_has_its_own() {
    let fields = "fields = { since = \"d\", seen = \"b\", made = \"e\" }";
    let either = lists(COLUMNS, fields).replace("from = \"since\"", "from = [\"since\", \"seen\"]");
    assert_eq!(columns_of(&either).least_cells, 2);
    let minimum = "keep_at_least = { for = \"1 month\", from = \"made\" }\n[datasets.leads.source]";
    assert_eq!(columns_of(&either.replace("[datasets.leads.source]", minimum)).least_cells, 5);
}

#[test]
fn what_columns_may_not_say() {
    let one = |columns: &str, fields: &str| faults(&lists(columns, fields));
    let fields = "fields.since = \"c\"";
    assert_eq!(
        one(&format!("{COLUMNS}\nheader_row = 2"), fields),
        "register/b.toml:10:14: a list has `columns` or a `header_row`\n  hint: keep `columns` for lists without a \
         header, or `header_row` for lists with one\n"
    );
    assert!(one("columns = []", fields).contains("`columns` names no column"));
    assert!(one("columns = [\"c\", \"x\", \"c\"]", fields).contains("9:22: `columns` names `c` twice"));
    assert_eq!(
        one("columns = [\"start\", \"end\"]", "fields.since = \"strat\""),
        "register/b.toml:10:16: the field `since` reads a column that `columns` does not name\n  hint: did you mean \
         `start`?\n"
    );
    let both = one(COLUMNS, "fields.since = [\"b\", \"c\"]");
    assert!(both.contains("the field `since` reads `b` or `c`, and both are there"), "{both}");
}

#[test]
fn only_lists_have_columns() {
    let files = lists("items = \"files\"\ncolumns = [\"a\"]", "fields.since = { file_time = true }");
    let problem = "`columns` does not belong here: only lists have it, and here each file is an item";
    assert!(faults(&files).contains(problem), "{}", faults(&files));
    let place = "connection = \"nvr\"\ntable = \"t\"\ncolumns = [\"a\"]\nfields.since = \"c\"";
    let database = format!("{DATASET}[datasets.leads.source]\n{place}\n");
    let problem = "`columns` does not belong here: it is for files, and this is a database";
    assert!(faults(&database).contains(problem), "{}", faults(&database));
}
