//! Finds the bytes that give a CSV file its structure (delimiter, quote, carriage return, line feed), 64
//! bytes at a time, in plain code that compilers turn into vector instructions. Also counts what must be
//! known of a stretch before it is read.

const BLOCK: usize = 64;

/// The positions of structural bytes, in order.
#[derive(Debug)]
pub struct Structure<'t> {
    bytes: &'t [u8],
    delimiter: u8,
    /// Where the block of `mask` starts.
    block_start: usize,
    /// The structural bytes of the block that were not handed out yet.
    mask: u64,
    /// Where the next block starts.
    next_block: usize,
}

impl<'t> Structure<'t> {
    /// The structural bytes of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'t [u8], delimiter: u8) -> Self {
        Self { bytes, delimiter, block_start: 0, mask: 0, next_block: 0 }
    }

    /// The position of the next structural byte.
    #[inline]
    pub fn next_position(&mut self) -> Option<usize> {
        while self.mask == 0 {
            let rest = self.bytes.get(self.next_block..)?;
            self.mask = if let Some(block) = rest.first_chunk::<BLOCK>() {
                structural_bits(block, self.delimiter)
            } else {
                if rest.is_empty() {
                    return None;
                }
                let mut block = [0; BLOCK];
                block[..rest.len()].copy_from_slice(rest);
                structural_bits(&block, self.delimiter)
            };
            self.block_start = self.next_block;
            self.next_block += BLOCK;
        }
        let position = self.block_start + self.mask.trailing_zeros() as usize;
        self.mask &= self.mask - 1;
        Some(position)
    }
}

/// One bit per structural byte of the block.
#[inline]
fn structural_bits(block: &[u8; BLOCK], delimiter: u8) -> u64 {
    let mut marks = [0_u8; BLOCK];
    for (mark, &byte) in marks.iter_mut().zip(block) {
        *mark =
            u8::from(byte == delimiter) | u8::from(byte == b'\n') | u8::from(byte == b'"') | u8::from(byte == b'\r');
    }
    let mut bits = 0;
    for (index, eight) in marks.as_chunks::<8>().0.iter().enumerate() {
        // Gathers the lowest bits of eight bytes into the highest byte.
        let gathered = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        bits |= gathered << (8 * index);
    }
    bits
}

/// What a stretch of a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// How many quotes.
    pub quotes: u64,
    /// How many line ends: LF, CR LF, or CR alone (one at the very end included).
    pub lines: u64,
    /// Whether it has bytes outside ASCII.
    pub has_foreign: bool,
}

/// Counts in one pass.
#[must_use]
pub fn tally(bytes: &[u8]) -> Tally {
    const LANES: usize = 32;
    let mut total = Tally::default();
    // Blocks short enough for counts of a byte each.
    for start in (0..bytes.len()).step_by(LANES * 255) {
        let block = &bytes[start..bytes.len().min(start + LANES * 255)];
        let following = &bytes[start + 1..bytes.len().min(start + 1 + block.len())];
        let (mut quotes, mut ends, mut foreign) = ([0_u8; LANES], [0_u8; LANES], [0_u8; LANES]);
        let (now, next) = (block.as_chunks::<LANES>().0, following.as_chunks::<LANES>().0);
        for (now, next) in now.iter().zip(next) {
            for lane in 0..LANES {
                quotes[lane] += u8::from(now[lane] == b'"');
                ends[lane] +=
                    u8::from(now[lane] == b'\n') | (u8::from(now[lane] == b'\r') & u8::from(next[lane] != b'\n'));
                foreign[lane] |= now[lane];
            }
        }
        total.quotes += quotes.iter().map(|&count| u64::from(count)).sum::<u64>();
        total.lines += ends.iter().map(|&count| u64::from(count)).sum::<u64>();
        total.has_foreign |= foreign.iter().any(|&byte| byte >= 0x80);
        let counted = now.len().min(next.len()) * LANES;
        for (index, &byte) in block.iter().enumerate().skip(counted) {
            total.quotes += u64::from(byte == b'"');
            total.lines += u64::from(byte == b'\n' || byte == b'\r' && following.get(index) != Some(&b'\n'));
            total.has_foreign |= byte >= 0x80;
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn naive_tally(bytes: &[u8]) -> Tally {
        let mut tally = Tally::default();
        for (index, &byte) in bytes.iter().enumerate() {
            tally.quotes += u64::from(byte == b'"');
            tally.lines += u64::from(byte == b'\n' || (byte == b'\r' && bytes.get(index + 1) != Some(&b'\n')));
            tally.has_foreign |= !byte.is_ascii();
        }
        tally
    }

    proptest! {
        #[test]
        fn finds_what_a_plain_loop_finds(text in "[a,\"\r\n;é]{0,300}") {
            let mut structure = Structure::new(text.as_bytes(), b',');
            let found: Vec<usize> = std::iter::from_fn(|| structure.next_position()).collect();
            let expected: Vec<usize> = text.bytes().enumerate().filter(|(_, byte)| b",\"\r\n".contains(byte)).map(|(at, _)| at).collect();
            prop_assert_eq!(found, expected);
            prop_assert_eq!(tally(text.as_bytes()), naive_tally(text.as_bytes()));
        }
    }

    #[test]
    fn long_stretches_do_not_overflow_the_lanes() {
        let bytes = b"\"\r\n".repeat(30_000);
        assert_eq!(tally(&bytes), naive_tally(&bytes));
        let bytes = b"\"".repeat(32 * 255 * 3 + 17);
        assert_eq!(tally(&bytes), naive_tally(&bytes));
        assert_eq!(tally(&b"\r".repeat(32 * 255 + 1)), naive_tally(&b"\r".repeat(32 * 255 + 1)));
    }
}
