//! The files that the rows of a product's index are reconciled with, and how the product's view of a file leads to it.

use super::source::{Root, SourceSpec};

/// The files beside an index.
#[derive(Debug, Clone)]
pub struct ReconciledFiles {
    /// The folder of the files, as a source of its own.
    pub source: SourceSpec,
    /// The folder itself.
    pub root: Root,
    /// Globs on the path relative to the root; one must match.
    pub files: Vec<String>,
    /// Globs of paths that are left out.
    pub exclude: Vec<String>,
    /// The field of the items that holds the product's view of the file, by index.
    pub path_field: usize,
    /// What a file is found by.
    pub matched_by: MatchedBy,
    /// Prefixes of the product's paths, each with the path beneath the root that it stands for. Normalised: no `.`,
    /// no `..`, no slash at the end; the root itself is empty.
    pub product_paths: Vec<(String, String)>,
}

/// What a row's file is found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MatchedBy {
    /// Its path beneath the root.
    #[default]
    Path,
    /// Its name alone, in whichever folder it lies.
    Name,
}
