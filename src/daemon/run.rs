//! The event loop: ticks, signals, and what comes back from other threads, all on one thread that never blocks.

use super::DaemonError;
use super::boot::{self, Started};
use super::control::{Control, Socket};
use super::service_manager::ServiceManager;
use super::tick::{Daemon, Message};
use crate::app::Environment;
use crate::app::session::Session;
use crate::clock::Clock;
use crate::domain::instant::Instant;
use crate::web::{self, Health, WebState};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// The longest time between two ticks.
const TICK: Duration = Duration::from_mins(1);
/// How long what runs may take to end when the service stops.
const LAST_WORDS: Duration = Duration::from_secs(8);

/// Runs the daemon until it is told to stop.
///
/// # Errors
/// [`DaemonError`] when it cannot start.
pub fn run(config_file: &Path, environment: Environment, clock: Clock) -> Result<(), DaemonError> {
    let config_file = std::path::absolute(config_file).unwrap_or_else(|_| config_file.to_owned());
    let Started { session, is_current } = boot::start(&config_file, &environment, clock)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(DaemonError::system("starting the event loop"))?;
    let ended = runtime.block_on(async {
        let signals = Signals::new()?;
        let listener = listen(&session).await?;
        let health = Arc::new(Health::new(session.clock.now()));
        if !is_current {
            health.reload_failed();
        }
        let sessions = watch::Sender::new(session.clone());
        let (stop, stopped) = watch::channel(());
        let state = WebState::new(sessions.subscribe(), Arc::clone(&health));
        let socket = bind(&session);
        let daemon = Daemon::new(session, environment.clone(), is_current)?;
        let control = Control { sessions: sessions.subscribe(), environment, claims: Arc::clone(&daemon.claims) };
        let manager = ServiceManager::default();
        let events = Events { daemon, config_file, manager, reload: Reload::Idle, sessions, health };
        let web = web::serve(listener, state, ended(stopped.clone()));
        let control = async {
            if let Some(socket) = socket {
                control.serve(socket, ended(stopped)).await;
            }
        };
        let ((), served, ()) = tokio::join!(events.run(signals, stop), web, control);
        served.map_err(DaemonError::system("answering requests"))
    });
    // Threads that did not end in time end with the process: what they did not commit was never done.
    runtime.shutdown_background();
    ended
}

/// Ends when the sender is gone.
async fn ended(mut stopped: watch::Receiver<()>) {
    while stopped.changed().await.is_ok() {}
}

/// Makes the control socket. Without one the daemon does its work all the same.
fn bind(session: &Session) -> Option<Socket> {
    Socket::bind(&session.loaded.settings.state)
        .inspect_err(|error| tracing::error!(%error, "no control socket: commands that write are not answered"))
        .ok()
}

/// Takes the address that requests come to.
async fn listen(session: &Session) -> Result<TcpListener, DaemonError> {
    let address = session.loaded.settings.listen;
    TcpListener::bind(address).await.map_err(|source| DaemonError::Listen { address, source })
}

/// The signals that mean something.
struct Signals {
    reload: Signal,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> Result<Self, DaemonError> {
        let listen = |kind| signal(kind).map_err(DaemonError::system("listening for signals"));
        Ok(Self {
            reload: listen(SignalKind::hangup())?,
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }
}

/// Where a reload stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reload {
    Idle,
    /// The files are being read.
    Reading,
    /// The files are being read, and were changed again since.
    ReadingOld,
}

/// What the loop works with.
struct Events {
    daemon: Daemon,
    config_file: PathBuf,
    manager: ServiceManager,
    reload: Reload,
    sessions: watch::Sender<Session>,
    health: Arc<Health>,
}

impl Events {
    async fn run(mut self, mut signals: Signals, stop: watch::Sender<()>) {
        let longest = ServiceManager::watchdog().map_or(TICK, |watchdog| TICK.min(watchdog / 2));
        self.tick();
        let status = self.daemon.status(self.now());
        self.manager.ready(status);
        tracing::info!(config = %self.config_file.display(), "started");
        loop {
            let pause = until_next_tick(self.now(), longest);
            tokio::select! {
                () = tokio::time::sleep(pause) => self.tick(),
                message = self.daemon.message() => self.take_note(message),
                _ = signals.reload.recv() => self.begin_reload(),
                _ = signals.terminate.recv() => break,
                _ = signals.interrupt.recv() => break,
            }
            let status = self.daemon.status(self.now());
            self.manager.status(status);
        }
        drop(stop);
        self.stop().await;
    }

