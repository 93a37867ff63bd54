//! What holds of a dataset as a whole: narrowing, fields that are read, provenance; and what an
//! explanation tells.

use crate::domain::item::{Item, Value};
use crate::domain::name::CategoryName;
use crate::domain::register::{ClockField, CountMethod, KeepAtLeast, WholeUntil};
use crate::domain::verdict::{Reason, Reasons, Rule};
use crate::rule::fixture::{ASKED, CAMERA, CLOCK, EMAIL, World, at, by_ledger, keep, period, purpose_name};
use crate::rule::judge::{ClockStep, Limit};
use crate::rule::ledger::EventKind;
use crate::rule::{ClockReading, fields_needed};
use jiff::civil::date;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn world() -> World {
    World::new().with(|dataset| dataset.keep = vec![keep("6 months", CLOCK)])
}

#[test]
fn narrowing_where_retention_alone_judges_by_one_clock() {
    let narrowing = |world: &World| world.whole().narrowing;
    let found = narrowing(&world()).unwrap();
    assert_eq!(found.field, CLOCK);
    assert_eq!(found.not_after, at("2026-08-31T12:00:00+09:00"));
    let warned = narrowing(&world().with(|dataset| dataset.warn = vec![period("30 days")])).unwrap();
    assert_eq!(warned.not_after, at("2026-09-30T12:00:00+09:00"));
    let two = world().with(|dataset| dataset.keep.insert(0, keep("1 month", CLOCK)));
    assert_eq!(narrowing(&two).unwrap().not_after, at("2027-01-31T12:00:00+09:00"));
    for other in [
        World::new(),
        world().with_purposes(&["dm"]),
        world().with(|dataset| dataset.keep.push(keep("1 month", ASKED))),
        world().with(|dataset| dataset.keep[0].from.push(ClockField::Field(ASKED))),
        world().with(|dataset| dataset.keep[0].from = vec![ClockField::ContractEnds]),
        world().with_consents(&[]).with(|dataset| dataset.consent = vec![by_ledger("consents", &[(EMAIL, 0)])]),
    ] {
        assert_eq!(narrowing(&other), None);
    }
}

proptest! {
    /// Whatever lies after the narrowed range has nothing to be said of it.
    #[test]
    fn narrowed_items_have_no_reason(
        months in 0_i32..30, days in 0_i32..100, warn in 0_i32..60, fiscal: bool, seconds in 0_i64..100_000_000,
    ) {
        let world = World::new().with(|dataset| {
            dataset.keep = vec![keep("1 day", CLOCK)];
            dataset.keep[0].period.months = months;
            dataset.keep[0].period.days = days;
            dataset.keep[0].until_end_of = fiscal.then_some(WholeUntil::FiscalYearEnd);
            dataset.warn = vec![period(&format!("{warn} days"))];
        });
        let narrowing = world.whole().narrowing.unwrap();
        let clock = narrowing.not_after.timestamp() + jiff::SignedDuration::from_secs(seconds) + jiff::SignedDuration::from_micros(1);
        let instant = Value::Instant(clock.into());
        prop_assert!(world.judge(&[(CLOCK, instant)]).reasons.is_empty());
    }
}

#[test]
fn fields_that_the_rules_read() {
    let world = world().with(|dataset| {
        dataset.keep[0].conditions = BTreeMap::from([("camera".to_owned(), vec!["*".to_owned()])]);
        dataset.consent = vec![by_ledger("consents", &[(EMAIL, 0)])];
    });
    let read = |world: &World| {
        let needed = fields_needed(&world.dataset);
        (0..needed.len()).filter(|place| needed[*place]).collect::<Vec<_>>()
    };
    assert_eq!(read(&world), [CLOCK, EMAIL, CAMERA]);
    let world = world.with_purposes(&["dm"]);
    assert_eq!(read(&world), [CLOCK, EMAIL, crate::rule::fixture::PURPOSE, CAMERA]);
}

