//! Exceptions in letters: what is reminded of, what is shown, and what stays with the manager.

use super::super::{Entry, Notice, Templates, Window, render};
use super::{Case, at, company, context, entry_of, finding, head, person, to};
use crate::domain::exception::{Exception, ExceptionId, ExceptionKind, ExceptionScope, ExceptionState};
use crate::domain::finding::{Finding, FindingState};
use crate::domain::letter::NoticeReason::{Again, Excepted, ExceptionEnds, First, Held, Resolved, ReviewDue};
use crate::domain::name::DatasetName;
use crate::domain::verdict::{Reason, Rule};
use jiff::civil::{Date, date};

fn exception(number: u32, kind: ExceptionKind, until_day: Date) -> Exception {
    Exception {
        id: ExceptionId(format!("E-{number}")),
        kind,
        scope: ExceptionScope {
            dataset: DatasetName::new("calls").unwrap(),
            rule: Some(Rule::Retention),
            reason: None,
            from: None,
            until: None,
            listed_items: None,
        },
        why: "a reason".to_owned(),
        requested_by: person("sato"),
        approved_by: person("manager"),
        made_at: at("2027-01-04T10:00:00+09:00"),
        until_day,
        confidential: false,
        state: ExceptionState::Active,
        ended: None,
    }
}

#[test]
fn the_end_of_an_extension_is_told_ahead_once() {
    let mut case = Case::of(company(), Vec::new());
    case.exceptions = vec![exception(1, ExceptionKind::Extension, date(2027, 3, 31))];
    assert_eq!(case.tell("2027-03-16T09:00:00+09:00"), []);
    let both = [to("manager", &[ExceptionEnds]), to("sato", &[ExceptionEnds])];
    assert_eq!(case.tell("2027-03-17T09:00:00+09:00"), both, "fourteen days before");
    assert_eq!(case.tell("2027-03-17T09:00:00+09:00"), []);
    assert_eq!(case.tell("2027-03-31T09:00:00+09:00"), []);
    case.exceptions[0].until_day = date(2027, 6, 30);
    assert_eq!(case.tell("2027-06-16T09:00:00+09:00"), both, "another day is news");
    case.exceptions[0].state = ExceptionState::Revoked;
    case.exceptions_told.clear();
    assert_eq!(case.tell("2027-06-17T09:00:00+09:00"), []);
}

#[test]
fn a_review_that_is_due_is_told_to_the_manager_until_it_is_done() {
    let mut case = Case::of(company(), Vec::new());
    case.exceptions = vec![exception(2, ExceptionKind::Hold, date(2027, 3, 31))];
    assert_eq!(case.tell("2027-03-31T09:00:00+09:00"), []);
    assert_eq!(case.tell("2027-04-01T09:00:00+09:00"), [to("manager", &[ReviewDue])]);
    assert_eq!(case.tell("2027-04-07T09:00:00+09:00"), []);
    assert_eq!(case.tell("2027-04-08T09:00:00+09:00"), [to("manager", &[ReviewDue])]);
}

#[test]
fn what_is_excepted_is_nobodys_task_and_comes_back_as_new() {
    let register = company();
    let mut case = Case::of(register.clone(), vec![finding(&register, "calls", Reason::Expired, 5)]);
    case.tell("2027-03-01T09:00:00+09:00");
    case.findings[0] =
        Finding { items: 0, new: 0, excepted: 5, state: FindingState::Excepted, ..case.findings[0].clone() };
    assert_eq!(case.tell("2027-04-01T09:00:00+09:00"), [to("sato", &[Excepted])], "whoever knew is told once");
    assert_eq!(case.tell("2027-04-02T09:00:00+09:00"), []);
    case.findings[0] =
        Finding { items: 5, continuing: 5, excepted: 0, state: FindingState::Open, ..case.findings[0].clone() };
    assert_eq!(case.tell("2027-07-01T09:00:00+09:00"), [to("sato", &[Again])]);
    case.findings[0] =
        Finding { items: 0, continuing: 0, excepted: 4, state: FindingState::Excepted, ..case.findings[0].clone() };
    assert_eq!(case.tell("2027-07-02T09:00:00+09:00"), [to("sato", &[Excepted])]);
    case.findings[0] = Finding { excepted: 0, state: FindingState::Resolved, ..case.findings[0].clone() };
    let plan = case.plan(&Window::wide_open(&register), at("2027-07-03T09:00:00+09:00"));
    assert_eq!(plan.notices[0].resolved[0].told_items, Some(4), "as many as left");
    assert_eq!(
        case.tell("2027-07-03T09:00:00+09:00"),
        [to("sato", &[Resolved])],
        "whoever knew is told that it is over"
    );
}

