//! Who is told what, and when nobody is.

use super::super::reason::Question;
use super::super::{Act, Decision, Notice, Plan, Window, act_by, act_for};
use super::{Case, at, company, days_after, entry_of, finding, now, person, planned};
use crate::domain::finding::{Finding, FindingKey, FindingState};
use crate::domain::instant::Instant;
use crate::domain::letter::{NoticeReason, Told};
use crate::domain::period::Period;
use crate::domain::register::{BusinessCalendar, LetterPolicy, Register};
use crate::domain::verdict::Reason;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// What is told of the findings by the first letter.
fn after_first_letter(register: &Register, findings: &[Finding]) -> Vec<Told> {
    planned(register, findings, &[], now(), &none()).into_iter().flat_map(|notice| notice.told).collect()
}

fn reasons(notices: &[Notice]) -> Vec<(&str, Vec<NoticeReason>)> {
    notices.iter().map(|notice| (notice.recipient.as_str(), notice.reasons())).collect()
}

/// No finding whose items only moved to another reason.
fn none() -> BTreeSet<FindingKey> {
    BTreeSet::new()
}

#[test]
fn the_first_letter_after_a_rename_says_the_earlier_number() {
    let register = company();
    let calls = finding(&register, "calls", Reason::Expired, 5);
    let mut case = super::Case::of(register.clone(), vec![calls.clone()]);
    case.tell("2027-03-01T09:00:00+09:00");
    let earlier = crate::domain::finding::FindingId("F-0000000000".to_owned());
    case.earlier_numbers = vec![crate::domain::finding::EarlierNumber {
        id: earlier.clone(),
        finding: calls.key.id(),
        renamed_at: at("2027-03-02T02:00:00+09:00"),
    }];
    for (state, day) in [(FindingState::Open, "2027-03-08"), (FindingState::Resolved, "2027-03-09")] {
        case.findings[0].state = state;
        let now = at(&format!("{day}T09:00:00+09:00"));
        let notices = case.plan(&Window::wide_open(&register), now).notices;
        let theirs: Vec<Notice> = notices.into_iter().filter(|notice| notice.recipient == person("sato")).collect();
        let letters = super::super::render(
            &register,
            &theirs,
            &super::context(&super::head()),
            &super::super::Templates::default(),
        )
        .letters;
        assert!(letters[0].text.contains(&earlier.0), "{}", letters[0].text);
        super::assert_same_in_html(&letters[0]);
    }
    case.findings[0].state = FindingState::Open;
    case.tell("2027-03-08T09:00:00+09:00");
    case.findings[0].state = FindingState::Resolved;
    let plan = case.plan(&Window::wide_open(&register), at("2027-03-09T09:00:00+09:00"));
    let theirs = plan.notices.iter().find(|notice| notice.recipient == person("sato")).unwrap();
    assert!(theirs.resolved[0].earlier_ids.is_empty(), "said once");
}

#[test]
fn everybody_gets_one_letter_about_their_own_findings_alone() {
    let register = company();
    let findings = [
        finding(&register, "calls", Reason::Expired, 310),
        finding(&register, "cameras", Reason::Undated, 2),
        finding(&register, "seminar", Reason::Missing, 5),
        finding(&register, "pilot", Reason::Expired, 1),
    ];
    let notices = planned(&register, &findings, &[], now(), &none());
    let told: Vec<(&str, Vec<&str>)> = notices
        .iter()
        .map(|notice| {
            let datasets = notice.open.iter().map(|entry| entry.finding.key.dataset.as_str()).collect();
            (notice.recipient.as_str(), datasets)
        })
        .collect();
    assert_eq!(told, [("manager", vec!["pilot"]), ("mark", vec!["seminar"]), ("sato", vec!["calls", "cameras"])]);
    let threads: Vec<&str> = notices.iter().map(|notice| notice.thread.as_str()).collect();
    assert_eq!(threads, ["manager/manager", "marketing/mark", "facilities+support/sato"]);
}

