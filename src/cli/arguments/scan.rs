//! The arguments of `purposed scan` and `runs`.

use super::{ConfigFile, Format};
use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(in crate::cli) struct Scan {
    #[command(flatten)]
    pub(in crate::cli) config: ConfigFile,
    /// The datasets to scan; when none is named, all of this site that are not retired.
    #[arg(value_name = "DATASET")]
    pub(in crate::cli) datasets: Vec<String>,
    /// Judge as of this instant (RFC 3339). A store whose first scan was given it is marked simulated.
    #[arg(long, value_name = "INSTANT")]
    pub(in crate::cli) now: Option<String>,
    /// Store nothing and send nothing.
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(in crate::cli) format: Format,
    /// Exit with 4 when findings of this state remain.
    #[arg(long, value_enum, value_name = "STATE")]
    pub(in crate::cli) fail_on: Option<FailOn>,
}

/// What makes a scan exit with 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum FailOn {
    /// Any open finding.
    Open,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Runs {
    #[command(flatten)]
    pub(in crate::cli) config: ConfigFile,
    /// Only those of these datasets.
    #[arg(value_name = "DATASET")]
    pub(in crate::cli) datasets: Vec<String>,
    /// At most so many runs of each dataset.
    #[arg(long, value_name = "NUMBER", default_value_t = 10)]
    pub(in crate::cli) last: u32,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(in crate::cli) format: Format,
}
