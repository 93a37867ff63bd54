//! Counts the judged items of one part on one thread, and adds the threads' counts up.

use super::identity::Identity;
use super::reconciliation::{Joined, Reconciliation, RowCounts, Rows};
use crate::domain::digest::{Digest, DigestKey};
use crate::domain::instant::Instant;
use crate::domain::item::Item;
use crate::domain::observation::Flagged;
use crate::domain::register::{Place, SourceSpec};
use crate::domain::verdict::{Reason, Reasons};
use crate::rule::{Batch, Exceptions, Judge, Judgement, KeepFlag, Scratch, Unreadable};
use crate::source::{Part, Receiver, Receivers};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Where an item lies, told by ordinals alone: `item 17`, `file 2, line 40`, `row 8`.
#[must_use]
pub fn place_of(source: &SourceSpec, part_ordinal: u32, place: u64) -> String {
    match source.place {
        Place::Folder { .. } => format!("item {place}"),
        Place::Lists { .. } => format!("file {part_ordinal}, line {place}"),
        Place::Sqlite { .. } | Place::Server { .. } => format!("row {place}"),
    }
}

/// Items in one kind of trouble, and the first of them in the order of parts and places.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    pub(super) items: u64,
    pub(super) first: Option<Example>,
}

/// One item in trouble: where it lies and why.
#[derive(Debug)]
pub(super) struct Example {
    pub(super) part_ordinal: u32,
    pub(super) place: u64,
    pub(super) why: Cow<'static, str>,
}

impl Trouble {
    /// Counts an item.
    pub(super) fn add(&mut self, part_ordinal: u32, place: u64, why: impl FnOnce() -> Cow<'static, str>) {
        self.items += 1;
        if self.first.as_ref().is_none_or(|first| (part_ordinal, place) < (first.part_ordinal, first.place)) {
            self.first = Some(Example { part_ordinal, place, why: why() });
        }
    }

    /// Adds what another thread counted.
    pub(super) fn merge(&mut self, other: Self) {
        if let Some(example) = other.first {
            self.add(example.part_ordinal, example.place, || example.why);
            self.items -= 1;
        }
        self.items += other.items;
    }
}

/// What was counted, over all parts.
#[derive(Debug, Default)]
pub(super) struct Totals {
    pub(super) flagged: BTreeMap<u32, Vec<Flagged>>,
    pub(super) undecidable: u64,
    pub(super) undated: Trouble,
    pub(super) unreadable: Trouble,
    pub(super) earliest_due: BTreeMap<Reason, Instant>,
    /// Of the expired items that no exception covers, those that the product was told to keep.
    pub(super) kept_by_product: u64,
    /// What the rows say of the files that they are reconciled with.
    pub(super) rows: RowCounts,
}

/// Hands out tallies and adds them up.
#[derive(Debug)]
pub(super) struct Tallies<'a> {
    pub(super) judge: &'a Judge<'a>,
    pub(super) identity: &'a Identity,
    pub(super) digest_key: &'a DigestKey,
    pub(super) exceptions: &'a Exceptions,
    pub(super) keep_flag: Option<KeepFlag>,
    /// The files that rows are reconciled with.
    pub(super) files: Option<&'a Reconciliation<'a>>,
    pub(super) totals: Mutex<Totals>,
}

impl Receivers for Tallies<'_> {
    fn open<'a>(&'a self, part: &Part) -> Box<dyn Receiver + 'a> {
        Box::new(Tally {
            all: self,
            part: part.clone(),
            asks_for_clock: self.exceptions.ask_for_clock(),
            scratch: self.judge.scratch(),
            batch: Batch::default(),
            waiting: Waiting::default(),
            identity_bytes: Vec::new(),
            flagged: Vec::new(),
            earliest_due: [None; RETENTION_WITH_DUE.len()],
            kept_by_product: 0,
            undecidable: 0,
            undated: Trouble::default(),
            unreadable: Trouble::default(),
            rows: self.files.map(Rows::new),
        })
    }
}

/// The reasons that come with a due date.
const RETENTION_WITH_DUE: [Reason; 3] = [Reason::Expired, Reason::DueSoon, Reason::MustKeep];

/// Counts on one thread.
struct Tally<'a> {
    all: &'a Tallies<'a>,
    part: Part,
    /// Whether some exception concerns a range of time.
    asks_for_clock: bool,
    scratch: Scratch,
    batch: Batch,
    waiting: Waiting,
    identity_bytes: Vec<u8>,
    flagged: Vec<Flagged>,
    earliest_due: [Option<Instant>; RETENTION_WITH_DUE.len()],
    kept_by_product: u64,
    undecidable: u64,
    undated: Trouble,
    unreadable: Trouble,
    rows: Option<Rows<'a>>,
}

/// What must be kept of items whose judgement waits for the others of its batch.
#[derive(Default)]
struct Waiting {
    /// The identities, one behind the other.
    identities: Vec<u8>,
    /// Per item, where its identity ends, and the rest of what is asked of it.
    items: Vec<(usize, Asked)>,
}

