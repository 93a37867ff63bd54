//! Tests of reading returned messages: reports of several mail servers, mailboxes of both kinds, and what hostile
//! senders put into them.

use super::*;
use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const TO: &str = "support-pic@example.co.jp";

fn key() -> DigestKey {
    DigestKey::new([7; 32])
}

fn senders() -> SignedSenders {
    SignedSenders::new("bounces@example.co.jp", key()).unwrap()
}

fn group(action: &str, status: &str) -> String {
    format!(
        "Final-Recipient: rfc822; {TO}\nAction: {action}\nStatus: {status}\nDiagnostic-Code: smtp; 550 {status} canary\n"
    )
}

/// A report as Postfix writes one, about letter 42.
fn postfix(groups: &[String]) -> String {
    let sender = senders().sender(42, TO);
    format!(
        "Return-Path: <>\nX-Original-To: {sender}\nFrom: MAILER-DAEMON@mail.example.co.jp (Mail Delivery System)\n\
         Subject: Undelivered Mail Returned to Sender\nTo: {sender}\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status;\n\tboundary=\"5A3.1\"\n\n\
         This is a MIME-encapsulated message.\n\n--5A3.1\nContent-Description: Notification\n\
         Content-Type: text/plain; charset=us-ascii\n\nI'm sorry to have to inform you\n\n--5A3.1\n\
         Content-Description: Delivery report\nContent-Type: message/delivery-status\n\n\
         Reporting-MTA: dns; mail.example.co.jp\nArrival-Date: Sun, 28 Feb 2027 12:00:00 +0900 (JST)\n\n{}\n--5A3.1\n\
         Content-Description: Undelivered Message\nContent-Type: message/rfc822\n\n\
         Subject: canary\nMessage-ID: <purposed.osaka.42@example.co.jp>\n\nbody\n\n--5A3.1--\n",
        groups.join("\n")
    )
}

fn read_one(message: &str) -> Option<Report> {
    report::report(message.as_bytes(), &senders())
}

fn fate(groups: &[String]) -> Option<(Fate, Option<String>)> {
    read_one(&postfix(groups)).map(|report| (report.fate, report.status))
}

#[test]
fn a_report_says_which_letter_and_what_became_of_it() {
    let report = read_one(&postfix(&[group("failed", "5.1.1")])).unwrap();
    assert_eq!((report.fate, report.status.as_deref()), (Fate::Failed, Some("5.1.1")));
    assert_eq!(report.claims.len(), 1);
    assert_eq!(report.claims[0].letter, 42);
    assert!(senders().is_ours(&report.claims[0], TO));
    let windows = postfix(&[group("failed", "5.1.1")]).replace('\n', "\r\n");
    assert_eq!(read_one(&windows), Some(report));
}

#[test]
fn actions_and_codes_are_told_apart() {
    for (action, status, expected) in [
        ("failed", "5.1.1", Fate::Failed),
        ("Failed", "5.2.1 (mailbox disabled)", Fate::Failed),
        ("failed", "5.0.0", Fate::Blocked),
        ("failed", "5.4.4", Fate::Delayed),
        ("failed", "4.4.1", Fate::Delayed),
        ("failed", "4.2.2", Fate::Delayed),
        ("failed", "5.7.1", Fate::Blocked),
        ("failed", "5.2.2", Fate::Blocked),
        ("failed", "nonsense", Fate::Blocked),
        ("delayed", "4.4.1", Fate::Delayed),
        ("delayed", "5.1.1", Fate::Delayed),
        ("delivered", "2.0.0", Fate::Delivered),
        ("relayed", "2.0.0", Fate::Delivered),
    ] {
        assert_eq!(fate(&[group(action, status)]).unwrap().0, expected, "{action} {status}");
    }
    assert_eq!(fate(&[group("dreamt", "5.1.1")]), None);
    assert_eq!(fate(&[]), None);
    // The worst of several recipients counts.
    let several = [group("delivered", "2.0.0"), group("failed", "5.1.1"), group("delayed", "4.0.0")];
    assert_eq!(fate(&several), Some((Fate::Failed, Some("5.1.1".to_owned()))));
}

