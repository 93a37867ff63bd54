//! The evidence: what was scanned, found, told, asked and confirmed, as a chain of entries. Each entry's
//! hash covers the one before it and is keyed, so that whoever has the database alone can alter nothing
//! unseen; the head is also kept beside the database and printed in letters, so that nothing can be cut.
//!
//! Bodies hold counts, register names and finding ids: no personal data, and no discovered file name.

mod chain;
mod head;
mod verify;

#[cfg(test)]
mod tests;

pub use chain::{Chain, Entry};
pub use verify::{Verification, verify};

pub(super) use chain::append;
pub(super) use head::{head_line, read as kept_head, settle};
pub(super) use verify::verify_copy;
