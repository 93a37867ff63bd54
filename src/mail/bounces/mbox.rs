//! A mailbox in the mbox format: all messages in one file, each begun by a line `From `. The file is read as a stream:
//! neither a long message nor a long line takes more than the limit. One that is just being added is cut; when it is
//! whole, it is another message, and read again.

use super::{LARGEST_MESSAGE, Sorting, Stamp};
use crate::domain::digest::Digest;
use rustix::fs::{Mode, OFlags, open};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::Path;

/// A file that is not there yet is an empty mailbox: the mail server makes it with the first message.
pub(super) fn stamps(file: &Path) -> io::Result<Vec<Stamp>> {
    match fs::metadata(file) {
        Ok(metadata) if !metadata.is_file() => Err(io::ErrorKind::InvalidInput.into()),
        Ok(metadata) => Ok(vec![Stamp::of(&metadata)]),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Whether all was looked at.
pub(super) fn read(file: &Path, sorting: &mut Sorting<'_>) -> io::Result<bool> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = match open(file, flags, Mode::empty()) {
        Err(rustix::io::Errno::NOENT) => return Ok(true),
        opened => File::from(opened?),
    };
    read_stream(&mut BufReader::with_capacity(64 * 1024, file), sorting)
}

/// A message that is being read: its beginning, and the hash of all of it.
struct Message {
    beginning: Vec<u8>,
    hasher: blake3::Hasher,
    is_empty: bool,
}

fn read_stream(input: &mut impl BufRead, sorting: &mut Sorting<'_>) -> io::Result<bool> {
    let start = |sorting: &Sorting<'_>| Message { beginning: Vec::new(), hasher: sorting.key.hasher(), is_empty: true };
    let mut message: Option<Message> = None;
    let mut after_blank = true;
    let mut line = Vec::new();
    while read_line(input, &mut line)? {
        if after_blank && line.starts_with(b"From ") {
            if let Some(message) = message.take()
                && !finish(&message, sorting)
            {
                return Ok(false);
            }
            message = Some(start(sorting));
            // The line tells when the message came, which tells it from an equal one.
            if let Some(message) = &mut message {
                message.hasher.update(&line);
            }
        } else if let Some(message) = &mut message {
            message.hasher.update(&line);
            message.is_empty = false;
            let quotes = line.iter().take_while(|byte| **byte == b'>').count();
            let unquoted = if quotes > 0 && line[quotes..].starts_with(b"From ") { &line[1..] } else { &line[..] };
            let room = LARGEST_MESSAGE.saturating_sub(message.beginning.len());
            message.beginning.extend_from_slice(&unquoted[..unquoted.len().min(room)]);
        }
        after_blank = matches!(line.as_slice(), b"\n" | b"\r\n");
    }
    Ok(message.is_none_or(|message| finish(&message, sorting)))
}

/// Takes a message in. `false`: it has to wait for the next time.
fn finish(message: &Message, sorting: &mut Sorting<'_>) -> bool {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&message.hasher.finalize().as_bytes()[..16]);
    let digest = Digest(bytes);
    if message.is_empty || !sorting.is_new(digest) {
        return true;
    }
    if sorting.is_full() {
        return false;
    }
    sorting.take(digest, Some(&message.beginning));
    true
}

/// Reads a line with its end, or as much of one as is allowed. `false` at the end of the file.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    loop {
        let available = input.fill_buf()?;
        if available.is_empty() {
            return Ok(!line.is_empty());
        }
        let end = memchr::memchr(b'\n', available);
        let length = end.map_or(available.len(), |end| end + 1).min(LARGEST_MESSAGE - line.len());
        let is_whole = end.is_some_and(|end| end + 1 == length);
        line.extend_from_slice(&available[..length]);
        input.consume(length);
        if is_whole || line.len() == LARGEST_MESSAGE {
            return Ok(true);
        }
    }
}
