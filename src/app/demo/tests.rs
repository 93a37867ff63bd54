//! The made-up company is always the same, and goes into an empty folder only.

use super::make;
use crate::config;
use crate::domain::instant::Instant;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

fn now() -> Instant {
    Instant::from("2027-02-28T12:00:00+09:00".parse::<jiff::Timestamp>().unwrap())
}

/// Paths beneath `folder` with the length and hash of each file; databases and workbooks hold the time of
/// their making, so their names alone count.
fn content(folder: &Path) -> BTreeMap<String, Option<blake3::Hash>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in next.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            let is_text = !has_extension(&name, "db") && !has_extension(&name, "xlsx");
            found.insert(name, is_text.then(|| blake3::hash(&fs::read(&path).unwrap())));
        }
    }
    found
}

fn has_extension(name: &str, extension: &str) -> bool {
    Path::new(name).extension().is_some_and(|found| found == extension)
}

#[test]
fn the_same_instant_gives_the_same_company() {
    let folder = tempfile::tempdir().unwrap();
    let first = make(&folder.path().join("a"), now()).unwrap();
    make(&folder.path().join("b"), now()).unwrap();
    let content_of_first = content(&folder.path().join("a"));
    assert_eq!(content_of_first, content(&folder.path().join("b")));
    assert_eq!(first.config, folder.path().join("a/purposed.toml"));
    assert_eq!(content_of_first.keys().filter(|name| has_extension(name, "wav")).count(), 3_004);
}

#[test]
fn a_folder_that_holds_something_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine.txt"), "mine").unwrap();
    assert_eq!(make(folder.path(), now()).unwrap_err().kind(), std::io::ErrorKind::AlreadyExists);
    assert_eq!(content(folder.path()).len(), 1);
}

#[test]
fn the_register_of_the_made_up_company_is_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let company = make(folder.path(), now()).unwrap();
    let loaded = config::load(&company.config).unwrap();
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    assert_eq!(loaded.register.datasets.len(), 8);
}
