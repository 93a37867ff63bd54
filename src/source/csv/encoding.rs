//! Encodings of list files: which one it is, and the way to UTF-8. Bytes that are no text become 0xFF,
//! which never occurs in UTF-8, so that only their row is unreadable.

use super::records::whole_lines;
use crate::domain::register::ListEncoding;
use encoding_rs::{Decoder, DecoderResult, SHIFT_JIS, UTF_16BE, UTF_16LE};
use std::io;

/// The encoding of one file, as far as splitting it is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileEncoding {
    /// Only ASCII so far; what it is shows later, if ever.
    Undecided,
    /// UTF-8.
    Utf8,
    /// Windows-31J. Its structural bytes are those of ASCII, so it is split first and converted after.
    Cp932,
    /// UTF-16, converted before it is split.
    Utf16 {
        /// Whether the high byte comes first.
        big_endian: bool,
    },
}

/// What the first bytes and the register say, and how long the byte order mark is. A mark wins over what
/// is declared.
#[must_use]
pub fn begin(first: &[u8], declared: Option<ListEncoding>) -> (FileEncoding, usize) {
    if first.starts_with(b"\xef\xbb\xbf") {
        return (FileEncoding::Utf8, 3);
    }
    if first.starts_with(b"\xff\xfe") {
        return (FileEncoding::Utf16 { big_endian: false }, 2);
    }
    if first.starts_with(b"\xfe\xff") {
        return (FileEncoding::Utf16 { big_endian: true }, 2);
    }
    let encoding = match declared {
        None => FileEncoding::Undecided,
        Some(ListEncoding::Utf8) => FileEncoding::Utf8,
        Some(ListEncoding::Cp932) => FileEncoding::Cp932,
        Some(ListEncoding::Utf16) => FileEncoding::Utf16 { big_endian: false },
    };
    (encoding, 0)
}

/// How much of a file's end [`torn`] looks at.
pub const TAIL_BYTES: usize = 8;

/// Why a file that ends in these bytes was certainly not written to its end, if that shows.
#[must_use]
pub fn torn(encoding: FileEncoding, tail: &[u8]) -> Option<&'static str> {
    if matches!(encoding, FileEncoding::Utf16 { .. }) {
        return None;
    }
    if tail.last() == Some(&0) {
        return Some("it ends in NUL bytes: it was not written to its end");
    }
    // The tail itself may begin within a character.
    let start = tail.iter().position(|byte| byte & 0b1100_0000 != 0b1000_0000).unwrap_or(tail.len());
    let is_cut = std::str::from_utf8(&tail[start..]).is_err_and(|error| error.error_len().is_none());
    (is_cut && encoding != FileEncoding::Cp932)
        .then_some("it ends in the middle of a character: it was not written to its end")
}

/// How much evidence is enough, and how far it is looked for.
const ENOUGH_FOREIGN_BYTES: u64 = 256 * 1024;
const FARTHEST_BYTES: u64 = 64 << 20;
const BLOCK_BYTES: usize = 256 * 1024;

/// Decides between UTF-8 and CP932 by the lines with bytes outside ASCII, from `offset` on.
pub fn detect(read_at: &dyn Fn(u64, &mut [u8]) -> io::Result<usize>, offset: u64) -> io::Result<FileEncoding> {
    let mut block = vec![0; BLOCK_BYTES];
    let mut evidence = Evidence::default();
    let mut at = offset;
    while evidence.foreign_bytes < ENOUGH_FOREIGN_BYTES && at - offset < FARTHEST_BYTES {
        let length = read_at(at, &mut block)?;
        let is_end = length < block.len();
        let bytes = if is_end { &block[..length] } else { whole_lines(&block[..length]) };
        evidence.add(bytes);
        if is_end {
            break;
        }
        at += bytes.len() as u64;
    }
    Ok(evidence.verdict())
}

/// How the bytes outside ASCII look.
#[derive(Debug, Default)]
struct Evidence {
    foreign_bytes: u64,
    /// Stretches of three or four bytes that UTF-8 has a character for.
    long_characters: u64,
    /// Stretches of two bytes, which half-width kana of CP932 imitate easily.
    short_characters: u64,
    /// Places where UTF-8 has none.
    broken_utf8: u64,
    /// Lines that CP932 cannot read.
    broken_cp932: u64,
}

impl Evidence {
    /// Adds what the lines of `bytes` show. A character that is cut off at the very end proves nothing.
    fn add(&mut self, bytes: &[u8]) {
        let mut lines = bytes.split(|&byte| byte == b'\n' || byte == b'\r').peekable();
        while let Some(line) = lines.next() {
            if line.is_ascii() {
                continue;
            }
            self.foreign_bytes += line.iter().filter(|byte| !byte.is_ascii()).count() as u64;
            for chunk in line.utf8_chunks() {
                for character in chunk.valid().chars() {
                    self.long_characters += u64::from(character.len_utf8() > 2);
                    self.short_characters += u64::from(character.len_utf8() == 2);
                }
                let is_last = lines.peek().is_none() && line.ends_with(chunk.invalid());
                let is_cut =
                    is_last && std::str::from_utf8(chunk.invalid()).is_err_and(|error| error.error_len().is_none());
                self.broken_utf8 += u64::from(!chunk.invalid().is_empty() && !is_cut);
            }
            let (_, had_errors) = SHIFT_JIS.decode_without_bom_handling(line);
            self.broken_cp932 += u64::from(had_errors);
        }
    }

