//! A year of a small company in seconds: real scans and a real store, a scripted clock, and every letter that leaves,
//! with its day, its recipient and its reasons.

use super::{LettersWritten, tick};
use crate::app::acknowledge::{AcknowledgeRequest, acknowledge};
use crate::app::confirm::{ConfirmRequest, confirm};
use crate::app::deliver::deliver_due;
use crate::app::disposal::{DeclareRequest, declare, overdue};
use crate::app::exception::{AddRequest, EndRequest, Ending, add, end, expire_due};
use crate::app::scan::{ScanRequest, Watch, scan_and_store};
use crate::app::session::{Session, load};
use crate::app::{AppError, Environment};
use crate::domain::disposal::DisposalMethod;
use crate::domain::exception::ExceptionKind;
use crate::domain::finding::FindingState;
use crate::domain::instant::Instant;
use crate::domain::verdict::Reason;
use crate::store::{Access, FindingFilter};
use jiff::ToSpan;
use jiff::civil::{Date, Weekday, date, time};
use jiff::tz::TimeZone;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::mpsc::channel;
use std::time::Duration;
use tempfile::TempDir;

const SERVER: &str = r#"
version = 1
register = ["register.toml"]
[service]
state = "state"
[mail]
from = "privacy@example.co.jp"
[mail.maildir]
path = "outbox"
[roots]
lists = "lists"
"#;

const REGISTER: &str = r#"
[organisation]
name = "Example Networks"
contact_point = "privacy@example.co.jp"
privacy_manager = "manager"
auditor = "auditor"
time_zone = "Asia/Tokyo"
[letters]
send = "09:00"
holidays = "holidays.csv"
[people]
manager = { name = "Privacy manager", email = "manager@example.co.jp", language = "en" }
auditor = { name = "Auditor", email = "auditor@example.co.jp", language = "en" }
support-pic = { name = "Support lead", email = "support@example.co.jp" }
support-deputy = { name = "Support deputy", email = "deputy@example.co.jp" }
marketing-pic = { name = "Marketing lead", email = "marketing@example.co.jp", language = "en" }
[divisions.support]
person_in_charge = "support-pic"
deputy = "support-deputy"
[divisions.marketing]
person_in_charge = "marketing-pic"
[divisions.marketing.letters]
send = "13:00"
[purposes.care]
ground = "notice"
[categories.customers]
purposes = ["care"]
"#;

const CALLERS: &str = r#"
[datasets.callers]
division = "support"
category = "customers"
purposes = ["care"]
keep = { for = "1 year", from = "collected_on" }
warn = []
[datasets.callers.source]
root = "lists"
files = "callers.csv"
items = "rows"
fields = { id = "id", collected_on = "collected_on" }
"#;

const GUESTS: &str = r#"
[datasets.guests]
division = "marketing"
category = "customers"
purposes = ["care"]
baseline = true
keep = { for = "1 year", from = "collected_on" }
warn = ["30 days", "7 days"]
[datasets.guests.source]
root = "lists"
files = "guests.csv"
items = "rows"
fields = { id = "id", collected_on = "collected_on" }
"#;

struct Quiet(AtomicU64, AtomicBool);

impl Watch for Quiet {
    fn begins(&self, _what: &str) {}

    fn items(&self) -> &AtomicU64 {
        &self.0
    }

    fn cancelled(&self) -> &AtomicBool {
        &self.1
    }
}

/// A company whose daemon looks once a night and writes when it is time.
struct Company {
    folder: TempDir,
    session: Session,
    environment: Environment,
    story: String,
}

impl Company {
    fn new(register: &str) -> Self {
        // A year has thousands of commits: in memory, nobody waits for a disk.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.unwrap();
        fs::create_dir(folder.path().join("lists")).unwrap();
        fs::write(folder.path().join("purposed.toml"), SERVER).unwrap();
        fs::write(folder.path().join("register.toml"), register).unwrap();
        let holidays = "2027-01-01\n2027-01-11\n2027-02-11\n2027-02-23\n2027-03-22\n2027-04-29\n2027-05-03\n\
                        2027-05-04\n2027-05-05\n2027-07-19\n2027-08-11\n2027-09-20\n2027-09-23\n2027-10-11\n";
        fs::write(folder.path().join("holidays.csv"), holidays).unwrap();
        let environment = Environment {
            credentials_directory: None,
            state_directory: None,
            user: "admin".to_owned(),
            temporary_folder: folder.path().to_owned(),
        };
        let loaded = load(&folder.path().join("purposed.toml")).unwrap();
        let session = Session::open(loaded, &environment, Access::Write).unwrap().of_daemon();
        Self { folder, session, environment, story: String::new() }
    }

