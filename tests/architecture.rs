//! Holds the source to its own architecture: who may import whom, which crates belong where, headers, file
//! sizes, and tests that really run. The table is in `architecture/table.rs`; what Rust's own lints and
//! clippy's `disallowed-methods` hold is absent here.

#[path = "architecture/checker_tests.rs"]
mod checker_tests;
#[path = "architecture/checks.rs"]
mod checks;
#[path = "architecture/paths.rs"]
mod paths;
#[path = "architecture/table.rs"]
mod table;

use checks::{SourceFile, Violation};
use std::path::{Path, PathBuf};

/// All Rust files beneath `folder` of the package, with their text, sorted by path.
#[cfg(test)]
fn rust_files(folder: &str) -> Vec<SourceFile> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in read_folder(&folder) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&entry).unwrap();
                let path = entry.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                files.push(SourceFile { path, text });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the package's own source folders are listed, nothing that is scanned")]
fn read_folder(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn expect_none(what: &str, violations: &[Violation]) {
    let lines: Vec<String> = violations.iter().map(ToString::to_string).collect();
    assert!(violations.is_empty(), "{what}: {} violation(s)\n  {}\n", violations.len(), lines.join("\n  "));
}

#[test]
fn imports_go_downwards() {
    let files = rust_files("src");
    assert!(files.len() > 10, "the source was not found");
    expect_none("layers", &files.iter().flat_map(checks::layers).collect::<Vec<_>>());
}

#[test]
fn crates_stay_in_their_layer() {
    expect_none("homes", &rust_files("src").iter().flat_map(checks::homes).collect::<Vec<_>>());
}

#[test]
fn printing_is_for_the_command_line() {
    expect_none("printing", &rust_files("src").iter().flat_map(checks::printing).collect::<Vec<_>>());
}

#[test]
fn every_file_opens_with_its_header_and_stays_short() {
    let mut files = rust_files("src");
    expect_none("sizes", &checks::sizes(&files));
    files.extend(rust_files("tests"));
    expect_none("headers", &files.iter().flat_map(checks::header).collect::<Vec<_>>());
}

#[test]
fn nothing_is_left_for_later_and_no_test_is_skipped() {
    let mut files = rust_files("src");
    files.extend(rust_files("tests"));
    expect_none("leftovers", &files.iter().flat_map(checks::leftovers).collect::<Vec<_>>());
}

#[test]
fn every_file_is_part_of_the_build() {
    expect_none("unlisted source files", &checks::unlisted(&rust_files("src"), "src/lib.rs"));
    let tests: Vec<SourceFile> =
        rust_files("tests").into_iter().filter(|file| file.path.starts_with("tests/it/")).collect();
    expect_none("unlisted test files", &checks::unlisted(&tests, "tests/it/main.rs"));
}

#[test]
fn every_proof_of_an_invariant_exists() {
    let path = "docs/design/invariants.md".to_owned();
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(&path)).unwrap();
    assert!(text.contains("- Proven by:"), "the page has no proofs");
    let mut files = rust_files("src");
    files.extend(rust_files("tests"));
    expect_none("invariants", &checks::unproven(&SourceFile { path, text }, &files));
}
