//! What follows silence: repeats, the deputy, the manager; and what an answer changes.

use super::super::{Context, Templates, Window, render};
use super::{Case, assert_same_in_html, at, both, company, context, finding, head, person, to};
use crate::domain::finding::{Acknowledgement, Finding, FindingState};
use crate::domain::language::Language;
use crate::domain::letter::Letter;
use crate::domain::letter::NoticeReason::{Escalated, First, More, PlanPassed, Repeat, Resolved};
use crate::domain::name::{DatasetName, DivisionName};
use crate::domain::register::{BusinessCalendar, Person, Register};
use crate::domain::verdict::Reason;
use jiff::civil::date;

/// The company with a deputy at the support desk.
fn with_deputy() -> Register {
    let mut register = company();
    let staff: Person = register.people[&person("sato")].clone();
    register.people.insert(person("suzuki"), staff);
    let support = register.divisions.get_mut(&DivisionName::new("support").unwrap()).unwrap();
    support.deputy = Some(person("suzuki"));
    register
}

/// A case about expired calls, first told on Monday, 1 March 2027, at nine.
fn told_on_monday(register: Register) -> Case {
    let expired = finding(&register, "calls", Reason::Expired, 10);
    let mut case = Case::of(register, vec![expired]);
    assert_eq!(case.tell("2027-03-01T09:00:00+09:00"), [to("sato", &[First])]);
    case
}

#[test]
fn silence_goes_up_the_ladder_in_business_days() {
    let mut case = told_on_monday(with_deputy());
    assert_eq!(case.tell("2027-03-05T09:00:00+09:00"), [], "four business days later");
    assert_eq!(
        case.tell("2027-03-08T09:00:00+09:00"),
        [to("sato", &[Repeat]), to("suzuki", &[Escalated])],
        "five business days, and a week"
    );
    assert_eq!(case.tell("2027-03-12T09:00:00+09:00"), []);
    assert_eq!(
        case.tell("2027-03-15T09:00:00+09:00"),
        [to("manager", &[Escalated]), to("sato", &[Repeat]), to("suzuki", &[Repeat])]
    );
    let weekly = [to("manager", &[Repeat]), to("sato", &[Repeat]), to("suzuki", &[Repeat])];
    assert_eq!(case.tell("2027-03-22T09:00:00+09:00"), weekly);
    case.findings[0].state = FindingState::Resolved;
    assert_eq!(
        case.tell("2027-03-23T09:00:00+09:00"),
        [to("manager", &[Resolved]), to("sato", &[Resolved]), to("suzuki", &[Resolved])],
        "everybody who knew"
    );
    assert_eq!(case.tell("2027-03-23T09:00:00+09:00"), []);
}

#[test]
fn who_was_told_is_told_of_the_end_after_somebody_else_took_over() {
    let mut case = told_on_monday(with_deputy());
    let support = case.register.divisions.get_mut(&DivisionName::new("support").unwrap()).unwrap();
    support.person_in_charge = person("mark");
    support.deputy = None;
    assert_eq!(case.tell("2027-03-02T09:00:00+09:00"), [to("mark", &[First])]);
    case.findings[0].state = FindingState::Resolved;
    assert_eq!(case.tell("2027-03-03T09:00:00+09:00"), [to("mark", &[Resolved]), to("sato", &[Resolved])]);
    assert_eq!(case.tell("2027-03-04T09:00:00+09:00"), []);
}

#[test]
fn letters_say_within_how_many_days_an_answer_is_awaited_and_who_is_told_otherwise() {
    let mut case = told_on_monday(with_deputy());
    let support = case.register.divisions.get_mut(&DivisionName::new("support").unwrap()).unwrap();
    support.letters.escalate_after_business_days = 3;
    let deputy = case.register.people.get_mut(&person("suzuki")).unwrap();
    (deputy.name, deputy.language) = (both("副担当", "Deputy"), Language::En);
    case.findings.push(finding(&case.register, "cameras", Reason::Expired, 1));
    let letters = |case: &Case, now: &str| {
        let notices = case.plan(&Window::wide_open(&case.register), at(now)).notices;
        let head = head();
        let context = Context { now: at(now), ..context(&head) };
        let rendered = render(&case.register, &notices, &context, &Templates::default());
        rendered.letters.iter().for_each(assert_same_in_html);
        let flat = |letter: &Letter| (letter.recipient.to_string(), letter.text.replace("\n  ", ""));
        rendered.letters.iter().map(flat).collect::<std::collections::BTreeMap<_, _>>()
    };
    let first = &letters(&case, "2027-03-02T09:00:00+09:00")["sato"];
    assert!(first.contains("3営業日以内にご回答をいただけない件は、副担当にもお知らせします"), "{first}");
    assert!(first.contains("総務部: 最初のお知らせから5営業日以内"), "{first}");
    let later = letters(&case, "2027-03-04T09:00:00+09:00");
    assert!(!later["sato"].contains("3営業日以内"), "they are told by now: {}", later["sato"]);
    assert!(later["suzuki"].contains("Please answer within 3 business days"), "{}", later["suzuki"]);
    let last = letters(&Case { register: company(), ..case }, "2027-03-15T09:00:00+09:00");
    assert!(!last["manager"].contains("営業日以内"), "nobody comes after: {}", last["manager"]);
}

