//! SIGINT and SIGTERM while sources are read: the first one stops the reading, so that a server is told to end its
//! statement and the run ledger says what happened; a second one ends the process at once.

use rustix::process::{Signal, getpid, kill_process};
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

/// Sets `stopped` at the first signal. Where signals cannot be listened for, they end the process as ever.
pub(super) fn listen(stopped: Arc<AtomicBool>) {
    let Ok(runtime) = Builder::new_current_thread().enable_all().build() else { return };
    std::thread::spawn(move || {
        runtime.block_on(async {
            let (Ok(mut interrupt), Ok(mut terminate)) =
                (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
            else {
                return;
            };
            let mut next = async || {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
            };
            next().await;
            stopped.store(true, Ordering::Relaxed);
            // Nobody may be left to read it.
            _ = writeln!(std::io::stderr(), "stopping; once more stops at once");
            next().await;
            _ = kill_process(getpid(), Signal::KILL);
        });
    });
}
