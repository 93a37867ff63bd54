//! Patterns of fixed length, such as `-(\d{8}-\d{6})-`, matched without a regular expression engine: most
//! patterns on file names are of this kind, and a folder may hold a million names. Anything else, and any
//! name that is not ASCII, is left to `regex`; on the rest both agree.

use memchr::memchr;
use std::ops::Range;

/// One byte of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Element {
    Exactly(u8),
    Digit,
}

impl Element {
    #[inline]
    const fn matches(self, byte: u8) -> bool {
        match self {
            Self::Exactly(expected) => byte == expected,
            Self::Digit => byte.is_ascii_digit(),
        }
    }
}

/// A pattern of fixed length.
#[derive(Debug, Clone)]
pub struct Template {
    elements: Vec<Element>,
    /// Where the captures lie within the match, in the order of their opening brackets.
    pub groups: Vec<Range<usize>>,
    /// The first byte that is always the same, to be looked for first.
    anchor: Option<(usize, u8)>,
}

impl Template {
    /// Reads a pattern of literal characters, `\d`, `[0-9]`, counts such as `{8}`, and captures. Nothing
    /// for any other.
    #[must_use]
    pub fn parse(pattern: &str) -> Option<Self> {
        let mut rest = pattern.as_bytes();
        let (mut elements, mut groups, mut open) = (Vec::new(), Vec::new(), Vec::new());
        while let Some((&first, after)) = rest.split_first() {
            rest = after;
            let element = match first {
                b'(' if rest.first() != Some(&b'?') => {
                    open.push(groups.len());
                    groups.push(elements.len()..elements.len());
                    continue;
                }
                b')' => {
                    groups[open.pop()?].end = elements.len();
                    if rest.first().is_some_and(|next| b"*+?{".contains(next)) {
                        return None;
                    }
                    continue;
                }
                b'\\' => {
                    let (&escaped, after) = rest.split_first()?;
                    rest = after;
                    match escaped {
                        b'd' => Element::Digit,
                        _ if escaped.is_ascii_punctuation() && !b"<>".contains(&escaped) => Element::Exactly(escaped),
                        _ => return None,
                    }
                }
                b'[' => {
                    rest = rest.strip_prefix(b"0-9]")?;
                    Element::Digit
                }
                _ if first.is_ascii_alphanumeric() || b"-_/ ,:;=@#~%&!'\"".contains(&first) => Element::Exactly(first),
                _ => return None,
            };
            let times = count(&mut rest)?;
            elements.extend(std::iter::repeat_n(element, times));
        }
        let anchor = elements.iter().enumerate().find_map(|(at, element)| match element {
            Element::Exactly(byte) => Some((at, *byte)),
            Element::Digit => None,
        });
        (open.is_empty() && !elements.is_empty()).then_some(Self { elements, groups, anchor })
    }

    /// Where the last match starts. A match may begin where the captures of the one before end.
    #[must_use]
    pub fn last_match(&self, text: &[u8]) -> Option<usize> {
        let mut last = None;
        let mut from = 0;
        while let Some(start) = self.first_match(text, from) {
            last = Some(start);
            from = start + self.captured_end();
        }
        last
    }

    /// How long every match is.
    #[must_use]
    pub fn length(&self) -> usize {
        self.elements.len()
    }

    /// Where the captures of a match end; the match's own end where it has none.
    fn captured_end(&self) -> usize {
        self.groups.iter().map(|group| group.end).max().unwrap_or(self.elements.len()).max(1)
    }

    fn first_match(&self, text: &[u8], from: usize) -> Option<usize> {
        let last_start = text.len().checked_sub(self.elements.len())?;
        let mut start = from;
        while start <= last_start {
            if let Some((offset, byte)) = self.anchor {
                start += memchr(byte, &text[start + offset..=last_start + offset])?;
            }
            let window = &text[start..start + self.elements.len()];
            if self.elements.iter().zip(window).all(|(element, &byte)| element.matches(byte)) {
                return Some(start);
            }
            start += 1;
        }
        None
    }
}

/// A count in braces, or one; nothing for any other quantifier.
fn count(rest: &mut &[u8]) -> Option<usize> {
    match rest.first() {
        Some(b'*' | b'+' | b'?') => None,
        Some(b'{') => {
            let end = memchr(b'}', rest)?;
            let digits = std::str::from_utf8(&rest[1..end]).ok()?;
            let times = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())??;
            *rest = &rest[end + 1..];
            let is_plain = !rest.first().is_some_and(|next| b"*+?{".contains(next));
            (is_plain && (1..=64).contains(&times)).then_some(times)
        }
        _ => Some(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use regex::bytes::Regex;

    #[test]
    fn only_patterns_of_fixed_length_are_read() {
        for pattern in
            [r"-(\d{8}-\d{6})-", r"(\d{4}-\d\d-\d\d)/(\d\d)/", r"^x", "a|b", "a+", "(?i)a", r"\w", "a.c", "[0-9]{4}"]
        {
            let is_fixed = !["^x", "a|b", "a+", "(?i)a", r"\w", "a.c"].contains(&pattern);
            assert_eq!(Template::parse(pattern).is_some(), is_fixed, "{pattern}");
        }
        for pattern in ["", "(", ")", "a{2", "a{2,3}", "(a){2}", r"\d{2}?", "a{0}", "é", r"\b", r"\<", "[0-8]", "()"] {
            assert!(Template::parse(pattern).is_none(), "{pattern}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn agrees_with_regular_expressions(
            pieces in prop::collection::vec(prop::sample::select(vec!["1", "-", r"\d", r"\d{2}", r"\.", "(", ")", "[0-9]", "a"]), 1..8),
            text in "[12a.\\-]{0,30}",
        ) {
            let pattern = pieces.concat();
            let Some(template) = Template::parse(&pattern) else { return Ok(()) };
            let regex = Regex::new(&pattern).unwrap();
            let (mut last, mut from) = (None, 0);
            while let Some(found) = regex.captures_at(text.as_bytes(), from) {
                let whole = found.get(0).unwrap();
                let end = found.iter().skip(1).flatten().map(|group| group.end()).max().unwrap_or(whole.end());
                from = end.max(whole.start() + 1);
                last = Some(found);
            }
            let start = template.last_match(text.as_bytes());
            prop_assert_eq!(start, last.as_ref().map(|found| found.get(0).unwrap().start()));
            if let (Some(start), Some(last)) = (start, last) {
                prop_assert_eq!(template.groups.len() + 1, last.len());
                prop_assert_eq!(template.length(), last.get(0).unwrap().len());
                for (group, range) in template.groups.iter().enumerate() {
                    prop_assert_eq!(start + range.start..start + range.end, last.get(group + 1).unwrap().range());
                }
            }
        }
    }
}
