//! An index that is not believed says nothing new of files.

use super::{LATER, NOW, Recorder, source};
use std::fs;

/// Ten rows and their files, and one file more.
fn ten_and_one() -> Recorder {
    let rows: Vec<String> = (0..10).map(|number| format!("/media/frigate/recordings/{number}.mp4")).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let files: Vec<&str> = rows.iter().map(|row| row.strip_prefix("/media/frigate/").unwrap()).collect();
    let recorder = Recorder::new(&rows, &files);
    recorder.file("recordings/left.mp4");
    assert_eq!(recorder.scan(NOW).0, [Some([1, 1, 0, 0]), None]);
    recorder
}

#[test]
fn an_index_that_shrank_does_not_make_its_files_unmanaged() {
    for (delete, reason) in [("DELETE FROM recordings WHERE id >= 4", "shrunken"), ("DELETE FROM recordings", "empty")]
    {
        let recorder = ten_and_one();
        recorder.world.sql("data/footage.db", delete);
        let (both, scan) = recorder.scan(LATER);
        assert_eq!(both, [Some([1, 0, 1, 0]), None], "{scan}");
        assert!(source(&scan, reason), "{scan}");
        assert_eq!(recorder.waiting(), 0);
        // A later scan agrees: the rows are gone for good, and their files have none.
        let (both, scan) = recorder.scan("2027-03-02T12:00:00+09:00");
        let unmanaged = if reason == "shrunken" { [7, 6, 1, 0] } else { [11, 10, 1, 0] };
        assert_eq!(both, [Some(unmanaged), None], "{scan}");
    }
}

#[test]
fn an_index_that_came_back_makes_no_difference() {
    let recorder = ten_and_one();
    let index = recorder.world.path("data/footage.db");
    let whole = fs::read(&index).unwrap();
    recorder.world.sql("data/footage.db", "DELETE FROM recordings WHERE id >= 4");
    assert_eq!(recorder.scan(LATER).0, [Some([1, 0, 1, 0]), None]);
    fs::write(&index, whole).unwrap();
    let (both, scan) = recorder.scan("2027-03-02T12:00:00+09:00");
    assert_eq!(both, [Some([1, 0, 1, 0]), None], "{scan}");
}
