//! What is seen of copies, added to what is seen of the items.

use super::*;
use crate::config::load;
use crate::domain::digest::{Digest, DigestKey};
use crate::domain::instant::Instant;
use crate::domain::observation::CopyKey;
use crate::domain::register::Register;
use crate::rule::{Exceptions, SubjectKey};
use crate::scan::{Claimant, Context, Ledgers, Pass, observe};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64};

const REGISTER: &str = r#"
[organisation]
name = "Example"
contact_point = "privacy@example.co.jp"
privacy_manager = "boss"
time_zone = "UTC"
[people]
boss = { email = "boss@example.co.jp" }
[divisions.sales]
person_in_charge = "boss"
[purposes.support]
ground = "notice"
[categories.lists]
purposes = ["support"]
[sources.leads]
root = "leads"
files = "*.csv"
fields = { id = "id", at = "at" }
[sources.backup]
root = "backup"
files = "*.csv"
extra = "35 days"
fields = { id = "id", at = "at" }
[sources.dumps]
root = "backup"
files = "*.dump"
fields.at = { name = '(\d{4}-\d\d-\d\d)', format = "%Y-%m-%d" }
[datasets.leads]
division = "sales"
category = "lists"
purposes = ["support"]
keep = { for = "1 year", from = "at" }
"#;

/// A register of one dataset with these sources, in this folder.
fn register(folder: &Path, sources: &str) -> Register {
    register_of(folder, REGISTER, sources)
}

fn register_of(folder: &Path, text: &str, sources: &str) -> Register {
    for name in ["leads", "backup"] {
        fs::create_dir_all(folder.join(name)).unwrap();
    }
    fs::write(
        folder.join("purposed.toml"),
        "version = 1\nregister = \"register.toml\"\n[roots]\nleads = \"leads\"\nbackup = \"backup\"\n\
         [mail]\nfrom = \"privacy@example.co.jp\"\n[mail.maildir]\npath = \"outbox\"\n",
    )
    .unwrap();
    fs::write(folder.join("register.toml"), format!("{text}sources = {sources}\n")).unwrap();
    load(&folder.join("purposed.toml")).unwrap().register
}

/// What is seen of the dataset and its copies together, judged on the last day of 2026.
fn seen(register: &Register) -> Observation {
    let (cancel, progress) = (AtomicBool::new(false), AtomicU64::new(0));
    let context = Context {
        register,
        now: "2026-12-31T00:00:00Z".parse::<jiff::Timestamp>().map(Instant::from).unwrap(),
        digest_key: &DigestKey::new([7; 32]),
        subject_key: SubjectKey::new(1, 2),
        cancel: &cancel,
        progress: &progress,
    };
    let (name, dataset) = register.datasets.iter().next().unwrap();
    let mut each = dataset.with_copies().map(|one| {
        let claimants = vec![Claimant { name, dataset: one, exceptions: Exceptions::default() }];
        let pass = Pass { claimants, sharers: vec![(name, one)] };
        (one, observe(&context, &pass, &Ledgers::default()).unwrap().remove(0))
    });
    let (_, items) = each.next().unwrap();
    add_copies(context.digest_key, items, each.collect())
}

fn problems(seen: &Observation) -> Vec<String> {
    seen.problems.iter().map(|problem| format!("{}: {}", problem.reason, problem.example)).collect()
}

/// How often each digest is flagged.
fn digests(seen: &Observation) -> BTreeMap<Digest, usize> {
    let mut digests = BTreeMap::new();
    for flagged in seen.parts.values().flat_map(|part| &part.flagged) {
        *digests.entry(flagged.digest).or_default() += 1;
    }
    digests
}

/// Due on the 30th of November and the 5th of December, and not due.
const ROWS: &str = "id,at\n1,2025-11-29\n2,2025-12-04\n3,2026-12-04\n";

#[test]
fn a_copy_is_judged_by_the_same_rules_and_kept_longer_by_its_extra() {
    let folder = tempfile::tempdir().unwrap();
    let register = register(folder.path(), "{ items = \"leads\", copies = [\"backup\"] }");
    fs::write(folder.path().join("leads/a.csv"), ROWS).unwrap();
    fs::write(folder.path().join("backup/a.csv"), format!("{ROWS}4,2025-11-20\n5,\n6\n")).unwrap();
    let seen = seen(&register);
    assert_eq!((seen.status, seen.items, seen.undecidable), (ScanStatus::Complete, 9, 2));
    // Two of the items; of the copy one is 35 days over, one has no date and one cannot be read.
    assert_eq!(digests(&seen).len(), 5);
    assert!(digests(&seen).values().all(|times| *times == 1), "an item and its copy are two");
    let due = seen.earliest_due[&Reason::Expired].rfc3339(&jiff::tz::TimeZone::UTC);
    assert_eq!(due, "2026-11-30T00:00:00+00:00");
    assert_eq!(
        problems(&seen),
        [
            "undated: copy `backup`: file 1, line 6: the date is empty",
            "unreadable: copy `backup`: file 1, line 7: 1 cell where the header has 2"
        ]
    );
    assert_eq!(seen.parts.iter().filter(|(key, _)| CopyKey::of(key).is_some()).count(), 1);
}

