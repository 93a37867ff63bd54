//! Names that a register gives to things: kebab-case, one type per kind of thing, so that a division
//! is never passed where a dataset is meant. What a name refers to is not known here.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Why a text cannot be a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a name: use lower-case letters, digits and single hyphens, such as `support-recordings`")]
pub struct NameError(pub String);

fn is_kebab_case(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 64
        && text
            .split('-')
            .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Accepts a kebab-case text of at most 64 characters.
            ///
            /// # Errors
            /// [`NameError`] when the text is anything else.
            pub fn new(text: impl Into<String>) -> Result<Self, NameError> {
                let text = text.into();
                if is_kebab_case(&text) { Ok(Self(text.into())) } else { Err(NameError(text)) }
            }

            /// The name as written in the register.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0.to_string()
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )*};
}

names! {
    /// A body of personal information that a division answers for.
    DatasetName;
    /// A division of the organisation.
    DivisionName;
    /// A member of staff: a person in charge, a deputy, the privacy manager.
    PersonName;
    /// A category of personal information, as the privacy policy lists them.
    CategoryName;
    /// A purpose of use.
    PurposeName;
    /// A ledger: a source that is looked up rather than judged.
    LedgerName;
    /// A contract under which data was entrusted.
    ContractName;
    /// A folder of this server that the register calls by name.
    RootName;
    /// A database of this server that the register calls by name.
    ConnectionName;
    /// A named, shared source.
    SourceName;
    /// A site: the place of a server.
    SiteName;
}
