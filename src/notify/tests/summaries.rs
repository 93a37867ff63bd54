//! The weekly summary: everything at a glance for the manager, numbers for the auditor.

use super::super::{Summary, Templates, Undelivered, render_summary};
use super::{at, company, context, days_after, finding, head, now, person};
use crate::domain::finding::{Acknowledgement, Finding, FindingId, FindingState};
use crate::domain::language::Language;
use crate::domain::letter::{Letter, NoticeReason, Told};
use crate::domain::name::DatasetName;
use crate::domain::register::Register;
use crate::domain::verdict::Reason;
use jiff::civil::date;
use std::collections::{BTreeMap, BTreeSet};

fn with_auditor(language: Language) -> Register {
    let mut register = company();
    register.organisation.auditor = Some(person("mark"));
    for person in register.people.values_mut() {
        person.language = language;
    }
    register
}

fn letters(register: &Register) -> Vec<Letter> {
    let expired = Finding { kept_by_product: Some(3), ..finding(register, "calls", Reason::Expired, 12_310) };
    let planned = Finding {
        state: FindingState::Acknowledged,
        acknowledgement: Some(Acknowledgement { by: person("mark"), until: date(2027, 3, 31), note: None, at: now() }),
        excepted: 7,
        ..finding(register, "seminar", Reason::Missing, 204)
    };
    let resolved = Finding { state: FindingState::Resolved, ..finding(register, "calls", Reason::Undated, 0) };
    let findings = vec![
        expired.clone(),
        planned,
        resolved,
        finding(register, "cameras", Reason::Missed, 0),
        finding(register, "pilot", Reason::ClosureUnexplained, 12),
    ];
    let told = ["sato", "manager"].map(|recipient| Told {
        recipient: person(recipient),
        finding: expired.key.id(),
        items: 12_310,
        state: FindingState::Open,
        at: now(),
        first_at: now(),
        reason: NoticeReason::Escalated,
    });
    let before: BTreeMap<FindingId, u64> = [(expired.key.id(), 12_000), (findings[1].key.id(), 204)].into();
    let missed = [(DatasetName::new("calls").unwrap(), 12)].into();
    let summary = Summary {
        missed: &missed,
        findings: &findings,
        told: &told,
        waiting: &BTreeSet::from([DatasetName::new("secret").unwrap()]),
        undelivered: &[Undelivered { recipient: person("sato"), queued_at: at("2027-02-25T09:00:00+09:00") }],
        since: Some(days_after(now(), -7)),
        before: Some(&before),
    };
    let rendered = render_summary(register, &summary, &context(&head()), &Templates::default());
    assert_eq!(rendered.problems, []);
    rendered.letters.iter().for_each(super::assert_same_in_html);
    rendered.letters
}

fn whole(letter: &Letter) -> String {
    format!("To: {}\nSubject: {}\n\n{}", letter.email, letter.subject, letter.text)
}

#[test]
fn the_manager_sees_every_division() {
    for (language, name) in [(Language::Ja, "summary_ja"), (Language::En, "summary_en")] {
        let letters = letters(&with_auditor(language));
        insta::assert_snapshot!(name, whole(&letters[0]));
    }
    insta::assert_snapshot!("summary_en_html", letters(&with_auditor(Language::En))[0].html);
}

#[test]
fn the_auditor_sees_numbers_alone() {
    for (language, name) in [(Language::Ja, "auditor_ja"), (Language::En, "auditor_en")] {
        let register = with_auditor(language);
        let letters = letters(&register);
        assert_eq!(letters.len(), 2);
        for dataset in register.datasets.values() {
            assert!(!letters[1].text.contains(dataset.name.get(language)));
            assert!(!letters[1].html.contains(dataset.name.get(language)));
        }
        insta::assert_snapshot!(name, whole(&letters[1]));
    }
}

#[test]
fn without_an_auditor_there_is_one_letter_and_it_keeps_its_width() {
    for language in [Language::Ja, Language::En] {
        let mut register = with_auditor(language);
        register.organisation.auditor = None;
        let letters = letters(&register);
        assert_eq!(letters.len(), 1);
        assert_eq!(letters[0].reasons, [NoticeReason::Summary]);
        for line in letters[0].text.lines() {
            assert!(textwrap::core::display_width(line) <= 72, "{line}");
        }
    }
}
