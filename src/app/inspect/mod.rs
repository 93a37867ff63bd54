//! `purposed inspect`: what lies behind a connection or beneath a root, and a draft of the dataset that it may become.
//! No value of a row and no name of a file is ever part of an answer: only names that belong to a product's layout
//! (tables, columns, headings), numbers, and shapes.

mod database;
mod draft;
mod draft_fields;
mod files;
mod guess;
mod layout;
mod list_drafts;
mod lists;
mod meaning;
mod name_shape;
mod named;
mod sample;
mod shape;
mod span;
mod words;

pub use database::{TableDetail, TableSummary, Tables};
pub use files::{Files, Group};
pub use guess::{Clock, Column};
pub use lists::Lists;
pub use meaning::Meaning;

use super::{AppError, did_you_mean};
use crate::config::Connection;
use crate::config::draft::{Materials, materials};
use crate::domain::instant::Instant;
use crate::source::SourceError;
use serde::Serialize;
use std::path::Path;

/// How many rows or files are looked at closely.
pub const ROWS: u64 = 1_000;
/// How many names an error lists.
const LISTED_NAMES: usize = 20;

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Inspection {
    /// The tables of a connection.
    Connection(Tables),
    /// One table of it.
    Table(Box<TableDetail>),
    /// The files beneath a root.
    Root(Files),
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct InspectRequest<'a> {
    /// The server's configuration file.
    pub config_file: &'a Path,
    /// The connection or root.
    pub place: &'a str,
    /// The table of the connection.
    pub table: Option<&'a str>,
    /// Whether a connection is looked at in its `avoid` hours, too.
    pub anyway: bool,
}

/// Looks at a connection or root, or at one table of a connection, at this instant.
///
/// # Errors
/// [`AppError::Argument`] when there is no such connection, root or table, or when the connection is to be left alone
/// now; [`AppError::Config`] when it is declared wrongly; [`AppError::Unreadable`] when it cannot be read.
pub fn inspect(request: &InspectRequest<'_>, now: Instant) -> Result<Inspection, AppError> {
    let InspectRequest { config_file, place, table, anyway } = *request;
    let materials = materials(config_file).map_err(AppError::Config)?;
    match materials.connections.get(place) {
        Some(Some(connection)) => {
            if !anyway {
                refuse_avoided(&materials, connection, now)?;
            }
            match table {
                None => database::tables(&materials, connection).map(Inspection::Connection),
                Some(table) => {
                    database::table(&materials, connection, table).map(|detail| Inspection::Table(Box::new(detail)))
                }
            }
        }
        Some(None) => Err(AppError::Config(materials.problems)),
        None => match (materials.roots.get(place), table) {
            (Some(Some(root)), None) => files::files(&materials, root).map(Inspection::Root),
            (Some(Some(_)), Some(_)) => {
                Err(AppError::Argument(format!("`{place}` is a root: it has files, and no tables")))
            }
            (Some(None), _) => Err(AppError::Config(materials.problems)),
            (None, _) => Err(unknown(&materials, place)),
        },
    }
}

/// Refuses to look at a connection in the hours in which it is to be left alone.
fn refuse_avoided(materials: &Materials, connection: &Connection, now: Instant) -> Result<(), AppError> {
    let zone = &materials.time_zone;
    match connection.avoid.and_then(|hours| hours.end(now, zone)) {
        None => Ok(()),
        Some(end) => Err(AppError::Argument(format!(
            "the connection `{}` is to be left alone until {} (`avoid`)\n  hint: look at it then, or with `--anyway`: \
             that reads the catalogue, counts small tables and reads up to {ROWS} rows of one",
            connection.name,
            end.timestamp().to_zoned_datetime(zone.clone()).strftime("%H:%M"),
        ))),
    }
}

/// There is no such place; a file that is broken may have hidden it.
fn unknown(materials: &Materials, place: &str) -> AppError {
    let names: Vec<String> = materials.connections.keys().chain(materials.roots.keys()).cloned().collect();
    if names.is_empty() && !materials.problems.is_empty() {
        return AppError::Config(materials.problems.clone());
    }
    let near = did_you_mean(place, names.iter().map(String::as_str));
    let hint = if names.is_empty() {
        "\n  hint: declare one under `[connections]` or `[roots]` of purposed.toml".to_owned()
    } else if near.is_empty() {
        format!("\n  hint: there is {}", listed(&names))
    } else {
        near
    };
    AppError::Argument(format!("there is no connection or root `{place}`{hint}"))
}

/// Names in backticks, some of them where there are many.
fn listed(names: &[String]) -> String {
    let some: Vec<String> = names.iter().take(LISTED_NAMES).map(|name| format!("`{name}`")).collect();
    match names.len() {
        0 => "nothing".to_owned(),
        all if all > LISTED_NAMES => format!("{} and {} more", some.join(", "), all - LISTED_NAMES),
        _ => some.join(", "),
    }
}

fn unreadable(error: &SourceError) -> AppError {
    let guide = "docs/guide/databases.md for servers, docs/guide/install.md, \"Letting it read\", for files";
    AppError::Unreadable(format!("{error}\n  hint: see the guide: {guide}"))
}
