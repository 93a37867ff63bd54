//! A product's index against its files: what is missing on either side, and the troubles in which nothing is told. Here in
//! SQLite; `servers` has the index in PostgreSQL and MariaDB, and `doubts` an index that is not believed.

mod doubts;
mod servers;

use crate::world::{CANARIES, NOW, World, counts, finding_id};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::time::{Duration, SystemTime};

const LATER: &str = "2027-03-01T12:00:00+09:00";
/// NOW and LATER as seconds since the Unix epoch.
const NOW_SECONDS: u64 = 1_803_783_600;
const DAY: u64 = 24 * 60 * 60;

/// A recorder in a container, whose footage lies on this server under another path.
struct Recorder {
    world: World,
}

impl Recorder {
    /// `rows` are the paths in its index, `files` those on disk beneath the root.
    fn new(rows: &[&str], files: &[&str]) -> Self {
        Self::with(rows, files, "product_paths = { \"/media/frigate/recordings\" = \"recordings\" }", "")
    }

    fn with(rows: &[&str], files: &[&str], source: &str, root: &str) -> Self {
        let world = World::contract();
        world.append(
            "purposed.toml",
            &format!("\n[roots.media]\npath = \"data/media\"\n{root}\n[connections.footage]\nurl = \"sqlite:data/footage.db\"\n"),
        );
        world.write(
            "register/footage.toml",
            format!(
                "[sources.footage-index]\npreset = \"frigate\"\nconnection = \"footage\"\n\
                 [sources.footage-files]\nroot = \"media\"\nfiles = \"**/*.mp4\"\n{source}\n\
                 [datasets.footage]\ndivision = \"support\"\ncategory = \"camera-footage\"\npurposes = [\"crime-prevention\"]\n\
                 keep = {{ for = \"1 year\", from = \"recorded_at\" }}\n\
                 sources = {{ items = \"footage-index\", files = \"footage-files\" }}\n"
            ),
        );
        world.sql(
            "data/footage.db",
            "CREATE TABLE recordings (id TEXT PRIMARY KEY, camera TEXT NOT NULL, path TEXT, start_time DATETIME NOT NULL)",
        );
        fs::create_dir_all(world.path("data/media")).unwrap();
        let recorder = Self { world };
        for path in rows {
            recorder.row(path);
        }
        for path in files {
            recorder.file(path);
        }
        recorder
    }

    fn row(&self, path: &str) {
        let path = if path.is_empty() { "NULL".to_owned() } else { format!("'{path}'") };
        self.world.sql(
            "data/footage.db",
            &format!("INSERT INTO recordings SELECT count(*), 'gate', {path}, 1801191600.0 FROM recordings"),
        );
    }

    fn file(&self, path: &str) {
        let path = format!("data/media/{path}");
        self.world.write(&path, "canary");
        self.modified(&path, NOW_SECONDS - DAY);
    }

    fn modified(&self, path: &str, seconds: u64) {
        let file = fs::File::options().write(true).open(self.world.path(path)).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
    }

    /// How many findings wait for a declaration of what became of items.
    fn waiting(&self) -> usize {
        let open = self.world.run(&["disposal", "open", "--format", "json"]);
        let open: Value = serde_json::from_str(&open.stdout).unwrap();
        open["waiting"].as_array().unwrap().len()
    }

    /// Scans at `now`; the counts of both reasons, and what the scan says of the dataset.
    fn scan(&self, now: &str) -> ([Option<[u64; 4]>; 2], Value) {
        let answer = self.world.run(&["scan", "footage", "--now", now, "--format", "json"]);
        assert!(matches!(answer.code, 0 | 3), "scan failed: {}", answer.stderr);
        let scan: Value = serde_json::from_str(&answer.stdout).unwrap();
        let of = |reason| counts(&scan, "footage", "reconciliation", reason);
        ([of("file-without-row"), of("row-without-file")], scan)
    }
}

fn problems(scan: &Value) -> String {
    scan["scans"][0]["problems"].to_string()
}

fn source(scan: &Value, reason: &str) -> bool {
    counts(scan, "footage", "source", reason).is_some()
}

