//! The arguments of `purposed exception`.

use super::{ConfigFile, Format};
use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;

#[derive(Debug, Args)]
pub(in crate::cli) struct Exception {
    #[command(subcommand)]
    pub(in crate::cli) act: ExceptionAct,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ExceptionAct {
    /// Make an exception: an extension, an approval of a use outside the purpose, or a hold
    Add(Box<ExceptionAdd>),
    /// List the exceptions that are not ended
    List(ExceptionList),
    /// Take an extension or an approval back before its day
    Revoke(ExceptionEnd),
    /// Release a hold, by somebody other than who asked for it
    Release(ExceptionEnd),
    /// Note that a hold was reviewed and still stands, by somebody other than who asked for it
    Review(ExceptionReview),
}

/// What an exception allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Kind {
    /// Holding longer than the period. Ends by itself.
    Extension,
    /// Use outside the purpose. Ends by itself.
    Approval,
    /// Keeping for a litigation, a dispute, the police. Stands until it is released.
    Hold,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ExceptionAdd {
    #[command(flatten)]
    pub(in crate::cli) config: ConfigFile,
    /// The dataset.
    #[arg(value_name = "DATASET")]
    pub(in crate::cli) dataset: String,
    /// What it allows.
    #[arg(long, value_enum)]
    pub(in crate::cli) kind: Kind,
    /// Only this rule, or this reason of it, such as `retention` or `consent:missing`; every one that the
    /// kind may touch without it. A hold always keeps its items from being erased.
    #[arg(long, value_name = "RULE[:REASON]")]
    pub(in crate::cli) rule: Option<String>,
    /// Only the items that standard input names: `-`. One a line: a digest, a recording's path or a row's
    /// id; or what `purposed items` prints.
    #[arg(long, value_name = "-", value_parser = ["-"])]
    pub(in crate::cli) items: Option<String>,
    /// Only items whose period runs from this day or a later one.
    #[arg(long, value_name = "DAY")]
    pub(in crate::cli) dated_from: Option<Date>,
    /// Only items whose period runs from this day or an earlier one.
    #[arg(long, value_name = "DAY")]
    pub(in crate::cli) dated_until: Option<Date>,
    /// The last day; of a hold, the day on which it is reviewed.
    #[arg(long, value_name = "DAY")]
    pub(in crate::cli) until: Date,
    /// Why, without personal data.
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) reason: String,
    /// Who asked for it: one of the register's people.
    #[arg(long, value_name = "PERSON")]
    pub(in crate::cli) requested_by: String,
    /// Who approved it: another one of them.
    #[arg(long, value_name = "PERSON")]
    pub(in crate::cli) approved_by: String,
    /// Tell the person in charge only that nothing may be erased (holds).
    #[arg(long)]
    pub(in crate::cli) confidential: bool,
    /// Make it at this instant (RFC 3339), for a simulated store.
    #[arg(long, value_name = "INSTANT")]
    pub(in crate::cli) now: Option<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ExceptionList {
    #[command(flatten)]
    pub(in crate::cli) config: ConfigFile,
    /// Those that have ended, too.
    #[arg(long)]
    pub(in crate::cli) all: bool,
    /// Say why a confidential hold was made, and who asked for it.
    #[arg(long)]
    pub(in crate::cli) confidential: bool,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(in crate::cli) format: Format,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ExceptionEnd {
    #[command(flatten)]
    pub(in crate::cli) config: ConfigFile,
    /// The exception, such as `E-3`.
    #[arg(value_name = "EXCEPTION")]
    pub(in crate::cli) id: String,
    /// Who says so: one of the register's people.
    #[arg(long, value_name = "PERSON")]
    pub(in crate::cli) by: String,
    /// End it at this instant (RFC 3339), for a simulated store.
    #[arg(long, value_name = "INSTANT")]
    pub(in crate::cli) now: Option<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ExceptionReview {
    #[command(flatten)]
    pub(in crate::cli) config: ConfigFile,
    /// The hold, such as `E-3`.
    #[arg(value_name = "EXCEPTION")]
    pub(in crate::cli) id: String,
    /// The day of the next review.
    #[arg(long, value_name = "DAY")]
    pub(in crate::cli) until: Date,
    /// Who reviewed it: one of the register's people.
    #[arg(long, value_name = "PERSON")]
    pub(in crate::cli) by: String,
    /// Review it at this instant (RFC 3339), for a simulated store.
    #[arg(long, value_name = "INSTANT")]
    pub(in crate::cli) now: Option<String>,
}
