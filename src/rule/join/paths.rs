//! From the product's view of a file to its path beneath the root. Paths are compared as they are written: `.`, `..`
//! and repeated slashes are taken out, links are not looked at, and nothing leads out of the root.

use crate::domain::item::Value;
use crate::domain::register::{MatchedBy, ReconciledFiles};
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;

/// Writes the components of `path`, joined by single slashes, over `out`, and returns whether the path is absolute.
/// `None`: it is relative and leads out of where it starts.
pub fn normalise(path: &[u8], out: &mut Vec<u8>) -> Option<bool> {
    out.clear();
    let is_absolute = path.first() == Some(&b'/');
    for component in path.split(|&byte| byte == b'/') {
        match component {
            b"" | b"." => {}
            b".." if out.is_empty() && is_absolute => {}
            b".." if out.is_empty() => return None,
            b".." => out.truncate(out.iter().rposition(|&byte| byte == b'/').unwrap_or(0)),
            component => {
                if !out.is_empty() {
                    out.push(b'/');
                }
                out.extend_from_slice(component);
            }
        }
    }
    Some(is_absolute)
}

/// One prefix of the product's paths.
#[derive(Debug)]
struct Prefix {
    is_absolute: bool,
    /// The folder as the product calls it, normalised.
    from: Vec<u8>,
    /// The folder beneath the root that it stands for, normalised.
    to: Vec<u8>,
}

impl Prefix {
    /// What lies below the prefix; nothing where the path is not below it.
    fn below<'a>(&self, is_absolute: bool, path: &'a [u8]) -> Option<&'a [u8]> {
        if self.is_absolute != is_absolute {
            return None;
        }
        if self.from.is_empty() {
            return Some(path);
        }
        path.strip_prefix(self.from.as_slice())?.strip_prefix(b"/")
    }
}

/// How the product's paths lead to files.
#[derive(Debug)]
pub struct ProductPaths {
    /// The longest first: the first that fits counts.
    prefixes: Vec<Prefix>,
    matched_by: MatchedBy,
}

impl ProductPaths {
    /// The mapping that the register declares. The root's own path stands for the root.
    #[must_use]
    pub fn new(files: &ReconciledFiles) -> Self {
        let root = files.root.path.as_os_str().as_bytes();
        let declared = files.product_paths.iter().map(|(prefix, target)| (prefix.as_bytes(), target.as_bytes()));
        let mut prefixes: Vec<Prefix> = declared
            .chain([(root, b"".as_slice())])
            .filter_map(|(written, target)| {
                let mut from = Vec::new();
                let is_absolute = normalise(written, &mut from)?;
                Some(Prefix { is_absolute, from, to: target.to_vec() })
            })
            .collect();
        // Stable: what is declared comes before the root's own path.
        prefixes.sort_by_key(|prefix| std::cmp::Reverse(prefix.from.len()));
        Self { prefixes, matched_by: files.matched_by }
    }

    /// Writes what the file at `path`, as the product sees it, is found by over `out`: its path beneath the root, or
    /// its name. `false` where that cannot be told.
    #[must_use]
    pub fn find(&self, path: &[u8], out: &mut Vec<u8>) -> bool {
        if self.matched_by == MatchedBy::Name {
            let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
            out.clear();
            out.extend_from_slice(name);
            return !matches!(name, b"" | b"." | b"..");
        }
        let Some(is_absolute) = normalise(path, out) else { return false };
        if out.is_empty() {
            return false;
        }
        let fits = |prefix: &&Prefix| prefix.below(is_absolute, out).is_some_and(|rest| !rest.is_empty());
        let Some(Prefix { from, to, .. }) = self.prefixes.iter().find(fits) else { return !is_absolute };
        let slash = usize::from(!from.is_empty());
        let joined = to.iter().copied().chain((!to.is_empty()).then_some(b'/'));
        out.splice(..from.len() + slash, joined);
        true
    }

    /// Whether files are found by their names alone.
    #[must_use]
    pub fn is_by_name(&self) -> bool {
        self.matched_by == MatchedBy::Name
    }
}

/// The path that a row holds, over `out`. `None`: it names no file; `Some(false)`: what it holds is no path.
pub fn path_of(value: &Value<'_>, out: &mut Vec<u8>) -> Option<bool> {
    out.clear();
    match value {
        Value::Empty => return None,
        Value::Text(text) => out.extend_from_slice(text.as_bytes()),
        Value::Bytes(bytes) => out.extend_from_slice(bytes),
        Value::Integer(number) => return Some(write!(out, "{number}").is_ok()),
        _ => return Some(false),
    }
    if out.trim_ascii().is_empty() { None } else { Some(true) }
}
