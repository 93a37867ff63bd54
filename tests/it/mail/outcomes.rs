//! What becomes of the company's letters when its mail server misbehaves: the whole program, at instants that the
//! test chooses.

use super::super::world::World;
use super::company::{DEPUTY, MANAGER, RECIPIENTS, company, rewrite, smtp, unreachable};
use super::scripted::{Point, Scripted, Step, Trick};
use serde_json::Value;
use std::time::{Duration, Instant};

/// Nothing falls due between these, so that no finding changes.
const NOW: &str = "2027-02-28T12:05:00+09:00";
const LATER: &str = "2027-02-28T12:35:00+09:00";
const LATER_STILL: &str = "2027-02-28T13:05:00+09:00";

/// Each of the five has exactly one letter that the server said it took.
fn expect_each_once(server: &Scripted) {
    for recipient in RECIPIENTS {
        assert_eq!(server.confirmed(recipient), 1, "{recipient}: {:?}", server.commands());
    }
}

fn nothing_is_altered(world: &World) {
    assert_eq!(world.run(&["evidence", "verify"]).code, 0);
}

#[test]
fn of_five_recipients_four_are_delivered_once_and_one_is_escalated() {
    let server = Scripted::start(|point: &Point| match (point.step, point.recipient.as_str(), point.visit) {
        (Step::Recipient, "support-pic@example.co.jp", 1) => Trick::Say("451 4.3.2 <support-pic@example.co.jp> later"),
        (Step::Recipient, "facilities-pic@example.co.jp", 1) => Trick::Say("421 4.3.2 going down"),
        (Step::Recipient, "billing-pic@example.co.jp", _) => Trick::Say("550 5.1.1 <billing-pic@example.co.jp> canary"),
        _ => Trick::None,
    });
    let world = company(&smtp(server.port));
    world.scan(NOW);
    assert_eq!(server.taken().len(), 2);
    let why = "the mail server refused the recipient with 550 5.1.1".to_owned();
    assert_eq!(unreachable(&world, NOW), [("billing-pic".to_owned(), "refused".to_owned(), why)]);
    world.scan(LATER);
    world.scan(LATER_STILL);
    for recipient in &RECIPIENTS[1..] {
        assert_eq!(server.confirmed(recipient), 1, "{recipient}");
    }
    assert_eq!(server.visits(RECIPIENTS[0]), 1, "what was refused for good is not sent again");
    assert_eq!(server.confirmed(MANAGER), 1, "there is no deputy: the manager is told instead, once");
    nothing_is_altered(&world);
}

#[test]
fn where_there_is_a_deputy_the_deputy_is_told_instead() {
    let server = Scripted::start(|point: &Point| match (point.step, point.recipient.as_str()) {
        (Step::Recipient, "support-pic@example.co.jp") => Trick::Say("550 5.1.1 unknown"),
        _ => Trick::None,
    });
    let world = company(&smtp(server.port));
    world.scan(NOW);
    world.scan(LATER);
    assert_eq!((server.confirmed(DEPUTY), server.confirmed(MANAGER)), (1, 0));
    // The address is put right: whoever was not reached is told anew, and nobody else.
    let before = server.taken().len();
    rewrite(&world, "register/organisation.toml", |text| {
        text.replace("email = \"support-pic@example.co.jp\"", "email = \"support-lead@example.co.jp\"")
    });
    assert_eq!(unreachable(&world, LATER), []);
    world.scan(LATER_STILL);
    assert_eq!(server.confirmed("support-lead@example.co.jp"), 1);
    assert_eq!(server.taken().len(), before + 1);
    nothing_is_altered(&world);
}

