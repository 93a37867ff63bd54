//! The arguments of `purposed disposal`.

use super::{ConfigFile, Format};
use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;

#[derive(Debug, Args)]
pub(in crate::cli) struct Disposal {
    #[command(subcommand)]
    pub(in crate::cli) act: DisposalAct,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum DisposalAct {
    /// Declare what became of the items that left a finding and are not seen any more
    Declare(Box<DisposalDeclare>),
    /// Print the disposal record
    Report(DisposalReport),
    /// List what still waits for a declaration
    Open(DisposalOpen),
}

/// What was done with the items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Method {
    /// Erased, beyond recovery.
    Erased,
    /// Returned to whoever entrusted them.
    Returned,
    /// Made anonymous.
    Anonymised,
    /// Moved to another place that the register knows, or that the note names.
    Moved,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct DisposalDeclare {
    #[command(flatten)]
    pub(in crate::cli) config: ConfigFile,
    /// The finding that the items left; of `closure-unexplained`, all findings of its dataset.
    #[arg(value_name = "FINDING")]
    pub(in crate::cli) finding: String,
    /// What was done.
    #[arg(long, value_enum)]
    pub(in crate::cli) method: Method,
    /// On which day.
    #[arg(long, value_name = "DAY")]
    pub(in crate::cli) on: Date,
    /// Who did it: one of the register's people.
    #[arg(long, value_name = "PERSON")]
    pub(in crate::cli) by: String,
    /// Who approved it: another one of them.
    #[arg(long, value_name = "PERSON")]
    pub(in crate::cli) approved_by: String,
    /// The reference of a certificate, such as a contractor's.
    #[arg(long, value_name = "REFERENCE")]
    pub(in crate::cli) certificate: Option<String>,
    /// Anything else, without personal data.
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) note: Option<String>,
    /// Declare at this instant (RFC 3339), for a simulated store.
    #[arg(long, value_name = "INSTANT")]
    pub(in crate::cli) now: Option<String>,
}

/// How the disposal record is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum RecordFormat {
    /// Comma-separated values with a header, UTF-8; cells that a spreadsheet would take for a formula are neutralised.
    Csv,
    /// One JSON object.
    Json,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct DisposalReport {
    #[command(flatten)]
    pub(in crate::cli) config: ConfigFile,
    /// How the record is written.
    #[arg(long, value_enum, default_value_t = RecordFormat::Csv)]
    pub(in crate::cli) format: RecordFormat,
    /// Only what was declared on this day or later.
    #[arg(long, value_name = "DAY")]
    pub(in crate::cli) from: Option<Date>,
    /// Only what was declared on this day or earlier.
    #[arg(long, value_name = "DAY")]
    pub(in crate::cli) until: Option<Date>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct DisposalOpen {
    #[command(flatten)]
    pub(in crate::cli) config: ConfigFile,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(in crate::cli) format: Format,
}
