//! Reads the mailbox that undeliverable letters come back to: which letter each message is about, and what became of
//! it. What a message claims is not proven here, and what follows from it is decided in `app`.
//!
//! The mailbox belongs to the mail server: nothing in it is written, moved or removed. Messages come from anybody, so
//! each is read up to a size, and one that breaks the reading of it costs only itself.

mod maildir;
mod mbox;
mod report;

#[cfg(test)]
mod tests;

pub use report::{Fate, Report};

use super::envelope::SignedSenders;
use crate::config::BounceMailbox;
use crate::domain::digest::{Digest, DigestKey};
use std::collections::BTreeSet;
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How much of a message is read. What the report says comes before the returned letter, which may be cut.
const LARGEST_MESSAGE: usize = 512 * 1024;
/// How many messages are looked into at a time; the others wait for the next time.
const MOST_MESSAGES: usize = 500;

/// A message that had not been read before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    /// Tells it from all others, keyed.
    pub digest: Digest,
    /// What it is.
    pub what: What,
}

/// What a message is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A report on a letter.
    Report(Report),
    /// Something else: an answer, an advertisement.
    Other,
    /// It could not be read.
    Broken,
}

/// What the mailbox holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// The messages that had not been read before.
    pub returned: Vec<Returned>,
    /// The messages that had been read before and are still there; nothing where not all was looked at.
    pub still_there: Option<BTreeSet<Digest>>,
}

/// What is remembered between readings, so that a mailbox in which nothing has changed is not even listed.
#[derive(Debug, Default)]
pub struct Memory {
    stamps: Option<Vec<Stamp>>,
    /// Something may be added within the same instant of the file system's clock, so a stamp is believed once it was
    /// seen at two readings.
    is_settled: bool,
}

/// What changes when a file or folder does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    changed: (i64, i64),
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        let changed = (metadata.mtime(), metadata.mtime_nsec());
        Self { device: metadata.dev(), inode: metadata.ino(), size: metadata.size(), changed }
    }
}

/// That the mailbox has to be read.
#[derive(Debug)]
pub struct Glimpse {
    stamps: Vec<Stamp>,
    is_unchanged: bool,
}

/// Whether the mailbox has to be read: nothing where it has not changed since the last time.
///
/// # Errors
/// When the mailbox itself cannot be looked at.
pub fn glimpse(mailbox: &BounceMailbox, memory: &Memory) -> io::Result<Option<Glimpse>> {
    let stamps = match mailbox {
        BounceMailbox::Maildir(folder) => maildir::stamps(folder)?,
        BounceMailbox::Mbox(file) => mbox::stamps(file)?,
    };
    let is_unchanged = memory.stamps.as_ref() == Some(&stamps);
    Ok((!is_unchanged || !memory.is_settled).then_some(Glimpse { stamps, is_unchanged }))
}

/// Reads what is new in the mailbox. `known` tells the messages that were read before.
///
/// # Errors
/// When the mailbox itself cannot be read.
pub fn read(
    mailbox: &BounceMailbox,
    glimpse: Glimpse,
    senders: &SignedSenders,
    key: &DigestKey,
    known: BTreeSet<Digest>,
    memory: &mut Memory,
) -> io::Result<Reading> {
    let mut sorting = Sorting { senders, key, known, reading: Reading::default(), still_there: BTreeSet::new() };
    let is_whole = match mailbox {
        BounceMailbox::Maildir(folder) => maildir::read(folder, &mut sorting)?,
        BounceMailbox::Mbox(file) => mbox::read(file, &mut sorting)?,
    };
    if is_whole {
        *memory = Memory { is_settled: glimpse.is_unchanged, stamps: Some(glimpse.stamps) };
        sorting.reading.still_there = Some(sorting.still_there);
    }
    Ok(sorting.reading)
}

/// Tells what is new from what is known.
struct Sorting<'a> {
    senders: &'a SignedSenders,
    key: &'a DigestKey,
    known: BTreeSet<Digest>,
    reading: Reading,
    still_there: BTreeSet<Digest>,
}

impl Sorting<'_> {
    /// Whether no more messages are looked into this time.
    const fn is_full(&self) -> bool {
        self.reading.returned.len() >= MOST_MESSAGES
    }

    /// Notes that a message is there. Whether it has to be read.
    fn is_new(&mut self, digest: Digest) -> bool {
        let is_known = self.known.contains(&digest);
        if is_known {
            self.still_there.insert(digest);
        }
        !is_known
    }

    /// Takes in the beginning of a message.
    fn take(&mut self, digest: Digest, message: Option<&[u8]>) {
        let what = message.map_or(What::Broken, |message| {
            let read = catch_unwind(AssertUnwindSafe(|| report::report(message, self.senders)));
            read.map_or(What::Broken, |report| report.map_or(What::Other, What::Report))
        });
        self.known.insert(digest);
        self.reading.returned.push(Returned { digest, what });
    }
}