#[test]
fn who_left_the_register_is_not_written_to() {
    let mut case = told_on_monday(company());
    for division in case.register.divisions.values_mut() {
        division.person_in_charge = person("mark");
    }
    case.register.people.remove(&person("sato"));
    case.findings[0].state = FindingState::Resolved;
    assert_eq!(case.tell("2027-03-03T09:00:00+09:00"), []);
}

#[test]
fn without_a_deputy_it_goes_straight_to_the_manager_and_holidays_do_not_count() {
    let mut register = company();
    for division in register.divisions.values_mut() {
        division.letters.calendar = BusinessCalendar::new([date(2027, 3, 3), date(2027, 3, 4)]);
    }
    let mut case = told_on_monday(register);
    assert_eq!(case.tell("2027-03-08T09:00:00+09:00"), [to("sato", &[Repeat])], "three business days");
    assert_eq!(case.tell("2027-03-10T09:00:00+09:00"), [to("manager", &[Escalated])]);
}

#[test]
fn whoever_cannot_be_reached_is_skipped_at_once() {
    let mut case = told_on_monday(with_deputy());
    case.unreachable.insert(person("sato"));
    let night = crate::notify::Window::default();
    assert_eq!(case.tell_through(&night, super::at("2027-03-02T02:00:00+09:00")), [to("suzuki", &[Escalated])]);
    let mut case = Case::of(with_deputy(), vec![finding(&with_deputy(), "calls", Reason::Expired, 10)]);
    case.unreachable.extend([person("sato"), person("suzuki")]);
    assert_eq!(case.tell_through(&night, super::at("2027-03-01T02:00:00+09:00")), [], "a new one waits as others do");
    assert_eq!(case.tell("2027-03-01T09:00:00+09:00"), [to("manager", &[Escalated])]);
    case.unreachable.insert(person("manager"));
    assert_eq!(case.tell("2027-03-08T09:00:00+09:00"), [to("manager", &[Repeat])], "the last one stays");
}

fn acknowledged(finding: &mut Finding, until: jiff::civil::Date) {
    finding.state = FindingState::Acknowledged;
    finding.acknowledgement =
        Some(Acknowledgement { by: person("sato"), until, note: None, at: super::at("2027-03-03T10:00:00+09:00") });
}

#[test]
fn an_answer_stops_repeats_until_its_day_has_passed() {
    let mut case = told_on_monday(with_deputy());
    acknowledged(&mut case.findings[0], date(2027, 3, 31));
    assert_eq!(case.tell("2027-03-30T09:00:00+09:00"), []);
    case.findings[0].items = 11;
    assert_eq!(case.tell("2027-03-31T09:00:00+09:00"), [to("sato", &[More])], "more is told all the same");
    case.findings[0].state = FindingState::Open;
    assert_eq!(
        case.tell("2027-04-01T09:00:00+09:00"),
        [to("sato", &[PlanPassed]), to("suzuki", &[Escalated])],
        "the day has passed: the deputy at once"
    );
    assert_eq!(case.tell("2027-04-07T09:00:00+09:00"), []);
    assert_eq!(
        case.tell("2027-04-08T09:00:00+09:00"),
        [to("manager", &[Escalated]), to("sato", &[Repeat]), to("suzuki", &[Repeat])],
        "five business days more: the manager"
    );
    acknowledged(&mut case.findings[0], date(2027, 4, 30));
    assert_eq!(case.tell("2027-04-30T09:00:00+09:00"), []);
    assert_eq!(
        case.tell("2027-05-03T09:00:00+09:00"),
        [to("manager", &[PlanPassed]), to("sato", &[PlanPassed]), to("suzuki", &[PlanPassed])],
        "as acknowledged as the store may still call it"
    );
    assert_eq!(case.tell("2027-05-03T09:00:00+09:00"), []);
}

#[test]
fn matters_for_the_manager_go_to_the_manager_alone() {
    let register = with_deputy();
    let findings = [Reason::Missed, Reason::Unregistered, Reason::EarlyLoss];
    let mut case = Case::of(register.clone(), findings.map(|reason| finding(&register, "calls", reason, 3)).to_vec());
    assert_eq!(case.tell("2027-03-01T09:00:00+09:00"), [to("manager", &[First])]);
    case.findings = vec![finding(&register, "calls", Reason::ClosureUnexplained, 3)];
    case.told.clear();
    assert_eq!(case.tell("2027-03-01T09:00:00+09:00"), [to("sato", &[First])], "this one is the division's");
    case.findings[0].items = 4;
    assert_eq!(case.tell("2027-03-02T09:00:00+09:00"), [to("sato", &[More])], "and its number counts");
}

