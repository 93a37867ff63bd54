//! Conditions of periods: a field's text must match one of some glob patterns.

use super::purpose::PurposeBook;
use super::text::{Buffers, folded_owned, normal};
use crate::domain::item::Item;
use crate::domain::register::{FieldConditions, SourceSpec};
use crate::rule::purpose::PurposeId;
use regex::Regex;

/// All conditions of one period; all must match.
#[derive(Debug, Clone)]
pub(super) struct Conditions(Vec<Condition>);

#[derive(Debug, Clone)]
struct Condition {
    subject: ConditionSubject,
    patterns: Vec<TextPattern>,
}

#[derive(Debug, Clone, Copy)]
enum ConditionSubject {
    /// A field of the source.
    Field(usize),
    /// The purpose that the item is looked at for.
    Purpose,
}

/// One purpose that an item is held for, as conditions see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Label {
    /// The purpose of the register, if it is one.
    pub(super) purpose: Option<PurposeId>,
    /// The folded text of the cell.
    pub(super) text: String,
}

impl Conditions {
    /// Compiles conditions on the fields of a source. A condition on a field that the source does not
    /// have matches no item.
    pub(super) fn new(conditions: &FieldConditions, source: &SourceSpec) -> Self {
        let compiled = conditions.iter().map(|(field, patterns)| Condition {
            subject: match source.field(field) {
                _ if field == "purpose" => ConditionSubject::Purpose,
                Some(place) => ConditionSubject::Field(place),
                None => ConditionSubject::Field(usize::MAX),
            },
            patterns: patterns.iter().map(|pattern| TextPattern::new(pattern)).collect(),
        });
        Self(compiled.collect())
    }

    /// Whether the purpose plays a part.
    pub(super) fn ask_for_purpose(&self) -> bool {
        self.0.iter().any(|condition| matches!(condition.subject, ConditionSubject::Purpose))
    }

    /// The fields that are read.
    pub(super) fn fields(&self) -> impl Iterator<Item = usize> {
        self.0.iter().filter_map(|condition| match condition.subject {
            ConditionSubject::Field(place) => Some(place),
            ConditionSubject::Purpose => None,
        })
    }

    /// Whether an item, looked at for one of its purposes, meets all conditions.
    pub(super) fn match_item(
        &self,
        item: &Item<'_>,
        label: Option<&Label>,
        book: &PurposeBook,
        buffers: &mut Buffers,
    ) -> bool {
        self.0.iter().all(|condition| {
            let matches = |text: &str| condition.patterns.iter().any(|pattern| pattern.matches(text));
            match condition.subject {
                ConditionSubject::Field(place) => {
                    item.values.get(place).is_some_and(|value| matches(normal(value, buffers)))
                }
                ConditionSubject::Purpose => match label {
                    None => matches(""),
                    Some(label) => {
                        let name = label.purpose.and_then(|id| book.name(id));
                        !label.text.is_empty() && matches(&label.text)
                            || name.is_some_and(|name| matches(name.as_str()))
                    }
                },
            }
        })
    }
}

/// A glob pattern on a text: `*` any text, `?` any character, `[ab]`, `[!ab]`, `{one,two}`, `\` before a
/// character that stands for itself.
#[derive(Debug, Clone)]
pub(super) enum TextPattern {
    Exact(String),
    Prefix(String),
    Regex(Regex),
}

impl TextPattern {
    /// Compiles a pattern; one that is malformed stands for itself.
    pub(super) fn new(pattern: &str) -> Self {
        let pattern = folded_owned(pattern);
        let is_plain = |text: &str| !text.contains(['*', '?', '[', ']', '{', '}', '\\']);
        if is_plain(&pattern) {
            return Self::Exact(pattern);
        }
        if let Some(prefix) = pattern.strip_suffix('*').filter(|prefix| is_plain(prefix)) {
            return Self::Prefix(prefix.to_owned());
        }
        Regex::new(&expression(&pattern)).map_or(Self::Exact(pattern), Self::Regex)
    }

    /// Whether the whole text matches.
    pub(super) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Exact(exact) => text == exact,
            Self::Prefix(prefix) => text.starts_with(prefix.as_str()),
            Self::Regex(regex) => regex.is_match(text),
        }
    }
}

/// The regular expression of a glob pattern.
fn expression(pattern: &str) -> String {
    let mut expression = String::from(r"(?s)\A");
    let mut characters = pattern.chars();
    let mut depth = 0_usize;
    while let Some(character) = characters.next() {
        match character {
            '*' => expression.push_str(".*"),
            '?' => expression.push('.'),
            '[' => class(&mut characters, &mut expression),
            '{' => {
                depth += 1;
                expression.push_str("(?:");
            }
            '}' if depth > 0 => {
                depth -= 1;
                expression.push(')');
            }
            ',' if depth > 0 => expression.push('|'),
            '\\' => {
                let literal = characters.next().unwrap_or('\\');
                expression.push_str(&regex::escape(literal.encode_utf8(&mut [0; 4])));
            }
            other => expression.push_str(&regex::escape(other.encode_utf8(&mut [0; 4]))),
        }
    }
    expression.push_str(r"\z");
    expression
}

/// Copies a class such as `[!a-c]` up to its end.
fn class(characters: &mut std::str::Chars<'_>, expression: &mut String) {
    expression.push('[');
    let mut is_first = true;
    for character in characters.by_ref() {
        match character {
            '!' | '^' if is_first => expression.push('^'),
            ']' => {
                expression.push(']');
                return;
            }
            '-' => expression.push('-'),
            other => expression.push_str(&regex::escape(other.encode_utf8(&mut [0; 4]))),
        }
        is_first = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        TextPattern::new(pattern).matches(text)
    }

    #[test]
    fn patterns_match_whole_texts() {
        for (pattern, text) in [
            ("safe", "safe"),
            ("vault-*", "vault-1"),
            ("vault-*", "vault-"),
            ("*金庫*", "第二金庫前"),
            ("?庫", "金庫"),
            ("cam[1-3]", "cam2"),
            ("cam[!1-3]", "cam4"),
            ("{front,back}-door", "back-door"),
            (r"a\*b", "a*b"),
            ("a.b*c", "a.bc"),
            ("ＶＡＵＬＴ*", "VAULT1"),
            ("*", ""),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("safe", "safes"),
            ("vault-*", "a vault-1"),
            ("?庫", "庫"),
            ("cam[!1-3]", "cam2"),
            ("a.b*c", "axbc"),
            ("vault-*", "Vault-1"),
        ] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
        assert!(matches("[broken", "[broken"), "what is malformed stands for itself");
    }
}
