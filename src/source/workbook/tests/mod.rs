//! Reading real workbooks, through the reader of lists. What the tests share: a folder with a file in it, and a
//! receiver that keeps what it is given.

mod hostile;
mod ods;
mod xls;
mod xlsx;

use crate::domain::item::{Item, SerialEpoch, Value};
use crate::domain::name::RootName;
use crate::domain::register::{FieldAccess, FieldSpec, FieldType, Place, Root, SourceSpec};
use crate::source::{Part, Receiver, Receivers, Request, SourceReport};
use jiff::civil::{Date, DateTime, date};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tempfile::TempDir;

/// A value that outlives its row.
#[derive(Debug, Clone, PartialEq)]
enum Kept {
    Empty,
    Text(String),
    Number(f64, SerialEpoch),
    Date(Date),
    DateTime(DateTime),
    Boolean(bool),
}

fn text(value: &str) -> Kept {
    Kept::Text(value.to_owned())
}

fn number(value: f64) -> Kept {
    Kept::Number(value, SerialEpoch::Y1900)
}

/// What was given of one row: its number, and its values or why it cannot be read.
type Given = (u64, Result<Vec<Kept>, String>);

#[derive(Default)]
struct Keeper(Mutex<Vec<Given>>);

struct Keeping<'a>(&'a Keeper, Vec<Given>);

impl Receiver for Keeping<'_> {
    fn item(&mut self, item: &Item<'_>) {
        let values = item.values.iter().map(|value| match *value {
            Value::Empty => Kept::Empty,
            Value::Text(text) => Kept::Text(text.to_owned()),
            Value::Cell(number, epoch) => Kept::Number(number, epoch),
            Value::Date(date) => Kept::Date(date),
            Value::DateTime(time) => Kept::DateTime(time),
            Value::Boolean(boolean) => Kept::Boolean(boolean),
            other => panic!("a workbook has no {other:?}"),
        });
        self.1.push((item.place, Ok(values.collect())));
    }

    fn unreadable(&mut self, place: u64, why: &str) {
        self.1.push((place, Err(why.to_owned())));
    }

    fn close(self: Box<Self>) {
        self.0.0.lock().unwrap().extend(self.1);
    }
}

impl Receivers for Keeper {
    fn open<'a>(&'a self, _part: &Part) -> Box<dyn Receiver + 'a> {
        Box::new(Keeping(self, Vec::new()))
    }
}

/// A folder with list files.
struct World {
    folder: TempDir,
    sheet: Option<String>,
    header_row: Option<u32>,
    fields: Vec<FieldSpec>,
}

impl World {
    /// A source whose fields are the columns of these names.
    fn new(columns: &[&str]) -> Self {
        let fields = columns.iter().map(|name| field(name, FieldAccess::Column(vec![(*name).to_owned()])));
        Self { folder: tempfile::tempdir().unwrap(), sheet: None, header_row: None, fields: fields.collect() }
    }

    fn sheet(mut self, name: &str) -> Self {
        self.sheet = Some(name.to_owned());
        self
    }

    fn header_row(mut self, row: u32) -> Self {
        self.header_row = Some(row);
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn with(self, name: &str, content: &[u8]) -> Self {
        std::fs::write(self.path(name), content).unwrap();
        self
    }

    fn read(&self) -> (SourceReport, Vec<Given>) {
        let place = Place::Lists {
            root: Root {
                name: RootName::new("lists").unwrap(),
                path: self.folder.path().to_owned(),
                must_be_mount: false,
            },
            files: vec!["**/*".to_owned()],
            exclude: vec![],
            encoding: None,
            sheet: self.sheet.clone(),
            header_row: self.header_row,
            columns: None,
        };
        let source = SourceSpec { place, fields: self.fields.clone(), identity: None, time_zone: TimeZone::UTC };
        let (cancel, progress) = (AtomicBool::new(false), AtomicU64::new(0));
        let request = Request {
            source: &source,
            wanted: &vec![true; source.fields.len()],
            narrowing: None,
            only_part: None,
            cancel: &cancel,
            progress: &progress,
        };
        let keeper = Keeper::default();
        let report = crate::source::read(&request, &keeper).unwrap();
        assert_eq!(report.parts.len(), 1);
        let given = keeper.0.into_inner().unwrap();
        assert_eq!(report.parts[0].items, given.len() as u64);
        assert_eq!(progress.load(Ordering::Relaxed), given.len() as u64);
        assert_eq!(report.parts[0].whole, report.problems.is_empty());
        (report, given)
    }

    /// What a file that is read whole gives.
    fn rows(&self) -> Vec<Given> {
        let (report, given) = self.read();
        assert!(report.problems.is_empty(), "{:?}", report.problems);
        given
    }

    /// What is said of a file that is not read whole, and how many items it gave before.
    fn problem(&self) -> (String, usize) {
        let (report, given) = self.read();
        assert_eq!(report.problems.len(), 1, "{given:?}");
        assert_eq!(report.problems[0].reason, "partial");
        (report.problems[0].example.clone(), given.len())
    }
}

fn field(name: &str, access: FieldAccess) -> FieldSpec {
    FieldSpec {
        name: name.to_owned(),
        access,
        field_type: FieldType::Text,
        formats: vec![],
        time_zone: None,
        empty_is_running: false,
        normalised: false,
        split: None,
        answers: BTreeMap::new(),
    }
}

/// A zip package of these entries, deflated.
fn package(entries: &[(&str, &[u8])]) -> Vec<u8> {
    use std::io::Write;
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for (name, content) in entries {
        writer.start_file(*name, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}
