//! Secrets as a type that never prints itself, and where this process was given its credentials.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The folder that systemd put this process's credentials in.
static CREDENTIALS: OnceLock<PathBuf> = OnceLock::new();

/// Remembers for the rest of the process in which folder its credentials lie. The command line, which alone
/// reads the environment, says it once; what is said later is not heard.
pub fn remember_credentials_directory(folder: &Path) {
    CREDENTIALS.get_or_init(|| folder.to_owned());
}

/// The folder of this process's credentials.
#[must_use]
pub fn credentials_directory() -> Option<&'static Path> {
    CREDENTIALS.get().map(PathBuf::as_path)
}

/// A text that is not shown by `Debug`, and has no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides `text`.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one call that needs it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(..)")
    }
}
