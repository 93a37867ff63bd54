//! `purposed doctor` and `purposed status`: what they see, and that looking changes nothing.

use crate::world::{NOW, World};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

fn restrict(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A company whose state is for its owner alone.
fn tidy() -> World {
    let world = World::contract();
    restrict(&world.path("state"), 0o700);
    world
}

/// The checks, and the exit code.
fn examined(world: &World) -> (i32, Vec<Json>) {
    let answer = world.run(&["doctor", "--now", NOW, "--format", "json"]);
    let json: Json = serde_json::from_str(&answer.stdout).unwrap_or_else(|_| panic!("{}", answer.stderr));
    (answer.code, json["checks"].as_array().unwrap().clone())
}

/// The texts of the checks with an outcome.
fn with_outcome(checks: &[Json], outcome: &str) -> Vec<String> {
    let these = checks.iter().filter(|check| check["outcome"] == outcome);
    these.map(|check| check["what"].as_str().unwrap().to_owned()).collect()
}

fn has(texts: &[String], part: &str) -> bool {
    texts.iter().any(|text| text.contains(part))
}

/// Every file with its content and the time of its last change.
fn everything(world: &World) -> BTreeMap<PathBuf, (Vec<u8>, i64, i64)> {
    let files = world.files("").into_iter().filter(|path| !path.ends_with("input"));
    files
        .map(|path| {
            let metadata = fs::metadata(&path).unwrap();
            let content = fs::read(&path).unwrap();
            (path, (content, metadata.mtime(), metadata.mtime_nsec()))
        })
        .collect()
}

#[test]
fn nothing_fails_where_nothing_is_wrong() {
    let world = tidy();
    world.scan(NOW);
    let (code, checks) = examined(&world);
    assert_eq!((code, with_outcome(&checks, "failed")), (0, Vec::new()));
    let fine = with_outcome(&checks, "ok");
    assert!(has(&fine, "SQLite 3.") && has(&fine, "the database opens with its key"), "{fine:#?}");
    assert!(has(&fine, "dataset `applicants` can be read") && has(&fine, "ledger `consents` can be read"), "{fine:#?}");
    let chain = "`support`: to support-pic <support-pic@example.co.jp>; after 5 business days of silence each to \
                 support-deputy <support-deputy@example.co.jp>, then manager <privacy-manager@example.co.jp>; \
                 the next letters leave at 2027-03-01T09:00:00+09:00";
    assert!(fine.iter().any(|text| text == chain), "{fine:#?}");
    let people = world.run(&["doctor", "--now", NOW]);
    assert_eq!(people.code, 0);
    assert!(people.stdout.contains("  ok       SQLite 3.") && people.stdout.contains("failed: 0"), "{}", people.stdout);
    for canary in crate::world::CANARIES {
        assert!(!people.stdout.contains(canary), "{canary} in {}", people.stdout);
    }
}

#[test]
fn looking_changes_nothing() {
    let world = tidy();
    fs::remove_dir_all(world.path("state")).unwrap();
    let before = everything(&world);
    let (code, checks) = examined(&world);
    assert_eq!(code, 0, "{:#?}", with_outcome(&checks, "failed"));
    assert_eq!(everything(&world), before);
    assert!(!world.path("state").exists() && !world.path("outbox").exists());
    let world = tidy();
    world.scan(NOW);
    world.run(&["doctor"]);
    let before = everything(&world);
    world.run(&["doctor"]);
    world.run(&["status"]);
    assert_eq!(everything(&world).into_keys().collect::<Vec<_>>(), before.clone().into_keys().collect::<Vec<_>>());
    for (path, now) in everything(&world) {
        // The index of a write-ahead log is touched by whoever reads a store in use; nothing else is.
        assert!(before[&path] == now || path.ends_with("purposed.db-shm"), "{}", path.display());
    }
}

#[test]
fn what_others_may_see_or_change_is_told() {
    let world = tidy();
    world.scan(NOW);
    restrict(&world.path("state"), 0o755);
    restrict(&world.path("state/purposed.db"), 0o644);
    restrict(&world.path("purposed.toml"), 0o666);
    restrict(&world.path("register/datasets.toml"), 0o666);
    restrict(&world.path("register"), 0o777);
    let (code, checks) = examined(&world);
    let failed = with_outcome(&checks, "failed");
    assert_eq!(code, 1);
    assert!(has(&failed, "state` has mode 0755") && has(&failed, "purposed.db` has mode 0644"), "{failed:#?}");
    assert!(has(&failed, "purposed.toml` can be changed by everybody"), "{failed:#?}");
    assert!(has(&failed, "register/datasets.toml` can be changed by everybody"), "{failed:#?}");
    assert!(has(&failed, "register` can be changed by everybody"), "{failed:#?}");
    restrict(&world.path("state/digest.key"), 0o644);
    let failed = with_outcome(&examined(&world).1, "failed");
    assert!(has(&failed, "can be read by other users"), "{failed:#?}");
}

#[test]
fn a_missing_source_and_a_broken_configuration_fail() {
    let world = tidy();
    fs::rename(world.path("data/monitor"), world.path("data/elsewhere")).unwrap();
    let (code, checks) = examined(&world);
    assert_eq!(code, 1);
    let failed = with_outcome(&checks, "failed");
    assert_eq!(failed.len(), 1, "{failed:#?}");
    assert!(failed[0].contains("root `pbx` cannot be opened: it is not there"), "{failed:#?}");
    world.append("register/datasets.toml", "\nnonsense = 1\n");
    let (code, checks) = examined(&world);
    assert_eq!((code, with_outcome(&checks, "failed").len()), (1, 1));
    assert!(has(&with_outcome(&checks, "ok"), "purposed 0."), "{checks:#?}");
}

#[test]
fn a_chain_that_is_shorter_than_it_looks_is_told() {
    let world = tidy();
    let register = fs::read_to_string(world.path("register/organisation.toml")).unwrap();
    let short = register
        .replace("support-deputy@example.co.jp", "Support-PIC@example.co.jp")
        .replace("person_in_charge = \"people-pic\"", "person_in_charge = \"manager\"")
        .replace("time_zone =", "auditor = \"manager\"\ntime_zone =");
    world.write("register/organisation.toml", short);
    let (code, checks) = examined(&world);
    let warnings = with_outcome(&checks, "warning");
    assert_eq!(code, 0, "{:#?}", with_outcome(&checks, "failed"));
    assert!(has(&warnings, "`support`: the deputy is the person in charge"), "{warnings:#?}");
    assert!(has(&warnings, "`people`: the person in charge is the privacy manager"), "{warnings:#?}");
    assert!(has(&warnings, "the auditor is the privacy manager"), "{warnings:#?}");
    assert!(has(&warnings, "no holidays are known"), "{warnings:#?}");
}

/// A mail server for one conversation, which ends with what the client said.
fn mail_server(greeting: &'static str) -> (u16, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let talking = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let lines = BufReader::new(stream.try_clone().unwrap()).lines();
        write!(stream, "{greeting}\r\n").unwrap();
        let mut said = Vec::new();
        for line in lines.map_while(Result::ok) {
            let reply = match line.split(' ').next().unwrap_or_default() {
                "EHLO" => "250-mail.example.test\r\n250 AUTH PLAIN",
                "AUTH" if line.ends_with("AHB1cnBvc2VkAHJpZ2h0") => "235 2.7.0 welcome",
                "AUTH" => "535 5.7.8 wrong password for purposed@example.co.jp",
                _ => "221 bye",
            };
            said.push(line);
            if write!(stream, "{reply}\r\n").is_err() {
                break;
            }
        }
        said
    });
    (port, talking)
}

