//! `purposed evidence verify`: whether the history is as it was written.

use super::session::{digest_key, load};
use super::{AppError, Environment};
use crate::store::evidence::{self, Verification};
use std::path::Path;

/// Verifies the evidence; `head` is `N:HASH` as letters print it.
///
/// # Errors
/// [`AppError`] when the verification could not run.
pub fn verify(config_file: &Path, head: Option<&str>, environment: &Environment) -> Result<Verification, AppError> {
    let loaded = load(config_file)?;
    let expected = head.map(parse_head).transpose()?;
    let key = digest_key(&loaded, environment)?;
    let expected = expected.as_ref().map(|(length, hash)| (*length, hash.as_str()));
    Ok(evidence::verify(&loaded.settings.state, &key, expected)?)
}

/// Reads `N:HASH`.
fn parse_head(text: &str) -> Result<(u64, String), AppError> {
    text.split_once(':')
        .and_then(|(number, hash)| Some((number.parse().ok()?, hash.to_lowercase())))
        .filter(|(_, hash)| !hash.is_empty() && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .ok_or_else(|| AppError::Argument(format!("`{text}` is not a head; write it as letters print it: `N:HASH`")))
}
