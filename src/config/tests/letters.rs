//! Schedules, letters, business days and exceptions: what is written, over what is taken otherwise.

use super::world::{DATASET, ORGANISATION, SERVER, SOURCE, faults_of, load_files, loaded};
use crate::config::Loaded;
use crate::domain::period::Period;
use crate::domain::register::{ExceptionPolicy, LetterPolicy};
use crate::domain::verdict::{Reason, Rule};
use jiff::civil::{Weekday, date, time};
use std::time::Duration;

const HOLIDAYS: &str = "2027/1/1,New Year\n2027/2/11,National Foundation Day\n";

/// The small register with this as a third file, and two files of holidays.
fn with(more: &str) -> Loaded {
    let dataset = format!("{DATASET}{SOURCE}");
    let files = [
        ("purposed.toml", SERVER),
        ("register/a.toml", ORGANISATION),
        ("register/b.toml", &dataset),
        ("register/c.toml", more),
        ("holidays.csv", HOLIDAYS),
        ("closed.csv", "2026-12-29\n"),
    ];
    load_files(&files).unwrap_or_else(|problems| panic!("{}", super::world::told(&problems)))
}

#[test]
fn without_a_word_the_defaults_hold() {
    let register = with("").register;
    assert_eq!(register.letters, LetterPolicy::default());
    assert_eq!(register.exceptions, ExceptionPolicy::default());
    assert_eq!(register.divisions["sales"].letters, register.letters);
    assert_eq!(register.letters.send, None);
    assert_eq!(register.letters.send_time(), time(9, 0, 0, 0));
    let leads = &register.datasets["leads"];
    assert_eq!(leads.schedule, None);
    assert_eq!(leads.schedule_time_zone.iana_name(), Some("Asia/Tokyo"));
    assert_eq!((leads.random_delay, leads.baseline, leads.early_loss_percent), (Duration::ZERO, false, 10));
    assert_eq!(with("").settings.scans_at_once, 1);
}

#[test]
fn every_key_is_read() {
    let register = with(
        "[letters]\nsend = \"08:30\"\nholidays = [\"holidays.csv\", \"closed.csv\"]\nrepeat = \"2 weeks\"\n\
         escalate_after = \"3 business days\"\ndeclare_within = \"1 month\"\n\
         immediate = [\"consent:opted-out\", \"source\"]\nsummary = \"friday\"\n\
         [exceptions]\nlongest_extension = \"6 months\"\nlongest_approval = \"90 days\"\nremind = \"1 month\"\n",
    )
    .register;
    let letters = &register.letters;
    assert_eq!(letters.send, Some(time(8, 30, 0, 0)));
    assert!(!letters.calendar.is_business_day(date(2027, 2, 11)));
    assert!(!letters.calendar.is_business_day(date(2026, 12, 29)));
    assert!(letters.calendar.is_business_day(date(2026, 12, 30)));
    assert_eq!(letters.repeat.to_string(), "2 weeks");
    assert_eq!(letters.escalate_after_business_days, 3);
    assert_eq!(letters.declare_within.to_string(), "1 month");
    assert_eq!(letters.immediate, [(Rule::Consent, Some(Reason::OptedOut)), (Rule::Source, None)]);
    assert!(letters.is_immediate(Reason::OptedOut) && letters.is_immediate(Reason::Empty));
    assert!(!letters.is_immediate(Reason::Missing));
    assert_eq!(letters.summary_weekday, Weekday::Friday);
    let exceptions = &register.exceptions;
    assert_eq!(exceptions.longest_extension.months, 6);
    assert_eq!(exceptions.longest_approval, Period::of_days(90));
    assert_eq!(exceptions.remind.months, 1);
}

