//! What letters look like: whole letters as snapshots, and what must hold of every one of them.

use super::super::{Context, Entry, Notice, Templates, render};
use super::{assert_same_in_html, at, both, company, context, entry_of, finding, head, now, person, planned};
use crate::domain::finding::{Finding, FindingState};
use crate::domain::letter::{Letter, NoticeReason};
use crate::domain::name::{DatasetName, SourceName};
use crate::domain::register::{Dataset, Register};
use crate::domain::verdict::Reason;
use std::collections::BTreeMap;

/// A letter of several datasets and reasons: changed and unchanged ones, a warning, and something resolved.
fn busy(register: &Register, recipient: &str, datasets: [&str; 2]) -> Notice {
    let [one, two] = datasets;
    let due = |text, finding| Finding { earliest_due: Some(at(text)), ..finding };
    let entry = |finding, reason, told_items| Entry { reason, told_items, ..entry_of(finding) };
    let earlier = at("2027-01-05T03:00:00+09:00");
    let open = vec![
        entry(
            due("2026-09-01T00:00:00+09:00", finding(register, one, Reason::Expired, 12_310)),
            Some(NoticeReason::More),
            Some(12_000),
        ),
        entry(
            due("2027-03-20T10:00:00+09:00", finding(register, one, Reason::DueSoon, 85)),
            Some(NoticeReason::DueSoon),
            None,
        ),
        entry(finding(register, one, Reason::Undated, 1), Some(NoticeReason::Fewer), Some(2)),
        entry(Finding { first_seen: earlier, ..finding(register, one, Reason::MustKeep, 40) }, None, Some(40)),
        entry(finding(register, two, Reason::OptedOut, 3), Some(NoticeReason::First), None),
        entry(finding(register, two, Reason::Missing, 1_204), Some(NoticeReason::First), None),
        entry(finding(register, two, Reason::Outside, 7), Some(NoticeReason::First), None),
        entry(finding(register, two, Reason::Shrunken, 0), Some(NoticeReason::First), None),
    ];
    let gone = Finding { state: FindingState::Resolved, gone: 17, ..finding(register, two, Reason::Unstated, 0) };
    let reachable = Finding { state: FindingState::Resolved, ..finding(register, one, Reason::Unreachable, 0) };
    let resolved = vec![
        entry(gone, Some(NoticeReason::Resolved), Some(17)),
        entry(reachable, Some(NoticeReason::Resolved), Some(0)),
    ];
    Notice { open, resolved, ..empty(recipient) }
}

/// A letter about nothing.
fn empty(recipient: &str) -> Notice {
    Notice {
        recipient: person(recipient),
        thread: format!("division/{recipient}"),
        open: Vec::new(),
        resolved: Vec::new(),
        exceptions: Vec::new(),
        missed: Vec::new(),
        told: Vec::new(),
        exceptions_told: Vec::new(),
    }
}

fn written(register: &Register, notice: Notice, context: &Context<'_>) -> Letter {
    let rendered = render(register, &[notice], context, &Templates::default());
    assert_eq!(rendered.problems, []);
    rendered.letters.into_iter().next().unwrap()
}

fn whole(letter: &Letter) -> String {
    format!("To: {}\nSubject: {}\n\n{}", letter.email, letter.subject, letter.text)
}

#[test]
fn a_busy_letter_in_japanese() {
    let register = company();
    let letter = written(&register, busy(&register, "sato", ["calls", "cameras"]), &context(&head()));
    insta::assert_snapshot!("busy_ja_text", whole(&letter));
    insta::assert_snapshot!("busy_ja_html", letter.html);
}

#[test]
fn a_busy_letter_in_english() {
    let register = company();
    let letter = written(&register, busy(&register, "mark", ["pilot", "seminar"]), &context(&head()));
    insta::assert_snapshot!("busy_en_text", whole(&letter));
    insta::assert_snapshot!("busy_en_html", letter.html);
}

#[test]
fn what_a_product_was_told_to_keep_is_said_with_what_is_expired_and_asks_for_nothing_else() {
    let register = company();
    for (recipient, many, one) in [
        ("sato", "このうち1,200件は、製品側の設定で自動削除から保護されています", "このうち1件は、"),
        ("mark", "Of these, 1,200 are protected in the product against its own deletion", "Of these, 1 is protected"),
    ] {
        let letter = |kept| {
            let expired = Finding { kept_by_product: kept, ..finding(&register, "calls", Reason::Expired, 12_310) };
            let entry = Entry { reason: Some(NoticeReason::First), ..entry_of(expired) };
            written(&register, Notice { open: vec![entry], ..empty(recipient) }, &context(&head()))
        };
        let plain = letter(None);
        assert_eq!(letter(Some(0)), plain);
        let joined = |text: &str| text.replace("\n  ", if recipient == "sato" { "" } else { " " });
        let (of_many, of_one) = (letter(Some(1_200)), letter(Some(1)));
        assert!(joined(&of_many.text).contains(many), "{}", of_many.text);
        assert!(of_many.html.contains(many), "{}", of_many.html);
        assert!(joined(&of_one.text).contains(one), "{}", of_one.text);
        assert_eq!(of_many.subject, plain.subject);
    }
}

