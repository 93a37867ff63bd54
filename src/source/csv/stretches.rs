//! Cuts a file into stretches of whole records, one after another, so that threads can read them side by
//! side. Cutting is quick; it supposes that quotes are in pairs, which the reading of a stretch verifies.
//! It never holds more than a stretch, nor a record of more than [`LARGEST_RECORD_BYTES`].

use super::encoding::{self, FileEncoding};
use super::records::{exact_boundary, likely_boundary};
use super::structure::tally;
use encoding_rs::Decoder;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// A record that is larger is not read.
pub const LARGEST_RECORD_BYTES: usize = 16 << 20;

/// Where reading can start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The offset in bytes. Of no meaning in UTF-16, where there is no going back.
    pub offset: u64,
    /// The line.
    pub line: u64,
}

/// A stretch of whole records.
#[derive(Debug, Clone, Copy)]
pub struct Stretch {
    /// Its ordinal, from 0.
    pub ordinal: u64,
    /// Where it starts.
    pub start: Position,
    /// How many bytes of the buffer belong to it.
    pub length: usize,
    /// Whether the bytes must be converted from CP932 first.
    pub is_cp932: bool,
    /// Whether the file ends with it.
    pub is_last: bool,
}

/// Why no stretch could be cut.
#[derive(Debug)]
pub enum CutError {
    /// The file cannot be read.
    Read(io::Error),
    /// A record is larger than can be read.
    HugeRecord {
        /// The line on which it starts.
        line: u64,
    },
}

/// The file, up to where it was cut.
pub struct Stretches<'f> {
    file: &'f File,
    encoding: FileEncoding,
    delimiter: u8,
    stretch_bytes: usize,
    position: Position,
    next_ordinal: u64,
    is_exact: bool,
    is_finished: bool,
    utf16: Option<Utf16>,
}

struct Utf16 {
    decoder: Decoder,
    /// Text that was converted but not cut yet.
    pending: Vec<u8>,
    /// Where the next bytes are.
    offset: u64,
    has_ended: bool,
}

impl<'f> Stretches<'f> {
    /// A file in this encoding, from behind its byte order mark.
    #[must_use]
    pub fn new(file: &'f File, encoding: FileEncoding, mark_bytes: u64, stretch_bytes: usize) -> Self {
        let utf16 = match encoding {
            FileEncoding::Utf16 { big_endian } => Some(Utf16 {
                decoder: encoding::utf16_decoder(big_endian),
                pending: Vec::new(),
                offset: mark_bytes,
                has_ended: false,
            }),
            _ => None,
        };
        Self {
            file,
            encoding,
            delimiter: b',',
            stretch_bytes,
            position: Position { offset: mark_bytes, line: 1 },
            next_ordinal: 0,
            is_exact: utf16.is_some(),
            is_finished: false,
            utf16,
        }
    }

    /// The encoding, as far as it is decided.
    #[must_use]
    pub const fn encoding(&self) -> FileEncoding {
        self.encoding
    }