    fn now(&self) -> Instant {
        self.daemon.session.clock.now()
    }

    fn tick(&mut self) {
        let now = self.now();
        self.daemon.tick(now);
        self.health.tick();
        if self.daemon.is_alive(now) {
            ServiceManager::feed_watchdog();
        }
    }

    fn take_note(&mut self, message: Option<Message>) {
        let Some(message) = message else { return };
        let is_loaded = matches!(message, Message::Loaded(_) | Message::NotLoaded);
        self.daemon.take_note(message);
        if is_loaded {
            self.end_reload();
        }
        let now = self.now();
        self.daemon.begin_scans(now);
    }

    fn begin_reload(&mut self) {
        match self.reload {
            Reload::Idle => {
                ServiceManager::reloading();
                if self.daemon.begin_reload(self.config_file.clone()) {
                    self.reload = Reload::Reading;
                } else {
                    let status = self.daemon.status(self.now());
                    self.manager.ready(status);
                }
            }
            Reload::Reading | Reload::ReadingOld => self.reload = Reload::ReadingOld,
        }
    }

    fn end_reload(&mut self) {
        // What was adopted is in use everywhere, also where the files are read once more.
        self.sessions.send_replace(self.daemon.session.clone());
        let again = self.reload == Reload::ReadingOld;
        self.reload = Reload::Idle;
        if again {
            self.begin_reload();
        } else {
            let now = self.now();
            if self.daemon.is_current {
                self.health.reload_succeeded(now);
            } else {
                self.health.reload_failed();
            }
            self.daemon.tick(now);
            let status = self.daemon.status(now);
            self.manager.ready(status);
        }
    }

    /// Stops what runs, and waits for it as long as there is time.
    async fn stop(mut self) {
        ServiceManager::stopping("stopping");
        tracing::info!("stopping");
        self.daemon.stop();
        let ended = tokio::time::timeout(LAST_WORDS, async {
            while self.daemon.is_busy() {
                if let Some(message) = self.daemon.message().await {
                    self.daemon.take_note(message);
                }
            }
        });
        if ended.await.is_ok() {
            tracing::info!("stopped");
        } else {
            tracing::warn!("stopped while something was still going on; nothing of it is stored");
        }
    }
}

/// The time until the next full minute of the wall clock, or `longest` when that is shorter.
fn until_next_tick(now: Instant, longest: Duration) -> Duration {
    let minute = i64::try_from(TICK.as_micros()).unwrap_or(i64::MAX);
    let left = minute - now.microseconds().rem_euclid(minute);
    Duration::from_micros(u64::try_from(left).unwrap_or_default()).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::daemon::tests::world::World;

    fn events(daemon: Daemon, config_file: PathBuf, reload: Reload) -> Events {
        let sessions = watch::Sender::new(daemon.session.clone());
        let health = Arc::new(Health::new(daemon.session.clock.now()));
        Events { daemon, config_file, manager: ServiceManager::default(), reload, sessions, health }
    }

    #[test]
    fn what_was_adopted_is_in_use_everywhere_though_the_files_were_broken_since() {
        let world = World::new(&[("leads", "")], "2027-03-01 12:00");
        let config_file = world.path("purposed.toml");
        let daemon = world.start();
        world.declare(&[("leads", ""), ("more", "")]);
        let loaded = crate::config::load(&config_file);
        world.write("register.toml", "[no such thing");
        // The files were changed again while they were read.
        let mut events = events(daemon, config_file, Reload::ReadingOld);
        events.take_note(Some(Message::Loaded(Box::new(loaded))));
        assert_eq!(events.reload, Reload::Reading);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        while events.reload != Reload::Idle {
            let message = runtime.block_on(events.daemon.message());
            events.take_note(message);
        }
        assert!(!events.health.last_reload_succeeded() && !events.daemon.is_current);
        for loaded in [&events.daemon.session.loaded, &events.sessions.borrow().loaded] {
            assert!(loaded.register.datasets.contains_key("more"));
        }
    }

    #[test]
    fn ticks_are_aligned_to_the_minute_and_never_far_apart() {
        let pause = |microseconds| until_next_tick(Instant::from_microseconds(microseconds), TICK);
        assert_eq!(pause(0), TICK);
        assert_eq!(pause(59_999_999), Duration::from_micros(1));
        assert_eq!(pause(-1), Duration::from_micros(1));
        assert_eq!(until_next_tick(Instant::from_microseconds(1), Duration::from_secs(2)), Duration::from_secs(2));
    }
}
