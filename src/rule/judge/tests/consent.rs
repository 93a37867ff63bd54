//! Consent from ledgers and from columns of the row.

use crate::domain::item::Value;
use crate::domain::register::{CellAnswer, ConsentEntry, ConsentSource, LedgerKind};
use crate::domain::verdict::{Reason, Reasons, Rule};
use crate::rule::fixture::{ANSWER, ASKED, EMAIL, PHONE, PURPOSE, World, by_ledger, period, purpose_name};

const GIVEN: &str = "2026-01-01T00:00:00+09:00";

/// Everybody is asked for `dm` alone, by e-mail.
fn world(rows: &[&[&str]]) -> World {
    let world = World::new().with(|dataset| {
        dataset.purposes = vec![purpose_name("dm")];
        dataset.consent = vec![by_ledger("consents", &[(EMAIL, 0)])];
    });
    world.with_consents(rows)
}

fn of(world: &World, name: &str) -> Vec<String> {
    world.reasons(&[(EMAIL, &format!("{name}@example.com"))])
}

#[test]
fn the_newest_event_for_subject_and_purpose_decides() {
    let world = world(&[
        &["a@example.com", "-", "dm", GIVEN, "-"],
        &["B@Example.com ", "-", "案内", GIVEN, "2026-06-01"],
        &["c@example.com", "-", "dm", GIVEN, GIVEN],
        &["d@example.com", "-", "dm", "2027-02-28T12:00:00.000001+09:00", "-"],
        &["e@example.com", "-", "dm", "2027-02-28T12:00:00+09:00", "-"],
        &["f@example.com", "-", "dm", GIVEN, "2027-02-28T12:00:00.000001+09:00"],
        &["g@example.com", "-", "news", GIVEN, "-"],
        &["h@example.com", "-", "-", GIVEN, "-"],
        &["i@example.com", "-", "謎", GIVEN, "-"],
        &["j@example.com", "-", "dm", GIVEN, "2026-06-01"],
        &["j@example.com", "-", "dm", "2026-07-01", "-"],
        &["k@example.com", "-", "dm", "2026-07-01", "-"],
        &["k@example.com", "-", "dm", "2025-07-01", "2026-08-01"],
        &["l@example.com", "-", "dm", GIVEN, "済"],
        &["l@example.com", "-", "dm", "2027-01-01", "-"],
        &["m@example.com", "-", "dm", "-", "-"],
        &["n@example.com", "-", "dm", "-", "2026-01-01"],
        &["o@example.com", "-", "dm", GIVEN, "-"],
        &["o@example.com", "-", "news", GIVEN, "2026-06-01"],
        &["p@example.com", "-", "dm", "someday", "-"],
        &["q@example.com", "-", "dm", GIVEN, "0000-00-00 00:00:00"],
    ]);
    for (name, expected) in [
        ("a", ""),
        ("b", "consent:withdrawn"),
        ("c", "consent:withdrawn"),
        ("d", "consent:missing"),
        ("e", ""),
        ("f", ""),
        ("g", "consent:other-purpose"),
        ("h", "consent:other-purpose"),
        ("i", "consent:other-purpose"),
        ("j", ""),
        ("k", "consent:withdrawn"),
        ("l", "consent:withdrawn"),
        ("m", "consent:missing"),
        ("n", "consent:withdrawn"),
        ("o", ""),
        ("p", "consent:missing"),
        ("q", "consent:withdrawn"),
        ("nobody", "consent:missing"),
        ("two words", "consent:no-subject"),
    ] {
        assert_eq!(of(&world, name).join(" "), expected, "{name}");
    }
    assert_eq!(world.reasons(&[]), ["consent:no-subject"]);
}