#[test]
fn what_is_missing_on_either_side_is_told_listed_and_settled() {
    let recorder = Recorder::new(
        &[
            "/media/frigate/recordings/a.mp4",
            "/media/frigate//recordings/x/../b.mp4",
            "/media/frigate/recordings/gone.mp4",
            "",
        ],
        &["recordings/a.mp4", "recordings/b.mp4", "recordings/canary/left.mp4", "recordings/notes.txt"],
    );
    let (both, scan) = recorder.scan(NOW);
    assert_eq!(both, [Some([1, 1, 0, 0]), Some([1, 1, 0, 0])], "{scan}");
    assert_eq!((&scan["scans"][0]["items"], &scan["scans"][0]["status"]), (&4.into(), &"complete".into()));
    assert_eq!(scan["scans"][0]["undecidable"], 0);
    let (again, repeated) = recorder.scan(NOW);
    assert_eq!(again, [Some([1, 0, 1, 0]), Some([1, 0, 1, 0])], "{repeated}");

    let world = &recorder.world;
    let unmanaged = world.run(&["items", &finding_id(&scan, "footage", "file-without-row"), "--now", NOW]);
    assert_eq!(unmanaged.code, 0, "{}", unmanaged.stderr);
    assert_eq!(unmanaged.stdout.lines().count(), 2, "{}", unmanaged.stdout);
    assert!(unmanaged.stdout.contains("recordings/canary/left.mp4,"), "{}", unmanaged.stdout);
    let missing =
        world.run(&["items", &finding_id(&scan, "footage", "row-without-file"), "--now", NOW, "--format", "jsonl"]);
    assert_eq!(missing.stdout.lines().count(), 1, "{} {}", missing.stdout, missing.stderr);
    let row: Value = serde_json::from_str(&missing.stdout).unwrap();
    assert_eq!(row["fields"]["path"], "/media/frigate/recordings/gone.mp4");

    let explained = world.run(&["explain", "footage", row["digest"].as_str().unwrap(), "--now", NOW]).stdout;
    assert!(explained.contains("verdict   reconciliation: row-without-file"), "{explained}");
    let explained =
        world.run_with_input(&["explain", "footage", "-", "--now", NOW], "recordings/canary/left.mp4").stdout;
    assert!(explained.contains("verdict   reconciliation: file-without-row"), "{explained}");

    // Both are put right, each in its way.
    recorder.row("/media/frigate/recordings/canary/left.mp4");
    recorder.file("recordings/gone.mp4");
    let (settled, scan) = recorder.scan(LATER);
    assert_eq!(settled, [None, None], "{scan}");
    assert_eq!(recorder.waiting(), 0, "nothing is gone: they were put right");
    let told = world.letters().concat() + &problems(&scan);
    assert!(CANARIES.iter().all(|canary| !told.contains(canary)) && !told.contains(".mp4"), "{told}");
}

#[test]
fn a_deleted_file_waits_for_a_declaration() {
    let recorder = Recorder::new(&["/media/frigate/recordings/a.mp4"], &["recordings/a.mp4", "recordings/left.mp4"]);
    recorder.scan(NOW);
    fs::remove_file(recorder.world.path("data/media/recordings/left.mp4")).unwrap();
    let (_, scan) = recorder.scan(LATER);
    assert_eq!(counts(&scan, "footage", "reconciliation", "file-without-row"), None);
    assert_eq!(recorder.waiting(), 1);
}

#[test]
fn files_that_are_taken_out_of_the_register_are_not_missed() {
    let recorder = Recorder::new(
        &["/media/frigate/recordings/a.mp4", "/media/frigate/recordings/gone.mp4"],
        &["recordings/a.mp4", "recordings/left.mp4"],
    );
    assert_eq!(recorder.scan(NOW).0, [Some([1, 1, 0, 0]), Some([1, 1, 0, 0])]);
    let register = fs::read_to_string(recorder.world.path("register/footage.toml")).unwrap();
    let alone =
        register.replace("{ items = \"footage-index\", files = \"footage-files\" }", "{ items = \"footage-index\" }");
    assert_ne!(alone, register);
    recorder.world.write("register/footage.toml", alone);
    let (both, scan) = recorder.scan(LATER);
    assert_eq!(both, [None, None], "{scan}");
    assert_eq!(recorder.waiting(), 0, "nobody is asked what became of them");
    // Back again, they are told anew.
    recorder.world.write("register/footage.toml", register);
    let (both, scan) = recorder.scan("2027-03-02T12:00:00+09:00");
    assert_eq!(both, [Some([1, 1, 0, 0]), Some([1, 1, 0, 0])], "{scan}");
}

