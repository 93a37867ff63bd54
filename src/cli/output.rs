//! How a command ends, and how it prints.

use std::io::{self, Write as _};

/// How a command ended. The numbers are part of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Everything is as it should be.
    Success = 0,
    /// Something failed.
    Failure = 1,
    /// Wrong configuration or arguments; for `evidence verify`: altered.
    Usage = 2,
    /// Some dataset was read in part or not at all.
    NotWhole = 3,
    /// Findings are open and `--fail-on` asked for it.
    FindingsOpen = 4,
    /// The store is in use by another process that does not answer.
    StoreInUse = 11,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// An error that a command ends with, and the exit code that goes with it.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) exit: Exit,
    pub(super) error: anyhow::Error,
}

impl<E: Into<anyhow::Error>> From<E> for Ended {
    fn from(error: E) -> Self {
        Self { exit: Exit::Failure, error: error.into() }
    }
}

/// What a command returns.
pub(super) type Answer = Result<Exit, Ended>;

/// A wrong argument.
pub(super) fn usage(message: impl std::fmt::Display + std::fmt::Debug + Send + Sync + 'static) -> Ended {
    Ended { exit: Exit::Usage, error: anyhow::Error::msg(message) }
}

/// Prints an error with its causes to standard error.
#[expect(clippy::print_stderr, reason = "the command line is where errors are told")]
pub(super) fn print_error(ended: &Ended) -> Exit {
    eprintln!("error: {:#}", ended.error);
    ended.exit
}

/// Prints text to standard output. A reader that went away (`| head`) is no failure.
pub(super) fn print(text: &str) -> io::Result<()> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Says aside what kept letters from leaving that follow from what is stored.
pub(super) fn print_undelivered(why: Option<&str>) -> io::Result<()> {
    why.map_or(Ok(()), |why| print_aside(&format!("it is stored, and its letters wait: {why}\n")))
}

/// Prints text to standard error.
pub(super) fn print_aside(text: &str) -> io::Result<()> {
    io::stderr().lock().write_all(text.as_bytes())
}
