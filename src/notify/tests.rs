//! Tests of notices and letters, and the small company that they are about.

mod escalation;
mod exceptions;
mod letters;
mod planning;
mod summaries;
mod timing;

use super::{Context, Entry, EvidenceHead, Notice, Plan, Situation, Window, plan};
use crate::domain::exception::Exception;
use crate::domain::finding::{EarlierNumber, Finding, FindingKey, FindingState};
use crate::domain::instant::Instant;
use crate::domain::language::{Language, Localised};
use crate::domain::letter::{ExceptionTold, Letter, NoticeReason, Told};
use crate::domain::name::{CategoryName, DatasetName, DivisionName, LedgerName, PersonName, RootName};
use crate::domain::period::Period;
use crate::domain::register::{
    Category, ConsentEntry, ConsentSource, Dataset, Division, ExceptionPolicy, FiscalYearStart, KeepAtLeast,
    LetterPolicy, Organisation, Person, Place, Register, Root, SourceSpec, Tell,
};
use crate::domain::run::CaughtUp;
use crate::domain::verdict::Reason;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};

fn at(text: &str) -> Instant {
    Instant::from(text.parse::<jiff::Timestamp>().unwrap())
}

fn both(ja: &str, en: &str) -> Localised {
    Localised { ja: Some(ja.to_owned()), en: Some(en.to_owned()) }
}

fn person(name: &str) -> PersonName {
    PersonName::new(name).unwrap()
}

fn dataset(name: Localised, division: &str, category: &str) -> Dataset {
    Dataset {
        name,
        division: DivisionName::new(division).unwrap(),
        category: CategoryName::new(category).unwrap(),
        purposes: Vec::new(),
        schedule: None,
        schedule_time_zone: TimeZone::get("Asia/Tokyo").unwrap(),
        random_delay: std::time::Duration::ZERO,
        baseline: false,
        site: None,
        was: Vec::new(),
        retired: None,
        warn: vec![Period::of_days(30), Period::of_days(7)],
        keep: Vec::new(),
        keep_at_least: Vec::new(),
        consent: Vec::new(),
        opt_outs: Vec::new(),
        provenance: BTreeMap::new(),
        contract: None,
        early_loss_percent: Dataset::DEFAULT_EARLY_LOSS_PERCENT,
        may_be_empty: false,
        secrecy: false,
        special: Vec::new(),
        collected: None,
        tell: None,
        product_setting: None,
        source: SourceSpec {
            place: Place::Folder {
                root: Root { name: RootName::new("pbx").unwrap(), path: "/srv/pbx".into(), must_be_mount: false },
                files: vec!["**/*.wav".to_owned()],
                exclude: Vec::new(),
            },
            fields: Vec::new(),
            identity: None,
            time_zone: TimeZone::get("Asia/Tokyo").unwrap(),
        },
        shared_source: None,
        copies: Vec::new(),
        copy_name: None,
        slice: BTreeMap::new(),
        avoid: None,
        files: None,
    }
}

fn category(name: Localised, require_provenance: &[&str]) -> Category {
    Category {
        name,
        purposes: Vec::new(),
        require_provenance: require_provenance.iter().map(ToString::to_string).collect(),
        collected: None,
        special: Vec::new(),
        secrecy: false,
    }
}

