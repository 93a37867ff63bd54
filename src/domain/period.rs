//! Periods such as `1 year 6 months`: how long data may be kept, how far ahead to warn. Adding one to a
//! clock is calendar arithmetic and lives in the `rule` layer.

use std::fmt;
use std::str::FromStr;

/// A length of time by calendar. The parts add up; months clamp at the end of a shorter month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Period {
    /// Calendar years.
    pub years: i16,
    /// Calendar months.
    pub months: i32,
    /// Weeks of seven days.
    pub weeks: i32,
    /// Days.
    pub days: i32,
    /// Business days; only where the register says that they are meant.
    pub business_days: i32,
}

impl Period {
    /// A period of so many days.
    #[must_use]
    pub const fn of_days(days: i32) -> Self {
        Self { years: 0, months: 0, weeks: 0, days, business_days: 0 }
    }

    /// The period as a calendar span, business days aside.
    #[must_use]
    pub fn span(&self) -> jiff::Span {
        jiff::Span::new().years(self.years).months(self.months).weeks(self.weeks).days(self.days)
    }

    /// A number of days that is never less than the period, for brackets and for sorting.
    #[must_use]
    pub fn at_most_days(&self) -> i64 {
        i64::from(self.years) * 366
            + i64::from(self.months) * 31
            + i64::from(self.weeks) * 7
            + i64::from(self.days)
            + i64::from(self.business_days) * 7
    }
}

/// Why a text is not a period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// The text is no sequence of a number and a unit.
    #[error("`{0}` is not a period: write whole words, such as `6 months`, `1 year 6 months` or `10 days`")]
    Form(String),
    /// The unit is not one of those known.
    #[error("`{0}` is not a unit of time: use years, months, weeks, days or business days")]
    Unit(String),
    /// The number is too large.
    #[error("`{0}` is too long: at most 999 of a unit")]
    TooLong(String),
}

impl FromStr for Period {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let form = || PeriodError::Form(text.to_owned());
        let mut period = Self::default();
        let mut words = text.split_whitespace().peekable();
        if words.peek().is_none() {
            return Err(form());
        }
        while let Some(word) = words.next() {
            if !word.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(form());
            }
            let number: i32 = word.parse().map_err(|_| PeriodError::TooLong(text.to_owned()))?;
            // 36500 days are 100 years; more is a slip of the pen.
            if number > 36_500 {
                return Err(PeriodError::TooLong(text.to_owned()));
            }
            let unit = words.next().ok_or_else(form)?;
            let place = match unit {
                "year" | "years" if period.years != 0 => return Err(form()),
                "year" | "years" if number <= 999 => {
                    period.years = i16::try_from(number).map_err(|_| form())?;
                    continue;
                }
                "month" | "months" if number <= 11_988 => &mut period.months,
                "week" | "weeks" => &mut period.weeks,
                "day" | "days" => &mut period.days,
                "business" => match words.next() {
                    Some("day" | "days") => &mut period.business_days,
                    other => return Err(PeriodError::Unit(format!("business {}", other.unwrap_or_default()))),
                },
                "year" | "years" | "month" | "months" => return Err(PeriodError::TooLong(text.to_owned())),
                _ => return Err(PeriodError::Unit(unit.to_owned())),
            };
            if *place != 0 {
                return Err(form());
            }
            *place = number;
        }
        Ok(period)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            (i32::from(self.years), "year"),
            (self.months, "month"),
            (self.weeks, "week"),
            (self.days, "day"),
            (self.business_days, "business day"),
        ];
        let words: Vec<String> = parts
            .into_iter()
            .filter(|(number, _)| *number != 0)
            .map(|(number, unit)| format!("{number} {unit}{}", if number == 1 { "" } else { "s" }))
            .collect();
        formatter.write_str(&if words.is_empty() { "0 days".to_owned() } else { words.join(" ") })
    }
}
