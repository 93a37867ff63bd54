//! Words for what serde finds wrong, so that people who never heard of it understand them.

use super::suggest;
use super::tree::TakenOut;

/// What a file of the configuration is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// `purposed.toml`: what belongs to this server.
    Server,
    /// A register file: what the organisation declares.
    Register,
    /// A preset: a source in a file of its own.
    Preset,
}

/// The tables that may stand at the top of `purposed.toml`.
const OF_SERVER: [&str; 6] = ["register", "presets", "service", "mail", "connections", "roots"];

/// The tables that may stand at the top of a register file.
const OF_REGISTER: [&str; 14] = [
    "organisation",
    "people",
    "divisions",
    "purposes",
    "categories",
    "contracts",
    "ledgers",
    "sources",
    "defaults",
    "templates",
    "datasets",
    "tests",
    "letters",
    "exceptions",
];

/// Between a message and its hint, in the errors of our own types.
const HINT: &str = "\nhint: ";

/// A message of one of our own types that carries a hint.
#[must_use]
pub fn with_hint(message: impl AsRef<str>, hint: impl AsRef<str>) -> String {
    format!("{}{HINT}{}", message.as_ref(), hint.as_ref())
}

/// The key that a mistaken one in this message was probably meant to be.
#[must_use]
pub fn meant_key(message: &str) -> Option<&str> {
    let rest = message.strip_prefix("unknown field `")?;
    let (key, _) = rest.split_once("`, expected ")?;
    suggest::closest(key, expected_names(rest))
}

/// Message and hint for an error of serde, or of one of our own types, about an entry.
#[must_use]
pub fn explain(message: &str, entry: Option<&TakenOut>, kind: FileKind) -> (String, Option<String>) {
    let Some(entry) = entry else { return (message.to_owned(), None) };
    if let Some(rest) = message.strip_prefix("unknown field `") {
        return if entry.kind == "a date" { mistyped(entry, "a table") } else { unknown_key(rest, entry, kind) };
    }
    if let Some(rest) = message.strip_prefix("unknown variant `") {
        return unknown_choice(rest, entry);
    }
    if let Some((_, expected)) = message.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected "))
    {
        return mistyped(entry, expected);
    }
    if let Some((_, expected)) = message.strip_prefix("invalid value: ").and_then(|rest| rest.split_once(", expected "))
    {
        return (format!("`{}` is out of range", entry.key), Some(format!("give {}", plain_type(expected))));
    }
    if message.starts_with("wanted ") {
        return mistyped(entry, "a text");
    }
    match message.split_once(HINT) {
        Some((message, hint)) => (named(message, entry), Some(hint.to_owned())),
        None => (named(message, entry), None),
    }
}

/// Message and hint for a syntax error.
#[must_use]
pub fn explain_syntax(message: &str) -> (String, Option<String>) {
    let plain = |message: &str, hint: &str| (message.to_owned(), Some(hint.to_owned()));
    if message.starts_with("string values must be quoted") {
        return plain("a text without quotes", "write it in quotes: `key = \"text\"`");
    }
    if message.starts_with("key with no value") {
        return plain("a key without a value", "write `key = value`");
    }
    if message.starts_with("unclosed") || message.starts_with("missing comma") {
        return (message.to_owned(), None);
    }
    if message.starts_with("invalid basic string") || message.starts_with("invalid literal string") {
        return plain("a text that does not end", "close it with the quote that it begins with");
    }
    if message.starts_with("invalid unquoted key") {
        return plain("a key that needs quotes", "write it in quotes: `\"列\" = value`");
    }
    (message.to_owned(), None)
}

/// Puts the key's name where a message of ours left room for it.
fn named(message: &str, entry: &TakenOut) -> String {
    message.replace("{key}", &entry.key)
}

fn mistyped(entry: &TakenOut, expected: &str) -> (String, Option<String>) {
    let subject = if entry.in_list { format!("an element of `{}`", entry.key) } else { format!("`{}`", entry.key) };
    (format!("{subject} must be {}, but it is {}", plain_type(expected), entry.kind), None)
}

fn plain_type(expected: &str) -> &str {
    match expected {
        "a string" | "string" | "a borrowed string" => "a text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "a table",
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0",
        other => other,
    }
}

/// The names in backticks behind the first `expected`.
fn expected_names(rest: &str) -> Vec<&str> {
    let expected = rest.split_once("expected ").map_or("", |(_, expected)| expected);
    expected.split('`').skip(1).step_by(2).collect()
}

fn unknown_key(rest: &str, entry: &TakenOut, kind: FileKind) -> (String, Option<String>) {
    let known = expected_names(rest);
    let key = entry.key.as_str();
    let place = if entry.path.is_empty() { String::new() } else { format!(" in `{}`", entry.path) };
    let elsewhere = match kind {
        FileKind::Register if entry.path.is_empty() && OF_SERVER.contains(&key) => {
            Some("this belongs to one server: write it in purposed.toml".to_owned())
        }
        FileKind::Server if entry.path.is_empty() && OF_REGISTER.contains(&key) => {
            Some("this belongs to the organisation: write it in a register file".to_owned())
        }
        _ => None,
    };
    let hint = elsewhere.unwrap_or_else(|| match suggest::closest(key, known.iter().copied()) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => format!("known here: {}", suggest::list(known)),
    });
    (format!("unknown key `{key}`{place}"), Some(hint))
}

fn unknown_choice(rest: &str, entry: &TakenOut) -> (String, Option<String>) {
    let value = rest.split_once("`, expected ").or_else(|| rest.split_once('`')).map_or(rest, |(value, _)| value);
    let known = expected_names(rest);
    let hint = match (suggest::closest(value, known.iter().copied()), known.as_slice()) {
        (Some(candidate), _) => format!("did you mean `{candidate}`?"),
        (None, [only]) => format!("the only choice is `{only}`"),
        (None, _) => format!("choose one of {}", suggest::list(known)),
    };
    (format!("`{value}` is not a choice for `{}`", entry.key), Some(hint))
}
