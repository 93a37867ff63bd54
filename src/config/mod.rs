//! The configuration: TOML text becomes [`Settings`] (this server) and a
//! [`Register`] (what the organisation declares), with every problem of every file reported at once and in
//! its place. What the register means is the business of `domain` and `rule`; nothing scanned is read here.

mod problem;
mod read;
mod settings;

pub use problem::ConfigProblem;
pub use read::SecretError;
pub use settings::{MailSettings, MailTransport, SecretSource, Settings, Tls};

use crate::domain::register::Register;
use std::path::Path;

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
}

/// Loads `purposed.toml` and the register that it names.
///
/// # Errors
/// Every problem of every file, sorted by file and line.
pub fn load(config_file: &Path) -> Result<Loaded, Vec<ConfigProblem>> {
    let file = config_file.display().to_string();
    Err(vec![ConfigProblem::of_file(file, "registers cannot be read in this version", None)])
}

/// One effective value of a dataset, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginLine {
    /// The key, dotted, such as `source.fields.email`.
    pub key: String,
    /// The value as it is written there.
    pub value: String,
    /// `register/datasets.toml:12:1`, the same with ` (template branch-pbx)` or ` (preset frigate)`, or `default`.
    pub origin: String,
}

/// The effective values of a dataset, each with its origin.
///
/// # Errors
/// Every problem of the configuration, or that there is no such dataset.
pub fn origin(config_file: &Path, dataset: &str) -> Result<Vec<OriginLine>, Vec<ConfigProblem>> {
    load(config_file)?;
    Err(vec![ConfigProblem::of_file(
        config_file.display().to_string(),
        format!("there is no dataset `{dataset}`"),
        None,
    )])
}
