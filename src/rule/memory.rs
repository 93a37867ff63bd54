//! What dates were read before: lists repeat a few thousand dates over millions of rows, and the slower
//! formats are worth remembering. Bounded, and forgotten with the thread that used it.

use super::reading::{ClockReader, ClockReading};
use crate::domain::item::Value;

/// Places for remembered texts; a text has one place, and the newer takes it.
const PLACES: usize = 4_096;
/// Longer texts are read anew.
const LONGEST_BYTES: usize = 31;

/// Remembered readings.
#[derive(Debug, Default)]
pub(super) struct ReadingMemory {
    /// Empty until the first use.
    entries: Vec<Entry>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    field: usize,
    length: u8,
    text: [u8; LONGEST_BYTES],
    reading: ClockReading,
}

impl ReadingMemory {
    /// Reads a value, or remembers it; `field` is the field that the reader is for.
    pub(super) fn read(&mut self, reader: &ClockReader, value: &Value<'_>, field: usize) -> ClockReading {
        match value {
            Value::Text(text) if text.len() <= LONGEST_BYTES && reader.is_slow() => {
                self.remember(reader, text, value, field)
            }
            _ => reader.read(value),
        }
    }

    fn remember(&mut self, reader: &ClockReader, text: &str, value: &Value<'_>, field: usize) -> ClockReading {
        if self.entries.is_empty() {
            let none = Entry { field: usize::MAX, length: 0, text: [0; LONGEST_BYTES], reading: ClockReading::Running };
            self.entries = vec![none; PLACES];
        }
        let bytes = text.as_bytes();
        let entry = &mut self.entries[place(bytes, field)];
        if entry.field == field && &entry.text[..usize::from(entry.length)] == bytes {
            return entry.reading;
        }
        let reading = reader.read(value);
        entry.field = field;
        entry.length = u8::try_from(bytes.len()).unwrap_or(0);
        entry.text[..bytes.len()].copy_from_slice(bytes);
        entry.reading = reading;
        reading
    }
}

/// A quick hash. Whoever makes texts collide makes them be read anew, and nothing worse.
fn place(bytes: &[u8], field: usize) -> usize {
    const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut hash = field as u64;
    for chunk in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        hash = (hash.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(MULTIPLIER);
    }
    (hash >> 52) as usize % PLACES
}
