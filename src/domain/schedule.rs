//! A schedule: the times that a cron line names, as plain sets of numbers. How a line is read and when it
//! comes next is said in `rule::schedule`.

use std::fmt;

/// The times at which something is to happen, by the clocks of some zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The line as written, with single blanks.
    pub text: String,
    /// Minutes, ascending.
    pub minutes: Vec<u8>,
    /// Hours, ascending.
    pub hours: Vec<u8>,
    /// Days of the month, ascending.
    pub days_of_month: Vec<u8>,
    /// Months, ascending.
    pub months: Vec<u8>,
    /// Days of the week from 0 (Sunday) to 6 (Saturday), ascending.
    pub weekdays: Vec<u8>,
    /// How the two kinds of day go together.
    pub days: DayRule,
    /// How it meets clocks that are put forward or back.
    pub clocks: ClockRule,
}

/// How days of the month and days of the week go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayRule {
    /// A day must be in both sets: one of the two fields begins with `*`.
    Both,
    /// A day must be in one of them.
    Either,
}

/// What happens to times that the clocks leave out or show twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockRule {
    /// Minute and hour are written out: a time that is left out comes right after the gap, one that is shown
    /// twice comes the first time.
    Fixed,
    /// The minute begins with `*`, the hour does not: as fixed ones in a gap (the day would have no run
    /// otherwise), as the clocks show it where they show it twice.
    FixedHours,
    /// The hour begins with `*`: as the clocks show it.
    Running,
}

impl fmt::Display for Schedule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.text)
    }
}