#[test]
fn a_report_may_be_encoded_or_international() {
    let plain = postfix(&[group("failed", "5.1.1")]);
    let international = plain.replace("message/delivery-status", "message/global-delivery-status");
    assert_eq!(read_one(&international).unwrap().fate, Fate::Failed);
    let (head, rest) = plain.split_once("message/delivery-status\n\n").unwrap();
    let (status, tail) = rest.split_once("--5A3.1").unwrap();
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, status);
    let encoded =
        format!("{head}message/delivery-status\nContent-Transfer-Encoding: base64\n\n{encoded}\n--5A3.1{tail}");
    assert_eq!(read_one(&encoded).unwrap().fate, Fate::Failed);
}

#[test]
fn what_is_no_report_says_nothing() {
    assert_eq!(read_one("Subject: lunch?\n\nStatus: 5.1.1\nAction: failed\n"), None);
    assert_eq!(read_one(""), None);
    // One that is forwarded inside another message is not about us.
    let inside = format!("Subject: fwd\nContent-Type: message/rfc822\n\n{}", postfix(&[group("failed", "5.1.1")]));
    assert_eq!(read_one(&inside), None);
}

#[test]
fn deep_nesting_is_not_taken_apart() {
    let deep = "Content-Type: message/rfc822\n\n".repeat(15_000);
    assert_eq!(read_one(&deep), None);
    let boundaries: String =
        (0..5_000).map(|number| format!("Content-Type: multipart/digest; boundary={number}\n\n--{number}\n")).collect();
    assert_eq!(read_one(&boundaries), None);
}

#[test]
fn a_report_that_is_cut_behind_its_second_part_is_read() {
    let message = postfix(&[group("failed", "5.1.1")]);
    let end = message.find("Subject: canary").unwrap();
    assert_eq!(read_one(&message[..end]).unwrap().fate, Fate::Failed);
}

struct Box {
    _folder: TempDir,
    path: PathBuf,
    mailbox: BounceMailbox,
    memory: Memory,
    known: BTreeSet<Digest>,
}

impl Box {
    fn maildir() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        for name in ["new", "cur", "tmp"] {
            fs::create_dir(path.join(name)).unwrap();
        }
        let mailbox = BounceMailbox::Maildir(path.clone());
        Self { _folder: folder, path, mailbox, memory: Memory::default(), known: BTreeSet::new() }
    }

    fn mbox() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bounces");
        let mailbox = BounceMailbox::Mbox(path.clone());
        Self { _folder: folder, path, mailbox, memory: Memory::default(), known: BTreeSet::new() }
    }

    /// What is new; `None` where the mailbox was not even read.
    fn read(&mut self) -> Option<Vec<What>> {
        let glimpse = glimpse(&self.mailbox, &self.memory).unwrap()?;
        let known = self.known.clone();
        let reading = super::read(&self.mailbox, glimpse, &senders(), &key(), known, &mut self.memory).unwrap();
        if let Some(still_there) = reading.still_there {
            self.known = still_there;
        }
        self.known.extend(reading.returned.iter().map(|returned| returned.digest));
        Some(reading.returned.into_iter().map(|returned| returned.what).collect())
    }

    fn fates(&mut self) -> Vec<Option<Fate>> {
        let fate = |what| if let What::Report(report) = what { Some(report.fate) } else { None };
        self.read().unwrap_or_default().into_iter().map(fate).collect()
    }
}

fn snapshot(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    #[expect(clippy::disallowed_methods, reason = "the test's own folder is listed")]
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|path| (path.clone(), fs::read(path).unwrap_or_default())).collect()
}

#[test]
fn a_maildir_is_read_once_and_left_as_it_is() {
    let mut maildir = Box::maildir();
    assert_eq!(maildir.read(), Some(vec![]));
    fs::write(maildir.path.join("new/1.a.host"), postfix(&[group("failed", "5.1.1")])).unwrap();
    fs::write(maildir.path.join("cur/2.b.host:2,S"), postfix(&[group("delayed", "4.4.1")])).unwrap();
    fs::write(maildir.path.join("cur/.hidden"), "x").unwrap();
    let before = (snapshot(&maildir.path.join("new")), snapshot(&maildir.path.join("cur")));
    assert_eq!(maildir.fates(), [Some(Fate::Failed), Some(Fate::Delayed)]);
    assert_eq!(maildir.read(), Some(vec![]), "looked at once more");
    assert_eq!(maildir.read(), None, "and then no more");
    assert_eq!(before, (snapshot(&maildir.path.join("new")), snapshot(&maildir.path.join("cur"))));
    // A mail program marks it as seen: it is the same message.
    fs::rename(maildir.path.join("new/1.a.host"), maildir.path.join("cur/1.a.host:2,S")).unwrap();
    assert_eq!(maildir.read(), Some(vec![]));
    fs::remove_file(maildir.path.join("cur/1.a.host:2,S")).unwrap();
    assert_eq!(maildir.read(), Some(vec![]));
    assert_eq!(maildir.known.len(), 1, "what is gone is forgotten");
}

