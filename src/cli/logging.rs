//! Log lines on standard error.

use super::arguments::LogFormat;
use tracing_subscriber::EnvFilter;

/// The environment variable with the log filter, such as `info,purposed::mail=debug`.
const FILTER_VARIABLE: &str = "PURPOSED_LOG";

/// Starts logging. Lines go to standard error, so that answers stay alone on standard output.
pub(super) fn start(format: LogFormat) {
    let filter = EnvFilter::try_from_env(FILTER_VARIABLE).unwrap_or_else(|_| EnvFilter::new("warn"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false);
    let started = match format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
    debug_assert!(started.is_ok(), "logging is started once");
}