#[test]
fn a_volume_that_is_not_there_or_empty_is_the_sources_trouble() {
    let rows: Vec<String> = (0..30).map(|number| format!("/media/frigate/recordings/{number}.mp4")).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let files: Vec<&str> = rows[1..].iter().map(|row| row.strip_prefix("/media/frigate/").unwrap()).collect();
    let recorder = Recorder::new(&rows, &files);
    recorder.file("recordings/left.mp4");
    assert_eq!(recorder.scan(NOW).0, [Some([1, 1, 0, 0]), Some([1, 1, 0, 0])]);

    let (media, away) = (recorder.world.path("data/media"), recorder.world.path("data/away"));
    fs::rename(&media, &away).unwrap();
    let (both, scan) = recorder.scan("2027-03-01T12:00:00+09:00");
    assert_eq!(both, [Some([1, 0, 1, 0]), Some([1, 0, 1, 0])], "{scan}");
    assert!(source(&scan, "unreachable") && scan["scans"][0]["status"] == "partial", "{scan}");

    fs::create_dir_all(&media).unwrap();
    let (both, scan) = recorder.scan("2027-03-02T12:00:00+09:00");
    assert_eq!(both, [Some([1, 0, 1, 0]), Some([1, 0, 1, 0])], "{scan}");
    assert!(source(&scan, "empty") && !problems(&scan).contains("mp4"), "{scan}");

    fs::remove_dir(&media).unwrap();
    fs::rename(&away, &media).unwrap();
    let (both, scan) = recorder.scan("2027-03-03T12:00:00+09:00");
    assert_eq!(both, [Some([1, 0, 1, 0]), Some([1, 0, 1, 0])], "{scan}");
    let open = |reason| {
        scan["findings"].as_array().unwrap().iter().any(|one| one["reason"] == reason && one["state"] == "open")
    };
    assert!(!open("empty") && !open("unreachable"), "{scan}");
}

#[test]
fn a_folder_where_nothing_is_mounted_is_unreachable() {
    let mapping = "product_paths = { \"/media/frigate\" = \".\" }";
    let recorder = Recorder::with(&["/media/frigate/a.mp4"], &["b.mp4"], mapping, "must_be_mount = true");
    let (both, scan) = recorder.scan(NOW);
    assert_eq!(both, [None, None], "{scan}");
    assert!(source(&scan, "unreachable"), "{scan}");
}

#[test]
fn young_files_and_links_are_not_told() {
    let recorder = Recorder::new(
        &["/media/frigate/recordings/a.mp4", "/media/frigate/recordings/linked.mp4"],
        &["recordings/a.mp4", "recordings/young.mp4", "recordings/old.mp4", "elsewhere.bin"],
    );
    recorder.modified("data/media/recordings/young.mp4", NOW_SECONDS - 59 * 60);
    recorder.modified("data/media/recordings/old.mp4", NOW_SECONDS - 61 * 60);
    symlink(recorder.world.path("data/media/elsewhere.bin"), recorder.world.path("data/media/recordings/linked.mp4"))
        .unwrap();
    let (both, scan) = recorder.scan(NOW);
    assert_eq!(both, [Some([1, 1, 0, 0]), None], "{scan}");
    assert_eq!(scan["scans"][0]["undecidable"], 1, "what lies behind a link is not looked at");
    assert!(problems(&scan).contains("cannot be looked at"), "{scan}");
    // An hour later nothing has named it.
    let (both, _) = recorder.scan("2027-02-28T13:00:00+09:00");
    assert_eq!(both[0], Some([2, 1, 1, 0]));
}

