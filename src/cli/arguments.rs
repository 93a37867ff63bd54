//! The arguments of every command. Help texts, man pages and completions are made from these types.

mod disposal;
mod exception;

pub(super) use disposal::{Disposal, DisposalAct, DisposalDeclare, DisposalOpen, DisposalReport, Method, RecordFormat};
pub(super) use exception::{Exception, ExceptionAct, ExceptionAdd, ExceptionEnd, ExceptionList, ExceptionReview, Kind};

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Keeps a company to its own privacy policy.
///
/// Scans the places where personal information lies, flags what is held beyond its stated purpose or
/// without consent, and writes to the person in charge. It only ever reads what it scans.
#[derive(Debug, Parser)]
#[command(name = "purposed", version, max_term_width = 100)]
pub struct Cli {
    /// How log lines on standard error are written.
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text)]
    pub(super) log_format: LogFormat,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// How a command's answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// A table for people.
    Table,
    /// One JSON object.
    Json,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check the configuration, offline, and report every problem at once
    Check(Check),
    /// Look at a connection or root without showing what is in it, and draft a dataset
    Inspect(Inspect),
    /// Run as a service: scan on schedule, write letters, and keep at it
    Run(Run),
    /// Scan datasets, store what was seen, and deliver the letters that follow
    Scan(Scan),
    /// Show which scans ran, what came of them, and when the next ones are due
    Runs(Runs),
    /// Show the findings that are not resolved
    Findings(Findings),
    /// List the items of a finding, read from their source now
    Items(Items),
    /// Explain the verdict on one item, down to the arithmetic
    Explain(Explain),
    /// Say that a finding is being dealt with, and until when
    Acknowledge(Acknowledge),
    /// Confirm that a dataset which shrank or became empty, or its first scan, is right as it is
    Confirm(Confirm),
    /// Approved reasons why findings are narrowed
    Exception(Exception),
    /// What became of items that are not seen any more, and the record of it
    Disposal(Disposal),
    /// List the people whom letters do not reach, or write to one of them again
    Recipients(Recipients),
    /// Run the register's own tests, without any source
    Test(Test),
    /// Show the configuration as it is understood
    Config(Config),
    /// The tamper-evident history
    Evidence(Evidence),
    /// Show whether the daemon runs and how everything stands
    Status(Look),
    /// Look whether everything is as the service needs it, and what would be told to whom
    Doctor(Look),
    /// Copy the store while it is in use, and check the copy
    Backup(Backup),
    /// Ready-made sources for products
    Preset(Preset),
    /// Print the JSON Schema of the configuration, for editors
    Schema(Schema),
    /// Make up a company, scan it, and show what follows
    Demo(Demo),
    /// Print completions for a shell
    Completions(Completions),
    /// Write the manual pages
    Man(Man),
}

/// Which configuration to use.
#[derive(Debug, Args)]
pub(super) struct ConfigFile {
    /// This server's configuration file.
    #[arg(long = "config", value_name = "FILE", default_value = "/etc/purposed/purposed.toml", global = true)]
    pub(super) path: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    pub(super) config: ConfigFile,
    /// Also look at roots, tables and headers.
    #[arg(long)]
    pub(super) connect: bool,
}

#[derive(Debug, Args)]
pub(super) struct Inspect {
    #[command(flatten)]
    pub(super) config: ConfigFile,
    /// One of `[connections]` or `[roots]` of the server's configuration file.
    #[arg(value_name = "CONNECTION|ROOT")]
    pub(super) place: String,
    /// A table or view of the connection, as the list of them names it.
    #[arg(value_name = "TABLE")]
    pub(super) table: Option<String>,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct Run {
    #[command(flatten)]
    pub(super) config: ConfigFile,
}

#[derive(Debug, Args)]
pub(super) struct Scan {
    #[command(flatten)]
    pub(super) config: ConfigFile,
    /// The datasets to scan; when none is named, all of this site that are not retired.
    #[arg(value_name = "DATASET")]
    pub(super) datasets: Vec<String>,
    /// Judge as of this instant (RFC 3339). A store whose first scan was given it is marked simulated.
    #[arg(long, value_name = "INSTANT")]
    pub(super) now: Option<String>,
    /// Store nothing and send nothing.
    #[arg(long)]
    pub(super) dry_run: bool,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(super) format: Format,
    /// Exit with 4 when findings of this state remain.
    #[arg(long, value_enum, value_name = "STATE")]
    pub(super) fail_on: Option<FailOn>,
}

/// What makes a scan exit with 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// Any open finding.
    Open,
}

