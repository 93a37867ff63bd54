//! What stands above the rows of a CSV file: which character delimits cells, which row is the header, and
//! which cell holds which field. A list without a header has the columns that the register names.

use super::encoding::FileEncoding;
use super::records::{Splitter, Step, unquoted};
use super::stretches::{CutError, LARGEST_RECORD_BYTES, Stretches};
use crate::domain::register::{FieldSpec, ListColumns};
use crate::source::header::{self, HeaderProblem, SEARCHED_ROWS};
use crate::source::lists::ListForm;
use crate::source::row::Width;
use encoding_rs::SHIFT_JIS;
use std::borrow::Cow;

const FIRST_LOOK_BYTES: usize = 256 * 1024;

/// How the rows below the header are to be read.
#[derive(Debug)]
pub struct Head {
    /// What lies between cells.
    pub delimiter: u8,
    /// How many cells a row may have.
    pub width: Width,
    /// For each field, its cell.
    pub bound: Vec<Option<usize>>,
}

/// Why there is no header.
#[derive(Debug)]
pub enum HeadError {
    /// There is none that fits the register.
    Header(HeaderProblem),
    /// The file cannot be read.
    Cut(CutError),
}

/// A row that may be the header.
struct Candidate {
    cells: Vec<Cow<'static, str>>,
    line: u64,
    /// Where the next row starts, and on which line.
    next: (usize, u64),
}

impl AsRef<[Cow<'static, str>]> for Candidate {
    fn as_ref(&self) -> &[Cow<'static, str>] {
        &self.cells
    }
}

/// A delimiter, the header that it makes, and how well that fits.
struct Choice {
    /// How many fields are bound, and whether there is more than one cell.
    rank: (usize, bool),
    delimiter: u8,
    header: Candidate,
}

/// Reads the head of a file and passes it. The rows follow.
pub fn read(
    stretches: &mut Stretches<'_>,
    ending: &str,
    form: ListForm<'_>,
    fields: &[FieldSpec],
) -> Result<Head, HeadError> {
    let header_row = form.header_row;
    let mut buffer = Vec::new();
    let mut size = FIRST_LOOK_BYTES;
    loop {
        let (length, is_end) =
            stretches.peek(&mut buffer, size).map_err(|problem| HeadError::Cut(CutError::Read(problem)))?;
        let bytes = &buffer[..length];
        let is_cp932 = stretches.encoding() == FileEncoding::Cp932;
        let look = |delimiter| candidates(bytes, delimiter, is_cp932, is_end, header_row);
        let rows = look(delimiters(ending)[0]);
        let reached = header_row.is_none_or(|row| rows.last().is_some_and(|last| last.next.1 > u64::from(row)));
        if !is_end && (rows.is_empty() || !reached) {
            stretches.pass(&buffer[..length], 0, 1);
            if size >= LARGEST_RECORD_BYTES {
                return Err(HeadError::Cut(CutError::HugeRecord { line: 1 }));
            }
            size = (size * 2).min(LARGEST_RECORD_BYTES);
            continue;
        }
        if let Some(columns) = form.columns {
            let delimiter = widest(delimiters(ending), look, columns);
            let bound = fields.iter().map(|field| columns.cell_of(field)).collect();
            stretches.set_delimiter(delimiter);
            stretches.pass(&buffer[..length], 0, 1);
            return Ok(Head { delimiter, width: Width::at_least(columns.least_cells), bound });
        }
        let choice = choose(delimiters(ending), look, header_row, fields);
        let Choice { delimiter, header, .. } = choice.ok_or(HeadError::Header(HeaderProblem::NoRow))?;
        let bound = header::bind(&header.cells, fields).map_err(HeadError::Header)?;
        stretches.set_delimiter(delimiter);
        stretches.pass(&buffer[..length], header.next.0, header.next.1);
        return Ok(Head { delimiter, width: Width::of_header(&header.cells), bound });
    }
}

