//! What is seen from outside: health, readiness and metrics, asked by clients that behave and by such that do not.

mod client;
mod daemon;
mod metrics;
mod refusals;
mod stubborn;

use crate::world::{NOW, World};
use purposed::app::Environment;
use purposed::app::session::{Session, load};
use purposed::clock::Clock;
use purposed::store::Access;
use purposed::web::{Health, WebState, serve};
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::{oneshot, watch};

/// A company that was scanned once, and the web server on it.
pub struct Served {
    pub world: World,
    pub address: SocketAddr,
    pub health: Arc<Health>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Served {
    /// Scans the contract's company at `NOW` and serves it.
    pub fn start() -> Self {
        let world = World::contract();
        world.scan(NOW);
        let now = purposed::domain::instant::Instant::from(NOW.parse::<jiff::Timestamp>().unwrap());
        let environment = Environment {
            credentials_directory: None,
            state_directory: None,
            user: "admin".to_owned(),
            temporary_folder: world.path("temporary"),
        };
        let mut session =
            Session::open(load(&world.path("purposed.toml")).unwrap(), &environment, Access::Read).unwrap();
        session.clock = Clock::Fixed(now);
        let health = Arc::new(Health::new(now));
        let state = WebState::new(watch::channel(session).1, Arc::clone(&health));
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                let shutdown = async { drop(stopped.await) };
                serve(listener, state, shutdown).await.unwrap();
            });
        });
        Self { world, address, health, stop: Some(stop), thread: Some(thread) }
    }

    /// Stops the server and waits for its end.
    pub fn stop(&mut self) {
        if let (Some(stop), Some(thread)) = (self.stop.take(), self.thread.take()) {
            let _ = stop.send(());
            let ended = thread.join();
            if !std::thread::panicking() {
                ended.unwrap();
            }
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop();
    }
}
