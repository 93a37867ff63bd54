//! Retention: boundaries, several periods, several clocks, minima, warnings, and purposes with periods of
//! their own; and the purpose rule itself.

use crate::domain::item::Value;
use crate::domain::name::ContractName;
use crate::domain::register::{ClockField, Contract, CountMethod, Keep, KeepAtLeast, WholeUntil};
use crate::domain::verdict::{Reason, Reasons};
use crate::rule::Unreadable;
use crate::rule::fixture::{ASKED, CAMERA, CLOCK, PURPOSE, World, at, keep, period};
use jiff::civil::date;
use std::collections::BTreeMap;

fn world(length: &str) -> World {
    World::new().with(|dataset| dataset.keep = vec![keep(length, CLOCK)])
}

fn reasons(world: &World, clock: &str) -> Vec<String> {
    world.reasons(&[(CLOCK, clock)])
}

fn only_if(field: &str, pattern: &str, keep: Keep) -> Keep {
    Keep { conditions: BTreeMap::from([(field.to_owned(), vec![pattern.to_owned()])]), ..keep }
}

fn at_least(length: &str, place: usize) -> KeepAtLeast {
    KeepAtLeast {
        conditions: BTreeMap::new(),
        period: period(length),
        from: vec![ClockField::Field(place)],
        until_end_of: None,
        count: CountMethod::Calendar,
        basis: None,
    }
}

#[test]
fn expired_from_the_due_instant_on() {
    let world = world("6 months");
    // 31 August and six months is 28 February, at the same time of day: now.
    assert_eq!(reasons(&world, "2026-08-31T12:00:00+09:00"), ["retention:expired"]);
    assert_eq!(reasons(&world, "2026-08-31T12:00:00.000001+09:00"), [""; 0]);
    assert_eq!(reasons(&world, "2026-08-28T12:00:00+09:00"), ["retention:expired"]);
    assert_eq!(reasons(&world, "2026-08-27"), ["retention:expired"]);
    assert_eq!(reasons(&world, "2026-08-28"), [""; 0], "the day has not ended");
    assert_eq!(reasons(&world, "2027-08-28"), [""; 0]);
    let judgement = world.judge(&[(CLOCK, Value::Text("2026-08-29T09:30:00+09:00"))]);
    assert_eq!(judgement.due, Some(at("2027-02-28T09:30:00+09:00")));
}

#[test]
fn a_day_is_over_at_its_last_midnight() {
    let world = world("6 months");
    let world = world.at("2027-02-28T23:59:59.999999+09:00");
    assert_eq!(reasons(&world, "2026-08-28"), [""; 0]);
    let world = world.at("2027-03-01T00:00:00+09:00");
    for clock in ["2026-08-28", "2026-08-29", "2026-08-30", "2026-08-31"] {
        assert_eq!(reasons(&world, clock), ["retention:expired"], "{clock}");
    }
    assert_eq!(reasons(&world, "2026-09-01"), [""; 0]);
}

#[test]
fn warned_from_the_longest_warning_on() {
    let world = world("6 months").with(|dataset| dataset.warn = vec![period("30 days"), period("7 days")]);
    // Due 2027-03-30T12:00, thirty days before is now.
    assert_eq!(reasons(&world, "2026-09-30T12:00:00+09:00"), ["retention:due-soon"]);
    assert_eq!(reasons(&world, "2026-09-30T12:00:00.000001+09:00"), [""; 0]);
    assert_eq!(reasons(&world, "2026-08-31T12:00:00+09:00"), ["retention:expired"]);
    assert_eq!(reasons(&world, "2026-08-31T12:00:00.000001+09:00"), ["retention:due-soon"]);
    // A day: due at the midnight after; 2027-03-30T00:00 is within thirty days, 2027-03-31T00:00 is not.
    assert_eq!(reasons(&world, "2026-09-29"), ["retention:due-soon"]);
    assert_eq!(reasons(&world, "2026-09-30"), [""; 0]);
    let judgement = world.judge(&[(CLOCK, Value::Text("2026-09-29"))]);
    assert_eq!(judgement.due, Some(at("2027-03-30T00:00:00+09:00")));
}

#[test]
fn without_a_readable_clock_undated() {
    let world = world("6 months");
    for (value, note) in [
        (Value::Text("soon"), Unreadable::NotADate),
        (Value::Text("2026-02-30"), Unreadable::NotADate),
        (Value::Text("0000-00-00"), Unreadable::Placeholder),
        (Value::Empty, Unreadable::Empty),
        (Value::Bytes(b"\x82"), Unreadable::NotADate),
    ] {
        let judgement = world.judge(&[(CLOCK, value)]);
        assert_eq!(judgement.reasons, Reasons::from_iter([Reason::Undated]));
        assert!(judgement.undecidable);
        assert_eq!((judgement.note, judgement.due), (Some(note), None));
    }
}