#[test]
fn nothing_new_means_no_letter() {
    let register = company();
    let findings =
        [finding(&register, "calls", Reason::Expired, 310), finding(&register, "seminar", Reason::Incomplete, 9)];
    let told = after_first_letter(&register, &findings);
    assert_eq!(planned(&register, &findings, &told, now(), &none()), []);
    assert_eq!(planned(&register, &findings, &told, days_after(now(), 4), &none()), [], "nobody is in a hurry yet");
    let grown = [findings[0].clone(), Finding { items: 12, new: 3, ..findings[1].clone() }];
    assert_eq!(
        planned(&register, &grown, &told, days_after(now(), 1), &none()),
        [],
        "more rows of one missing statement"
    );
    let fewer = [Finding { items: 300, gone: 10, new: 0, ..findings[0].clone() }];
    assert_eq!(planned(&register, &fewer, &told, days_after(now(), 1), &none()), [], "fewer alone can wait");
}

#[test]
fn more_is_told_and_brings_along_what_became_fewer() {
    let register = company();
    let findings = [finding(&register, "calls", Reason::Expired, 310), finding(&register, "calls", Reason::Undated, 5)];
    let told = after_first_letter(&register, &findings);
    let later = [Finding { items: 311, ..findings[0].clone() }, Finding { items: 4, ..findings[1].clone() }];
    let notices = planned(&register, &later, &told, days_after(now(), 1), &none());
    assert_eq!(reasons(&notices), [("sato", vec![NoticeReason::More, NoticeReason::Fewer])]);
    let told: Vec<(u64, Instant)> = notices[0].told.iter().map(|told| (told.items, told.at)).collect();
    assert_eq!(told, [(311, days_after(now(), 1)), (4, days_after(now(), 1))]);
}

#[test]
fn a_warning_is_told_again_when_the_next_warning_time_comes() {
    let register = company();
    let due = at("2027-03-27T00:00:00+09:00");
    let warning = [Finding { earliest_due: Some(due), ..finding(&register, "calls", Reason::DueSoon, 10) }];
    let told = after_first_letter(&register, &warning);
    assert_eq!(reasons(&planned(&register, &warning, &[], now(), &none())), [("sato", vec![NoticeReason::DueSoon])]);
    assert_eq!(planned(&register, &warning, &told, at("2027-03-19T23:59:59+09:00"), &none()), []);
    let notices = planned(&register, &warning, &told, at("2027-03-20T00:00:00+09:00"), &none());
    assert_eq!(reasons(&notices), [("sato", vec![NoticeReason::DueSoon])]);
    assert_eq!(planned(&register, &warning, &notices[0].told, at("2027-03-20T00:00:00+09:00"), &none()), []);
}

#[test]
fn a_warning_that_becomes_due_is_told_as_due_and_never_as_resolved() {
    let register = company();
    let warning = finding(&register, "calls", Reason::DueSoon, 10);
    let told = after_first_letter(&register, std::slice::from_ref(&warning));
    let gone = Finding { items: 0, new: 0, gone: 10, state: FindingState::Resolved, ..warning.clone() };
    let expired = finding(&register, "calls", Reason::Expired, 10);
    let mut case = Case {
        told: told.clone(),
        moved: BTreeSet::from([gone.key.clone()]),
        ..Case::of(register.clone(), vec![gone.clone(), expired])
    };
    let plan = case.plan(&Window::wide_open(&register), days_after(now(), 30));
    assert_eq!(reasons(&plan.notices), [("sato", vec![NoticeReason::First])]);
    assert_eq!(plan.notices[0].resolved, []);
    let quiet: Vec<FindingState> = plan.quiet.iter().map(|told| told.state).collect();
    assert_eq!(quiet, [FindingState::Resolved], "remembered without a word");
    case.told.extend(plan.quiet);
    case.moved.clear();
    case.findings.pop();
    assert_eq!(case.plan(&Window::wide_open(&register), days_after(now(), 31)).notices, []);

    let notices = planned(&register, &[gone], &told, days_after(now(), 30), &none());
    assert_eq!(reasons(&notices), [("sato", vec![NoticeReason::Resolved])], "really gone");
}

