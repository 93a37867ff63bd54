//! All texts of one configuration, laid end to end: a span is a stretch of that one long text, so values
//! of different files can be mixed and still know where they come from.

use std::ops::Range;

/// A stretch of the configuration, in bytes from the start of all texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte behind the last.
    pub end: usize,
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self { start: range.start, end: range.end }
    }
}

/// One file of the configuration.
#[derive(Debug)]
pub struct Text {
    /// The file, as reached from the path that was given.
    pub file: String,
    /// Its text, without a byte order mark.
    pub content: String,
    /// Where it starts among all texts.
    pub base: usize,
}

/// All files read so far.
#[derive(Debug, Default)]
pub struct Texts {
    files: Vec<Text>,
}

impl Texts {
    /// Adds a file and returns its number.
    pub fn add(&mut self, file: impl Into<String>, text: &str) -> usize {
        // One byte between texts keeps the end of one apart from the start of the next.
        let base = self.files.last().map_or(1, |last| last.base + last.content.len() + 1);
        let content = text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
        self.files.push(Text { file: file.into(), content, base });
        self.files.len() - 1
    }

    /// The file with this number.
    #[must_use]
    pub fn get(&self, number: usize) -> &Text {
        &self.files[number]
    }

    /// The number of the file in which `span` starts.
    #[must_use]
    pub fn number(&self, span: Span) -> usize {
        self.files.partition_point(|text| text.base <= span.start).saturating_sub(1)
    }

    /// File, line and column (in characters, from 1) of the start of `span`.
    #[must_use]
    pub fn place(&self, span: Span) -> (&str, u32, u32) {
        let Text { file, content, base } = &self.files[self.number(span)];
        let mut offset = span.start.saturating_sub(*base).min(content.len());
        while !content.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &content[..offset];
        let line_start = before.rfind('\n').map_or(0, |position| position + 1);
        let count = |number: usize| u32::try_from(number + 1).unwrap_or(u32::MAX);
        (file, count(before.matches('\n').count()), count(before[line_start..].chars().count()))
    }

    /// The start of `span` as `file:line:column`.
    #[must_use]
    pub fn place_text(&self, span: Span) -> String {
        let (file, line, column) = self.place(span);
        format!("{file}:{line}:{column}")
    }

    /// Every file.
    pub fn iter(&self) -> impl Iterator<Item = &Text> {
        self.files.iter()
    }
}