/// Two divisions with one person in charge, one with another, and a dataset that only the manager hears of.
fn company() -> Register {
    let staff =
        |ja: &str, en: &str, email: &str, language| Person { name: both(ja, en), email: email.to_owned(), language };
    let division = |ja: &str, en: &str, person_in_charge: &str| Division {
        name: both(ja, en),
        person_in_charge: person(person_in_charge),
        deputy: None,
        letters: LetterPolicy::default(),
    };
    let mut calls = dataset(both("サポート窓口の通話録音", "Support desk recordings"), "support", "calls");
    calls.keep_at_least = vec![KeepAtLeast {
        conditions: BTreeMap::new(),
        period: Period::of_days(1000),
        from: Vec::new(),
        until_end_of: None,
        count: crate::domain::register::CountMethod::Calendar,
        basis: Some("個人情報保護法 第29条".to_owned()),
    }];
    let mut seminar = dataset(both("共催セミナー参加者名簿", "Seminar attendees from partners"), "marketing", "lists");
    seminar.consent = vec![ConsentEntry {
        source: ConsentSource::Ledger { ledger: LedgerName::new("consents").unwrap(), by: Vec::new() },
        valid_for: None,
        purposes: Vec::new(),
    }];
    let mut pilot = dataset(both("試行中の名簿", "Pilot list"), "marketing", "lists");
    pilot.tell = Some(Tell::Manager);
    let mut secret = dataset(both("加入者の通信記録", "Subscriber call records"), "support", "calls");
    secret.secrecy = true;
    let cameras = dataset(both("監視カメラ映像", "Camera footage"), "facilities", "calls");
    Register {
        organisation: Organisation {
            name: both("例示ネットワークス株式会社", "Example Networks Inc."),
            contact_point: "privacy@example.co.jp".to_owned(),
            privacy_manager: person("manager"),
            auditor: None,
            time_zone: TimeZone::get("Asia/Tokyo").unwrap(),
            fiscal_year_starts: FiscalYearStart { month: 4, day: 1 },
            policy_established: None,
            policy_revised: None,
        },
        people: [
            ("manager", staff("個人情報保護管理者", "Privacy Manager", "manager@example.co.jp", Language::Ja)),
            ("sato", staff("サポート部 個人情報担当", "Support lead", "support-pic@example.co.jp", Language::Ja)),
            (
                "mark",
                staff("マーケティング担当", "Marketing privacy lead", "marketing-pic@example.co.jp", Language::En),
            ),
        ]
        .into_iter()
        .map(|(name, staff)| (person(name), staff))
        .collect(),
        divisions: [
            ("facilities", division("総務部", "Facilities", "sato")),
            ("marketing", division("マーケティング部", "Marketing", "mark")),
            ("support", division("カスタマーサポート部", "Customer Support", "sato")),
        ]
        .into_iter()
        .map(|(name, division)| (DivisionName::new(name).unwrap(), division))
        .collect(),
        purposes: BTreeMap::new(),
        categories: [
            ("calls", category(both("通話記録・録音", "Call logs and recordings"), &[])),
            ("lists", category(both("名簿", "Lists"), &["supplier", "obtained_by", "broker"])),
        ]
        .into_iter()
        .map(|(name, category)| (CategoryName::new(name).unwrap(), category))
        .collect(),
        contracts: BTreeMap::new(),
        ledgers: BTreeMap::new(),
        datasets: [("calls", calls), ("cameras", cameras), ("pilot", pilot), ("secret", secret), ("seminar", seminar)]
            .into_iter()
            .map(|(name, dataset)| (DatasetName::new(name).unwrap(), dataset))
            .collect(),
        letters: LetterPolicy::default(),
        exceptions: ExceptionPolicy::default(),
        tests: Vec::new(),
    }
}

/// A finding that this scan, on 28 February 2027, saw first.
fn finding(register: &Register, dataset: &str, reason: Reason, items: u64) -> Finding {
    let dataset = DatasetName::new(dataset).unwrap();
    let division = register.datasets[&dataset].division.clone();
    Finding {
        key: FindingKey { dataset, reason, detail: String::new() },
        division,
        items,
        new: items,
        continuing: 0,
        gone: 0,
        excepted: 0,
        kept_by_product: None,
        earliest_due: None,
        state: FindingState::Open,
        first_seen: now(),
        changed_at: now(),
        acknowledgement: None,
    }
}

/// A Sunday at noon in Tokyo.
fn now() -> Instant {
    at("2027-02-28T12:00:00+09:00")
}

fn head() -> EvidenceHead {
    EvidenceHead { length: 1234, hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned() }
}

fn context(head: &EvidenceHead) -> Context<'_> {
    Context {
        now: now(),
        evidence: Some(head),
        items_command: "purposed items",
        confirm_command: "purposed confirm",
        acknowledge_command: "purposed acknowledge",
        declare_command: "purposed disposal declare",
        simulated: false,
    }
}