#[test]
fn a_hold_on_what_somebody_was_told_of_is_told_at_once_and_once() {
    let register = company();
    let closed = Window::default();
    for narrow in [None, Some(2)] {
        let findings =
            vec![finding(&register, "calls", Reason::Expired, 5), finding(&register, "calls", Reason::Undated, 1)];
        let mut case = Case::of(register.clone(), findings);
        case.tell("2027-03-01T09:00:00+09:00");
        let mut hold = exception(1, ExceptionKind::Hold, date(2027, 12, 31));
        hold.scope.rule = None;
        hold.scope.listed_items = narrow;
        case.exceptions = vec![hold];
        let night = at("2027-03-06T03:00:00+09:00");
        let notice = case.plan(&closed, night).notices.remove(0);
        let rendered = render(&register, &[notice], &context(&head()), &Templates::default());
        let letter = &rendered.letters[0];
        assert!(letter.subject.contains("消去しないでください"), "{}", letter.subject);
        assert!(letter.text.contains("E-1"), "{}", letter.text);
        assert!(!letter.text.contains("消去または返却するか"), "{}", letter.text);
        super::assert_same_in_html(letter);
        let told = case.tell_through(&closed, night);
        assert_eq!(told.len(), 1);
        assert!(told[0].0 == "sato" && told[0].1.contains(&Held), "{told:?}");
        assert_eq!(case.tell_through(&closed, night), []);
        case.exceptions[0].until_day = date(2028, 12, 31);
        assert_eq!(case.tell_through(&closed, night), [], "another day of review is no news to them");
    }
}

#[test]
fn who_knew_before_their_letters_were_lost_is_told_of_a_hold_and_else_anew() {
    let register = company();
    let mut case = Case::of(register.clone(), vec![finding(&register, "calls", Reason::Expired, 5)]);
    case.tell("2027-03-01T09:00:00+09:00");
    // What the store keeps of a row when letters after the first one were lost.
    case.told[0].state = FindingState::Excepted;
    assert_eq!(case.plan(&Window::wide_open(&register), at("2027-03-02T09:00:00+09:00")).notices[0].reasons(), [First]);
    case.exceptions = vec![exception(1, ExceptionKind::Hold, date(2027, 12, 31))];
    assert_eq!(case.tell_through(&Window::default(), at("2027-03-02T09:00:00+09:00")), [to("sato", &[Held])]);
    case.exceptions.clear();
    case.findings[0].state = FindingState::Resolved;
    assert_eq!(case.tell("2027-03-03T09:00:00+09:00"), [to("sato", &[Resolved])], "they were asked to act");
}

#[test]
fn a_hold_that_a_first_letter_shows_is_not_told_again_and_one_on_what_nobody_knows_is_not_told() {
    let register = company();
    let mut case = Case::of(register.clone(), vec![finding(&register, "calls", Reason::Expired, 5)]);
    case.exceptions = vec![exception(1, ExceptionKind::Hold, date(2027, 12, 31))];
    case.exceptions[0].scope.listed_items = Some(2);
    assert_eq!(case.tell_through(&Window::default(), at("2027-02-28T23:00:00+09:00")), []);
    assert_eq!(case.tell("2027-03-01T09:00:00+09:00"), [to("sato", &[First])]);
    assert_eq!(case.tell("2027-03-01T09:01:00+09:00"), []);
}

