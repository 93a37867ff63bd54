//! The checks: each takes source text and gives the violations, with file and line. They read no file
//! themselves, so that made-up sources can show that each check can fail.

use crate::paths::{Found, Outline, outline};
use crate::table::{HOMES, LAYERS, LONGEST_FILE_LINES, MEDIAN_FILE_LINES, P90_FILE_LINES, PRINTING, WALL_CLOCKS};
use std::fmt;

/// A source file.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Its path from the package's root, such as `src/rule/mod.rs`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// A place where the architecture does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The file.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.path, self.line, self.message)
    }
}

impl SourceFile {
    /// The module of the file: none for `src/lib.rs`, `main` for `src/main.rs`.
    fn module(&self) -> Vec<String> {
        let path = self.path.split_once('/').map_or(self.path.as_str(), |(_, rest)| rest);
        let path = path.strip_suffix(".rs").unwrap_or(path);
        let path = path.strip_suffix("/mod").unwrap_or(path);
        if path == "lib" { Vec::new() } else { path.split('/').map(str::to_owned).collect() }
    }

    fn is_test(&self) -> bool {
        self.module().iter().any(|segment| segment == "tests" || segment.ends_with("_tests"))
    }

    fn layer(&self) -> String {
        self.module().first().cloned().unwrap_or_default()
    }

    fn outline(&self) -> Outline {
        outline(&self.text, &self.module(), self.is_test()).unwrap_or_else(|error| panic!("{}: {error}", self.path))
    }

    fn violation(&self, line: usize, message: impl Into<String>) -> Violation {
        Violation { path: self.path.clone(), line, message: message.into() }
    }
}

/// Imports of layers that the file's own layer may not know.
pub fn layers(file: &SourceFile) -> Vec<Violation> {
    let layer = file.layer();
    if layer.is_empty() {
        return Vec::new(); // `lib.rs` names every layer.
    }
    let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == layer) else {
        return vec![file.violation(1, format!("`{layer}` is no layer: give it a place in the table"))];
    };
    let allowed = allowed.concat();
    let outside = |found: &Found| {
        let target = match found.segments.as_slice() {
            [root, target, ..] if root == "crate" => target,
            [root] if root == "crate" => return Some(file.violation(found.line, "imports the whole crate")),
            _ => return None,
        };
        if *target == layer || allowed.contains(&target.as_str()) {
            return None;
        }
        let allowed = if allowed.is_empty() { "no other layer".to_owned() } else { allowed.join(", ") };
        Some(file.violation(found.line, format!("`{layer}` imports `{target}`: it may import {allowed}")))
    };
    file.outline().paths.iter().filter_map(outside).collect()
}

/// Crates, parts of the standard library and wall clocks that are named away from their home.
pub fn homes(file: &SourceFile) -> Vec<Violation> {
    let module = file.module().join("::");
    let mut violations = Vec::new();
    for found in file.outline().paths.iter().filter(|found| !found.in_test) {
        let path = found.segments.join("::");
        let home = HOMES.iter().filter(|home| is_beneath(&path, home.path)).max_by_key(|home| home.path.len());
        // A lone word is a crate only in a `use` or with something behind it; a local name may look alike.
        if let Some(home) = home.filter(|home| found.segments.len() > 1 || home.path.contains("::"))
            && !home.modules.iter().any(|allowed| is_beneath(&module, allowed))
        {
            let message = format!("`{path}` is not at home here: {} (only {})", home.reason, home.modules.join(", "));
            violations.push(file.violation(found.line, message));
        }
        if let [.., kind, now] = found.segments.as_slice()
            && now == "now"
            && WALL_CLOCKS.contains(&kind.as_str())
            && !is_beneath(&module, "clock")
        {
            violations.push(file.violation(found.line, format!("`{path}` reads the wall clock: only `clock` may")));
        }
    }
    violations
}