#[test]
fn a_clock_that_has_not_started_is_no_finding() {
    let world = world("6 months").with(|dataset| dataset.source.fields[CLOCK].empty_is_running = true);
    assert_eq!(reasons(&world, ""), [""; 0]);
    assert_eq!(reasons(&world, "soon"), ["retention:undated"]);
}

#[test]
fn the_first_readable_clock_counts() {
    let world = world("6 months").with(|dataset| {
        dataset.keep[0].from = vec![ClockField::Field(CLOCK), ClockField::Field(ASKED)];
        dataset.source.fields[CLOCK].empty_is_running = true;
    });
    let reasons = |first, second| world.reasons(&[(CLOCK, first), (ASKED, second)]);
    assert_eq!(reasons("2026-01-01", "2027-01-01"), ["retention:expired"]);
    assert_eq!(reasons("2027-01-01", "2026-01-01"), [""; 0]);
    assert_eq!(reasons("x", "2026-01-01"), ["retention:expired"]);
    assert_eq!(reasons("", "2026-01-01"), ["retention:expired"], "readable comes before running");
    assert_eq!(reasons("", "x"), [""; 0], "running comes before undated");
    assert_eq!(reasons("x", ""), ["retention:undated"]);
}

#[test]
fn the_first_period_whose_conditions_match_counts() {
    let world = World::new().with(|dataset| {
        dataset.keep = vec![only_if("camera", "vault-*", keep("90 days", CLOCK)), keep("30 days", CLOCK)];
    });
    let reasons = |camera, clock| world.reasons(&[(CAMERA, camera), (CLOCK, clock)]);
    assert_eq!(reasons("vault-1", "2027-01-01"), [""; 0]);
    assert_eq!(reasons("front", "2027-01-01"), ["retention:expired"]);
    assert_eq!(reasons(" ｖａｕｌｔ-2 ", "2027-01-01"), [""; 0], "folded and trimmed");
    assert_eq!(reasons("vault-1", "2026-11-01"), ["retention:expired"]);
    assert_eq!(reasons("vault-1", "x"), ["retention:undated"]);
    let world = world.with(|dataset| drop(dataset.keep.pop()));
    assert_eq!(world.reasons(&[(CAMERA, "front"), (CLOCK, "x")]), [""; 0], "no period is for it");
}

#[test]
fn the_clock_of_a_contract_is_its_last_day() {
    let name = ContractName::new("acme").unwrap();
    let mut world = world("30 days").with(|dataset| {
        dataset.contract = Some(name.clone());
        dataset.keep[0].from = vec![ClockField::ContractEnds];
    });
    let mut ends = |ends| {
        world.register.contracts.insert(name.clone(), Contract { client: "Acme".to_owned(), ends });
        world.reasons(&[])
    };
    assert_eq!(ends(Some(date(2027, 1, 28))), ["retention:expired"]);
    assert_eq!(ends(Some(date(2027, 1, 29))), [""; 0]);
    assert_eq!(ends(None), ["retention:undated"]);
}

#[test]
fn over_the_maximum_but_under_a_minimum_it_must_be_kept() {
    let world = world("6 months").with(|dataset| dataset.keep_at_least = vec![at_least("3 years", ASKED)]);
    let reasons = |clock, made| world.reasons(&[(CLOCK, clock), (ASKED, made)]);
    assert_eq!(reasons("2026-01-01", "2024-02-28T12:00:00+09:00"), ["retention:expired"], "the minimum ends now");
    assert_eq!(reasons("2026-01-01", "2024-02-28T12:00:00.000001+09:00"), ["retention:must-keep"]);
    assert_eq!(reasons("2026-01-01", "2024-02-28"), ["retention:must-keep"]);
    assert_eq!(reasons("2027-01-01", "2026-12-01"), [""; 0]);
    assert_eq!(reasons("2026-01-01", "x"), ["retention:undated"], "nobody is told to erase");
    assert_eq!(reasons("x", "2024-01-01"), ["retention:undated"]);
    let judgement = world.judge(&[(CLOCK, Value::Text("2026-01-01")), (ASKED, Value::Text("2026-01-01"))]);
    assert_eq!(judgement.due, Some(at("2026-07-02T00:00:00+09:00")), "the maximum's end");
    let world = world.with(|dataset| dataset.source.fields[ASKED].empty_is_running = true);
    assert_eq!(world.reasons(&[(CLOCK, "2026-01-01"), (ASKED, "")]), ["retention:must-keep"]);
}