#[test]
fn copies_may_be_files_of_another_kind() {
    let folder = tempfile::tempdir().unwrap();
    let register = register(folder.path(), "{ items = \"leads\", copies = [\"backup\", \"dumps\"] }");
    fs::write(folder.path().join("leads/a.csv"), ROWS).unwrap();
    fs::write(folder.path().join("backup/a.csv"), ROWS).unwrap();
    for day in ["2025-12-29", "2025-12-31", "2026-06-01"] {
        fs::write(folder.path().join(format!("backup/leads-{day}.dump")), "").unwrap();
    }
    let seen = seen(&register);
    // Only the backup has an `extra`.
    assert_eq!((seen.items, digests(&seen).len()), (9, 3));
}

/// Of each copy by name, whether it is whole, and whether it is empty.
fn copies(seen: &Observation) -> Vec<(&str, bool, bool)> {
    let mut copies: Vec<_> = seen.copies.values().map(|copy| (&*copy.name, copy.whole, copy.is_empty)).collect();
    copies.sort_unstable();
    copies
}

#[test]
fn a_copy_that_is_not_there_takes_nothing_from_the_items() {
    let folder = tempfile::tempdir().unwrap();
    let register = register(folder.path(), "{ items = \"leads\", copies = [\"backup\"] }");
    fs::write(folder.path().join("leads/a.csv"), ROWS).unwrap();
    fs::remove_dir(folder.path().join("backup")).unwrap();
    let seen = seen(&register);
    assert_eq!((seen.status, seen.items, digests(&seen).len()), (ScanStatus::Complete, 3, 2));
    assert_eq!(copies(&seen), [("backup", false, false)]);
    assert_eq!(seen.whole_reasons, BTreeMap::from([(Reason::Unreachable, 0)]));
    assert!(problems(&seen)[0].starts_with("unreachable: copy `backup`: root `backup`"), "{:?}", problems(&seen));
}

#[test]
fn a_folder_of_copies_without_a_file_is_trouble_unless_its_source_may_be_empty() {
    let folder = tempfile::tempdir().unwrap();
    let sources = "{ items = \"leads\", copies = [\"backup\", \"dumps\"] }";
    let of_lists = register(folder.path(), sources);
    fs::write(folder.path().join("leads/a.csv"), ROWS).unwrap();
    let told = seen(&of_lists);
    assert_eq!((told.status, told.items), (ScanStatus::Complete, 3));
    assert_eq!(copies(&told), [("backup", true, true), ("dumps", true, true)]);
    assert_eq!(told.whole_reasons, BTreeMap::from([(Reason::Empty, 0)]));
    assert_eq!(problems(&told).len(), 2);
    let of_items = register(folder.path(), &format!("{sources}\nmay_be_empty = true"));
    assert_eq!(copies(&seen(&of_items)), copies(&told), "that concerns the items");
    let may = REGISTER.replace("extra = \"35 days\"", "extra = \"35 days\"\nmay_be_empty = true");
    let may = seen(&register_of(folder.path(), &may, sources));
    assert_eq!(copies(&may), [("backup", true, false), ("dumps", true, true)]);
}

#[test]
fn files_of_other_slices_are_files_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let register = register(folder.path(), "{ items = \"leads\", copies = [\"backup\"] }\nwhere = { id = \"9*\" }");
    fs::write(folder.path().join("leads/a.csv"), ROWS).unwrap();
    fs::write(folder.path().join("backup/a.csv"), ROWS).unwrap();
    let seen = seen(&register);
    assert_eq!((seen.items, copies(&seen)), (0, vec![("backup", true, false)]));
}

#[test]
fn items_that_cannot_be_read_leave_nothing_to_say_of_copies() {
    let folder = tempfile::tempdir().unwrap();
    let register = register(folder.path(), "{ items = \"leads\", copies = [\"backup\"] }");
    fs::write(folder.path().join("backup/a.csv"), ROWS).unwrap();
    fs::remove_dir(folder.path().join("leads")).unwrap();
    let seen = seen(&register);
    assert_eq!((seen.status, seen.items, seen.parts.len()), (ScanStatus::Failed, 0, 0));
}
