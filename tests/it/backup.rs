//! Backups: taken while scans write, checked, restored, and refused where something is wrong.

use crate::world::{NOW, World, counts};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::atomic::{AtomicBool, Ordering};

const LATER: &str = "2027-02-28T12:01:00+09:00";

const NEXT_DAY: &str = "2027-03-01T12:00:00+09:00";

/// What lies in the folder of backups.
fn kept(world: &World) -> Vec<String> {
    let names = world.files("backups").into_iter();
    names.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
}

fn scanned() -> World {
    let world = World::contract();
    world.scan(NOW);
    fs::create_dir(world.path("backups")).unwrap();
    world
}

/// Makes the backup `name` the state of the company, as the guide says.
fn restore(world: &World, name: &str) {
    for (from, to) in [("", "purposed.db"), (".head", "evidence.head"), (".key", "digest.key")] {
        let file = format!("restored/{to}");
        world.write(&file, fs::read(world.path(&format!("backups/{name}{from}"))).unwrap());
        fs::set_permissions(world.path(&file), fs::Permissions::from_mode(0o600)).unwrap();
    }
    let config = fs::read_to_string(world.path("purposed.toml")).unwrap();
    let restored = config.replace("state = \"state\"", "state = \"restored\"");
    assert_ne!(restored, config);
    world.write("purposed.toml", restored);
}

#[test]
fn a_backup_is_whole_private_and_without_the_key() {
    let world = scanned();
    let answer = world.run(&["backup", "backups/one.db"]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert_eq!(kept(&world), ["one.db", "one.db.head"]);
    for file in world.files("backups") {
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display());
    }
    let verified = world.run(&["evidence", "verify"]).stdout;
    let head = verified.trim().rsplit(' ').next().unwrap();
    assert!(answer.stdout.contains(&format!("head {head}\n")), "{}{verified}", answer.stdout);
    assert!(answer.stdout.contains("without the digest key"), "{}", answer.stdout);
    let key = fs::read_to_string(world.path("state/digest.key")).unwrap();
    let copy = fs::read(world.path("backups/one.db")).unwrap();
    assert!(memchr::memmem::find(&copy, key.trim().as_bytes()).is_none());
}

#[test]
fn nothing_is_overwritten() {
    let world = scanned();
    world.write("backups/one.db", "mine");
    world.write("backups/two.db.head", "mine");
    world.write("backups/three.db.key", "mine");
    for (path, arguments) in [("one.db", vec![]), ("two.db", vec![]), ("three.db", vec!["--with-key"]), ("", vec![])] {
        let path = format!("backups/{path}");
        let answer = world.run(&[vec!["backup", &path], arguments].concat());
        assert!(matches!(answer.code, 1 | 2), "{path}: {}", answer.stdout);
        assert!(answer.stderr.contains("hint: "), "{}", answer.stderr);
    }
    assert_eq!(kept(&world), ["one.db", "three.db.key", "two.db.head"]);
    assert!(world.files("backups").iter().all(|file| fs::read(file).unwrap() == b"mine"));
}

#[test]
fn a_restored_backup_goes_on() {
    let world = scanned();
    assert_eq!(world.run(&["backup", "--with-key", "backups/one.db"]).code, 0);
    let before = world.run(&["findings", "--format", "json"]).stdout;
    let without = world.scan(LATER);
    restore(&world, "one.db");
    let verified = world.run(&["evidence", "verify"]);
    assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);
    assert_eq!(world.run(&["findings", "--format", "json"]).stdout, before);
    let scan = world.scan(LATER);
    assert_eq!(scan["findings"], without["findings"]);
    let [items, new, continuing, _] = counts(&scan, "applicants", "retention", "expired").unwrap();
    assert_eq!((items, new), (continuing, 0), "known items look new after a restore");
    assert_eq!(world.run(&["evidence", "verify"]).code, 0);
}

#[test]
fn letters_after_a_restore_are_not_taken_for_earlier_ones() {
    let world = scanned();
    assert_eq!(world.run(&["backup", "--with-key", "backups/one.db"]).code, 0);
    let before = world.letters().len();
    world.scan(NEXT_DAY);
    let since = world.letters().len() - before;
    assert!(since > 0, "nobody was told anything on the next day");
    restore(&world, "one.db");
    world.scan(NEXT_DAY);
    // The maildir names its files by their message id: the same id would replace the letter.
    assert_eq!(world.letters().len(), before + 2 * since);
}