#[test]
fn a_letter_says_that_copies_are_counted_where_they_may_be() {
    let mut register = company();
    let calls = register.datasets.get_mut(&DatasetName::new("calls").unwrap()).unwrap();
    let copy_name = Some(SourceName::new("pbx-backup").unwrap());
    calls.copies = vec![Dataset { copy_name, ..calls.clone() }];
    for (recipient, told) in [
        ("sato", "バックアップなどの複製（pbx-backup）にあるデータも含めた件数です"),
        ("mark", "Copies are counted, too (pbx-backup)."),
    ] {
        let letter = |reason| {
            let entry =
                Entry { reason: Some(NoticeReason::First), ..entry_of(finding(&register, "calls", reason, 12_310)) };
            let notice = Notice { open: vec![entry], ..empty(recipient) };
            let text = written(&register, notice, &context(&head())).text;
            text.replace("\n  ", if recipient == "sato" { "" } else { " " })
        };
        let expired = letter(Reason::Expired);
        assert!(expired.contains(told), "{expired}");
        let away = letter(Reason::Unreachable);
        assert!(away.contains("pbx-backup") && !away.contains(told), "{away}");
        let of_files = letter(Reason::FileWithoutRow);
        assert!(!of_files.contains("pbx-backup"), "{of_files}");
    }
}

/// Every reason there is, so that each sentence is looked at once.
fn every_reason(register: &Register, recipient: &str, dataset: &str) -> Notice {
    let due = at("2027-02-01T00:00:00+09:00");
    let entry = |reason: Reason, state| Entry {
        told_items: Some(1),
        ..entry_of(Finding { earliest_due: Some(due), state, ..finding(register, dataset, reason, 1) })
    };
    Notice {
        open: Reason::ALL.iter().map(|reason| entry(*reason, FindingState::Open)).collect(),
        resolved: Reason::ALL.iter().map(|reason| entry(*reason, FindingState::Resolved)).collect(),
        ..empty(recipient)
    }
}

#[test]
fn every_reason_has_its_own_words_in_japanese() {
    let register = company();
    let letter = written(&register, every_reason(&register, "sato", "seminar"), &context(&head()));
    insta::assert_snapshot!("every_reason_ja", whole(&letter));
}

#[test]
fn every_reason_has_its_own_words_in_english() {
    let register = company();
    let letter = written(&register, every_reason(&register, "mark", "seminar"), &context(&head()));
    insta::assert_snapshot!("every_reason_en", whole(&letter));
}

#[test]
fn good_news_alone_asks_for_nothing() {
    let register = company();
    for (recipient, nothing) in [("sato", "ご対応いただくことはありません"), ("mark", "nothing for you to do")]
    {
        let mut notice = busy(&register, recipient, ["calls", "cameras"]);
        notice.open.clear();
        let letter = written(&register, notice, &context(&head()));
        assert!(letter.text.contains(nothing), "{}", letter.text);
        assert!(!letter.text.contains("purposed items"), "{}", letter.text);
    }
}

#[test]
fn a_letter_never_accuses_and_keeps_its_width() {
    let register = company();
    for (recipient, dataset) in [("sato", "seminar"), ("mark", "seminar"), ("sato", "calls"), ("mark", "secret")] {
        let letter = written(&register, every_reason(&register, recipient, dataset), &context(&head()));
        for text in [&letter.subject, &letter.text, &letter.html] {
            for word in ["違法", "違反", "illegal", "violat", "breach", "unlawful", "なくなったと判断しました"]
            {
                assert!(!text.to_lowercase().contains(word), "`{word}` in {text}");
            }
        }
        for line in letter.text.lines() {
            assert!(textwrap::core::display_width(line) <= 72, "{line}");
            assert_eq!(line.trim_end(), line);
        }
    }
}

/// Whatever stands in the text stands in the HTML too.
#[test]
fn text_and_html_say_the_same() {
    let register = company();
    for (recipient, dataset) in [("sato", "seminar"), ("mark", "seminar")] {
        assert_same_in_html(&written(&register, every_reason(&register, recipient, dataset), &context(&head())));
    }
}

#[test]
fn communications_are_never_offered_as_a_list() {
    let register = company();
    let letter = written(&register, every_reason(&register, "sato", "secret"), &context(&head()));
    assert!(!letter.text.contains("purposed items"), "{}", letter.text);
    assert!(letter.text.contains("通信の秘密"));
}

