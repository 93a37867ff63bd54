//! Folders read as items: dates in names and paths, file times, names that are no text.

use crate::domain::instant::Instant;
use crate::domain::item::{Item, Value};
use crate::domain::register::{FieldAccess, FieldSpec, Place, Root, SourceSpec};
use crate::source::gathered::{Told, field, folder, read_all, read_part, root, source};
use crate::source::{Part, Receiver, Receivers, Request, SourceError, read};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tempfile::TempDir;

const FREEPBX: &str = r"-(\d{8}-\d{6})-";

fn put(root: &Path, path: impl AsRef<OsStr>) {
    let path = root.join(Path::new(&path));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, b"RIFF").unwrap();
}

fn name_field(pattern: &str) -> Vec<FieldSpec> {
    vec![field("recorded_at", FieldAccess::Name(pattern.to_owned()))]
}

/// Path and first value of each item, sorted by path.
fn values(told: &[Told]) -> Vec<(String, String)> {
    let text = |told: &Told| (told.path.escape_ascii().to_string(), told.values.as_ref().unwrap()[0].clone());
    let mut values: Vec<_> = told.iter().map(text).collect();
    values.sort();
    values
}

fn one(path: &str, access: FieldAccess) -> String {
    let folder_of_one = TempDir::new().unwrap();
    put(folder_of_one.path(), path);
    let (_, told) = read_all(&folder(folder_of_one.path(), "**/*", vec![field("at", access)])).unwrap();
    values(&told)[0].1.clone()
}

#[test]
fn the_last_match_counts_and_captures_are_joined() {
    let name = |pattern: &str| FieldAccess::Name(pattern.to_owned());
    let path = |pattern: &str| FieldAccess::Path(pattern.to_owned());
    let recording = "2026/01/15/in-0312345678-09012345678-20260115-101530-1768439730.123.wav";
    assert_eq!(one(recording, name(FREEPBX)), "20260115-101530");
    assert_eq!(one("a-20250101-000000-20260115-101530-x.wav", name(r"(\d{8}-\d{6})")), "20260115-101530");
    assert_eq!(one(recording, name(r"-(\d{8})-(\d{6})-")), "20260115 101530");
    assert_eq!(one(recording, name(r"\d{8}-\d{6}")), "20260115-101530", "no capture: the whole match");
    assert_eq!(one(recording, name("nothing")), "-");
    assert_eq!(one("2026-01-15/09/cam/04.05.mp4", path(r"(\d{4}-\d\d-\d\d)/(\d\d)/")), "2026-01-15 09");
    assert_eq!(one("2026-01-15/09/cam/04.05.mp4", name(r"(\d{4}-\d\d-\d\d)")), "-", "a name has no folders");
    assert_eq!(one("a-1.wav", name(r"-(\d+)(x)?")), "1", "a group that takes no part adds nothing");
    assert_eq!(one("a.wav", FieldAccess::Constant("p".to_owned())), "p");
    assert_eq!(one("a.wav", FieldAccess::Column(vec!["x".to_owned()])), "-");
}

#[test]
fn only_matching_regular_files_are_items() {
    let outside = TempDir::new().unwrap();
    put(outside.path(), "secret.wav");
    let made = TempDir::new().unwrap();
    for path in ["top.wav", "a/b/deep.wav", "a/other.mp3", "old/gone.wav", "a/~$lock.wav"] {
        put(made.path(), path);
    }
    std::os::unix::fs::symlink(outside.path().join("secret.wav"), made.path().join("link.wav")).unwrap();
    std::os::unix::fs::symlink(outside.path(), made.path().join("linked")).unwrap();
    std::os::unix::fs::symlink(made.path(), made.path().join("a/loop")).unwrap();
    let pipe = made.path().join("pipe.wav");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
    let place = Place::Folder {
        root: root(made.path()),
        files: vec!["**/*.wav".to_owned()],
        exclude: vec!["old/**".to_owned(), "**/~$*".to_owned()],
    };
    let (report, told) = read_all(&source(place, name_field(FREEPBX))).unwrap();
    assert!(report.problems.is_empty() && report.parts[0].whole);
    assert_eq!((report.parts[0].items, report.parts[0].part.name.as_str()), (2, "root"));
    let paths: Vec<String> = values(&told).into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["a/b/deep.wav", "top.wav"]);
}

#[test]
fn names_may_be_long_and_no_text() {
    let made = TempDir::new().unwrap();
    put(made.path(), OsStr::from_bytes(b"\xff\x8e-20260115-101530-x.wav"));
    put(made.path(), format!("{}.wav", "n".repeat(251)));
    let (_, told) = read_all(&folder(made.path(), "**/*.wav", name_field(FREEPBX))).unwrap();
    assert_eq!(values(&told)[0], (r"\xff\x8e-20260115-101530-x.wav".to_owned(), "20260115-101530".to_owned()));
    assert_eq!(values(&told)[1].0.len(), 255);
    let (_, told) = read_all(&folder(made.path(), "**/*x.wav", name_field("^(.*)-2026"))).unwrap();
    assert_eq!(values(&told)[0].1, "-", "a dot stands for a character");
    let (_, told) = read_all(&folder(made.path(), "**/*x.wav", name_field("(?s-u)^(.*)-2026"))).unwrap();
    assert_eq!(values(&told)[0].1, "Bytes([255, 142])");
}

