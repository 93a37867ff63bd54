//! How a listed item is written: as a CSV row whose cells no spreadsheet takes for a formula, or as a
//! JSON object on a line of its own.

use crate::domain::item::{Item, Value};
use crate::domain::register::Dataset;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListForm {
    /// CSV with a header line, UTF-8, CRLF.
    Csv,
    /// JSON lines.
    JsonLines,
}

/// What the lists of a dataset have: a column for every field of its items and of its copies.
#[derive(Debug)]
pub(super) struct Columns<'a> {
    /// Whether it has copies: then each line tells whose it is.
    has_copies: bool,
    fields: Vec<&'a str>,
}

impl<'a> Columns<'a> {
    /// The columns of the dataset's lists: the fields of its items first.
    pub(super) fn of(dataset: &'a Dataset) -> Self {
        let mut fields: Vec<&str> = Vec::new();
        for field in dataset.with_copies().flat_map(|one| &one.source.fields) {
            if !fields.contains(&&*field.name) {
                fields.push(&field.name);
            }
        }
        Self { has_copies: !dataset.copies.is_empty(), fields }
    }

    /// The header line of a CSV list.
    pub(super) fn header(&self) -> String {
        let copy = self.has_copies.then_some("copy");
        let names = ["file", "place", "digest", "due"].into_iter().chain(copy).chain(self.fields.iter().copied());
        csv_line(names.map(str::to_owned))
    }

    /// One item of the dataset, or of a copy of it, as a line.
    pub(super) fn line(&self, form: ListForm, of: &Dataset, about: &About<'_>, item: Option<&Item<'_>>) -> String {
        let source = &of.source;
        let file = match item {
            Some(item) if source.items_are_files() => String::from_utf8_lossy(item.path).into_owned(),
            _ => about.part.to_owned(),
        };
        let copy = self.has_copies.then(|| of.copy_name.as_ref().map(ToString::to_string));
        let value =
            |index: usize| item.map_or_else(String::new, |item| text_of(&item.values[index], &source.time_zone));
        match form {
            ListForm::Csv => {
                let due = about.due.clone().unwrap_or_default();
                let about = [file, about.place.to_string(), about.digest.clone(), due].into_iter();
                let copy = copy.map(Option::unwrap_or_default);
                let values = self.fields.iter().map(|name| source.field(name).map_or_else(String::new, value));
                csv_line(about.chain(copy).chain(values))
            }
            ListForm::JsonLines => {
                let mut object = Map::new();
                object.insert("file".to_owned(), Json::from(file));
                object.insert("place".to_owned(), Json::from(about.place));
                object.insert("digest".to_owned(), Json::from(about.digest.clone()));
                object.insert("due".to_owned(), Json::from(about.due.clone()));
                if let Some(copy) = copy {
                    object.insert("copy".to_owned(), Json::from(copy));
                }
                let values = (0..source.fields.len()).map(|index| Json::from(value(index)));
                let fields = source.fields.iter().map(|field| field.name.clone()).zip(values);
                object.insert("fields".to_owned(), Json::Object(fields.collect()));
                format!("{}\n", Json::Object(object))
            }
        }
    }
}

/// What is said of an item beside its fields.
#[derive(Debug)]
pub(super) struct About<'a> {
    /// The file or table.
    pub(super) part: &'a str,
    /// The line or ordinal.
    pub(super) place: u64,
    /// The digest, in hexadecimal digits; empty for unreadable items.
    pub(super) digest: String,
    /// The due date, if any.
    pub(super) due: Option<String>,
}

/// A value as text.
fn text_of(value: &Value<'_>, zone: &TimeZone) -> String {
    match value {
        Value::Empty => String::new(),
        Value::Text(text) => (*text).to_owned(),
        Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) | Value::Cell(number, _) => number.to_string(),
        Value::Date(date) => date.to_string(),
        Value::DateTime(datetime) => datetime.to_string(),
        Value::Instant(instant) => instant.rfc3339(zone),
        Value::Boolean(truth) => truth.to_string(),
    }
}

/// One CSV line. Quoted where needed (RFC 4180); a cell that a spreadsheet would take for a formula gets
/// an apostrophe in front (OWASP, "CSV Injection").
#[must_use]
pub fn csv_line(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells.map(|cell| quoted(&neutralised(cell))).collect();
    format!("{}\r\n", cells.join(","))
}

/// The cell, with an apostrophe in front where it begins like a formula, full-width forms included.
fn neutralised(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        format!("'{cell}")
    } else {
        cell
    }
}

/// The cell in quotes where it needs them.
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\r', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_begin_like_a_formula_are_neutralised() {
        let cells = ["=cmd|' /C calc'!A0", "+81", "-1", "@x", "＝1", "plain", "a,\"b\""];
        let line = csv_line(cells.into_iter().map(str::to_owned));
        assert_eq!(line, "'=cmd|' /C calc'!A0,'+81,'-1,'@x,'＝1,plain,\"a,\"\"b\"\"\"\r\n");
    }
}
