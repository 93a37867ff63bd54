//! Letters as a register's own `[letters]`, an answer and a first scan that waits change them.

use crate::world::{NOW, World, finding_id};

/// How many letters there are to an address.
fn to(world: &World, address: &str) -> usize {
    world.letters().iter().filter(|letter| letter.lines().any(|line| line == format!("To: {address}"))).count()
}

fn rewrite(world: &World, file: &str, change: impl Fn(String) -> String) {
    let text = std::fs::read_to_string(world.path(file)).unwrap();
    world.write(file, change(text));
}

#[test]
fn where_a_send_time_is_written_a_scan_at_night_mails_nobody() {
    let world = World::contract();
    world.append("register/organisation.toml", "\n[letters]\nsend = \"09:00\"\n");
    world.scan("2027-03-01T02:30:00+09:00");
    assert_eq!(world.letters().len(), 0);
    world.scan("2027-03-01T09:05:00+09:00");
    let morning = world.letters().len();
    assert!(morning > 0);
    world.scan("2027-03-01T09:06:00+09:00");
    assert_eq!(world.letters().len(), morning, "the digest has left");
}

#[test]
fn an_answer_is_kept_and_shown_and_stops_the_letters() {
    let world = World::contract();
    let scan = world.scan(NOW);
    let id = finding_id(&scan, "applicants", "expired");
    let before = to(&world, "people-pic@example.co.jp");
    assert_eq!(before, 1);
    let answer = world.run(&["acknowledge", &id, "--by", "people-pic", "--until", "2027-04-30", "--now", NOW]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(answer.stdout.replace(&id, "F-ID"));
    let shown = world.run(&["findings", "applicants"]).stdout;
    assert!(shown.contains("people-pic answers for it: until 2027-04-30"), "{shown}");
    let later = world.scan("2027-03-15T12:00:00+09:00");
    let state = |scan: &serde_json::Value| {
        let findings = scan["findings"].as_array().unwrap().clone();
        findings.into_iter().find(|finding| finding["id"] == id.as_str()).unwrap()["state"].clone()
    };
    assert_eq!(state(&later), "acknowledged");
    assert_eq!(to(&world, "people-pic@example.co.jp"), before, "no repeat after a week");
    let passed = world.scan("2027-05-01T12:00:00+09:00");
    assert_eq!(state(&passed), "open");
    assert!(to(&world, "people-pic@example.co.jp") > before, "the day has passed");
    assert_eq!(world.run(&["evidence", "verify"]).code, 0);
}

#[test]
fn a_wrong_answer_is_refused_with_a_hint() {
    let world = World::contract();
    let id = finding_id(&world.scan(NOW), "applicants", "expired");
    let refused = [
        world.run(&["acknowledge", &id, "--by", "marketing-pic", "--until", "2027-04-30", "--now", NOW]),
        world.run(&["acknowledge", &id, "--by", "people-pic", "--until", "2027-02-28", "--now", NOW]),
        world.run(&["acknowledge", &id, "--by", "people-pic", "--until", "soon", "--now", NOW]),
    ];
    assert!(refused.iter().all(|answer| answer.code == 2));
    let messages: Vec<String> = refused.into_iter().map(|answer| answer.stderr.replace(&id, "F-ID")).collect();
    insta::assert_snapshot!(messages.join(""));
}

#[test]
fn the_letters_of_a_first_scan_wait_for_the_manager() {
    let world = World::contract();
    rewrite(&world, "register/datasets.toml", |text| {
        text.replace("[datasets.applicants]\n", "[datasets.applicants]\nbaseline = true\n")
    });
    world.scan(NOW);
    assert_eq!(to(&world, "people-pic@example.co.jp"), 0);
    assert_eq!(to(&world, "privacy-manager@example.co.jp"), 1);
    world.scan("2027-03-01T12:00:00+09:00");
    assert_eq!(to(&world, "people-pic@example.co.jp"), 0, "the second scan does not release them");
    let answer = world.run(&["confirm", "applicants", "--now", "2027-03-02T12:00:00+09:00"]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    assert_eq!(answer.stdout, "confirmed: whoever answers for `applicants` is told\n");
    assert_eq!(to(&world, "people-pic@example.co.jp"), 1);
    assert_eq!(world.run(&["confirm", "applicants", "--now", "2027-03-03T12:00:00+09:00"]).code, 2);
}

#[test]
fn a_dataset_that_leaves_the_register_without_a_word_is_told_to_the_manager() {
    let world = World::contract();
    world.scan(NOW);
    let datasets = std::fs::read_to_string(world.path("register/datasets.toml")).unwrap();
    let start = datasets.find("# A period that runs on to the end").unwrap();
    world.write("register/datasets.toml", &datasets[..start]);
    let before = to(&world, "privacy-manager@example.co.jp");
    let scan = world.scan("2027-03-01T12:00:00+09:00");
    let findings = scan["findings"].as_array().unwrap();
    assert!(findings.iter().any(|found| found["dataset"] == "applicants" && found["reason"] == "unregistered"));
    assert_eq!(to(&world, "privacy-manager@example.co.jp"), before + 1);
    world.write("register/datasets.toml", datasets);
    let scan = world.scan("2027-03-02T12:00:00+09:00");
    assert!(scan["findings"].as_array().unwrap().iter().all(|found| found["reason"] != "unregistered"));
}