    /// Why the file was certainly not written to its end, if that shows.
    #[must_use]
    pub fn torn(&self, size_bytes: u64) -> Option<&'static str> {
        let mut tail = [0; encoding::TAIL_BYTES];
        let offset = size_bytes.saturating_sub(tail.len() as u64);
        let length = read_fully(self.file, &mut tail, offset).ok()?;
        encoding::torn(self.encoding, &tail[..length])
    }

    /// Sets the delimiter.
    pub const fn set_delimiter(&mut self, delimiter: u8) {
        self.delimiter = delimiter;
    }

    /// Starts again from a position, this time looking at every quote.
    pub const fn restart_exactly(&mut self, position: Position) {
        self.position = position;
        self.is_exact = true;
        self.is_finished = false;
        self.next_ordinal = 0;
    }

    /// Fills the buffer from where the file was cut last, without cutting. Returns how many bytes there
    /// are and whether the file ends with them. Decides the encoding if it can.
    pub fn peek(&mut self, buffer: &mut Vec<u8>, at_least: usize) -> io::Result<(usize, bool)> {
        let (length, is_end) = self.fill(buffer, at_least)?;
        self.decide_encoding(!buffer[..length].is_ascii())?;
        Ok((length, is_end))
    }

    /// Cuts off bytes that were peeked at.
    pub fn pass(&mut self, buffer: &[u8], bytes: usize, next_line: u64) {
        if let Some(utf16) = &mut self.utf16 {
            utf16.pending = buffer[bytes..].to_vec();
        }
        self.position = Position { offset: self.position.offset + bytes as u64, line: next_line };
    }

    /// Cuts the next stretch; its bytes are in the buffer.
    pub fn cut(&mut self, buffer: &mut Vec<u8>) -> Result<Option<Stretch>, CutError> {
        if self.is_finished {
            return Ok(None);
        }
        let mut size = self.stretch_bytes;
        loop {
            let (length, is_end) = self.fill(buffer, size).map_err(CutError::Read)?;
            let bytes = &buffer[..length];
            let counts = tally(bytes);
            self.decide_encoding(counts.has_foreign).map_err(CutError::Read)?;
            let boundary = if is_end { Some(length) } else { self.boundary(bytes, counts.quotes) };
            if let Some(boundary) = boundary {
                let lines = counts.lines - tally(&bytes[boundary..]).lines;
                let stretch = Stretch {
                    ordinal: self.next_ordinal,
                    start: self.position,
                    length: boundary,
                    is_cp932: self.encoding == FileEncoding::Cp932 && counts.has_foreign,
                    is_last: is_end,
                };
                self.next_ordinal += 1;
                self.is_finished = is_end;
                self.pass(&buffer[..length], boundary, self.position.line + lines);
                return Ok(Some(stretch));
            }
            self.pass(&buffer[..length], 0, self.position.line);
            if size >= LARGEST_RECORD_BYTES {
                self.is_finished = true;
                return Err(CutError::HugeRecord { line: self.position.line });
            }
            size = (size * 2).min(LARGEST_RECORD_BYTES);
        }
    }

    fn boundary(&mut self, bytes: &[u8], quotes: u64) -> Option<usize> {
        if !self.is_exact {
            let likely = likely_boundary(bytes, quotes);
            if likely.is_some() {
                return likely;
            }
            self.is_exact = true;
        }
        exact_boundary(bytes, self.delimiter)
    }

    fn decide_encoding(&mut self, has_foreign: bool) -> io::Result<()> {
        if has_foreign && self.encoding == FileEncoding::Undecided {
            let read_at = |offset, block: &mut [u8]| read_fully(self.file, block, offset);
            self.encoding = encoding::detect(&read_at, self.position.offset)?;
        }
        Ok(())
    }

    fn fill(&mut self, buffer: &mut Vec<u8>, size: usize) -> io::Result<(usize, bool)> {
        if let Some(utf16) = &mut self.utf16 {
            return utf16.fill(self.file, buffer, size);
        }
        if buffer.len() < size {
            buffer.resize(size, 0);
        }
        let length = read_fully(self.file, &mut buffer[..size], self.position.offset)?;
        Ok((length, length < size))
    }
}

impl Utf16 {
    fn fill(&mut self, file: &File, buffer: &mut Vec<u8>, size: usize) -> io::Result<(usize, bool)> {
        buffer.clear();
        buffer.append(&mut self.pending);
        let mut raw = vec![0; size];
        while buffer.len() < size && !self.has_ended {
            let length = read_fully(file, &mut raw, self.offset)?;
            self.has_ended = length < raw.len();
            encoding::convert(&mut self.decoder, &raw[..length], buffer, self.has_ended);
            self.offset += length as u64;
        }
        Ok((buffer.len(), self.has_ended))
    }
}

/// Reads until the buffer is full or the file ends.
pub fn read_fully(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match file.read_at(&mut buffer[length..], offset + length as u64) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(problem) if problem.kind() == io::ErrorKind::Interrupted => {}
            Err(problem) => return Err(problem),
        }
    }
    Ok(length)
}
