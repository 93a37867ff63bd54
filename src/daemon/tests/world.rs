//! A small company whose lists are scanned by schedule, and a clock that the test sets.

use crate::app::Environment;
use crate::clock::Clock;
use crate::daemon::Daemon;
use crate::daemon::boot::{Started, start};
use crate::domain::instant::Instant;
use crate::domain::run::Run;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tempfile::TempDir;

const SERVER: &str = "version = 1\nregister = \"register.toml\"\n[service]\nstate = \"state\"\n\
    [mail]\nfrom = \"privacy@example.co.jp\"\n[mail.maildir]\npath = \"outbox\"\n[roots]\nlists = \"lists\"\n\
    [connections]\npbx = { url = \"sqlite:gone.db\", avoid = \"09:00-12:00\" }\n";

const ORGANISATION: &str = "[organisation]\nname = \"Example\"\ncontact_point = \"privacy@example.co.jp\"\n\
    privacy_manager = \"boss\"\n[people]\nboss = { email = \"boss@example.co.jp\" }\n\
    [divisions.sales]\nperson_in_charge = \"boss\"\n[purposes.support]\nground = \"notice\"\n\
    [categories.lists]\npurposes = [\"support\"]\n\
    [defaults]\ndivision = \"sales\"\ncategory = \"lists\"\npurposes = [\"support\"]\n\
    keep = { for = \"1 year\", from = \"since\" }\n\
    [sources.list]\nroot = \"lists\"\nfiles = \"*.csv\"\nfields.id = \"No\"\nfields.since = \"Since\"\n";

const OWN_SOURCE: &str =
    "source = { root = \"lists\", files = \"*.csv\", fields = { id = \"No\", since = \"Since\" } }\n";

/// The company.
pub(in crate::daemon) struct World {
    folder: TempDir,
    clock: Arc<AtomicI64>,
}

impl World {
    /// One whose datasets have these lines beside what all have, at this time in Tokyo.
    pub(in crate::daemon) fn new(datasets: &[(&str, &str)], at: &str) -> Self {
        let world = Self { folder: TempDir::new().unwrap(), clock: Arc::default() };
        world.write("purposed.toml", SERVER);
        world.write("lists/a.csv", "No,Since\n1,2027-01-01\n2,2020-01-01\n");
        world.declare(datasets);
        world.set(at);
        world
    }

    /// Writes the register anew. A dataset has a source of its own, unless its lines say which one it shares.
    pub(in crate::daemon) fn declare(&self, datasets: &[(&str, &str)]) {
        let datasets = datasets.iter().map(|(name, lines)| {
            let own = if lines.contains("source") { "" } else { OWN_SOURCE };
            format!("[datasets.{name}]\n{lines}\n{own}")
        });
        self.write("register.toml", &format!("{ORGANISATION}{}", datasets.collect::<String>()));
    }

    /// Adds lines to `[service]`.
    pub(in crate::daemon) fn configure(&self, lines: &str) {
        self.write("purposed.toml", &SERVER.replace("[service]\n", &format!("[service]\n{lines}\n")));
    }

    pub(in crate::daemon) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(in crate::daemon) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Sets the clock, to a time such as `2027-03-01 12:00` in Tokyo, or with an offset anywhere.
    pub(in crate::daemon) fn set(&self, at: &str) {
        self.clock.store(instant(at).microseconds(), Ordering::Relaxed);
    }

    pub(in crate::daemon) fn now(&self) -> Instant {
        Clock::Set(Arc::clone(&self.clock)).now()
    }

    /// Starts the daemon; nothing is looked at yet.
    pub(in crate::daemon) fn start(&self) -> Daemon {
        let Started { session, is_current } =
            start(&self.path("purposed.toml"), &environment(), Clock::Set(Arc::clone(&self.clock))).unwrap();
        Daemon::new(session, environment(), is_current).unwrap()
    }

    /// One tick now, and all that it begins to its end.
    pub(in crate::daemon) fn tick(&self, daemon: &mut Daemon) {
        daemon.tick(self.now());
        daemon.settle(self.now());
    }

    /// Ticks every so many minutes until this time.
    pub(in crate::daemon) fn tick_until(&self, daemon: &mut Daemon, until: &str, minutes: i64) {
        let until = instant(until);
        while self.now() < until {
            self.clock.fetch_add(minutes * 60_000_000, Ordering::Relaxed);
            self.tick(daemon);
        }
    }
}

/// The surroundings of a process of the test.
pub(in crate::daemon) fn environment() -> Environment {
    Environment {
        credentials_directory: None,
        state_directory: None,
        user: "test".to_owned(),
        temporary_folder: std::env::temp_dir(),
    }
}

/// An instant: in Tokyo where no offset is written.
pub(in crate::daemon) fn instant(text: &str) -> Instant {
    let text = if text.len() == 16 { format!("{}:00+09:00", text.replace(' ', "T")) } else { text.to_owned() };
    Instant::from(text.parse::<jiff::Timestamp>().unwrap())
}

/// What the run ledger says of a dataset: why, scheduled for when (UTC), how many were missed.
pub(in crate::daemon) fn told(daemon: &Daemon, dataset: &str) -> Vec<String> {
    let runs = daemon.session.store.runs(100).unwrap();
    runs.iter().filter(|run| run.dataset.as_str() == dataset).map(line).collect()
}

fn line(run: &Run) -> String {
    let zone = jiff::tz::TimeZone::get("Asia/Tokyo").unwrap();
    let at = run.scheduled_at.map_or_else(String::new, |at| {
        format!(" of {}", at.timestamp().to_zoned_datetime(zone).strftime("%Y-%m-%d %H:%M"))
    });
    let missed = if run.missed == 0 { String::new() } else { format!(", {} missed", run.missed) };
    let failure = run.failure.as_ref().map_or_else(String::new, |why| format!(", {why}"));
    format!("{}{at}{missed}{failure}", run.trigger.as_str())
}
