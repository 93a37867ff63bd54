//! Commands that need no company: help, presets, schemas, completions, manual pages, and the demo.

use std::process::{Command, Output};

fn purposed(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_purposed")).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn help_tells_what_there_is() {
    let answer = purposed(&["--help"]);
    assert!(answer.status.success());
    insta::assert_snapshot!(text(&answer.stdout));
}

#[test]
fn a_wrong_argument_exits_with_2() {
    assert_eq!(purposed(&["scna"]).status.code(), Some(2));
    assert_eq!(purposed(&["scan", "--now", "yesterday"]).status.code(), Some(2));
}

#[test]
fn presets_are_listed_and_shown() {
    let list = purposed(&["preset", "list"]);
    insta::assert_snapshot!(text(&list.stdout));
    let frigate = purposed(&["preset", "show", "frigate"]);
    assert!(text(&frigate.stdout).contains("start_time"));
    assert_eq!(purposed(&["preset", "show", "frigat"]).status.code(), Some(2));
}

#[test]
fn the_committed_schemas_are_what_the_command_prints() {
    assert_eq!(text(&purposed(&["schema"]).stdout), include_str!("../../config/purposed.schema.json"));
    assert_eq!(text(&purposed(&["schema", "register"]).stdout), include_str!("../../config/register.schema.json"));
    assert_eq!(text(&purposed(&["schema", "preset"]).stdout), include_str!("../../config/preset.schema.json"));
}

#[test]
fn completions_and_manual_pages_are_written() {
    assert!(text(&purposed(&["completions", "bash"]).stdout).contains("_purposed"));
    let folder = tempfile::tempdir().unwrap();
    assert!(purposed(&["man", folder.path().to_str().unwrap()]).status.success());
    let page = std::fs::read_to_string(folder.path().join("purposed-scan.1")).unwrap();
    assert!(page.contains("dry"), "{page}");
}

#[test]
fn the_demo_finds_something_under_every_rule_and_every_act_it_names_works() {
    let folder = tempfile::tempdir().unwrap();
    let company = folder.path().join("company");
    let answer = purposed(&["demo", "--folder", company.to_str().unwrap()]);
    let shown = text(&answer.stdout);
    assert!(answer.status.success(), "{}", text(&answer.stderr));
    for rule in ["retention: expired", "purpose: outside", "consent: missing", "provenance: incomplete"] {
        assert!(shown.contains(rule), "{rule} is not in\n{shown}");
    }
    let tries: Vec<&str> = shown.lines().filter_map(|line| line.trim().strip_prefix("purposed ")).collect();
    assert!(tries.len() >= 5, "{shown}");
    for words in tries {
        let ended = purposed(&words.split(' ').collect::<Vec<_>>());
        assert!(ended.status.success(), "`purposed {words}`: {}", text(&ended.stderr));
    }
    assert_eq!(purposed(&["demo", "--folder", company.to_str().unwrap()]).status.code(), Some(1));
}
