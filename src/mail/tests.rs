//! Tests of composing, of the maildir and of sendmail programs. Conversations with mail servers are tested in
//! `tests/it`.

use super::{MailError, TimeLimits, Transport, compose, maildir_file};
use crate::config::{MailSettings, MailTransport, Tls};
use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::letter::{Delivery, Letter};
use crate::domain::name::PersonName;
use crate::secret::Secret;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

fn letter() -> Letter {
    Letter {
        recipient: PersonName::new("sato").unwrap(),
        email: "support-pic@example.co.jp".to_owned(),
        language: Language::En,
        subject: "Personal information check: please act by 12 March 2027".to_owned(),
        text: "Dear lead,\n\n.a line that begins with a dot\n".to_owned(),
        html: "<p>Dear lead,</p>\n".to_owned(),
        thread: "support/sato".to_owned(),
        reasons: Vec::new(),
        findings: Vec::new(),
    }
}

const FROM: &str = "Privacy Office <privacy-office@example.co.jp>";
const ID: &str = "letter-7.osaka@purposed.example.co.jp";
const ROOT: &str = "thread-5f2c@purposed.example.co.jp";

fn date() -> Instant {
    Instant::from("2027-02-28T12:00:00+09:00".parse::<jiff::Timestamp>().unwrap())
}

fn composed(letter: &Letter) -> String {
    String::from_utf8(compose(letter, FROM, ID, ROOT, date()).unwrap()).unwrap()
}

#[test]
fn a_message_is_the_same_every_time() {
    let message = composed(&letter());
    assert_eq!(message, composed(&letter()));
    assert_eq!(compose(&letter(), FROM, &format!("<{ID}>"), &format!("<{ROOT}>"), date()).unwrap(), message.as_bytes());
    insta::assert_snapshot!("message", message.replace('\r', ""));
}

#[test]
fn a_subject_cannot_start_a_header() {
    let evil = Letter { subject: "x\r\nBcc: spy@example.net\r\n\r\nbody\u{85}".to_owned(), ..letter() };
    let message = composed(&evil);
    let (headers, _) = message.split_once("\r\n\r\n").unwrap();
    assert!(headers.lines().all(|line| !line.starts_with("Bcc")), "{headers}");
    assert_eq!(headers.matches("MIME-Version").count(), 1);
}

#[test]
fn what_cannot_be_used_is_refused() {
    let with = |from: &str, to: &str, id: &str, root: &str| {
        let letter = Letter { email: to.to_owned(), ..letter() };
        compose(&letter, from, id, root, date()).map(|_| ())
    };
    let to = "a@example.co.jp";
    assert_eq!(with(FROM, to, ID, ROOT), Ok(()));
    assert_eq!(with("nobody", to, ID, ROOT), Err(MailError::Sender));
    assert_eq!(with(FROM, "a@example.co.jp\r\nBcc: spy@example.net", ID, ROOT), Err(MailError::Recipient));
    for id in ["", "no-at", "a@b\r\nX: y", "a b@c", "<a@b", "@", "a@", "a@b@c", "日本@example.jp"] {
        assert_eq!(with(FROM, to, id, ROOT), Err(MailError::MessageId), "{id}");
        assert_eq!(with(FROM, to, ID, id), Err(MailError::MessageId), "{id}");
    }
}

fn settings(transport: MailTransport) -> MailSettings {
    MailSettings { from: FROM.to_owned(), transport, bounces: None }
}

fn smtp(host: &str, tls: Tls, user: Option<&str>) -> MailSettings {
    let user = user.map(ToOwned::to_owned);
    settings(MailTransport::Smtp {
        host: host.to_owned(),
        port: 25,
        tls,
        user,
        password: None,
        time_limit: MailTransport::DEFAULT_TIME_LIMIT,
    })
}