#[test]
fn a_date_is_the_start_of_its_day_among_events() {
    let world = world(&[
        &["a@example.com", "-", "dm", "2026-06-01", "2026-06-01 00:00:00"],
        &["b@example.com", "-", "dm", "2026-06-01 00:00:01", "2026-06-01"],
        &["c@example.com", "-", "dm", "2026-05-31T15:00:00Z", "2026-06-01"],
        &["d@example.com", "-", "dm", "2026-05-31T15:00:01Z", "2026-06-01"],
    ]);
    assert_eq!(of(&world, "a"), ["consent:withdrawn"]);
    assert_eq!(of(&world, "b"), [""; 0]);
    assert_eq!(of(&world, "c"), ["consent:withdrawn"]);
    assert_eq!(of(&world, "d"), [""; 0]);
}

#[test]
fn consent_runs_out_by_the_due_rules() {
    let world = world(&[
        &["a@example.com", "-", "dm", "2025-02-28T12:00:00+09:00", "-"],
        &["b@example.com", "-", "dm", "2025-02-28T12:00:00.000001+09:00", "-"],
        &["c@example.com", "-", "dm", "2025-02-27", "-"],
        &["d@example.com", "-", "dm", "2025-02-28", "-"],
        &["e@example.com", "-", "dm", "2024-01-01", "-"],
        &["e@example.com", "-", "dm", "2026-01-01", "-"],
        &["f@example.com", "-", "dm", "2024-01-01", "2024-02-01"],
    ])
    .with(|dataset| dataset.consent[0].valid_for = Some(period("2 years")));
    assert_eq!(of(&world, "a"), ["consent:expired"]);
    assert_eq!(of(&world, "b"), [""; 0]);
    assert_eq!(of(&world, "c"), ["consent:expired"]);
    assert_eq!(of(&world, "d"), [""; 0], "the day has not ended");
    assert_eq!(of(&world, "e"), [""; 0], "the newest counts");
    assert_eq!(of(&world, "f"), ["consent:withdrawn"]);
}

#[test]
fn any_key_that_gives_gives_and_else_the_nearest_reason_is_told() {
    let world = world(&[
        &["a@example.com", "-", "dm", GIVEN, "-"],
        &["-", "090-1111-1111", "dm", GIVEN, "-"],
        &["w@example.com", "-", "dm", GIVEN, "2026-02-01"],
        &["-", "090-2222-2222", "news", GIVEN, "-"],
    ])
    .with(|dataset| dataset.consent = vec![by_ledger("consents", &[(EMAIL, 0), (PHONE, 1)])]);
    for (email, phone, expected) in [
        ("a@example.com", "", ""),
        ("", "+81 90 1111 1111", ""),
        ("x@example.com", "9011111111", ""),
        ("w@example.com", "090-1111-1111", ""),
        ("w@example.com", "090-9999-9999", "consent:withdrawn"),
        ("w@example.com", "090-2222-2222", "consent:withdrawn"),
        ("x@example.com", "090-2222-2222", "consent:other-purpose"),
        ("x@example.com", "", "consent:missing"),
        ("", "", "consent:no-subject"),
        ("x", "12", "consent:no-subject"),
    ] {
        assert_eq!(world.reasons(&[(EMAIL, email), (PHONE, phone)]).join(" "), expected, "{email} {phone}");
    }
    let cell = Value::Cell(9_011_111_111.0, crate::domain::item::SerialEpoch::Y1900);
    assert!(world.judge(&[(PHONE, cell)]).reasons.is_empty(), "a number that lost its zero");
}

