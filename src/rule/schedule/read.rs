//! Reads cron lines: the one place that does. When a line comes is not known here.

use super::ScheduleError;
use crate::domain::schedule::{ClockRule, DayRule, Schedule};

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// The short forms, and the lines that they stand for.
const SHORT_FORMS: [(&str, &str); 7] = [
    ("@hourly", "0 * * * *"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@weekly", "0 0 * * 0"),
    ("@monthly", "0 0 1 * *"),
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
];

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

/// Reads a cron line or a short form.
pub(super) fn read(text: &str) -> Result<Schedule, ScheduleError> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    if line.starts_with('@') {
        let short = SHORT_FORMS.iter().find(|(form, _)| line.eq_ignore_ascii_case(form));
        let (_, long) = short.ok_or(ScheduleError::ShortForm(line.clone()))?;
        return Ok(Schedule { text: line, ..read(long)? });
    }
    let [minute, hour, day, month, weekday] = words.as_slice() else {
        return Err(ScheduleError::Fields { line, fields: words.len() });
    };
    let [minutes, hours, days_of_month, months, weekdays] = &FIELDS;
    let values =
        |field: &Field, word: &str| field.read(word).map_err(|why| ScheduleError::Field { line: line.clone(), why });
    let schedule = Schedule {
        minutes: values(minutes, minute)?,
        hours: values(hours, hour)?,
        days_of_month: values(days_of_month, day)?,
        months: values(months, month)?,
        weekdays: sunday_is_zero(values(weekdays, weekday)?),
        days: if day.starts_with('*') || weekday.starts_with('*') { DayRule::Both } else { DayRule::Either },
        clocks: match (minute.starts_with('*'), hour.starts_with('*')) {
            (_, true) => ClockRule::Running,
            (true, false) => ClockRule::FixedHours,
            (false, false) => ClockRule::Fixed,
        },
        text: line.clone(),
    };
    // Where a day of the week alone is enough, some day always comes.
    let comes = |month: &u8| schedule.days_of_month.iter().any(|day| *day <= longest(*month));
    if schedule.days == DayRule::Both && !schedule.months.iter().any(comes) {
        return Err(ScheduleError::Never(line));
    }
    Ok(schedule)
}

/// The most days that a month can have.
const fn longest(month: u8) -> u8 {
    match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn sunday_is_zero(mut weekdays: Vec<u8>) -> Vec<u8> {
    if weekdays.last() == Some(&7) {
        weekdays.pop();
        if weekdays.first() != Some(&0) {
            weekdays.insert(0, 0);
        }
    }
    weekdays
}

impl Field {
    /// The values of a field, ascending, each once.
    fn read(&self, word: &str) -> Result<Vec<u8>, String> {
        let mut values = vec![];
        for part in word.split(',') {
            let (range, step) = match part.split_once('/') {
                Some((range, step)) => {
                    let step = number(step).filter(|step| *step > 0);
                    (range, step.ok_or_else(|| format!("`{part}` has no step that can be read"))?)
                }
                None => (part, 1),
            };
            let (low, high) = match range.split_once('-') {
                _ if range == "*" => (self.low, self.high),
                Some((low, high)) => (self.value(low)?, self.last_value(high)?),
                None => {
                    let number = self.value(range)?;
                    (number, if part.contains('/') { self.high } else { number })
                }
            };
            if low > high {
                return Err(format!("`{range}` runs backwards"));
            }
            values.extend((low..=high).step_by(usize::from(step)));
        }
        values.sort_unstable();
        values.dedup();
        Ok(values)
    }

    fn value(&self, word: &str) -> Result<u8, String> {
        if let Some(position) = self.names.iter().position(|name| word.eq_ignore_ascii_case(name)) {
            return Ok(u8::try_from(position).unwrap_or_default() + self.low);
        }
        number(word)
            .filter(|number| (self.low..=self.high).contains(number))
            .ok_or_else(|| format!("`{word}` cannot be the {} ({} to {})", self.what, self.low, self.high))
    }

    /// The end of a range: a week that ends with `sun` does not run backwards.
    fn last_value(&self, word: &str) -> Result<u8, String> {
        let value = self.value(word)?;
        let is_sunday = self.high == 7 && word.eq_ignore_ascii_case("sun");
        Ok(if is_sunday { self.high } else { value })
    }
}

/// A number of digits alone: no sign.
fn number(word: &str) -> Option<u8> {
    word.parse().ok().filter(|_| word.bytes().all(|byte| byte.is_ascii_digit()))
}
