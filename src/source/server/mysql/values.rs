//! What the types of MySQL and MariaDB hold, and how their values come over the wire.

use super::super::session::{Column, Kind, Wire};
use super::super::statement;
use super::super::values::{self, DateTimeParts, ZERO_DATE};
use crate::domain::item::Value;
use crate::domain::register::ServerKind;
use sqlx::mysql::{MySql, MySqlRow};
use sqlx::{Decode, Row};

/// What a column holds, by the name of its type in the catalogue or in a prepared statement.
pub fn described(name: &str, type_name: &str) -> Column {
    let type_name = type_name.to_ascii_uppercase();
    let type_name = type_name.trim_end_matches(" UNSIGNED");
    let kind = match type_name {
        "TINYINT" | "BOOLEAN" | "SMALLINT" | "MEDIUMINT" | "INT" | "BIGINT" => Kind::Integer,
        "DECIMAL" => Kind::Exact,
        "FLOAT" | "DOUBLE" => Kind::Real,
        "DATE" => Kind::Date,
        "DATETIME" => Kind::Naive,
        "TIMESTAMP" => Kind::Instant,
        "CHAR" | "VARCHAR" | "TINYTEXT" | "TEXT" | "MEDIUMTEXT" | "LONGTEXT" => Kind::Text,
        _ => Kind::Other,
    };
    let is_carried = kind != Kind::Other
        || matches!(
            type_name,
            "YEAR"
                | "BIT"
                | "ENUM"
                | "SET"
                | "JSON"
                | "BINARY"
                | "VARBINARY"
                | "TINYBLOB"
                | "BLOB"
                | "MEDIUMBLOB"
                | "LONGBLOB"
        );
    let quoted = statement::quoted(ServerKind::Mysql, name);
    let fetched_by = (!is_carried).then(|| format!("CAST({quoted} AS CHAR)"));
    Column { name: name.to_owned(), kind, fetched_by }
}

/// How the values of a column of this type come over the wire.
pub fn wire(type_name: &str) -> Wire {
    match type_name {
        "TINYINT" | "BOOLEAN" | "SMALLINT" | "MEDIUMINT" | "INT" | "BIGINT" => Wire::Integer,
        "TINYINT UNSIGNED" | "SMALLINT UNSIGNED" | "MEDIUMINT UNSIGNED" | "INT UNSIGNED" | "BIGINT UNSIGNED"
        | "YEAR" => Wire::Unsigned,
        "BIT" => Wire::Bits,
        "FLOAT" | "DOUBLE" => Wire::Real,
        "DATE" => Wire::Date,
        "DATETIME" => Wire::Naive,
        "TIMESTAMP" => Wire::Instant,
        _ => Wire::Text,
    }
}

/// The value of a column as it came over the wire. `None` for NULL.
pub fn value(row: &MySqlRow, index: usize, wire: Wire) -> Option<Value<'_>> {
    let bytes = <&[u8] as Decode<MySql>>::decode(row.try_get_raw(index).ok()?).ok()?;
    Some(match wire {
        Wire::Boolean | Wire::Integer => Value::Integer(signed(bytes)?),
        Wire::Unsigned => {
            let number = unsigned(bytes.iter().rev().copied());
            // Numbers that no signed one can hold are those of machines, and no times.
            i64::try_from(number).map_or(Value::Real(number as f64), Value::Integer)
        }
        Wire::Bits => Value::Integer(i64::try_from(unsigned(bytes.iter().copied())).unwrap_or(i64::MAX)),
        Wire::Real => Value::Real(match *bytes {
            [a, b, c, d] => f32::from_le_bytes([a, b, c, d]).into(),
            _ => f64::from_le_bytes(bytes.try_into().ok()?),
        }),
        Wire::Date | Wire::Naive | Wire::Instant => time(bytes, wire)?,
        Wire::Text | Wire::Bytes => std::str::from_utf8(bytes).map_or(Value::Bytes(bytes), Value::Text),
    })
}

/// A date or time: its length, the year in two bytes, month, day, hour, minute, second, and microseconds in four;
/// what is zero at the end is left out.
fn time(bytes: &[u8], wire: Wire) -> Option<Value<'static>> {
    let (_, bytes) = bytes.split_first()?;
    let part = |index: usize| bytes.get(index).copied().and_then(|byte| i8::try_from(byte).ok()).unwrap_or_default();
    let year = i16::from_le_bytes([bytes.first().copied().unwrap_or(0), bytes.get(1).copied().unwrap_or(0)]);
    let microsecond = bytes.get(7..11).and_then(|bytes| bytes.try_into().ok()).map_or(0, i32::from_le_bytes);
    let parts = DateTimeParts {
        year,
        month: part(2),
        day: part(3),
        hour: part(4),
        minute: part(5),
        second: part(6),
        microsecond,
    };
    if (year, parts.month, parts.day) == (0, 0, 0) {
        return Some(Value::Text(ZERO_DATE));
    }
    Some(match wire {
        Wire::Date => values::date(parts.year, parts.month, parts.day),
        Wire::Instant => values::instant_of(&parts),
        _ => values::naive(&parts),
    })
}

/// A whole number with a sign, of 1 to 8 bytes, the lowest first.
fn signed(bytes: &[u8]) -> Option<i64> {
    Some(match *bytes {
        [a] => i8::from_le_bytes([a]).into(),
        [a, b] => i16::from_le_bytes([a, b]).into(),
        [a, b, c, d] => i32::from_le_bytes([a, b, c, d]).into(),
        _ => i64::from_le_bytes(bytes.try_into().ok()?),
    })
}

/// A whole number without a sign, the highest byte first.
fn unsigned(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0, |number, byte| number << 8 | u64::from(byte))
}