#[test]
fn provenance_is_complete_or_not() {
    let mut world = world();
    let whole = |world: &World| world.whole().reasons;
    assert_eq!(whole(&world), Reasons::NONE);
    let category = world.register.categories.get_mut(&CategoryName::new("lists").unwrap()).unwrap();
    category.require_provenance = vec!["supplier".to_owned(), "address".to_owned()];
    assert_eq!(whole(&world), Reasons::from_iter([Reason::Incomplete]));
    let mut state = |name: &str, text: &str| {
        world.dataset.provenance.insert(name.to_owned(), text.to_owned());
        whole(&world)
    };
    assert_eq!(state("supplier", "Example Lists"), Reasons::from_iter([Reason::Incomplete]));
    assert_eq!(state("address", " \u{3000}"), Reasons::from_iter([Reason::Incomplete]), "blank is not stated");
    assert_eq!(state("address", "Tokyo"), Reasons::NONE);
}

#[test]
fn an_explanation_tells_the_arithmetic() {
    let world =
        world().with_consents(&[&["a@example.com", "-", "dm", "2026-01-01", "2026-06-01T00:00:00Z"]]).with(|dataset| {
            dataset.purposes = vec![purpose_name("dm")];
            dataset.consent = vec![by_ledger("consents", &[(EMAIL, 0)])];
            dataset.keep_at_least = vec![KeepAtLeast {
                conditions: BTreeMap::new(),
                period: period("3 years"),
                from: vec![ClockField::Field(CLOCK)],
                until_end_of: None,
                count: CountMethod::Calendar,
                basis: Some("APPI Art. 29".to_owned()),
            }];
        });
    let mut values = [Value::Empty; 8];
    values[CLOCK] = Value::Text("2026-01-31");
    values[EMAIL] = Value::Text("A@example.com");
    let item = Item { values: &values, path: b"", place: 1 };
    let explanation = world.ask(|judge| judge.explain(&item, &mut judge.scratch()));
    assert_eq!(explanation.rules, [Rule::Consent, Rule::Retention]);
    assert_eq!(explanation.purposes, [purpose_name("dm")]);
    let clock = ClockStep { field: "at".to_owned(), reading: ClockReading::Date(date(2026, 1, 31)) };
    assert_eq!(explanation.clocks, [clock.clone(), clock]);
    let ends: Vec<_> = explanation.periods.iter().map(|step| (step.limit, step.due, step.basis.as_deref())).collect();
    assert_eq!(
        ends,
        [
            (Limit::AtMost, Some(at("2026-08-01T00:00:00+09:00")), None),
            (Limit::AtLeast, Some(at("2029-02-01T00:00:00+09:00")), Some("APPI Art. 29")),
        ]
    );
    assert_eq!(explanation.lookups.len(), 1);
    assert_eq!((explanation.lookups[0].field.as_str(), explanation.lookups[0].ledger.as_str()), ("email", "consents"));
    assert_eq!(explanation.lookups[0].events.as_ref().map(Vec::len), Some(2));
    let consent = &explanation.consents[0];
    assert_eq!((consent.purpose.as_str(), consent.reason), ("dm", Some(Reason::Withdrawn)));
    assert_eq!(consent.deciding.as_ref().map(|event| event.kind), Some(EventKind::Withdrawn));
    assert_eq!(explanation.judgement.reasons, Reasons::from_iter([Reason::MustKeep, Reason::Withdrawn]));
    let told = format!("{explanation:?}");
    assert!(!told.to_lowercase().contains("example.com"), "nothing of the person is in it");
}

#[test]
fn a_clock_far_ahead_is_explained_too() {
    let values = [Value::Text("2027-02-01")];
    let item = Item { values: &values, path: b"", place: 1 };
    let explanation = world().ask(|judge| judge.explain(&item, &mut judge.scratch()));
    assert_eq!(explanation.periods[0].due, Some(at("2027-08-02T00:00:00+09:00")));
    assert_eq!(explanation.judgement.reasons, Reasons::NONE);
}
