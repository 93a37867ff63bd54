//! Collects problems and warnings while the configuration is read, and knows what was already found wrong,
//! so that one mistake is told once.

use super::problem::ConfigProblem;
use super::suggest;
use super::text::{Span, Texts};
use std::collections::{BTreeSet, HashSet};

/// What has been found so far.
#[derive(Debug, Default)]
pub struct Report {
    /// All texts read so far.
    pub texts: Texts,
    problems: BTreeSet<ConfigProblem>,
    warnings: BTreeSet<ConfigProblem>,
    /// Keys that were taken out because they are wrong: the span of their table, and the key.
    removed: HashSet<(Span, String)>,
    /// Stretches of text that could not be parsed.
    broken: Vec<Span>,
}

impl Report {
    /// Notes a problem; the same one twice counts once.
    pub fn problem(&mut self, span: Span, message: impl Into<String>, hint: impl Into<Option<String>>) {
        let problem = self.placed(span, message.into(), hint.into());
        self.problems.insert(problem);
    }

    /// Notes a problem of a file as a whole.
    pub fn problem_of_file(&mut self, file: &str, message: impl Into<String>, hint: impl Into<Option<String>>) {
        self.problems.insert(ConfigProblem::of_file(file, message, hint.into()));
    }

    /// Notes a problem that is placed already.
    pub fn add(&mut self, problem: ConfigProblem) {
        self.problems.insert(problem);
    }

    /// Notes something about a file as a whole that is allowed and yet probably not meant.
    pub fn warn_of_file(&mut self, file: &str, message: impl Into<String>, hint: impl Into<Option<String>>) {
        self.warnings.insert(ConfigProblem::of_file(file, message, hint.into()));
    }

    /// Notes something that is allowed and yet probably not meant.
    pub fn warning(&mut self, span: Span, message: impl Into<String>, hint: impl Into<Option<String>>) {
        let warning = self.placed(span, message.into(), hint.into());
        self.warnings.insert(warning);
    }

    fn placed(&self, span: Span, message: String, hint: Option<String>) -> ConfigProblem {
        let (file, line, column) = self.texts.place(span);
        ConfigProblem { file: file.to_owned(), line, column, message, hint }
    }

    /// Notes that a table lacks a key, unless the key was there and wrong, or the table was cut by a syntax
    /// error. `tables` are the table and those that it inherits from, the first being where the problem is shown.
    pub fn missing(&mut self, tables: &[Span], key: &str, message: impl Into<String>, hint: impl Into<Option<String>>) {
        if tables.iter().any(|table| self.was_removed(*table, key) || self.is_cut(*table, key)) {
            return;
        }
        self.problem(tables.first().copied().unwrap_or_default(), message, hint);
    }

    /// Notes a reference to something that does not exist, unless a syntax error may have hidden it.
    pub fn unknown<'a>(
        &mut self,
        span: Span,
        kind: &str,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
        otherwise: &str,
    ) {
        if self.may_be_hidden(name) {
            return;
        }
        let hint = suggest::hint(name, known, otherwise);
        self.problem(span, format!("there is no {kind} `{name}`"), hint);
    }

    /// Remembers that a key was taken out of a table because it is wrong.
    pub fn remove(&mut self, table: Span, key: impl Into<String>) {
        self.removed.insert((table, key.into()));
    }

    /// Whether the key was taken out of this table because it is wrong.
    #[must_use]
    pub fn was_removed(&self, table: Span, key: &str) -> bool {
        self.removed.contains(&(table, key.to_owned()))
    }

    /// Whether any key was taken out of this table because it is wrong.
    #[must_use]
    pub fn lost_a_key(&self, table: Span) -> bool {
        self.removed.iter().any(|(known, _)| *known == table)
    }

    /// Whether the table of this name was taken as a whole out of a file in which it belongs. The server's
    /// own file is the first one; only there are `roots` and `connections`.
    #[must_use]
    pub fn section_was_removed(&self, section: &str) -> bool {
        let of_server = matches!(section, "roots" | "connections");
        let mut texts = self.texts.iter().enumerate().filter(|(number, _)| (*number == 0) == of_server);
        texts.any(|(_, text)| self.was_removed(root_span(text.base), section))
    }

    /// Remembers a stretch that could not be parsed.
    pub fn broken(&mut self, span: Span) {
        self.broken.push(span);
    }

    /// Whether the key stands in a part of this table that could not be parsed.
    fn is_cut(&self, table: Span, key: &str) -> bool {
        let text = self.texts.get(self.texts.number(table));
        let from = table.start.saturating_sub(text.base).min(text.content.len());
        let length = text.content.get(from..).and_then(|rest| rest.find("\n[")).unwrap_or(text.content.len() - from);
        let end = text.base + from + length;
        let mut broken = self.broken.iter().filter(|broken| broken.start <= end && broken.end >= table.start);
        broken.any(|broken| has_word(self.stretch(*broken), key))
    }

    fn stretch(&self, span: Span) -> &str {
        let text = self.texts.get(self.texts.number(span));
        text.content.get(span.start - text.base..span.end - text.base).unwrap_or_default()
    }

    /// Whether `name` stands in a stretch that could not be parsed.
    fn may_be_hidden(&self, name: &str) -> bool {
        self.broken.iter().any(|span| has_word(self.stretch(*span), name))
    }

    /// Whether nothing is wrong so far.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }

    /// The problems and the warnings, each sorted by file, line and column.
    #[must_use]
    pub fn finish(self) -> (Vec<ConfigProblem>, Vec<ConfigProblem>) {
        (self.problems.into_iter().collect(), self.warnings.into_iter().collect())
    }
}

/// Whether a text has this word, not as a part of a longer one.
fn has_word(text: &str, word: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || matches!(character, '-' | '_');
    text.match_indices(word)
        .any(|(start, _)| !text[..start].ends_with(is_part) && !text[start + word.len()..].starts_with(is_part))
}

/// The span that stands for the table of a whole file which starts at `base`.
#[must_use]
pub fn root_span(base: usize) -> Span {
    Span { start: base, end: base }
}
