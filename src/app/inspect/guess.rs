//! What a column means, as a guess: by its name, by what its values look like, by the presets that have a column of
//! that name, and what the guess rests on. Pure.

use super::meaning::{self, Meaning};
use super::shape::ColumnTally;
use crate::notify::count;
use serde::Serialize;

/// A column, and what it probably means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type, as the database calls it; empty in lists.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Whether the role may read it.
    pub may_read: bool,
    /// What it probably means.
    pub meaning: Meaning,
    /// What the guess rests on.
    pub rests_on: Vec<String>,
    /// How many values were looked at.
    pub sampled: u64,
    /// How many of them are empty.
    pub empty: u64,
    /// How many of them say that no date is known.
    pub placeholders: u64,
    /// How a register writes its yes and its no.
    #[serde(skip)]
    pub yes_and_no: Option<(&'static str, &'static str)>,
    /// What is known of it as a clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<Clock>,
}

/// A column of dates or times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Clock {
    /// How its dates are written, where a register has to say so; `iso` where it need not.
    pub format: Option<&'static str>,
    /// Another format that fits as well: day and month cannot be told apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub or: Option<&'static str>,
    /// The year of its oldest date.
    pub first_year: Option<i16>,
    /// The year of its latest date.
    pub last_year: Option<i16>,
    /// Whether those are the years of all rows, rather than of the sample.
    pub of_all_rows: bool,
    /// Whether its times have no zone, so that the source's decides.
    pub is_local: bool,
}

impl Column {
    /// Whether it is a clock without any date in what was looked at.
    #[must_use]
    pub fn is_dateless(&self) -> bool {
        self.sampled > 0 && self.clock.is_some_and(|clock| clock.first_year.is_none())
    }

    /// Whether most of what was looked at has no date.
    #[must_use]
    pub const fn is_sparse(&self) -> bool {
        (self.empty + self.placeholders) * 2 > self.sampled
    }

    /// Takes the column for what makes a row itself, unless it is known to be something of its own.
    pub(super) fn be_key(&mut self) {
        let may_be = [Meaning::Id, Meaning::Reference, Meaning::Number, Meaning::Text, Meaning::Unknown];
        if may_be.contains(&self.meaning) {
            self.meaning = Meaning::Id;
            self.rests_on.push("the primary key".to_owned());
        }
    }
}

/// Guesses what a column means; `known` is what presets call a column of this name.
#[must_use]
pub fn guess(name: &str, type_name: &str, tally: &ColumnTally, known: Option<(Meaning, &str)>) -> Column {
    let (meaning, rests_on) = judged(name, type_name, tally, known);
    let mut column = Column {
        name: name.to_owned(),
        type_name: type_name.to_owned(),
        may_read: true,
        meaning,
        rests_on,
        sampled: tally.sampled,
        empty: tally.empty,
        placeholders: if meaning == Meaning::Clock { tally.placeholders } else { 0 },
        yes_and_no: tally.yes_and_no(),
        clock: None,
    };
    if meaning == Meaning::Clock {
        let shape = tally.date_shape_of_clock();
        let years = shape.and_then(|shape| shape.years);
        column.clock = Some(Clock {
            format: shape.map(|shape| shape.format),
            or: shape.and_then(|shape| shape.or),
            first_year: years.map(|(first, _)| first),
            last_year: years.map(|(_, last)| last),
            of_all_rows: false,
            is_local: tally.instants == 0 && shape.is_none_or(|shape| !shape.format.starts_with("unix-")),
        });
        column.rests_on.extend(shape.filter(|_| !is_typed(type_name, tally)).map(|shape| {
            format!("{} of {} sampled read as `{}`", count(shape.read), count(tally.sampled), shape.format)
        }));
    }
    column
}

fn is_typed(type_name: &str, tally: &ColumnTally) -> bool {
    let type_name = type_name.to_ascii_lowercase();
    let is_time = type_name.starts_with("timestamp") || type_name.starts_with("datetime") || type_name == "date";
    is_time && (tally.filled() == 0 || tally.is_mostly(tally.naive + tally.instants))
}

