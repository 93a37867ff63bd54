//! From which year to which a clock of a table reaches: of all rows where the sample is all of them, or where the
//! least and the greatest date are cheap to ask for. Placeholders for an unknown date are no end.

use super::ROWS;
use super::guess::{Clock, Column};
use super::sample::Sample;
use crate::source::catalogue::{self, Database, Dialect, Limits, RowCount, Table, TableColumn};
use jiff::tz::TimeZone;

const DAY_SECONDS: i64 = 24 * 60 * 60;
/// 1971-01-01: what is earlier may be a placeholder.
const LEAST_SECONDS: i64 = 365 * DAY_SECONDS;
/// 2100-01-01.
const BELOW_SECONDS: i64 = 4_102_444_800;

/// Sets the years of every clock, and that a server's own types for time need no format.
pub(super) fn of_all_rows(
    (database, table): (&Database, &Table),
    columns: &mut [Column],
    sampled: u64,
    time_zone: &TimeZone,
) {
    // Where every row was counted, reading them all is cheap.
    let is_small = matches!(table.rows, RowCount::Exactly(_));
    for (column, known) in columns.iter_mut().zip(&table.columns) {
        let Some(clock) = &mut column.clock else { continue };
        let is_typed = ["timestamp", "datetime", "date"].iter().any(|time| known.type_name.starts_with(time));
        if is_typed && database.dialect() != Dialect::Sqlite {
            clock.format = clock.format.or(Some("iso"));
        }
        if sampled < ROWS {
            clock.of_all_rows = true;
        } else if known.may_read && (is_small || known.is_indexed) {
            ask((database, table), known, clock, time_zone);
        }
    }
}

/// Asks for the years of a clock. One that cannot be compared keeps those of the sample.
fn ask((database, table): (&Database, &Table), column: &TableColumn, clock: &mut Clock, time_zone: &TimeZone) {
    let Some(limits) = clock.format.and_then(|format| limits(format, &column.type_name)) else { return };
    let ends = Sample::new(1, time_zone);
    if catalogue::ends(database, table, column, limits, &ends).is_err() {
        return;
    }
    let tallies = ends.into_tallies();
    let Some((first, last)) = tallies[0].date_shape().and_then(|shape| shape.years) else { return };
    // What the limits leave out may stand in the sample.
    clock.first_year = Some(clock.first_year.map_or(first, |known| known.min(first)));
    clock.last_year = Some(clock.last_year.map_or(last, |known| known.max(last)));
    clock.of_all_rows = true;
}

/// The limits of dates that are written in this format; nothing where their order is not that of time.
fn limits(format: &str, type_name: &str) -> Option<Limits> {
    let type_name = type_name.to_ascii_lowercase();
    let is_text = type_name.contains("char") || type_name.contains("text");
    let numbers = |factor: i64| (!is_text).then_some(Limits::Numbers(LEAST_SECONDS * factor, BELOW_SECONDS * factor));
    match format {
        "iso" => Some(Limits::Texts("1971-01-01", "2200-01-01")),
        "unix-seconds" => numbers(1),
        "unix-milliseconds" => numbers(1_000),
        "unix-microseconds" => numbers(1_000_000),
        "%Y%m%d" if is_text => Some(Limits::Texts("19710101", "22000101")),
        "%Y%m%d" => Some(Limits::Numbers(19_710_101, 22_000_101)),
        "%Y%m%d%H%M%S" if is_text => Some(Limits::Texts("19710101000000", "22000101000000")),
        "%Y%m%d%H%M%S" => Some(Limits::Numbers(19_710_101_000_000, 22_000_101_000_000)),
        year_first if year_first.starts_with("%Y/") => Some(Limits::Texts("1971/01/01", "2200/01/01")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_in_the_order_of_time_has_limits() {
        assert_eq!(limits("iso", "timestamptz"), Some(Limits::Texts("1971-01-01", "2200-01-01")));
        assert_eq!(limits("unix-milliseconds", "bigint"), Some(Limits::Numbers(31_536_000_000, 4_102_444_800_000)));
        assert_eq!(limits("%Y%m%d", "int"), Some(Limits::Numbers(19_710_101, 22_000_101)));
        for (format, type_name) in [("unix-seconds", "varchar"), ("japanese", "text"), ("%d/%m/%Y", "text")] {
            assert_eq!(limits(format, type_name), None, "{format}");
        }
    }
}