#[test]
fn a_file_that_the_globs_leave_out_is_there_all_the_same() {
    let recorder = Recorder::new(&["/media/frigate/recordings/a.jpg"], &["recordings/a.jpg", "recordings/b.mp4"]);
    let (both, scan) = recorder.scan(NOW);
    assert_eq!(both, [Some([1, 1, 0, 0]), None], "{scan}");
}

#[test]
fn what_a_torn_walk_did_not_see_is_not_missing() {
    let rows = ["/media/frigate/recordings/open/a.mp4", "/media/frigate/recordings/closed/b.mp4"];
    let recorder =
        Recorder::new(&rows, &["recordings/open/a.mp4", "recordings/closed/b.mp4", "recordings/open/left.mp4"]);
    let closed = recorder.world.path("data/media/recordings/closed");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    let can_read_all = fs::metadata(closed.join("b.mp4")).is_ok();
    let (both, scan) = recorder.scan(NOW);
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(both, [Some([1, 1, 0, 0]), None], "{scan}");
    // To the superuser no folder is closed.
    assert!(can_read_all || scan["scans"][0]["status"] == "partial", "{scan}");
}

#[test]
fn a_mapping_that_fits_nothing_floods_nobody() {
    let rows: Vec<String> = (0..30).map(|number| format!("elsewhere/{number}.mp4")).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let files: Vec<String> = (0..30).map(|number| format!("recordings/{number}.mp4")).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let (both, scan) = Recorder::new(&rows, &files).scan(NOW);
    assert_eq!(both, [None, None], "{scan}");
    assert!(problems(&scan).contains("product_paths"), "{scan}");

    let absolute: Vec<String> = rows.iter().map(|row| format!("/container/{row}")).collect();
    let absolute: Vec<&str> = absolute.iter().map(String::as_str).collect();
    let (both, scan) = Recorder::with(&absolute, &files, "", "").scan(NOW);
    assert_eq!(both, [None, None], "{scan}");
    assert!(problems(&scan).contains("product_paths") && scan["scans"][0]["undecidable"] == 30, "{scan}");
}

#[test]
fn bare_names_are_found_in_any_folder() {
    let recorder = Recorder::with(
        &["a.mp4", "b.mp4", "gone.mp4"],
        &["2027/01/a.mp4", "2027/02/b.mp4", "2027/02/left.mp4"],
        "matched_by = \"name\"",
        "",
    );
    let (both, scan) = recorder.scan(NOW);
    assert_eq!(both, [Some([1, 1, 0, 0]), Some([1, 1, 0, 0])], "{scan}");
}

#[test]
fn what_cannot_be_reconciled_is_refused_with_a_hint() {
    let recorder = Recorder::new(&[], &[]);
    let world = &recorder.world;
    let register = fs::read_to_string(world.path("register/footage.toml")).unwrap();
    let refused = |text: String, expected: &[&str]| {
        world.write("register/footage.toml", text);
        let answer = world.run(&["check"]);
        assert_eq!(answer.code, 2, "{}", answer.stdout);
        for part in expected {
            assert!(answer.stderr.contains(part), "{part}: {}", answer.stderr);
        }
    };
    let plain =
        "connection = \"footage\"\ntable = \"recordings\"\nfields = { id = \"id\", recorded_at = \"start_time\" }";
    refused(
        register.replace("preset = \"frigate\"\nconnection = \"footage\"", plain),
        &["has no field `path`", "map it under `fields`"],
    );
    refused(register.replace("keep = ", "secrecy = true\nkeep = "), &["under `secrecy`", "take `files` out"]);
    refused(
        register.replace("keep = ", "where = { id = \"1\" }\nkeep = "),
        &["is a slice of its index", "take `where` or `files` out"],
    );
    refused(register.replace("= \"recordings\" }", "= \"../recordings\" }"), &["no path beneath the root"]);
    refused(register.replace("items = \"footage-index\"", "items = \"footage-files\""), &["are files themselves"]);
    refused(register.replace("\"**/*.mp4\"", "\"**/*.csv\""), &["items = \"files\""]);
    refused(
        register.replace("files = \"footage-files\"", "files = \"footage-fils\""),
        &["did you mean `footage-files`"],
    );
}
