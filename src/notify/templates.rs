//! Templates of letters: the built-in ones, and an administrator's own in their place. Own templates arrive as
//! texts; which folder they come from is not known here.

use super::model::LetterModel;
use super::summary::SummaryModel;
use super::words::one_line;
use crate::domain::language::Language;
use crate::domain::letter::{Letter, NoticeReason};
use crate::domain::name::PersonName;
use crate::domain::register::Person;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// The built-in templates by name.
const BUILT_IN: &[(&str, &str)] = &[
    ("en/letter.html.jinja", include_str!("../../config/templates/en/letter.html.jinja")),
    ("en/letter.subject.jinja", include_str!("../../config/templates/en/letter.subject.jinja")),
    ("en/letter.txt.jinja", include_str!("../../config/templates/en/letter.txt.jinja")),
    ("en/phrases.jinja", include_str!("../../config/templates/en/phrases.jinja")),
    ("en/summary.html.jinja", include_str!("../../config/templates/en/summary.html.jinja")),
    ("en/summary.subject.jinja", include_str!("../../config/templates/en/summary.subject.jinja")),
    ("en/summary.txt.jinja", include_str!("../../config/templates/en/summary.txt.jinja")),
    ("ja/letter.html.jinja", include_str!("../../config/templates/ja/letter.html.jinja")),
    ("ja/letter.subject.jinja", include_str!("../../config/templates/ja/letter.subject.jinja")),
    ("ja/letter.txt.jinja", include_str!("../../config/templates/ja/letter.txt.jinja")),
    ("ja/phrases.jinja", include_str!("../../config/templates/ja/phrases.jinja")),
    ("ja/summary.html.jinja", include_str!("../../config/templates/ja/summary.html.jinja")),
    ("ja/summary.subject.jinja", include_str!("../../config/templates/ja/summary.subject.jinja")),
    ("ja/summary.txt.jinja", include_str!("../../config/templates/ja/summary.txt.jinja")),
];

/// The widest line of a plain-text letter, in columns; a full-width character takes two.
const COLUMNS: usize = 72;

/// What went wrong with an administrator's own template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateProblem {
    /// The template's name, such as `ja/letter.txt.jinja`.
    pub template: String,
    /// What went wrong. Without any value of a letter.
    pub message: String,
}

impl fmt::Display for TemplateProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "template `{}`: {}; the built-in one is used", self.template, self.message)
    }
}

/// The three texts of a letter.
pub(super) struct Texts {
    pub(super) subject: String,
    pub(super) plain: String,
    pub(super) html: String,
}

impl Texts {
    /// The letter that these are the texts of, to a person of the register.
    pub(super) fn into_letter(
        self,
        recipient: &PersonName,
        person: &Person,
        thread: String,
        reasons: Vec<NoticeReason>,
    ) -> Letter {
        Letter {
            recipient: recipient.clone(),
            email: person.email.clone(),
            language: person.language,
            subject: self.subject,
            text: self.plain,
            html: self.html,
            thread,
            reasons,
            findings: Vec::new(),
        }
    }
}

/// Templates ready for use.
pub struct Templates {
    built_in: Environment<'static>,
    own: Option<Environment<'static>>,
}

impl fmt::Debug for Templates {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Templates").field("own", &self.own.is_some()).finish_non_exhaustive()
    }
}

impl Default for Templates {
    fn default() -> Self {
        Self { built_in: environment(), own: None }
    }
}

impl Templates {
    /// The built-in templates, each replaced by the text that `overrides` has under its name
    /// (`ja/letter.txt.jinja`, `en/phrases.jinja`, ...). Texts that cannot be used are reported, and the built-in
    /// ones stay.
    #[must_use]
    pub fn load(overrides: &BTreeMap<String, String>) -> (Self, Vec<TemplateProblem>) {
        let mut problems = Vec::new();
        let mut own = environment();
        for (name, text) in overrides {
            let known = BUILT_IN.iter().any(|(built_in, _)| built_in == name);
            let outcome = if known {
                own.add_template_owned(name.clone(), text.clone()).map_err(|error| describe(&error))
            } else {
                Err(format!("no letter uses it; the names are {}", names().join(", ")))
            };
            if let Err(message) = outcome {
                problems.push(TemplateProblem { template: name.clone(), message });
            }
        }
        (Self { built_in: environment(), own: (!overrides.is_empty()).then_some(own) }, problems)
    }

