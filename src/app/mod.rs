//! The acts of purposed, one file each. Effects meet here: configuration, sources, store and mail; the
//! command line, the daemon and the console call the same functions.

pub mod accepted;
pub mod acknowledge;
pub mod act;
pub mod backup;
pub mod bounces;
pub mod check;
pub mod confirm;
pub mod deliver;
pub mod demo;
pub mod demonstration;
pub mod disposal;
pub mod doctor;
pub mod evidence;
pub mod exception;
pub mod explain;
pub mod findings;
pub mod inspect;
pub mod items;
pub mod letters;
pub mod listing;
mod made_up;
mod matching;
pub mod missed;
mod people;
pub mod picture;
pub mod recipients;
pub mod runs;
pub mod scan;
mod sending;
pub mod session;
pub mod status;
pub mod test;
mod unregistered;

use crate::config::ConfigProblem;
use crate::rule::SubjectKey;
use crate::scan as scan_layer;
use crate::store::StoreError;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What an act takes from the surroundings of its process.
#[derive(Debug, Clone)]
pub struct Environment {
    /// Where systemd put the credentials, if it did.
    pub credentials_directory: Option<PathBuf>,
    /// Where systemd put the state folder, if it did.
    pub state_directory: Option<PathBuf>,
    /// Who asks, as the operating system knows them.
    pub user: String,
    /// Where temporary files go.
    pub temporary_folder: PathBuf,
}

/// Why an act failed.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The configuration has problems.
    #[error("{}", listed(.0))]
    Config(Vec<ConfigProblem>),
    /// An argument names nothing that exists, or asks for what is refused.
    #[error("{0}")]
    Argument(String),
    /// The store failed.
    #[error("{}", with_hint(.0))]
    Store(StoreError),
    /// A source could not be read.
    #[error("the source of `{dataset}` could not be read: {why}")]
    Source {
        /// The dataset.
        dataset: String,
        /// What is wrong, without discovered names.
        why: String,
    },
    /// A connection or root could not be looked at; without discovered names.
    #[error("{0}")]
    Unreadable(String),
    /// A secret could not be read.
    #[error("{0}")]
    Secret(String),
    /// A file could not be read or written.
    #[error("{what}: {error}")]
    File {
        /// What was tried.
        what: String,
        /// What the operating system says.
        error: std::io::Error,
    },
    /// A defect of the program; what was being done is not stored.
    #[error("a defect of the program ended it: {0}")]
    Panicked(String),
    /// Stopped on request.
    #[error("stopped before the end; nothing of it was stored")]
    Cancelled,
}

/// What an error means for whoever asked: which exit code, in other words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorKind {
    /// They asked for something that is wrong.
    Usage,
    /// The store is in use by another process.
    InUse,
    /// Anything else.
    Failure,
}

impl AppError {
    /// What it means for whoever asked.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::Config(_)
            | Self::Argument(_)
            | Self::Store(
                StoreError::IsReal
                | StoreError::IsSimulated
                | StoreError::Backwards(_)
                | StoreError::NoException(_)
                | StoreError::NothingToDeclare(_),
            ) => ErrorKind::Usage,
            Self::Store(StoreError::InUse(_)) => ErrorKind::InUse,
            _ => ErrorKind::Failure,
        }
    }
}

/// Problems, one below the other, and how many there are.
fn listed(problems: &[ConfigProblem]) -> String {
    let count = problems.len();
    let lines: String = problems.iter().map(|problem| format!("{problem}\n")).collect();
    format!("{lines}{count} problem{} in the configuration", if count == 1 { "" } else { "s" })
}

/// A store's error with what can be done about it.
fn with_hint(error: &StoreError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    error.hint().map_or_else(|| text.clone(), |hint| format!("{text}\n  hint: {hint}"))
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The name nearest to `wrong` among `known`, as a hint.
fn did_you_mean<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> String {
    known
        .map(|name| (strsim::damerau_levenshtein(wrong, name), name))
        .filter(|(distance, name)| *distance <= name.len().div_ceil(3).max(2))
        .min()
        .map_or_else(String::new, |(_, name)| format!("\n  hint: did you mean `{name}`?"))
}

/// Random bytes of the operating system.
fn random_bytes<const N: usize>() -> Result<[u8; N], AppError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| AppError::File {
        what: "cannot make a key".to_owned(),
        error: std::io::Error::other("the system gave no random bytes"),
    })?;
    Ok(bytes)
}

/// A key for looking subjects up in ledgers, for one run.
fn subject_key() -> Result<SubjectKey, AppError> {
    let [first, second] = [random_bytes()?, random_bytes()?].map(u64::from_le_bytes);
    Ok(SubjectKey::new(first, second))
}

impl From<scan_layer::Cancelled> for AppError {
    fn from(_: scan_layer::Cancelled) -> Self {
        Self::Cancelled
    }
}
