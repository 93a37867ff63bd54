//! The one file of this layer that reads the disk: texts of the configuration, and secrets.

use super::settings::SecretSource;
use crate::secret::Secret;
use std::path::{Path, PathBuf};

/// Why a secret could not be read. No secret is ever part of the text.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Credentials come from systemd, which did not start this process.
    #[error("there is no credential `{0}`: this process was not given a credentials directory")]
    NoCredentials(String),
    /// The file cannot be read.
    #[error("the secret in `{path}` cannot be read")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file holds nothing.
    #[error("the secret in `{0}` is empty")]
    Empty(PathBuf),
}

impl SecretSource {
    /// Reads the secret; one line end at its end is not part of it. `credentials_directory` is what systemd
    /// names in `CREDENTIALS_DIRECTORY`.
    ///
    /// # Errors
    /// [`SecretError`] when there is no such secret, or an empty one.
    pub fn read(&self, credentials_directory: Option<&Path>) -> Result<Secret, SecretError> {
        let path = match self {
            Self::File(path) => path.clone(),
            Self::Credential(name) => {
                credentials_directory.ok_or_else(|| SecretError::NoCredentials(name.clone()))?.join(name)
            }
        };
        let text =
            std::fs::read_to_string(&path).map_err(|source| SecretError::Unreadable { path: path.clone(), source })?;
        let text = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
        if text.is_empty() { Err(SecretError::Empty(path)) } else { Ok(Secret::new(text)) }
    }
}