#[test]
fn names_can_neither_start_a_header_nor_markup() {
    let mut register = company();
    let evil = "部\r\nBcc: spy@example.net\r\n\r\n<script>alert(1)</script>\u{202e}\u{2028}x";
    register.organisation.name = both(evil, evil);
    register.organisation.contact_point = evil.to_owned();
    for person in register.people.values_mut() {
        person.name = both(evil, evil);
    }
    for division in register.divisions.values_mut() {
        division.name = both(evil, evil);
    }
    for dataset in register.datasets.values_mut() {
        dataset.name = both(evil, evil);
    }
    for recipient in ["sato", "mark"] {
        let letter = written(&register, busy(&register, recipient, ["calls", "seminar"]), &context(&head()));
        assert!(!letter.subject.contains(['\r', '\n']));
        assert!(!letter.html.contains("<script"));
        assert!(!letter.text.contains(['\r', '\u{202e}', '\u{2028}']));
        assert!(letter.text.lines().all(|line| !line.starts_with("Bcc:")), "{}", letter.text);
    }
}

#[test]
fn a_subject_names_nobody_and_no_dataset() {
    let register = company();
    for (recipient, datasets) in [("sato", ["calls", "cameras"]), ("mark", ["pilot", "seminar"])] {
        let letter = written(&register, busy(&register, recipient, datasets), &context(&head()));
        let person = &register.people[&person(recipient)];
        for name in [person.name.get(person.language), "録音", "カメラ", "list", "Seminar", "12,310"] {
            assert!(!letter.subject.contains(name), "{}", letter.subject);
        }
    }
}

#[test]
fn a_simulated_letter_says_so() {
    let register = company();
    let head = head();
    let simulated = Context { simulated: true, ..context(&head) };
    let letter = written(&register, busy(&register, "sato", ["calls", "cameras"]), &simulated);
    assert!(letter.subject.starts_with("【試行】"));
    assert!(letter.text.contains("試行のお知らせ"));
    let letter = written(&register, busy(&register, "mark", ["calls", "cameras"]), &simulated);
    assert!(letter.subject.starts_with("[Trial]"));
}

#[test]
fn long_commands_stay_on_one_line() {
    let register = company();
    let head = head();
    let command = "purposed --config /etc/purposed/sites/osaka/second-server/purposed.toml items";
    let long = Context { items_command: command, ..context(&head) };
    let letter = written(&register, busy(&register, "sato", ["calls", "cameras"]), &long);
    let id = finding(&register, "calls", Reason::Expired, 1).key.id();
    assert!(letter.text.lines().any(|line| line.ends_with(&format!("{command} {id}"))), "{}", letter.text);
}

fn overrides(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
    entries.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn an_administrator_may_write_their_own_templates() {
    let register = company();
    let own = [("ja/letter.subject.jinja", "点検 {{ organisation }}")];
    let (templates, problems) = Templates::load(&overrides(&own));
    assert_eq!(problems, []);
    let notice = busy(&register, "sato", ["calls", "cameras"]);
    let rendered = render(&register, std::slice::from_ref(&notice), &context(&head()), &templates);
    assert_eq!(rendered.letters[0].subject, "点検 例示ネットワークス株式会社");
    assert_eq!(rendered.letters[0].text, written(&register, notice, &context(&head())).text);
}

#[test]
fn a_template_that_fails_never_costs_a_letter() {
    let register = company();
    let own = [
        ("ja/letter.subject.jinja", "{{ nobody.knows.this }}"),
        ("ja/letter.txt.jinja", "{% if true %}\n{{ oops"),
        ("ja/letter.html.jinja", "  \n"),
        ("en/phrases.jinja", "{% macro decision(letter) %}{{ letter.mistake.by }}{% endmacro %}"),
        ("fr/letter.txt.jinja", "Bonjour"),
    ];
    let (templates, problems) = Templates::load(&overrides(&own));
    let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!("template_problems_when_loaded", texts.join("\n"));
    let notices = [busy(&register, "sato", ["calls", "cameras"]), busy(&register, "mark", ["calls", "cameras"])];
    let rendered = render(&register, &notices, &context(&head()), &templates);
    let texts: Vec<String> = rendered.problems.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!("template_problems_when_rendered", texts.join("\n"));
    let plain = render(&register, &notices, &context(&head()), &Templates::default());
    assert_eq!(rendered.letters, plain.letters);
}

#[test]
fn planned_notices_become_letters() {
    let register = company();
    let findings = [finding(&register, "calls", Reason::Expired, 1), finding(&register, "seminar", Reason::Missing, 2)];
    let notices = planned(&register, &findings, &[], now(), &std::collections::BTreeSet::new());
    let letters = render(&register, &notices, &context(&head()), &Templates::default()).letters;
    let to: Vec<(&str, &[NoticeReason])> =
        letters.iter().map(|letter| (letter.email.as_str(), &letter.reasons[..])).collect();
    assert_eq!(
        to,
        [
            ("marketing-pic@example.co.jp", &[NoticeReason::First][..]),
            ("support-pic@example.co.jp", &[NoticeReason::First][..]),
        ]
    );
}