#[test]
fn a_division_says_what_it_wants_otherwise() {
    let register = with(
        "[letters]\nsend = 08:30:00\nholidays = \"holidays.csv\"\nimmediate = \"consent\"\nsummary = \"tuesday\"\n\
         [divisions.abroad]\nperson_in_charge = \"pic\"\n\
         [divisions.abroad.letters]\nholidays = \"closed.csv\"\nrepeat = \"3 days\"\nimmediate = []\n\
         [divisions.near]\nperson_in_charge = \"pic\"\nletters = { escalate_after = \"1 business day\" }\n",
    )
    .register;
    let of = |name: &str| &register.divisions[name].letters;
    assert_eq!(of("abroad").send, Some(time(8, 30, 0, 0)));
    assert!(of("abroad").calendar.is_business_day(date(2027, 2, 11)));
    assert!(!of("abroad").calendar.is_business_day(date(2026, 12, 29)));
    assert_eq!(of("abroad").repeat, Period::of_days(3));
    assert!(of("abroad").immediate.is_empty());
    assert_eq!(of("near").escalate_after_business_days, 1);
    assert!(!of("near").calendar.is_business_day(date(2027, 2, 11)));
    assert_eq!(of("near").immediate, [(Rule::Consent, None)]);
    let name = |text: &str| crate::domain::name::DivisionName::new(text).unwrap();
    assert_eq!(register.letters_of(&name("abroad")).repeat, Period::of_days(3));
    assert_eq!(register.letters_of(&name("nobody")), &register.letters);
}

#[test]
fn datasets_have_schedules_in_their_own_zone() {
    let keys = "schedule = \"30 2 * * *\"\ntime_zone = \"America/New_York\"\nrandom_delay = \"1 hour 30 minutes\"\n\
        baseline = true\nearly_loss = \"5 %\"\n";
    let leads = loaded(&format!("{DATASET}{keys}{SOURCE}")).register.datasets["leads"].clone();
    assert_eq!(leads.schedule.as_ref().unwrap().text, "30 2 * * *");
    assert_eq!(leads.schedule_time_zone.iana_name(), Some("America/New_York"));
    assert_eq!(leads.source.time_zone.iana_name(), Some("Asia/Tokyo"), "of its schedule, not of its times");
    assert_eq!(leads.random_delay, Duration::from_mins(90));
    assert!(leads.baseline);
    assert_eq!(leads.early_loss_percent, 5);
    let keys = "schedule = \"@daily\"\nrandom_delay = \"10 minutes\"\nearly_loss = \"0%\"\n";
    let leads = loaded(&format!("[defaults]\n{keys}{DATASET}{SOURCE}")).register.datasets["leads"].clone();
    assert_eq!(leads.schedule.unwrap().hours, [0]);
    assert_eq!((leads.random_delay, leads.early_loss_percent), (Duration::from_mins(10), 0));
}

#[test]
fn a_zone_without_a_schedule_is_probably_meant_for_the_data() {
    let warnings = loaded(&format!("{DATASET}time_zone = \"UTC\"\n{SOURCE}")).warnings;
    let told: Vec<&str> = warnings.iter().map(|warning| warning.message.as_str()).collect();
    assert_eq!(told, ["`time_zone` is that of the schedule, and the dataset `leads` has none"]);
}

#[test]
fn letters_of_several_files_merge_and_no_key_is_given_twice() {
    let dataset = format!("{DATASET}{SOURCE}[letters]\nrepeat = \"3 days\"\n");
    let files = |third: &'static str| {
        [
            ("purposed.toml", SERVER),
            ("register/a.toml", ORGANISATION),
            ("register/b.toml", dataset.as_str()),
            ("register/c.toml", third),
        ]
        .map(|(name, text)| (name, text.to_owned()))
    };
    let refer = |files: &[(&'static str, String); 4]| -> String {
        faults_of(&files.each_ref().map(|(name, text)| (*name, text.as_str())))
    };
    assert_eq!(refer(&files("[letters]\nsend = \"10:00\"\n")), "");
    assert_eq!(
        refer(&files("[letters]\nsend = \"10:00\"\nrepeat = \"4 days\"\n")),
        "register/c.toml:3:10: `repeat` in `[letters]` is given twice\n  \
         hint: it is first given at register/b.toml:13:10; keep one of them\n"
    );
}

#[test]
fn the_digest_follows_the_holidays() {
    let register = format!("{DATASET}{SOURCE}[letters]\nholidays = \"holidays.csv\"\n");
    let digest = |holidays: &str| {
        let files = [
            ("purposed.toml", SERVER),
            ("register/a.toml", ORGANISATION),
            ("register/b.toml", register.as_str()),
            ("holidays.csv", holidays),
        ];
        load_files(&files).unwrap().digest
    };
    assert_eq!(digest(HOLIDAYS), digest(HOLIDAYS));
    assert_ne!(digest(HOLIDAYS), digest("2027/1/1\n"));
}