    pub(super) fn render(&self, language: Language, model: &LetterModel, problems: &mut Vec<TemplateProblem>) -> Texts {
        self.texts(language, "letter", model, &model.commands(), problems)
    }

    pub(super) fn render_summary(
        &self,
        language: Language,
        model: &SummaryModel,
        problems: &mut Vec<TemplateProblem>,
    ) -> Texts {
        self.texts(language, "summary", model, &model.commands(), problems)
    }

    fn texts(
        &self,
        language: Language,
        what: &str,
        model: &impl Serialize,
        commands: &[&str],
        problems: &mut Vec<TemplateProblem>,
    ) -> Texts {
        let mut one = |kind: &str| {
            let name = format!("{}/{what}.{kind}.jinja", language.code());
            self.own.as_ref().and_then(|own| attempt(own, &name, model, problems)).unwrap_or_else(|| {
                // The built-in templates render every model (property test); a letter with an empty text would
                // still name its recipient and thread.
                render_in(&self.built_in, &name, model).unwrap_or_default()
            })
        };
        let subject = one_line(&one("subject"));
        Texts { subject, plain: wrap(&one("txt"), commands), html: one("html") }
    }
}

fn names() -> Vec<&'static str> {
    BUILT_IN.iter().map(|(name, _)| *name).collect()
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    if let Ok(syntax) = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build() {
        environment.set_syntax(syntax);
    }
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|name| {
        if name.ends_with(".html.jinja") { AutoEscape::Html } else { AutoEscape::None }
    });
    for (name, text) in BUILT_IN {
        // A built-in template that does not parse would fail every test of this module.
        let _ = environment.add_template(name, text);
    }
    environment
}

fn attempt(
    own: &Environment<'_>,
    name: &str,
    model: &impl Serialize,
    problems: &mut Vec<TemplateProblem>,
) -> Option<String> {
    let message = match render_in(own, name, model) {
        Ok(text) if !text.trim().is_empty() => return Some(text),
        Ok(_) => "it renders to nothing".to_owned(),
        Err(error) => describe(&error),
    };
    let problem = TemplateProblem { template: name.to_owned(), message };
    if !problems.contains(&problem) {
        problems.push(problem);
    }
    None
}

fn render_in(environment: &Environment<'_>, name: &str, model: &impl Serialize) -> Result<String, minijinja::Error> {
    environment.get_template(name)?.render(Serde(model))
}

/// What went wrong and where, without any value of a letter.
fn describe(error: &minijinja::Error) -> String {
    let mut innermost = error;
    while let Some(cause) = std::error::Error::source(innermost).and_then(|cause| cause.downcast_ref()) {
        innermost = cause;
    }
    let place = match (innermost.name(), innermost.line()) {
        (Some(name), Some(line)) => format!("{name}, line {line}: "),
        _ => String::new(),
    };
    // The detail of other kinds may quote a value.
    let about_the_text = matches!(
        innermost.kind(),
        ErrorKind::SyntaxError | ErrorKind::TemplateNotFound | ErrorKind::UnknownFilter | ErrorKind::UnknownFunction
    );
    match innermost.detail().filter(|_| about_the_text) {
        Some(detail) => format!("{place}{}: {detail}", innermost.kind()),
        None => format!("{place}{}", innermost.kind()),
    }
}

/// Breaks lines that are wider than a letter, by the Unicode rules for Japanese and English; what follows is
/// indented like the line itself, or under the text of a list entry.
/// A line that holds a command stays whole, so that it can be copied.
fn wrap(text: &str, commands: &[&str]) -> String {
    let mut lines = Vec::new();
    for line in text.trim().lines() {
        let line = line.trim_end();
        let content = line.trim_start();
        if commands.iter().any(|command| !command.is_empty() && content.contains(command)) {
            lines.push(line.to_owned());
            continue;
        }
        let indent = &line[..line.len() - content.len()];
        let hanging = if content.starts_with('・') || content.starts_with("- ") { "  " } else { "" };
        let subsequent = format!("{indent}{hanging}");
        let options = textwrap::Options::new(COLUMNS)
            .break_words(false)
            .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit)
            .word_splitter(textwrap::WordSplitter::NoHyphenation)
            .initial_indent(indent)
            .subsequent_indent(&subsequent);
        lines.extend(textwrap::wrap(content, options).into_iter().map(|line| line.trim_end().to_owned()));
    }
    let mut wrapped = lines.join("\n");
    while wrapped.contains("\n\n\n") {
        wrapped = wrapped.replace("\n\n\n", "\n\n");
    }
    wrapped + "\n"
}
