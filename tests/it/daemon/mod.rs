//! The daemon as systemd runs it: the real program with a notification socket of the test's own.

mod control;
mod life;

use crate::world::World;
use std::os::unix::net::UnixDatagram;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(30);

/// A company whose one list is scanned by hand, unless `schedule` says when.
fn company(schedule: &str) -> World {
    let world = World::empty();
    world.write(
        "purposed.toml",
        "version = 1\nregister = \"register.toml\"\n[service]\nstate = \"state\"\nlisten = \"127.0.0.1:0\"\n\
         [mail]\nfrom = \"privacy@example.co.jp\"\n[mail.maildir]\npath = \"outbox\"\n[roots]\nlists = \"lists\"\n",
    );
    world.write("register.toml", register(schedule));
    world.write("lists/a.csv", "No,Since,Name\n1,2027-01-01,canary\n2,2020-01-01,canary\n");
    world
}

fn register(schedule: &str) -> String {
    format!(
        "[organisation]\nname = \"Example\"\ncontact_point = \"privacy@example.co.jp\"\nprivacy_manager = \"boss\"\n\
         [people]\nboss = {{ email = \"boss@example.co.jp\" }}\n[divisions.sales]\nperson_in_charge = \"boss\"\n\
         [purposes.support]\nground = \"notice\"\n[categories.lists]\npurposes = [\"support\"]\n\
         [datasets.leads]\ndivision = \"sales\"\ncategory = \"lists\"\npurposes = [\"support\"]\n\
         keep = {{ for = \"1 year\", from = \"since\" }}\n{schedule}\n\
         [datasets.leads.source]\nroot = \"lists\"\nfiles = \"*.csv\"\nfields.id = \"No\"\nfields.since = \"Since\"\n\
         fields.name = \"Name\"\n"
    )
}

/// A running daemon. It is killed when the test ends without having stopped it.
struct Service {
    child: Child,
    notices: UnixDatagram,
    heard: Vec<String>,
}

impl Service {
    fn start(world: &World) -> Self {
        Self::start_with(world, |_| {})
    }

    fn start_with(world: &World, change: impl FnOnce(&mut Command)) -> Self {
        let address = world.path("notify");
        let _left_over = std::fs::remove_file(&address);
        let notices = UnixDatagram::bind(&address).unwrap();
        notices.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        let log = std::fs::File::options().create(true).append(true).open(world.path("log")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_purposed"));
        command.args(["run", "--config", "purposed.toml"]).current_dir(world.path(""));
        command.env("NOTIFY_SOCKET", &address).env("WATCHDOG_USEC", "2000000").env("USER", "service");
        change(&mut command);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        Self { child, notices, heard: Vec::new() }
    }

    fn ready(world: &World) -> Self {
        let mut service = Self::start(world);
        service.wait_for("READY=1");
        service
    }

    /// The lines of the next message that has this line, or one that begins so.
    fn wait_for(&mut self, wanted: &str) -> Vec<String> {
        let until = Instant::now() + PATIENCE;
        let mut bytes = [0; 4096];
        while Instant::now() < until {
            let Ok(length) = self.notices.recv(&mut bytes) else {
                assert_eq!(self.child.try_wait().unwrap(), None, "it ended before {wanted}; heard {:?}", self.heard);
                continue;
            };
            let lines: Vec<String> = String::from_utf8_lossy(&bytes[..length]).lines().map(str::to_owned).collect();
            self.heard.extend(lines.iter().cloned());
            if lines.iter().any(|line| line.starts_with(wanted)) {
                return lines;
            }
        }
        panic!("no {wanted}; heard {:?}", self.heard);
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    }

    fn reload(&mut self) -> Vec<String> {
        let asked = Instant::now();
        self.signal("-HUP");
        let reloading = self.wait_for("RELOADING=1");
        assert!(reloading.iter().any(|line| line.starts_with("MONOTONIC_USEC=")), "{reloading:?}");
        let ready = self.wait_for("READY=1");
        assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
        ready
    }

    fn stop(mut self) -> (ExitStatus, Duration) {
        let asked = Instant::now();
        self.signal("-TERM");
        let status = self.child.wait().unwrap();
        (status, asked.elapsed())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn log(world: &World) -> String {
    std::fs::read_to_string(world.path("log")).unwrap()
}

/// A list of many rows, which takes a while.
fn long_list(world: &World) {
    let mut rows = String::from("No,Since,Name\n");
    for number in 0..3_000_000 {
        rows.push_str(&format!("{number},2027-01-01,canary\n"));
    }
    world.write("lists/a.csv", rows);
}

/// A command that scans the long list through the daemon, once the daemon is at it.
fn scan_in_mid_scan(world: &World) -> Child {
    let before = log(world).matches("a command is performed").count();
    let scan = Command::new(env!("CARGO_BIN_EXE_purposed"))
        .args(["scan", "--config", "purposed.toml"])
        .current_dir(world.path(""))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_until("the scan begins", || log(world).matches("a command is performed").count() > before);
    std::thread::sleep(Duration::from_millis(300));
    scan
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < until, "{what}: not within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Why nothing came of the last run.
fn last_failure(world: &World) -> String {
    let answer = world.run(&["runs", "--format", "json"]);
    let runs: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    let runs = runs["runs"].as_array().unwrap();
    runs.last().and_then(|run| run["failure"].as_str()).unwrap_or_default().to_owned()
}