    /// Valid UTF-8 wins. Else, with broken places, whichever explains more.
    const fn verdict(&self) -> FileEncoding {
        let is_utf8 = if self.broken_utf8 == 0 {
            true
        } else if self.broken_cp932 == 0 {
            self.long_characters > 8 * self.broken_utf8
        } else {
            self.long_characters + self.short_characters >= self.broken_utf8
        };
        if self.foreign_bytes == 0 {
            FileEncoding::Undecided
        } else if is_utf8 {
            FileEncoding::Utf8
        } else {
            FileEncoding::Cp932
        }
    }
}

/// Converts a stretch of whole records from CP932.
pub fn from_cp932(bytes: &[u8], text: &mut Vec<u8>) {
    text.clear();
    convert(&mut SHIFT_JIS.new_decoder_without_bom_handling(), bytes, text, true);
}

/// A converter from UTF-16.
#[must_use]
pub fn utf16_decoder(big_endian: bool) -> Decoder {
    (if big_endian { UTF_16BE } else { UTF_16LE }).new_decoder_without_bom_handling()
}

/// Converts the next bytes of a stream and puts the text behind what is already there.
pub fn convert(decoder: &mut Decoder, mut bytes: &[u8], text: &mut Vec<u8>, is_last: bool) {
    loop {
        let written = text.len();
        // Two bytes mostly become three; where that is too little, there is another turn.
        text.resize(written + bytes.len() + bytes.len() / 2 + 16, 0);
        let (result, read, added) = decoder.decode_to_utf8_without_replacement(bytes, &mut text[written..], is_last);
        text.truncate(written + added);
        bytes = &bytes[read..];
        match result {
            DecoderResult::InputEmpty => return,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => text.push(0xff),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detected(bytes: &[u8]) -> FileEncoding {
        let read = |at: u64, block: &mut [u8]| {
            let rest = &bytes[usize::try_from(at).unwrap().min(bytes.len())..];
            let length = rest.len().min(block.len());
            block[..length].copy_from_slice(&rest[..length]);
            Ok(length)
        };
        detect(&read, 0).unwrap()
    }

    fn cp932(text: &str) -> Vec<u8> {
        SHIFT_JIS.encode(text).0.into_owned()
    }

    #[test]
    fn valid_utf8_wins_and_anything_else_japanese_is_cp932() {
        assert_eq!(detected("氏名,髙橋①㈱\n".as_bytes()), FileEncoding::Utf8);
        assert_eq!(detected(&cp932("氏名,髙橋①㈱\n")), FileEncoding::Cp932);
        assert_eq!(detected(&cp932("ﾃｽﾄ,ﾔﾏﾀﾞ ﾀﾛｳ\nﾃﾞﾝﾜ\n")), FileEncoding::Cp932);
        assert_eq!(detected(b"ascii\n"), FileEncoding::Undecided);
        assert_eq!(detected("é\n".as_bytes()), FileEncoding::Utf8);
    }

    #[test]
    fn a_broken_row_does_not_turn_a_file_into_another_encoding() {
        let mut bytes = "番号,氏名\n1,山田太郎\n2,鈴木花子\n".as_bytes().to_vec();
        bytes.extend_from_slice(b"3,\xff\xfe\n");
        assert_eq!(detected(&bytes), FileEncoding::Utf8);
        let mut bytes = cp932("番号,氏名\n1,山田太郎\n2,鈴木花子\n");
        bytes.extend_from_slice(b"3,\xff\n");
        assert_eq!(detected(&bytes), FileEncoding::Cp932);
    }

    #[test]
    fn a_character_cut_by_the_end_of_a_block_is_no_fault() {
        let bytes = "あ".repeat(BLOCK_BYTES);
        assert_eq!(detected(bytes.as_bytes()), FileEncoding::Utf8);
    }

    #[test]
    fn broken_characters_become_a_byte_that_is_no_text() {
        let mut text = Vec::new();
        from_cp932(b"\x8e\x81\x96\xbc,\xe9,\xff,a", &mut text);
        assert_eq!(text, ["氏名,".as_bytes(), b"\xff,\xff,a"].concat());
        let mut decoder = utf16_decoder(false);
        let mut text = Vec::new();
        convert(&mut decoder, b"a\0\x42\x30\0", &mut text, false);
        convert(&mut decoder, b"\xd8b\0", &mut text, true);
        assert_eq!(text, ["aあ".as_bytes(), b"\xffb"].concat());
    }
}