#[derive(Debug, Args)]
pub(super) struct Runs {
    #[command(flatten)]
    pub(super) config: ConfigFile,
    /// Only those of these datasets.
    #[arg(value_name = "DATASET")]
    pub(super) datasets: Vec<String>,
    /// At most so many runs of each dataset.
    #[arg(long, value_name = "NUMBER", default_value_t = 10)]
    pub(super) last: u32,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct Findings {
    #[command(flatten)]
    pub(super) config: ConfigFile,
    /// Only those of these datasets.
    #[arg(value_name = "DATASET")]
    pub(super) datasets: Vec<String>,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct Items {
    #[command(flatten)]
    pub(super) config: ConfigFile,
    /// The finding, such as `F-7K2M9QX4TB`.
    #[arg(value_name = "FINDING")]
    pub(super) finding: String,
    /// How the list is written. In CSV, cells that a spreadsheet would take for a formula are neutralised.
    #[arg(long, value_enum, default_value_t = ListFormat::Csv)]
    pub(super) format: ListFormat,
    /// List those under an exception instead, which must not be taken for items to erase.
    #[arg(long)]
    pub(super) excepted: bool,
    /// Judge as of this instant (RFC 3339).
    #[arg(long, value_name = "INSTANT")]
    pub(super) now: Option<String>,
}

/// How a list of items is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ListFormat {
    /// Comma-separated values with a header, UTF-8.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

#[derive(Debug, Args)]
pub(super) struct Explain {
    #[command(flatten)]
    pub(super) config: ConfigFile,
    /// The dataset.
    #[arg(value_name = "DATASET")]
    pub(super) dataset: String,
    /// The item: its digest, <FILE:LINE>, or `-` to read from standard input one of these, a recording's
    /// path, a row's id, or a made-up item as a JSON object of column names and values.
    #[arg(value_name = "ITEM")]
    pub(super) item: String,
    /// Judge as of this instant (RFC 3339).
    #[arg(long, value_name = "INSTANT")]
    pub(super) now: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Acknowledge {
    #[command(flatten)]
    pub(super) config: ConfigFile,
    /// The finding, such as `F-7K2M9QX4TB`.
    #[arg(value_name = "FINDING")]
    pub(super) finding: String,
    /// Who answers for it: one of the register's people who may (person in charge, deputy, privacy manager).
    #[arg(long, value_name = "PERSON")]
    pub(super) by: String,
    /// The day until which it will be done, such as 2027-03-12. Nobody is written to about it before.
    #[arg(long, value_name = "DAY")]
    pub(super) until: String,
    /// What will be done; without personal data.
    #[arg(long, value_name = "TEXT")]
    pub(super) note: Option<String>,
    /// Acknowledge at this instant (RFC 3339), for a simulated store.
    #[arg(long, value_name = "INSTANT")]
    pub(super) now: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Confirm {
    #[command(flatten)]
    pub(super) config: ConfigFile,
    /// The dataset.
    #[arg(value_name = "DATASET")]
    pub(super) dataset: String,
    /// Confirm at this instant (RFC 3339), for a simulated store.
    #[arg(long, value_name = "INSTANT")]
    pub(super) now: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Recipients {
    #[command(flatten)]
    pub(super) config: ConfigFile,
    #[command(subcommand)]
    pub(super) act: Option<RecipientsAct>,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(super) format: Format,
    /// As of this instant (RFC 3339), for a simulated store.
    #[arg(long, value_name = "INSTANT", global = true)]
    pub(super) now: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum RecipientsAct {
    /// Write to a person again whom letters did not reach: what they have missed is told anew
    Retry {
        /// The person, as the register names them.
        #[arg(value_name = "PERSON")]
        person: String,
    },
}

#[derive(Debug, Args)]
pub(super) struct Test {
    #[command(flatten)]
    pub(super) config: ConfigFile,
}

#[derive(Debug, Args)]
pub(super) struct Config {
    #[command(subcommand)]
    pub(super) act: ConfigAct,
}

#[derive(Debug, Subcommand)]
pub(super) enum ConfigAct {
    /// Show a dataset with every default, template and preset applied
    Show(ConfigShow),
}

#[derive(Debug, Args)]
pub(super) struct ConfigShow {
    #[command(flatten)]
    pub(super) config: ConfigFile,
    /// The dataset.
    #[arg(value_name = "DATASET")]
    pub(super) dataset: String,
    /// Show where each value comes from.
    #[arg(long)]
    pub(super) origin: bool,
}

#[derive(Debug, Args)]
pub(super) struct Evidence {
    #[command(subcommand)]
    pub(super) act: EvidenceAct,
}

#[derive(Debug, Subcommand)]
pub(super) enum EvidenceAct {
    /// Check that no entry was altered and none is missing: 0 intact, 2 altered, 1 could not run
    Verify(EvidenceVerify),
}

#[derive(Debug, Args)]
pub(super) struct EvidenceVerify {
    #[command(flatten)]
    pub(super) config: ConfigFile,
    /// An entry that must be there, as letters print it.
    #[arg(long, value_name = "N:HASH")]
    pub(super) head: Option<String>,
}

/// What `status` and `doctor` look at, and as of when.
#[derive(Debug, Args)]
pub(super) struct Look {
    #[command(flatten)]
    pub(super) config: ConfigFile,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(super) format: Format,
    /// As of this instant (RFC 3339).
    #[arg(long, value_name = "INSTANT")]
    pub(super) now: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Backup {
    #[command(flatten)]
    pub(super) config: ConfigFile,
    /// The file to write; it must not exist. The head of its evidence is written beside it.
    #[arg(value_name = "PATH")]
    pub(super) copy: PathBuf,
    /// Also write the digest key beside it. Whoever has both can search the copy for persons.
    #[arg(long)]
    pub(super) with_key: bool,
}

#[derive(Debug, Args)]
pub(super) struct Preset {
    #[command(subcommand)]
    pub(super) act: PresetAct,
}

#[derive(Debug, Subcommand)]
pub(super) enum PresetAct {
    /// List the presets
    List,
    /// Print a preset, to read or to copy
    Show {
        /// The preset.
        #[arg(value_name = "NAME")]
        name: String,
    },
}

#[derive(Debug, Args)]
pub(super) struct Schema {
    /// Of which kind of file.
    #[arg(value_enum, default_value_t = SchemaOf::Server)]
    pub(super) of: SchemaOf,
}

/// Kinds of configuration file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaOf {
    /// purposed.toml.
    Server,
    /// A file of the register.
    Register,
    /// A preset.
    Preset,
}

#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Where to make the company up; a new folder beneath the temporary one when not given.
    #[arg(long, value_name = "FOLDER")]
    pub(super) folder: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell.
    #[arg(value_enum)]
    pub(super) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(super) struct Man {
    /// The folder to write to.
    #[arg(value_name = "FOLDER")]
    pub(super) folder: PathBuf,
}
