//! What the rows of an index say of files, on one thread.

use super::Reconciliation;
use crate::domain::item::Item;
use crate::rule::join::path_of;
use crate::source::root;
use rustix::fd::AsFd as _;

/// What a row says of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joined {
    /// It names none, or its file is there.
    Well,
    /// Its file is not there.
    Missing,
    /// Whether its file is there cannot be told.
    Undecidable,
}

/// The first row in one kind of trouble, and how many there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RowTrouble {
    /// How many rows.
    pub rows: u64,
    /// The part and the place of the first one.
    pub first: Option<(u32, u64)>,
}

impl RowTrouble {
    fn add(&mut self, rows: u64, first: Option<(u32, u64)>) {
        self.rows += rows;
        self.first = [self.first, first].into_iter().flatten().min();
    }
}

/// What many rows say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RowCounts {
    /// Rows whose file is there.
    pub found: u64,
    /// Rows whose file is not there.
    pub missing: u64,
    /// Rows whose path leads nowhere beneath the root.
    pub unmapped: RowTrouble,
    /// Rows whose file could not be looked at.
    pub hidden: RowTrouble,
}

impl RowCounts {
    /// How many rows name a file.
    #[must_use]
    pub const fn with_path(&self) -> u64 {
        self.found + self.missing + self.unmapped.rows + self.hidden.rows
    }

    /// Adds what other rows say.
    pub fn merge(&mut self, other: Self) {
        self.found += other.found;
        self.missing += other.missing;
        self.unmapped.add(other.unmapped.rows, other.unmapped.first);
        self.hidden.add(other.hidden.rows, other.hidden.first);
    }
}

/// Looks rows up on one thread.
#[derive(Debug)]
pub struct Rows<'a> {
    all: &'a Reconciliation<'a>,
    path: Vec<u8>,
    beneath: Vec<u8>,
    counts: RowCounts,
}

impl<'a> Rows<'a> {
    /// Rows that are looked up in these files.
    #[must_use]
    pub const fn new(all: &'a Reconciliation<'a>) -> Self {
        let counts = RowCounts {
            found: 0,
            missing: 0,
            unmapped: RowTrouble { rows: 0, first: None },
            hidden: RowTrouble { rows: 0, first: None },
        };
        Self { all, path: Vec::new(), beneath: Vec::new(), counts }
    }

    /// What was counted.
    #[must_use]
    pub const fn counts(&self) -> RowCounts {
        self.counts
    }

    /// Looks a row up, which lies in the part with this ordinal.
    pub fn row(&mut self, part_ordinal: u32, item: &Item<'_>) -> Joined {
        let place = Some((part_ordinal, item.place));
        let Some(value) = item.values.get(self.all.files.path_field) else { return Joined::Well };
        let Some(is_path) = path_of(value, &mut self.path) else { return Joined::Well };
        if !is_path || !self.all.paths.find(&self.path, &mut self.beneath) {
            self.counts.unmapped.add(1, place);
            return Joined::Undecidable;
        }
        let hash = self.all.key.file(&self.beneath);
        if self.all.set.name(hash) {
            self.counts.found += 1;
            return Joined::Well;
        }
        if !self.all.judges_rows() {
            self.counts.missing += 1;
            return Joined::Undecidable;
        }
        match self.came_since(hash) {
            Some(true) => {
                self.counts.found += 1;
                Joined::Well
            }
            Some(false) => {
                self.counts.missing += 1;
                Joined::Missing
            }
            None => {
                self.counts.hidden.add(1, place);
                Joined::Undecidable
            }
        }
    }

    /// Whether the file came after the walk; nothing where it cannot be told.
    fn came_since(&self, hash: u64) -> Option<bool> {
        if !self.all.paths.is_by_name() {
            return root::exists(self.all.folder.as_fd(), &self.beneath).ok();
        }
        // A name alone can only be looked for in every folder. The rows are read as they stood at one instant, which
        // has passed by now: one more walk sees every file that they can know of.
        if let Some(late) = self.all.late.get() {
            return Some(late.name(hash));
        }
        let (set, _, trouble) = self.all.gather().ok()?;
        if trouble.is_some() {
            return None;
        }
        Some(self.all.late.get_or_init(|| set).name(hash))
    }
}
