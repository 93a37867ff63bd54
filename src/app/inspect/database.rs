//! What a database holds: its tables and views, which of them look like personal data, and one of them in detail.

use super::draft::{self, Place};
use super::guess::{Column, guess};
use super::layout::{self, Fit};
use super::meaning::{self, Meaning};
use super::sample::Sample;
use super::{AppError, ROWS, span, unreadable};
use crate::app::did_you_mean;
use crate::config::draft::Materials;
use crate::config::{Connection, ConnectionPlace};
use crate::source::SourceError;
use crate::source::catalogue::{self, Database, Dialect, Extent, RowCount, Table, TableColumn};
use serde::Serialize;

/// What a connection leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tables {
    /// The connection.
    pub connection: String,
    /// The language of its database.
    pub dialect: Dialect,
    /// The tables and views, those that look like personal data first, and among these the connection's own schema.
    pub tables: Vec<TableSummary>,
    /// How many tables and views there are in other databases of the server: in MySQL and MariaDB.
    pub elsewhere: u64,
}

/// A table in a few words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableSummary {
    /// How it is named on the command line: with its schema, where a register has to name that.
    pub name: String,
    /// Whether it is a view.
    pub is_view: bool,
    /// Whether the role may read any of it.
    pub may_read: bool,
    /// How many columns it has.
    pub columns: usize,
    /// How many rows it has, as far as that is cheap to know.
    pub rows: RowCount,
    /// Why it looks like personal data; nothing where it does not.
    pub looks_personal: Vec<String>,
    /// The presets that fit it, the most telling first.
    pub presets: Vec<String>,
}

/// A table in detail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableDetail {
    /// The connection.
    pub connection: String,
    /// The table in a few words.
    #[serde(flatten)]
    pub summary: TableSummary,
    /// How many rows were looked at.
    pub sampled: u64,
    /// Its columns.
    pub details: Vec<Column>,
    /// A dataset ready to be pasted into the register.
    pub draft: String,
    /// Ledgers that the same table is, each ready to be pasted.
    pub ledgers: Vec<String>,
}

fn database(connection: &Connection) -> Database {
    let name = connection.name.clone();
    match &connection.place {
        ConnectionPlace::File(path) => Database::Sqlite { connection: name, path: path.clone() },
        ConnectionPlace::Server(server) => Database::Server { connection: name, server: server.clone() },
    }
}

/// The tables of a connection.
pub(super) fn tables(materials: &Materials, connection: &Connection) -> Result<Tables, AppError> {
    let database = database(connection);
    let read = || -> Result<_, SourceError> {
        let mut known = catalogue::tables(&database, Extent::Own)?;
        catalogue::count_small(&database, &mut known)?;
        Ok((known, catalogue::tables_elsewhere(&database)?))
    };
    let (mut known, elsewhere) = read().map_err(|error| unreadable(&error))?;
    known.sort_by_key(|table| table.schema.is_some());
    let mut tables: Vec<TableSummary> = known.iter().map(|table| summary(materials, table, &known)).collect();
    tables.sort_by_key(|table| (table.presets.is_empty(), table.looks_personal.is_empty()));
    Ok(Tables { connection: connection.name.to_string(), dialect: database.dialect(), tables, elsewhere })
}

fn summary(materials: &Materials, table: &Table, tables: &[Table]) -> TableSummary {
    let fits = layout::fits(&materials.presets, table, tables);
    TableSummary {
        name: shown_name(table),
        is_view: table.is_view,
        may_read: table.may_read(),
        columns: table.columns.len(),
        rows: table.rows,
        looks_personal: looks_personal(table),
        presets: fits.iter().map(|fit| fit.preset.name.clone()).collect(),
    }
}

fn shown_name(table: &Table) -> String {
    table.schema.as_ref().map_or_else(|| table.name.clone(), |schema| format!("{schema}.{}", table.name))
}

