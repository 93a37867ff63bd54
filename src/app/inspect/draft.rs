//! The draft of a dataset in TOML, ready to be pasted into the register. It loads as it is, as far as the register has
//! divisions, categories and purposes to name; what people have to decide is marked by a comment.

use super::draft_fields::{Fields, clock_line};
use super::guess::Column;
use super::layout;
use super::meaning;
use super::named::NamedClock;
use crate::config::draft::{Names, PresetSource};
use crate::domain::register::FieldSpec;
use crate::notify::count;

/// Where a draft's items are.
#[derive(Debug, Clone)]
pub enum Place<'a> {
    /// A table of a connection.
    Table {
        /// The connection.
        connection: &'a str,
        /// The schema, where it has to be named.
        schema: Option<&'a str>,
        /// The table.
        table: &'a str,
        /// The mark between which its database writes names.
        mark: char,
    },
    /// Files beneath a root.
    Files {
        /// The root.
        root: &'a str,
        /// The glob.
        files: String,
        /// Globs of files that are left out.
        exclude: Vec<String>,
        /// Names for the columns of lists that have no header.
        columns: Vec<String>,
    },
    /// Files beneath a root, of which a preset says which.
    Preset {
        /// The root.
        root: &'a str,
    },
}

/// A text as TOML writes it, whatever characters it has.
#[must_use]
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

/// A text of several lines as TOML writes it, as it is where that can be.
fn quoted_lines(text: &str) -> String {
    let is_plain = |character: char| character == '\n' || !character.is_control();
    if text.contains("'''") || !text.chars().all(is_plain) {
        return quoted(text);
    }
    format!("'''\n{}\n'''", text.trim())
}

