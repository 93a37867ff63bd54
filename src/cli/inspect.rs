//! `purposed inspect CONNECTION|ROOT [TABLE]`.

use super::arguments::{Format, Inspect};
use super::output::{Answer, Exit, print};
use super::{environment, table};
use crate::app::inspect::{
    Column, Files, Group, InspectRequest, Inspection, ROWS, TableDetail, TableSummary, Tables, inspect,
};
use crate::clock::Clock;
use crate::notify::count;
use crate::source::catalogue::{Dialect, RowCount};
use serde_json::json;

pub(super) fn run(arguments: &Inspect) -> Answer {
    let request = InspectRequest {
        config_file: &arguments.config.path,
        place: &arguments.place,
        table: arguments.table.as_deref(),
        anyway: arguments.anyway,
    };
    let seen = environment::run(|| inspect(&request, Clock::System.now()))?;
    let text = match (arguments.format, &seen) {
        (Format::Json, seen) => format!("{:#}\n", json!({ "version": 1, "inspection": seen })),
        (Format::Table, Inspection::Connection(tables)) => of_connection(tables),
        (Format::Table, Inspection::Table(detail)) => of_table(detail),
        (Format::Table, Inspection::Root(files)) => of_root(files),
    };
    print(&text)?;
    Ok(Exit::Success)
}

fn of_connection(seen: &Tables) -> String {
    if seen.tables.is_empty() {
        let told = format!(" `{}` has no table or view that its role may see\n", seen.connection);
        return format!("{told}{}", elsewhere(seen));
    }
    let mut list = table::table(&["  table", "columns", "rows", "preset"], &[1, 2]);
    for summary in &seen.tables {
        list.add_row([
            format!("  {}{}", shown(&summary.name), if summary.is_view { " (view)" } else { "" }),
            count(summary.columns as u64),
            if summary.may_read { rows(summary.rows) } else { "not readable".to_owned() },
            summary.presets.first().cloned().unwrap_or_default(),
        ]);
    }
    let list = table::lines(&list);
    let mut lines = list.lines();
    let mut text = format!("{}\n", lines.next().unwrap_or_default());
    let mut heading = "";
    for (summary, line) in seen.tables.iter().zip(lines) {
        let looks_personal = !summary.presets.is_empty() || !summary.looks_personal.is_empty();
        let of = if looks_personal { " looks like personal data" } else { " the rest" };
        if of != heading {
            heading = of;
            text.push_str(&format!("{of}\n"));
        }
        text.push_str(&format!("{line}\n"));
        if !summary.looks_personal.is_empty() {
            text.push_str(&format!("    by {}\n", summary.looks_personal.join(", ")));
        }
    }
    let estimates = seen.tables.iter().any(|summary| matches!(summary.rows, RowCount::About(_)));
    if estimates && seen.dialect != Dialect::Sqlite {
        text.push_str("\n `about`: the server's own estimate\n");
    }
    text.push_str(&format!("\n more of one: purposed inspect {} TABLE\n", seen.connection));
    text.push_str(&elsewhere(seen));
    text
}

/// What other databases of the server have.
fn elsewhere(seen: &Tables) -> String {
    match seen.elsewhere {
        0 => String::new(),
        many => format!(
            " not listed: {} of other databases that the role may see; purposed inspect {} DATABASE.TABLE\n",
            several(many, "table"),
            seen.connection
        ),
    }
}

/// So many of something.
fn several(number: u64, what: &str) -> String {
    format!("{} {what}{}", count(number), if number == 1 { "" } else { "s" })
}

fn of_table(detail: &TableDetail) -> String {
    let TableSummary { name, is_view, rows: counted, presets, looks_personal, .. } = &detail.summary;
    let looked_at = match detail.sampled {
        0 => "none was there to look at".to_owned(),
        all if RowCount::Exactly(all) == *counted => "looked at".to_owned(),
        some if some < ROWS => format!("{} looked at", count(some)),
        first => format!("the first {} looked at, in no particular order", count(first)),
    };
    let in_all = match *counted {
        RowCount::Exactly(1) => "1 row".to_owned(),
        RowCount::Unknown if *is_view => "a view, whose rows are not counted".to_owned(),
        RowCount::Unknown => "not counted".to_owned(),
        other => format!("{} rows", rows(other)),
    };
    let mut text = format!(" `{}` of `{}`: {in_all}, {looked_at}\n", shown(name), detail.connection);
    if !looks_personal.is_empty() {
        text.push_str(&format!(" looks like personal data by {}\n", looks_personal.join(", ")));
    }
    if !presets.is_empty() {
        text.push_str(&format!(" fits the preset {}\n", presets.join(", ")));
    }
    text.push_str(&format!("\n{}", columns(&detail.details)));
    text.push_str(&format!(
        "\n A dataset, ready to paste into the register; then `purposed check`:\n\n{}",
        detail.draft
    ));
    for ledger in &detail.ledgers {
        text.push_str(&format!("\n # The same table as a ledger:\n\n{ledger}"));
    }
    text
}