#[test]
fn without_the_key_a_restored_backup_is_refused() {
    let world = scanned();
    assert_eq!(world.run(&["backup", "--with-key", "backups/one.db"]).code, 0);
    restore(&world, "one.db");
    fs::remove_file(world.path("restored/digest.key")).unwrap();
    let answer = world.run(&["scan", "--now", LATER]);
    assert_eq!(answer.code, 1);
    assert!(answer.stderr.contains("digest.key` is missing"), "{}", answer.stderr);
}

#[test]
fn backups_are_taken_while_scans_write() {
    let world = scanned();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let scans = scope.spawn(|| {
            let mut scans = 0;
            while !is_over.load(Ordering::Relaxed) {
                let answer =
                    world.run(&["scan", "--now", &format!("2027-03-01T12:{:02}:{:02}+09:00", scans / 60, scans % 60)]);
                assert!(matches!(answer.code, 0 | 3), "{}", answer.stderr);
                scans += 1;
            }
            scans
        });
        for number in 0..6 {
            let name = format!("{number}.db");
            let answer = world.run(&["backup", "--with-key", &format!("backups/{name}")]);
            assert_eq!(answer.code, 0, "{}", answer.stderr);
        }
        is_over.store(true, Ordering::Relaxed);
        assert!(scans.join().unwrap() > 1, "no scan ran meanwhile");
    });
    for number in 0..6 {
        restore(&world, &format!("{number}.db"));
        assert_eq!(world.run(&["evidence", "verify"]).code, 0, "backup {number}");
        let config = fs::read_to_string(world.path("purposed.toml")).unwrap();
        world.write("purposed.toml", config.replace("state = \"restored\"", "state = \"state\""));
        fs::remove_dir_all(world.path("restored")).unwrap();
    }
}

#[test]
fn a_store_with_altered_evidence_is_not_backed_up() {
    let world = scanned();
    world.sql("state/purposed.db", "UPDATE evidence SET body = replace(body, '2', '3') WHERE sequence = 2");
    let answer = world.run(&["backup", "backups/one.db"]);
    assert_eq!(answer.code, 1);
    assert!(answer.stderr.contains("the evidence is altered at entry 2"), "{}", answer.stderr);
    assert_eq!(kept(&world), Vec::<String>::new());
    let world = scanned();
    world.sql("state/purposed.db", "DELETE FROM evidence WHERE sequence = (SELECT max(sequence) FROM evidence)");
    assert_eq!(world.run(&["backup", "backups/one.db"]).code, 1, "the end is missing");
    assert_eq!(kept(&world), Vec::<String>::new());
}

#[test]
fn a_damaged_store_is_not_backed_up() {
    let world = scanned();
    // Whole rows of indexes are taken out of a page, as a failing disk does.
    world.sql("state/purposed.db", "PRAGMA wal_checkpoint(TRUNCATE)");
    let path = world.path("state/purposed.db");
    let mut bytes = fs::read(&path).unwrap();
    let pages = bytes.len() / 4096;
    for page in 2..pages {
        bytes[page * 4096 + 3..page * 4096 + 8].fill(0xff);
    }
    fs::write(&path, bytes).unwrap();
    let answer = world.run(&["backup", "backups/one.db"]);
    assert_eq!(answer.code, 1, "{}", answer.stdout);
    assert_eq!(kept(&world), Vec::<String>::new());
}

#[test]
fn a_copy_that_was_altered_later_is_found() {
    let world = scanned();
    assert_eq!(world.run(&["backup", "--with-key", "backups/one.db"]).code, 0);
    let path = world.path("backups/one.db");
    let mut bytes = fs::read(&path).unwrap();
    let place = memchr::memmem::find(&bytes, br#"{"scans":[["#).unwrap();
    bytes[place + 12] ^= 1;
    fs::write(&path, bytes).unwrap();
    restore(&world, "one.db");
    let verified = world.run(&["evidence", "verify"]);
    assert_eq!(verified.code, 2, "{}", verified.stdout);
}
