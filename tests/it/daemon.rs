//! The daemon as systemd runs it: the real program with a notification socket of the test's own.

use crate::world::World;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixDatagram, UnixStream};
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

#[test]
fn it_tells_the_service_manager_how_it_is() {
    let world = company("schedule = \"30 2 * * *\"");
    let mut service = Service::start(&world);
    let ready = service.wait_for("READY=1");
    let status = ready.iter().find(|line| line.starts_with("STATUS=")).unwrap();
    assert!(status.starts_with("STATUS=idle; next ") && status.contains("never scanned: 1"), "{status}");
    service.wait_for("WATCHDOG=1");
    service.wait_for("WATCHDOG=1");
    service.signal("-TERM");
    service.wait_for("STOPPING=1");
    let (status, took) = service.stop();
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(10));
    assert!(!world.path("state/control.sock").exists());
}

#[test]
fn a_reload_takes_what_is_valid_and_keeps_what_it_has_otherwise() {
    let world = company("");
    let mut service = Service::ready(&world);
    let pid = service.child.id();
    world.write("register.toml", register("schedule = \"61 2 * * *\"\nwarm = 3"));
    let ready = service.reload();
    assert!(ready.iter().any(|line| line.contains("an earlier one is used")), "{ready:?}");
    let log_text = log(&world);
    for place in ["register.toml:18:12: ", "register.toml:19:1: "] {
        assert!(log_text.contains(place), "{place} is not in\n{log_text}");
    }
    let answer = world.run(&["scan", "--format", "json"]);
    assert_eq!(answer.code, 2, "the command line checks the files that are there: {}", answer.stderr);
    world.write("register.toml", register("schedule = \"30 2 * * *\""));
    let ready = service.reload();
    assert!(ready.iter().any(|line| line.contains("; next ")), "{ready:?}");
    assert_eq!((service.child.id(), service.child.try_wait().unwrap()), (pid, None));
    assert_eq!(service.stop().0.code(), Some(0));
}

#[test]
fn a_broken_register_at_the_start_is_no_end() {
    let world = company("schedule = \"30 2 * * *\"");
    assert_eq!(Service::ready(&world).stop().0.code(), Some(0));
    world.write("register.toml", "[datasets.leads\n");
    let mut service = Service::start(&world);
    let ready = service.wait_for("READY=1");
    assert!(ready.iter().any(|line| line.contains("an earlier one is used")), "{ready:?}");
    assert!(log(&world).contains("register.toml:1:"), "{}", log(&world));
    assert_eq!(service.stop().0.code(), Some(0));
    std::fs::remove_dir_all(world.path("state")).unwrap();
    assert_eq!(world.run(&["run"]).code, 2, "nothing was ever accepted");
}

#[test]
fn commands_that_write_go_through_the_socket() {
    let world = company("");
    let service = Service::ready(&world);
    let socket = world.path("state/control.sock");
    assert_eq!(std::fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o600);

    let answer = world.run(&["scan", "--format", "json"]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let scan: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(crate::world::counts(&scan, "leads", "retention", "expired"), Some([1, 1, 0, 0]));
    let id = crate::world::finding_id(&scan, "leads", "expired");
    let listed = world.run(&["items", &id]);
    assert_eq!((listed.code, listed.stdout.lines().count()), (0, 2), "{}", listed.stderr);
    assert!(listed.stdout.contains("canary"));

    // Errors keep their exit codes and words.
    let refused = world.run(&["confirm", "leads"]);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("nothing of `leads` waits for a confirmation"), "{}", refused.stderr);
    assert_eq!(world.run(&["scan", "leeds"]).code, 2);
    assert_eq!(world.run(&["scan", "--now", "2030-01-01T00:00:00Z"]).code, 2, "a real store takes no made-up instant");
    // Reading needs nobody.
    assert_eq!(world.run(&["findings"]).code, 0);
    let runs = world.run(&["runs", "--format", "json"]);
    let runs: serde_json::Value = serde_json::from_str(&runs.stdout).unwrap();
    assert_eq!(runs["runs"].as_array().unwrap().len(), 1);
    assert_eq!((&runs["runs"][0]["trigger"], &runs["runs"][0]["state"]), (&"hand".into(), &"complete".into()));

    let evidence = world.run(&["evidence", "verify"]);
    assert_eq!(evidence.code, 0, "{}", evidence.stderr);
    assert_eq!(service.stop().0.code(), Some(0));
    assert!(!log(&world).contains("canary"));
}

#[test]
fn a_store_that_nobody_answers_for_is_in_use() {
    let world = company("");
    assert_eq!(world.run(&["scan"]).code, 0);
    let lock = std::fs::File::open(world.path("state/lock")).unwrap();
    lock.lock().unwrap();
    let answer = world.run(&["scan"]);
    assert_eq!(answer.code, 11);
    assert!(answer.stderr.contains("in use by another process"), "{}", answer.stderr);
    // A socket that was left over answers as little.
    drop(std::os::unix::net::UnixListener::bind(world.path("state/control.sock")).unwrap());
    assert_eq!(world.run(&["scan"]).code, 11);
    drop(lock);
    // The daemon replaces it.
    let service = Service::ready(&world);
    assert_eq!(world.run(&["scan"]).code, 0);
    assert_eq!(world.run(&["run"]).code, 11, "there is one daemon");
    assert_eq!(service.stop().0.code(), Some(0));
}

