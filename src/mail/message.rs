//! Composes a letter into an Internet message (RFC 5322, MIME). Sending it is not here.

use super::MailError;
use crate::domain::instant::Instant;
use crate::domain::letter::Letter;
use lettre::Message;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, MultiPartKind, SinglePart};
use std::time::{Duration, SystemTime};

/// The message of a letter: plain text and HTML as alternatives, with headers that keep auto-responders quiet and
/// tie the letters of one thread together. The same arguments always give the same bytes.
///
/// `message_id` and `thread_root` are `left@right`, with or without angle brackets. Every letter of a thread refers
/// to the same root, which need not be a message that was ever sent.
///
/// # Errors
/// [`MailError`] when the sender, the recipient or an id cannot be used.
pub fn compose(
    letter: &Letter,
    from: &str,
    message_id: &str,
    thread_root: &str,
    date: Instant,
) -> Result<Vec<u8>, MailError> {
    let from: Mailbox = from.parse().map_err(|_| MailError::Sender)?;
    let to = Mailbox::new(None, letter.email.parse().map_err(|_| MailError::Recipient)?);
    let id = message_id_of(message_id)?;
    let list = format!("<purposed.{}>", from.email.domain());
    let message = Message::builder()
        .from(from)
        .to(to)
        .subject(one_line(&letter.subject))
        .date(system_time(date))
        .message_id(Some(format!("<{id}>")))
        .references(format!("<{}>", message_id_of(thread_root)?))
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .raw_header(header("X-Auto-Response-Suppress", "All"))
        .raw_header(header("List-Id", &list))
        .raw_header(header("Content-Language", letter.language.code()))
        .multipart(alternatives(letter, id))
        .map_err(|_| MailError::Message)?;
    Ok(message.formatted())
}

fn alternatives(letter: &Letter, id: &str) -> MultiPart {
    let boundary = format!("purposed-{}", &blake3::hash(id.as_bytes()).to_hex()[..32]);
    MultiPart::builder()
        .kind(MultiPartKind::Alternative)
        .boundary(boundary)
        .singlepart(SinglePart::plain(letter.text.clone()))
        .singlepart(SinglePart::html(letter.html.clone()))
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// A message id without its angle brackets.
pub(super) fn message_id_of(text: &str) -> Result<&str, MailError> {
    let id = text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or(text);
    let printable = id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'<' && byte != b'>');
    let halves =
        id.split_once('@').is_some_and(|(left, right)| !left.is_empty() && !right.is_empty() && !right.contains('@'));
    if printable && halves && id.len() <= 250 { Ok(id) } else { Err(MailError::MessageId) }
}

/// A header is one line, whatever it is made of.
fn one_line(text: &str) -> String {
    text.split(char::is_control).collect::<Vec<_>>().join(" ").trim().to_owned()
}

fn system_time(instant: Instant) -> SystemTime {
    let distance = Duration::from_micros(instant.microseconds().unsigned_abs());
    let time = if instant.microseconds() < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(distance)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(distance)
    };
    time.unwrap_or(SystemTime::UNIX_EPOCH)
}
