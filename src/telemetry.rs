//! Log lines on standard error, so that answers stay alone on standard output; under systemd, entries of the journal
//! with their fields. What is logged, and where the filter comes from, is not decided here.

use std::panic::PanicHookInfo;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogForm {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
    /// To systemd's journal; as text where it cannot be reached.
    Journal,
}

/// Starts logging. `filter` says what is logged, such as `info` or `warn,purposed::mail=debug`; one that
/// cannot be read counts as `warn`.
pub fn start(form: LogForm, filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("warn"));
    let journal = if form == LogForm::Journal { tracing_journald::layer().ok() } else { None };
    let started = if let Some(journal) = journal {
        let journal = journal.with_syslog_identifier("purposed".to_owned()).with_field_prefix(None);
        tracing_subscriber::registry().with(filter).with(journal).try_init().is_ok()
    } else {
        let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false);
        let started = if form == LogForm::Json { lines.json().try_init() } else { lines.try_init() };
        started.is_ok()
    };
    debug_assert!(started, "logging is started once");
    std::panic::set_hook(Box::new(log_panic));
}

/// A panic's message may quote what was being read, so only a fixed one is logged, and its place.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let message = panic.payload().downcast_ref::<&'static str>().copied().unwrap_or("its message is not logged");
    tracing::error!(place, "a defect of the program: {message}");
}
