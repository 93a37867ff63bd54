//! What commands take from the process's surroundings: credentials, the user's name, the runtime. The
//! only file that reads environment variables.

use super::output::{Ended, Exit, usage};
use crate::app::{AppError, Environment, ErrorKind};
use crate::domain::instant::Instant;
use crate::secret;
use jiff::tz::TimeZone;
use std::path::PathBuf;

/// Reads the environment.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
pub(super) fn read() -> Environment {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let uid = rustix::process::getuid().as_raw();
    let user = variable("SUDO_USER").or_else(|| variable("USER")).or_else(|| variable("LOGNAME"));
    Environment {
        credentials_directory: variable("CREDENTIALS_DIRECTORY").map(PathBuf::from),
        // systemd separates several by colons.
        state_directory: variable("STATE_DIRECTORY").and_then(|folders| folders.split(':').next().map(PathBuf::from)),
        temporary_folder: std::env::temp_dir(),
        user: user.map_or_else(|| format!("uid {uid}"), |user| format!("{user} (uid {uid})")),
    }
}

/// Remembers where the credentials of this process lie, for the passwords of connections.
pub(super) fn remember_credentials() {
    if let Some(folder) = read().credentials_directory {
        secret::remember_credentials_directory(&folder);
    }
}

/// What is logged: the variable `PURPOSED_LOG`, such as `info`; `otherwise` without it.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
pub(super) fn log_filter(otherwise: &str) -> String {
    std::env::var("PURPOSED_LOG").unwrap_or_else(|_| otherwise.to_owned())
}

/// Whether standard error is systemd's journal: it names the device and the inode of the stream.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
pub(super) fn logs_to_journal() -> bool {
    let Ok(stream) = std::env::var("JOURNAL_STREAM") else { return false };
    rustix::fs::fstat(std::io::stderr()).is_ok_and(|stat| stream == format!("{}:{}", stat.st_dev, stat.st_ino))
}

/// Parses `--now`.
pub(super) fn instant(text: Option<&str>) -> Result<Option<Instant>, Ended> {
    text.map(|text| {
        text.parse::<jiff::Timestamp>()
            .map(Instant::from)
            .map_err(|_| usage(format!("`{text}` is not an instant; write it as in 2027-02-28T12:00:00+09:00")))
    })
    .transpose()
}

/// Says that the store is simulated and at which instant it stands.
pub(super) fn judged_as_of(simulated: Instant, zone: &TimeZone) -> String {
    format!(
        "the store is simulated: judged at its latest instant, {} (`--now` names another)\n",
        simulated.rfc3339(zone)
    )
}

/// Runs an act to its end.
pub(super) fn run<T>(act: impl FnOnce() -> Result<T, AppError>) -> Result<T, Ended> {
    act().map_err(|error| Ended { exit: exit(error.kind()), error: error.into() })
}

/// The exit code of an error.
pub(super) const fn exit(kind: ErrorKind) -> Exit {
    match kind {
        ErrorKind::Usage => Exit::Usage,
        ErrorKind::InUse => Exit::StoreInUse,
        ErrorKind::Failure => Exit::Failure,
    }
}
