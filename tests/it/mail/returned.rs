//! Letters that come back: what a report does that is about one of ours, and what a forged one does not.

use super::super::world::World;
use super::company::{DEPUTY, MANAGER, company, smtp, unreachable};
use super::scripted::{Scripted, Trick};

/// Nothing falls due between these, so that no finding changes.
const NOW: &str = "2027-02-28T12:05:00+09:00";
const LATER: &str = "2027-02-28T12:35:00+09:00";
const LATER_STILL: &str = "2027-02-28T13:05:00+09:00";

fn report(to: &str, action: &str, status: &str) -> String {
    format!(
        "Return-Path: <>\nDelivered-To: {to}\nFrom: MAILER-DAEMON@mail.example.net\nTo: {to}\nSubject: canary\n\
         MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\
         Content-Type: text/plain\n\ncanary\n--b\nContent-Type: message/delivery-status\n\n\
         Reporting-MTA: dns; mail.example.net\n\nFinal-Recipient: rfc822; canary@example.net\nAction: {action}\n\
         Status: {status}\n\n--b--\n"
    )
}

/// The company after its first scan, with a mailbox that letters come back to; and the server that took them.
fn written_to() -> (World, Scripted) {
    let server = Scripted::start(|_| Trick::None);
    let bounces = "[mail.bounces]\naddress = \"bounces@example.co.jp\"\nmaildir = \"returned\"\n";
    let world = company(&format!("{}{bounces}", smtp(server.port)));
    for folder in ["new", "cur", "tmp"] {
        std::fs::create_dir_all(world.path("returned").join(folder)).unwrap();
    }
    world.scan(NOW);
    (world, server)
}

/// The signed sender of the letter to this recipient.
fn sender(server: &Scripted, recipient: &str) -> String {
    let taken = server.taken().into_iter().find(|taken| taken.recipient == recipient).unwrap();
    assert!(taken.text.contains("<privacy-office@example.co.jp>\n"), "{}", taken.text);
    taken.sender
}

#[test]
fn a_letter_that_comes_back_is_told_to_somebody_else_at_the_next_scan() {
    let (world, server) = written_to();
    let to = sender(&server, "support-pic@example.co.jp");
    assert!(to.starts_with("bounces+") && to.ends_with("@example.co.jp") && to.find('@').unwrap() <= 64, "{to}");
    world.write("returned/new/1.mail", report(&to, "failed", "5.1.1"));
    let before = world.files("returned");
    let answer = world.run(&["scan", "--now", LATER, "--format", "json"]);
    assert!(!answer.stderr.contains("canary") && !answer.stderr.contains('@'), "{}", answer.stderr);
    let why = "a letter came back with 5.1.1".to_owned();
    assert_eq!(unreachable(&world, LATER), [("support-pic".to_owned(), "bounced".to_owned(), why)]);
    assert_eq!((server.confirmed(DEPUTY), server.confirmed(MANAGER)), (1, 0));
    assert_eq!(world.files("returned"), before, "the mailbox is only read");
    // The same again, and once more under another name: nothing.
    world.write("returned/cur/2.mail:2,S", report(&to, "failed", "5.1.1"));
    world.scan(LATER_STILL);
    assert_eq!((server.confirmed(DEPUTY), server.taken().len()), (1, 6));
    // Somebody puts the mailbox right; the old report says nothing new.
    assert_eq!(world.run(&["recipients", "retry", "support-pic", "--now", LATER_STILL]).code, 0);
    world.write("returned/new/3.mail", report(&to, "failed", "5.1.1"));
    world.scan("2027-02-28T13:35:00+09:00");
    assert_eq!(unreachable(&world, "2027-02-28T13:35:00+09:00"), []);
    assert_eq!(server.confirmed("support-pic@example.co.jp"), 2, "they are told what they have missed");
    assert_eq!(world.run(&["evidence", "verify"]).code, 0);
}

#[test]
fn what_is_forged_or_old_has_no_effect() {
    let (world, server) = written_to();
    let to = sender(&server, "support-pic@example.co.jp");
    let (user, domain) = to.split_once('@').unwrap();
    let (number, code) = user.split_once('.').unwrap();
    let flipped = if code.starts_with('a') { "b" } else { "a" };
    let others = sender(&server, "people-pic@example.co.jp");
    let others_code = others.split(['.', '@']).nth(1).unwrap();
    for (file, address) in [
        ("1", format!("{number}.{flipped}{}@{domain}", &code[1..])),
        ("2", format!("{number}.{others_code}@{domain}")),
        ("3", format!("bounces+9999.{code}@{domain}")),
        ("4", format!("bounces@{domain}")),
        ("5", format!("bounces+-1.{code}@{domain}")),
    ] {
        world.write(&format!("returned/new/{file}"), report(&address, "failed", "5.1.1"));
    }
    world.write("returned/new/6", "Subject: out of office\n\nStatus: 5.1.1\n");
    let answer = world.run(&["scan", "--now", LATER]);
    assert!(answer.stderr.contains("forged=5"), "{}", answer.stderr);
    assert!(!answer.stderr.contains("canary") && !answer.stderr.contains('@'), "{}", answer.stderr);
    assert_eq!(unreachable(&world, LATER), []);
    // A real one that comes three weeks late.
    world.write("returned/new/7", report(&to, "failed", "5.1.1"));
    let late = "2027-03-21T12:00:00+09:00";
    let answer = world.run(&["scan", "--now", late]);
    assert!(answer.stderr.contains("expired=1"), "{}", answer.stderr);
    assert_eq!(unreachable(&world, late), []);
}

#[test]
fn what_passes_is_noted_and_what_is_no_proof_lapses() {
    let (world, server) = written_to();
    for (number, (recipient, action, status)) in [
        ("support-pic@example.co.jp", "delayed", "4.4.1"),
        ("people-pic@example.co.jp", "failed", "5.4.4"),
        ("marketing-pic@example.co.jp", "failed", "5.7.1"),
        ("facilities-pic@example.co.jp", "delivered", "2.0.0"),
    ]
    .into_iter()
    .enumerate()
    {
        world.write(&format!("returned/new/{number}"), report(&sender(&server, recipient), action, status));
    }
    world.scan(LATER);
    let why = "a letter came back with 5.7.1".to_owned();
    assert_eq!(unreachable(&world, LATER), [("marketing-pic".to_owned(), "blocked".to_owned(), why)]);
    assert_eq!(server.confirmed(MANAGER), 1);
    assert_eq!(unreachable(&world, "2027-03-07T12:35:00+09:00"), []);
}

#[test]
fn a_mailbox_that_cannot_be_read_is_said_and_stops_no_scan() {
    let (world, _server) = written_to();
    std::fs::remove_dir_all(world.path("returned")).unwrap();
    let answer = world.run(&["scan", "--now", LATER]);
    assert_eq!(answer.code, 0, "as without it: {}", answer.stderr);
    assert!(answer.stderr.contains("the mailbox of returned messages cannot be read"), "{}", answer.stderr);
}
