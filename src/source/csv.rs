//! CSV and TSV lists of any size, in constant memory, on all cores.
//!
//! A file is cut into stretches of whole records (`stretches`), which threads take one after another and
//! read side by side, each into a receiver of its own (`rows`). Cutting supposes that quotes come in
//! pairs. Where the reading of a stretch shows that they do not, everything from that stretch on is
//! dropped and read again with exact cuts: so stray quotes never change a count.

mod encoding;
mod head;
mod records;
mod rows;
mod stretches;
mod structure;

use self::head::HeadError;
use self::rows::{Layout, StretchRead};
use self::stretches::{CutError, Position, Stretch, Stretches};
use super::list_file::{FileValues, ListFile, PartOutcome};
use super::lists::ListForm;
use super::{Receiver, Receivers, Request, SourceError};
use crate::domain::register::FieldSpec;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Why a record of more than [`stretches::LARGEST_RECORD_BYTES`] is unreadable.
const HUGE: &str = "a row is larger than 16 MB, or a quote is never closed";

/// How much of a file one thread takes at a time.
const STRETCH_BYTES: usize = 4 << 20;

/// Whether a file is worth being read by several threads.
#[must_use]
pub const fn is_large(file: &ListFile) -> bool {
    file.size_bytes > 2 * STRETCH_BYTES as u64
}

/// Reads one list file.
pub fn read(
    request: &Request<'_>,
    file: ListFile,
    form: ListForm<'_>,
    values: &FileValues<'_>,
    receivers: &dyn Receivers,
    threads: usize,
) -> Result<PartOutcome, SourceError> {
    read_in_stretches(request, file, form, values, receivers, threads, STRETCH_BYTES)
}

/// The first rows of a list as texts, those of its header among them. Nothing where it cannot be read.
#[must_use]
pub fn first_rows(file: &ListFile, at_most: usize) -> Option<Vec<Vec<String>>> {
    let mut first = [0; 3];
    let length = stretches::read_fully(&file.file, &mut first, 0).ok()?;
    let (encoding, mark_bytes) = encoding::begin(&first[..length], None);
    let mut stretches = Stretches::new(&file.file, encoding, mark_bytes as u64, STRETCH_BYTES);
    head::first_rows(&mut stretches, &file.ending(), at_most).ok()
}

fn read_in_stretches(
    request: &Request<'_>,
    file: ListFile,
    form: ListForm<'_>,
    values: &FileValues<'_>,
    receivers: &dyn Receivers,
    threads: usize,
    stretch_bytes: usize,
) -> Result<PartOutcome, SourceError> {
    let mut first = [0; 3];
    let begun = match stretches::read_fully(&file.file, &mut first, 0) {
        Ok(length) => encoding::begin(&first[..length], form.encoding),
        Err(problem) => return Ok(PartOutcome::partial(file.part, 0, &unread(&problem))),
    };
    let stretch_bytes = stretch_bytes.min(usize::try_from(file.size_bytes).unwrap_or(usize::MAX).saturating_add(1));
    let mut stretches = Stretches::new(&file.file, begun.0, begun.1 as u64, stretch_bytes);
    let fields = &request.source.fields;
    let head = match head::read(&mut stretches, &file.ending(), form, fields) {
        Ok(head) => head,
        Err(HeadError::Header(problem)) => {
            drop(stretches);
            return Ok(PartOutcome::partial(file.part, 0, &problem.to_string()));
        }
        Err(HeadError::Cut(problem)) => {
            drop(stretches);
            return Ok(cut_outcome(file, 0, &problem));
        }
    };
    let columns = wanted_columns(request.wanted, fields, &head.bound);
    let layout = Layout { delimiter: head.delimiter, width: head.width, columns, shared: values };
    let reading = Reading { request, file: &file, layout: &layout, receivers, stretches: Mutex::new(stretches) };
    let (items, trouble) = reading.run(threads)?;
    let torn = lock(&reading.stretches).torn(file.size_bytes);
    drop(reading);
    Ok(match trouble {
        Some(Trouble::Cut(problem)) => cut_outcome(file, items, &problem),
        Some(Trouble::Unclosed { line }) => PartOutcome::partial_at(file.part, items, line, "a quote is never closed"),
        None if !file.is_unchanged() => PartOutcome::partial(file.part, items, "it changed while it was read"),
        None => match torn {
            Some(why) => PartOutcome::partial(file.part, items, why),
            None => PartOutcome::whole(file.part, items),
        },
    })
}

fn wanted_columns(wanted: &[bool], fields: &[FieldSpec], bound: &[Option<usize>]) -> Vec<(usize, usize)> {
    let is_wanted = |field: usize| wanted.get(field).copied().unwrap_or(false);
    let cells = (0..fields.len()).filter(|&field| is_wanted(field));
    cells.filter_map(|field| bound[field].map(|cell| (field, cell))).collect()
}

fn unread(problem: &std::io::Error) -> String {
    let errno = rustix::io::Errno::from_io_error(problem);
    let why = errno.map_or_else(|| "of an unknown error".to_owned(), super::root::reason);
    format!("it could not be read to its end: {why}")
}