#[test]
fn nonsense_on_the_socket_is_refused_and_harms_nobody() {
    let world = company("");
    let service = Service::ready(&world);
    let ask = |text: &[u8]| {
        let mut stream = UnixStream::connect(world.path("state/control.sock")).unwrap();
        let _cut_short = stream.write_all(text);
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer).unwrap();
        answer
    };
    assert!(ask(b"x\n").contains("does not understand"));
    let other = br#"{"version":99,"user":"u","now":null,"request":{"scan":{"datasets":[]}}}"#;
    assert!(ask(&[other.as_slice(), b"\n"].concat()).contains("of another version"));
    assert!(ask(&vec![b'x'; 17 * 1024 * 1024]).contains("longer than"));
    // Callers who say nothing keep nobody else waiting.
    let silent: Vec<UnixStream> =
        (0..8).map(|_| UnixStream::connect(world.path("state/control.sock")).unwrap()).collect();
    assert_eq!(world.run(&["scan"]).code, 0);
    drop(silent);
    assert_eq!(service.stop().0.code(), Some(0));
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

#[test]
fn a_stop_in_mid_scan_is_quick_and_leaves_nothing_half_written() {
    let world = company("");
    long_list(&world);
    let mut service = Service::ready(&world);
    let mut scan = scan_in_mid_scan(&world);
    // Meanwhile the same dataset is not scanned again.
    let second = world.run(&["scan"]);
    assert_eq!(second.code, 2, "{}", second.stderr);
    assert!(second.stderr.contains("`leads` is being scanned just now"), "{}", second.stderr);
    service.signal("-TERM");
    service.wait_for("STOPPING=1");
    let (status, took) = service.stop();
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert_eq!(scan.wait().unwrap().code(), Some(1));
    let mut said = String::new();
    scan.stderr.unwrap().read_to_string(&mut said).unwrap();
    assert!(said.contains("stopped before the end"), "{said}");
    assert_eq!(last_failure(&world), "stopped on request");
    assert!(world.run(&["findings"]).stdout.contains("no finding"));
    assert_eq!(world.run(&["evidence", "verify"]).code, 0);
}

#[test]
fn a_command_that_is_interrupted_stops_what_it_began() {
    let world = company("");
    long_list(&world);
    let service = Service::ready(&world);
    let mut scan = scan_in_mid_scan(&world);
    scan.kill().unwrap();
    scan.wait().unwrap();
    wait_until("the scan stops", || last_failure(&world) == "stopped on request");
    world.write("lists/a.csv", "No,Since,Name\n1,2027-01-01,canary\n");
    wait_until("the dataset is free", || world.run(&["scan"]).code == 0);
    assert_eq!(service.stop().0.code(), Some(0));
}

#[test]
fn a_killed_daemon_leaves_a_run_that_was_cut_off_and_nothing_in_the_way() {
    let world = company("");
    long_list(&world);
    let mut service = Service::ready(&world);
    let mut scan = scan_in_mid_scan(&world);
    service.child.kill().unwrap();
    service.child.wait().unwrap();
    assert_eq!(scan.wait().unwrap().code(), Some(1));
    assert!(world.path("state/control.sock").exists());
    assert!(last_failure(&world).starts_with("cut off"), "nobody is at it, as nobody has the store");
    world.write("lists/a.csv", "No,Since,Name\n1,2027-01-01,canary\n");
    let service = Service::ready(&world);
    assert!(last_failure(&world).starts_with("cut off"));
    assert_eq!(world.run(&["scan"]).code, 0);
    assert_eq!(world.run(&["evidence", "verify"]).code, 0);
    assert_eq!(service.stop().0.code(), Some(0));
}

#[test]
fn another_user_is_refused() {
    if !rustix::process::geteuid().is_root() {
        println!("left out: it needs root to become another user");
        return;
    }
    let world = company("");
    let service = Service::ready(&world);
    // Everything is opened as wide as an unlucky administrator could: the service itself must refuse.
    for name in ["", "state", "state/control.sock", "state/lock", "state/purposed.db"] {
        std::fs::set_permissions(world.path(name), std::fs::Permissions::from_mode(0o777)).unwrap();
    }
    std::os::unix::fs::chown(world.path("state/digest.key"), Some(65534), None).unwrap();
    std::fs::copy(env!("CARGO_BIN_EXE_purposed"), world.path("program")).unwrap();
    let output = Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups", "./program", "scan", "--config", "purposed.toml"])
        .current_dir(world.path(""))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("takes commands from its own user and root alone"), "{said}");
    assert!(log(&world).contains("a command of another user was refused"));
    assert_eq!(service.stop().0.code(), Some(0));
}