#[test]
fn each_purpose_that_needs_consent_gives_its_own_reason() {
    let rows: &[&[&str]] = &[
        &["a@example.com", "-", "dm", GIVEN, "2026-06-01"],
        &["b@example.com", "-", "dm", GIVEN, "-"],
        &["b@example.com", "-", "news", GIVEN, "-"],
        &["c@example.com", "-", "dm;news", GIVEN, "-"],
    ];
    let mut items = world(rows).with_purposes(&["dm", "news", "care"]);
    let ledger = items.register.ledgers.values_mut().next().unwrap();
    ledger.source.fields[2].split = Some(";".to_owned());
    let reasons = |email, purpose| items.reasons(&[(EMAIL, email), (PURPOSE, purpose)]).join(" ");
    assert_eq!(reasons("a@example.com", "dm;news"), "consent:other-purpose consent:withdrawn");
    assert_eq!(reasons("b@example.com", "dm;news"), "");
    assert_eq!(reasons("c@example.com", "dm;news"), "");
    assert_eq!(reasons("x@example.com", "dm;news"), "consent:missing", "once under each reason");
    assert_eq!(reasons("x@example.com", "care"), "", "not asked");
    assert_eq!(reasons("", "care"), "");
    assert_eq!(reasons("", "謎"), "purpose:outside");
    assert_eq!(reasons("", ""), "purpose:unstated");
    let narrower = items.with_purposes(&["care"]);
    let outside = narrower.reasons(&[(EMAIL, "x@example.com"), (PURPOSE, "dm")]);
    assert_eq!(outside, ["purpose:outside", "consent:missing"], "known, so asked");
}

#[test]
fn without_a_purpose_field_each_purpose_of_the_dataset_is_asked() {
    let world = world(&[&["a@example.com", "-", "dm", GIVEN, "-"]]);
    let world = world.with(|dataset| dataset.purposes = ["dm", "news", "care"].map(purpose_name).to_vec());
    assert_eq!(of(&world, "a"), ["consent:other-purpose"]);
    let world = world.with(|dataset| dataset.purposes = vec![purpose_name("care")]);
    assert_eq!(of(&world, "x"), [""; 0]);
    let world = world.with(|dataset| {
        dataset.purposes = vec![purpose_name("dm")];
        dataset.consent.clear();
    });
    assert_eq!(of(&world, "x"), [""; 0], "no place on record at all: not asked");
}

#[test]
fn a_ledger_without_purposes_counts_for_every_purpose() {
    let rows: &[&[&str]] = &[&["a@example.com", GIVEN, "-"], &["b@example.com", GIVEN, "2026-02-01"]];
    let world = world(&[]).with_ledger("consents", LedgerKind::Consents, &["email", "given_at", "withdrawn_at"], rows);
    assert_eq!(of(&world, "a"), [""; 0]);
    assert_eq!(of(&world, "b"), ["consent:withdrawn"]);
    assert_eq!(of(&world, "c"), ["consent:missing"]);
}

#[test]
fn the_same_text_in_another_key_field_is_another_subject() {
    let rows: &[&[&str]] = &[&["7", "8", GIVEN]];
    let world = World::new().with_ledger("consents", LedgerKind::Consents, &["member", "customer", "given_at"], rows);
    let world = world.with(|dataset| {
        dataset.purposes = vec![purpose_name("dm")];
        dataset.consent = vec![by_ledger("consents", &[(ANSWER, 0), (ASKED, 1)])];
    });
    assert_eq!(world.reasons(&[(ANSWER, " ７ ")]), [""; 0]);
    assert_eq!(world.reasons(&[(ASKED, "8")]), [""; 0]);
    assert_eq!(world.reasons(&[(ASKED, "7")]), ["consent:missing"]);
}

fn row_world() -> World {
    World::new().with(|dataset| {
        let answers = [("○", CellAnswer::Given), ("済", CellAnswer::Given), ("×", CellAnswer::Refused)];
        dataset.source.fields[ANSWER].answers = answers.map(|(text, answer)| (text.to_owned(), answer)).into();
        dataset.purposes = vec![purpose_name("dm")];
        let source = ConsentSource::Row { field: ANSWER, at: Some(ASKED) };
        dataset.consent = vec![ConsentEntry { source, valid_for: None, purposes: Vec::new() }];
    })
}

