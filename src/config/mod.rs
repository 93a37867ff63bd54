//! The configuration: TOML text becomes [`Settings`] (this server) and a
//! [`Register`] (what the organisation declares), with every problem of every file reported at once and in
//! its place. What the register means is the business of `domain` and `rule`; nothing scanned is read here.

pub mod draft;
mod file;
mod holidays;
mod load;
mod lower;
mod origin;
mod parse;
mod pattern;
pub mod preset;
mod problem;
mod read;
mod reference;
mod report;
mod schema;
mod settings;
mod statements;
mod suggest;
#[cfg(test)]
mod tests;
mod text;
mod tree;
mod wording;

pub use lower::{Connection, ConnectionPlace};
pub use origin::{OriginLine, origin};
pub use problem::ConfigProblem;
pub use read::{SecretError, Snapshot};
pub use reference::reference_markdown;
pub use schema::json_schema;
pub use settings::{BounceMailbox, BounceSettings, MailSettings, MailTransport, SecretSource, Settings, Tls};
pub use wording::FileKind;

use crate::domain::register::Register;
use read::Files;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A configuration in which nothing is wrong.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// What belongs to this server.
    pub settings: Settings,
    /// What the organisation declares.
    pub register: Register,
    /// What is allowed and yet probably not meant.
    pub warnings: Vec<ConfigProblem>,
    /// BLAKE3, in hexadecimal digits, of all configuration text: evidence names it.
    pub digest: String,
    /// What it was read from.
    pub snapshot: Arc<Snapshot>,
}

/// Loads `purposed.toml` and the register that it names.
///
/// # Errors
/// Every problem of every file, sorted by file and line.
pub fn load(config_file: &Path) -> Result<Loaded, Vec<ConfigProblem>> {
    load::load(config_file, Files::default())
}

/// Loads a configuration as it was when the snapshot was taken, whatever its files say now.
///
/// # Errors
/// Every problem, when this version of the program finds one in what an earlier one accepted.
pub fn load_snapshot(snapshot: &Snapshot) -> Result<Loaded, Vec<ConfigProblem>> {
    load::load(&snapshot.config_file, Files::of(snapshot))
}

/// The folder that `purposed.toml` names for the state, as far as the file can be read, whatever else is wrong.
#[must_use]
pub fn state_folder(config_file: &Path) -> Option<PathBuf> {
    load::gather(config_file, &Files::default()).ok().map(|gathered| gathered.server.settings.state)
}
