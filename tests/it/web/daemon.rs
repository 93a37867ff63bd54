//! The same answers from the daemon itself, with the store held by it.

use super::client::{connect, get};
use crate::world::World;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(30);

/// A daemon of its own, which ends with the test.
struct Daemon {
    world: World,
    process: Child,
    address: SocketAddr,
}

impl Daemon {
    fn start() -> Self {
        let world = World::contract();
        std::fs::set_permissions(world.path("state"), std::fs::Permissions::from_mode(0o700)).unwrap();
        // A port that was free a moment ago.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let config = std::fs::read_to_string(world.path("purposed.toml")).unwrap();
        world.write("purposed.toml", config.replace("127.0.0.1:8470", &address.to_string()));
        let process = Command::new(env!("CARGO_BIN_EXE_purposed"))
            .args(["run", "--config", "purposed.toml"])
            .current_dir(world.path(""))
            .env_remove("NOTIFY_SOCKET")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(began.elapsed() < PATIENCE, "the daemon does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { world, process, address }
    }

    fn signal(&self, signal: rustix::process::Signal) {
        let process = rustix::process::Pid::from_child(&self.process);
        rustix::process::kill_process(process, signal).unwrap();
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn value(text: &str, series: &str) -> Option<f64> {
    let line = text.lines().find(|line| line.strip_prefix(series).is_some_and(|rest| rest.starts_with(' ')))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[test]
fn the_daemon_answers_and_says_when_a_reload_was_refused() {
    let mut daemon = Daemon::start();
    assert_eq!(get(daemon.address, "/healthz").status, 200);
    let ready = get(daemon.address, "/readyz");
    assert_eq!((ready.status, ready.body.as_str()), (200, "ready\n"));
    let metrics = get(daemon.address, "/metrics").body;
    assert_eq!(value(&metrics, "purposed_config_last_reload_successful"), Some(1.0), "{metrics}");
    assert!(value(&metrics, "purposed_next_run_timestamp_seconds{dataset=\"applicants\"}").is_some(), "{metrics}");
    daemon.world.append("register/datasets.toml", "\nnonsense = 1\n");
    daemon.signal(rustix::process::Signal::HUP);
    let began = Instant::now();
    while get(daemon.address, "/readyz").status != 503 {
        assert!(began.elapsed() < PATIENCE, "nobody is told of the refused reload");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(get(daemon.address, "/readyz").body.starts_with("the configuration was refused"));
    let metrics = get(daemon.address, "/metrics").body;
    assert_eq!(value(&metrics, "purposed_config_last_reload_successful"), Some(0.0));
    daemon.signal(rustix::process::Signal::TERM);
    assert!(daemon.process.wait().unwrap().success());
}

#[test]
fn status_and_backup_work_beside_the_daemon() {
    let mut daemon = Daemon::start();
    let status = daemon.world.run(&["status", "--format", "json"]);
    let status: serde_json::Value =
        serde_json::from_str(&status.stdout).unwrap_or_else(|_| panic!("{}", status.stderr));
    assert!(matches!(status["daemon"].as_str(), Some("running" | "store-in-use")), "{status}");
    let doctor = daemon.world.run(&["doctor"]);
    assert_eq!(doctor.code, 0, "{}", doctor.stdout);
    let backup = daemon.world.run(&["backup", "backup.db"]);
    assert_eq!(backup.code, 0, "{}", backup.stderr);
    daemon.signal(rustix::process::Signal::TERM);
    assert!(daemon.process.wait().unwrap().success());
    assert!(daemon.world.run(&["status"]).stdout.starts_with(" the daemon does not run\n"));
}

#[test]
fn half_open_connections_do_not_keep_the_daemon() {
    super::stubborn::allow_many_files();
    let mut daemon = Daemon::start();
    let kilobytes = |daemon: &Daemon| super::stubborn::memory_kilobytes(&daemon.process.id().to_string());
    assert_eq!(get(daemon.address, "/metrics").status, 200);
    let before = kilobytes(&daemon);
    let half_open: Vec<TcpStream> = (0..2_000).map(|_| connect(daemon.address)).collect();
    let began = Instant::now();
    assert_eq!(get(daemon.address, "/metrics").status, 200);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    let grown = kilobytes(&daemon).saturating_sub(before);
    assert!(grown < 16 * 1024, "the daemon grew by {grown} kB");
    daemon.signal(rustix::process::Signal::TERM);
    assert!(daemon.process.wait().unwrap().success());
    drop(half_open);
}
