//! `purposed evidence verify`: whether the history is as it was written.

use super::session::{digest_key, load};
use super::{AppError, Environment};
use crate::store::evidence::{self, Verification};
use std::path::Path;

/// What the verification came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EvidenceAnswer {
    /// Every entry is there as it was written.
    Intact {
        /// How many entries there are.
        length: u64,
        /// The hash of the last one, in hexadecimal digits.
        head: String,
    },
    /// Something was changed or cut.
    Altered {
        /// The first entry that does not fit.
        at: u64,
        /// What does not fit.
        why: String,
    },
}

/// Verifies the evidence; `head` is `N:HASH` as letters print it.
///
/// # Errors
/// [`AppError`] when the verification could not run.
pub fn verify(config_file: &Path, head: Option<&str>, environment: &Environment) -> Result<EvidenceAnswer, AppError> {
    let loaded = load(config_file)?;
    let expected = head.map(parse_head).transpose()?;
    let key = digest_key(&loaded, environment)?;
    Ok(
        match evidence::verify(
            &loaded.settings.state,
            &key,
            expected.as_ref().map(|(length, hash)| (*length, hash.as_str())),
        )? {
            Verification::Intact { length, head } => EvidenceAnswer::Intact { length, head },
            Verification::Altered { at, why } => EvidenceAnswer::Altered { at, why },
        },
    )
}

/// Reads `N:HASH`.
fn parse_head(text: &str) -> Result<(u64, String), AppError> {
    text.split_once(':')
        .and_then(|(number, hash)| Some((number.parse().ok()?, hash.to_lowercase())))
        .filter(|(_, hash)| !hash.is_empty() && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .ok_or_else(|| AppError::Argument(format!("`{text}` is not a head; write it as letters print it: `N:HASH`")))
}
