//! The arguments of the commands about findings and their items: `purposed findings`, `items`, `explain`, `acknowledge` and
//! `confirm`.

use super::{ConfigFile, Format};
use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(in crate::cli) struct Findings {
    #[command(flatten)]
    pub(in crate::cli) config: ConfigFile,
    /// Only those of these datasets.
    #[arg(value_name = "DATASET")]
    pub(in crate::cli) datasets: Vec<String>,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(in crate::cli) format: Format,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Items {
    #[command(flatten)]
    pub(in crate::cli) config: ConfigFile,
    /// The finding, such as `F-7K2M9QX4TB`.
    #[arg(value_name = "FINDING")]
    pub(in crate::cli) finding: String,
    /// How the list is written. In CSV, cells that a spreadsheet would take for a formula are neutralised.
    #[arg(long, value_enum, default_value_t = ListFormat::Csv)]
    pub(in crate::cli) format: ListFormat,
    /// List those under an exception instead, which must not be taken for items to erase.
    #[arg(long)]
    pub(in crate::cli) excepted: bool,
    /// Judge as of this instant (RFC 3339).
    #[arg(long, value_name = "INSTANT")]
    pub(in crate::cli) now: Option<String>,
}

/// How a list of items is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ListFormat {
    /// Comma-separated values with a header, UTF-8.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Explain {
    #[command(flatten)]
    pub(in crate::cli) config: ConfigFile,
    /// The dataset.
    #[arg(value_name = "DATASET")]
    pub(in crate::cli) dataset: String,
    /// The item: its digest, <FILE:LINE>, or `-` to read from standard input one of these, a recording's
    /// path, a row's id, or a made-up item as a JSON object of column names and values.
    #[arg(value_name = "ITEM")]
    pub(in crate::cli) item: String,
    /// Judge as of this instant (RFC 3339).
    #[arg(long, value_name = "INSTANT")]
    pub(in crate::cli) now: Option<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Acknowledge {
    #[command(flatten)]
    pub(in crate::cli) config: ConfigFile,
    /// The finding, such as `F-7K2M9QX4TB`.
    #[arg(value_name = "FINDING")]
    pub(in crate::cli) finding: String,
    /// Who answers for it: one of the register's people who may (person in charge, deputy, privacy manager).
    #[arg(long, value_name = "PERSON")]
    pub(in crate::cli) by: String,
    /// The day until which it will be done, such as 2027-03-12. Nobody is written to about it before.
    #[arg(long, value_name = "DAY")]
    pub(in crate::cli) until: String,
    /// What will be done; without personal data.
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) note: Option<String>,
    /// Acknowledge at this instant (RFC 3339), for a simulated store.
    #[arg(long, value_name = "INSTANT")]
    pub(in crate::cli) now: Option<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Confirm {
    #[command(flatten)]
    pub(in crate::cli) config: ConfigFile,
    /// The dataset.
    #[arg(value_name = "DATASET")]
    pub(in crate::cli) dataset: String,
    /// Confirm at this instant (RFC 3339), for a simulated store.
    #[arg(long, value_name = "INSTANT")]
    pub(in crate::cli) now: Option<String>,
}
