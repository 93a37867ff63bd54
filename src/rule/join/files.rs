//! A set of files in bounded memory: a keyed hash of eight bytes for each, and a bit that says whether some row
//! names it. No path is kept.

use rayon::slice::ParallelSliceMut as _;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many hashes share one place of the directory, about.
const HASHES_PER_PLACE: usize = 8;

/// The files of one walk.
#[derive(Debug, Default)]
pub struct FileSet {
    /// Sorted, each once.
    hashes: Vec<u64>,
    /// Where the hashes with each value of the highest bits begin, and at last where they end.
    starts: Vec<usize>,
    /// How far a hash is shifted for its place in `starts`.
    shift: u32,
    /// One bit for each hash.
    named: Vec<AtomicU64>,
}

impl FileSet {
    /// The set of these hashes, which several threads gathered in pieces. Hashes spread evenly.
    #[must_use]
    pub fn new(pieces: Vec<Vec<u64>>) -> Self {
        let mut hashes = Vec::with_capacity(pieces.iter().map(Vec::len).sum());
        // Each piece is given back before the next one is copied.
        for piece in pieces {
            hashes.extend_from_slice(&piece);
        }
        hashes.par_sort_unstable();
        hashes.dedup();
        let bits = (hashes.len() / HASHES_PER_PLACE).max(2).ilog2();
        let shift = u64::BITS - bits;
        let mut starts = Vec::with_capacity((1 << bits) + 1);
        for (index, hash) in hashes.iter().enumerate() {
            let place = place_of(*hash, shift);
            while starts.len() <= place {
                starts.push(index);
            }
        }
        starts.resize((1 << bits) + 1, hashes.len());
        let named = (0..hashes.len().div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
        Self { hashes, starts, shift, named }
    }

    /// How many files there are, those with the same hash once.
    #[must_use]
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether there is no file.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// Notes that a row names the file with this hash; `false` where there is none.
    #[must_use]
    pub fn name(&self, hash: u64) -> bool {
        let Some(index) = self.index(hash) else { return false };
        let (word, bit) = (&self.named[index / 64], 1 << (index % 64));
        // Most writes change nothing: several rows may name one file.
        if word.load(Ordering::Relaxed) & bit == 0 {
            word.fetch_or(bit, Ordering::Relaxed);
        }
        true
    }

    /// Whether there is a file with this hash, and no row names it.
    #[must_use]
    pub fn is_unnamed(&self, hash: u64) -> bool {
        self.index(hash).is_some_and(|index| self.named[index / 64].load(Ordering::Relaxed) >> (index % 64) & 1 == 0)
    }

    /// How many files no row names.
    #[must_use]
    pub fn unnamed(&self) -> usize {
        let named: u32 = self.named.iter().map(|word| word.load(Ordering::Relaxed).count_ones()).sum();
        self.hashes.len() - named as usize
    }

    fn index(&self, hash: u64) -> Option<usize> {
        let place = place_of(hash, self.shift);
        let (&begin, &end) = (self.starts.get(place)?, self.starts.get(place + 1)?);
        let found = self.hashes.get(begin..end)?.binary_search(&hash).ok()?;
        Some(begin + found)
    }
}

/// The highest bits of a hash.
fn place_of(hash: u64, shift: u32) -> usize {
    usize::try_from(hash >> shift).unwrap_or(usize::MAX)
}
