//! A source: where items can be observed. Inline under a dataset or ledger, named and shared, or a preset.

use super::field::FieldFile;
use super::leaf::{EncodingText, GlobText, PeriodText, ZoneText};
use super::placed::Placed;
use super::shape::{Names, OneOrMany};
use crate::domain::register::MatchedBy;
use schemars::JsonSchema;
use serde::Deserialize;

/// A source: a folder (`root` and `files`) or a database (`connection` and `table` or `query`).
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table or the name of a source")]
pub struct SourceFile {
    /// A preset: a source in a file of its own. What is written here wins; fields merge one by one.
    pub preset: Option<Placed<String>>,
    /// A database, one of `[connections]` of `purposed.toml`.
    pub connection: Option<Placed<String>>,
    /// The table or view that is read.
    pub table: Option<Placed<String>>,
    /// The schema that the table lies in; for MySQL and MariaDB another database. Default: the one that the role and
    /// the connection are in.
    pub schema: Option<Placed<String>>,
    /// A trusted, read-only query that is read instead of a table.
    pub query: Option<Placed<String>>,
    /// A folder, one of `[roots]` of `purposed.toml`.
    pub root: Option<Placed<String>>,
    /// Globs on the path relative to the root; one must match.
    pub files: Option<OneOrMany<GlobText>>,
    /// Globs of paths that are left out. Default: none.
    pub exclude: Option<OneOrMany<GlobText>>,
    /// What an item is. Default: `rows` when every glob ends like a list (`csv`, `tsv`, `txt`, `xlsx`, `xlsm`, `xls`,
    /// `ods`), and for databases; else `files`.
    pub items: Option<Placed<ItemsText>>,
    /// The encoding of list files: `utf-8`, `cp932` or `utf-16`. Default: detected.
    pub encoding: Option<Placed<EncodingText>>,
    /// The sheet of workbooks. Default: the first visible one.
    pub sheet: Option<Placed<String>>,
    /// The line or row of the header, from 1. Default: found.
    pub header_row: Option<Placed<u32>>,
    /// The names of the columns by position, for lists without a header. Rows may be longer; what a shorter one lacks
    /// is empty, and one that ends before its `id` or its clock cannot be read. Default: the header names them.
    pub columns: Option<OneOrMany<String>>,
    /// What makes an item itself: `file` and field names. Default: the relative path for files; for rows the part
    /// and the field `id`, without one all mapped fields.
    pub identity: Option<OneOrMany<String>>,
    /// The zone of times without one. Default: the connection's, else the organisation's.
    pub time_zone: Option<Placed<ZoneText>>,
    /// The fields, by their standard names. A text or list is a column.
    pub fields: Option<Placed<Names<FieldFile>>>,
    /// What only the organisation can answer: a dataset that is read through this preset says it, or its category does.
    pub asks: Option<OneOrMany<AskText>>,
    /// For files that an index is reconciled with: prefixes of the product's paths, each with the path beneath the root
    /// that it stands for (`{ "/media/frigate" = "." }`). The longest that fits counts. Paths below the root's own path,
    /// and relative ones, need none.
    pub product_paths: Option<Placed<Names<String>>>,
    /// For files that an index is reconciled with: what a row's file is found by, `path` or `name` (for an index that
    /// holds bare names). Default: `path`.
    pub matched_by: Option<Placed<MatchedBy>>,
    /// Whether it is no trouble when it has no item at all. Default: what its dataset says of its items; for a copy `false`.
    pub may_be_empty: Option<Placed<bool>>,
    /// For a source of `copies`: how much longer than `keep` says they may be kept, such as until backups are
    /// overwritten. Default: no longer.
    pub extra: Option<Placed<PeriodText>>,
}

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ItemsText {
    /// Every row of a list is an item.
    Rows,
    /// Every file is an item.
    Files,
}

/// What a preset asks of a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AskText {
    /// Whether its items are communications of subscribers.
    Secrecy,
}
