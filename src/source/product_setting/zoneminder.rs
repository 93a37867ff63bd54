//! `ZoneMinder`'s filters: those that run in the background, delete, and ask for nothing but an age (and perhaps a
//! camera) bound how long events stay. The purge of a full disk bounds nothing, and archived events are left out by
//! nearly every filter: a keep flag of the product, which exempts from nothing.

use super::Unclear;
use super::database::Database;
use crate::domain::register::Product;
use crate::rule::product_setting::{Keeps, Stated};
use serde_json::Value;

const FILTERS: &str = "SELECT Query_json FROM Filters WHERE AutoDelete = 1 AND Background = 1";
const MONITORS: &str = "SELECT Id, Name FROM Monitors";
const WHAT: &str = "events";

/// What each camera keeps.
pub(super) fn stated(database: &Database<'_>, member: Option<&str>) -> Result<Vec<Stated>, Unclear> {
    let filters: Vec<Filter> = database.rows(FILTERS, ["Query_json"])?.iter().map(|[query]| read(query)).collect();
    let mut monitors = database.rows(MONITORS, ["Id", "Name"])?;
    if let Some(member) = member {
        monitors.retain(|[id, name]| id == member || name == member);
        if monitors.is_empty() {
            return Err(Unclear::no_member(Product::ZoneMinder));
        }
    }
    monitors.iter().map(|[id, name]| of_monitor(&filters, id, name)).collect()
}

fn of_monitor(filters: &[Filter], id: &str, name: &str) -> Result<Stated, Unclear> {
    let ages = filters.iter().filter_map(|filter| match filter {
        Filter::Age { seconds, monitors } => {
            monitors.as_ref().is_none_or(|known| known.iter().any(|one| one == id || one == name)).then_some(*seconds)
        }
        Filter::NoAge | Filter::Unclear => None,
    });
    let unclear = filters.iter().filter(|filter| matches!(filter, Filter::Unclear)).count();
    match ages.min() {
        Some(seconds) => Ok(Stated { what: WHAT, keeps: Keeps::Seconds(seconds) }),
        None if unclear == 0 => Ok(Stated { what: WHAT, keeps: Keeps::ForEver }),
        None => {
            let hint = "make a filter that deletes by age alone, or leave `product_setting` out and compare by hand";
            Err(Unclear::why(
                format!("filters that delete have conditions that are not understood here: {unclear}"),
                hint,
            ))
        }
    }
}

/// What a filter that deletes says of ages.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Filter {
    /// Whatever is older goes; of these cameras, by id or name, or of all.
    Age { seconds: i64, monitors: Option<Vec<String>> },
    /// Some events stay whatever their age.
    NoAge,
    /// It cannot be told.
    Unclear,
}

/// Reads the conditions of a filter.
pub(super) fn read(query: &str) -> Filter {
    let Ok(query) = serde_json::from_str::<Value>(query) else { return Filter::Unclear };
    let terms = query.get("terms").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let (mut age, mut monitors, mut bounds_all) = (0, None, true);
    let mut is_unclear = false;
    for term in terms {
        let text = |key: &str| match term.get(key) {
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        let (operator, value) = (text("op"), text("val"));
        is_unclear |= text("cnj").eq_ignore_ascii_case("or");
        match text("attr").as_str() {
            "DateTime" | "StartDateTime" | "EndDateTime" | "Date" | "StartDate" | "EndDate" => {
                match operator.as_str() {
                    "<" | "<=" => match seconds_ago(&value) {
                        Some(seconds) => age = seconds.max(age),
                        // A fixed day: what is newer stays.
                        None if is_fixed_day(&value) => bounds_all = false,
                        None => is_unclear = true,
                    },
                    // Without an end, an event is still running.
                    "IS" | "IS NOT" => bounds_all &= operator == "IS NOT",
                    _ => is_unclear = true,
                }
            }
            "Archived" => bounds_all &= matches!((operator.as_str(), value.as_str()), ("=", "0") | ("!=", "1")),
            "MonitorId" | "MonitorName" | "Monitor" if matches!(operator.as_str(), "=" | "=[]" | "IN") => {
                monitors = Some(value.split(',').map(|one| one.trim().to_owned()).collect());
            }
            "" => is_unclear = true,
            _ => bounds_all = false,
        }
    }
    match (is_unclear, bounds_all) {
        (true, _) => Filter::Unclear,
        (false, true) => Filter::Age { seconds: age, monitors },
        (false, false) => Filter::NoAge,
    }
}

fn is_fixed_day(text: &str) -> bool {
    text.get(..10).is_some_and(|day| day.parse::<jiff::civil::Date>().is_ok())
}

/// The seconds of a time told from now, such as `-30 days`, `now - 1 month` or `2 weeks ago`; months and years at their
/// shortest.
fn seconds_ago(text: &str) -> Option<i64> {
    const DAY: i64 = 24 * 60 * 60;
    let text = text.to_ascii_lowercase().replace('-', " - ");
    let words: Vec<&str> = text.split_whitespace().filter(|word| *word != "now").collect();
    let (ago, words) = match words.as_slice() {
        ["-", words @ ..] | [words @ .., "ago"] => (true, words),
        words => (false, words),
    };
    // `30days` as well as `30 days`.
    let joined = words.concat();
    let digits = joined.find(|character: char| !character.is_ascii_digit())?;
    let (number, unit) = joined.split_at(digits);
    let length = match unit.trim_end_matches('s') {
        "second" | "sec" => 1,
        "minute" | "min" => 60,
        "hour" | "h" => 60 * 60,
        "day" | "d" => DAY,
        "week" | "w" => 7 * DAY,
        "month" => 28 * DAY,
        "year" | "y" => 365 * DAY,
        _ => return None,
    };
    ago.then_some(number.parse::<i64>().ok()?.saturating_mul(length))
}