#[test]
fn all_minima_that_match_count() {
    let world = world("6 months").with(|dataset| {
        let mut vault = at_least("10 years", CLOCK);
        vault.conditions = BTreeMap::from([("camera".to_owned(), vec!["vault".to_owned(), "safe".to_owned()])]);
        dataset.keep_at_least = vec![at_least("8 months", CLOCK), vault];
    });
    let reasons = |camera, clock| world.reasons(&[(CAMERA, camera), (CLOCK, clock)]);
    assert_eq!(reasons("front", "2026-01-01"), ["retention:expired"]);
    assert_eq!(reasons("front", "2026-08-01"), ["retention:must-keep"]);
    assert_eq!(reasons("safe", "2026-01-01"), ["retention:must-keep"]);
}

#[test]
fn fiscal_years_and_the_civil_code() {
    let world = world("1 year").with(|dataset| dataset.keep[0].until_end_of = Some(WholeUntil::FiscalYearEnd));
    let world = world.at("2027-04-01T00:00:00+09:00");
    assert_eq!(reasons(&world, "2026-03-31"), ["retention:expired"]);
    assert_eq!(reasons(&world, "2026-04-01"), [""; 0]);
    let world = world.with(|dataset| {
        dataset.keep[0].until_end_of = None;
        dataset.keep[0].count = CountMethod::CivilCode;
    });
    assert_eq!(reasons(&world, "2026-03-31T23:00:00+09:00"), ["retention:expired"]);
    assert_eq!(reasons(&world, "2026-04-01T00:00:00+09:00"), [""; 0]);
}

#[test]
fn what_an_item_is_held_for() {
    let world = World::new().with_purposes(&["dm", "care"]);
    for (text, expected) in [
        ("dm", &[][..]),
        (" 案内 ", &[]),
        ("DM", &[]), // ＤＭ, folded
        ("dm;care", &[]),
        ("dm；care", &[]),
        ("", &["purpose:unstated"]),
        (" ; ", &["purpose:unstated"]),
        ("news", &["purpose:outside"]),
        ("何か", &["purpose:outside"]),
        ("dm;何か", &["purpose:outside"]),
        ("Dm", &["purpose:outside"]),
    ] {
        assert_eq!(world.reasons(&[(PURPOSE, text)]), expected, "{text}");
    }
    assert_eq!(World::new().reasons(&[(PURPOSE, "何か")]), [""; 0], "no purpose field: nothing to say");
}

#[test]
fn an_item_with_several_purposes_is_due_when_its_last_is() {
    let world = World::new().with_purposes(&["dm", "news", "care"]).with(|dataset| {
        dataset.keep =
            vec![only_if("purpose", "dm", keep("30 days", CLOCK)), only_if("purpose", "情報*", keep("1 year", ASKED))];
        dataset.source.fields[ASKED].empty_is_running = true;
    });
    let reasons = |purposes, clock, asked| world.reasons(&[(PURPOSE, purposes), (CLOCK, clock), (ASKED, asked)]);
    assert_eq!(reasons("dm", "2027-01-01", ""), ["retention:expired"]);
    assert_eq!(reasons("案内", "2027-01-01", ""), ["retention:expired"], "by the purpose's key");
    assert_eq!(reasons("dm;情報提供", "2027-01-01", "2027-01-01"), [""; 0]);
    assert_eq!(reasons("dm;情報提供", "2027-01-01", "2025-01-01"), ["retention:expired"]);
    assert_eq!(reasons("情報提供;dm", "2027-02-20", "2025-01-01"), [""; 0]);
    assert_eq!(reasons("dm;care", "2027-01-01", ""), ["retention:expired"], "no period for care: it does not count");
    assert_eq!(reasons("care", "2020-01-01", ""), [""; 0]);
    assert_eq!(reasons("dm;情報提供", "x", "2027-01-01"), ["retention:undated"]);
    assert_eq!(reasons("dm;情報提供", "x", ""), [""; 0], "running holds it");
    let judgement = world.judge(&[
        (PURPOSE, Value::Text("dm;情報提供")),
        (CLOCK, Value::Text("2025-01-01")),
        (ASKED, Value::Text("2025-06-01")),
    ]);
    assert_eq!(judgement.due, Some(at("2026-06-02T00:00:00+09:00")));
}