#[test]
fn file_times_are_read_only_where_they_are_asked_for() {
    let made = TempDir::new().unwrap();
    put(made.path(), "a.wav");
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_micros(1_700_000_000_123_456);
    fs::File::options().write(true).open(made.path().join("a.wav")).unwrap().set_modified(time).unwrap();
    let spec = folder(made.path(), "*.wav", vec![field("at", FieldAccess::FileTime)]);
    let (_, told) = read_all(&spec).unwrap();
    let expected = Value::Instant(Instant::from_microseconds(1_700_000_000_123_456));
    assert_eq!(values(&told)[0].1, format!("{expected:?}"));
}

#[test]
fn every_item_has_a_place_of_its_own_whoever_reads_it() {
    let made = TempDir::new().unwrap();
    for index in 0..5_000 {
        fs::write(made.path().join(format!("recording-with-a-rather-long-name-{index:060}.wav")), b"").unwrap();
    }
    for index in 0..300 {
        put(made.path(), format!("{}/{}/{index}.wav", index % 7, index % 13));
    }
    let (report, told) = read_all(&folder(made.path(), "**/*.wav", name_field(FREEPBX))).unwrap();
    assert_eq!(report.parts[0].items, 5_300);
    let mut paths: Vec<_> = told.iter().map(|told| told.path.clone()).collect();
    paths.sort_unstable();
    paths.dedup();
    assert_eq!(paths.len(), 5_300);
    let mut places: Vec<_> = told.iter().map(|told| told.place).collect();
    places.dedup();
    assert_eq!(places.len(), 5_300);
}

#[test]
fn access_times_stay_what_they_were() {
    let made = TempDir::new().unwrap();
    put(made.path(), "a/x.wav");
    let old = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    let inner = fs::File::open(made.path().join("a")).unwrap();
    inner.set_times(fs::FileTimes::new().set_accessed(old)).unwrap();
    read_all(&folder(made.path(), "**/*.wav", name_field(FREEPBX))).unwrap();
    assert_eq!(inner.metadata().unwrap().accessed().unwrap(), old);
}

#[test]
fn a_root_must_be_there_and_mounted_where_the_register_says_so() {
    let made = TempDir::new().unwrap();
    let missing = read_all(&folder(&made.path().join("none"), "**/*", Vec::new())).unwrap_err();
    assert_eq!(missing.to_string(), "root `root` cannot be opened: it is not there");
    assert!(matches!(missing, SourceError::Unreachable(_)));
    let mounted = |path: &Path| {
        let root = Root { must_be_mount: true, ..root(path) };
        let place = Place::Folder { root, files: vec!["none".to_owned()], exclude: Vec::new() };
        read_all(&source(place, Vec::new()))
    };
    let refused = mounted(made.path()).unwrap_err();
    assert_eq!(refused.to_string(), "root `root` cannot be opened: no file system is mounted there");
    assert!(mounted(Path::new("/proc")).is_ok() && mounted(Path::new("/")).is_ok());
}

#[test]
fn only_the_part_asked_for_is_read() {
    let made = TempDir::new().unwrap();
    put(made.path(), "a.wav");
    let spec = folder(made.path(), "*.wav", Vec::new());
    assert_eq!(read_part(&spec, Some("root")).unwrap().1.len(), 1);
    assert!(read_part(&spec, Some("other")).unwrap().0.parts.is_empty());
}

#[test]
fn patterns_that_cannot_be_read_are_told() {
    let made = TempDir::new().unwrap();
    let unfit = read_all(&folder(made.path(), "*.wav", name_field("("))).unwrap_err();
    assert_eq!(unfit.to_string(), "the pattern of field `recorded_at` cannot be read");
}

/// Removes a folder when it is shown the first file, and sees that nothing is closed when cancelled.
struct Disturbing<'d> {
    first: &'d (dyn Fn() + Sync),
    given: AtomicU64,
    closed: AtomicU64,
}

struct DisturbingOne<'d>(&'d Disturbing<'d>);

impl Receivers for Disturbing<'_> {
    fn open<'a>(&'a self, _: &Part) -> Box<dyn Receiver + 'a> {
        Box::new(DisturbingOne(self))
    }
}

impl Receiver for DisturbingOne<'_> {
    fn item(&mut self, _: &Item<'_>) {
        if self.0.given.fetch_add(1, Ordering::SeqCst) == 0 {
            (self.0.first)();
        }
    }

    fn unreadable(&mut self, _: u64, _: &str) {}

    fn close(self: Box<Self>) {
        self.0.closed.fetch_add(1, Ordering::SeqCst);
    }
}

fn read_disturbed(spec: &SourceSpec, receivers: &Disturbing<'_>, cancel: &AtomicBool) -> Result<bool, SourceError> {
    let request = Request {
        source: spec,
        wanted: &[true],
        narrowing: None,
        only_part: None,
        cancel,
        progress: &AtomicU64::new(0),
    };
    read(&request, receivers).map(|report| report.parts[0].whole)
}

#[test]
fn a_reading_that_is_cancelled_counts_for_nothing() {
    let made = TempDir::new().unwrap();
    for index in 0..10 {
        put(made.path(), format!("{index}/a.wav"));
    }
    let cancel = AtomicBool::new(false);
    let first = || cancel.store(true, Ordering::SeqCst);
    let receivers = Disturbing { first: &first, given: AtomicU64::new(0), closed: AtomicU64::new(0) };
    let spec = folder(made.path(), "**/*.wav", name_field(FREEPBX));
    assert!(matches!(read_disturbed(&spec, &receivers, &cancel), Err(SourceError::Cancelled)));
    assert_eq!(receivers.closed.load(Ordering::SeqCst), 0);
}
