//! Walks the folders beneath a root on all cores. Links are not followed, pipes, sockets and devices are
//! passed by, and a file is looked at only where the folder does not say what it is. A folder that cannot
//! be read is counted, and the walk goes on. One huge folder is read by several threads in turns.

use super::paths::PathRules;
use super::root;
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{AtFlags, FileType, RawDir};
use rustix::io::Errno;
use std::ffi::{CStr, CString};
use std::mem::MaybeUninit;
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

const BUFFER_BYTES: usize = 128 * 1024;

/// A regular file that the walk came upon.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// The path relative to the root.
    pub path: &'a [u8],
    /// Where its name starts in the path.
    pub name_start: usize,
    /// The folder that it lies in.
    pub folder: BorrowedFd<'a>,
    /// Its name.
    pub name: &'a CStr,
}

/// Takes files on one thread.
pub trait Visitor: Send {
    /// Takes a file.
    fn file(&mut self, found: &Found<'_>);
}

/// What came of a walk.
#[derive(Debug)]
pub struct Walked<V> {
    /// The visitors, one per thread.
    pub visitors: Vec<V>,
    /// How many folders could not be read (to their end).
    pub unread_folders: u64,
    /// Why one of them could not.
    pub why: Option<Errno>,
}

impl<V> Walked<V> {
    /// What went wrong, in words without any name that was found.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        let why = root::reason(self.why?);
        Some(match self.unread_folders {
            1 => format!("a folder could not be read: {why}"),
            count => format!("{count} folders could not be read, one of them because: {why}"),
        })
    }
}

/// Walks everything beneath `root` that the rules let it enter.
pub fn walk<V: Visitor>(
    root: OwnedFd,
    rules: &PathRules,
    cancel: &AtomicBool,
    new_visitor: impl Fn() -> V + Sync,
) -> Walked<V> {
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let queue = Queue::starting_with(Work::Read(Arc::new(Folder { descriptor: root, path: Vec::new() })), threads);
    let mut walked = Walked { visitors: Vec::with_capacity(threads), unread_folders: 0, why: None };
    let results: Vec<_> = std::thread::scope(|scope| {
        let (queue, new_visitor) = (&queue, &new_visitor);
        let start = || scope.spawn(move || Worker::new(queue, rules, cancel, new_visitor()).run());
        let handles: Vec<_> = (0..threads).map(|_| start()).collect();
        handles.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
    });
    for result in results {
        let worker = result.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        walked.visitors.push(worker.visitor);
        walked.unread_folders += worker.unread_folders;
        walked.why = walked.why.or(worker.why);
    }
    walked
}

/// An open folder.
#[derive(Debug)]
struct Folder {
    descriptor: OwnedFd,
    /// Its path relative to the root, with a slash behind it unless it is empty.
    path: Vec<u8>,
}

#[derive(Debug)]
enum Work {
    /// Open a folder by its name and read it.
    Open { parent: Arc<Folder>, name: CString },
    /// Read an open folder, together with whoever is reading it.
    Read(Arc<Folder>),
}

/// The work still to be done. The newest comes first, so that few folders are open at a time.
#[derive(Debug)]
struct Queue {
    state: Mutex<QueueState>,
    changed: Condvar,
    idle: AtomicUsize,
}

#[derive(Debug)]
struct QueueState {
    waiting: Vec<Work>,
    busy: usize,
}

impl Queue {
    fn starting_with(first: Work, threads: usize) -> Self {
        let state = Mutex::new(QueueState { waiting: vec![first], busy: threads });
        Self { state, changed: Condvar::new(), idle: AtomicUsize::new(0) }
    }

