//! The arguments of the service and what it keeps: `purposed run`, `recipients`, `evidence`, `status`, `doctor` and
//! `backup`.

use super::{ConfigFile, Format};
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(in crate::cli) struct Run {
    #[command(flatten)]
    pub(in crate::cli) config: ConfigFile,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Recipients {
    #[command(flatten)]
    pub(in crate::cli) config: ConfigFile,
    #[command(subcommand)]
    pub(in crate::cli) act: Option<RecipientsAct>,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(in crate::cli) format: Format,
    /// As of this instant (RFC 3339), for a simulated store.
    #[arg(long, value_name = "INSTANT", global = true)]
    pub(in crate::cli) now: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum RecipientsAct {
    /// Write to a person again whom letters did not reach: what they have missed is told anew
    Retry {
        /// The person, as the register names them.
        #[arg(value_name = "PERSON")]
        person: String,
    },
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Evidence {
    #[command(subcommand)]
    pub(in crate::cli) act: EvidenceAct,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum EvidenceAct {
    /// Check that no entry was altered and none is missing: 0 intact, 2 altered, 1 could not run
    Verify(EvidenceVerify),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct EvidenceVerify {
    #[command(flatten)]
    pub(in crate::cli) config: ConfigFile,
    /// An entry that must be there, as letters print it.
    #[arg(long, value_name = "N:HASH")]
    pub(in crate::cli) head: Option<String>,
}

/// What `status` and `doctor` look at, and as of when.
#[derive(Debug, Args)]
pub(in crate::cli) struct Look {
    #[command(flatten)]
    pub(in crate::cli) config: ConfigFile,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(in crate::cli) format: Format,
    /// As of this instant (RFC 3339).
    #[arg(long, value_name = "INSTANT")]
    pub(in crate::cli) now: Option<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Backup {
    #[command(flatten)]
    pub(in crate::cli) config: ConfigFile,
    /// The file to write; it must not exist. The head of its evidence is written beside it.
    #[arg(value_name = "PATH")]
    pub(in crate::cli) copy: PathBuf,
    /// Also write the digest key beside it. Whoever has both can search the copy for persons.
    #[arg(long)]
    pub(in crate::cli) with_key: bool,
}
