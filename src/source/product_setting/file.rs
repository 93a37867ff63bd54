//! Opens the files of a product's configuration, beneath their root as lists are opened.

use super::{Text, Unclear};
use crate::domain::register::Root;
use crate::source::SourceError;
use crate::source::paths::PathRules;
use crate::source::root::{open_file, open_root, reason};
use crate::source::walk::{Found, Visitor, walk};
use rustix::fd::{AsFd, BorrowedFd};
use rustix::fs::FileType;
use std::fs::File;
use std::io::Read;
use std::sync::atomic::{AtomicBool, Ordering};

/// More than any configuration has.
const LARGEST_BYTES: u64 = 4 * 1024 * 1024;
/// More cameras than any recorder has.
const MOST_FILES: usize = 1000;

/// The files at `file`, which is a path or a glob, in the order of their paths.
pub(super) fn texts(root: &Root, file: &str, is_glob: bool, cancel: &AtomicBool) -> Result<Vec<Text>, Unclear> {
    let unread = |why: &str| {
        let hint = "correct `product_setting`, or let this user read the file; what was known of the setting stays";
        Unclear::why(why, hint)
    };
    let folder = open_root(root).map_err(|error| unread(&error.to_string()))?;
    let paths = if is_glob {
        let beneath = folder.try_clone().map_err(|_| unread("too many open files"))?;
        let rules = PathRules::compile(&[file.to_owned()], &[]).map_err(|error| match error {
            SourceError::Cancelled => Unclear::Cancelled,
            other => unread(&other.to_string()),
        })?;
        let walked = walk(beneath, &rules, cancel, || Paths { rules: &rules, paths: Vec::new() });
        if cancel.load(Ordering::Relaxed) {
            return Err(Unclear::Cancelled);
        }
        if let Some(trouble) = walked.trouble() {
            return Err(unread(&trouble));
        }
        let mut paths: Vec<Vec<u8>> = walked.visitors.into_iter().flat_map(|visitor| visitor.paths).collect();
        paths.sort_unstable();
        if paths.is_empty() {
            return Err(unread("no file matches"));
        }
        if paths.len() > MOST_FILES {
            return Err(unread("too many files match"));
        }
        paths
    } else {
        vec![file.as_bytes().to_vec()]
    };
    let read = |path: Vec<u8>| {
        let content = content(folder.as_fd(), &path).map_err(|why| unread(&why))?;
        Ok(Text { path: String::from_utf8_lossy(&path).into_owned(), content })
    };
    paths.into_iter().map(read).collect()
}

fn content(root: BorrowedFd<'_>, path: &[u8]) -> Result<String, String> {
    let descriptor = open_file(root, path).map_err(reason)?;
    let seen = rustix::fs::fstat(&descriptor).map_err(reason)?;
    if FileType::from_raw_mode(seen.st_mode) != FileType::RegularFile {
        return Err("it is not a file".to_owned());
    }
    let mut bytes = Vec::new();
    let read = File::from(descriptor).take(LARGEST_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|_| "it cannot be read to its end".to_owned())?;
    if bytes.len() as u64 > LARGEST_BYTES {
        return Err("it is larger than any configuration".to_owned());
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
}

struct Paths<'r> {
    rules: &'r PathRules,
    paths: Vec<Vec<u8>>,
}

impl Visitor for Paths<'_> {
    fn file(&mut self, found: &Found<'_>) {
        if self.rules.matches(found.path) {
            self.paths.push(found.path.to_vec());
        }
    }
}
