//! Crashes, stops, reloads and broken files.

use super::world::{World, environment, told};
use crate::app::AppError;
use crate::clock::Clock;
use crate::daemon::boot::start;
use crate::daemon::tick::Message;
use crate::daemon::{Daemon, DaemonError};
use crate::domain::name::DatasetName;
use crate::domain::run::RunTrigger;
use crate::store::RunStart;

const NIGHTLY: &[(&str, &str)] = &[("leads", "schedule = \"30 2 * * *\"")];

fn reload(world: &World, daemon: &mut Daemon) {
    let loaded = crate::config::load(&world.path("purposed.toml"));
    daemon.take_note(Message::Loaded(Box::new(loaded)));
}

/// A run that begins and never ends, as when the process is killed.
fn cut_off(world: &World, daemon: &Daemon) {
    let run = RunStart {
        dataset: DatasetName::new("leads").unwrap(),
        trigger: RunTrigger::Schedule,
        scheduled_at: Some(world.now()),
        missed: 0,
        started_at: world.now(),
    };
    daemon.session.store.begin_run(&run).unwrap();
}

#[test]
fn a_run_that_was_cut_off_is_shown_and_made_up_for_but_not_for_ever() {
    let world = World::new(NIGHTLY, "2027-03-01 12:00");
    let daemon = world.start();
    world.set("2027-03-02 02:30");
    cut_off(&world, &daemon);
    drop(daemon);
    world.set("2027-03-02 02:40");
    let cut = "schedule of 2027-03-02 02:30, cut off: the process ended before the scan did";
    let daemon = world.start();
    assert_eq!(told(&daemon, "leads"), [cut]);
    cut_off(&world, &daemon);
    drop(daemon);
    let mut daemon = world.start();
    world.tick(&mut daemon);
    assert_eq!(told(&daemon, "leads").len(), 2, "what ends the process twice is not tried a third time");
    world.tick_until(&mut daemon, "2027-03-03 03:00", 10);
    assert_eq!(told(&daemon, "leads")[2..], ["schedule of 2027-03-03 02:30"]);
}

#[test]
fn a_single_cut_is_made_up_for_at_once() {
    let world = World::new(NIGHTLY, "2027-03-01 12:00");
    let daemon = world.start();
    world.set("2027-03-02 02:30");
    cut_off(&world, &daemon);
    drop(daemon);
    world.set("2027-03-02 02:41");
    let mut daemon = world.start();
    world.tick(&mut daemon);
    assert_eq!(told(&daemon, "leads")[1..], ["catch-up of 2027-03-02 02:30"]);
}

#[test]
fn a_scan_that_is_stopped_is_made_up_for_at_the_next_start() {
    let world = World::new(NIGHTLY, "2027-03-01 12:00");
    let mut daemon = world.start();
    daemon.tick(world.now());
    daemon.settle(world.now());
    daemon.stop();
    world.set("2027-03-02 02:30");
    daemon.tick(world.now());
    assert!(daemon.scans.is_empty(), "nothing begins any more");
    drop(daemon);
    world.set("2027-03-02 02:31");
    let mut daemon = world.start();
    world.tick(&mut daemon);
    assert_eq!(told(&daemon, "leads"), ["schedule of 2027-03-02 02:30"]);
}

#[test]
fn a_reload_takes_a_valid_configuration_and_refuses_a_broken_one() {
    let world = World::new(NIGHTLY, "2027-03-01 12:00");
    let mut daemon = world.start();
    world.tick(&mut daemon);
    let digest = daemon.session.loaded.digest.clone();
    world.write("register.toml", "[datasets.leads]\nschedule = \"x\"\n");
    reload(&world, &mut daemon);
    assert_eq!(daemon.session.loaded.digest, digest, "the old one stays");
    assert!(!daemon.is_current && daemon.status(world.now()).contains("an earlier one is used"));
    world.declare(&[("leads", "schedule = \"0 9 * * *\""), ("more", "schedule = \"0 11 * * *\"")]);
    reload(&world, &mut daemon);
    assert!(daemon.is_current);
    world.tick(&mut daemon);
    assert!(told(&daemon, "leads").is_empty() && told(&daemon, "more").is_empty(), "both wait for their schedule");
    world.tick_until(&mut daemon, "2027-03-02 12:00", 30);
    assert_eq!(told(&daemon, "leads"), ["schedule of 2027-03-02 09:00"]);
    assert_eq!(told(&daemon, "more"), ["schedule of 2027-03-02 11:00"]);
}

