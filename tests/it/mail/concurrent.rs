//! Many letters, two deliveries at a time, and an end in the midst of it, through the functions that the daemon calls.

use super::super::world::World;
use super::company::{company, smtp};
use super::letter;
use super::scripted::{Point, Scripted, Step, Trick};
use purposed::app::Environment;
use purposed::app::deliver::{deliver_due, deliver_waiting};
use purposed::app::session::{Session, load};
use purposed::domain::instant::Instant;
use purposed::store::{Access, Commit};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

fn now() -> Instant {
    Instant::from("2027-02-28T12:00:00+09:00".parse::<jiff::Timestamp>().unwrap())
}

fn environment(world: &World) -> Environment {
    Environment {
        credentials_directory: None,
        state_directory: None,
        user: "admin".to_owned(),
        temporary_folder: world.path("tmp"),
    }
}

/// A session with so many letters that wait.
fn waiting(world: &World, letters: usize) -> Session {
    let session =
        Session::open(load(&world.path("purposed.toml")).unwrap(), &environment(world), Access::Write).unwrap();
    let letters = (0..letters).map(|number| letter(&format!("pic-{number}@example.co.jp"))).collect();
    let commit = Commit { now: now(), letters, message_domain: "example.co.jp".to_owned(), ..Commit::default() };
    session.store.commit(&commit).unwrap();
    session
}

#[test]
fn many_letters_open_few_connections() {
    let server = Scripted::start(|_: &Point| Trick::None);
    let world = company(&smtp(server.port));
    let session = waiting(&world, 60);
    let delivered = deliver_due(&session, &environment(&world), now(), &AtomicBool::new(false)).unwrap();
    assert_eq!(delivered.accepted, 60);
    assert!(server.most_open() <= 9, "{} at once", server.most_open());
    assert!(server.most_open() > 1, "several at a time");
}

#[test]
fn no_letter_is_attempted_twice_at_the_same_time() {
    let server = Scripted::start(|point: &Point| match point.step {
        Step::Data => Trick::Late(Duration::from_millis(100)),
        _ => Trick::None,
    });
    let world = company(&smtp(server.port));
    let session = waiting(&world, 12);
    let (environment, cancel) = (environment(&world), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| deliver_waiting(&session, &environment, now(), &cancel).unwrap());
        }
    });
    for number in 0..12 {
        assert_eq!(server.visits(&format!("pic-{number}@example.co.jp")), 1, "{number}");
    }
    assert!(session.store.queued_letters().unwrap().is_empty());
}

#[test]
fn a_store_that_fails_tears_off_no_conversation_and_lets_none_begin() {
    let server = Scripted::start(|point: &Point| match point.step {
        Step::Data => Trick::Late(Duration::from_millis(50 + 40 * (point.connection as u64 % 8))),
        _ => Trick::None,
    });
    let world = company(&smtp(server.port));
    let session = waiting(&world, 40);
    // The head of the evidence cannot be written beside the database.
    std::fs::create_dir(world.path("state/evidence.head.draft")).unwrap();
    let delivered = deliver_due(&session, &environment(&world), now(), &AtomicBool::new(false));
    assert!(delivered.is_err(), "{delivered:?}");
    let taken = server.taken().len();
    assert!((1..40).contains(&taken), "{taken}");
    let begun: usize = (0..40).map(|number| server.visits(&format!("pic-{number}@example.co.jp"))).sum();
    assert_eq!(begun, taken, "what had begun came to its end");
    assert_eq!(session.store.queued_letters().unwrap().len(), 40 - taken, "and was noted");
}

#[test]
fn an_end_abandons_what_runs_and_knows_of_it_afterwards() {
    let server = Scripted::start(|point: &Point| if point.step == Step::Dot { Trick::Hang } else { Trick::None });
    let world = company(&smtp(server.port).replace("time_limit_seconds = 2", "time_limit_seconds = 600"));
    let session = waiting(&world, 3);
    let cancel = AtomicBool::new(false);
    let started = std::time::Instant::now();
    std::thread::scope(|scope| {
        let delivery = scope.spawn(|| deliver_due(&session, &environment(&world), now(), &cancel).unwrap());
        while server.taken().len() < 3 {
            std::thread::sleep(Duration::from_millis(10));
        }
        cancel.store(true, Ordering::Relaxed);
        assert_eq!(delivery.join().unwrap().waiting, 3);
    });
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
    let letters = session.store.queued_letters().unwrap();
    assert!(letters.iter().all(|letter| letter.is_unfinished && letter.attempts == 1), "the outcome is unknown");
}

#[test]
fn a_scan_that_holds_the_store_stops_no_conversation() {
    // The other way round: while letters are stuck, everything else goes on.
    let server = Scripted::start(|point: &Point| if point.step == Step::Data { Trick::Hang } else { Trick::None });
    let world = company(&smtp(server.port));
    let session = waiting(&world, 2);
    let cancel = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let delivery = scope.spawn(|| deliver_due(&session, &environment(&world), now(), &cancel).unwrap());
        while server.visits("pic-0@example.co.jp") == 0 {
            std::thread::sleep(Duration::from_millis(5));
        }
        let asked = std::time::Instant::now();
        session.store.record(now(), "test", serde_json::json!({})).unwrap();
        assert!(asked.elapsed() < Duration::from_millis(500), "{:?}", asked.elapsed());
        assert_eq!(delivery.join().unwrap().waiting, 2);
    });
}
