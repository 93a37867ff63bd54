//! What several datasets see of one source: each item has one of them, or is told of.

use crate::config::load;
use crate::domain::digest::DigestKey;
use crate::domain::instant::Instant;
use crate::domain::name::DatasetName;
use crate::domain::observation::{Observation, ScanStatus};
use crate::domain::register::{Dataset, Register};
use crate::domain::verdict::Reason;
use crate::rule::{Exceptions, SubjectKey};
use crate::scan::{Claimant, Context, Ledgers, Pass, observe};
use proptest::prelude::*;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// A camera's name, and whether a pattern matches it.
type Pattern = (&'static str, fn(&str) -> bool);

/// Patterns, and what they mean, said in another way.
const PATTERNS: [Pattern; 8] = [
    ("vault-1", |camera| camera == "vault-1"),
    ("vault-*", |camera| camera.starts_with("vault-")),
    ("*-1", |camera| camera.ends_with("-1")),
    ("[!v]*", |camera| !camera.is_empty() && !camera.starts_with('v')),
    ("", str::is_empty),
    ("*", |_| true),
    ("?", |camera| camera.chars().count() == 1),
    ("nowhere", |_| false),
];
const CAMERAS: [&str; 6] = ["vault-1", "vault-2", "door-1", "金", "", "safe"];
const NAMES: [&str; 3] = ["alpha", "beta", "gamma"];

/// The register of the datasets `alpha`, `beta` and `gamma`, each with the patterns that its `where` has.
fn register(folder: &Path, slices: &[Vec<Pattern>]) -> Register {
    let mut text = String::from(
        "[organisation]\nname = \"Example\"\ncontact_point = \"p@example.co.jp\"\nprivacy_manager = \"boss\"\n\
         [people]\nboss = { email = \"boss@example.co.jp\" }\n[divisions.guards]\nperson_in_charge = \"boss\"\n\
         [purposes.guarding]\nground = \"notice\"\n[categories.footage]\npurposes = [\"guarding\"]\n\
         [sources.index]\nroot = \"lists\"\nfiles = \"*.csv\"\n\
         fields = { id = \"id\", camera = \"camera\", at = \"at\" }\n",
    );
    for (name, patterns) in NAMES.iter().zip(slices) {
        let patterns: Vec<String> = patterns.iter().map(|(pattern, _)| format!("\"{pattern}\"")).collect();
        write!(
            text,
            "[datasets.{name}]\ndivision = \"guards\"\ncategory = \"footage\"\npurposes = [\"guarding\"]\n\
             source = \"index\"\nkeep = {{ for = \"1 year\", from = \"at\" }}\n",
        )
        .unwrap();
        if !patterns.is_empty() {
            writeln!(text, "where = {{ camera = [{}] }}", patterns.join(", ")).unwrap();
        }
    }
    fs::write(folder.join("register.toml"), text).unwrap();
    fs::write(
        folder.join("purposed.toml"),
        "version = 1\nregister = \"register.toml\"\n[mail]\nfrom = \"p@example.co.jp\"\n[roots]\nlists = \"lists\"\n",
    )
    .unwrap();
    load(&folder.join("purposed.toml")).unwrap().register
}

/// Two lists; the rows' cameras in turn, every third of them a year old, and the last row too short.
fn lists(folder: &Path, rows: &[usize], short: bool) {
    fs::create_dir_all(folder.join("lists")).unwrap();
    for file in 0..2 {
        let mut text = String::from("id,camera,at\n");
        for (number, camera) in rows.iter().enumerate().filter(|(number, _)| number % 2 == file) {
            let year = if number % 3 == 0 { 2025 } else { 2027 };
            writeln!(text, "{number},{},{year}-01-01", CAMERAS[*camera]).unwrap();
        }
        if short && file == 1 {
            text.push_str("x,y\n");
        }
        fs::write(folder.join(format!("lists/{file}.csv")), text).unwrap();
    }
}

/// What one pass for the datasets with these names saw, and how many items were read for it.
fn pass(register: &Register, names: &[&str]) -> (Vec<Observation>, u64) {
    let (cancel, progress) = (AtomicBool::new(false), AtomicU64::new(0));
    let context = Context {
        register,
        now: Instant::from_microseconds(1_800_000_000_000_000),
        digest_key: &DigestKey::new([7; 32]),
        subject_key: SubjectKey::new(1, 2),
        cancel: &cancel,
        progress: &progress,
    };
    let sharers: Vec<(&DatasetName, &Dataset)> = register.datasets.iter().collect();
    let claimants = sharers.iter().filter(|(name, _)| names.contains(&name.as_str()));
    let claimants = claimants.map(|(name, dataset)| Claimant { name, dataset, exceptions: Exceptions::default() });
    let pass = Pass { claimants: claimants.collect(), sharers: sharers.clone() };
    let seen = observe(&context, &pass, &Ledgers::default()).unwrap();
    (seen, progress.load(Ordering::Relaxed))
}

/// What a scan of a dataset saw of its own items.
fn own(observation: &Observation) -> String {
    let Observation { items, undecidable, parts, earliest_due, undecided, status, .. } = observation;
    format!("{items} {undecidable} {parts:?} {earliest_due:?} {undecided:?} {status:?}")
}

fn problem(observation: &Observation, reason: &str) -> u64 {
    observation.problems.iter().find(|problem| problem.reason == reason).map_or(0, |problem| problem.items)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever the conditions are: each readable item is counted by the datasets that claim it, or as unclaimed; and a
    /// dataset sees in one pass with others what it sees alone.
    #[test]
    fn slices_and_what_is_unclaimed_are_all_there_is(
        rows in proptest::collection::vec(0..CAMERAS.len(), 1..40),
        slices in proptest::collection::vec(proptest::collection::vec(0..PATTERNS.len(), 0..3), 1..=3),
        short in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let slices: Vec<Vec<Pattern>> =
            slices.iter().map(|slice| slice.iter().map(|pattern| PATTERNS[*pattern]).collect()).collect();
        let register = register(folder.path(), &slices);
        lists(folder.path(), &rows, short);
        let claims = |slice: &[Pattern], camera: usize| {
            slice.is_empty() || slice.iter().any(|(_, matches)| matches(CAMERAS[camera]))
        };
        let claimed = |camera: usize| slices.iter().filter(|slice| claims(slice, camera)).count();
        let has_slices = slices.iter().any(|slice| !slice.is_empty());
        let names = &NAMES[..slices.len()];
        let (together, read) = pass(&register, names);

        for (index, (seen, slice)) in together.iter().zip(&slices).enumerate() {
            let is_whole = slice.is_empty();
            let takes_short = short && (is_whole || (index == 0 && slices.iter().all(|slice| !slice.is_empty())));
            let mine: Vec<usize> = rows.iter().copied().filter(|camera| claims(slice, *camera)).collect();
            prop_assert_eq!(seen.items, mine.len() as u64 + u64::from(takes_short));
            prop_assert_eq!(seen.parts.values().map(|part| part.items).sum::<u64>(), seen.items);
            let twice = mine.iter().filter(|camera| claimed(**camera) > 1).count() as u64;
            prop_assert_eq!(problem(seen, "claimed-twice"), if has_slices { twice } else { 0 });
            let unclaimed = rows.iter().filter(|camera| claimed(**camera) == 0).count() as u64;
            let told = if index == 0 { unclaimed } else { 0 };
            prop_assert_eq!(seen.whole_reasons.get(&Reason::Unclaimed).copied().unwrap_or_default(), told);
            prop_assert_eq!(problem(seen, "unclaimed"), told);
            prop_assert!(seen.unjudged.is_empty());

            let (alone, read_alone) = pass(&register, &names[index..=index]);
            prop_assert_eq!(read, read_alone, "the source is read once, however many datasets there are");
            prop_assert_eq!(own(&alone[0]), own(seen));
            prop_assert_eq!(&alone[0].whole_reasons, &seen.whole_reasons, "the others are asked what they claim");
            prop_assert_eq!(problem(&alone[0], "claimed-twice"), problem(seen, "claimed-twice"));
            prop_assert!(alone[0].unjudged.is_empty());
        }
    }
}

#[test]
fn what_could_not_be_read_whole_tells_nothing_of_what_is_unclaimed() {
    let folder = tempfile::tempdir().unwrap();
    let register = register(folder.path(), &[vec![PATTERNS[0]], vec![PATTERNS[2]]]);
    lists(folder.path(), &[0, 4], false);
    assert_eq!(pass(&register, &NAMES).0[0].whole_reasons.get(&Reason::Unclaimed), Some(&1));
    fs::write(folder.path().join("lists/broken.xlsx"), "no workbook").unwrap();
    fs::write(folder.path().join("lists/2.csv"), "id,camera\n1,safe\n").unwrap();
    let (seen, _) = pass(&register, &NAMES);
    assert_eq!(seen[0].status, ScanStatus::Partial);
    assert!(seen[0].unjudged.contains(Reason::Unclaimed) && !seen[0].whole_reasons.contains_key(&Reason::Unclaimed));
    fs::remove_dir_all(folder.path().join("lists")).unwrap();
    for seen in pass(&register, &NAMES).0 {
        assert_eq!(seen.status, ScanStatus::Failed);
        assert!(seen.unjudged.contains(Reason::Unclaimed));
    }
}