#[test]
fn resolved_is_told_once_and_only_to_those_who_knew() {
    let register = company();
    let open = finding(&register, "calls", Reason::Expired, 10);
    let resolved = Finding { items: 0, new: 0, gone: 10, state: FindingState::Resolved, ..open.clone() };
    assert_eq!(planned(&register, std::slice::from_ref(&resolved), &[], now(), &none()), []);
    let told = after_first_letter(&register, std::slice::from_ref(&open));
    let notices = planned(&register, std::slice::from_ref(&resolved), &told, days_after(now(), 1), &none());
    assert_eq!(reasons(&notices), [("sato", vec![NoticeReason::Resolved])]);
    let mut told = told;
    told.extend(notices[0].told.clone());
    assert_eq!(planned(&register, &[resolved], &told, days_after(now(), 1), &none()), []);
    let again = Finding { first_seen: days_after(now(), 2), ..open };
    let notices = planned(&register, &[again], &told, days_after(now(), 2), &none());
    assert_eq!(reasons(&notices), [("sato", vec![NoticeReason::First])]);
}

#[test]
fn a_finding_that_came_back_unnoticed_is_told_as_new() {
    let register = company();
    let open = finding(&register, "calls", Reason::Expired, 10);
    let told = after_first_letter(&register, std::slice::from_ref(&open));
    let back = Finding { items: 3, first_seen: days_after(now(), 5), ..open };
    let notices = planned(&register, &[back], &told, days_after(now(), 5), &none());
    assert_eq!(reasons(&notices), [("sato", vec![NoticeReason::First])]);
}

#[test]
fn a_new_person_in_charge_is_told_everything() {
    let mut register = company();
    let findings = [finding(&register, "calls", Reason::Expired, 10)];
    let told = after_first_letter(&register, &findings);
    for division in register.divisions.values_mut() {
        division.person_in_charge = person("mark");
    }
    let notices = planned(&register, &findings, &told, days_after(now(), 1), &none());
    assert_eq!(reasons(&notices), [("mark", vec![NoticeReason::First])]);
}

#[test]
fn findings_of_unknown_datasets_and_people_go_to_the_manager() {
    let mut register = company();
    let findings = [finding(&register, "calls", Reason::Expired, 10)];
    register.datasets.clear();
    register.people.remove(&person("sato"));
    assert_eq!(planned(&register, &findings, &[], now(), &none())[0].recipient.as_str(), "manager");
    register.divisions.clear();
    assert_eq!(planned(&register, &findings, &[], now(), &none())[0].recipient.as_str(), "manager");
}

#[test]
fn the_decision_is_the_one_that_is_due_first() {
    let register = company();
    let by = |finding: &Finding| act_by(finding, now(), &register).to_string();
    let expired = finding(&register, "calls", Reason::Expired, 1);
    let opted_out = finding(&register, "calls", Reason::OptedOut, 1);
    let warning = |due| Finding { earliest_due: Some(at(due)), ..finding(&register, "calls", Reason::DueSoon, 1) };
    assert_eq!(by(&expired), "2027-03-12", "ten working days after a Sunday");
    assert_eq!(by(&opted_out), "2027-03-03");
    assert_eq!(by(&warning("2027-03-10T00:00:00+09:00")), "2027-03-09", "the day before is the last");
    assert_eq!(by(&warning("2027-03-10T15:00:00+09:00")), "2027-03-10");
    assert_eq!(by(&warning("2027-02-01T00:00:00+09:00")), "2027-03-12", "a warning that was overtaken");
    let first = |findings: &[Finding]| {
        let notice = Notice {
            recipient: person("sato"),
            thread: String::new(),
            open: findings.iter().cloned().map(entry_of).collect(),
            resolved: Vec::new(),
            exceptions: Vec::new(),
            missed: Vec::new(),
            told: Vec::new(),
            exceptions_told: Vec::new(),
        };
        Decision::first(&notice, now(), &register).map(|decision| decision.act)
    };
    assert_eq!(first(&[]), None);
    assert_eq!(first(&[finding(&register, "calls", Reason::Unreachable, 0), expired.clone()]), Some(Act::Erase));
    assert_eq!(first(&[expired, opted_out]), Some(Act::StopUse));
}