fn with_smtp(world: &World, port: u16, password: &str) {
    world.write("smtp-password", password);
    restrict(&world.path("smtp-password"), 0o600);
    let config = fs::read_to_string(world.path("purposed.toml")).unwrap();
    let start = config.find("[mail.maildir]").unwrap();
    let end = config.find("[roots]").unwrap();
    let smtp = format!(
        "[mail.smtp]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\nuser = \"purposed\"\n\
         password = {{ file = \"smtp-password\" }}\n\n"
    );
    world.write("purposed.toml", format!("{}{smtp}{}", &config[..start], &config[end..]));
}

#[test]
fn the_mail_server_is_tried_up_to_the_login() {
    let world = tidy();
    let (port, talking) = mail_server("220 mail.example.test ESMTP");
    with_smtp(&world, port, "right\n");
    let (code, checks) = examined(&world);
    assert_eq!(code, 0, "{:#?}", with_outcome(&checks, "failed"));
    let fine = with_outcome(&checks, "ok");
    assert!(has(
        &fine,
        &format!("the mail server `127.0.0.1:{port}` answers on this machine, and the login is accepted")
    ));
    let said = talking.join().unwrap();
    assert!(said.iter().any(|line| line.starts_with("AUTH")) && said.last().unwrap() == "QUIT", "{said:?}");
    assert!(said.iter().all(|line| !line.starts_with("MAIL") && !line.starts_with("RCPT")), "{said:?}");
}