#[test]
fn a_defect_in_what_runs_beside_leaves_nobody_waiting() {
    let world = World::new(NIGHTLY, "2027-03-01 12:00");
    let mut daemon = world.start();
    let defect: fn() -> Message = || panic!("a defect, made on purpose");
    assert!(daemon.begin("reload", defect, Message::NotLoaded));
    while daemon.is_current {
        daemon.collect();
        std::thread::yield_now();
    }
    reload(&world, &mut daemon);
    assert!(daemon.is_current, "the next reload is as any other");
}

#[test]
fn a_dataset_that_leaves_the_register_is_forgotten_and_waits_when_it_comes_back() {
    let world = World::new(NIGHTLY, "2027-03-01 12:00");
    let mut daemon = world.start();
    world.declare(&[("other", "schedule = \"30 2 * * *\"")]);
    reload(&world, &mut daemon);
    assert_eq!(
        daemon.session.store.considered_until().unwrap().keys().map(DatasetName::as_str).collect::<Vec<_>>(),
        ["other"]
    );
    world.tick_until(&mut daemon, "2027-03-05 12:00", 60);
    world.declare(NIGHTLY);
    reload(&world, &mut daemon);
    world.tick(&mut daemon);
    assert_eq!(told(&daemon, "leads"), Vec::<String>::new());
}

#[test]
fn what_the_process_holds_stays_after_a_reload() {
    let world = World::new(NIGHTLY, "2027-03-01 12:00");
    let mut daemon = world.start();
    let state = daemon.session.loaded.settings.state.clone();
    let text = std::fs::read_to_string(world.path("purposed.toml")).unwrap();
    world.write(
        "purposed.toml",
        &text.replace("\"state\"", "\"elsewhere\"\nlisten = \"127.0.0.1:1\"\nscans_at_once = 3"),
    );
    reload(&world, &mut daemon);
    let settings = &daemon.session.loaded.settings;
    assert_eq!((&settings.state, settings.listen.port(), settings.scans_at_once), (&state, 8470, 3));
    assert!(!world.path("elsewhere").exists());
}

#[test]
fn a_broken_configuration_at_the_start_falls_back_on_the_accepted_one() {
    let world = World::new(NIGHTLY, "2027-03-01 12:00");
    let file = world.path("purposed.toml");
    world.write("register.toml", "x");
    let refused = start(&file, &environment(), Clock::System).err().unwrap();
    assert!(matches!(refused, DaemonError::App(AppError::Config(_))), "nothing was accepted before: {refused}");
    assert!(!world.path("state").exists());
    world.declare(NIGHTLY);
    drop(world.start());
    // The register is broken, then the server's own file too, then both are away.
    world.write("register.toml", "x");
    assert!(!world.start().is_current);
    let text = std::fs::read_to_string(&file).unwrap();
    world.write("purposed.toml", &format!("{text}\n[no such thing"));
    let mut daemon = world.start();
    world.tick_until(&mut daemon, "2027-03-02 03:00", 30);
    assert_eq!(told(&daemon, "leads"), ["schedule of 2027-03-02 02:30"]);
    let run = &daemon.session.store.runs(1).unwrap()[0];
    assert_eq!(run.items, 2, "relative paths start at the configuration's own folder");
    drop(daemon);
    std::fs::remove_file(&file).unwrap();
    let mut environment = environment();
    environment.state_directory = Some(world.path("state"));
    assert!(!start(&file, &environment, Clock::System).unwrap().is_current);
}

#[test]
fn what_was_accepted_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new(NIGHTLY, "2027-03-01 12:00");
    drop(world.start());
    let mode = |name: &str| std::fs::metadata(world.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("state/accepted"), mode("state/accepted/configuration.json")), (0o700, 0o600));
}

#[test]
fn a_dataset_that_is_renamed_loses_no_night() {
    let world = World::new(NIGHTLY, "2027-03-01 12:00");
    drop(world.start());
    world.declare(&[("prospects", "was = [\"leads\"]\nschedule = \"30 2 * * *\"")]);
    world.set("2027-03-02 09:00");
    let mut daemon = world.start();
    world.tick(&mut daemon);
    assert_eq!(told(&daemon, "prospects"), ["catch-up of 2027-03-02 02:30"]);
}