    fn list(&self, name: &str, days: &[&str]) {
        let rows: String = days.iter().enumerate().fold(String::new(), |mut rows, (number, day)| {
            writeln!(rows, "{number},{day}").unwrap();
            rows
        });
        fs::write(self.folder.path().join("lists").join(name), format!("id,collected_on\n{rows}")).unwrap();
    }

    fn register(&mut self, register: &str) {
        fs::write(self.folder.path().join("register.toml"), register).unwrap();
        let loaded = load(&self.folder.path().join("purposed.toml")).unwrap();
        self.session = self.session.with(loaded);
    }

    fn note(&mut self, day: Date, what: &str) {
        writeln!(self.story, "{day} {}        -- {what}", day.strftime("%a")).unwrap();
    }

    /// A scan at half past two. Letters wait; the story tells how many are urgent.
    fn night(&mut self, day: Date) {
        let now = at(day, 2, 30);
        let request = ScanRequest { datasets: &[], now: Some(now), dry_run: false };
        let watch = Quiet(AtomicU64::new(0), AtomicBool::new(false));
        let answer = scan_and_store(&self.session, &request, &self.environment, &watch).unwrap();
        if !answer.message_ids.is_empty() {
            writeln!(self.story, "{day} {} 02:30  at night: {}", day.strftime("%a"), answer.message_ids.len()).unwrap();
        }
    }

    /// A tick; what leaves goes into the story, and the same instant brings nothing more.
    fn tick(&mut self, day: Date, hour: i8) {
        let now = at(day, hour, 0);
        expire_due(&self.session, now).unwrap();
        overdue(&self.session, now).unwrap();
        tick(&self.session, now).unwrap();
        for queued in self.session.store.due_letters(now).unwrap() {
            let reasons: Vec<&str> = queued.letter.reasons.iter().map(|reason| reason.as_str()).collect();
            let recipient = &queued.letter.recipient;
            writeln!(self.story, "{day} {} {hour:02}:00  {recipient}: {}", day.strftime("%a"), reasons.join(", "))
                .unwrap();
        }
        deliver_due(&self.session, &self.environment, now, &AtomicBool::new(false)).unwrap();
        assert_eq!(tick(&self.session, now).unwrap(), LettersWritten::default(), "{day} {hour}");
    }

    /// The story without the weekly summaries.
    fn news(&self) -> String {
        let lines = self.story.lines().filter(|line| !line.ends_with(": summary"));
        lines.fold(String::new(), |mut all, line| {
            writeln!(all, "{line}").unwrap();
            all
        })
    }

    fn except(&mut self, day: Date, kind: ExceptionKind, until: Date) {
        let request = AddRequest {
            dataset: "callers".to_owned(),
            kind,
            rule: Some("retention".to_owned()),
            items: None,
            dated_from: None,
            dated_until: None,
            until,
            reason: "a dispute".to_owned(),
            requested_by: "support-pic".to_owned(),
            approved_by: "support-deputy".to_owned(),
            confidential: false,
        };
        let answer = add(&self.session, &request, "admin", at(day, 1, 0)).unwrap();
        self.note(day, &format!("{} {}, until {until}", kind.as_str(), answer.id));
    }

    fn acknowledge(&mut self, day: Date, by: &str, until: Date) {
        let findings = self.session.store.findings(&FindingFilter::default()).unwrap();
        let finding = findings.iter().find(|finding| finding.key.reason == Reason::Expired).unwrap();
        let request = AcknowledgeRequest { finding: finding.key.id().0, by: by.to_owned(), until, note: None };
        acknowledge(&self.session, &request, "admin", at(day, 15, 0)).unwrap();
        self.note(day, &format!("{by} answers: until {until}"));
    }
}

fn at(day: Date, hour: i8, minute: i8) -> Instant {
    let zone = TimeZone::get("Asia/Tokyo").unwrap();
    Instant::from(day.to_datetime(time(hour, minute, 0, 0)).to_zoned_datetime(zone).unwrap().timestamp())
}