/// Why a table looks like personal data: its name, and the first column of each meaning that is personal.
fn looks_personal(table: &Table) -> Vec<String> {
    let mut why: Vec<String> = Vec::new();
    let mut told: Vec<Meaning> = Vec::new();
    for column in &table.columns {
        if let Some(meaning) = meaning::of_name(&column.name).filter(|meaning| meaning.is_personal())
            && !told.contains(&meaning)
        {
            told.push(meaning);
            why.push(format!("{} in `{}`", meaning.as_str(), column.name));
        }
    }
    // `name` alone may be that of anything; `respondent_name` is somebody's.
    let is_mere_name = |column: &TableColumn| ["name", "名前", "名"].contains(&column.name.to_lowercase().as_str());
    let names = || table.columns.iter().filter(|column| meaning::of_name(&column.name) == Some(Meaning::Name));
    if told == [Meaning::Name] && !meaning::is_of_people(&table.name) && names().all(is_mere_name) {
        why.clear();
    }
    if meaning::is_of_people(&table.name) {
        why.insert(0, "its name".to_owned());
    }
    why
}

/// One table of a connection.
pub(super) fn table(materials: &Materials, connection: &Connection, name: &str) -> Result<TableDetail, AppError> {
    let database = database(connection);
    let read = |extent: Extent| catalogue::tables(&database, extent).map_err(|error| unreadable(&error));
    let mut known = read(Extent::Own)?;
    if place_of(&known, name).is_none() && database.dialect() == Dialect::Mysql {
        known = read(Extent::Server)?;
    }
    let place = place_of(&known, name).ok_or_else(|| unknown(&known, name, connection.name.as_str()))?;
    catalogue::count_small(&database, &mut known[place..=place]).map_err(|error| unreadable(&error))?;
    let table = &known[place];
    let sample = Sample::new(table.columns.len(), &materials.time_zone);
    catalogue::sample(&database, table, ROWS, &sample).map_err(|error| unreadable(&error))?;
    let tallies = sample.into_tallies();
    let sampled = tallies.iter().map(|tally| tally.sampled).max().unwrap_or(0);
    let columns = table.columns.iter().zip(&tallies);
    let mut details: Vec<Column> = columns
        .map(|(column, tally)| {
            let known = layout::of_column(&materials.presets, &column.name);
            Column { may_read: column.may_read, ..guess(&column.name, &column.type_name, tally, known) }
        })
        .collect();
    if let Some(key) = table.key() {
        details[key].be_key();
    }
    span::of_all_rows((&database, table), &mut details, sampled, &materials.time_zone);
    let fits = layout::fits(&materials.presets, table, &known);
    let connection = connection.name.as_str();
    let mark = if database.dialect() == Dialect::Mysql { '`' } else { '"' };
    let place = Place::Table { connection, schema: table.schema.as_deref(), table: &table.name, mark };
    let dataset = draft::dataset_name(&[connection, &table.name], &materials.names);
    let drawn = |fit: &Fit<'_>, ledger: Option<&str>| {
        let name =
            if ledger.is_some() { draft::dataset_name(&[&fit.preset.name], &materials.names) } else { dataset.clone() };
        draft::of_preset(&name, &materials.names, &place, fit.preset, ledger)
    };
    let ledger = |fit: &Fit<'_>| layout::ledger_kind(fit.preset).map(|kind| drawn(fit, Some(kind)));
    let of_dataset = fits.iter().find(|fit| layout::ledger_kind(fit.preset).is_none());
    let draft = of_dataset
        .map_or_else(|| draft::of_columns(&dataset, &materials.names, &place, &details), |fit| drawn(fit, None));
    Ok(TableDetail {
        connection: connection.to_owned(),
        summary: summary(materials, table, &known),
        sampled,
        details,
        draft,
        ledgers: fits.iter().filter_map(ledger).collect(),
    })
}

/// The place of the table with this name, as it is shown or written in any case.
fn place_of(tables: &[Table], name: &str) -> Option<usize> {
    let exactly = tables.iter().position(|table| shown_name(table) == name);
    exactly.or_else(|| tables.iter().position(|table| shown_name(table).eq_ignore_ascii_case(name)))
}

/// There is no such table.
fn unknown(tables: &[Table], name: &str, connection: &str) -> AppError {
    let names: Vec<String> = tables.iter().map(shown_name).collect();
    let near = did_you_mean(name, names.iter().map(String::as_str));
    let hint = if near.is_empty() { format!("\n  hint: it has {}", super::listed(&names)) } else { near };
    AppError::Argument(format!("the connection `{connection}` has no table `{name}`{hint}"))
}
