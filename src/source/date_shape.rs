//! Ways to write a date in which the order of texts is the order of time, so that a database can compare
//! texts; and the limits within which any comparison leaves rows out. What a database makes of it is in its own
//! `narrow`.

use super::Request;
use crate::domain::instant::Instant;
use crate::domain::register::{DateFormat, FieldAccess, FieldSpec};
use jiff::tz::TimeZone;
use jiff::{Span, civil};

/// Clocks before this day are not narrowed to: 1970-01-01 and other stand-ins for an unknown date would
/// lie after the cut.
const EARLIEST_CUT: civil::Date = civil::date(1970, 1, 4);
/// Clocks from this day on always come through: what is so far away may be no date at all.
pub const FAR: civil::Date = civil::date(2200, 1, 1);
/// How much later than asked the cut between days lies: they are those of any zone, and a mere day lasts until it
/// has ended.
const DAY_MARGIN_DAYS: i64 = 4;

/// The clock by which a request may be narrowed.
#[derive(Debug, Clone, Copy)]
pub struct NarrowedClock<'a> {
    /// Its field.
    pub field: &'a FieldSpec,
    /// Its column.
    pub column: &'a str,
    /// The zone of its local times.
    pub zone: &'a TimeZone,
    /// The latest clock that matters.
    pub not_after: Instant,
    /// The cut between days, in columns of dates and of texts: later ones certainly do not matter.
    pub day_after: civil::Date,
}

impl<'a> NarrowedClock<'a> {
    /// The clock of a request; `bound` are the columns of the source's fields. `None` where there is none, where it is
    /// no single value of a column, and beyond the limits.
    pub fn of(request: &Request<'a>, bound: &'a [Option<String>]) -> Option<Self> {
        let narrowing = request.narrowing?;
        let field = request.source.fields.get(narrowing.field)?;
        let column = bound.get(narrowing.field)?.as_deref()?;
        let zone = field.time_zone.as_ref().unwrap_or(&request.source.time_zone);
        if !matches!(field.access, FieldAccess::Column(_)) || field.split.is_some() {
            return None;
        }
        let day_after = day_after(narrowing.not_after, zone)?;
        Some(Self { field, column, zone, not_after: narrowing.not_after, day_after })
    }
}

/// The cut between days. `None` beyond the limits, within which any comparison leaves rows out.
pub fn day_after(not_after: Instant, zone: &TimeZone) -> Option<civil::Date> {
    let day = not_after.timestamp().to_zoned_datetime(zone.clone()).date();
    let after = day.checked_add(Span::new().days(DAY_MARGIN_DAYS)).ok()?;
    (day >= EARLIEST_CUT && after < FAR).then_some(after)
}

/// [`FAR`] as an instant.
pub fn far() -> Instant {
    FAR.to_zoned_datetime(TimeZone::UTC).map_or(Instant::from_microseconds(i64::MAX), |far| far.timestamp().into())
}

/// The unit of numbers that are times.
pub fn units_per_second(format: &DateFormat) -> Option<i128> {
    match format {
        DateFormat::UnixSeconds => Some(1),
        DateFormat::UnixMilliseconds => Some(1_000),
        DateFormat::UnixMicroseconds => Some(1_000_000),
        DateFormat::Ticks90Khz => Some(90_000),
        _ => None,
    }
}

