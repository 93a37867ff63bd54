//! Reads a few rows of a product's settings, through the same read-only readers as any table.

use super::Unclear;
use crate::domain::item::{Item, Value};
use crate::domain::name::ConnectionName;
use crate::domain::register::{FieldAccess, FieldSpec, FieldType, Place, Relation, SettingEngine, SourceSpec};
use crate::source::{self, Part, Receiver, Receivers, Request, SourceError};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Mutex, PoisonError};

/// More rows than any product has of what is asked for.
const MOST_ROWS: usize = 100_000;

/// The database of a product.
#[derive(Debug)]
pub(super) struct Database<'a> {
    pub(super) connection: &'a ConnectionName,
    pub(super) engine: &'a SettingEngine,
    pub(super) cancel: &'a AtomicBool,
}

impl Database<'_> {
    /// The rows of a query, as texts; what is NULL is empty.
    pub(super) fn rows<const N: usize>(&self, query: &str, columns: [&str; N]) -> Result<Vec<[String; N]>, Unclear> {
        let relation = Relation::Query(query.to_owned());
        let connection = self.connection.clone();
        let place = match self.engine {
            SettingEngine::File(path) => Place::Sqlite { connection, path: path.clone(), relation },
            SettingEngine::Server(server) => {
                Place::Server { connection, server: server.clone(), schema: None, relation }
            }
        };
        let fields = columns.iter().map(|name| column(name)).collect();
        let source = SourceSpec { place, fields, identity: None, time_zone: jiff::tz::TimeZone::UTC };
        let (wanted, progress) = ([true; N], AtomicU64::new(0));
        let request = Request {
            source: &source,
            wanted: &wanted,
            narrowing: None,
            only_part: None,
            cancel: self.cancel,
            progress: &progress,
        };
        let rows = Rows(Mutex::default());
        let report = source::read(&request, &rows).map_err(|error| match error {
            SourceError::Cancelled => Unclear::Cancelled,
            SourceError::Unreachable(why) | SourceError::Unfit(why) => unread(why),
        })?;
        if let Some(problem) = report.problems.into_iter().next() {
            return Err(unread(problem.example));
        }
        Ok(rows.0.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}

fn unread(why: String) -> Unclear {
    Unclear::why(why, "let the role read the product's settings, see the guide: docs/guide/product-settings.md")
}

fn column(name: &str) -> FieldSpec {
    FieldSpec {
        name: name.to_owned(),
        access: FieldAccess::Column(vec![name.to_owned()]),
        field_type: FieldType::Text,
        formats: Vec::new(),
        time_zone: None,
        empty_is_running: false,
        normalised: false,
        split: None,
        answers: BTreeMap::new(),
    }
}

struct Rows<const N: usize>(Mutex<Vec<[String; N]>>);

impl<const N: usize> Receivers for Rows<N> {
    fn open<'a>(&'a self, _part: &Part) -> Box<dyn Receiver + 'a> {
        Box::new(Gathering { into: self, rows: Vec::new() })
    }
}

struct Gathering<'a, const N: usize> {
    into: &'a Rows<N>,
    rows: Vec<[String; N]>,
}

impl<const N: usize> Receiver for Gathering<'_, N> {
    fn item(&mut self, item: &Item<'_>) {
        if self.rows.len() < MOST_ROWS {
            self.rows.push(std::array::from_fn(|index| item.values.get(index).map(text).unwrap_or_default()));
        }
    }

    fn unreadable(&mut self, _place: u64, _why: &str) {}

    fn close(self: Box<Self>) {
        self.into.0.lock().unwrap_or_else(PoisonError::into_inner).extend(self.rows);
    }
}

fn text(value: &Value<'_>) -> String {
    match value {
        Value::Text(text) => (*text).to_owned(),
        Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Boolean(flag) => flag.to_string(),
        _ => String::new(),
    }
}