/// A name for a dataset, from these words, which nobody else has.
#[must_use]
pub fn dataset_name(words: &[&str], names: &Names) -> String {
    let text = words.join("-").to_lowercase();
    let parts = text.split(|character: char| !character.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    let mut parts: Vec<&str> = parts.collect();
    parts.dedup();
    if parts.first().is_none_or(|first| !first.starts_with(|first: char| first.is_ascii_lowercase())) {
        parts.insert(0, "data");
    }
    let wanted = parts.join("-");
    let (mut name, mut number) = (wanted.clone(), 1);
    while names.taken.contains(&name) {
        number += 1;
        name = format!("{wanted}-{number}");
    }
    name
}

/// What a dataset's table begins with; `clock` is the field that its period runs from.
fn dataset_head(name: &str, names: &Names, clock: Option<&str>, asks_secrecy: bool) -> String {
    let mut text = format!("[datasets.{name}]\n");
    let answers = [
        ("division", &names.division, "who answers for it?"),
        ("category", &names.category, "which category is it?"),
        ("purposes", &names.purpose, "what is it held for?"),
    ];
    for (key, known, question) in answers {
        let value = quoted(known.as_deref().unwrap_or("to-be-declared"));
        let value = if key == "purposes" { format!("[{value}]") } else { value };
        let comment = if known.is_some() { question } else { "nothing is declared yet that could be named here" };
        text.push_str(&padded(&format!("{key} = {value}"), comment));
    }
    text.push_str(&match clock {
        Some(clock) => padded(
            &format!("keep = {{ for = \"1 year\", from = {} }}", quoted(clock)),
            "how long does the policy promise?",
        ),
        None => "# keep = { for = \"1 year\", from = \"...\" }   # from when? No dates were recognised\n".to_owned(),
    });
    if asks_secrecy {
        let question = "false for calls of the company's own lines";
        text.push_str(&padded("secrecy = true", &format!("communications of subscribers? {question}")));
    }
    text
}

/// A line with a comment in its place.
pub(super) fn padded(line: &str, comment: &str) -> String {
    format!("{line:<48} # {comment}\n")
}

fn place_lines(place: &Place<'_>, with_table: bool) -> String {
    match place {
        Place::Table { connection, schema, table, .. } => {
            let mut text = format!("connection = {}\n", quoted(connection));
            if let Some(schema) = schema {
                text.push_str(&format!("schema = {}\n", quoted(schema)));
            }
            if with_table {
                text.push_str(&format!("table = {}\n", quoted(table)));
            }
            text
        }
        Place::Preset { root } => format!("root = {}\n", quoted(root)),
        Place::Files { root, files, exclude, columns } => {
            let mut text = format!("root = {}\nfiles = {}\n", quoted(root), quoted(files));
            let listed = |names: &[String]| names.iter().map(|name| quoted(name)).collect::<Vec<String>>().join(", ");
            if !exclude.is_empty() {
                text.push_str(&format!("exclude = [{}]\n", listed(exclude)));
            }
            if !columns.is_empty() {
                text.push_str(
                    "# no row was certainly one of headings: where there is one, take `columns` out, and name its\n",
                );
                text.push_str("# headings below\n");
                text.push_str(&format!("columns = [{}]\n", listed(columns)));
            }
            text
        }
    }
}

/// A dataset, or a ledger, read through a preset.
#[must_use]
pub fn of_preset(name: &str, names: &Names, place: &Place<'_>, preset: &PresetSource, ledger: Option<&str>) -> String {
    let clock = |field: &&FieldSpec| field.name.ends_with("_at") || field.name.ends_with("_on");
    let mut text = if let Some(kind) = ledger {
        format!("[ledgers.{name}]\nkind = {}\n\n[ledgers.{name}.source]\n", quoted(kind))
    } else {
        let clock = preset.fields.iter().find(clock).map(|field| field.name.as_str());
        format!("{}\n[datasets.{name}.source]\n", dataset_head(name, names, clock, preset.asks_secrecy))
    };
    text.push_str(&format!("preset = {}\n", quoted(&preset.name)));
    // A schema belongs to a table alone: a query names its own.
    let place = match (place, &preset.query) {
        (&Place::Table { connection, schema: Some(schema), table, mark }, Some(query)) => {
            let query = layout::qualified(query, schema, mark);
            text.push_str("# the preset's query, which names no schema, with that of its tables\n");
            text.push_str(&format!("query = {}\n", quoted_lines(&query)));
            Place::Table { connection, schema: None, table, mark }
        }
        (other, _) => other.clone(),
    };
    let is_of_another_name =
        |table: &str| preset.table.as_ref().is_some_and(|usual| !usual.eq_ignore_ascii_case(table));
    text.push_str(&place_lines(&place, matches!(place, Place::Table { table, .. } if is_of_another_name(table))));
    if !preset.has_time_zone {
        text.push_str(&zone_line());
    }
    text
}

fn zone_line() -> String {
    "# time_zone = \"Asia/Tokyo\"   # of times without one; without this line the connection's, else the organisation's\n"
        .to_owned()
}

/// A dataset of these columns.
#[must_use]
pub fn of_columns(name: &str, names: &Names, place: &Place<'_>, columns: &[Column]) -> String {
    let fields = Fields::of(columns);
    let clock = fields.clock.map(|(field, _)| field);
    let asks_secrecy = meaning::are_of_calls(columns.iter().map(|column| column.name.as_str()));
    let mut text = dataset_head(name, names, clock, asks_secrecy);
    if !asks_secrecy && matches!(place, Place::Table { table, .. } if meaning::is_of_calls(table)) {
        text.push_str("# secrecy = true   # if these are communications of subscribers\n");
    }
    text.push_str(&format!("\n[datasets.{name}.source]\n{}", place_lines(place, true)));
    if matches!(place, Place::Files { .. }) {
        text.push_str("items = \"rows\"\n");
    }
    if fields.clock.is_some_and(|(_, column)| column.clock.is_some_and(|clock| clock.is_local)) {
        text.push_str(&zone_line());
    }
    text.push_str(&format!("\n[datasets.{name}.source.fields]\n"));
    for (field, column) in &fields.plain {
        text.push_str(&format!("{field} = {}\n", quoted(&column.name)));
    }
    if let Some((field, column)) = fields.clock {
        text.push_str(&clock_line(field, column));
        if column.is_sparse() {
            let (none, all) = (count(column.empty + column.placeholders), count(column.sampled));
            text.push_str(&format!("#   {none} of {all} that were looked at have no date there: those are undated\n"));
        }
    }
    if fields.plain.is_empty() && fields.clock.is_none() {
        text.push_str("# no column was recognised: write `field = \"column\"` for what the rules need\n");
    }
    text.push_str(&fields.remarks(columns));
    text
}

/// A dataset whose items are files, dated by their names or by when they were last modified.
#[must_use]
pub fn of_files(name: &str, names: &Names, place: &Place<'_>, clock: Option<NamedClock>) -> String {
    let mut text = dataset_head(name, names, Some("recorded_at"), false);
    text.push_str("# secrecy = true   # if these are communications of subscribers\n");
    text.push_str(&format!("\n[datasets.{name}.source]\n{}items = \"files\"\n", place_lines(place, true)));
    text.push_str(&if clock.is_some_and(|clock| clock.format != "unix-seconds") { zone_line() } else { String::new() });
    text.push_str(&format!("\n[datasets.{name}.source.fields]\n"));
    if let Some(clock) = clock {
        let way = if clock.on_path { "path" } else { "name" };
        if clock.read < clock.of {
            text.push_str(&format!("# {} of {} sampled names tell a date by this\n", clock.read, clock.of));
        }
        let format = quoted(clock.format);
        text.push_str(&format!("recorded_at = {{ {way} = '{}', format = {format} }}\n", clock.pattern));
    } else {
        text.push_str("# no date was recognised in the names: when it was last modified, which copying may change\n");
        text.push_str("recorded_at = { file_time = true }\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_datasets_are_kebab_case_and_free() {
        let names = Names { taken: ["crm-people".to_owned()].into(), ..Names::default() };
        assert_eq!(dataset_name(&["crm", "People"], &names), "crm-people-2");
        assert_eq!(dataset_name(&["crm", "Odd \" `Name"], &names), "crm-odd-name");
        assert_eq!(dataset_name(&["crm", "顧客"], &names), "crm");
        assert_eq!(dataset_name(&["顧客"], &names), "data");
        assert_eq!(dataset_name(&["lists", "lists-2"], &names), "lists-2");
    }

    #[test]
    fn odd_names_are_quoted() {
        assert_eq!(quoted("a \"b\" \\ \n \u{7f} 顧客"), "\"a \\\"b\\\" \\\\ \\n \\u007f 顧客\"");
    }
}