/// An instant in such units, a little late rather than early.
pub fn units(instant: Instant, units_per_second: i128) -> i64 {
    i64::try_from(i128::from(instant.microseconds()) * units_per_second / 1_000_000 + 1).unwrap_or(i64::MAX)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
/// A part of such a date.
pub enum Token {
    /// Four digits.
    Year,
    /// Two digits.
    Month,
    /// Two digits.
    Day,
    /// Two digits.
    Hour,
    /// Two digits.
    Minute,
    /// Two digits.
    Second,
    /// Itself.
    Literal(char),
}

/// A way to write a date in which the order of texts is the order of time: year first, fixed width.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape(Vec<Token>);

impl Shape {
    /// The shape that a strftime pattern writes. `None` when texts of it may not be in the order of time.
    #[must_use]
    pub fn of_pattern(pattern: &str) -> Option<Self> {
        let pattern = pattern.replace("%F", "%Y-%m-%d").replace("%T", "%H:%M:%S").replace("%R", "%H:%M");
        let mut tokens = Vec::new();
        let mut characters = pattern.chars();
        while let Some(character) = characters.next() {
            tokens.push(match character {
                '%' => match characters.next()? {
                    'Y' => Token::Year,
                    'm' => Token::Month,
                    'd' => Token::Day,
                    'H' => Token::Hour,
                    'M' => Token::Minute,
                    'S' => Token::Second,
                    _ => return None,
                },
                ' ' | '-' | '/' | '.' | ':' | '_' | ',' | 'T' => Token::Literal(character),
                _ => return None,
            });
        }
        let units = [Token::Year, Token::Month, Token::Day, Token::Hour, Token::Minute, Token::Second];
        let written: Vec<Token> = tokens.iter().copied().filter(|token| !matches!(token, Token::Literal(_))).collect();
        let is_ordered = written.len() >= 3 && units.starts_with(&written) && tokens.first() == Some(&Token::Year);
        is_ordered.then_some(Self(tokens))
    }

    /// How the shape is written at the beginning of this day: every text of the shape that sorts before it lies
    /// before the day.
    #[must_use]
    pub fn beginning_of(&self, date: civil::Date) -> String {
        self.0.iter().fold(String::new(), |text, token| match token {
            Token::Year => format!("{text}{:04}", date.year()),
            Token::Month => format!("{text}{:02}", date.month()),
            Token::Day => format!("{text}{:02}", date.day()),
            Token::Literal(character) => format!("{text}{character}"),
            Token::Hour | Token::Minute | Token::Second => format!("{text}00"),
        })
    }

    /// Its parts, in their order.
    #[must_use]
    pub fn tokens(&self) -> &[Token] {
        &self.0
    }

    /// The regular expression, understood by PostgreSQL, MariaDB and MySQL alike, of texts that certainly are of
    /// this shape, with a date that exists in every year, before [`FAR`]. `tail` is the expression of what may follow.
    #[must_use]
    pub fn expression(&self, tail: &str) -> String {
        let place = |wanted: Token| self.0.iter().position(|token| *token == wanted).unwrap_or(self.0.len());
        let (month, day) = (place(Token::Month), place(Token::Day));
        let between: String = self.0[month + 1..day].iter().copied().map(expression_of).collect();
        let days = format!(
            "((0[13578]|1[02]){between}(0[1-9]|[12][0-9]|3[01])|(0[469]|11){between}(0[1-9]|[12][0-9]|30)|\
             02{between}(0[1-9]|1[0-9]|2[0-8]))"
        );
        let before: String = self.0[..month].iter().copied().map(expression_of).collect();
        let after: String = self.0[day + 1..].iter().copied().map(expression_of).collect();
        format!("^{before}{days}{after}{tail}$")
    }
}

/// What a part looks like. Months and days are looked at together.
fn expression_of(token: Token) -> String {
    match token {
        Token::Year => "(19|20|21)[0-9]{2}".to_owned(),
        Token::Hour => "([01][0-9]|2[0-3])".to_owned(),
        Token::Minute | Token::Second => "[0-5][0-9]".to_owned(),
        Token::Month | Token::Day => "[0-9]{2}".to_owned(),
        Token::Literal('.') => "[.]".to_owned(),
        Token::Literal(character) => character.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_patterns_from_the_year_down_are_in_the_order_of_time() {
        for ordered in ["%Y-%m-%d", "%Y/%m/%d %H:%M:%S", "%F %T", "%Y%m%d%H%M%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H"] {
            assert!(Shape::of_pattern(ordered).is_some(), "{ordered}");
        }
        let unordered =
            ["%d/%m/%Y", "%y-%m-%d", "%Y-%d-%m", "%Y-%m", "%Y-%j", "%b %Y", "on %Y-%m-%d", "%Y-%m-%d %M", "%s"];
        for unordered in unordered {
            assert_eq!(Shape::of_pattern(unordered), None, "{unordered}");
        }
    }

    #[test]
    fn a_day_is_written_as_it_begins() {
        let day = civil::date(2027, 3, 5);
        assert_eq!(Shape::of_pattern("%Y/%m/%d %H:%M").unwrap().beginning_of(day), "2027/03/05 00:00");
        assert_eq!(Shape::of_pattern("%Y%m%d%H").unwrap().beginning_of(day), "2027030500");
    }

    #[test]
    fn only_texts_of_the_shape_with_a_day_of_every_year_are_certain() {
        let is_certain = |pattern: &str, text: &str| {
            let expression = Shape::of_pattern(pattern).unwrap().expression("");
            regex::Regex::new(&expression).unwrap().is_match(text)
        };
        assert!(is_certain("%Y-%m-%d", "2027-12-31") && is_certain("%Y.%m.%d %H:%M", "2027.02.28 23:59"));
        for text in
            ["2027-02-29", "2028-02-29", "2027-04-31", "2027-13-01", "2027-00-10", "2200-01-01", "2027-1-1", "x"]
        {
            assert!(!is_certain("%Y-%m-%d", text), "{text}");
        }
        assert!(!is_certain("%Y.%m.%d", "2027-02-28") && !is_certain("%Y%m%d%H", "2027022824"));
    }
}
