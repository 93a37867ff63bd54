//! `purposed doctor`: whether everything that the service needs is as it needs it, and what would be told to whom.
//! One file per kind of check; each looks and changes nothing. As it is a tool of the server's own administrator, it
//! may name addresses of staff and paths of the configuration; nothing of what lies in the sources.

mod clock;
mod configuration;
mod letters;
mod mail;
mod schedules;
mod sources;
mod state;
mod versions;

use super::Environment;
use super::session::load;
use crate::clock::Clock;
use crate::config::Loaded;
use crate::domain::instant::Instant;
use serde::Serialize;
use std::path::Path;

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// As it should be.
    Ok,
    /// Allowed, and probably not meant.
    Warning,
    /// The service cannot do its work like this.
    Failed,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What it belongs to: `versions`, `configuration`, `state`, `clock`, `mail`, `sources`, `schedules`, `letters`.
    pub about: &'static str,
    /// How it came out.
    pub outcome: Outcome,
    /// What was seen.
    pub what: String,
    /// What to do.
    pub hint: Option<String>,
}

impl Check {
    fn ok(about: &'static str, what: impl Into<String>) -> Self {
        Self { about, outcome: Outcome::Ok, what: what.into(), hint: None }
    }

    fn warning(about: &'static str, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { about, outcome: Outcome::Warning, what: what.into(), hint: Some(hint.into()) }
    }

    fn failed(about: &'static str, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { about, outcome: Outcome::Failed, what: what.into(), hint: Some(hint.into()) }
    }
}

/// What checks look at.
struct Subject<'a> {
    loaded: &'a Loaded,
    environment: &'a Environment,
    config_file: &'a Path,
    now: Instant,
    /// Root may do everything, so what the service's own user may do is not seen.
    is_root: bool,
}

/// Looks at everything, in the order in which it is needed.
#[must_use]
pub fn doctor(config_file: &Path, now: Option<Instant>, environment: &Environment) -> Vec<Check> {
    let now = now.unwrap_or_else(|| Clock::System.now());
    let mut checks = versions::look();
    let loaded = match load(config_file) {
        Ok(loaded) => loaded,
        Err(error) => {
            let text = error.to_string();
            let first = text.lines().next().unwrap_or_default().to_owned();
            checks.push(Check::failed("configuration", first, "see `purposed check` for every problem"));
            return checks;
        }
    };
    let is_root = rustix::process::geteuid().is_root();
    let subject = Subject { loaded: &loaded, environment, config_file, now, is_root };
    checks.extend(configuration::look(&subject));
    checks.extend(state::look(&subject));
    checks.extend(clock::look(&subject));
    checks.extend(mail::look(&subject));
    checks.extend(sources::look(&subject));
    checks.extend(schedules::look(&subject));
    checks.extend(letters::look(&subject));
    checks
}