#[test]
fn nothing_leaves_this_machine_unprotected_and_no_login_is_halved() {
    let refusal = |settings: &MailSettings, password: Option<&str>| {
        Transport::new(settings, password.map(Secret::new)).map(|_| ()).err()
    };
    for host in ["mail.example.co.jp", "192.0.2.1", "localhost.example.net"] {
        assert_eq!(refusal(&smtp(host, Tls::None, None), None), Some(MailError::Unprotected), "{host}");
        assert_eq!(refusal(&smtp(host, Tls::Starttls, None), None), None, "{host}");
    }
    for host in ["localhost", "127.0.0.1", "::1"] {
        assert_eq!(refusal(&smtp(host, Tls::None, None), None), None, "{host}");
    }
    assert_eq!(refusal(&smtp("localhost", Tls::Tls, Some("u")), None), Some(MailError::Login));
    assert_eq!(refusal(&smtp("localhost", Tls::Tls, None), Some("p")), Some(MailError::Login));
    assert_eq!(refusal(&smtp("localhost", Tls::Tls, Some("u")), Some("p")), None);
    let transport = Transport::new(&smtp("localhost", Tls::Tls, Some("u")), Some(Secret::new("hush"))).unwrap();
    assert!(!format!("{transport:?}").contains("hush"));
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn count(folder: &Path) -> usize {
    walk(folder).len()
}

#[expect(clippy::disallowed_methods, reason = "the test's own folder is listed")]
fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[tokio::test]
async fn a_maildir_holds_each_message_once() {
    let folder = tempfile::tempdir().unwrap();
    let maildir = folder.path().join("state/outbox");
    let transport = Transport::new(&settings(MailTransport::Maildir { path: maildir.clone() }), None).unwrap();
    let message = composed(&letter());
    for _ in 0..2 {
        let delivery = transport.deliver(None, "support-pic@example.co.jp", message.as_bytes(), ID).await;
        assert_eq!(delivery, Delivery::Accepted);
        // What a crash leaves behind is no hindrance to the next time.
        assert_eq!(count(&maildir.join("tmp")), 0);
        fs::write(maildir.join("tmp").join(ID), "half").unwrap();
    }
    fs::remove_file(maildir.join("tmp").join(ID)).unwrap();
    let file = maildir_file(&maildir, ID);
    assert_eq!(fs::read_to_string(&file).unwrap(), message.replace("\r\n", "\n"));
    assert_eq!((mode(&file), mode(&maildir.join("new")), mode(&maildir)), (0o600, 0o700, 0o700));
    assert_eq!((count(&maildir.join("new")), count(&maildir.join("tmp"))), (1, 0));

    // A mail program takes it: a repeat does not bring it back.
    fs::rename(&file, maildir.join("cur").join(format!("{ID}:2,S"))).unwrap();
    assert_eq!(transport.deliver(None, "a@example.co.jp", message.as_bytes(), ID).await, Delivery::Accepted);
    assert_eq!((count(&maildir.join("new")), count(&maildir.join("cur"))), (0, 1));
    assert_eq!(
        transport.deliver(None, "a@example.co.jp", message.as_bytes(), "b@example.jp").await,
        Delivery::Accepted
    );
    assert_eq!(count(&maildir.join("new")), 1);
}

#[test]
fn maildir_names_stay_in_their_folder() {
    let new = Path::new("/m/new");
    let ids = ["../../etc/passwd@x", "a/b@c", ".hidden@x", "a:2,S@x", "a%b@c", &format!("{}@x", "y".repeat(240))];
    for id in ids {
        let file = maildir_file(Path::new("/m"), id);
        assert_eq!(file.parent(), Some(new), "{id}");
        let name = file.file_name().unwrap().to_str().unwrap();
        assert!(!name.starts_with('.') && !name.contains(':') && name.len() < 130, "{name}");
    }
    assert_ne!(maildir_file(Path::new("/m"), "a/b@c"), maildir_file(Path::new("/m"), "ab@c"));
}

#[tokio::test]
async fn a_maildir_that_cannot_be_written_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, "in the way").unwrap();
    let transport = Transport::new(&settings(MailTransport::Maildir { path }), None).unwrap();
    let delivery = transport.deliver(None, "a@example.co.jp", b"x", ID).await;
    assert!(matches!(&delivery, Delivery::Unavailable(text) if !text.contains("file/")), "{delivery:?}");
}

fn program(folder: &Path, body: &str) -> MailSettings {
    let command = folder.join("sendmail");
    // Written under another name first: a program that is being written cannot be started.
    let draft = folder.join("draft");
    fs::write(&draft, format!("#!/bin/sh\n{body}\n")).unwrap();
    fs::set_permissions(&draft, fs::Permissions::from_mode(0o700)).unwrap();
    fs::rename(&draft, &command).unwrap();
    settings(MailTransport::Sendmail { command })
}

#[tokio::test]
async fn sendmail_gets_the_message_and_one_recipient() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().display();
    let settings = program(folder.path(), &format!("printf '%s\\n' \"$@\" > {place}/arguments; cat > {place}/message"));
    let transport = Transport::new(&settings, None).unwrap();
    let message = composed(&letter());
    let delivery = transport.deliver(None, "support-pic@example.co.jp", message.as_bytes(), ID).await;
    assert_eq!(delivery, Delivery::Accepted);
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(read("arguments"), "-i\n-f\nprivacy-office@example.co.jp\n--\nsupport-pic@example.co.jp\n");
    assert_eq!(read("message"), message.replace("\r\n", "\n"));
}

#[tokio::test]
async fn sendmail_exit_codes_tell_later_from_never() {
    let folder = tempfile::tempdir().unwrap();
    let limits = TimeLimits { whole: Duration::from_millis(300), ..TimeLimits::default() };
    let kind = async |body: &str| {
        let transport = Transport::with(&program(folder.path(), body), None, limits, None).unwrap();
        match transport.deliver(None, "a@example.co.jp", b"Subject: x\r\n\r\nx\r\n", ID).await {
            Delivery::Accepted => "accepted",
            Delivery::Transient(_) => "transient",
            Delivery::Unavailable(_) => "unavailable",
            Delivery::Permanent(_) => "permanent",
            Delivery::Rejected(_) => "rejected",
            Delivery::Unknown(_) => "unknown",
        }
    };
    for (code, expected) in
        [(0, "accepted"), (65, "transient"), (67, "permanent"), (68, "transient"), (75, "transient"), (78, "transient")]
    {
        assert_eq!(kind(&format!("cat > /dev/null; exit {code}")).await, expected, "{code}");
    }
    assert_eq!(kind("kill -9 $$").await, "unknown");
    assert_eq!(kind("exec sleep 30").await, "unknown");
    fs::remove_file(folder.path().join("sendmail")).unwrap();
    let gone = settings(MailTransport::Sendmail { command: folder.path().join("sendmail") });
    let delivery = Transport::new(&gone, None).unwrap().deliver(None, "a@example.co.jp", b"x", ID).await;
    assert!(matches!(delivery, Delivery::Unavailable(_)), "{delivery:?}");
    let delivery = Transport::new(&gone, None).unwrap().deliver(None, "-oops", b"x", ID).await;
    assert!(matches!(delivery, Delivery::Permanent(_)), "{delivery:?}");
}
