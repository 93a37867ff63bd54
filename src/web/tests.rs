//! Tests of readiness and metrics on pictures made by hand. The connections are tried in `tests/it/web.rs`.

use super::{Health, metrics, ready};
use crate::app::picture::{DatasetPicture, Picture, StateFolder};
use crate::domain::finding::{Finding, FindingKey, FindingState};
use crate::domain::instant::Instant;
use crate::domain::name::{DatasetName, DivisionName, PersonName};
use crate::domain::unreachable::{Unreachable, UnreachableCause};
use crate::domain::verdict::Reason;
use crate::store::Counts;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

const HOUR: i64 = 3_600_000_000;

fn at(hour: i64) -> Instant {
    Instant::from_microseconds(1_800_000_000_000_000 + hour * HOUR)
}

fn dataset() -> DatasetPicture {
    DatasetPicture {
        name: DatasetName::new("calls").unwrap(),
        division: DivisionName::new("support").unwrap(),
        is_scanned_here: true,
        last: None,
        succeeded_at: Some(at(-1)),
        running_since: None,
        missed: 3,
        next_run: Some(at(23)),
        overdue_since: None,
    }
}

fn finding(state: FindingState) -> Finding {
    Finding {
        key: FindingKey { dataset: DatasetName::new("calls").unwrap(), reason: Reason::Expired, detail: String::new() },
        division: DivisionName::new("support").unwrap(),
        items: 310,
        new: 310,
        continuing: 0,
        gone: 0,
        excepted: 2,
        kept_by_product: None,
        earliest_due: None,
        state,
        first_seen: at(0),
        changed_at: at(0),
        acknowledgement: None,
    }
}

fn picture() -> Picture {
    Picture {
        now: at(0),
        time_zone: TimeZone::UTC,
        datasets: vec![dataset()],
        findings: vec![finding(FindingState::Open)],
        counts: Counts::default(),
        evidence: (7, "c0ffee".to_owned()),
        unreachable: Vec::new(),
        manager_is_unreachable: false,
        letters_stay_here: false,
        state: StateFolder { is_writable: true, free_bytes: 1 << 30 },
    }
}

#[test]
fn a_service_with_nothing_wrong_is_ready() {
    assert_eq!(ready::reasons(&picture(), &Health::new(at(-5))), Vec::<String>::new());
}

#[test]
fn every_reason_is_told_on_a_line_of_its_own() {
    let health = Health::new(at(-5));
    health.reload_failed();
    let mut picture = picture();
    picture.letters_stay_here = true;
    picture.manager_is_unreachable = true;
    picture.state = StateFolder { is_writable: false, free_bytes: 5 << 20 };
    picture.counts.waiting_since = Some(at(-30));
    picture.counts.letters = BTreeMap::from([("queued".to_owned(), 2)]);
    picture.datasets[0].overdue_since = Some(at(-2));
    assert_eq!(
        ready::reasons(&picture, &health),
        [
            "the configuration was refused; the one before it is in use: see `purposed check`",
            "the state folder cannot be written",
            "the state folder has 5 MiB left",
            "nobody gets a letter: without `[mail]` they stay in a maildir beside the state",
            "the privacy manager's address did not work: nobody is left to be told",
            "letters cannot be delivered: 2 wait, one for 30 hours",
            "dataset `calls` was not scanned when it should have been, at 2027-01-15T06:00:00+00:00",
        ]
    );
    health.reload_succeeded(at(0));
    picture.counts.waiting_since = Some(at(-23));
    assert!(ready::reasons(&picture, &health).iter().all(|reason| !reason.contains("configuration was")));
    assert!(ready::reasons(&picture, &health).iter().all(|reason| !reason.contains("delivered")));
}

#[test]
fn metrics_are_what_the_picture_shows() {
    let mut picture = picture();
    let person = PersonName::new("pic-support").unwrap();
    let email = "pic@example.co.jp".to_owned();
    let (cause, why) = (UnreachableCause::Refused, "550 5.1.1".to_owned());
    picture.unreachable = vec![Unreachable { person, email, since: at(-3), cause, why, letter: 1 }];
    picture.counts.letters = BTreeMap::from([("accepted".to_owned(), 4), ("queued".to_owned(), 1)]);
    picture.counts.waiting_since = Some(at(-2));
    let text = metrics::text(Some(&picture), &Health::new(at(-5))).unwrap();
    let steady: String =
        text.lines().filter(|line| !line.contains("tick_age")).map(|line| format!("{line}\n")).collect();
    insta::assert_snapshot!(steady);
    assert!(!text.contains("example.co.jp") && !text.contains("pic-support"));
}

#[test]
fn without_the_store_the_process_still_speaks_of_itself() {
    let text = metrics::text(None, &Health::new(at(0))).unwrap();
    assert!(text.contains("purposed_store_readable 0.0\n") && text.contains("purposed_build_info{version="), "{text}");
    assert!(!text.contains("purposed_ready"), "{text}");
}