#[test]
fn a_mail_server_that_refuses_or_is_not_there_fails() {
    let world = tidy();
    let (port, talking) = mail_server("220 mail.example.test ESMTP");
    with_smtp(&world, port, "wrong");
    let (code, checks) = examined(&world);
    let failed = with_outcome(&checks, "failed");
    assert_eq!(code, 1);
    assert!(has(&failed, "refused the login with 535 5.7.8") && !has(&failed, "example.co.jp"), "{failed:#?}");
    talking.join().unwrap();
    // Nobody listens there any more.
    let failed = with_outcome(&examined(&world).1, "failed");
    assert!(has(&failed, "the mail server could not be reached"), "{failed:#?}");
    restrict(&world.path("smtp-password"), 0o644);
    let failed = with_outcome(&examined(&world).1, "failed");
    assert!(has(&failed, "smtp-password` can be read by everybody"), "{failed:#?}");
}

#[test]
fn status_says_how_everything_stands() {
    let world = tidy();
    assert_eq!(world.run(&["status"]).code, 1, "there is no store yet");
    let scan = world.scan(NOW);
    let answer = world.run(&["status", "--now", NOW]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let steady = answer.stdout.lines().filter(|line| !line.starts_with(" store: ") && !line.starts_with(" evidence: "));
    insta::assert_snapshot!(steady.map(|line| format!("{line}\n")).collect::<String>());
    let json: Json = serde_json::from_str(&world.run(&["status", "--now", NOW, "--format", "json"]).stdout).unwrap();
    assert_eq!((&json["version"], &json["daemon"]), (&Json::from(1), &Json::from("stopped")));
    let findings = |of: &Json| of["findings"].as_array().unwrap().len() as u64;
    let datasets = json["datasets"].as_array().unwrap();
    let shown: u64 = datasets.iter().map(|dataset| dataset["findings"].as_u64().unwrap()).sum();
    assert_eq!(shown, findings(&scan));
    assert_eq!(json["letters"]["accepted"].as_u64(), Some(world.letters().len() as u64));
    let later = world.run(&["status", "--now", "2027-03-05T12:00:00+09:00", "--format", "json"]);
    let later: Json = serde_json::from_str(&later.stdout).unwrap();
    let datasets = later["datasets"].as_array().unwrap();
    let calls = datasets.iter().find(|dataset| dataset["dataset"] == "support-recordings").unwrap();
    assert_eq!(calls["overdue_since"], "2027-03-05T02:30:00+09:00");
    assert!(json["datasets"].as_array().unwrap().iter().all(|dataset| dataset["overdue_since"].is_null()), "{json}");
}
