//! Schedules over days and months: downtime, clocks set forward and back, long scans, days on which clocks change.

use super::world::{World, instant, told};
use crate::app::scan::{Cause, ScanRequest, scan_without_delivery};
use crate::daemon::progress::Progress;
use crate::domain::finding::FindingState;
use crate::domain::verdict::Reason;
use crate::store::FindingFilter;
use std::sync::Arc;

const NIGHTLY: &[(&str, &str)] = &[("leads", "schedule = \"30 2 * * *\"")];

/// A daemon whose nightly dataset was scanned on 2 March, at 10:00 that day.
fn after_a_night() -> (World, crate::daemon::Daemon) {
    let world = World::new(NIGHTLY, "2027-03-01 12:00");
    let mut daemon = world.start();
    world.tick(&mut daemon);
    assert_eq!(told(&daemon, "leads"), Vec::<String>::new(), "a new dataset waits for its schedule");
    assert!(daemon.status(world.now()).contains("next 2027-03-02 02:30; never scanned: 1"));
    world.tick_until(&mut daemon, "2027-03-02 10:00", 10);
    assert_eq!(told(&daemon, "leads"), ["schedule of 2027-03-02 02:30"]);
    assert_eq!(daemon.status(world.now()), "idle; next 2027-03-03 02:30");
    (world, daemon)
}

#[test]
fn a_dataset_is_scanned_when_its_schedule_comes_and_once() {
    let (world, mut daemon) = after_a_night();
    world.tick(&mut daemon);
    world.tick(&mut daemon);
    assert_eq!(told(&daemon, "leads").len(), 1);
    let run = &daemon.session.store.runs(1).unwrap()[0];
    assert_eq!((run.items, run.problems, run.started_at), (2, 0, instant("2027-03-02 02:30")));
    assert!(run.ended_at.is_some() && run.status.is_some());
}

#[test]
fn a_dataset_that_was_scanned_by_hand_was_scanned() {
    let world = World::new(NIGHTLY, "2027-03-01 12:00");
    let mut daemon = world.start();
    world.tick(&mut daemon);
    assert!(daemon.status(world.now()).contains("never scanned: 1"));
    let request = ScanRequest { datasets: &[], now: None, dry_run: false };
    scan_without_delivery(&daemon.session, &request, Cause::HAND, &Progress::new(Arc::default())).unwrap();
    world.tick(&mut daemon);
    assert_eq!(daemon.status(world.now()), "idle; next 2027-03-02 02:30");
}

#[test]
fn a_restart_repeats_nothing() {
    let (world, daemon) = after_a_night();
    drop(daemon);
    let mut daemon = world.start();
    world.tick(&mut daemon);
    assert_eq!(told(&daemon, "leads").len(), 1);
}

#[test]
fn thirty_days_of_downtime_are_made_up_for_by_one_run() {
    let (world, daemon) = after_a_night();
    drop(daemon);
    world.set("2027-04-01 10:00");
    let mut daemon = world.start();
    world.tick(&mut daemon);
    world.tick_until(&mut daemon, "2027-04-01 20:00", 60);
    assert_eq!(told(&daemon, "leads")[1..], ["catch-up of 2027-04-01 02:30, 29 missed"]);
}

#[test]
fn sleeping_over_the_hour_is_made_up_for() {
    let (world, mut daemon) = after_a_night();
    world.set("2027-03-03 08:17");
    world.tick(&mut daemon);
    assert_eq!(told(&daemon, "leads")[1..], ["catch-up of 2027-03-03 02:30"]);
}

#[test]
fn a_clock_put_forward_a_day_is_made_up_for_once() {
    let (world, mut daemon) = after_a_night();
    world.set("2027-03-03 10:00");
    world.tick(&mut daemon);
    world.tick_until(&mut daemon, "2027-03-04 10:00", 10);
    assert_eq!(told(&daemon, "leads")[1..], ["catch-up of 2027-03-03 02:30", "schedule of 2027-03-04 02:30"]);
}

#[test]
fn a_clock_set_back_a_day_leaves_out_no_night_that_is_lived_through_again() {
    let (world, mut daemon) = after_a_night();
    world.set("2027-03-01 10:00");
    world.tick(&mut daemon);
    assert_eq!(told(&daemon, "leads").len(), 1, "nothing runs because of it");
    world.tick_until(&mut daemon, "2027-03-02 10:00", 10);
    assert_eq!(told(&daemon, "leads")[1..], ["schedule of 2027-03-02 02:30"], "that night came again");
}

#[test]
fn a_clock_that_was_a_year_ahead_is_believed_when_it_is_mended() {
    let (world, mut daemon) = after_a_night();
    world.set("2028-03-02 10:00");
    world.tick(&mut daemon);
    drop(daemon);
    world.set("2027-03-02 10:00");
    let mut daemon = world.start();
    world.tick_until(&mut daemon, "2027-03-04 10:00", 30);
    assert_eq!(told(&daemon, "leads")[2..], ["schedule of 2027-03-03 02:30", "schedule of 2027-03-04 02:30"]);
}

