//! Files that come while the rows are read.

use super::verdict::TakesFiles;
use super::*;
use crate::domain::instant::Instant;
use crate::domain::item::{Item, Value};
use crate::domain::name::RootName;
use crate::domain::register::{MatchedBy, Place, Root, SourceSpec};
use jiff::tz::TimeZone;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn files(folder: &Path, matched_by: MatchedBy) -> ReconciledFiles {
    let root = Root { name: RootName::new("media").unwrap(), path: folder.into(), must_be_mount: false };
    let place = Place::Folder { root: root.clone(), files: Vec::new(), exclude: Vec::new() };
    ReconciledFiles {
        source: SourceSpec { place, fields: Vec::new(), identity: None, time_zone: TimeZone::UTC },
        root,
        files: vec!["**/*.mp4".to_owned()],
        exclude: Vec::new(),
        path_field: 0,
        matched_by,
        product_paths: Vec::new(),
    }
}

fn record(folder: &Path, path: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, "").unwrap();
}

fn say(rows: &mut Rows<'_>, path: &str) -> Joined {
    rows.row(1, &Item { values: &[Value::Text(path)], path: b"", place: 1 })
}

#[derive(Default)]
struct Paths(Vec<String>);

impl TakesFiles for Paths {
    fn take(&mut self, path: &[u8]) {
        self.0.push(String::from_utf8(path.to_vec()).unwrap());
    }
}

/// The files without a row, at an instant when none of them is young.
fn without_row(all: &Reconciliation<'_>) -> BTreeSet<String> {
    let now = jiff::Timestamp::from_second(4_000_000_000).unwrap();
    let (takers, trouble) = all.second_walk(Instant::from(now), Paths::default).unwrap();
    assert_eq!(trouble, None);
    takers.into_iter().flat_map(|taker| taker.0).collect()
}

#[test]
fn a_file_that_came_since_the_walk_is_not_missing() {
    for (matched_by, late, gone) in
        [(MatchedBy::Path, "x/late.mp4", "x/gone.mp4"), (MatchedBy::Name, "late.mp4", "gone.mp4")]
    {
        let folder = tempfile::tempdir().unwrap();
        let (files, cancel) = (files(folder.path(), matched_by), AtomicBool::new(false));
        record(folder.path(), "x/there.mp4");
        record(folder.path(), "y/left.mp4");
        let all = Reconciliation::walked(&files, SubjectKey::new(1, 2), &cancel).unwrap();
        record(folder.path(), "x/late.mp4");
        let mut rows = Rows::new(&all);
        let there = late.replace("late", "there");
        assert_eq!(say(&mut rows, &there), Joined::Well);
        assert_eq!(say(&mut rows, late), Joined::Well, "{matched_by:?}");
        assert_eq!(say(&mut rows, gone), Joined::Missing, "{matched_by:?}");
        assert_eq!((rows.counts().found, rows.counts().missing), (2, 1));
        // A file that the first walk did not meet has had no row to wait for.
        assert_eq!(without_row(&all), BTreeSet::from(["y/left.mp4".to_owned()]));
    }
}

#[test]
fn a_file_that_left_since_the_walk_is_there_and_is_not_told() {
    let folder = tempfile::tempdir().unwrap();
    let (files, cancel) = (files(folder.path(), MatchedBy::Path), AtomicBool::new(false));
    record(folder.path(), "named.mp4");
    record(folder.path(), "left.mp4");
    let all = Reconciliation::walked(&files, SubjectKey::new(1, 2), &cancel).unwrap();
    fs::remove_file(folder.path().join("named.mp4")).unwrap();
    fs::remove_file(folder.path().join("left.mp4")).unwrap();
    assert_eq!(say(&mut Rows::new(&all), "named.mp4"), Joined::Well, "it was there a moment ago");
    assert_eq!(without_row(&all), BTreeSet::new());
}
