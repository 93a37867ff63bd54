//! Opt-outs from ledgers and from columns that say stop.

use crate::domain::name::LedgerName;
use crate::domain::register::{CellAnswer, ConsentEntry, ConsentSource, KeyField, LedgerKind, OptOutEntry};
use crate::rule::fixture::{ANSWER, EMAIL, PHONE, PURPOSE, STOP, World, by_ledger, period, purpose_name};

const GIVEN: &str = "2026-01-01T00:00:00+09:00";

fn stops(keys: &[(usize, usize)]) -> OptOutEntry {
    let by = keys.iter().map(|(field, ledger_field)| KeyField { field: *field, ledger_field: *ledger_field }).collect();
    OptOutEntry::Ledger { ledger: LedgerName::new("stops").unwrap(), by }
}

fn world(consents: &[&[&str]], opt_outs: &[&[&str]]) -> World {
    let world = World::new().with(|dataset| {
        dataset.purposes = vec![purpose_name("dm")];
        dataset.consent = vec![by_ledger("consents", &[(EMAIL, 0)])];
        dataset.opt_outs = vec![stops(&[(EMAIL, 0)])];
    });
    let fields = ["email", "purpose", "opted_out_at"];
    world.with_consents(consents).with_ledger("stops", LedgerKind::OptOuts, &fields, opt_outs)
}

fn of(world: &World, name: &str) -> String {
    world.reasons(&[(EMAIL, &format!("{name}@example.com"))]).join(" ")
}

