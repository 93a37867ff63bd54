//! The join against a plain difference of sets, and the mapping of paths against examples and a law.

use super::*;
use crate::domain::item::Value;
use crate::domain::name::RootName;
use crate::domain::register::{MatchedBy, Place, ReconciledFiles, Root};
use crate::rule::SubjectKey;
use crate::rule::fixture::source;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn files(product_paths: &[(&str, &str)], matched_by: MatchedBy) -> ReconciledFiles {
    let root = Root { name: RootName::new("media").unwrap(), path: "/srv/media".into(), must_be_mount: false };
    let mut spec = source(Vec::new());
    spec.place = Place::Folder { root: root.clone(), files: Vec::new(), exclude: Vec::new() };
    ReconciledFiles {
        source: spec,
        root,
        files: Vec::new(),
        exclude: Vec::new(),
        path_field: 0,
        matched_by,
        product_paths: product_paths.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect(),
    }
}

fn found(paths: &ProductPaths, path: &str) -> Option<String> {
    let mut out = Vec::new();
    paths.find(path.as_bytes(), &mut out).then(|| String::from_utf8(out).unwrap())
}

#[test]
fn paths_lead_beneath_the_root() {
    let declared =
        [("/media/frigate/recordings", "recordings"), ("/media/frigate", "other"), ("old", ""), ("/", "all")];
    let paths = ProductPaths::new(&files(&declared, MatchedBy::Path));
    for (path, expected) in [
        ("/media/frigate/recordings/2026/a.mp4", Some("recordings/2026/a.mp4")),
        ("/media/frigate//recordings/./x/../a.mp4", Some("recordings/a.mp4")),
        ("/media/frigate/recordings-2/a.mp4", Some("other/recordings-2/a.mp4")),
        ("/media/frigate/recordings/../clips/a.mp4", Some("other/clips/a.mp4")),
        ("/srv/media/x/a.mp4", Some("x/a.mp4")),
        ("/etc/passwd", Some("all/etc/passwd")),
        ("/../../a", Some("all/a")),
        ("x/a.mp4", Some("x/a.mp4")),
        ("old/a.mp4", Some("a.mp4")),
        ("older/a.mp4", Some("older/a.mp4")),
        ("x/../../a.mp4", None),
        ("..", None),
        (".", None),
        ("/", None),
    ] {
        assert_eq!(found(&paths, path).as_deref(), expected, "{path}");
    }
    let bare = ProductPaths::new(&files(&[], MatchedBy::Path));
    assert_eq!(found(&bare, "/var/spool/a.wav"), None);
    assert_eq!(found(&bare, "/srv/media"), None, "the root is no file");
    assert_eq!(found(&bare, "/srv/media-2/a.wav"), None, "a prefix ends with a component");
}

#[test]
fn names_are_taken_alone() {
    let paths = ProductPaths::new(&files(&[], MatchedBy::Name));
    assert_eq!(found(&paths, "out-1.wav").as_deref(), Some("out-1.wav"));
    assert_eq!(found(&paths, "/anywhere/2026/out-1.wav").as_deref(), Some("out-1.wav"));
    assert_eq!(found(&paths, "folder/"), None);
}

#[test]
fn a_row_without_a_path_expects_no_file() {
    let mut out = Vec::new();
    assert_eq!(path_of(&Value::Empty, &mut out), None);
    assert_eq!(path_of(&Value::Text(" \t"), &mut out), None);
    assert_eq!(path_of(&Value::Text("a b"), &mut out), Some(true));
    assert_eq!(path_of(&Value::Boolean(true), &mut out), Some(false));
}

proptest! {
    #[test]
    fn nothing_leads_out_of_the_root(path in "[a./]{0,24}", target in "(a(/a){0,2})?") {
        let paths = ProductPaths::new(&files(&[("/a", &target)], MatchedBy::Path));
        if let Some(beneath) = found(&paths, &path) {
            prop_assert!(!beneath.is_empty() && !beneath.starts_with('/'));
            prop_assert!(beneath.split('/').all(|component| !matches!(component, "" | "." | "..")), "{beneath}");
            let mut again = Vec::new();
            prop_assert_eq!(normalise(beneath.as_bytes(), &mut again), Some(false));
            prop_assert_eq!(again, beneath.as_bytes());
        }
    }

    #[test]
    fn the_join_is_a_difference_of_sets(
        on_disk in proptest::collection::btree_set(0_u32..2000, 0..600),
        in_rows in proptest::collection::vec(0_u32..2000, 0..600),
        pieces in 1_usize..5,
    ) {
        let key = SubjectKey::new(1, 2);
        let hash = |number: &u32| key.file(number.to_string().as_bytes());
        let hashes: Vec<u64> = on_disk.iter().map(hash).collect();
        let set = FileSet::new(hashes.chunks(hashes.len() / pieces + 1).map(<[u64]>::to_vec).collect());
        let missing: BTreeSet<u32> = in_rows.iter().copied().filter(|row| !set.name(hash(row))).collect();
        let rows: BTreeSet<u32> = in_rows.into_iter().collect();
        prop_assert_eq!(&missing, &rows.difference(&on_disk).copied().collect());
        let unnamed: BTreeSet<u32> = (0..2000).filter(|file| set.is_unnamed(hash(file))).collect();
        prop_assert_eq!(set.unnamed(), unnamed.len());
        prop_assert_eq!(unnamed, on_disk.difference(&rows).copied().collect());
        prop_assert_eq!((set.len(), set.is_empty()), (on_disk.len(), on_disk.is_empty()));
    }
}