#[test]
fn a_first_scan_waits_for_the_managers_word() {
    let register = with_deputy();
    let mut case = Case::of(register.clone(), vec![finding(&register, "calls", Reason::Expired, 12)]);
    case.waiting.insert(DatasetName::new("calls").unwrap());
    assert_eq!(case.tell("2027-03-01T09:00:00+09:00"), [to("manager", &[First])]);
    assert_eq!(case.tell("2027-03-05T09:00:00+09:00"), []);
    case.waiting.clear();
    assert_eq!(case.tell("2027-03-05T09:00:00+09:00"), [to("sato", &[First])]);
    assert_eq!(case.tell("2027-03-11T09:00:00+09:00"), [], "the manager is out of it");
    assert_eq!(
        case.tell("2027-03-12T09:00:00+09:00"),
        [to("sato", &[Repeat]), to("suzuki", &[Escalated])],
        "until silence brings it back"
    );
    assert_eq!(
        case.tell("2027-03-19T09:00:00+09:00"),
        [to("manager", &[Escalated]), to("sato", &[Repeat]), to("suzuki", &[Repeat])]
    );
}

#[test]
fn warnings_ask_for_no_answer() {
    let register = with_deputy();
    let due = super::at("2027-12-01T00:00:00+09:00");
    let warning = Finding { earliest_due: Some(due), ..finding(&register, "calls", Reason::DueSoon, 10) };
    let mut case = Case::of(register, vec![warning]);
    case.tell("2027-03-01T09:00:00+09:00");
    assert_eq!(case.tell("2027-10-01T09:00:00+09:00"), []);
    case.told[0].at = super::at("2027-10-01T09:00:00+09:00");
    case.findings[0].items = 12;
    assert_eq!(case.tell("2027-10-05T09:00:00+09:00"), [], "running data grows every day");
    assert_eq!(case.tell("2027-10-08T09:00:00+09:00"), [to("sato", &[More])], "told once a week");
}

#[test]
fn data_that_is_not_looked_at_any_more_is_left_in_peace() {
    let mut case = told_on_monday(with_deputy());
    case.register.datasets.get_mut("calls").unwrap().retired = Some(date(2027, 3, 8));
    assert_eq!(case.tell("2027-03-08T09:00:00+09:00"), [], "retired");
    case.register.datasets.remove("calls");
    assert_eq!(case.tell("2027-03-22T09:00:00+09:00"), [], "out of the register");
    let unregistered = finding(&company(), "calls", Reason::Unregistered, 3);
    case.findings.push(unregistered);
    assert_eq!(case.tell("2027-03-22T09:00:00+09:00"), [to("manager", &[First])]);
    assert_eq!(case.tell("2027-03-29T09:00:00+09:00"), [to("manager", &[Repeat])], "which is a matter of its own");
}

/// What the deputy and the manager read: who was told when, and what is theirs to do.
#[test]
fn letters_about_silence_say_who_was_told_when() {
    for (language, name) in [(Language::Ja, "silence_ja"), (Language::En, "silence_en")] {
        let mut register = with_deputy();
        for person in register.people.values_mut() {
            person.language = language;
        }
        let mut case = told_on_monday(register);
        case.findings.push(finding(&case.register, "calls", Reason::OptedOut, 2));
        case.unreachable.insert(person("suzuki"));
        let shown = letters(&case, "2027-03-08T09:00:00+09:00", &["manager"]);
        acknowledged(&mut case.findings[0], date(2027, 3, 31));
        case.findings[0].state = FindingState::Open;
        case.unreachable.clear();
        let passed = letters(&case, "2027-04-01T09:00:00+09:00", &["sato", "suzuki"]);
        insta::assert_snapshot!(name, format!("{shown}\n{passed}"));
    }
}

#[test]
fn the_manager_reads_what_a_first_scan_found() {
    for (language, name) in [(Language::Ja, "first_scan_ja"), (Language::En, "first_scan_en")] {
        let mut register = company();
        for person in register.people.values_mut() {
            person.language = language;
        }
        let findings =
            vec![finding(&register, "calls", Reason::Expired, 12_310), finding(&register, "calls", Reason::Undated, 1)];
        let mut case = Case::of(register, findings);
        case.waiting.insert(DatasetName::new("calls").unwrap());
        insta::assert_snapshot!(name, letters(&case, "2027-03-01T09:00:00+09:00", &["manager"]));
    }
}

/// The letters to some people, without what every letter ends with.
fn letters(case: &Case, now: &str, recipients: &[&str]) -> String {
    let plan = case.plan(&Window::wide_open(&case.register), super::at(now));
    let head = super::head();
    let context = Context { now: super::at(now), ..super::context(&head) };
    let rendered = render(&case.register, &plan.notices, &context, &Templates::default());
    let mut shown = String::new();
    for letter in rendered.letters.iter().filter(|letter| recipients.contains(&letter.recipient.as_str())) {
        super::assert_same_in_html(letter);
        let (body, _) = letter.text.split_once("--------").unwrap();
        shown.push_str(&format!("To: {}\nSubject: {}\n\n{body}", letter.recipient, letter.subject));
    }
    shown
}
