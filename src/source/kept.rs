//! For tests of databases: a receiver that keeps the values of rows, each as it came, and whether narrowing
//! may leave one out.

use super::{Part, Receiver, Receivers};
use crate::domain::instant::Instant;
use crate::domain::item::{Item, Value};
use crate::domain::register::FieldSpec;
use crate::rule::reading::{ClockReading, read_clock};
use jiff::civil;
use jiff::tz::TimeZone;
use std::sync::Mutex;

/// A value that outlives its row.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
pub enum Kept {
    Empty,
    Integer(i64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
    Date(civil::Date),
    DateTime(civil::DateTime),
    Instant(Instant),
    Boolean(bool),
}

impl Kept {
    fn of(value: &Value<'_>) -> Self {
        match *value {
            Value::Empty => Self::Empty,
            Value::Integer(number) => Self::Integer(number),
            Value::Real(number) => Self::Real(number),
            Value::Text(text) => Self::Text(text.to_owned()),
            Value::Bytes(bytes) => Self::Bytes(bytes.to_vec()),
            Value::Date(date) => Self::Date(date),
            Value::DateTime(time) => Self::DateTime(time),
            Value::Instant(instant) => Self::Instant(instant),
            Value::Boolean(boolean) => Self::Boolean(boolean),
            Value::Cell(..) => panic!("a database has no cells"),
        }
    }

    pub fn value(&self) -> Value<'_> {
        match self {
            Self::Empty => Value::Empty,
            Self::Integer(number) => Value::Integer(*number),
            Self::Real(number) => Value::Real(*number),
            Self::Text(text) => Value::Text(text),
            Self::Bytes(bytes) => Value::Bytes(bytes),
            Self::Date(date) => Value::Date(*date),
            Self::DateTime(time) => Value::DateTime(*time),
            Self::Instant(instant) => Value::Instant(*instant),
            Self::Boolean(boolean) => Value::Boolean(*boolean),
        }
    }
}

pub fn text(text: &str) -> Kept {
    Kept::Text(text.to_owned())
}

pub type Rows = Vec<Vec<Kept>>;

/// Keeps the values of items whose receiver was closed.
#[derive(Default)]
pub struct Keeper {
    closed: Mutex<Rows>,
    /// Done before the first item of every reading is kept: what happens to the database while it is read.
    meanwhile: Mutex<Option<Box<dyn FnMut() + Send>>>,
}

impl Keeper {
    pub fn with(meanwhile: impl FnMut() + Send + 'static) -> Self {
        Self { closed: Mutex::default(), meanwhile: Mutex::new(Some(Box::new(meanwhile))) }
    }

    /// What was kept, once.
    pub fn taken(&self) -> Rows {
        std::mem::take(&mut *self.closed.lock().unwrap())
    }
}

struct Keeping<'a> {
    keeper: &'a Keeper,
    rows: Rows,
}

impl Receiver for Keeping<'_> {
    fn item(&mut self, item: &Item<'_>) {
        if self.rows.is_empty()
            && let Some(meanwhile) = self.keeper.meanwhile.lock().unwrap().as_mut()
        {
            meanwhile();
        }
        assert!(item.path.is_empty());
        self.rows.push(item.values.iter().map(Kept::of).collect());
        assert_eq!(item.place, self.rows.len() as u64);
    }

    fn unreadable(&mut self, _place: u64, why: &str) {
        panic!("a row of a database is always readable: {why}");
    }

    fn close(self: Box<Self>) {
        self.keeper.closed.lock().unwrap().extend(self.rows);
    }
}

impl Receivers for Keeper {
    fn open<'a>(&'a self, part: &Part) -> Box<dyn Receiver + 'a> {
        assert_eq!(part.ordinal, 1);
        Box::new(Keeping { keeper: self, rows: Vec::new() })
    }
}

/// Whether a rule could have something to say of a row with this clock, as the rules themselves read it.
pub fn matters(value: &Kept, field: &FieldSpec, zone: &TimeZone, not_after: Instant) -> bool {
    match read_clock(&value.value(), field, zone) {
        ClockReading::Instant(instant) => instant <= not_after,
        ClockReading::Date(date) => date <= not_after.day(zone),
        ClockReading::Running | ClockReading::Unreadable(_) => true,
    }
}