/// What is asked of an item beside its judgement and its identity.
#[derive(Debug, Clone, Copy)]
struct Asked {
    place: u64,
    /// Its clock, where an exception asks for it.
    clock: Option<Instant>,
    /// Whether the product was told to keep it.
    is_kept: bool,
    /// What it says of its file.
    joined: Joined,
}

impl Tally<'_> {
    /// Counts an item whose identity is known.
    fn count(&mut self, judgement: &Judgement, asked: Asked, identity: &[u8]) {
        self.undecidable += u64::from(judgement.undecidable);
        if judgement.reasons.is_empty() {
            return;
        }
        if judgement.reasons.contains(Reason::Undated) {
            let why = judgement.note.map_or("no date", Unreadable::as_str);
            self.undated.add(self.part.ordinal, asked.place, || Cow::Borrowed(why));
        }
        let digest = Digest::of(self.all.digest_key, identity);
        let excepted = self.all.exceptions.covered(digest, asked.clock, judgement.reasons);
        let reasons = judgement.reasons.difference(excepted);
        if let Some(due) = judgement.due {
            for (reason, earliest) in RETENTION_WITH_DUE.iter().zip(&mut self.earliest_due) {
                if reasons.contains(*reason) && earliest.is_none_or(|known| due < known) {
                    *earliest = Some(due);
                }
            }
        }
        self.kept_by_product += u64::from(asked.is_kept && reasons.contains(Reason::Expired));
        self.flagged.push(Flagged { digest, reasons, excepted });
    }

    /// Judges and counts the items that wait.
    fn finish_batch(&mut self) {
        let (mut batch, mut scratch) = (std::mem::take(&mut self.batch), std::mem::take(&mut self.scratch));
        let waiting = std::mem::take(&mut self.waiting);
        let mut begin = 0;
        self.all.judge.finish(&mut batch, &mut scratch, |index, judgement| {
            let (end, asked) = waiting.items[index];
            self.count(&and(judgement, asked.joined), asked, &waiting.identities[begin..end]);
            begin = end;
        });
        (self.batch, self.scratch, self.waiting) = (batch, scratch, waiting);
        self.waiting.identities.clear();
        self.waiting.items.clear();
    }
}

/// A judgement, and what the row says of its file.
fn and(mut judgement: Judgement, joined: Joined) -> Judgement {
    match joined {
        Joined::Well => {}
        Joined::Missing => judgement.reasons.insert(Reason::RowWithoutFile),
        Joined::Undecidable => judgement.undecidable = true,
    }
    judgement
}

impl Receiver for Tally<'_> {
    fn item(&mut self, item: &Item<'_>) {
        let judged = self.all.judge.begin(item, &mut self.scratch, &mut self.batch);
        let joined = self.rows.as_mut().map_or(Joined::Well, |rows| rows.row(self.part.ordinal, item));
        let judged = judged.map(|judgement| and(judgement, joined));
        if judged.is_some_and(|judgement| judgement.reasons.is_empty() && !judgement.undecidable) {
            return;
        }
        let clock = if self.asks_for_clock { self.all.judge.clock(item, &mut self.scratch) } else { None };
        let is_kept = self.all.keep_flag.is_some_and(|flag| flag.is_set(item));
        let asked = Asked { place: item.place, clock, is_kept, joined };
        self.all.identity.write(&self.part.name, item, &mut self.identity_bytes);
        if let Some(judgement) = judged {
            let identity = std::mem::take(&mut self.identity_bytes);
            self.count(&judgement, asked, &identity);
            self.identity_bytes = identity;
            return;
        }
        self.waiting.identities.extend_from_slice(&self.identity_bytes);
        self.waiting.items.push((self.waiting.identities.len(), asked));
        if self.batch.is_full() {
            self.finish_batch();
        }
    }

    fn unreadable(&mut self, place: u64, why: &str) {
        self.undecidable += 1;
        self.unreadable.add(self.part.ordinal, place, || Cow::Owned(why.to_owned()));
        self.all.identity.write_unreadable(&self.part.name, &mut self.identity_bytes);
        let digest = Digest::of(self.all.digest_key, &self.identity_bytes);
        let reasons = [Reason::Unreadable].into_iter().collect::<Reasons>();
        self.flagged.push(Flagged { digest, reasons, excepted: Reasons::NONE });
    }

    fn close(mut self: Box<Self>) {
        self.finish_batch();
        let mut totals = self.all.totals.lock().unwrap_or_else(PoisonError::into_inner);
        let flagged = totals.flagged.entry(self.part.ordinal).or_default();
        if flagged.is_empty() {
            *flagged = self.flagged;
        } else {
            flagged.extend_from_slice(&self.flagged);
        }
        if let Some(rows) = self.rows {
            totals.rows.merge(rows.counts());
        }
        totals.undecidable += self.undecidable;
        totals.kept_by_product += self.kept_by_product;
        totals.undated.merge(self.undated);
        totals.unreadable.merge(self.unreadable);
        for (reason, due) in RETENTION_WITH_DUE.into_iter().zip(self.earliest_due) {
            if let Some(due) = due {
                totals.earliest_due.entry(reason).and_modify(|known| *known = due.min(*known)).or_insert(due);
            }
        }
    }
}
