//! The command line: one file per command. Reads the arguments and the environment, calls one function
//! of `app`, prints its answer. The only layer that prints; decides no exit code but through [`Exit`].

mod acknowledge;
mod acting;
mod arguments;
mod backup;
mod check;
mod completions;
mod config;
mod confirm;
mod demo;
mod disposal;
mod doctor;
mod environment;
mod evidence;
mod exception;
mod explain;
mod explanation;
mod findings;
mod inspect;
mod interrupt;
mod items;
mod man;
mod output;
mod preset;
mod progress;
mod recipients;
mod run;
mod runs;
mod scan;
mod schema;
mod status;
mod table;
mod test;

pub use arguments::Cli;
pub use output::Exit;

use crate::telemetry::{self, LogForm};
use arguments::{Command, LogFormat};
use clap::Parser as _;

/// Parses the command line, runs the command and says how it ended. Errors are printed here, once.
#[must_use]
pub fn run() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { Exit::Usage } else { Exit::Success };
            let printed = error.print();
            debug_assert!(printed.is_ok(), "a closed terminal is no concern of the arguments");
            return code;
        }
    };
    let is_service = matches!(cli.command, Command::Run(_));
    let form = match cli.log_format {
        LogFormat::Text if is_service && environment::logs_to_journal() => LogForm::Journal,
        LogFormat::Text => LogForm::Text,
        LogFormat::Json => LogForm::Json,
    };
    telemetry::start(form, &environment::log_filter(if is_service { "info" } else { "warn" }));
    environment::remember_credentials();
    let ended = match cli.command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Scan(arguments) => scan::run(&arguments),
        Command::Runs(arguments) => runs::run(&arguments),
        Command::Findings(arguments) => findings::run(&arguments),
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Items(arguments) => items::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Acknowledge(arguments) => acknowledge::run(&arguments),
        Command::Confirm(arguments) => confirm::run(&arguments),
        Command::Status(arguments) => status::run(&arguments),
        Command::Doctor(arguments) => doctor::run(&arguments),
        Command::Backup(arguments) => backup::run(&arguments),
        Command::Exception(arguments) => exception::run(&arguments),
        Command::Disposal(arguments) => disposal::run(&arguments),
        Command::Recipients(arguments) => recipients::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::Config(arguments) => config::run(&arguments),
        Command::Evidence(arguments) => evidence::run(&arguments),
        Command::Preset(arguments) => preset::run(&arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Man(arguments) => man::run(&arguments),
    };
    ended.unwrap_or_else(|error| output::print_error(&error))
}