#[test]
fn an_exception_whose_items_another_one_covers_beyond_its_day_is_not_said_to_end() {
    let mut case = Case::of(company(), Vec::new());
    let ending = exception(1, ExceptionKind::Extension, date(2027, 3, 31));
    let longer = exception(2, ExceptionKind::Extension, date(2027, 9, 30));
    let mut listed = longer.clone();
    listed.scope.listed_items = Some(3);
    let mut other = longer.clone();
    other.scope.dataset = DatasetName::new("cameras").unwrap();
    let both = [to("manager", &[ExceptionEnds]), to("sato", &[ExceptionEnds])];
    let now = "2027-03-17T09:00:00+09:00";
    case.exceptions = vec![ending.clone(), longer];
    assert_eq!(case.tell(now), []);
    case.exceptions = vec![ending.clone(), exception(3, ExceptionKind::Hold, date(2027, 3, 20))];
    assert_eq!(case.tell(now), [], "a hold never ends by time");
    for other in [listed, other] {
        case.exceptions_told.clear();
        case.exceptions = vec![ending.clone(), other];
        assert_eq!(case.tell(now), both);
    }
}

fn text(recipient: &str, open: Vec<Entry>, exceptions: Vec<super::super::ExceptionEntry>) -> String {
    let notice = Notice {
        recipient: person(recipient),
        thread: String::new(),
        open,
        resolved: Vec::new(),
        exceptions,
        missed: Vec::new(),
        told: Vec::new(),
        exceptions_told: Vec::new(),
    };
    let rendered = render(&company(), &[notice], &context(&head()), &Templates::default());
    assert_eq!(rendered.problems, []);
    super::assert_same_in_html(&rendered.letters[0]);
    rendered.letters[0].text.clone()
}

#[test]
fn letters_show_what_is_excepted_and_a_confidential_hold_only_to_the_manager() {
    let some = Finding { excepted: 3, ..finding(&company(), "calls", Reason::Expired, 5) };
    let all = Finding { items: 0, new: 0, excepted: 3, state: FindingState::Excepted, ..some.clone() };
    let extension = exception(1, ExceptionKind::Extension, date(2027, 12, 31));
    let secret = Exception { confidential: true, ..exception(7, ExceptionKind::Hold, date(2027, 12, 31)) };
    let with = |finding: &Finding, exception: &Exception| {
        vec![Entry { exceptions: vec![exception.clone()], ..entry_of(finding.clone()) }]
    };
    let shown = text("mark", with(&some, &extension), Vec::new());
    assert!(shown.contains("3 more under an approved extension until 31 December 2027 (E-1)."), "{shown}");
    for finding in [&some, &all] {
        for recipient in ["mark", "sato"] {
            let shown = text(recipient, with(finding, &secret), Vec::new());
            assert!(!shown.contains("E-7") && !shown.contains("保全"), "{shown}");
            assert!(shown.contains("erase") || shown.contains("消去"), "{shown}");
        }
        assert!(text("manager", with(finding, &secret), Vec::new()).contains("E-7"));
    }
    insta::assert_snapshot!("confidential_ja", text("sato", with(&all, &secret), Vec::new()));
    for (recipient, knows) in [("mark", false), ("sato", false), ("manager", true)] {
        let entry = super::super::ExceptionEntry { exception: secret.clone(), reason: Held };
        let shown = text(recipient, Vec::new(), vec![entry]);
        assert_eq!(shown.contains("E-7"), knows, "{shown}");
        assert_eq!(shown.contains("保全"), knows, "{shown}");
    }
}

#[test]
fn reminders_of_exceptions_say_what_to_decide() {
    let remind = |number, kind, reason| super::super::ExceptionEntry {
        exception: exception(number, kind, date(2027, 3, 12)),
        reason,
    };
    let all = || {
        vec![
            remind(1, ExceptionKind::Extension, ExceptionEnds),
            remind(2, ExceptionKind::Approval, ExceptionEnds),
            remind(3, ExceptionKind::Hold, ReviewDue),
        ]
    };
    insta::assert_snapshot!("reminders_ja", text("manager", Vec::new(), all()));
    insta::assert_snapshot!("reminders_en", text("mark", Vec::new(), all()));
}
