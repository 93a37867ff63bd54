//! A conversation with Debian's Postfix, started for this test by `tests/mail-server`.

use super::{company, expect_letter, message, smtp};
use purposed::config::Tls;
use purposed::domain::letter::Delivery;
use purposed::mail::{TimeLimits, Transport};
use purposed::secret::Secret;
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mail-server");

/// A running server; stopped when dropped.
struct Server(BTreeMap<String, String>);

impl Server {
    /// Starts one. Nothing where none can run: Postfix wants root, or sudo that asks no password.
    #[expect(clippy::print_stderr, reason = "a conversation that is left out is said aloud")]
    fn start() -> Option<Self> {
        let output = Command::new(SCRIPT).arg("start").output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        if output.status.code() == Some(77) {
            eprintln!("no real mail server here: {said}");
            return None;
        }
        assert!(output.status.success(), "{said}");
        let settings = String::from_utf8(output.stdout).unwrap();
        let settings = settings.lines().filter_map(|line| line.split_once('='));
        Some(Self(settings.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()))
    }

    fn port(&self, name: &str) -> u16 {
        self.0[name].parse().unwrap()
    }

    fn transport(&self, port: &str, tls: Tls, password: Option<&str>) -> Transport {
        let authority = std::fs::read(&self.0["authority"]).unwrap();
        let settings = smtp(self.port(port), tls, password.map(|_| self.0["user"].as_str()));
        Transport::with(&settings, password.map(Secret::new), TimeLimits::default(), Some(&authority)).unwrap()
    }

    /// The messages that were delivered, as Python's parser reads them, once there are `count`.
    fn messages(&self, count: usize) -> Vec<Value> {
        for _ in 0..100 {
            let output = Command::new(SCRIPT).args(["messages", &self.0["folder"]]).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let messages: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
            if messages.len() >= count {
                return messages;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("the server did not deliver {count} messages");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let stopped = Command::new(SCRIPT).args(["stop", &self.0["folder"]]).status();
        assert!(stopped.is_ok_and(|status| status.success()), "the mail server was not stopped");
    }
}

fn kind(delivery: &Delivery) -> &'static str {
    match delivery {
        Delivery::Accepted => "accepted",
        Delivery::Transient(_) => "transient",
        Delivery::Unavailable(_) => "unavailable",
        Delivery::Permanent(_) => "permanent",
        Delivery::Rejected(_) => "rejected",
        Delivery::Unknown(_) => "unknown",
    }
}

async fn send(transport: &Transport, to: &str, id: &str) -> Delivery {
    transport.deliver(None, to, &message(to, id), id).await
}

#[tokio::test]
async fn a_real_mail_server_takes_the_letters() {
    let Some(server) = Server::start() else { return };
    let password = server.0["password"].clone();
    let starttls = server.transport("starttls", Tls::Starttls, Some(&password));

    // Five recipients, each with an outcome of their own.
    let outcomes = [
        ("sato-pic@example.co.jp", "accepted"),
        ("busy@example.co.jp", "transient"),
        ("nobody@example.co.jp", "permanent"),
        ("elsewhere@example.net", "transient"),
        ("mori-pic@example.co.jp", "accepted"),
    ];
    for (number, (to, expected)) in outcomes.into_iter().enumerate() {
        let delivery = send(&starttls, to, &format!("letter-{number}@purposed.example.co.jp")).await;
        assert_eq!(kind(&delivery), expected, "{to}: {delivery:?}");
        assert!(!format!("{delivery:?}").contains('@'), "{delivery:?}");
    }

    let tls = server.transport("tls", Tls::Tls, Some(&password));
    assert_eq!(send(&tls, "ueda-pic@example.co.jp", "letter-5@purposed.example.co.jp").await, Delivery::Accepted);
    let plain = server.transport("plain", Tls::None, None);
    assert_eq!(send(&plain, "abe-pic@example.co.jp", "letter-6@purposed.example.co.jp").await, Delivery::Accepted);

    refusals_before_the_letter(&server).await;

    let mut seen: Vec<(String, Value)> = server
        .messages(4)
        .into_iter()
        .map(|message| (message["headers"]["to"][0].as_str().unwrap().to_owned(), message))
        .collect();
    seen.sort_by(|left, right| left.0.cmp(&right.0));
    let expected = [("abe", 6), ("mori", 4), ("sato", 0), ("ueda", 5)];
    assert_eq!(seen.len(), expected.len(), "each letter once");
    for ((to, message), (name, number)) in seen.iter().zip(expected) {
        assert_eq!(*to, format!("{name}-pic@example.co.jp"));
        expect_letter(message, to, &format!("letter-{number}@purposed.example.co.jp"));
    }
}

/// The whole program and a real server: who is unknown there comes back, and somebody else is told.
#[test]
fn a_letter_that_a_real_mail_server_returns_is_told_to_the_manager() {
    let Some(server) = Server::start() else { return };
    let bounces =
        format!("[mail.bounces]\naddress = \"bounces@example.co.jp\"\nmaildir = \"{}\"\n", server.0["bounces"]);
    let patient = company::smtp(server.port("late")).replace("time_limit_seconds = 2", "time_limit_seconds = 60");
    let world = company::company(&format!("{patient}{bounces}"));
    company::rewrite(&world, "register/billing.toml", |text| text.replace("billing-pic@", "nobody@"));
    let now = |minute: u32| format!("2027-02-28T12:{minute:02}:00+09:00");
    world.scan(&now(5));
    let to = |messages: &[Value]| -> Vec<String> {
        let mut to: Vec<String> =
            messages.iter().map(|message| message["headers"]["to"][0].as_str().unwrap().to_owned()).collect();
        to.sort();
        to
    };
    assert_eq!(to(&server.messages(4)), &company::RECIPIENTS[1..], "the server took all five, and delivered four");
    // The report is on its way; each scan looks for it.
    let mut marked = Vec::new();
    for minute in 6..50 {
        world.scan(&now(minute));
        marked = company::unreachable(&world, &now(minute));
        if !marked.is_empty() {
            break;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    let why = "a letter came back with 5.1.1".to_owned();
    assert_eq!(marked, [("billing-pic".to_owned(), "bounced".to_owned(), why)]);
    let delivered = to(&server.messages(5));
    assert_eq!(delivered.iter().filter(|to| *to == company::MANAGER).count(), 1, "{delivered:?}");
    assert_eq!(delivered.len(), 5, "each letter once: {delivered:?}");
    assert_eq!(world.run(&["evidence", "verify"]).code, 0);
}

/// What is wrong with the settings rather than with a letter leaves the letter in the outbox.
async fn refusals_before_the_letter(server: &Server) {
    let to = "sato-pic@example.co.jp";
    let id = "letter-9@purposed.example.co.jp";
    let wrong = server.transport("starttls", Tls::Starttls, Some("wrong"));
    let delivery = send(&wrong, to, id).await;
    assert_eq!(delivery, Delivery::Unavailable("the mail server refused the login with 535 5.7.8".to_owned()));

    let stranger = Transport::new(&smtp(server.port("starttls"), Tls::Starttls, None), None).unwrap();
    let delivery = send(&stranger, to, id).await;
    assert!(matches!(&delivery, Delivery::Unavailable(text) if text.contains("not trusted here")), "{delivery:?}");
    let stranger = Transport::new(&smtp(server.port("tls"), Tls::Tls, None), None).unwrap();
    let delivery = send(&stranger, to, id).await;
    assert!(matches!(&delivery, Delivery::Unavailable(text) if text.contains("not trusted here")), "{delivery:?}");
}