#[test]
fn a_clock_adjusted_back_a_little_runs_nothing_twice() {
    let world = World::new(NIGHTLY, "2027-03-02 02:00");
    let mut daemon = world.start();
    world.tick_until(&mut daemon, "2027-03-02 02:31", 1);
    for at in ["2027-03-02T02:29:30+09:00", "2027-03-02T02:30:10+09:00", "2027-03-02T02:31:10+09:00"] {
        world.set(at);
        world.tick(&mut daemon);
    }
    assert_eq!(told(&daemon, "leads"), ["schedule of 2027-03-02 02:30"]);
}

#[test]
fn clocks_of_a_zone_that_change_lose_and_repeat_no_night() {
    let lines = "schedule = \"30 2 * * *\"\ntime_zone = \"Europe/Berlin\"";
    for (from, until, expected) in [
        ("2027-03-26T12:00:00Z", "2027-03-29T12:00:00Z", ["2027-03-27 10:30", "2027-03-28 10:00", "2027-03-29 09:30"]),
        ("2027-10-29T12:00:00Z", "2027-11-01T12:00:00Z", ["2027-10-30 09:30", "2027-10-31 09:30", "2027-11-01 10:30"]),
    ] {
        let world = World::new(&[("leads", lines)], from);
        let mut daemon = world.start();
        world.tick_until(&mut daemon, until, 15);
        assert_eq!(told(&daemon, "leads"), expected.map(|at| format!("schedule of {at}")));
    }
}

#[test]
fn a_scan_that_outlasts_its_interval_is_not_begun_twice() {
    let world = World::new(&[("leads", "schedule = \"0 * * * *\"")], "2027-03-01 11:50");
    let mut daemon = world.start();
    world.tick_until(&mut daemon, "2027-03-01 12:05", 5);
    let name = daemon.session.loaded.register.datasets.keys().next().unwrap().clone();
    let claim = daemon.claims.claim(std::slice::from_ref(&name)).unwrap();
    assert_eq!(daemon.claims.claim(std::slice::from_ref(&name)).unwrap_err(), name, "a second scan is told so");
    world.tick_until(&mut daemon, "2027-03-01 15:30", 5);
    assert_eq!(told(&daemon, "leads").len(), 1);
    drop(claim);
    world.tick_until(&mut daemon, "2027-03-01 16:00", 5);
    assert_eq!(told(&daemon, "leads")[1..], ["schedule of 2027-03-01 16:00, 3 missed"]);
}

#[test]
fn so_many_scans_at_once_and_no_more() {
    let lines = "schedule = \"0 3 * * *\"";
    let world = World::new(&[("a", lines), ("b", lines), ("c", lines)], "2027-03-01 02:59");
    world.configure("scans_at_once = 2");
    let mut daemon = world.start();
    daemon.tick(world.now());
    world.set("2027-03-01 03:00");
    daemon.tick(world.now());
    assert_eq!((daemon.scans.len(), daemon.schedules.waiting.len()), (2, 1));
    assert!(daemon.status(world.now()).starts_with("scanning a and 1 more, 2 of 3"), "{}", daemon.status(world.now()));
    daemon.settle(world.now());
    for dataset in ["a", "b", "c"] {
        assert_eq!(told(&daemon, dataset), ["schedule of 2027-03-01 03:00"]);
    }
}

#[test]
fn a_random_delay_is_within_its_bounds_and_not_for_catching_up() {
    let world = World::new(&[("a", "schedule = \"0 3 * * *\"\nrandom_delay = \"2 hours\"")], "2027-03-01 02:50");
    let mut daemon = world.start();
    let mut delays = Vec::new();
    for day in 1..8 {
        world.tick_until(&mut daemon, &format!("2027-03-0{day} 06:00"), 10);
        let run = daemon.session.store.runs(1).unwrap()[0].clone();
        let delay = run.started_at.microseconds() - run.scheduled_at.unwrap().microseconds();
        assert_eq!(daemon.session.store.runs(100).unwrap().len(), day);
        assert!((0..=7_800_000_000).contains(&delay), "{delay}");
        delays.push(delay);
    }
    delays.dedup();
    assert!(delays.len() > 3, "{delays:?}");
    world.set("2027-03-09 09:00");
    world.tick(&mut daemon);
    assert_eq!(told(&daemon, "a")[7..], ["catch-up of 2027-03-09 03:00, 1 missed"]);
}

