//! The calling side, for the command line.

use super::{Call, Line, PATIENCE, reach};
use crate::app::ErrorKind;
use crate::app::act::Answer;
use crate::app::scan::Watch;
use std::io::{self, BufRead as _, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::atomic::Ordering;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// No daemon listens, or it does not answer.
    #[error("nobody answers")]
    NobodyAnswers,
    /// The act failed.
    #[error("{message}")]
    Failed {
        /// What the error means.
        kind: ErrorKind,
        /// What went wrong.
        message: String,
    },
    /// A list could not be written.
    #[error("cannot write the list")]
    Out(#[source] io::Error),
    /// The caller does not want to wait any longer; the act may go on.
    #[error("stopped waiting for the service\n  hint: `purposed runs` tells what becomes of a scan")]
    Stopped,
    /// The answer broke off, or makes no sense to this version.
    #[error("the answer of the service broke off: {0}\n  hint: `purposed runs` tells what became of a scan")]
    Broken(String),
}

/// Has the daemon of the state in this folder perform a call. A list goes to `out`.
///
/// # Errors
/// [`AskError`] when nobody answers or the act fails.
pub fn ask(state: &Path, call: &Call, watch: &dyn Watch, out: &mut dyn Write) -> Result<Answer, AskError> {
    let (path, _folder) = reach(state).map_err(|error| refused(&error))?;
    let mut stream = UnixStream::connect(path).map_err(|error| refused(&error))?;
    let patient = stream.set_read_timeout(Some(PATIENCE)).and_then(|()| stream.set_write_timeout(Some(PATIENCE)));
    patient.map_err(|_| AskError::NobodyAnswers)?;
    let mut text = serde_json::to_vec(call).map_err(|error| AskError::Broken(error.to_string()))?;
    text.push(b'\n');
    // A call that is refused early is answered before it was read to its end.
    let sent = stream.write_all(&text);
    let mut lines = BufReader::new(stream);
    let mut heard = false;
    loop {
        let mut text = String::new();
        match lines.read_line(&mut text) {
            Ok(1..) => heard = true,
            _ if !heard || sent.is_err() => return Err(AskError::NobodyAnswers),
            Ok(0) => return Err(AskError::Broken("it ended too early".to_owned())),
            Err(error) => return Err(AskError::Broken(error.to_string())),
        }
        if watch.cancelled().load(Ordering::Relaxed) {
            return Err(AskError::Stopped);
        }
        let line = serde_json::from_str(&text).map_err(|error| AskError::Broken(error.to_string()))?;
        match line {
            Line::Begins(what) => watch.begins(&what),
            Line::Items(items) => watch.items().store(items, Ordering::Relaxed),
            Line::Out(text) => out.write_all(text.as_bytes()).map_err(AskError::Out)?,
            Line::Answer(answer) => return Ok(answer),
            Line::Error { kind, message } => return Err(AskError::Failed { kind, message }),
        }
    }
}

/// Whether the daemon of the state in this folder takes commands, if not of this user. A socket that a killed one left
/// behind takes none.
#[must_use]
pub fn takes_commands(state: &Path) -> bool {
    let connected = reach(state).and_then(|(path, _folder)| UnixStream::connect(path));
    connected.map_or_else(|error| error.kind() == io::ErrorKind::PermissionDenied, |_| true)
}

/// A socket that this user may not use is there, and somebody listens.
fn refused(error: &io::Error) -> AskError {
    if error.kind() == io::ErrorKind::PermissionDenied {
        let message =
            "the service takes commands from its own user and root alone\n  hint: `sudo -u purposed purposed ...`";
        AskError::Failed { kind: ErrorKind::Failure, message: message.to_owned() }
    } else {
        AskError::NobodyAnswers
    }
}
