//! For tests of readers: receivers that remember everything, and sources written in a line.

use super::{Part, Receiver, Receivers, Request, SourceError, SourceReport};
use crate::domain::item::{Item, Value};
use crate::domain::name::RootName;
use crate::domain::register::{FieldAccess, FieldSpec, FieldType, Place, Root, SourceSpec};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64};

/// What a receiver was told of one item.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Told {
    pub part: u32,
    pub place: u64,
    /// The values as text, `-` for nothing; or why it is unreadable.
    pub values: Result<Vec<String>, String>,
    pub path: Vec<u8>,
}

#[derive(Debug, Default)]
pub struct Gathered {
    pub told: Mutex<Vec<Told>>,
}

impl Gathered {
    /// Everything, in the order of parts and places.
    pub fn sorted(self) -> Vec<Told> {
        let mut told = self.told.into_inner().unwrap();
        told.sort();
        told
    }
}

struct Gathering<'a> {
    into: &'a Gathered,
    part: u32,
    told: Vec<Told>,
}

impl Receivers for Gathered {
    fn open<'a>(&'a self, part: &Part) -> Box<dyn Receiver + 'a> {
        Box::new(Gathering { into: self, part: part.ordinal, told: Vec::new() })
    }
}

impl Receiver for Gathering<'_> {
    fn item(&mut self, item: &Item<'_>) {
        let values = Ok(item.values.iter().map(as_text).collect());
        self.told.push(Told { part: self.part, place: item.place, values, path: item.path.to_vec() });
    }

    fn unreadable(&mut self, place: u64, why: &str) {
        self.told.push(Told { part: self.part, place, values: Err(why.to_owned()), path: Vec::new() });
    }

    fn close(self: Box<Self>) {
        self.into.told.lock().unwrap().extend(self.told);
    }
}

fn as_text(value: &Value<'_>) -> String {
    match value {
        Value::Empty => "-".to_owned(),
        Value::Text(text) => (*text).to_owned(),
        other => format!("{other:?}"),
    }
}

/// A field of a source.
pub fn field(name: &str, access: FieldAccess) -> FieldSpec {
    FieldSpec {
        name: name.to_owned(),
        access,
        field_type: FieldType::Text,
        formats: Vec::new(),
        time_zone: None,
        empty_is_running: false,
        normalised: false,
        split: None,
        answers: BTreeMap::new(),
    }
}

/// A field in a column with these synonyms.
pub fn column(name: &str, synonyms: &[&str]) -> FieldSpec {
    field(name, FieldAccess::Column(synonyms.iter().map(|&text| text.to_owned()).collect()))
}

pub fn root(path: &Path) -> Root {
    Root { name: RootName::new("root").unwrap(), path: path.to_owned(), must_be_mount: false }
}

pub fn source(place: Place, fields: Vec<FieldSpec>) -> SourceSpec {
    SourceSpec { place, fields, identity: None, time_zone: TimeZone::UTC }
}

/// The lists of a folder.
pub fn lists(path: &Path, files: &str, fields: Vec<FieldSpec>) -> SourceSpec {
    let (root, files) = (root(path), vec![files.to_owned()]);
    let place =
        Place::Lists { root, files, exclude: Vec::new(), encoding: None, sheet: None, header_row: None, columns: None };
    source(place, fields)
}

/// The files of a folder.
pub fn folder(path: &Path, files: &str, fields: Vec<FieldSpec>) -> SourceSpec {
    source(Place::Folder { root: root(path), files: vec![files.to_owned()], exclude: Vec::new() }, fields)
}

/// Reads a source with every field wanted.
pub fn read_all(source: &SourceSpec) -> Result<(SourceReport, Vec<Told>), SourceError> {
    read_part(source, None)
}

/// The same of one part.
pub fn read_part(source: &SourceSpec, only_part: Option<&str>) -> Result<(SourceReport, Vec<Told>), SourceError> {
    let (wanted, cancel) = (vec![true; source.fields.len()], AtomicBool::new(false));
    let request =
        Request { source, wanted: &wanted, narrowing: None, only_part, cancel: &cancel, progress: &AtomicU64::new(0) };
    let gathered = Gathered::default();
    let report = super::read(&request, &gathered)?;
    Ok((report, gathered.sorted()))
}