/// The first rows as texts, split where that makes the most cells in most rows.
pub fn first_rows(stretches: &mut Stretches<'_>, ending: &str, at_most: usize) -> std::io::Result<Vec<Vec<String>>> {
    let mut buffer = Vec::new();
    let (length, is_end) = stretches.peek(&mut buffer, FIRST_LOOK_BYTES)?;
    let is_cp932 = stretches.encoding() == FileEncoding::Cp932;
    let mut best: (usize, Vec<Candidate>) = (0, Vec::new());
    for delimiter in delimiters(ending) {
        let rows = rows_of(&buffer[..length], delimiter, is_cp932, is_end, None, at_most);
        let mut widths: Vec<usize> = rows.iter().map(|row| row.cells.len()).collect();
        widths.sort_unstable();
        let width = widths.get(widths.len() / 2).copied().unwrap_or(0);
        if width > best.0 {
            best = (width, rows);
        }
    }
    Ok(best.1.into_iter().map(|row| row.cells.into_iter().map(Cow::into_owned).collect()).collect())
}

/// The delimiters that files of this ending have, the likeliest first.
const fn delimiters(ending: &str) -> [u8; 3] {
    if matches!(ending.as_bytes(), b"csv") { [b',', b'\t', b';'] } else { [b'\t', b',', b';'] }
}

/// The delimiter that makes the most of the first row with text: as many of the named columns as it has cells.
fn widest(delimiters: [u8; 3], look: impl Fn(u8) -> Vec<Candidate>, columns: &ListColumns) -> u8 {
    let has_text = |row: &Candidate| row.cells.iter().any(|cell| !cell.trim().is_empty());
    let cells = |delimiter| {
        let first = look(delimiter).into_iter().find(has_text);
        first.map_or(0, |row| row.cells.len().min(columns.names.len()))
    };
    let [first, others @ ..] = delimiters;
    let best = others.into_iter().fold((cells(first), first), |best, delimiter| {
        let cells = cells(delimiter);
        if cells > best.0 { (cells, delimiter) } else { best }
    });
    best.1
}

/// The delimiter and the row that bind the most fields; where nothing binds, the first delimiter that
/// occurs in its row.
fn choose(
    delimiters: [u8; 3],
    look: impl Fn(u8) -> Vec<Candidate>,
    header_row: Option<u32>,
    fields: &[FieldSpec],
) -> Option<Choice> {
    let mut best: Option<Choice> = None;
    for delimiter in delimiters {
        let mut rows = look(delimiter);
        let index = match header_row {
            Some(row) => rows.iter().rposition(|candidate| candidate.line <= u64::from(row)),
            None => header::find(&rows, fields),
        };
        let Some(index) = index else { continue };
        let bound = header::bound_fields(&rows[index].cells, fields);
        let rank = (bound, rows[index].cells.len() > 1);
        if best.as_ref().is_none_or(|best| rank > best.rank) {
            best = Some(Choice { rank, delimiter, header: rows.swap_remove(index) });
        }
    }
    best
}

/// The rows among which the header is sought, without one that the end of `bytes` may have cut.
fn candidates(bytes: &[u8], delimiter: u8, is_cp932: bool, is_end: bool, header_row: Option<u32>) -> Vec<Candidate> {
    rows_of(bytes, delimiter, is_cp932, is_end, header_row, SEARCHED_ROWS)
}

/// The first rows, at most so many, or those around the header's.
fn rows_of(
    bytes: &[u8],
    delimiter: u8,
    is_cp932: bool,
    is_end: bool,
    header_row: Option<u32>,
    at_most: usize,
) -> Vec<Candidate> {
    let mut splitter = Splitter::new(bytes, delimiter, 1);
    let mut rows = Vec::new();
    loop {
        let enough = header_row.map_or(rows.len() >= at_most, |row| splitter.next().1 > u64::from(row));
        if enough || splitter.advance() != Step::Record {
            return rows;
        }
        let next = splitter.next();
        if !is_end && next.0 == bytes.len() && !bytes.ends_with(b"\n") {
            return rows;
        }
        let keeps = header_row.is_none_or(|row| splitter.next().1 > u64::from(row));
        let cell = |index| {
            let (start, end) = splitter.cell(index);
            let raw = &bytes[start..end];
            let text =
                if is_cp932 { SHIFT_JIS.decode_without_bom_handling(raw).0 } else { String::from_utf8_lossy(raw) };
            Cow::Owned(unquoted(&text).into_owned())
        };
        let cells = if keeps { (0..splitter.cells()).map(cell).collect() } else { Vec::new() };
        rows.push(Candidate { cells, line: splitter.line(), next });
    }
}
