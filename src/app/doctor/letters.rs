//! What would be told to whom: for each division the person in charge, who comes after in silence, and when letters
//! leave. And where that chain is shorter than it looks.

use super::{Check, Subject};
use crate::domain::name::{DivisionName, PersonName};
use crate::domain::register::{Division, Register, Tell};
use jiff::ToSpan as _;
use jiff::civil::Date;

const ABOUT: &str = "letters";

/// The list of holidays should reach this far.
const HOLIDAYS_KNOWN_FOR_DAYS: i64 = 60;

pub(super) fn look(subject: &Subject<'_>) -> Vec<Check> {
    let register = &subject.loaded.register;
    let mut checks = Vec::new();
    for (name, division) in &register.divisions {
        checks.push(chain(name, division, subject));
        checks.extend(short_chain(name, division, register));
    }
    checks.extend(roles(register));
    checks.extend(told_to_manager(register));
    checks.extend(holidays(subject));
    checks
}

/// A person with their address.
fn shown(register: &Register, person: &PersonName) -> String {
    register.people.get(person).map_or_else(|| person.to_string(), |known| format!("{person} <{}>", known.email))
}

fn chain(name: &DivisionName, division: &Division, subject: &Subject<'_>) -> Check {
    let register = &subject.loaded.register;
    let policy = register.letters_of(name);
    let manager = &register.organisation.privacy_manager;
    let then = division.deputy.iter().chain([manager]).map(|person| shown(register, person)).collect::<Vec<_>>();
    let zone = &register.organisation.time_zone;
    let next = policy.calendar.next_instant_of(policy.send_time(), subject.now, zone).rfc3339(zone);
    let days = policy.escalate_after_business_days;
    let what = format!(
        "`{name}`: to {}; after {days} business day{} of silence each to {}; the next letters leave at {next}",
        shown(register, &division.person_in_charge),
        if days == 1 { "" } else { "s" },
        then.join(", then "),
    );
    Check::ok(ABOUT, what)
}

/// Where silence would be reported to whoever is silent.
fn short_chain(name: &DivisionName, division: &Division, register: &Register) -> Vec<Check> {
    let manager = &register.organisation.privacy_manager;
    let (person, deputy) = (&division.person_in_charge, division.deputy.as_ref());
    let mut checks = Vec::new();
    if deputy.is_some_and(|deputy| is_same(register, deputy, person)) {
        let what = format!("`{name}`: the deputy is the person in charge, so nobody is told of their silence");
        checks.push(Check::warning(ABOUT, what, "name somebody else as `deputy`"));
    }
    if is_same(register, manager, person) {
        let what = format!("`{name}`: the person in charge is the privacy manager, who would escalate to themselves");
        checks.push(Check::warning(ABOUT, what, "name somebody of the division as `person_in_charge`"));
    }
    checks
}

/// One person under one name, or two names with one address.
fn is_same(register: &Register, one: &PersonName, other: &PersonName) -> bool {
    let address = |name: &PersonName| register.people.get(name).map(|person| person.email.to_lowercase());
    one == other || (address(one).is_some() && address(one) == address(other))
}

fn roles(register: &Register) -> Option<Check> {
    let organisation = &register.organisation;
    let auditor = organisation.auditor.as_ref()?;
    is_same(register, auditor, &organisation.privacy_manager).then(|| {
        let what = "the auditor is the privacy manager, whose work an auditor looks at";
        Check::warning(ABOUT, what, "name somebody else as `auditor`")
    })
}

fn told_to_manager(register: &Register) -> Option<Check> {
    let told: Vec<String> = register
        .datasets
        .iter()
        .filter(|(_, dataset)| dataset.tell == Some(Tell::Manager))
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    (!told.is_empty()).then(|| {
        let what = format!("letters about {} go to the privacy manager alone", told.join(", "));
        Check::warning(ABOUT, what, "take `tell = \"manager\"` out once the first weeks are over")
    })
}

/// A list of holidays that has ended makes letters leave on holidays.
fn holidays(subject: &Subject<'_>) -> Option<Check> {
    let register = &subject.loaded.register;
    let today = subject.now.day(&register.organisation.time_zone);
    let policies = register.divisions.values().map(|division| &division.letters).chain([&register.letters]);
    let ends: Option<Date> = policies.map(|policy| policy.calendar.last_holiday()).min().flatten();
    match ends {
        None => Some(Check::warning(
            ABOUT,
            "no holidays are known: letters leave on every day from Monday to Friday",
            "add `holidays = \"holidays-jp.csv\"` under `[letters]`",
        )),
        Some(ends) if today.checked_add(HOLIDAYS_KNOWN_FOR_DAYS.days()).is_ok_and(|until| until > ends) => {
            Some(Check::warning(ABOUT, format!("the list of holidays ends on {ends}"), "get the list of the next year"))
        }
        Some(_) => None,
    }
}
