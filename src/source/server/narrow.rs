//! Turns the latest clock that matters into a condition on the clock's own column, in the column's own
//! representation, so that the server can search its index. Rows are left out only if their clock can
//! certainly be read and certainly lies later; every other row comes through: NULLs, infinities, days that do
//! not exist, texts that are not exactly of the declared shape, the absurdly far.
//!
//! Texts are compared by the column's own collation, which its index follows. Only texts of one shape are ever
//! left out, digits and separators in fixed places, and all collations put those into the order of time.
//!
//! Nothing here decides whether an item is due: whatever comes through is judged again.

use super::session::{Column, Kind, Parameter};
use super::statement::quoted;
use crate::domain::instant::Instant;
use crate::domain::register::{DateFormat, FieldSpec, ServerKind};
use crate::source::Request;
use crate::source::date_shape::{FAR, NarrowedClock, Shape, far, units, units_per_second};
use jiff::tz::TimeZone;
use jiff::{Span, civil};

/// How much later than asked the cut in a column of local times lies: no clock change is longer.
const LOCAL_MARGIN_DAYS: i64 = 2;
/// How many months beyond the cut the gaps are looked into, in which MySQL keeps days that do not exist. What
/// lies later always comes through.
const GAP_MONTHS: i32 = 240;
/// What may follow a date in ISO 8601: a time of day in seconds, with or without fraction and offset.
const ISO_TAIL: &str = "([ T]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?\
                        (Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])?)?";

/// Which rows are fetched.
#[derive(Debug, Clone, PartialEq)]
pub struct Cut {
    /// The condition that they meet.
    pub condition: String,
    /// The values of its parameters, in their order.
    pub parameters: Vec<Parameter>,
}

impl Cut {
    /// The cut that a request allows; `bound` are the columns of the source's fields. `None` where the order of
    /// storage is not known to be the order of time.
    pub fn of(
        language: ServerKind,
        request: &Request<'_>,
        bound: &[Option<String>],
        columns: &[Column],
    ) -> Option<Self> {
        let clock = NarrowedClock::of(request, bound)?;
        let column = columns.iter().find(|column| column.name == clock.column)?;
        let mut arms =
            Arms { language, column: quoted(language, clock.column), conditions: Vec::new(), parameters: Vec::new() };
        arms.add(column.kind, &clock)?;
        let column = &arms.column;
        let condition = format!("{column} IS NULL OR {}", arms.conditions.join(" OR "));
        Some(Self { condition, parameters: arms.parameters })
    }
}

/// The kinds of rows that come through, beside those without a value.
struct Arms {
    language: ServerKind,
    column: String,
    conditions: Vec<String>,
    parameters: Vec<Parameter>,
}

impl Arms {
    fn add(&mut self, kind: Kind, clock: &NarrowedClock<'_>) -> Option<()> {
        let timestamp = clock.not_after.timestamp();
        match kind {
            Kind::Instant => self.times(TimeZone::UTC.to_datetime(timestamp), true),
            Kind::Naive => {
                let local = timestamp.to_zoned_datetime(clock.zone.clone()).datetime();
                self.times(local.checked_add(Span::new().days(LOCAL_MARGIN_DAYS)).ok()?, false);
            }
            Kind::Date => self.dates(clock.day_after),
            Kind::Integer | Kind::Real | Kind::Exact => {
                let [format] = clock.field.formats.as_slice() else { return None };
                self.numbers(kind, units_per_second(format)?, clock.not_after);
            }
            Kind::Text => self.texts(clock.field, clock.day_after)?,
            Kind::Other => return None,
        }
        Some(())
    }

    /// The place of a parameter in the condition.
    fn parameter(&mut self, value: Parameter) -> String {
        self.parameters.push(value);
        match self.language {
            ServerKind::Postgresql => format!("${}", self.parameters.len()),
            ServerKind::Mysql => "?".to_owned(),
        }
    }

    /// Adds `column operator parameter`.
    fn compare(&mut self, operator: &str, value: Parameter, cast_to: Option<&str>) -> String {
        let place = self.parameter(value);
        let place = cast_to.map_or(place.clone(), |to| format!("CAST({place} AS {to})"));
        format!("{} {operator} {place}", self.column)
    }

    fn push(&mut self, operator: &str, value: Parameter, cast_to: Option<&str>) {
        let arm = self.compare(operator, value, cast_to);
        self.conditions.push(arm);
    }

