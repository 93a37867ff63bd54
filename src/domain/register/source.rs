//! Where items can be observed, and how their fields are found there.

use super::server::ServerSpec;
use crate::domain::name::{ConnectionName, RootName};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A source with everything that a reader needs: roots and connections are already resolved.
#[derive(Debug, Clone)]
pub struct SourceSpec {
    /// Where to look.
    pub place: Place,
    /// The fields, in a fixed order; other parts of the register refer to them by index.
    pub fields: Vec<FieldSpec>,
    /// What makes an item itself and no other. `None`: the relative path for files; for rows the part and
    /// the field `id`, without one the part and all mapped fields.
    pub identity: Option<Vec<IdentityPart>>,
    /// The zone of times without one.
    pub time_zone: TimeZone,
}

impl SourceSpec {
    /// The index of the field with this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    /// Whether an item is a file rather than a row.
    #[must_use]
    pub const fn items_are_files(&self) -> bool {
        matches!(self.place, Place::Folder { .. })
    }
}

/// One component of an item's identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdentityPart {
    /// The part: the list file's relative path, the table's name; for files, the relative path.
    File,
    /// A field, by index.
    Field(usize),
}

/// A folder of this server that the register calls by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// Its name.
    pub name: RootName,
    /// Its absolute path.
    pub path: PathBuf,
    /// Whether it must be the root of a mounted file system to count as reachable.
    pub must_be_mount: bool,
}

/// Where a source's items lie.
#[derive(Debug, Clone)]
pub enum Place {
    /// Every matching file beneath a root is an item. The one part is the root.
    Folder {
        /// The folder.
        root: Root,
        /// Globs on the path relative to the root; one must match.
        files: Vec<String>,
        /// Globs of paths that are left out.
        exclude: Vec<String>,
    },
    /// Every row of every matching list file beneath a root is an item. Each file is a part.
    Lists {
        /// The folder.
        root: Root,
        /// Globs on the path relative to the root; one must match.
        files: Vec<String>,
        /// Globs of paths that are left out.
        exclude: Vec<String>,
        /// The declared encoding of CSV and TSV files; detected per file without it.
        encoding: Option<ListEncoding>,
        /// The sheet of workbooks; the first visible one without it.
        sheet: Option<String>,
        /// The line or row of the header, from 1; found without it.
        header_row: Option<u32>,
        /// The columns of lists without a header; with them, no row is taken for one.
        columns: Option<ListColumns>,
    },
    /// Every row of a table, view or query is an item. The one part is the table.
    Sqlite {
        /// The connection's name.
        connection: ConnectionName,
        /// The database file.
        path: PathBuf,
        /// What is read.
        relation: Relation,
    },
    /// The same in a database server.
    Server {
        /// The connection's name.
        connection: ConnectionName,
        /// The server.
        server: Box<ServerSpec>,
        /// The schema of the table, where it is not the role's own; for MySQL and MariaDB another database.
        schema: Option<String>,
        /// What is read.
        relation: Relation,
    },
}

impl Place {
    /// The connection, schema and relation of a place in a database.
    #[must_use]
    pub fn in_database(&self) -> Option<(&ConnectionName, Option<&str>, &Relation)> {
        match self {
            Self::Folder { .. } | Self::Lists { .. } => None,
            Self::Sqlite { connection, relation, .. } => Some((connection, None, relation)),
            Self::Server { connection, schema, relation, .. } => Some((connection, schema.as_deref(), relation)),
        }
    }
}

/// The columns of a list that has no header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListColumns {
    /// Their names, by position.
    pub names: Vec<String>,
    /// A row with fewer cells cannot be read: it lacks its id or its clock. What a row lacks behind them is empty.
    pub least_cells: usize,
}

impl ListColumns {
    /// The cell that a field is read from; `None` for one that is no column of the list.
    #[must_use]
    pub fn cell_of(&self, field: &FieldSpec) -> Option<usize> {
        let FieldAccess::Column(synonyms) = &field.access else { return None };
        self.names.iter().position(|name| synonyms.contains(name))
    }

    /// Without this field, a row cannot be read.
    pub fn require(&mut self, field: &FieldSpec) {
        if let Some(cell) = self.cell_of(field) {
            self.require_cell(cell);
        }
    }

    /// Without this cell, a row cannot be read.
    pub fn require_cell(&mut self, cell: usize) {
        self.least_cells = self.least_cells.max(cell + 1);
    }
}

/// What is read of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Relation {
    /// A table or view, by its unquoted name.
    Table(String),
    /// A trusted, read-only query.
    Query(String),
}

/// The encoding of a list file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListEncoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// Windows-31J, which Japanese Excel writes.
    Cp932,
    /// UTF-16, little or big endian by its byte order mark (little without one).
    Utf16,
}

/// What a field holds, for the normalisation of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// Any other text.
    Text,
}

/// How a field's value is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldAccess {
    /// A column: the first synonym that the part has; more than one present is a problem of the part.
    Column(Vec<String>),
    /// A regular expression on the file name: the last match, its captures joined by a space.
    Name(String),
    /// The same on the path relative to the root.
    Path(String),
    /// The same value for every item.
    Constant(String),
    /// The time at which the file was last modified.
    FileTime,
}

/// How a date or time is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DateFormat {
    /// ISO 8601 date or date and time, with or without an offset.
    Iso,
    /// Japanese eras and the notations common in Japan, and ISO.
    Japanese,
    /// Excel serial days.
    Excel,
    /// Seconds since the Unix epoch, whole or fractional.
    UnixSeconds,
    /// Milliseconds since the Unix epoch.
    UnixMilliseconds,
    /// Microseconds since the Unix epoch.
    UnixMicroseconds,
    /// 1/90000 seconds since the Unix epoch.
    Ticks90Khz,
    /// A strftime pattern.
    Pattern(String),
}

/// What a mapped cell value answers to the question of consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellAnswer {
    /// Yes.
    Given,
    /// No.
    Refused,
}

/// One field of a source.
#[derive(Debug, Clone)]
pub struct FieldSpec {
    /// Its standard name, or any other that rules refer to.
    pub name: String,
    /// How its value is found.
    pub access: FieldAccess,
    /// What it holds: by its name (`email`, `phone`) or as declared.
    pub field_type: FieldType,
    /// How dates are written in it; the first that reads. Empty: a real date cell or ISO.
    pub formats: Vec<DateFormat>,
    /// The zone of its times without one, where it differs from the source's.
    pub time_zone: Option<TimeZone>,
    /// An empty value means that the clock has not started: no finding.
    pub empty_is_running: bool,
    /// Whether the database keeps its values as keys are compared, so that it can compare them itself.
    pub normalised: bool,
    /// Several values in one cell are separated by this text.
    pub split: Option<String>,
    /// What cell values answer to the question of consent, by their trimmed NFKC text.
    pub answers: BTreeMap<String, CellAnswer>,
}