/// An entry of a letter about a finding that nobody was told of.
fn entry_of(finding: Finding) -> Entry {
    Entry {
        finding,
        reason: Some(NoticeReason::First),
        earlier_ids: Vec::new(),
        told_items: None,
        told_first_at: None,
        before: Vec::new(),
        is_waiting: false,
        exceptions: Vec::new(),
    }
}

const DAY: i64 = 86_400_000_000;

fn days_after(instant: Instant, days: i64) -> Instant {
    Instant::from_microseconds(instant.microseconds() + days * DAY)
}

/// What planning looks at, and what was told by the letters planned so far.
struct Case {
    register: Register,
    findings: Vec<Finding>,
    moved: BTreeSet<FindingKey>,
    told: Vec<Told>,
    exceptions: Vec<Exception>,
    exceptions_told: Vec<ExceptionTold>,
    missed: Vec<CaughtUp>,
    earlier_numbers: Vec<EarlierNumber>,
    unreachable: BTreeSet<PersonName>,
    waiting: BTreeSet<DatasetName>,
}

impl Case {
    fn of(register: Register, findings: Vec<Finding>) -> Self {
        Self {
            register,
            findings,
            moved: BTreeSet::new(),
            told: Vec::new(),
            exceptions: Vec::new(),
            exceptions_told: Vec::new(),
            missed: Vec::new(),
            earlier_numbers: Vec::new(),
            unreachable: BTreeSet::new(),
            waiting: BTreeSet::new(),
        }
    }

    fn plan(&self, window: &Window, now: Instant) -> Plan {
        let situation = Situation {
            register: &self.register,
            findings: &self.findings,
            moved: &self.moved,
            told: &self.told,
            exceptions: &self.exceptions,
            exceptions_told: &self.exceptions_told,
            missed: &self.missed,
            earlier_numbers: &self.earlier_numbers,
            unreachable: &self.unreachable,
            waiting: &self.waiting,
            now,
        };
        plan(&situation, window)
    }

    /// Plans through a window, remembers what is told, and shows who is told why.
    fn tell_through(&mut self, window: &Window, now: Instant) -> Vec<(String, Vec<NoticeReason>)> {
        let plan = self.plan(window, now);
        let shown = plan.notices.iter().map(|notice| (notice.recipient.to_string(), notice.reasons())).collect();
        self.told.extend(plan.quiet);
        for notice in plan.notices {
            self.told.extend(notice.told);
            self.exceptions_told.extend(notice.exceptions_told);
        }
        shown
    }

    /// The same when every letter may leave.
    fn tell(&mut self, now: &str) -> Vec<(String, Vec<NoticeReason>)> {
        let window = Window::wide_open(&self.register);
        self.tell_through(&window, at(now))
    }
}

fn to(recipient: &str, reasons: &[NoticeReason]) -> (String, Vec<NoticeReason>) {
    (recipient.to_owned(), reasons.to_vec())
}

/// The letters that follow when every letter may leave and nothing stands in the way.
fn planned(
    register: &Register,
    findings: &[Finding],
    told: &[Told],
    now: Instant,
    moved: &BTreeSet<FindingKey>,
) -> Vec<Notice> {
    let case = Case { told: told.to_vec(), moved: moved.clone(), ..Case::of(register.clone(), findings.to_vec()) };
    case.plan(&Window::wide_open(register), now).notices
}

/// Asserts that the text of a letter and its HTML hold the same words.
fn assert_same_in_html(letter: &Letter) {
    let bare = |text: &str| -> String { text.chars().filter(|character| character.is_alphanumeric()).collect() };
    let mut html = String::new();
    let mut inside = false;
    let body = letter.html.split_once("<body").unwrap().1;
    for character in "<body".chars().chain(body.chars()) {
        match character {
            '<' => inside = true,
            '>' => inside = false,
            _ if !inside => html.push(character),
            _ => {}
        }
    }
    let html = html.replace("&quot;", "\"").replace("&#x27;", "'").replace("&#39;", "'").replace("&#x2f;", "/");
    assert_eq!(bare(&letter.text), bare(&html));
}
