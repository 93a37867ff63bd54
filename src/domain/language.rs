//! The two languages that letters and names come in.

use serde::{Deserialize, Serialize};

/// A language that purposed writes in.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    /// Japanese, the default.
    #[default]
    Ja,
    /// English.
    En,
}

impl Language {
    /// The language's ISO 639-1 code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
        }
    }
}

/// A text in one or both languages. At least one is present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Localised {
    /// The Japanese text.
    pub ja: Option<String>,
    /// The English text.
    pub en: Option<String>,
}

impl Localised {
    /// The same text for every language.
    #[must_use]
    pub fn same(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { ja: Some(text.clone()), en: Some(text) }
    }

    /// The text in `language`, else in the other one.
    #[must_use]
    pub fn get(&self, language: Language) -> &str {
        let (first, second) = match language {
            Language::Ja => (&self.ja, &self.en),
            Language::En => (&self.en, &self.ja),
        };
        first.as_deref().or(second.as_deref()).unwrap_or_default()
    }
}