#[test]
fn what_is_no_message_in_a_maildir_stops_nothing() {
    let mut maildir = Box::maildir();
    let new = maildir.path.join("new");
    rustix::fs::mknodat(rustix::fs::CWD, new.join("1.pipe"), rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    fs::create_dir(new.join("2.folder")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", new.join("3.link")).unwrap();
    let mut huge = postfix(&[group("failed", "5.1.1")]).into_bytes();
    huge.resize(8 * LARGEST_MESSAGE, b'x');
    fs::write(new.join("4.huge"), huge).unwrap();
    fs::write(new.join("5.binary"), [0_u8, 255, 10, 13, 0].repeat(1000)).unwrap();
    let read = maildir.read().unwrap();
    assert_eq!(read[..3], [What::Broken, What::Broken, What::Broken]);
    assert!(matches!(&read[3], What::Report(report) if report.fate == Fate::Failed));
    assert_eq!(read[4], What::Other);
}

#[test]
fn a_flood_is_read_bit_by_bit() {
    let mut maildir = Box::maildir();
    for number in 0..MOST_MESSAGES + 7 {
        fs::write(maildir.path.join(format!("new/{number:04}")), "Subject: spam\n\n").unwrap();
    }
    assert_eq!(maildir.read().unwrap().len(), MOST_MESSAGES);
    assert_eq!(maildir.read().unwrap().len(), 7);
    assert_eq!(maildir.read(), Some(vec![]));
    assert_eq!(maildir.read(), None);
}

#[test]
fn an_mbox_is_read_as_it_grows() {
    let mut mbox = Box::mbox();
    assert_eq!(mbox.read(), Some(vec![]), "the mail server makes it with the first message");
    let message = |time: &str, body: &str| format!("From MAILER-DAEMON  Sun Feb 28 {time} 2027\n{body}\n\n");
    let first = message("12:00:00", &postfix(&[group("failed", "5.1.1")]));
    fs::write(&mbox.path, &first).unwrap();
    assert_eq!(mbox.fates(), [Some(Fate::Failed)]);
    let other = message("12:00:01", "Subject: x\n\n>From here\nno From line\nFrom nowhere");
    fs::write(&mbox.path, format!("{first}{other}")).unwrap();
    assert_eq!(mbox.fates(), [None]);
    let second = message("12:00:02", &postfix(&[group("delayed", "4.4.1")]));
    fs::write(&mbox.path, format!("{first}{other}{second}")).unwrap();
    assert_eq!(mbox.fates(), [Some(Fate::Delayed)]);
    assert_eq!(mbox.known.len(), 3);
    // Emptied by whoever keeps it.
    fs::write(&mbox.path, "").unwrap();
    assert_eq!(mbox.read(), Some(vec![]));
    assert_eq!(mbox.known.len(), 0);
}

#[test]
fn an_mbox_without_end_or_lines_takes_no_more_memory_than_the_limit() {
    let mut mbox = Box::mbox();
    let mut content = b"garbage before the first message\n\nFrom x\n".to_vec();
    content.resize(5 * LARGEST_MESSAGE, b'a');
    content.extend_from_slice(b"\n\nFrom y\n");
    content.extend_from_slice(postfix(&[group("failed", "5.1.1")]).as_bytes());
    fs::write(&mbox.path, content).unwrap();
    assert_eq!(mbox.fates(), [None, Some(Fate::Failed)]);
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..2000), cut in 0_usize..2000) {
        let _none_or_some = report::report(&bytes, &senders());
        let mut message = postfix(&[group("failed", "5.1.1")]).into_bytes();
        let place = cut.min(message.len());
        message.splice(place..place, bytes.iter().copied().take(40));
        let _none_or_some = report::report(&message, &senders());
        let mut mbox = Box::mbox();
        fs::write(&mbox.path, [b"From x\n".as_slice(), &bytes].concat()).unwrap();
        let _any = mbox.read();
    }
}
