//! Privacy: what stands in the data never stands in mails, logs, answers or the store, and the data itself
//! is not touched.

use crate::world::{CANARIES, NOW, World};
use base64::Engine as _;
use std::fs;
use std::os::unix::fs::MetadataExt as _;

/// Whether any canary stands in the bytes, in UTF-8 or CP932.
fn canary_in(bytes: &[u8]) -> Option<&'static str> {
    CANARIES.iter().copied().find(|canary| {
        let (cp932, _, _) = encoding_rs::SHIFT_JIS.encode(canary);
        [canary.as_bytes(), &*cp932].iter().any(|needle| memchr::memmem::find(bytes, needle).is_some())
    })
}

#[test]
fn nothing_of_the_data_leaves_it() {
    let world = World::contract();
    let mut answers = Vec::new();
    for arguments in [
        &["scan", "--now", NOW, "--log-format", "json"][..],
        &["scan", "--now", NOW, "--format", "json"],
        &["findings"],
        &["check", "--connect"],
        &["evidence", "verify"],
    ] {
        answers.push(world.run(arguments));
    }
    for answer in &answers {
        assert_eq!(canary_in(answer.stdout.as_bytes()), None, "{}", answer.stdout);
        assert_eq!(canary_in(answer.stderr.as_bytes()), None, "{}", answer.stderr);
    }
    let kept = [world.files("state"), world.files("outbox")].concat();
    assert!(kept.len() >= 5, "there is a store and there are letters: {kept:?}");
    for file in kept {
        assert_eq!(canary_in(&fs::read(&file).unwrap()), None, "{}", file.display());
        assert_eq!(canary_in(file.to_str().unwrap().as_bytes()), None);
    }
}

#[test]
fn the_data_is_left_as_it_is() {
    let world = World::contract();
    let look = || {
        let files = world.files("data").into_iter();
        files
            .map(|path| {
                let metadata = fs::metadata(&path).unwrap();
                (fs::read(&path).unwrap(), metadata.mtime_nsec(), metadata.ctime_nsec(), metadata.mode(), path)
            })
            .collect::<Vec<_>>()
    };
    let before = look();
    world.scan(NOW);
    world.run(&["check", "--connect"]);
    assert_eq!(look(), before);
}

#[test]
fn letters_are_written_for_people() {
    let world = World::contract();
    world.scan(NOW);
    for (number, letter) in world.letters().iter().enumerate() {
        insta::assert_snapshot!(format!("letter-{}", number + 1), without_chance(letter));
    }
}

/// The letter as its reader sees it: its headers, and its two forms decoded. What differs from run to run (the
/// host's name, the boundary between the forms) is left out.
fn without_chance(letter: &str) -> String {
    let letter = letter.replace("\r\n", "\n");
    let (headers, body) = letter.split_once("\n\n").unwrap();
    let boundary = headers.split("boundary=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let id = headers.split("Message-ID: <").nth(1).and_then(|rest| rest.split('@').next()).unwrap();
    let node = id.trim_start_matches("purposed.").rsplit_once('.').unwrap().0;
    let mut read = headers.replace(&format!("purposed.{node}."), "purposed.NODE.").replace(boundary, "BOUNDARY");
    for part in body.split(&format!("--{boundary}")).filter(|part| part.contains("Content-Type")) {
        let (headers, content) = part.split_once("\n\n").unwrap();
        read.push_str(&format!("\n\n{}\n\n", headers.trim()));
        if headers.contains("base64") {
            let content = base64::engine::general_purpose::STANDARD.decode(content.replace('\n', "")).unwrap();
            read.push_str(&String::from_utf8(content).unwrap().replace("\r\n", "\n"));
        } else {
            read.push_str(content);
        }
    }
    read
}