fn callers_and_guests() -> String {
    format!("{REGISTER}{CALLERS}{GUESTS}")
}

#[test]
fn a_year_goes_by() {
    let mut company = Company::new(&callers_and_guests());
    company.list("callers.csv", &["2025-10-01", "2025-11-01", "2027-01-01", "2027-01-01", "2027-01-01"]);
    company.list("guests.csv", &["2025-12-01", "2026-05-01", "2027-01-01"]);
    let mut day = date(2027, 1, 1);
    while day <= date(2027, 12, 31) {
        match (day.month(), day.day()) {
            (1, 6) => {
                let request = ConfirmRequest { dataset: "guests".to_owned() };
                confirm(&company.session, &request, "admin", at(day, 0, 0)).unwrap();
                company.note(day, "the manager confirms the first scan of the guests");
            }
            (1, 8) => {
                company.list("guests.csv", &["2027-01-01", "2026-05-01", "2027-01-01"]);
                company.note(day, "a guest is erased, a young one added");
            }
            (2, 1) => company.acknowledge(day, "support-deputy", date(2027, 3, 1)),
            (3, 17) => {
                company.list("callers.csv", &["2027-03-01", "2027-03-01", "2027-01-01", "2027-01-01", "2027-01-01"]);
                company.note(day, "the old callers are erased");
            }
            (5, 17) => {
                company.list("guests.csv", &["2027-01-01", "2027-05-01", "2027-01-01"]);
                company.note(day, "the guest that was due is erased");
            }
            (9, 1) => {
                company.register(&format!("{REGISTER}{CALLERS}"));
                company.note(day, "the guests leave the register");
            }
            (10, 4) => {
                company.register(&callers_and_guests());
                company.note(day, "the guests are back");
            }
            _ => {}
        }
        let is_told_of = company.story.lines().last().is_some_and(|line| line.starts_with(&day.to_string()));
        if is_told_of || day.weekday() == Weekday::Monday || day.day() < 4 {
            company.night(day);
            company.tick(day, 3);
        }
        for hour in [9, 13] {
            company.tick(day, hour);
        }
        day = day.checked_add(1.day()).unwrap();
    }
    insta::assert_snapshot!(company.news());
    let summaries = |recipient: &str| {
        company.story.lines().filter(|line| line.contains(recipient) && line.contains("summary")).count()
    };
    assert_eq!((summaries("manager"), summaries("auditor")), (52, 52));
    let weekdays: std::collections::BTreeSet<&str> =
        company.story.lines().filter(|line| line.contains("auditor")).map(|line| &line[11..14]).collect();
    assert!(weekdays.is_subset(&["Mon", "Tue", "Thu"].into()), "Mondays, or the next business day: {weekdays:?}");
}

/// An extension and a hold through their lives, and erased items that nobody explains for too long.
#[test]
fn exceptions_end_and_closures_are_asked_for() {
    let mut company = Company::new(&format!("{REGISTER}{CALLERS}"));
    let young = ["2027-01-01", "2027-01-01", "2027-01-01"];
    company.list("callers.csv", &[&young[..], &["2025-10-01", "2025-11-01"]].concat());
    let mut day = date(2027, 1, 4);
    while day <= date(2027, 4, 30) {
        match (day.month(), day.day()) {
            (1, 5) => company.except(day, ExceptionKind::Extension, date(2027, 2, 26)),
            (3, 3) => company.except(day, ExceptionKind::Hold, date(2027, 3, 10)),
            (3, 19) => {
                let request = EndRequest { id: "E-2".to_owned(), ending: Ending::Release, by: "manager".to_owned() };
                end(&company.session, &request, "admin", at(day, 1, 0)).unwrap();
                company.note(day, "the hold is released");
            }
            (3, 24) => {
                company.list("callers.csv", &young);
                company.note(day, "the old callers are erased");
            }
            (4, 27) => {
                let open = company.session.store.findings(&FindingFilter::default()).unwrap();
                let closure = open.iter().find(|one| one.key.reason == Reason::ClosureUnexplained).unwrap();
                let request = DeclareRequest {
                    finding: closure.key.id().0,
                    method: DisposalMethod::Erased,
                    on: date(2027, 3, 23),
                    by: "support-pic".to_owned(),
                    approved_by: "manager".to_owned(),
                    certificate: None,
                    note: None,
                };
                declare(&company.session, &request, "admin", at(day, 1, 0)).unwrap();
                company.note(day, "the erasure is declared");
            }
            _ => {}
        }
        company.night(day);
        company.tick(day, 9);
        day = day.checked_add(1.day()).unwrap();
    }
    insta::assert_snapshot!(company.news());
}

