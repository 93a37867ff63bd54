//! Letters on their way: what an independent parser reads in them, a conversation with a real mail server
//! (`tests/mail-server`), and servers that misbehave.

mod company;
mod concurrent;
mod misbehaving;
mod outcomes;
mod real;
mod returned;
mod scripted;

use purposed::config::{MailSettings, MailTransport, Tls};
use purposed::domain::instant::Instant;
use purposed::domain::language::Language;
use purposed::domain::letter::Letter;
use purposed::domain::name::PersonName;
use purposed::mail::compose;
use serde_json::Value;
use std::io::Write;
use std::process::{Command, Stdio};

const FROM: &str = "個人情報保護事務局 <privacy-office@example.co.jp>";
const ROOT: &str = "thread-5f2c@purposed.example.co.jp";

fn letter(to: &str) -> Letter {
    let long = "個人情報の点検について、".repeat(60);
    Letter {
        recipient: PersonName::new("sato").unwrap(),
        email: to.to_owned(),
        language: Language::Ja,
        subject: "【個人情報の点検】ご対応のお願い（2027年3月12日（金）まで）㈱髙﨑・ｶﾅ・𠮷野".to_owned(),
        text: format!("サポート部 個人情報担当 様\n\n.行頭の点\n..点がふたつ\n.\n{long}\nFrom here on\n"),
        html: format!("<p>サポート部 個人情報担当 様</p>\n<p>{long}</p>\n"),
        thread: "support/sato".to_owned(),
        reasons: Vec::new(),
        findings: Vec::new(),
    }
}

fn message(to: &str, id: &str) -> Vec<u8> {
    let date = Instant::from("2027-02-28T12:00:00+09:00".parse::<jiff::Timestamp>().unwrap());
    compose(&letter(to), FROM, id, ROOT, date).unwrap()
}

fn smtp(port: u16, tls: Tls, user: Option<&str>) -> MailSettings {
    let host = "localhost".to_owned();
    let user = user.map(ToOwned::to_owned);
    let time_limit = MailTransport::DEFAULT_TIME_LIMIT;
    let transport = MailTransport::Smtp { host, port, tls, user, password: None, time_limit };
    MailSettings { from: FROM.to_owned(), transport, bounces: None }
}

/// What Python's parser reads in a message.
fn parsed(message: &[u8]) -> Value {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/mail/parse.py");
    let mut python = Command::new("python3").arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    python.stdin.take().unwrap().write_all(message).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice::<Value>(&output.stdout).unwrap()[0].clone()
}

/// What must be read in the letter to `to`, whoever transported it.
fn expect_letter(seen: &Value, to: &str, id: &str) {
    let letter = letter(to);
    let header = |name: &str| {
        let values = seen["headers"][name].as_array().unwrap_or_else(|| panic!("no `{name}` in {seen}"));
        assert_eq!(values.len(), 1, "{name} once");
        values[0].as_str().unwrap().to_owned()
    };
    assert_eq!(header("subject"), letter.subject);
    assert_eq!(header("from"), FROM);
    assert_eq!(header("to"), to);
    assert_eq!(header("message-id"), format!("<{id}>"));
    assert_eq!(header("references"), format!("<{ROOT}>"));
    assert_eq!(header("auto-submitted"), "auto-generated");
    assert_eq!(header("x-auto-response-suppress"), "All");
    assert_eq!(header("list-id"), "<purposed.example.co.jp>");
    assert_eq!(header("mime-version"), "1.0");
    assert!(seen["headers"]["in-reply-to"].is_null(), "no message is replied to");
    assert_eq!(seen["date"], "2027-02-28T03:00:00+00:00");
    assert_eq!(seen["type"], "multipart/alternative");
    let lines = |text: &Value| text.as_str().unwrap().replace("\r\n", "\n");
    assert_eq!(lines(&seen["text"]).trim_end(), letter.text.trim_end());
    assert_eq!(lines(&seen["html"]).trim_end(), letter.html.trim_end());
    assert_eq!(seen["defects"], serde_json::json!([]));
    assert_eq!(seen["is_ascii"], true, "no server needs 8BITMIME");
    assert!(seen["longest_line"].as_u64().unwrap() <= 998, "{}", seen["longest_line"]);
}

#[test]
fn an_independent_parser_reads_what_was_written() {
    let id = "letter-1.osaka@purposed.example.co.jp";
    expect_letter(&parsed(&message("support-pic@example.co.jp", id)), "support-pic@example.co.jp", id);
}
