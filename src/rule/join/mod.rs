//! The join of a product's index with its files: where a row's path leads beneath the root, and which of a set of
//! files some row names. Walking folders and asking for single files is the business of `scan`.

mod files;
mod paths;
#[cfg(test)]
mod tests;

pub use files::FileSet;
pub use paths::{ProductPaths, normalise, path_of};
