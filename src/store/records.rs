//! Flagged items as bytes: records of 24 bytes, in chunks of at most 8,192.

use super::error::StoreError;
use crate::domain::digest::Digest;
use crate::domain::observation::Flagged;
use crate::domain::verdict::Reasons;

/// How many records a full chunk has.
pub(super) const CHUNK_RECORDS: usize = 8_192;
const RECORD_BYTES: usize = 24;

/// The records of `flagged`.
pub(super) fn encode(flagged: &[Flagged]) -> Vec<u8> {
    let mut records = vec![0; flagged.len() * RECORD_BYTES];
    for (record, flagged) in records.chunks_exact_mut(RECORD_BYTES).zip(flagged) {
        record[..16].copy_from_slice(&flagged.digest.0);
        record[16..20].copy_from_slice(&flagged.reasons.0.to_le_bytes());
        record[20..].copy_from_slice(&flagged.excepted.0.to_le_bytes());
    }
    records
}

/// Adds the items that `records` stand for to `flagged`.
pub(super) fn decode(records: &[u8], flagged: &mut Vec<Flagged>) -> Result<(), StoreError> {
    if !records.len().is_multiple_of(RECORD_BYTES) {
        return Err(StoreError::Damaged("a chunk of flagged items is cut"));
    }
    flagged.extend(records.chunks_exact(RECORD_BYTES).map(|record| {
        let (mut digest, mut reasons, mut excepted) = ([0; 16], [0; 4], [0; 4]);
        digest.copy_from_slice(&record[..16]);
        reasons.copy_from_slice(&record[16..20]);
        excepted.copy_from_slice(&record[20..]);
        let [reasons, excepted] = [reasons, excepted].map(|bits| Reasons(u32::from_le_bytes(bits)));
        Flagged { digest: Digest(digest), reasons, excepted }
    }));
    Ok(())
}

/// The hash by which a whole list is known again.
pub(super) fn content_hash(flagged: &[Flagged]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for chunk in flagged.chunks(CHUNK_RECORDS) {
        hasher.update(&encode(chunk));
    }
    *hasher.finalize().as_bytes()
}