#[test]
fn holidays_of_the_division_are_no_business_days() {
    let mut register = company();
    let holiday = |month, day| jiff::civil::date(2027, month, day);
    let calendar = BusinessCalendar::new([holiday(3, 1), holiday(3, 10)]);
    let opted_out = finding(&register, "calls", Reason::OptedOut, 1);
    let expired = finding(&register, "calls", Reason::Expired, 1);
    let elsewhere = finding(&register, "seminar", Reason::OptedOut, 1);
    register.divisions.get_mut("support").unwrap().letters.calendar = calendar.clone();
    let by = |finding: &Finding| act_by(finding, now(), &register).to_string();
    assert_eq!(by(&opted_out), "2027-03-04", "a holiday later than without it");
    assert_eq!(by(&expired), "2027-03-16");
    assert_eq!(by(&elsewhere), "2027-03-03", "another division works on that day");
    // Two business days before 11 March are 8 March, as 10 March is none: crossed since the person was told.
    let zone = &register.organisation.time_zone;
    let warning = Finding {
        earliest_due: Some(at("2027-03-11T00:00:00+09:00")),
        ..finding(&register, "calls", Reason::DueSoon, 1)
    };
    let first = after_first_letter(&register, std::slice::from_ref(&warning)).remove(0);
    let told = Told { at: at("2027-03-07T00:00:00+09:00"), ..first };
    let lead = [Period { business_days: 2, ..Period::default() }];
    let reason = |calendar: &BusinessCalendar| {
        Question {
            finding: &warning,
            known: Some(&told),
            was_excepted: false,
            is_escalated: false,
            warnings: &lead,
            is_watched: true,
            policy: &LetterPolicy { calendar: calendar.clone(), ..LetterPolicy::default() },
            zone,
            now: at("2027-03-08T12:00:00+09:00"),
        }
        .reason()
    };
    assert_eq!(reason(&calendar), Some(NoticeReason::DueSoon));
    assert_eq!(reason(&BusinessCalendar::default()), None);
}

const STATES: &[FindingState] = FindingState::ALL;
const DATASETS: &[&str] = &["calls", "cameras", "pilot", "secret", "seminar"];

fn any_finding() -> impl Strategy<Value = Finding> {
    (
        prop::sample::select(DATASETS),
        prop::sample::select(Reason::ALL),
        prop::sample::select(STATES),
        (0_u64..4, 0_u64..4, 0_u64..4),
        (-40_i64..1, prop::option::of(-40_i64..40)),
    )
        .prop_map(|(dataset, reason, state, (new, continuing, gone), (first_seen, due))| {
            let resolved = matches!(state, FindingState::Resolved | FindingState::Excepted);
            Finding {
                state,
                items: if resolved { 0 } else { new + continuing },
                new: if resolved { 0 } else { new },
                continuing: if resolved { 0 } else { continuing },
                gone,
                first_seen: days_after(now(), first_seen),
                earliest_due: due.map(|days| days_after(now(), days)),
                ..finding(&company(), dataset, reason, 1)
            }
        })
}

fn any_findings() -> impl Strategy<Value = Vec<Finding>> {
    prop::collection::vec(any_finding(), 0..12).prop_map(|mut findings| {
        findings.sort_by(|left, right| left.key.cmp(&right.key));
        findings.dedup_by(|left, right| left.key == right.key);
        findings
    })
}

/// What is resolved or under an exception is told to nobody who never knew of it.
const fn is_told(finding: &Finding) -> bool {
    matches!(finding.state, FindingState::Open | FindingState::Acknowledged)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Planning twice at the same instant queues nothing the second time, whatever was told before.
    #[test]
    fn planning_again_tells_nothing(before in any_findings(), after in any_findings()) {
        let register = company();
        let told = after_first_letter(&register, &before);
        for days in [1, 7, 30, 400] {
            let mut case = Case { told: told.clone(), ..Case::of(register.clone(), after.clone()) };
            let window = Window::wide_open(&register);
            case.tell_through(&window, days_after(now(), days));
            prop_assert_eq!(case.plan(&window, days_after(now(), days)), Plan::default());
        }
    }

    /// Every unresolved finding that somebody was never told of is in exactly one letter.
    #[test]
    fn nothing_is_kept_from_anybody(findings in any_findings()) {
        let notices = planned(&company(), &findings, &[], now(), &none());
        for finding in findings.iter().filter(|finding| is_told(finding)) {
            let letters = notices.iter().flat_map(|notice| &notice.open).filter(|entry| entry.finding == *finding);
            prop_assert_eq!(letters.count(), 1);
        }
        let acts = notices.iter().flat_map(|notice| &notice.open).map(|entry| act_for(entry.finding.key.reason));
        prop_assert!(acts.count() <= findings.len());
    }
}
