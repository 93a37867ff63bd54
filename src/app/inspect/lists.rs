//! What is in lists: their headings, where a row certainly holds headings, and what the values below them look like.
//! Rows and names of files are never part of it.

use super::guess::{Column, guess};
use super::layout;
use super::meaning;
use super::name_shape;
use super::shape::{ColumnTally, Readers};
use super::{AppError, unreadable};
use crate::config::draft::{Materials, PresetSource};
use crate::domain::item::Value;
use crate::domain::register::Root;
use crate::source::census;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// How many rows of a list are looked at.
const LIST_ROWS: usize = 200;
/// How many rows a header is sought in.
const HEADER_ROWS: usize = 30;

/// Lists with the same headings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lists {
    /// How many of the opened ones have these headings.
    pub files: u64,
    /// Whether they have headings at all; the columns are called by their numbers where not.
    pub has_header: bool,
    /// The preset of a dataset that fits them.
    pub preset: Option<String>,
    /// The presets of ledgers that fit them.
    pub ledgers: Vec<String>,
    /// The columns.
    pub details: Vec<Column>,
    /// The endings of the files.
    pub endings: Vec<String>,
}

/// What was seen of lists with the same headings.
#[derive(Debug, Default)]
struct Seen {
    files: u64,
    tallies: Vec<ColumnTally>,
    endings: BTreeSet<String>,
    /// The paths. They are held against globs and never shown.
    paths: Vec<Vec<u8>>,
    /// Whether one of them has more rows than were looked at.
    is_cut: bool,
}

/// The headings of lists; those with the same ones together, the most first.
pub(super) fn lists(materials: &Materials, root: &Root, paths: &[&Vec<u8>]) -> Result<Vec<Lists>, AppError> {
    let readers = Readers::of(&materials.time_zone);
    let mut known: BTreeMap<(bool, Vec<String>), Seen> = BTreeMap::new();
    for path in paths {
        let rows = census::first_rows(root, path, LIST_ROWS).map_err(|error| unreadable(&error))?;
        let Some(rows) = rows.filter(|rows| !rows.is_empty()) else { continue };
        let header = rows.iter().take(HEADER_ROWS).position(|row| is_header(row, &materials.presets, &readers));
        let headings = header.map_or_else(|| numbered(&rows), |index| trimmed(&rows[index]));
        let below = header.map_or(0, |index| index + 1);
        let width = headings.len();
        let seen = known.entry((header.is_some(), headings)).or_default();
        seen.files += 1;
        seen.is_cut |= rows.len() >= LIST_ROWS;
        seen.paths.push((*path).clone());
        seen.tallies.resize(width, ColumnTally::default());
        seen.endings.insert(name_shape::ending(&String::from_utf8_lossy(path)).to_owned());
        for row in rows[below..].iter().filter(|row| row.iter().any(|cell| !cell.trim().is_empty())) {
            for (index, tally) in seen.tallies.iter_mut().enumerate() {
                tally.add(&Value::Text(row.get(index).map_or("", String::as_str)), &readers);
            }
        }
    }
    let mut lists: Vec<Lists> = known
        .into_iter()
        .map(|((has_header, headings), seen)| {
            let presets = &materials.presets;
            let fitting = if has_header {
                layout::of_list(presets, &headings, &seen.paths)
            } else {
                layout::of_headerless(presets, &seen.paths, &seen.tallies).into_iter().collect()
            };
            let (ledgers, datasets): (Vec<&PresetSource>, Vec<&PresetSource>) =
                fitting.into_iter().partition(|preset| layout::ledger_kind(preset).is_some());
            let preset = datasets.first();
            let headings = preset.filter(|_| !has_header).map_or(headings, |preset| preset.columns.clone());
            let details = headings.iter().zip(&seen.tallies).map(|(heading, tally)| {
                let mut column = guess(heading, "", tally, layout::of_column(presets, heading));
                if let Some(clock) = &mut column.clock {
                    clock.of_all_rows = !seen.is_cut;
                }
                column
            });
            Lists {
                files: seen.files,
                has_header,
                preset: preset.map(|preset| preset.name.clone()),
                ledgers: ledgers.iter().map(|preset| preset.name.clone()).collect(),
                details: details.collect(),
                endings: seen.endings.into_iter().collect(),
            }
        })
        .collect();
    let is_known = |lists: &Lists| lists.preset.is_some() || !lists.ledgers.is_empty();
    lists.sort_by_key(|lists| (!is_known(lists), !lists.has_header, std::cmp::Reverse(lists.files)));
    Ok(lists)
}

fn trimmed(row: &[String]) -> Vec<String> {
    let last = row.iter().rposition(|cell| !cell.trim().is_empty()).map_or(0, |last| last + 1);
    row[..last].iter().map(|cell| cell.trim().to_owned()).collect()
}

fn numbered(rows: &[Vec<String>]) -> Vec<String> {
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    (1..=width).map(|number| format!("column {number}")).collect()
}

/// Whether a row certainly holds headings rather than somebody's data: at least half of its cells are known as such,
/// two at least, or a preset finds all of its columns among them; and none has the shape of an address, a number or a date.
fn is_header(row: &[String], presets: &[PresetSource], readers: &Readers) -> bool {
    const LONGEST_HEADING_CHARACTERS: usize = 40;
    let cells: Vec<&str> = row.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).collect();
    let is_value = |cell: &&str| {
        let mut tally = ColumnTally::default();
        tally.add(&Value::Text(cell), readers);
        tally.emails + tally.phones + tally.numbers + tally.paths > 0 || tally.date_shape().is_some()
    };
    let is_known = |cell: &&&str| meaning::of_name(cell).is_some() || layout::of_column(presets, cell).is_some();
    let known = cells.iter().filter(is_known).count();
    let distinct: BTreeSet<&&str> = cells.iter().collect();
    let are_most_known = known >= 2.min(cells.len()) && known > 0 && known * 2 >= cells.len();
    (are_most_known || layout::is_header_of_one(presets, row))
        && distinct.len() == cells.len()
        && cells.iter().all(|cell| cell.chars().count() <= LONGEST_HEADING_CHARACTERS)
        && !cells.iter().any(is_value)
}