#[test]
fn somebody_can_be_written_to_again() {
    let server = Scripted::start(|point: &Point| match (point.step, point.recipient.as_str(), point.visit) {
        (Step::Recipient, "support-pic@example.co.jp", 1) => Trick::Say("550 5.1.1 unknown"),
        _ => Trick::None,
    });
    let world = company(&smtp(server.port));
    world.scan(NOW);
    let table = world.run(&["recipients", "--now", NOW]);
    insta::assert_snapshot!(table.stdout);
    assert_eq!(world.run(&["recipients", "retry", "suport-pic", "--now", LATER]).code, 2);
    let answer = world.run(&["recipients", "retry", "support-pic", "--now", LATER]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    assert_eq!(answer.stdout, "`support-pic` is written to again, at `support-pic@example.co.jp`\n");
    assert_eq!(world.run(&["recipients", "retry", "support-pic", "--now", LATER]).code, 2, "they are not marked now");
    assert_eq!(world.run(&["recipients", "--now", LATER]).stdout, " letters reach everybody\n");
    world.scan(LATER_STILL);
    assert_eq!(server.confirmed("support-pic@example.co.jp"), 1);
    nothing_is_altered(&world);
}

#[test]
fn a_server_that_takes_the_dot_and_is_gone_gets_the_same_message_again() {
    let server = Scripted::start(|point: &Point| {
        let first = point.recipient == "support-pic@example.co.jp" && point.visit == 1;
        if point.step == Step::Dot && first { Trick::Close } else { Trick::None }
    });
    let world = company(&smtp(server.port));
    world.scan(NOW);
    world.scan(LATER);
    expect_each_once(&server);
    let ids: Vec<String> = server
        .taken()
        .into_iter()
        .filter(|taken| taken.recipient == "support-pic@example.co.jp")
        .map(|taken| taken.message_id)
        .collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1], "the recipient's mail program knows the second one");
    assert!(ids[0].contains("@example.co.jp"), "{ids:?}");
}

#[test]
fn one_that_hangs_delays_nobody_else() {
    for step in [Step::Connect, Step::Hello, Step::Sender, Step::Data, Step::Dot] {
        let server =
            Scripted::start(
                move |point: &Point| {
                    if point.step == step && point.connection == 0 { Trick::Hang } else { Trick::None }
                },
            );
        let world = company(&smtp(server.port));
        let started = Instant::now();
        world.scan(NOW);
        assert!(started.elapsed() < Duration::from_secs(15), "{step:?}: {:?}", started.elapsed());
        assert_eq!(server.taken().iter().filter(|taken| taken.confirmed).count(), 4, "{step:?}");
        world.scan(LATER);
        expect_each_once(&server);
        assert_eq!(unreachable(&world, LATER), [], "{step:?}");
    }
}

#[test]
fn whatever_else_a_server_does_nothing_is_lost_and_nobody_blamed() {
    let garbage = "250-\u{1}canary\r\n999 what\r\n220 \u{7f}\r\nsupport-pic@example.co.jp";
    let tricks = [
        (Step::Connect, Trick::Late(Duration::from_millis(300))),
        (Step::Connect, Trick::Say(garbage)),
        (Step::Hello, Trick::Say(garbage)),
        (Step::Connect, Trick::Say("554 5.7.1 go away")),
        (Step::Sender, Trick::Say("550 5.1.8 who are you")),
        (Step::Sender, Trick::Close),
        (Step::Recipient, Trick::Say("550 5.7.1 by our rules")),
        (Step::Recipient, Trick::Say("421 4.3.2 going down")),
        (Step::Data, Trick::Close),
        (Step::Dot, Trick::Reset),
        (Step::Dot, Trick::Say("451 4.3.0 no space")),
    ];
    for (step, trick) in tricks {
        let server = Scripted::start(
            move |point: &Point| {
                if point.step == step && point.connection < 5 { trick } else { Trick::None }
            },
        );
        let world = company(&smtp(server.port));
        let answer = world.run(&["scan", "--now", NOW]);
        assert!(!answer.stderr.contains("canary") && !answer.stderr.contains('@'), "{}", answer.stderr);
        world.scan(LATER);
        world.scan(LATER_STILL);
        expect_each_once(&server);
        assert_eq!(unreachable(&world, LATER_STILL), [], "{step:?} {trick:?}");
        nothing_is_altered(&world);
    }
}