#[test]
fn only_whom_it_concerns_may_answer_and_for_a_time_to_come() {
    let mut company = Company::new(&format!("{REGISTER}{CALLERS}"));
    company.list("callers.csv", &["2025-10-01", "2027-01-01", "2027-01-01"]);
    let today = date(2027, 1, 5);
    company.night(today);
    let finding = company.session.store.findings(&FindingFilter::default()).unwrap().remove(0);
    let id = finding.key.id();
    let ask = |finding: &str, by: &str, until: Date, note: Option<&str>| {
        let request =
            AcknowledgeRequest { finding: finding.to_owned(), by: by.to_owned(), until, note: note.map(str::to_owned) };
        acknowledge(&company.session, &request, "admin", at(today, 10, 0))
    };
    let soon = date(2027, 2, 1);
    let refused = [
        ask("F-0000000000", "support-pic", soon, None),
        ask(&id.0, "nobody", soon, None),
        ask(&id.0, "marketing-pic", soon, None),
        ask(&id.0, "support-pic", today, None),
        ask(&id.0, "support-pic", date(2028, 1, 7), None),
        ask(&id.0, "support-pic", soon, Some("two\nlines")),
    ];
    let messages: Vec<String> = refused.into_iter().map(|answer| answer.unwrap_err().to_string()).collect();
    insta::assert_snapshot!(messages.join("\n").replace(&id.0, "F-ID"));
    for by in ["support-pic", "support-deputy", "manager"] {
        ask(&id.0, by, soon, Some("the vendor comes on Thursday")).unwrap();
    }
    let stored = company.session.store.finding(&id).unwrap().unwrap();
    assert_eq!(stored.state, FindingState::Acknowledged);
    let plan = stored.acknowledgement.unwrap();
    assert_eq!((plan.by.as_str(), plan.until), ("manager", soon));
    assert_eq!(plan.note.as_deref(), Some("the vendor comes on Thursday"));
    company.list("callers.csv", &["2027-01-01", "2027-01-01", "2027-01-01"]);
    company.night(date(2027, 1, 6));
    let answer = acknowledge(
        &company.session,
        &AcknowledgeRequest { finding: id.0, by: "manager".to_owned(), until: soon, note: None },
        "admin",
        at(today, 10, 0),
    );
    assert!(matches!(answer, Err(AppError::Argument(_))), "what is resolved waits for no answer");
}

/// Digests leave once, the scan at night mails nobody, and a daemon that has nothing to do writes nothing.
#[test]
fn an_idle_tick_writes_nothing() {
    let mut company = Company::new(&format!("{REGISTER}{CALLERS}"));
    company.list("callers.csv", &["2027-01-01"]);
    let monday = date(2027, 1, 4);
    company.night(monday);
    company.tick(monday, 9);
    let head = company.session.store.head().unwrap();
    let marks = company.session.store.marks().unwrap();
    for minute in 1..30 {
        assert_eq!(tick(&company.session, at(monday, 9, minute)).unwrap(), LettersWritten::default());
    }
    assert_eq!(company.session.store.head().unwrap(), head);
    assert_eq!(company.session.store.marks().unwrap(), marks);
}

#[test]
fn a_word_waits_for_whoever_is_storing_what_follows_from_what_was_known() {
    let company = Company::new(&format!("{REGISTER}{CALLERS}"));
    let (said, heard) = channel();
    let request = ConfirmRequest { dataset: "callers".to_owned() };
    std::thread::scope(|scope| {
        let storing = company.session.settle();
        let (session, request) = (&company.session, &request);
        scope.spawn(move || said.send(confirm(session, request, "admin", Instant::default()).is_err()));
        assert!(heard.recv_timeout(Duration::from_millis(200)).is_err(), "it did not wait");
        drop(storing);
        // It was never scanned, so that there is nothing to confirm.
        assert_eq!(heard.recv_timeout(Duration::from_secs(20)), Ok(true));
    });
}