#[test]
fn in_force_unless_consent_to_this_very_purpose_was_given_later() {
    let given = |name: &'static str, time: &'static str| -> [&'static str; 5] { [name, "-", "dm", time, "-"] };
    let consents = [
        given("a@example.com", GIVEN),
        given("b@example.com", "2026-06-01 09:00:00"),
        given("c@example.com", "2026-06-02 00:00:00"),
        given("d@example.com", "2026-06-02"),
        given("e@example.com", "2026-06-01 12:00:00"),
        given("f@example.com", "2026-06-01 12:00:00.000001"),
        ["h@example.com", "-", "news", "2026-12-01", "-"],
        given("i@example.com", "2026-12-01"),
        given("j@example.com", GIVEN),
        ["l@example.com", "-", "dm", "2026-07-01", "2026-08-01"],
        given("m@example.com", "2026-06-01 13:00:00"),
        given("n@example.com", "2026-12-01"),
    ];
    let consents: Vec<&[&str]> = consents.iter().map(<[&str; 5]>::as_slice).collect();
    let world = world(
        &consents,
        &[
            &["b@example.com", "-", "2026-06-01"],
            &["c@example.com", "-", "2026-06-01"],
            &["d@example.com", "-", "2026-06-01"],
            &["e@example.com", "-", "2026-06-01 12:00:00"],
            &["f@example.com", "-", "2026-06-01T12:00:00+09:00"],
            &["h@example.com", "-", "2026-06-01"],
            &["i@example.com", "-", "-"],
            &["j@example.com", "-", "2027-03-01"],
            &["k@example.com", "-", "2026-06-01"],
            &["l@example.com", "-", "2026-06-01"],
            &["m@example.com", "-", "2026-06-01"],
            &["m@example.com", "-", "2026-06-01 12:00:00"],
            &["n@example.com", "-", "解約"],
        ],
    );
    for (name, expected) in [
        ("a", ""),
        ("b", "consent:opted-out"), // the whole day is beaten
        ("c", ""),
        ("d", ""),
        ("e", "consent:opted-out"), // the same instant is not later
        ("f", ""),
        ("h", "consent:opted-out"), // later, but another purpose
        ("i", "consent:opted-out"), // without a date nothing is later
        ("j", ""),                  // not yet
        ("k", "consent:opted-out"), // checked before everything else
        ("l", "consent:withdrawn"), // lifted, then withdrawn
        ("m", "consent:opted-out"), // of one day, the mere date beats the time
        ("n", "consent:opted-out"),
        ("x", "consent:missing"),
    ] {
        assert_eq!(of(&world, name), expected, "{name}");
    }
}

#[test]
fn in_force_from_the_start_of_its_day() {
    let world = world(&[], &[&["a@example.com", "-", "2027-02-28"], &["b@example.com", "-", "2027-02-28 12:00:00"]]);
    assert_eq!(of(&world, "a"), "consent:opted-out");
    assert_eq!(of(&world, "b"), "consent:opted-out");
    let earlier = world.at("2027-02-28T11:59:59.999999+09:00");
    assert_eq!(of(&earlier, "a"), "consent:opted-out");
    assert_eq!(of(&earlier, "b"), "consent:missing");
    let before = earlier.at("2027-02-27T23:59:59.999999+09:00");
    assert_eq!(of(&before, "a"), "consent:missing");
}

#[test]
fn for_one_purpose_or_for_none_in_particular() {
    let both = |name: &'static str| [[name, "-", "dm", GIVEN, "-"], [name, "-", "news", GIVEN, "-"]];
    let consents: Vec<[&str; 5]> = ["a@example.com", "b@example.com", "c@example.com"].map(both).concat();
    let consents: Vec<&[&str]> = consents.iter().map(<[&str; 5]>::as_slice).collect();
    let stops: &[&[&str]] = &[
        &["a@example.com", "案内", "2026-06-01"],
        &["b@example.com", "-", "2026-06-01"],
        &["c@example.com", "謎", "2026-06-01"],
    ];
    let world = world(&consents, stops).with_purposes(&["dm", "news", "care"]);
    let reasons = |email, purpose| world.reasons(&[(EMAIL, email), (PURPOSE, purpose)]).join(" ");
    assert_eq!(reasons("a@example.com", "dm"), "consent:opted-out");
    assert_eq!(reasons("a@example.com", "news"), "");
    assert_eq!(reasons("b@example.com", "dm"), "consent:opted-out");
    assert_eq!(reasons("b@example.com", "news"), "consent:opted-out");
    assert_eq!(reasons("b@example.com", "care"), "", "not asked");
    assert_eq!(reasons("c@example.com", "dm"), "");
}

#[test]
fn by_another_key_and_from_a_ledger_without_dates() {
    let stop: &[&[&str]] = &[&["0081-90-2222-2222"], &["9033333333"]];
    let world = world(&[&["a@example.com", "-", "dm", GIVEN, "-"]], &[])
        .with_ledger("stops", LedgerKind::OptOuts, &["phone"], stop)
        .with(|dataset| dataset.opt_outs = vec![stops(&[(PHONE, 0)])]);
    let reasons = |phone| world.reasons(&[(EMAIL, "a@example.com"), (PHONE, phone)]).join(" ");
    assert_eq!(reasons("090-1111-1111"), "");
    assert_eq!(reasons("+81 90 2222 2222"), "consent:opted-out");
    assert_eq!(reasons("090-3333-3333"), "consent:opted-out");
    assert_eq!(reasons(""), "");
}

#[test]
fn a_lifted_opt_out_leaves_the_question_of_consent() {
    let world = world(&[&["a@example.com", "-", "dm", "2026-06-01", "-"]], &[&["a@example.com", "-", "2026-01-01"]]);
    assert_eq!(of(&world, "a"), "");
    let world = world.with(|dataset| dataset.consent[0].valid_for = Some(period("30 days")));
    assert_eq!(of(&world, "a"), "consent:expired");
}

#[test]
fn opt_outs_alone() {
    let world = world(&[], &[&["a@example.com", "-", "2026-01-01"]]).with(|dataset| dataset.consent.clear());
    assert_eq!(of(&world, "a"), "consent:opted-out");
    assert_eq!(of(&world, "b"), "");
    assert_eq!(world.reasons(&[]), ["consent:no-subject"]);
}

#[test]
fn a_column_that_says_stop() {
    let answers =
        |pairs: &[(&str, CellAnswer)]| pairs.iter().map(|(text, answer)| ((*text).to_owned(), *answer)).collect();
    let world = World::new().with(|dataset| {
        let (yes, no) = (CellAnswer::Given, CellAnswer::Refused);
        dataset.source.fields[ANSWER].answers = answers(&[("○", yes), ("×", no)]);
        dataset.source.fields[STOP].answers = answers(&[("○", no), ("停止", no), ("×", yes)]);
        dataset.purposes = vec![purpose_name("dm")];
        let source = ConsentSource::Row { field: ANSWER, at: None };
        dataset.consent = vec![ConsentEntry { source, valid_for: None, purposes: Vec::new() }];
        dataset.opt_outs = vec![OptOutEntry::Row { field: STOP }];
    });
    for (answer, stop, expected) in [
        ("○", "", ""),
        ("○", "×", ""),
        ("○", "○", "consent:refused"),
        ("", "停止", "consent:refused"),
        ("○", "?", "consent:unclear"),
        ("×", "?", "consent:unclear"),
        ("×", "", "consent:refused"),
        ("", "", "consent:missing"),
    ] {
        assert_eq!(world.reasons(&[(ANSWER, answer), (STOP, stop)]).join(" "), expected, "{answer} {stop}");
    }
}