#[test]
fn without_the_protection_that_was_asked_for_nothing_is_said() {
    let server = Scripted::start(|_: &Point| Trick::None);
    let world = company(&smtp(server.port).replace("\"none\"", "\"starttls\""));
    world.scan(NOW);
    assert!(server.commands().iter().all(|said| said.starts_with("EHLO") || said == "QUIT"), "{:?}", server.commands());
    assert_eq!(unreachable(&world, NOW), []);
    rewrite(&world, "purposed.toml", |text| text.replace("tls = \"starttls\"", "tls = \"none\""));
    world.scan(LATER);
    expect_each_once(&server);
}

#[test]
fn who_is_put_off_for_five_days_is_given_up_and_somebody_else_told() {
    let server = Scripted::start(|point: &Point| match (point.step, point.recipient.as_str()) {
        (Step::Recipient, "support-pic@example.co.jp") => Trick::Say("451 4.7.1 try later"),
        _ => Trick::None,
    });
    let world = company(&smtp(server.port));
    for time in ["02-28T12:05:00", "03-01T12:05:00", "03-03T12:05:00", "03-05T12:04:59"] {
        let now = format!("2027-{time}+09:00");
        world.scan(&now);
        assert_eq!(unreachable(&world, &now), [], "{time}");
    }
    let late = "2027-03-05T12:05:00+09:00";
    world.scan(late);
    let why = "the mail server refused the recipient with 451 4.7.1".to_owned();
    assert_eq!(unreachable(&world, late), [("support-pic".to_owned(), "given-up".to_owned(), why)]);
    let visits = server.visits("support-pic@example.co.jp");
    world.scan("2027-03-05T13:05:00+09:00");
    assert!(server.confirmed(DEPUTY) >= 1);
    assert_eq!(server.visits("support-pic@example.co.jp"), visits, "nobody writes to them for a week");
    // Then it is tried again, since nothing was proven.
    let a_week_later = "2027-03-12T12:05:00+09:00";
    assert_eq!(unreachable(&world, a_week_later), []);
    for (now, shown) in [(late, 1), (a_week_later, 0)] {
        let status: Value =
            serde_json::from_str(&world.run(&["status", "--format", "json", "--now", now]).stdout).unwrap();
        assert_eq!(status["unreachable"].as_array().map(Vec::len), Some(shown), "`status` shows the same people");
    }
    nothing_is_altered(&world);
}

#[test]
fn a_password_that_cannot_be_read_keeps_letters_back_and_nothing_else() {
    let mail = "[mail.smtp]\nhost = \"localhost\"\nuser = \"purposed\"\npassword = { credential = \"smtp\" }\n";
    let world = company(mail);
    let answer = world.run(&["scan", "--now", NOW, "--format", "json"]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let scan: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert!(!scan["findings"].as_array().unwrap().is_empty());
    assert!(answer.stderr.contains("its letters wait: letters cannot be sent"), "{}", answer.stderr);
    let status: Value = serde_json::from_str(&world.run(&["status", "--format", "json", "--now", NOW]).stdout).unwrap();
    assert_eq!(status["letters"]["queued"], 5);
    let again = world.run(&["scan", "--now", LATER]);
    assert!(again.stdout.contains("not delivered, tried again later: 5"), "{}", again.stdout);
    nothing_is_altered(&world);
}

#[test]
fn a_server_that_is_away_for_days_costs_nobody_their_letters() {
    let server = Scripted::start(|_: &Point| Trick::None);
    // Nobody listens there.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let world = company(&smtp(gone));
    world.scan(NOW);
    let late = "2027-03-05T12:05:00+09:00";
    world.scan(late);
    let causes: Vec<String> = unreachable(&world, late).into_iter().map(|(_, cause, _)| cause).collect();
    assert_eq!(causes, ["no-server"; 5]);
    // It is back: the manager gets what is theirs, and with that everybody is reachable and told anew.
    rewrite(&world, "purposed.toml", |text| {
        text.replace(&format!("port = {gone}"), &format!("port = {}", server.port))
    });
    world.scan("2027-03-05T13:05:00+09:00");
    assert!(server.confirmed(MANAGER) >= 1);
    assert_eq!(unreachable(&world, "2027-03-05T13:05:00+09:00"), []);
    world.scan("2027-03-05T14:00:00+09:00");
    for recipient in RECIPIENTS {
        assert!(server.confirmed(recipient) >= 1, "{recipient}");
    }
}