fn cut_outcome(file: ListFile, items: u64, problem: &CutError) -> PartOutcome {
    match problem {
        CutError::Read(problem) => PartOutcome::partial(file.part, items, &unread(problem)),
        CutError::HugeRecord { line } => PartOutcome::partial_at(file.part, items, *line, HUGE),
    }
}

/// Why a file was not read to its end.
#[derive(Debug)]
enum Trouble {
    Cut(CutError),
    Unclosed { line: u64 },
}

/// A file while it is read by several threads.
struct Reading<'r> {
    request: &'r Request<'r>,
    file: &'r ListFile,
    layout: &'r Layout<'r>,
    receivers: &'r dyn Receivers,
    stretches: Mutex<Stretches<'r>>,
}

/// A stretch that was read.
struct Done<'r> {
    receiver: Box<dyn Receiver + 'r>,
    read: StretchRead,
    start: Position,
    is_last: bool,
}

/// What was read in order. Receivers are closed here, once everything before them proved right.
#[derive(Default)]
struct Progress<'r> {
    next: u64,
    waiting: BTreeMap<u64, Done<'r>>,
    items: u64,
    trouble: Option<Trouble>,
    /// Where the cuts proved wrong.
    wrong_from: Option<Position>,
}

impl<'r> Reading<'r> {
    fn run(&self, threads: usize) -> Result<(u64, Option<Trouble>), SourceError> {
        let mut items = 0;
        loop {
            let progress = Mutex::new(Progress::default());
            let stop = AtomicBool::new(false);
            if threads <= 1 {
                self.work(&progress, &stop);
            } else {
                std::thread::scope(|scope| {
                    for _ in 0..threads {
                        scope.spawn(|| self.work(&progress, &stop));
                    }
                });
            }
            if self.request.is_cancelled() {
                return Err(SourceError::Cancelled);
            }
            let progress = progress.into_inner().unwrap_or_else(PoisonError::into_inner);
            items += progress.items;
            match progress.wrong_from {
                Some(position) => lock(&self.stretches).restart_exactly(position),
                None => return Ok((items + self.tell_huge(progress.trouble.as_ref()), progress.trouble)),
            }
        }
    }

    /// A record that is too large is an item that cannot be read.
    fn tell_huge(&self, trouble: Option<&Trouble>) -> u64 {
        let Some(Trouble::Cut(CutError::HugeRecord { line })) = trouble else { return 0 };
        let mut receiver = self.receivers.open(&self.file.part);
        receiver.unreadable(*line, HUGE);
        receiver.close();
        1
    }

    /// Takes stretch after stretch until there is none.
    fn work(&self, progress: &Mutex<Progress<'r>>, stop: &AtomicBool) {
        let (mut buffer, mut converted) = (Vec::new(), Vec::new());
        while !stop.load(Ordering::Relaxed) && !self.request.is_cancelled() {
            let cut = lock(&self.stretches).cut(&mut buffer);
            match cut {
                Ok(Some(stretch)) => {
                    let done = self.read_stretch(stretch, &buffer, &mut converted);
                    let mut progress = lock(progress);
                    progress.waiting.insert(stretch.ordinal, done);
                    self.advance(&mut progress, stop);
                }
                Ok(None) => return,
                Err(problem) => {
                    // Should an earlier stretch prove wrong, this is found again.
                    lock(progress).trouble.get_or_insert(Trouble::Cut(problem));
                    return;
                }
            }
        }
    }

    fn read_stretch(&self, stretch: Stretch, buffer: &[u8], converted: &mut Vec<u8>) -> Done<'r> {
        let mut receiver = self.receivers.open(&self.file.part);
        let bytes = &buffer[..stretch.length];
        let line = stretch.start.line;
        let read = if stretch.is_cp932 {
            encoding::from_cp932(bytes, converted);
            rows::read(converted, line, self.layout, &mut *receiver)
        } else {
            rows::read(bytes, line, self.layout, &mut *receiver)
        };
        Done { receiver, read, start: stretch.start, is_last: stretch.is_last }
    }

    /// Closes what is proven: a stretch that ends where a record ends, after stretches that do.
    fn advance(&self, progress: &mut Progress<'r>, stop: &AtomicBool) {
        while progress.wrong_from.is_none() {
            let ordinal = progress.next;
            let Some(mut done) = progress.waiting.remove(&ordinal) else { return };
            let mut items = done.read.items;
            match done.read.unclosed {
                Some(_) if !done.is_last => {
                    progress.wrong_from = Some(done.start);
                    progress.trouble = None;
                    stop.store(true, Ordering::Relaxed);
                    return;
                }
                Some(line) => {
                    rows::tell_unclosed(line, &mut *done.receiver);
                    items += 1;
                    progress.trouble = Some(Trouble::Unclosed { line });
                }
                None => {}
            }
            progress.next += 1;
            progress.items += items;
            self.request.progress.fetch_add(items, Ordering::Relaxed);
            done.receiver.close();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
