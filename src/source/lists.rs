//! Folders of list files: finds the files, and has each read by its ending. Every file is a part. How
//! rows are read is the business of `csv` and `workbook`.

use super::file_fields::FileFields;
use super::list_file::{FileValues, ListFile, PartOutcome};
use super::paths::PathRules;
use super::walk::{Found, Visitor, walk};
use super::{Part, Receivers, Request, SourceError, SourceReport, csv, root, workbook};
use crate::domain::observation::Problem;
use crate::domain::register::{ListColumns, ListEncoding, Root};
use rustix::fd::{AsFd, BorrowedFd};
use rustix::fs::FileType;
use std::fs::File;
use std::num::NonZero;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How the lists of a source are written, as far as the register says.
#[derive(Debug, Clone, Copy)]
pub struct ListForm<'a> {
    /// The encoding of CSV and TSV files; detected without it.
    pub encoding: Option<ListEncoding>,
    /// The sheet of workbooks; the first visible one without it.
    pub sheet: Option<&'a str>,
    /// The line or row of the header, from 1; found without it.
    pub header_row: Option<u32>,
    /// The columns of lists without a header.
    pub columns: Option<&'a ListColumns>,
}

/// Reads every row of every matching list file beneath a root.
pub fn read(
    request: &Request<'_>,
    root: &Root,
    files: &[String],
    exclude: &[String],
    form: ListForm<'_>,
    receivers: &dyn Receivers,
) -> Result<SourceReport, SourceError> {
    let rules = PathRules::compile(files, exclude)?;
    let fields = FileFields::compile(request)?;
    let folder = root::open_root(root)?;
    let beneath = folder.try_clone().map_err(|_| unreachable_root(root))?;
    let walked = walk(folder, &rules, request.cancel, || Paths { rules: &rules, paths: Vec::new() });
    if request.is_cancelled() {
        return Err(SourceError::Cancelled);
    }
    let mut report = SourceReport::default();
    report.problems.extend(walked.trouble().map(|why| partial(&why)));
    let mut paths: Vec<Vec<u8>> = walked.visitors.into_iter().flat_map(|visitor| visitor.paths).collect();
    paths.sort_unstable();
    let parts: Vec<(Part, Vec<u8>)> = (1..)
        .zip(paths)
        .map(|(ordinal, path)| (Part { ordinal, name: part_name(&path) }, path))
        .filter(|(part, _)| request.only_part.is_none_or(|name| name == part.name))
        .collect();
    let reading = Reading { request, fields: &fields, form, receivers };
    for outcome in reading.all(beneath.as_fd(), &parts)? {
        report.parts.push(outcome.report);
        report.problems.extend(outcome.problems);
    }
    Ok(report)
}

fn unreachable_root(root: &Root) -> SourceError {
    SourceError::Unreachable(format!("root `{}` cannot be opened: too many open files", root.name.as_str()))
}

fn partial(why: &str) -> Problem {
    Problem { reason: "partial".to_owned(), items: 0, example: why.to_owned() }
}

/// The name of a part: its path, with bytes that are no text written as `\xNN`.
fn part_name(path: &[u8]) -> String {
    let mut name = String::with_capacity(path.len());
    for chunk in path.utf8_chunks() {
        name.push_str(chunk.valid());
        for byte in chunk.invalid() {
            name.extend(["\\x".to_owned(), format!("{byte:02x}")]);
        }
    }
    name
}

struct Paths<'r> {
    rules: &'r PathRules,
    paths: Vec<Vec<u8>>,
}

impl Visitor for Paths<'_> {
    fn file(&mut self, found: &Found<'_>) {
        if self.rules.matches(found.path) {
            self.paths.push(found.path.to_vec());
        }
    }
}

#[derive(Clone, Copy)]
struct Reading<'r> {
    request: &'r Request<'r>,
    fields: &'r FileFields,
    form: ListForm<'r>,
    receivers: &'r dyn Receivers,
}

impl Reading<'_> {
    /// Reads all parts: small files side by side, large ones one after another on all cores.
    fn all(&self, root: BorrowedFd<'_>, parts: &[(Part, Vec<u8>)]) -> Result<Vec<PartOutcome>, SourceError> {
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
        let outcomes = Mutex::new(Vec::with_capacity(parts.len()));
        let large = Mutex::new(Vec::new());
        let next = AtomicUsize::new(0);
        let work = || -> Result<(), SourceError> {
            while let Some((part, path)) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
                match open(root, part, path) {
                    Ok(file) if csv::is_large(&file) && is_text(&file) => lock(&large).push((part, path)),
                    Ok(file) => {
                        let outcome = self.one(file, 1)?;
                        lock(&outcomes).push(outcome);
                    }
                    Err(outcome) => lock(&outcomes).push(*outcome),
                }
            }
            Ok(())
        };
        run_on(threads.min(parts.len()), &work)?;
        for (part, path) in lock(&large).drain(..) {
            let outcome = match open(root, part, path) {
                Ok(file) => self.one(file, threads)?,
                Err(outcome) => *outcome,
            };
            lock(&outcomes).push(outcome);
        }
        let mut outcomes = outcomes.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        outcomes.sort_by_key(|outcome| outcome.report.part.ordinal);
        Ok(outcomes)
    }

    fn one(&self, file: ListFile, threads: usize) -> Result<PartOutcome, SourceError> {
        if self.request.is_cancelled() {
            return Err(SourceError::Cancelled);
        }
        let values = FileValues::of(self.fields, &file);
        match file.ending().as_str() {
            "csv" | "tsv" | "tab" | "txt" => csv::read(self.request, file, self.form, &values, self.receivers, threads),
            "xlsx" | "xlsm" | "xls" | "ods" => workbook::read(self.request, file, self.form, &values, self.receivers),
            _ => Ok(PartOutcome::partial(file.part, 0, "the file has none of the endings of a list")),
        }
    }
}

/// Whether the file is a list of texts, by its ending.
#[must_use]
pub fn is_text(file: &ListFile) -> bool {
    matches!(file.ending().as_str(), "csv" | "tsv" | "tab" | "txt")
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn run_on(threads: usize, work: &(impl Fn() -> Result<(), SourceError> + Sync)) -> Result<(), SourceError> {
    let results: Vec<_> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        handles.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
    });
    results.into_iter().try_for_each(|result| result.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
}

/// Opens a list file and looks at what it is.
pub fn open(root: BorrowedFd<'_>, part: &Part, path: &[u8]) -> Result<ListFile, Box<PartOutcome>> {
    let refused = |why: &str| Box::new(PartOutcome::partial(part.clone(), 0, why));
    let descriptor = root::open_file(root, path).map_err(|errno| refused(&root::reason(errno)))?;
    let seen = rustix::fs::fstat(&descriptor).map_err(|errno| refused(&root::reason(errno)))?;
    if FileType::from_raw_mode(seen.st_mode) != FileType::RegularFile {
        return Err(refused("it is not a regular file any more"));
    }
    Ok(ListFile {
        part: part.clone(),
        file: File::from(descriptor),
        size_bytes: u64::try_from(seen.st_size).unwrap_or(0),
        modified: root::instant(seen.st_mtime, u32::try_from(seen.st_mtime_nsec).unwrap_or(0)),
        path: path.to_vec(),
    })
}

#[cfg(test)]
mod tests;
