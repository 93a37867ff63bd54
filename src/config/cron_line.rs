//! Cron lines of five fields, as cron(8) reads them: whether a line can be read, and whether it ever
//! fires. When it fires next is not known here.

use super::wording::with_hint;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

struct Field {
    what: &'static str,
    low: u8,
    high: u8,
    names: &'static [&'static str],
}

const FIELDS: [Field; 5] = [
    Field { what: "minute", low: 0, high: 59, names: &[] },
    Field { what: "hour", low: 0, high: 23, names: &[] },
    Field { what: "day of the month", low: 1, high: 31, names: &[] },
    Field { what: "month", low: 1, high: 12, names: &MONTHS },
    Field { what: "day of the week", low: 0, high: 7, names: &WEEKDAYS },
];

const HINT: &str =
    "five fields: minute, hour, day of the month, month, day of the week, such as `30 2 * * *` or `0 4 * * mon`";

/// Checks a cron line.
pub fn read(text: &str) -> Result<String, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.len() != FIELDS.len() {
        let message = format!("`{text}` is not a cron line: it has {} fields", words.len());
        return Err(with_hint(message, HINT));
    }
    let mut values = vec![];
    for (field, word) in FIELDS.iter().zip(&words) {
        let read = read_field(field, word);
        values.push(read.map_err(|why| with_hint(format!("`{text}` is not a cron line: {why}"), HINT))?);
    }
    // cron(8) fires on either the day of the month or that of the week; only without the latter can a
    // day that no month has make the line idle for ever.
    let never = words[4] == "*" && !values[3].iter().any(|month| values[2].iter().any(|day| *day <= longest(*month)));
    if never {
        return Err(with_hint(format!("`{text}` never comes: no such month has such a day"), HINT));
    }
    Ok(words.join(" "))
}

const fn longest(month: u8) -> u8 {
    match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn read_field(field: &Field, word: &str) -> Result<Vec<u8>, String> {
    let mut values = vec![];
    for part in word.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => {
                let step = step.parse::<u8>().ok().filter(|step| *step > 0);
                (range, step.ok_or_else(|| format!("`{part}` has no step that can be read"))?)
            }
            None => (part, 1),
        };
        let (low, high) = match range.split_once('-') {
            _ if range == "*" => (field.low, field.high),
            Some((low, high)) => (read_number(field, low)?, read_number(field, high)?),
            None => {
                let number = read_number(field, range)?;
                (number, if part.contains('/') { field.high } else { number })
            }
        };
        if low > high {
            return Err(format!("`{range}` runs backwards"));
        }
        values.extend((low..=high).step_by(usize::from(step)));
    }
    Ok(values)
}

fn read_number(field: &Field, word: &str) -> Result<u8, String> {
    if let Some(position) = field.names.iter().position(|name| word.eq_ignore_ascii_case(name)) {
        return Ok(u8::try_from(position).unwrap_or_default() + field.low);
    }
    word.parse::<u8>()
        .ok()
        .filter(|number| (field.low..=field.high).contains(number) && word.bytes().all(|byte| byte.is_ascii_digit()))
        .ok_or_else(|| format!("`{word}` cannot be the {} ({} to {})", field.what, field.low, field.high))
}
