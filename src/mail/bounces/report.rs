//! One message: whether it is a delivery report (RFC 3464, also in the international form of RFC 6533), about which
//! letter, and what became of it. Only codes are taken from it, never a server's own words, which quote addresses.

use crate::mail::envelope::{Claim, SignedSenders};
use crate::mail::status::Status;
use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders};

/// A message inside a message is taken apart as well; more than so many stand for an attack.
const MOST_NESTED: usize = 64;
/// A message has at most so many addresses that look like ours.
const MOST_CLAIMS: usize = 8;

/// A delivery report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The letters that it may be about, as its addresses say.
    pub claims: Vec<Claim>,
    /// What became of the letter.
    pub fate: Fate,
    /// The status code that says so, such as `5.1.1`.
    pub status: Option<String>,
}

/// What became of a letter, from the mildest to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It was delivered, or handed on.
    Delivered,
    /// It is late, or failed for a reason that passes: `4.x.x`, and `5.4.4`, which is said where a name server has no
    /// answer.
    Delayed,
    /// It was refused, which is no proof of a bad mailbox.
    Blocked,
    /// The mailbox is bad.
    Failed,
}

/// Reads a message; nothing when it is no delivery report.
pub(super) fn report(message: &[u8], senders: &SignedSenders) -> Option<Report> {
    if nested(message) > MOST_NESTED {
        return None;
    }
    let message = MessageParser::default().parse(message)?;
    let (fate, status) = message
        .parts
        .iter()
        .filter(|part| is_status(part))
        .filter_map(|part| worst(&text_of(part)))
        .max_by_key(|one| one.0)?;
    Some(Report { claims: claims(&message, senders), fate, status: status.map(|status| status.to_string()) })
}

/// How often a message says that something in it is a message. Whatever is nested too deeply would be taken apart, and
/// thrown away, by as many calls within calls.
fn nested(message: &[u8]) -> usize {
    let lower = message.to_ascii_lowercase();
    ["rfc822", "global", "digest"].iter().map(|word| memchr::memmem::find_iter(&lower, word).count()).sum()
}

fn is_status(part: &MessagePart<'_>) -> bool {
    part.content_type().is_some_and(|content_type| {
        let subtype = content_type.subtype().unwrap_or_default().to_ascii_lowercase();
        content_type.ctype().eq_ignore_ascii_case("message")
            && matches!(subtype.as_str(), "delivery-status" | "global-delivery-status")
    })
}

fn text_of(part: &MessagePart<'_>) -> String {
    String::from_utf8_lossy(part.contents()).into_owned()
}

/// The worst that the groups of a report's second part say. Its first group is about the message as a whole and has no
/// action.
fn worst(text: &str) -> Option<(Fate, Option<Status>)> {
    let mut worst: Option<(Fate, Option<Status>)> = None;
    let (mut action, mut status) = (None, None);
    for line in text.lines().chain([""]) {
        let line = line.trim_end();
        if line.is_empty() {
            if let Some(fate) = action.take().and_then(|action: String| fate(&action, status))
                && worst.is_none_or(|(worst, _)| worst < fate)
            {
                worst = Some((fate, status));
            }
            status = None;
        } else if let Some((name, value)) = line.split_once(':') {
            match name.trim().to_ascii_lowercase().as_str() {
                "action" => action = Some(first_word(value).to_ascii_lowercase()),
                "status" => status = Status::parse(first_word(value)),
                _ => {}
            }
        }
    }
    worst
}

/// A value without its comment, such as `5.1.1 (bad destination mailbox)`.
fn first_word(value: &str) -> &str {
    value.trim().split([' ', '\t', '(', ';']).next().unwrap_or_default()
}

fn fate(action: &str, status: Option<Status>) -> Option<Fate> {
    match action {
        "delivered" | "relayed" | "expanded" => Some(Fate::Delivered),
        "delayed" => Some(Fate::Delayed),
        "failed" => Some(match status {
            Some(status) if status.is_proof() => Fate::Failed,
            Some(status) if status.class == 4 || (status.subject, status.detail) == (4, 4) => Fate::Delayed,
            _ => Fate::Blocked,
        }),
        _ => None,
    }
}

/// The addresses in the header that look like one of ours: `To`, `Delivered-To`, `X-Original-To`, and whatever else
/// a mail server writes there.
fn claims(message: &Message<'_>, senders: &SignedSenders) -> Vec<Claim> {
    let mut claims: Vec<Claim> = Vec::new();
    for (_, value) in message.headers_raw() {
        for word in value.split([' ', '\t', '\r', '\n', '<', '>', ',', ';', ':', '"', '(', ')', '[', ']']) {
            if let Some(claim) = senders.claim(word)
                && !claims.contains(&claim)
                && claims.len() < MOST_CLAIMS
            {
                claims.push(claim);
            }
        }
    }
    claims
}