#[test]
fn a_scan_that_never_happens_is_a_finding_until_the_next_one() {
    let (world, mut daemon) = after_a_night();
    let missed = |daemon: &crate::daemon::Daemon| {
        let findings = daemon.session.store.findings(&FindingFilter { resolved_too: true, ..FindingFilter::default() });
        let mut findings = findings.unwrap().into_iter().filter(|finding| finding.key.reason == Reason::Missed);
        findings.next().map(|finding| finding.state)
    };
    let name = daemon.session.loaded.register.datasets.keys().next().unwrap().clone();
    let claim = daemon.claims.claim(&[name]).unwrap();
    world.tick_until(&mut daemon, "2027-03-04 02:00", 60);
    assert_eq!(missed(&daemon), None, "overdue by less than a day");
    world.tick_until(&mut daemon, "2027-03-04 03:00", 60);
    assert_eq!(missed(&daemon), Some(FindingState::Open));
    drop(claim);
    // The scan reaches nothing, and has happened all the same.
    std::fs::remove_dir_all(world.path("lists")).unwrap();
    world.tick_until(&mut daemon, "2027-03-05 03:00", 60);
    assert_eq!(missed(&daemon), Some(FindingState::Resolved));
    assert_eq!(told(&daemon, "leads").len(), 2);
}

#[test]
fn datasets_that_share_a_source_are_scanned_together_and_tell_what_none_of_them_claims() {
    let slice = |id: &str, more: &str| {
        let place = format!("sources.items = \"list\"\nwhere = {{ id = \"{id}\" }}");
        format!("{place}\nschedule = \"0 3 * * *\"\n{more}")
    };
    let delay = "random_delay = \"1 hour\"";
    let (first, second, other) = (slice("1", delay), slice("7", delay), slice("8", "").replace("0 3 *", "30 3 *"));
    let world = World::new(&[("a", &first), ("b", &second), ("own", "schedule = \"0 3 * * *\"")], "2027-03-01 02:59");
    let unclaimed = |daemon: &crate::daemon::Daemon| {
        let findings = daemon.session.store.findings(&FindingFilter::default()).unwrap();
        let mut unclaimed = findings.into_iter().filter(|finding| finding.key.reason == Reason::Unclaimed);
        let found = unclaimed.next().map(|finding| (finding.key.dataset.to_string(), finding.items));
        assert!(unclaimed.next().is_none());
        found
    };
    let mut daemon = world.start();
    world.tick_until(&mut daemon, "2027-03-01 05:00", 5);
    assert_eq!(unclaimed(&daemon), Some(("a".to_owned(), 1)));
    let runs = daemon.session.store.runs(9).unwrap();
    let begun = |name: &str| runs.iter().find(|run| run.dataset.as_str() == name).map(|run| run.started_at);
    assert_eq!(begun("a"), begun("b"), "the same delay");
    assert_eq!((told(&daemon, "a"), told(&daemon, "a").len()), (told(&daemon, "own"), 1));
    drop(daemon);

    // Scanned at other times, the first one can tell all the same.
    world.declare(&[("a", &first), ("b", &other)]);
    let mut daemon = world.start();
    world.write("lists/a.csv", "No,Since\n1,2027-01-01\n2,2020-01-01\n3,2020-01-01\n");
    world.tick_until(&mut daemon, "2027-03-02 05:00", 5);
    assert_eq!((told(&daemon, "a").len(), unclaimed(&daemon)), (2, Some(("a".to_owned(), 2))));
}

#[test]
fn hours_that_a_connection_avoids_are_waited_out_and_miss_nothing() {
    let source = "source = { connection = \"pbx\", table = \"calls\", fields = { since = \"at\" } }";
    let dataset = |schedule: &str| format!("schedule = \"{schedule}\"\n{source}");
    let (hourly, morning) = (dataset("0 * * * *"), dataset("30 9 * * *"));
    let world = World::new(&[], "2027-03-01 07:50");
    world.declare(&[("hourly", &hourly), ("morning", &morning), ("own", "schedule = \"0 10 * * *\"")]);
    let mut daemon = world.start();
    world.tick_until(&mut daemon, "2027-03-01 11:50", 10);
    assert_eq!(told(&daemon, "hourly"), ["schedule of 2027-03-01 08:00"]);
    assert_eq!(told(&daemon, "morning"), Vec::<String>::new());
    assert_eq!(told(&daemon, "own"), ["schedule of 2027-03-01 10:00"], "another place");
    assert!(daemon.status(world.now()).starts_with("idle; next 12:00"), "{}", daemon.status(world.now()));
    world.tick_until(&mut daemon, "2027-03-01 13:10", 10);
    assert_eq!(told(&daemon, "morning"), ["schedule of 2027-03-01 09:30"]);
    assert_eq!(told(&daemon, "hourly")[1..], ["schedule of 2027-03-01 12:00", "schedule of 2027-03-01 13:00"]);
    // A person's scan asks nobody.
    world.set("2027-03-02 10:00");
    let request = ScanRequest { datasets: &["hourly".to_owned()], now: None, dry_run: false };
    scan_without_delivery(&daemon.session, &request, Cause::HAND, &Progress::new(Arc::default())).unwrap();
    assert_eq!(told(&daemon, "hourly").len(), 4);
}
