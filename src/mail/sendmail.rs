//! Delivery by a sendmail program: the message on its standard input, the outcome in its exit code.

use super::{TimeLimits, local_line_endings};
use crate::domain::letter::Delivery;
use lettre::Address;
use std::ffi::OsStr;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// `EX_NOUSER` of `sysexits.h`, the one exit code that speaks of this very recipient: trying again is useless.
/// `EX_NOHOST` (68) does not: programs say it too when the name of their own mail server cannot be resolved.
const NO_USER: i32 = 67;

pub(super) async fn deliver(
    command: &Path,
    sender: &Address,
    recipient: &Address,
    message: &[u8],
    limits: TimeLimits,
) -> Delivery {
    let child = Command::new(command)
        .args([OsStr::new("-i"), OsStr::new("-f")])
        .arg(AsRef::<OsStr>::as_ref(sender))
        .arg("--")
        .arg(AsRef::<OsStr>::as_ref(recipient))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => return Delivery::Unavailable(format!("sendmail could not be started: {}", error.kind())),
    };
    let message = local_line_endings(message);
    let talk = async {
        let written = match child.stdin.take() {
            Some(mut input) => input.write_all(&message).await.and(input.shutdown().await),
            None => Ok(()),
        };
        (written, child.wait().await)
    };
    match tokio::time::timeout(limits.whole, talk).await {
        Err(_) => Delivery::Unknown("sendmail did not end in time".to_owned()),
        Ok((_, Err(error))) => Delivery::Unknown(format!("sendmail could not be waited for: {}", error.kind())),
        Ok((written, Ok(status))) => outcome(status, written.is_ok()),
    }
}

fn outcome(status: ExitStatus, written: bool) -> Delivery {
    match status.code() {
        Some(0) if written => Delivery::Accepted,
        Some(0) => Delivery::Unknown("sendmail ended well without reading the whole message".to_owned()),
        Some(code @ NO_USER) => Delivery::Permanent(format!("sendmail ended with code {code}")),
        Some(code) => Delivery::Transient(format!("sendmail ended with code {code}")),
        None => Delivery::Unknown("sendmail was stopped by a signal".to_owned()),
    }
}
