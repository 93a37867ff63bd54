//! A snapshot of a configuration is read as its files were.

use super::world::{DATASET, ORGANISATION, SERVER, SOURCE, loaded};
use crate::config::load_snapshot;

#[test]
fn a_snapshot_is_read_as_the_files_were() {
    let before = loaded(&format!("{DATASET}{SOURCE}"));
    // The folder is gone by now.
    let stored = serde_json::to_string(&*before.snapshot).unwrap();
    let again = load_snapshot(&serde_json::from_str(&stored).unwrap()).unwrap();
    assert_eq!(again.digest, before.digest);
    assert_eq!(again.settings.state, before.settings.state, "relative paths start where they did");
    assert_eq!(again.register.datasets.len(), 1);
    assert_eq!(again.snapshot, before.snapshot, "a snapshot of a snapshot is the same");
}

#[test]
fn a_snapshot_remembers_own_presets() {
    let server = format!("presets = \"presets\"\n{SERVER}");
    let preset = "table = \"t\"\nfields.id = \"id\"\n";
    let files = [("purposed.toml", server.as_str()), ("register/a.toml", ORGANISATION), ("presets/own.toml", preset)];
    let before = super::world::load_files(&files).unwrap();
    assert_eq!(load_snapshot(&before.snapshot).unwrap().digest, before.digest);
    let texts = serde_json::to_string(&*before.snapshot).unwrap();
    assert!(texts.contains("presets/own.toml") && texts.contains("register/a.toml"), "{texts}");
}

#[test]
fn a_snapshot_remembers_holidays_of_any_encoding() {
    let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode("2027/1/1,元日\n");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("days.csv"), bytes).unwrap();
    let register = format!("[letters]\nholidays = \"days.csv\"\n{ORGANISATION}");
    std::fs::write(folder.path().join("a.toml"), register).unwrap();
    std::fs::write(folder.path().join("purposed.toml"), SERVER.replace("register/*.toml", "a.toml")).unwrap();
    let before = crate::config::load(&folder.path().join("purposed.toml")).unwrap();
    drop(folder);
    let stored = serde_json::to_string(&*before.snapshot).unwrap();
    let again = load_snapshot(&serde_json::from_str(&stored).unwrap()).unwrap();
    assert_eq!(again.register.letters, before.register.letters);
    assert_eq!(again.digest, before.digest);
}