    /// Times up to the cut, and from so far away on that they may be none.
    fn times(&mut self, cut: civil::DateTime, are_instants: bool) {
        let cast_to = match (self.language, are_instants) {
            (ServerKind::Postgresql, true) => "timestamptz",
            (ServerKind::Postgresql, false) => "timestamp",
            // Instants are shown in UTC, the session's zone.
            (ServerKind::Mysql, _) => "DATETIME(6)",
        };
        let text = |time: civil::DateTime| Parameter::Text(time.strftime("%Y-%m-%d %H:%M:%S.%6f").to_string());
        self.push("<=", text(cut), Some(cast_to));
        let midnight = |day: civil::Date| day.to_datetime(civil::Time::midnight());
        if self.language == ServerKind::Mysql && !are_instants {
            let end = |day: civil::Date| day.to_datetime(civil::Time::MAX);
            for (last, first) in month_gaps(cut.date()) {
                let after = self.compare(">", text(end(last)), Some(cast_to));
                let before = self.compare("<", text(midnight(first)), Some(cast_to));
                self.conditions.push(format!("({after} AND {before})"));
            }
            self.push(">=", text(midnight(horizon(cut.date()))), Some(cast_to));
        } else if self.language == ServerKind::Postgresql {
            self.push(">=", text(midnight(FAR)), Some(cast_to));
        }
        // MySQL's points in time end long before that, and a comparison beyond their end would keep its index idle.
    }

    fn dates(&mut self, cut: civil::Date) {
        let text = |date: civil::Date| Parameter::Text(date.to_string());
        self.push("<=", text(cut), Some("DATE"));
        if self.language == ServerKind::Mysql {
            for (last, first) in month_gaps(cut) {
                let after = self.compare(">", text(last), Some("DATE"));
                let before = self.compare("<", text(first), Some("DATE"));
                self.conditions.push(format!("({after} AND {before})"));
            }
            self.push(">=", text(horizon(cut)), Some("DATE"));
        } else {
            self.push(">=", text(FAR), Some("DATE"));
        }
    }

    fn numbers(&mut self, kind: Kind, units_per_second: i128, not_after: Instant) {
        let value = |instant: Instant| {
            let units = units(instant, units_per_second);
            if kind == Kind::Real { Parameter::Real(units as f64) } else { Parameter::Integer(units) }
        };
        self.push("<=", value(not_after), None);
        self.push(">=", value(far()), None);
    }

    /// Texts before the cut, and those after it that are not certainly dates of the declared shape.
    fn texts(&mut self, field: &FieldSpec, cut: civil::Date) -> Option<()> {
        let (shape, tail) = match field.formats.as_slice() {
            [] | [DateFormat::Iso] => (Shape::of_pattern("%Y-%m-%d")?, ISO_TAIL),
            [DateFormat::Pattern(pattern)] => (Shape::of_pattern(pattern)?, ""),
            _ => return None,
        };
        let matches = match self.language {
            ServerKind::Postgresql => "~",
            ServerKind::Mysql => "REGEXP",
        };
        let cut = Parameter::Text(shape.beginning_of(cut));
        self.push("<", cut.clone(), None);
        let after = self.compare(">=", cut, None);
        let expression = self.parameter(Parameter::Text(shape.expression(tail)));
        // Expressions ask for a collation that tells all texts apart: by others, `t` would match `T`, too.
        let column = match self.language {
            ServerKind::Postgresql => format!("{} COLLATE \"C\"", self.column),
            ServerKind::Mysql => format!("CONVERT({} USING utf8mb4) COLLATE utf8mb4_bin", self.column),
        };
        self.conditions.push(format!("({after} AND NOT ({column} {matches} {expression}))"));
        Some(())
    }
}

/// The last day of each month from that of `cut` on, and the first day of the next: between the two MySQL keeps
/// what was written as the 30th of February, or without a day or month.
fn month_gaps(cut: civil::Date) -> impl Iterator<Item = (civil::Date, civil::Date)> {
    (0..GAP_MONTHS).filter_map(move |months| {
        let first = cut.first_of_month().checked_add(Span::new().months(months + 1)).ok()?;
        Some((first.yesterday().ok()?, first))
    })
}

/// The first day that no gap is looked into any more.
fn horizon(cut: civil::Date) -> civil::Date {
    cut.first_of_month().checked_add(Span::new().months(GAP_MONTHS)).map_or(FAR, |day| day.min(FAR))
}
