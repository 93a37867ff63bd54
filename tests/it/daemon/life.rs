//! Starting, reloading, stopping, being killed, and doing nothing.

use super::{Service, company, last_failure, log, long_list, register, scan_in_mid_scan, wait_until};
use std::io::Read as _;
use std::process::Command;
use std::time::Duration;

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

/// The numbers behind `key` in the status of every thread of a process, added up.
fn measured(pid: u32, key: &str) -> u64 {
    let threads = Command::new("sh").args(["-c", &format!("cat /proc/{pid}/task/*/status")]).output().unwrap();
    let text = String::from_utf8_lossy(&threads.stdout).into_owned();
    let numbers =
        text.lines().filter_map(|line| line.strip_prefix(key)?.split_whitespace().next()?.parse::<u64>().ok());
    numbers.sum()
}

#[test]
fn an_idle_daemon_wakes_for_its_ticks_alone_and_is_small() {
    let world = company("schedule = \"30 2 * * *\"");
    let mut service = Service::start_with(&world, |command| {
        command.env_remove("WATCHDOG_USEC");
    });
    service.wait_for("READY=1");
    assert_eq!(world.run(&["scan"]).code, 0);
    let pid = service.child.id();
    // The tick comes with the full minute: between two of them nothing is to happen.
    wait_until("a minute has long to go", || (5..52).contains(&seconds_of_the_minute()));
    let switches = || measured(pid, "voluntary_ctxt_switches:");
    let before = switches();
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(switches(), before);
    let kilobytes = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let own = kilobytes.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
    let own: u64 = own.split_whitespace().next().unwrap().parse().unwrap();
    assert!(own < 20_000, "{own} kB beside the program itself");
    assert_eq!(service.stop().0.code(), Some(0));
}

#[expect(clippy::disallowed_methods, reason = "the daemon ticks by the wall clock")]
fn seconds_of_the_minute() -> i64 {
    jiff::Timestamp::now().as_second() % 60
}
