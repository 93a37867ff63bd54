//! The control socket: while the daemon has the store, commands that write go through `control.sock` in the state
//! folder. It is for the service's own user and root alone; whoever else connects is refused.
//!
//! A call is one line of JSON. Lines of JSON come back: what is being read and how far (which is also a sign of
//! life), stretches of a list, and at last the answer or the error. Deliberately absent: what the acts do
//! (`app::act`), and reading, for which no command needs the daemon.

mod client;
mod performing;
mod server;

pub use client::{AskError, ask, takes_commands};
pub(super) use server::{Control, Socket};

use crate::app::ErrorKind;
use crate::app::act::{Answer, Request};
use crate::domain::instant::Instant;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The longest call: it may list the items of an exception.
const LONGEST_CALL_BYTES: usize = 16 * 1024 * 1024;
/// The longest path of a socket; the operating system takes 107 bytes.
const LONGEST_PATH_BYTES: usize = 100;
/// How often the caller hears something while an act goes on.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);
/// How long either side waits for the other one.
const PATIENCE: Duration = Duration::from_secs(30);

/// A call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The version of the protocol.
    pub version: u32,
    /// Who gave the command, as the caller's operating system knows them.
    pub user: String,
    /// What `--now` said.
    pub now: Option<Instant>,
    /// What is asked for.
    pub request: Request,
}

impl Call {
    /// The version of the protocol.
    pub const VERSION: u32 = 1;
}

/// What comes back, line by line.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Line {
    /// The reading of something begins.
    Begins(String),
    /// So many items were read.
    Items(u64),
    /// A stretch of a list.
    Out(String),
    /// It is done.
    Answer(Answer),
    /// It failed.
    Error {
        /// What the error means.
        kind: ErrorKind,
        /// What went wrong.
        message: String,
    },
}

/// The socket of the state in this folder.
fn path(state: &Path) -> PathBuf {
    state.join("control.sock")
}

/// The path by which the socket is reached, as short as the operating system wants it; good for as long as the folder
/// that comes with it is open.
fn reach(state: &Path) -> io::Result<(PathBuf, Option<File>)> {
    let path = path(state);
    if path.as_os_str().len() <= LONGEST_PATH_BYTES {
        return Ok((path, None));
    }
    let folder = File::open(state)?;
    Ok((PathBuf::from(format!("/proc/self/fd/{}/control.sock", folder.as_raw_fd())), Some(folder)))
}
