//! When letters may leave: send times, holidays, what is urgent, and the weekly summary.

use super::super::{Channel, Pace, Window, is_summary_due};
use super::{Case, at, company, finding, to};
use crate::domain::instant::Instant;
use crate::domain::letter::NoticeReason::{Escalated, First, Repeat};
use crate::domain::name::DivisionName;
use crate::domain::register::{BusinessCalendar, Register};
use crate::domain::verdict::{Reason, Rule};
use jiff::civil::{Weekday, date, time};
use std::collections::BTreeMap;

/// Marketing writes at noon, the others say nothing of their own. Monday, 22 March 2027 is a holiday.
fn at_noon() -> Register {
    let mut register = company();
    let calendar = BusinessCalendar::new([date(2027, 3, 22)]);
    register.letters.calendar = calendar.clone();
    for division in register.divisions.values_mut() {
        division.letters.calendar = calendar.clone();
    }
    marketing(&mut register).send = Some(time(12, 0, 0, 0));
    register
}

fn marketing(register: &mut Register) -> &mut crate::domain::register::LetterPolicy {
    &mut register.divisions.get_mut(&DivisionName::new("marketing").unwrap()).unwrap().letters
}

fn open(register: &Register, marks: &BTreeMap<String, Instant>, now: &str, pace: Pace) -> Vec<&'static str> {
    let window = Window::at(register, marks, at(now), pace);
    let division = |name| Channel::Division(DivisionName::new(name).unwrap());
    [("organisation", Channel::Organisation), ("support", division("support")), ("marketing", division("marketing"))]
        .into_iter()
        .filter(|(_, channel)| window.is_open(channel, register))
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn missed_scans_that_were_made_up_for_are_told_to_the_manager_when_letters_may_leave() {
    let mut case = Case::of(company(), Vec::new());
    case.missed = vec![crate::domain::run::CaughtUp {
        run: 7,
        dataset: crate::domain::name::DatasetName::new("calls").unwrap(),
        missed: 13,
        scanned_before: Some(at("2027-02-14T02:30:00+09:00")),
        scanned_at: at("2027-02-28T03:00:00+09:00"),
    }];
    assert_eq!(case.tell_through(&Window::default(), at("2027-02-28T03:01:00+09:00")), []);
    let plan = case.plan(&Window::wide_open(&case.register), at("2027-03-01T09:00:00+09:00"));
    let rendered = super::super::render(
        &case.register,
        &plan.notices,
        &super::context(&super::head()),
        &super::super::Templates::default(),
    );
    assert_eq!((rendered.letters.len(), rendered.letters[0].recipient.as_str()), (1, "manager"));
    assert_eq!(rendered.letters[0].reasons, [crate::domain::letter::NoticeReason::Missed]);
    for word in ["13回", "2月14日", "2月28日", "サポート窓口の通話録音"] {
        assert!(rendered.letters[0].text.contains(word), "{word}: {}", rendered.letters[0].text);
    }
    super::assert_same_in_html(&rendered.letters[0]);
}

#[test]
fn by_hand_only_a_written_send_time_counts() {
    let register = at_noon();
    let none = BTreeMap::new();
    let night = open(&register, &none, "2027-03-01T02:30:00+09:00", Pace::ByHand);
    assert_eq!(night, ["organisation", "support"]);
    let noon = open(&register, &none, "2027-03-01T12:00:00+09:00", Pace::ByHand);
    assert_eq!(noon, ["organisation", "support", "marketing"]);
    assert_eq!(open(&register, &none, "2027-03-22T12:30:00+09:00", Pace::ByHand), ["organisation", "support"]);
}

