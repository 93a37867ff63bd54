//! The control socket: commands that write, while the daemon has the store.

use super::{Service, company, last_failure, log, long_list, scan_in_mid_scan, wait_until};
use crate::world::World;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::process::Command;

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
    assert_eq!(daemon_state(&world), "store-in-use", "what has the store is no daemon");
    drop(lock);
    assert_eq!(daemon_state(&world), "stopped");
    // The daemon replaces it.
    let service = Service::ready(&world);
    assert_eq!(daemon_state(&world), "running");
    assert_eq!(world.run(&["scan"]).code, 0);
    assert_eq!(world.run(&["run"]).code, 11, "there is one daemon");
    assert_eq!(service.stop().0.code(), Some(0));
}

/// Whether the daemon runs, as `status` says.
fn daemon_state(world: &World) -> String {
    let answer = world.run(&["status", "--format", "json"]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let status: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    status["daemon"].as_str().unwrap().to_owned()
}

#[test]
fn a_state_folder_may_lie_deep() {
    let world = company("");
    let deep = "state-of-purposed/".repeat(8);
    let server = std::fs::read_to_string(world.path("purposed.toml")).unwrap();
    world.write("purposed.toml", server.replace("\"state\"", &format!("\"{deep}\"")));
    let service = Service::ready(&world);
    assert!(world.path(&deep).join("control.sock").exists());
    let answer = world.run(&["scan"]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert_eq!(service.stop().0.code(), Some(0));
    assert!(!world.path(&deep).join("control.sock").exists());
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

#[test]
fn a_caller_that_has_gone_before_its_turn_is_not_served() {
    let world = company("");
    let service = Service::ready(&world);
    let call = br#"{"version":1,"user":"u","now":null,"request":{"scan":{"datasets":[]}}}"#;
    let mut stream = UnixStream::connect(world.path("state/control.sock")).unwrap();
    stream.write_all(&[call.as_slice(), b"\n"].concat()).unwrap();
    drop(stream);
    // Whoever comes later is served, and hers is the only scan.
    assert_eq!(world.run(&["scan"]).code, 0);
    let runs = world.run(&["runs", "--format", "json"]);
    let runs: serde_json::Value = serde_json::from_str(&runs.stdout).unwrap();
    assert_eq!(runs["runs"].as_array().map(Vec::len), Some(1), "{runs}");
    assert_eq!(service.stop().0.code(), Some(0));
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
#[expect(clippy::print_stderr, reason = "a test that is left out is said aloud")]
fn another_user_is_refused() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("left out: it needs root to become another user");
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