    /// The next piece of work; nothing when all is done.
    fn take(&self) -> Option<Work> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(work) = state.waiting.pop() {
            return Some(work);
        }
        state.busy -= 1;
        self.idle.fetch_add(1, Ordering::Relaxed);
        loop {
            if state.busy == 0 && state.waiting.is_empty() {
                self.changed.notify_all();
                return None;
            }
            if let Some(work) = state.waiting.pop() {
                state.busy += 1;
                self.idle.fetch_sub(1, Ordering::Relaxed);
                return Some(work);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn add(&self, work: impl IntoIterator<Item = Work>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.waiting.extend(work);
        drop(state);
        if self.someone_is_idle() {
            self.changed.notify_all();
        }
    }

    fn someone_is_idle(&self) -> bool {
        self.idle.load(Ordering::Relaxed) > 0
    }
}

struct Worker<'w, V> {
    queue: &'w Queue,
    rules: &'w PathRules,
    cancel: &'w AtomicBool,
    visitor: V,
    path: Vec<u8>,
    unread_folders: u64,
    why: Option<Errno>,
}

impl<'w, V: Visitor> Worker<'w, V> {
    fn new(queue: &'w Queue, rules: &'w PathRules, cancel: &'w AtomicBool, visitor: V) -> Self {
        Self { queue, rules, cancel, visitor, path: Vec::new(), unread_folders: 0, why: None }
    }

    fn run(mut self) -> Self {
        let mut buffer = vec![MaybeUninit::uninit(); BUFFER_BYTES];
        while let Some(work) = self.queue.take() {
            if self.is_cancelled() {
                continue;
            }
            let read = match work {
                Work::Read(folder) => self.read(&folder, &mut buffer),
                Work::Open { parent, name } => {
                    open(&parent, &name).and_then(|folder| self.read(&Arc::new(folder), &mut buffer))
                }
            };
            if let Err(errno) = read {
                self.unread_folders += 1;
                self.why = self.why.or(Some(errno));
            }
        }
        self
    }

    fn is_cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }

    fn read(&mut self, folder: &Arc<Folder>, buffer: &mut [MaybeUninit<u8>]) -> Result<(), Errno> {
        let mut entries = RawDir::new(&folder.descriptor, buffer);
        let mut inner: Vec<Work> = Vec::new();
        let mut stretches = 0;
        loop {
            let is_next_stretch = entries.is_buffer_empty();
            if is_next_stretch {
                if !inner.is_empty() {
                    self.queue.add(inner.drain(..));
                }
                if self.is_cancelled() {
                    return Ok(());
                }
            }
            let Some(entry) = entries.next() else { return Ok(()) };
            let entry = entry?;
            if is_next_stretch {
                stretches += 1;
                if stretches > 1 && self.queue.someone_is_idle() {
                    self.queue.add([Work::Read(Arc::clone(folder))]);
                }
            }
            self.entry(folder, entry.file_name(), entry.file_type(), &mut inner)?;
        }
    }

    fn entry(
        &mut self,
        folder: &Arc<Folder>,
        name: &CStr,
        file_type: FileType,
        inner: &mut Vec<Work>,
    ) -> Result<(), Errno> {
        let file_type = match file_type {
            FileType::Unknown => match type_of(folder, name) {
                Err(Errno::NOENT) => return Ok(()),
                known => known?,
            },
            known => known,
        };
        match file_type {
            FileType::RegularFile => {
                self.set_path(folder, name);
                let name_start = folder.path.len();
                let folder = folder.descriptor.as_fd();
                self.visitor.file(&Found { path: &self.path, name_start, folder, name });
            }
            FileType::Directory if name != c"." && name != c".." => {
                self.set_path(folder, name);
                if self.rules.enters(&self.path) {
                    inner.push(Work::Open { parent: Arc::clone(folder), name: name.to_owned() });
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn set_path(&mut self, folder: &Folder, name: &CStr) {
        self.path.clear();
        self.path.extend_from_slice(&folder.path);
        self.path.extend_from_slice(name.to_bytes());
    }
}

fn open(parent: &Folder, name: &CStr) -> Result<Folder, Errno> {
    let descriptor = root::open_folder(parent.descriptor.as_fd(), name)?;
    let mut path = Vec::with_capacity(parent.path.len() + name.to_bytes().len() + 1);
    path.extend_from_slice(&parent.path);
    path.extend_from_slice(name.to_bytes());
    path.push(b'/');
    Ok(Folder { descriptor, path })
}

fn type_of(folder: &Folder, name: &CStr) -> Result<FileType, Errno> {
    let seen = rustix::fs::statat(&folder.descriptor, name, AtFlags::SYMLINK_NOFOLLOW)?;
    Ok(FileType::from_raw_mode(seen.st_mode))
}

#[cfg(test)]
mod tests;