#[test]
fn the_daemon_opens_once_per_business_day() {
    let register = at_noon();
    let mut marks = BTreeMap::new();
    let mut opens = |now: &str| {
        let names = open(&register, &marks, now, Pace::Daemon);
        let window = Window::at(&register, &marks, at(now), Pace::Daemon);
        marks.extend(window.opened().map(|channel| (channel.mark(), at(now))));
        names
    };
    assert_eq!(opens("2027-02-28T09:00:00+09:00"), Vec::<&str>::new(), "a Sunday");
    assert_eq!(opens("2027-03-01T08:59:59+09:00"), Vec::<&str>::new());
    assert_eq!(opens("2027-03-01T09:00:00+09:00"), ["organisation", "support"]);
    assert_eq!(opens("2027-03-01T09:01:00+09:00"), Vec::<&str>::new(), "once");
    assert_eq!(opens("2027-03-01T12:00:30+09:00"), ["marketing"]);
    assert_eq!(opens("2027-03-19T10:30:00+09:00"), ["organisation", "support"], "was off for weeks: one digest");
    assert_eq!(opens("2027-03-22T13:00:00+09:00"), Vec::<&str>::new(), "a holiday");
    assert_eq!(opens("2027-03-23T21:30:00+09:00"), Vec::<&str>::new(), "came up late: nobody is mailed at night");
    assert_eq!(opens("2027-03-24T12:00:00+09:00"), ["organisation", "support", "marketing"]);
}

#[test]
fn ordinary_news_waits_and_what_is_immediate_does_not() {
    let mut register = at_noon();
    marketing(&mut register).immediate = vec![(Rule::Consent, Some(Reason::OptedOut))];
    let ordinary = finding(&register, "seminar", Reason::Missing, 5);
    let severe = finding(&register, "seminar", Reason::OptedOut, 1);
    let lost = finding(&register, "calls", Reason::EarlyLoss, 900);
    let night = Window::default();
    let mut case = Case::of(register, vec![ordinary.clone()]);
    assert_eq!(case.tell_through(&night, at("2027-03-01T02:30:00+09:00")), []);
    case.findings.extend([severe, lost]);
    assert_eq!(
        case.tell_through(&night, at("2027-03-01T02:31:00+09:00")),
        [to("manager", &[First]), to("mark", &[First])],
        "one letter with everything"
    );
    assert_eq!(case.told.iter().filter(|told| told.finding == ordinary.key.id()).count(), 1);
    assert_eq!(case.tell_through(&night, at("2027-03-08T02:31:00+09:00")), [], "a repeat is not urgent");
    assert_eq!(
        case.tell("2027-03-08T12:00:00+09:00"),
        [to("manager", &[Repeat, Escalated]), to("mark", &[Repeat])],
        "and five business days have passed"
    );
}

#[test]
fn the_summary_comes_once_a_week_and_a_holiday_puts_it_off() {
    let register = at_noon();
    let due = |last: &str, now: &str| is_summary_due(&register, at(last), at(now));
    assert!(!due("2027-02-26T15:00:00+09:00", "2027-03-01T08:59:00+09:00"));
    assert!(due("2027-02-26T15:00:00+09:00", "2027-03-01T09:00:00+09:00"));
    assert!(!due("2027-03-01T09:00:00+09:00", "2027-03-01T09:00:00+09:00"));
    assert!(!due("2027-03-01T09:00:00+09:00", "2027-03-05T10:00:00+09:00"));
    assert!(!due("2027-03-15T09:00:00+09:00", "2027-03-22T09:00:00+09:00"), "a holiday");
    assert!(due("2027-03-15T09:00:00+09:00", "2027-03-23T09:00:00+09:00"), "the day after");
    assert!(!due("2027-03-23T09:00:00+09:00", "2027-03-24T09:00:00+09:00"));
    assert!(due("2027-03-23T09:00:00+09:00", "2027-04-01T11:00:00+09:00"), "was off on Monday");
    let mut register = register.clone();
    register.letters.summary_weekday = Weekday::Wednesday;
    assert!(is_summary_due(&register, at("2027-03-01T09:00:00+09:00"), at("2027-03-03T09:00:00+09:00")));
}

/// A window by hand stays open for a division until something has left through it.
#[test]
fn a_letter_uses_up_the_window_of_its_own_division_alone() {
    let register = at_noon();
    let window = Window::at(&register, &BTreeMap::new(), at("2027-03-01T12:05:00+09:00"), Pace::Daemon);
    let case = Case::of(register.clone(), vec![finding(&register, "seminar", Reason::Missing, 5)]);
    let plan = case.plan(&window, at("2027-03-01T12:05:00+09:00"));
    let marks: Vec<String> = plan.used.iter().map(Channel::mark).collect();
    assert_eq!(marks, ["digest/marketing"]);
    assert_eq!(window.opened().count(), 4, "the organisation and three divisions");
}