fn of_root(seen: &Files) -> String {
    let mut text = match seen.files {
        0 => format!(" there is no file beneath `{}`\n", seen.root),
        files => format!(" {} beneath `{}`\n", several(files, "file"), seen.root),
    };
    if let Some(trouble) = &seen.trouble {
        text.push_str(&format!(" {trouble}\n"));
    }
    text.push_str(&groups("ending", &seen.endings));
    text.push_str(&groups("shape of the path", &seen.shapes));
    if seen.more_shapes > 0 {
        text.push_str(&format!("  and {} more\n", several(seen.more_shapes as u64, "shape")));
    }
    for lists in &seen.lists {
        let lists_of = several(lists.files, "list");
        let headings = match (lists.has_header, &lists.preset) {
            (true, _) => "with these headings",
            (false, Some(_)) => "without a header",
            (false, None) => "without a header that could be told",
        };
        let presets: Vec<&str> = lists.preset.iter().chain(&lists.ledgers).map(String::as_str).collect();
        let preset = match presets.as_slice() {
            [] => String::new(),
            [only] => format!(", as in the preset `{only}`"),
            several => format!(", as in the presets `{}`", several.join("`, `")),
        };
        text.push_str(&format!("\n {lists_of} {headings}{preset}\n{}", columns(&lists.details)));
    }
    if seen.unopened_lists > 0 {
        text.push_str(&format!("\n not opened: {} more\n", several(seen.unopened_lists as u64, "list")));
    }
    for draft in &seen.drafts {
        let what = if draft.starts_with("[ledgers.") { "ledger" } else { "dataset" };
        text.push_str(&format!("\n A {what}, ready to paste into the register; then `purposed check`:\n\n{draft}"));
    }
    if seen.undrafted_lists > 0 {
        text.push_str(&format!("\n no draft for {} of lists more\n", several(seen.undrafted_lists as u64, "kind")));
    }
    text
}

/// Files by what they have in common.
fn groups(what: &str, groups: &[Group]) -> String {
    if groups.is_empty() {
        return String::new();
    }
    let mut list = table::table(&["files", "size", "modified", what], &[0, 1]);
    for group in groups {
        let (first, latest) = group.years;
        let years = if first == latest { first.to_string() } else { format!("{first} to {latest}") };
        list.add_row([count(group.files), size(group.bytes), years, group.what.clone()]);
    }
    format!("\n{}", table::lines(&list))
}

/// A size, rounded.
fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{} B", count(bytes)),
        10_000..10_000_000 => format!("{} kB", count(bytes / 1_000)),
        10_000_000..10_000_000_000 => format!("{} MB", count(bytes / 1_000_000)),
        _ => format!("{} GB", count(bytes / 1_000_000_000)),
    }
}

/// The columns, each with what is guessed of it and why.
fn columns(details: &[Column]) -> String {
    let mut list = table::table(&["  column", "type", "meaning", "empty"], &[3]);
    for column in details {
        list.add_row([
            format!("  {}", shown(&column.name)),
            column.type_name.to_lowercase(),
            column.meaning.as_str().to_owned(),
            if column.may_read { count(column.empty) } else { "not readable".to_owned() },
        ]);
    }
    let list = table::lines(&list);
    let mut lines = list.lines();
    let mut text = format!("{}\n", lines.next().unwrap_or_default());
    for (column, line) in details.iter().zip(lines) {
        text.push_str(&format!("{line}\n"));
        let why = why(column);
        if !why.is_empty() {
            text.push_str(&format!("    by {}\n", why.join(", ")));
        }
        if let Some(told) = clock(column) {
            text.push_str(&format!("    {told}\n"));
        }
    }
    text
}

fn why(column: &Column) -> &[String] {
    &column.rests_on
}

/// What is known of a clock: its years, and how many dates are not known.
fn clock(column: &Column) -> Option<String> {
    let clock = column.clock?;
    let mut told = match (clock.first_year, clock.last_year) {
        (Some(first), Some(last)) if first == last => format!("in {first}"),
        (Some(first), Some(last)) => format!("from {first} to {last}"),
        _ => "no date was seen".to_owned(),
    };
    if clock.first_year.is_some() && !clock.of_all_rows {
        told.push_str(" in the rows that were looked at");
    }
    if column.placeholders > 0 {
        let stand = if column.placeholders == 1 { "stands" } else { "stand" };
        told.push_str(&format!(", {} {stand} for an unknown date", count(column.placeholders)));
    }
    if let Some(or) = clock.or {
        told.push_str(&format!(", or written as `{or}`"));
    }
    Some(told)
}

fn rows(rows: RowCount) -> String {
    match rows {
        RowCount::Exactly(rows) => count(rows),
        RowCount::About(rows) => format!("about {}", count(rows)),
        RowCount::MoreThan(rows) => format!("over {}", count(rows)),
        RowCount::Unknown => "?".to_owned(),
    }
}

/// A name on one line, whatever characters it has.
fn shown(name: &str) -> String {
    name.chars().map(|character| if character.is_control() { '?' } else { character }).collect()
}
