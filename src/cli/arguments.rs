//! The arguments of every command. Help texts, man pages and completions are made from these types.

mod configuration;
mod disposal;
mod exception;
mod finding;
mod scan;
mod service;

pub(super) use configuration::{Check, Config, ConfigAct, Inspect, Preset, PresetAct, Schema, SchemaOf, Test};
pub(super) use disposal::{Disposal, DisposalAct, DisposalDeclare, DisposalOpen, DisposalReport, Method, RecordFormat};
pub(super) use exception::{Exception, ExceptionAct, ExceptionAdd, ExceptionEnd, ExceptionList, ExceptionReview, Kind};
pub(super) use finding::{Acknowledge, Confirm, Explain, Findings, Items, ListFormat};
pub(super) use scan::{FailOn, Runs, Scan};
pub(super) use service::{Backup, Evidence, EvidenceAct, Look, Recipients, RecipientsAct, Run};

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