/// Whether `path` is `prefix` or goes on below it.
fn is_beneath(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// Macros that print, outside the command line.
pub fn printing(file: &SourceFile) -> Vec<Violation> {
    if ["cli", "main"].contains(&file.layer().as_str()) {
        return Vec::new();
    }
    let prints = |found: &&Found| !found.in_test && PRINTING.contains(&found.segments[0].as_str());
    let outline = file.outline();
    let calls = outline.macros.iter().filter(prints);
    calls.map(|found| file.violation(found.line, format!("`{}!` prints: only `cli` may", found.segments[0]))).collect()
}

/// A file that does not open with a `//!` header.
pub fn header(file: &SourceFile) -> Vec<Violation> {
    let opens = file.text.lines().next().is_some_and(|line| line.starts_with("//! ") && line.len() > 10);
    if opens { Vec::new() } else { vec![file.violation(1, "opens without a `//!` header")] }
}

/// Median and 90th percentile of the lines of source files; test files aside.
pub fn spread(files: &[SourceFile]) -> (usize, usize) {
    let mut lines: Vec<usize> =
        files.iter().filter(|file| !file.is_test()).map(|file| file.text.lines().count()).collect();
    lines.sort_unstable();
    let at = |share: usize| lines.get(lines.len() * share / 100).copied().unwrap_or(0);
    (at(50), at(90))
}

/// Files that are too long, singly or on the whole.
pub fn sizes(files: &[SourceFile]) -> Vec<Violation> {
    let too_long = files.iter().filter_map(|file| {
        let lines = file.text.lines().count();
        let message =
            format!("{lines} lines, where {LONGEST_FILE_LINES} are the most: which second thing does it hold?");
        (lines > LONGEST_FILE_LINES).then(|| file.violation(lines, message))
    });
    let mut violations: Vec<Violation> = too_long.collect();
    let (median, p90) = spread(files);
    for (name, found, most) in [("median", median, MEDIAN_FILE_LINES), ("90th percentile", p90, P90_FILE_LINES)] {
        if found > most {
            let message = format!("the {name} of file lengths is {found} lines, where {most} are the most");
            violations.push(Violation { path: "src".to_owned(), line: 0, message });
        }
    }
    violations
}

/// Notes to do something later, and tests that are skipped.
pub fn leftovers(file: &SourceFile) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        for word in [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("unimplemented", "!")] {
            if line.split(|mark: char| !mark.is_alphanumeric() && mark != '!').any(|found| found == word) {
                violations.push(file.violation(index + 1, format!("`{word}` leaves something for later")));
            }
        }
    }
    let skipped = file.outline().ignored.into_iter();
    violations.extend(skipped.map(|line| file.violation(line, "a skipped test proves nothing")));
    violations
}

/// Files that no `mod` line names: neither compiled nor, if tests, run. `root` names those at the top.
pub fn unlisted(files: &[SourceFile], root: &str) -> Vec<Violation> {
    let folder = root.rsplit_once('/').map_or("", |(folder, _)| folder);
    let module_in = |path: &str| {
        let inner = path.strip_prefix(folder).unwrap_or(path).trim_start_matches('/');
        let inner = inner.strip_suffix(".rs").unwrap_or(inner);
        inner.strip_suffix("/mod").unwrap_or(inner).to_owned()
    };
    let mut listed = vec!["main".to_owned(), "lib".to_owned()];
    for file in files {
        let parent = if file.path == root { String::new() } else { module_in(&file.path) + "/" };
        listed.extend(file.outline().modules.into_iter().map(|name| format!("{parent}{name}")));
    }
    let missing = files.iter().filter(|file| !listed.contains(&module_in(&file.path)));
    missing.map(|file| file.violation(1, "no `mod` line names this file: it is not compiled")).collect()
}

/// Tests that the page of invariants names as proofs, and that are nowhere.
pub fn unproven(page: &SourceFile, files: &[SourceFile]) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut is_proof = false;
    for (index, line) in page.text.lines().enumerate() {
        is_proof = line.starts_with("- Proven by:") || is_proof && line.starts_with("  ");
        let quoted = line.split('`').skip(1).step_by(2);
        let names = quoted.filter(|name| name.chars().all(|mark| mark == '_' || mark.is_ascii_alphanumeric()));
        for name in names.filter(|name| is_proof && name.contains('_')) {
            let function = format!("fn {name}(");
            if !files.iter().any(|file| file.text.contains(&function)) {
                violations.push(page.violation(index + 1, format!("there is no test `{name}`")));
            }
        }
    }
    violations
}