#[test]
fn a_column_of_the_row_answers() {
    let world = row_world();
    for (answer, expected) in [
        ("○", ""),
        (" 済\u{3000}", ""),
        ("×", "consent:refused"),
        ("", "consent:missing"),
        ("\u{3000}", "consent:missing"),
        ("はい", "consent:unclear"),
        ("○×", "consent:unclear"),
    ] {
        assert_eq!(world.reasons(&[(ANSWER, answer)]).join(" "), expected, "{answer}");
    }
    let unclear = world.judge(&[(ANSWER, Value::Bytes(b"\x81"))]);
    assert_eq!(unclear.reasons, Reasons::from_iter([Reason::Unclear]));
    assert!(unclear.undecidable);
    assert!(!world.judge(&[(ANSWER, Value::Text("×"))]).undecidable);
}

#[test]
fn a_column_that_runs_out_needs_a_readable_date() {
    let world = row_world().with(|dataset| dataset.consent[0].valid_for = Some(period("2 years")));
    for (answer, asked, expected) in [
        ("○", "2025-02-27", "consent:expired"),
        ("○", "2025-02-28", ""),
        ("○", "2025-02-28T12:00:00+09:00", "consent:expired"),
        ("○", "", "consent:unclear"),
        ("○", "x", "consent:unclear"),
        ("×", "2025-02-27", "consent:refused"),
        ("", "x", "consent:missing"),
    ] {
        assert_eq!(world.reasons(&[(ANSWER, answer), (ASKED, asked)]).join(" "), expected, "{answer} {asked}");
    }
}

#[test]
fn several_places_on_record() {
    let world = row_world().with_consents(&[
        &["a@example.com", "-", "dm", GIVEN, "-"],
        &["w@example.com", "-", "dm", GIVEN, "2026-06-01"],
        &["o@example.com", "-", "news", GIVEN, "-"],
    ]);
    let world = world.with(|dataset| dataset.consent.insert(0, by_ledger("consents", &[(EMAIL, 0)])));
    let reasons = |email, answer| world.reasons(&[(EMAIL, email), (ANSWER, answer)]).join(" ");
    assert_eq!(reasons("a@example.com", "×"), "", "any entry that gives, gives");
    assert_eq!(reasons("x@example.com", "○"), "");
    assert_eq!(reasons("w@example.com", "×"), "consent:refused");
    assert_eq!(reasons("w@example.com", "△"), "consent:withdrawn");
    assert_eq!(reasons("o@example.com", "△"), "consent:unclear");
    assert_eq!(reasons("o@example.com", ""), "consent:other-purpose");
    assert_eq!(reasons("x@example.com", ""), "consent:missing");
    assert_eq!(reasons("", ""), "consent:missing", "nearer than no subject");
    let other = world.with(|dataset| dataset.consent[1].purposes = vec![purpose_name("news")]);
    assert_eq!(other.reasons(&[(EMAIL, "x@example.com"), (ANSWER, "○")]), ["consent:missing"]);
    let none = other.with(|dataset| drop(dataset.consent.remove(0)));
    assert_eq!(none.reasons(&[(ANSWER, "○")]), ["consent:missing"], "no entry is for this purpose");
}

#[test]
fn a_ledger_that_could_not_be_read_leaves_consent_undecided() {
    let world = world(&[]).with_purposes(&["dm", "care"]).sick("consents");
    let asked = world.judge(&[(EMAIL, Value::Text("a@example.com")), (PURPOSE, Value::Text("dm"))]);
    assert_eq!((asked.reasons, asked.undecidable), (Reasons::NONE, true));
    let not_asked = world.judge(&[(PURPOSE, Value::Text("care"))]);
    assert_eq!((not_asked.reasons, not_asked.undecidable), (Reasons::NONE, false));
    assert_eq!(world.whole().undecided, Reasons::of_rule(Rule::Consent));
    let well = self::world(&[]);
    assert_eq!(well.whole().undecided, Reasons::NONE);
    assert_eq!(of(&well, "a"), ["consent:missing"], "an empty ledger is not a sick one, by itself");
}
