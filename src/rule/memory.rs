//! What was made of a text before: lists repeat a few thousand dates and a few purposes over millions of
//! rows. Bounded, and forgotten with the thread that used it.

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

/// What was made of texts before: each has one place, and the newer takes it.
#[derive(Debug)]
pub(super) struct TextMemory<T> {
    /// Empty until the first use.
    entries: Vec<Option<(Box<str>, T)>>,
}

impl<T> Default for TextMemory<T> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<T> TextMemory<T> {
    const PLACES: usize = 256;

    /// What was made of a text; made now where it is not remembered.
    pub(super) fn get(&mut self, text: &str, make: impl FnOnce() -> T) -> &T {
        if self.entries.is_empty() {
            self.entries.resize_with(Self::PLACES, || None);
        }
        let entry = &mut self.entries[place(text.as_bytes(), 0) % Self::PLACES];
        if entry.as_ref().is_none_or(|(known, _)| **known != *text) {
            *entry = None;
        }
        &entry.get_or_insert_with(|| (text.into(), make())).1
    }
}

/// What follows from a few thousand days or instants; each has one place, and the newer takes it.
#[derive(Debug)]
pub(super) struct PlaceMemory<K, V> {
    /// Empty until the first use.
    entries: Vec<Option<(K, V)>>,
}

impl<K, V> Default for PlaceMemory<K, V> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<K: Copy + Eq, V: Copy> PlaceMemory<K, V> {
    const PLACES: usize = 2_048;

    /// What follows from `key`, computed only where it is not remembered. `place` is any number that
    /// follows from the key.
    pub(super) fn get(&mut self, key: K, place: usize, compute: impl FnOnce() -> V) -> V {
        if self.entries.is_empty() {
            self.entries = vec![None; Self::PLACES];
        }
        let entry = &mut self.entries[place % Self::PLACES];
        match entry {
            Some((known, value)) if *known == key => *value,
            _ => {
                let value = compute();
                *entry = Some((key, value));
                value
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::register::{DateFormat, FieldSpec};
    use crate::rule::Zone;
    use crate::rule::fixture::{field, zone};
    use std::sync::Arc;

    #[test]
    fn a_text_is_never_taken_for_another() {
        let mut memory = TextMemory::default();
        for round in 0..3 {
            for number in 0..2_000 {
                let text = format!("text {number}");
                assert_eq!(
                    memory.get(&text, || text.len() * 10_000 + number),
                    &(text.len() * 10_000 + number),
                    "{round}"
                );
            }
        }
        assert_eq!(memory.get("", || 7), &7);
        assert_eq!(memory.get("", || 8), &7, "remembered");
    }

    #[test]
    fn what_follows_from_one_key_is_never_taken_for_another() {
        let mut memory = PlaceMemory::default();
        for key in (0..9_000_usize).chain(0..9_000) {
            assert_eq!(memory.get((1, key), key, || key * 3), key * 3);
            assert_eq!(memory.get((2, key), key, || key * 5), key * 5);
        }
        assert_eq!(memory.get((3, 1), 1, || 7), 7);
        assert_eq!(memory.get((3, 1), 1, || 8), 7, "remembered");
    }

    #[test]
    fn remembered_readings_are_those_that_were_read() {
        let tokyo = Arc::new(Zone::new(&zone("Asia/Tokyo")));
        let japanese = FieldSpec { formats: vec![DateFormat::Japanese], ..field("at") };
        let pattern = FieldSpec { formats: vec![DateFormat::Pattern("%Y.%m.%d %p".to_owned())], ..field("at") };
        let readers = [ClockReader::new(&japanese, &tokyo), ClockReader::new(&pattern, &tokyo)];
        let mut memory = ReadingMemory::default();
        for day in (0..9_000).chain(0..9_000) {
            let text = format!("{}.{}.{}", 2000 + day / 400, 1 + day / 31 % 13, 1 + day % 31);
            for (place, reader) in readers.iter().enumerate() {
                let value = Value::Text(&text);
                assert_eq!(memory.read(reader, &value, place), reader.read(&value), "{text}");
            }
        }
    }
}
