//! Reloading: a valid configuration replaces the old one between scans; those that run end under the old one. An
//! invalid one changes nothing, loudly. What the process took hold of at its start cannot be changed.

use super::boot::{keep, log_problems};
use super::tick::{Daemon, Message};
use crate::config::{self, ConfigProblem, Loaded, Settings};
use std::path::PathBuf;
use std::sync::Arc;

impl Daemon {
    /// Reads the configuration again, on a thread of its own. Says whether that has begun.
    pub(super) fn begin_reload(&mut self, config_file: PathBuf) -> bool {
        let read = move || Message::Loaded(Box::new(config::load(&config_file)));
        self.begin("reload", read, Message::NotLoaded)
    }

    /// The old configuration stays in use: nobody knows what the files say.
    pub(super) fn not_reloaded(&mut self) {
        tracing::error!("the configuration could not be read to its end: the old one stays in use");
        self.is_current = false;
    }

    /// Takes over what was read, if nothing is wrong with it.
    pub(super) fn reloaded(&mut self, result: Result<Loaded, Vec<ConfigProblem>>) {
        let now = self.session.clock.now();
        let mut loaded = match result {
            Ok(loaded) => loaded,
            Err(problems) => {
                log_problems(&problems);
                tracing::error!(problems = problems.len(), "the configuration is broken: the old one stays in use");
                self.is_current = false;
                return;
            }
        };
        for warning in &loaded.warnings {
            tracing::warn!("{warning}");
        }
        hold_on(&self.session.loaded.settings, &mut loaded.settings);
        let before = Arc::clone(&self.session.loaded);
        self.session = self.session.with(loaded);
        keep(&mut self.session);
        self.is_current = true;
        if let Err(error) = self.adopt_schedules(Some(&before), now) {
            tracing::error!(%error, "the schedules cannot be stored");
        }
        let datasets = self.session.loaded.register.datasets.len();
        tracing::info!(datasets, digest = self.session.loaded.digest, "the configuration was reloaded");
    }
}

/// Keeps what cannot change while the process runs, and says so.
fn hold_on(old: &Settings, new: &mut Settings) {
    let differs = |what: &str, is_other: bool| {
        if is_other {
            tracing::error!("{what} was changed, which a reload cannot do: the old one stays until a restart");
        }
    };
    differs("the state folder (`state`)", old.state != new.state);
    differs("the address to listen on (`listen`)", old.listen != new.listen);
    differs("the place of the digest key (`digest_key`)", old.digest_key != new.digest_key);
    new.state.clone_from(&old.state);
    new.digest_key.clone_from(&old.digest_key);
    new.listen = old.listen;
}
