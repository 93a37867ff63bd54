//! A mail server that plays one trick at one step of the conversation, and what becomes of the letter.

use super::scripted::{Scripted, Step, Trick};
use super::{message, smtp};
use purposed::config::Tls;
use purposed::domain::letter::Delivery;
use purposed::mail::{TimeLimits, Transport};
use std::net::TcpListener;
use std::time::{Duration, Instant};

const TO: &str = "support-pic@example.co.jp";
const ID: &str = "letter-1.osaka@purposed.example.co.jp";

fn limits() -> TimeLimits {
    TimeLimits {
        connect: Duration::from_secs(5),
        ready: Duration::from_millis(500),
        whole: Duration::from_secs(1),
        farewell: Duration::from_millis(200),
    }
}

/// A server that plays one trick at one step.
fn server(step: Step, trick: Trick) -> Scripted {
    Scripted::start(move |point| if point.step == step { trick } else { Trick::None })
}

fn confirmed(server: &Scripted) -> usize {
    server.taken().iter().filter(|taken| taken.confirmed).count()
}

/// Delivers to a server with this trick; how it ended, and how often the server took the message.
async fn deliver(step: Step, trick: Trick) -> (Delivery, usize) {
    let server = server(step, trick);
    let transport = Transport::with(&smtp(server.port, Tls::None, None), None, limits(), None).unwrap();
    let delivery = transport.deliver(None, TO, &message(TO, ID), ID).await;
    (delivery, confirmed(&server))
}

fn text(delivery: &Delivery) -> &str {
    match delivery {
        Delivery::Accepted => "accepted",
        Delivery::Transient(text)
        | Delivery::Unavailable(text)
        | Delivery::Permanent(text)
        | Delivery::Rejected(text)
        | Delivery::Unknown(text) => text,
    }
}

/// Whether the letter waits, and whether anything is known of its recipient.
fn expect_waiting(delivery: &Delivery, step: Step) {
    let speaks_of_the_recipient = matches!(step, Step::Recipient | Step::Data | Step::Dot);
    let (waits, known) = match delivery {
        Delivery::Transient(_) => (true, true),
        Delivery::Unavailable(_) => (true, false),
        _ => (false, false),
    };
    assert!(waits && known == speaks_of_the_recipient, "{step:?}: {delivery:?}");
}

#[tokio::test]
async fn a_server_that_behaves_takes_the_message_once() {
    assert_eq!(deliver(Step::Dot, Trick::None).await, (Delivery::Accepted, 1));
}

#[tokio::test]
async fn a_refusal_for_now_is_tried_again() {
    for step in [Step::Connect, Step::Hello, Step::Sender, Step::Recipient, Step::Data, Step::Dot] {
        let (delivery, taken) = deliver(step, Trick::Say("451 4.3.2 <support-pic@example.co.jp> later")).await;
        expect_waiting(&delivery, step);
        assert!(text(&delivery).ends_with("451 4.3.2"), "{step:?}: {delivery:?}");
        assert_eq!(taken, 0);
    }
}

#[tokio::test]
async fn a_refusal_for_good_ends_it_once_the_letter_is_talked_about() {
    for step in [Step::Recipient, Step::Data, Step::Dot] {
        let (delivery, taken) = deliver(step, Trick::Say("550 5.1.1 <support-pic@example.co.jp> unknown")).await;
        assert!(matches!(delivery, Delivery::Permanent(_)), "{step:?}: {delivery:?}");
        assert!(text(&delivery).ends_with("550 5.1.1"), "{step:?}: {delivery:?}");
        assert_eq!(taken, 0);
    }
    // One that takes the recipient and then refuses the letter, such as a filter of contents, does not speak of the
    // recipient.
    for step in [Step::Data, Step::Dot] {
        for reply in ["554 rejected", "550 5.0.0 rejected"] {
            let (delivery, _) = deliver(step, Trick::Say(reply)).await;
            assert!(matches!(delivery, Delivery::Rejected(_)), "{step:?}: {delivery:?}");
        }
    }
    let (delivery, _) = deliver(Step::Recipient, Trick::Say("550 no such user")).await;
    assert!(matches!(delivery, Delivery::Permanent(_)), "{delivery:?}");
    // A server that wants nothing to do with us, or with our sender, says nothing about the recipient.
    for (step, reply) in [
        (Step::Connect, "554 5.7.1 go away"),
        (Step::Hello, "550 no"),
        (Step::Sender, "530 5.7.0 log in first"),
        (Step::Sender, "550 5.1.8 who are you"),
    ] {
        let (delivery, _) = deliver(step, Trick::Say(reply)).await;
        expect_waiting(&delivery, step);
    }
    // Nor does one that refuses by its rules, or that cannot find the way, prove that the mailbox is bad.
    for reply in ["554 5.7.1 relaying denied", "550 5.4.4 no route", "552 5.2.2 full", "552 full"] {
        let (delivery, _) = deliver(Step::Recipient, Trick::Say(reply)).await;
        expect_waiting(&delivery, Step::Recipient);
    }
}

#[tokio::test]
async fn a_server_that_hangs_costs_no_more_than_the_time_limit() {
    for step in [Step::Connect, Step::Hello, Step::Sender, Step::Recipient, Step::Data] {
        let started = Instant::now();
        let (delivery, _) = deliver(step, Trick::Hang).await;
        expect_waiting(&delivery, step);
        assert!(started.elapsed() < Duration::from_secs(5), "{step:?}: {:?}", started.elapsed());
    }
    let (delivery, _) = deliver(Step::Dot, Trick::Hang).await;
    assert!(matches!(delivery, Delivery::Unknown(_)), "{delivery:?}");
}

#[tokio::test]
async fn a_connection_lost_after_the_message_leaves_the_outcome_unknown() {
    for step in [Step::Connect, Step::Hello, Step::Sender, Step::Recipient, Step::Data] {
        let (delivery, _) = deliver(step, Trick::Close).await;
        expect_waiting(&delivery, step);
    }
    for trick in [Trick::Close, Trick::Reset, Trick::Say("what?")] {
        let (delivery, _) = deliver(Step::Dot, trick).await;
        assert!(matches!(delivery, Delivery::Unknown(_)), "{trick:?}: {delivery:?}");
    }
}

#[tokio::test]
async fn no_outcome_repeats_what_the_server_said() {
    for step in [Step::Connect, Step::Hello, Step::Sender, Step::Recipient, Step::Data, Step::Dot] {
        for reply in
            ["550 <support-pic@example.co.jp> canary", "451-4.2.0.9 canary\r\n451 canary", "999 canary", "canary"]
        {
            let (delivery, _) = deliver(step, Trick::Say(reply)).await;
            assert!(!text(&delivery).contains("canary") && !text(&delivery).contains('@'), "{delivery:?}");
        }
    }
}

#[tokio::test]
async fn tls_is_never_given_up() {
    // Offers no STARTTLS: the conversation ends before anything is said.
    let server = server(Step::Dot, Trick::None);
    let transport = Transport::with(&smtp(server.port, Tls::Starttls, None), None, limits(), None).unwrap();
    let delivery = transport.deliver(None, TO, &message(TO, ID), ID).await;
    assert_eq!(delivery, Delivery::Unavailable("the mail server does not offer STARTTLS".to_owned()));
    assert_eq!(confirmed(&server), 0);
}

#[tokio::test]
async fn nobody_listening_is_tried_again() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let transport = Transport::with(&smtp(port, Tls::None, None), None, limits(), None).unwrap();
    let delivery = transport.deliver(None, TO, &message(TO, ID), ID).await;
    expect_waiting(&delivery, Step::Connect);
}