fn judged(name: &str, type_name: &str, tally: &ColumnTally, known: Option<(Meaning, &str)>) -> (Meaning, Vec<String>) {
    let by_name = meaning::of_name(name);
    let named = |meaning: Meaning| {
        let is_named = by_name == Some(meaning);
        is_named.then(|| "its name".to_owned()).into_iter().collect::<Vec<String>>()
    };
    let share = |many: u64, shape: &str| format!("{} of {} sampled {shape}", count(many), count(tally.sampled));
    let with = |meaning: Meaning, why: String| (meaning, named(meaning).into_iter().chain([why]).collect());
    if tally.is_mostly(tally.emails) {
        return with(Meaning::Email, share(tally.emails, "have the shape of an e-mail address"));
    }
    let date = tally.date_shape();
    let is_empty = tally.filled() == 0;
    match by_name {
        Some(Meaning::BirthDate) => return (Meaning::BirthDate, named(Meaning::BirthDate)),
        _ if is_typed(type_name, tally) => return with(Meaning::Clock, format!("its type, {type_name}")),
        Some(Meaning::Clock) if is_empty || tally.date_shape_of_clock().is_some() => {
            return (Meaning::Clock, named(Meaning::Clock));
        }
        _ => {}
    }
    // Who calls is often named by the number alone.
    if tally.is_mostly(tally.phones) && by_name != Some(Meaning::Name) {
        return with(Meaning::Phone, share(tally.phones, "have the shape of a telephone number"));
    }
    match by_name {
        Some(Meaning::Clock | Meaning::Email) | None => {}
        Some(_) if date.is_some_and(|date| !date.is_digits) => {}
        Some(meaning) => return (meaning, named(meaning)),
    }
    if by_name == Some(Meaning::Email) && is_empty {
        return (Meaning::Email, named(Meaning::Email));
    }
    if date.is_some_and(|date| !date.is_digits) {
        return (Meaning::Clock, Vec::new());
    }
    if let Some((meaning, preset)) =
        known.filter(|(meaning, _)| *meaning != Meaning::Clock && *meaning != Meaning::Email)
    {
        return (meaning, vec![format!("the preset `{preset}` has a column of this name")]);
    }
    let type_name = type_name.to_ascii_lowercase();
    if ["blob", "bytea", "binary", "json", "xml", "tsvector", "[]"].iter().any(|binary| type_name.contains(binary)) {
        return (Meaning::Binary, Vec::new());
    }
    if tally.is_mostly(tally.paths) {
        return (Meaning::Path, vec![share(tally.paths, "have the shape of a path")]);
    }
    let meaning = match () {
        () if tally.is_flag() && !meaning::is_quantity(name) => Meaning::Flag,
        () if tally.is_number() => Meaning::Number,
        () if is_empty => Meaning::Unknown,
        () => Meaning::Text,
    };
    (meaning, Vec::new())
}

#[cfg(test)]
mod tests {
    use super::super::shape::Readers;
    use super::*;
    use crate::domain::item::Value;
    use jiff::tz::TimeZone;

    fn of(name: &str, type_name: &str, values: &[Value<'_>]) -> Column {
        let (readers, mut tally) = (Readers::of(&TimeZone::UTC), ColumnTally::default());
        for value in values {
            tally.add(value, &readers);
        }
        guess(name, type_name, &tally, None)
    }

    fn meaning_of(name: &str, values: &[Value<'_>]) -> Meaning {
        of(name, "TEXT", values).meaning
    }

    #[test]
    fn values_speak_where_names_do_not_or_say_something_else() {
        let address = Value::Text("someone@example.jp");
        assert_eq!(meaning_of("x7", &[address, address, Value::Empty]), Meaning::Email);
        assert_eq!(meaning_of("email", &[Value::Integer(5)]), Meaning::Number);
        assert_eq!(meaning_of("email", &[]), Meaning::Email);
        assert_eq!(meaning_of("x7", &[Value::Text("03-1234-5678")]), Meaning::Phone);
        assert_eq!(meaning_of("caller_id_name", &[Value::Text("03-1234-5678")]), Meaning::Name);
        assert_eq!(meaning_of("x7", &[Value::Text("2026-01-01")]), Meaning::Clock);
        assert_eq!(meaning_of("x7", &[Value::Integer(1_767_225_600)]), Meaning::Number);
        assert_eq!(meaning_of("created", &[Value::Integer(1_767_225_600)]), Meaning::Clock);
        let total = [Value::Text("2026/1/1"), Value::Text("R8.1.2"), Value::Text("2")];
        assert_eq!((meaning_of("申込日", &total), meaning_of("x7", &total)), (Meaning::Clock, Meaning::Text));
        assert_eq!(meaning_of("誕生日", &[Value::Text("1980-01-01")]), Meaning::BirthDate);
        assert_eq!(meaning_of("同意", &[Value::Text("○")]), Meaning::Consent);
        assert_eq!(meaning_of("同意", &[Value::Text("2026-01-01")]), Meaning::Clock);
        assert_eq!(meaning_of("x7", &[Value::Integer(1), Value::Integer(0)]), Meaning::Flag);
        assert_eq!(meaning_of("x7", &[Value::Text("no"), Value::Text("1"), Value::Empty]), Meaning::Flag);
        assert_eq!(meaning_of("x7", &[Value::Boolean(true)]), Meaning::Flag);
        assert_eq!(meaning_of("x7", &[]), Meaning::Unknown);
        assert_eq!(of("x7", "longblob", &[Value::Boolean(true)]).meaning, Meaning::Binary);
    }

    #[test]
    fn neither_one_row_nor_a_quantity_is_yes_or_no() {
        assert_eq!(meaning_of("x7", &[Value::Integer(0)]), Meaning::Number);
        assert_eq!(meaning_of("x7", &[Value::Text("1"), Value::Text("1")]), Meaning::Number);
        for name in ["duration", "billsec", "talkTime", "retry_count", "通話秒数", "回数"] {
            assert_eq!(meaning_of(name, &[Value::Integer(1), Value::Integer(0)]), Meaning::Number, "{name}");
        }
        assert_eq!(meaning_of("is_counted", &[Value::Integer(1), Value::Integer(0)]), Meaning::Flag);
    }

    #[test]
    fn a_guess_says_what_it_rests_on_in_numbers_alone() {
        let column = of("メール", "", &[Value::Text("someone@example.jp"), Value::Empty]);
        assert_eq!(column.rests_on, ["its name", "1 of 2 sampled have the shape of an e-mail address"]);
        let column = of("開催日", "", &[Value::Text("令和6年4月1日"), Value::Text("")]);
        assert_eq!(column.rests_on, ["its name", "1 of 2 sampled read as `japanese`"]);
        let clock = column.clock.unwrap();
        assert_eq!((clock.format, clock.first_year, clock.last_year), (Some("japanese"), Some(2024), Some(2024)));
    }
}
