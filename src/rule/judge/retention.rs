//! The retention rule: the clock that counts, the period that runs from it, and where now lies.

use super::Judgement;
use super::explain::Limit;
use super::purposes::Held;
use super::trace::{Silent, Trace};
use crate::domain::instant::Instant;
use crate::domain::item::{Item, Value};
use crate::domain::register::{ClockField, Dataset, FieldConditions, Register};
use crate::domain::verdict::Reason;
use crate::rule::Narrowing;
use crate::rule::calendar::{DAY_MICROSECONDS, day_number};
use crate::rule::condition::{Conditions, Label};
use crate::rule::memory::{PlaceMemory, ReadingMemory};
use crate::rule::period::{Bracket, Calendar, Clock, Deadline, Warning};
use crate::rule::purpose::PurposeBook;
use crate::rule::reading::{ClockReader, ClockReading, Unreadable};
use crate::rule::text::Buffers;
use crate::rule::zone::Zone;
use jiff::civil::Date;
use std::sync::Arc;

/// The retention rule of one dataset.
#[derive(Debug)]
pub(super) struct RetentionRule {
    now: Instant,
    calendar: Calendar,
    maxima: Vec<PeriodRule>,
    minima: Vec<PeriodRule>,
    warnings: Vec<Warning>,
    contract_ends: Option<Date>,
    /// Whether different purposes of one item may have different periods.
    asks_for_purpose: bool,
}

/// One period and the items it is for.
#[derive(Debug)]
struct PeriodRule {
    conditions: Conditions,
    from: Vec<(ClockField, Option<ClockReader>)>,
    deadline: Deadline,
    bracket: Bracket,
}

/// Room for the retention rule.
#[derive(Debug, Default)]
pub(super) struct RetentionScratch {
    buffers: Buffers,
    readings: ReadingMemory,
    /// When the periods of days end, by the period's place and the day.
    ends: PlaceMemory<(usize, Date), Option<Instant>>,
    /// When the warning of a due instant begins.
    beginnings: PlaceMemory<Instant, Option<Instant>>,
}

/// Where an item stands under one period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// No period is for it.
    NoPeriod,
    /// The clock has not started.
    Running,
    /// No clock can be read.
    Undated(Unreadable),
    /// It falls due then.
    Due(Instant),
    /// It certainly does not fall due soon.
    Ahead,
}

impl RetentionRule {
    pub(super) fn new(register: &Register, dataset: &Dataset, now: Instant, calendar: &Calendar) -> Self {
        let warnings: Vec<Warning> = dataset.warn.iter().map(|period| Warning::new(calendar, period)).collect();
        let zone = Arc::new(Zone::new(&dataset.source.time_zone));
        let compile = |conditions: &FieldConditions, from: &[ClockField], deadline: Deadline| {
            let reader = |field: &ClockField| match field {
                ClockField::Field(place) => Some(ClockReader::new(dataset.source.fields.get(*place)?, &zone)),
                ClockField::ContractEnds => None,
            };
            PeriodRule {
                conditions: Conditions::new(conditions, &dataset.source),
                from: from.iter().map(|field| (field.clone(), reader(field))).collect(),
                bracket: deadline.bracket(now, &warnings),
                deadline,
            }
        };
        let maxima = dataset.keep.iter();
        let maxima: Vec<PeriodRule> = maxima
            .map(|keep| {
                let deadline = Deadline::new(calendar, &keep.period, keep.until_end_of, keep.count);
                compile(&keep.conditions, &keep.from, deadline.later_by(keep.extra.as_ref()))
            })
            .collect();
        let minima = dataset.keep_at_least.iter();
        let minima: Vec<PeriodRule> = minima
            .map(|keep| {
                let deadline = Deadline::new(calendar, &keep.period, keep.until_end_of, keep.count);
                compile(&keep.conditions, &keep.from, deadline)
            })
            .collect();
        let contract = dataset.contract.as_ref().and_then(|name| register.contracts.get(name));
        let asks_for_purpose = maxima.iter().any(|rule| rule.conditions.ask_for_purpose());
        Self {
            now,
            calendar: calendar.clone(),
            maxima,
            minima,
            contract_ends: contract.and_then(|contract| contract.ends),
            warnings,
            asks_for_purpose,
        }
    }

    /// Decides an item.
    pub(super) fn decide<T: Trace>(
        &self,
        item: &Item<'_>,
        held: &Held,
        book: &PurposeBook,
        scratch: &mut RetentionScratch,
        trace: &mut T,
        judgement: &mut Judgement,
    ) {
        match self.standing(item, held, book, scratch, trace) {
            Standing::NoPeriod | Standing::Running | Standing::Ahead => {}
            Standing::Undated(note) => undated(judgement, note),
            Standing::Due(due) if self.now >= due => {
                match self.minimum(item, held, book, scratch, trace) {
                    Standing::Undated(note) => return undated(judgement, note),
                    Standing::NoPeriod => judgement.reasons.insert(Reason::Expired),
                    _ => judgement.reasons.insert(Reason::MustKeep),
                }
                judgement.due = Some(due);
            }
            Standing::Due(due) => {
                let place = place_of(due.microseconds() / DAY_MICROSECONDS);
                let earliest = || self.warnings.iter().filter_map(|warning| warning.starts(due)).min();
                let begins = scratch.beginnings.get(due, place, earliest);
                if begins.is_some_and(|begins| begins <= self.now) {
                    judgement.reasons.insert(Reason::DueSoon);
                    judgement.due = Some(due);
                }
            }
        }
    }

    /// The instant that the period of the item runs from; a day counts from its beginning.
    pub(super) fn clock_of(
        &self,
        item: &Item<'_>,
        held: &Held,
        book: &PurposeBook,
        scratch: &mut RetentionScratch,
    ) -> Option<Instant> {
        let label = held.labels.first();
        let mut rules = self.maxima.iter();
        let rule = rules.find(|rule| rule.conditions.match_item(item, label, book, &mut scratch.buffers))?;
        match self.clock(rule, item, scratch, &mut Silent) {
            ClockReading::Instant(instant) => Some(instant),
            ClockReading::Date(date) => Some(self.calendar.start_of_day(date)),
            ClockReading::Running | ClockReading::Unreadable(_) => None,
        }
    }

    /// Where the item stands under the maxima: when it has several purposes, under the last to end.
    fn standing<T: Trace>(
        &self,
        item: &Item<'_>,
        held: &Held,
        book: &PurposeBook,
        scratch: &mut RetentionScratch,
        trace: &mut T,
    ) -> Standing {
        if !self.asks_for_purpose || held.labels.len() < 2 {
            return self.under_maximum(item, held.labels.first(), book, scratch, trace);
        }
        let standings = held.labels.iter().map(|label| self.under_maximum(item, Some(label), book, scratch, trace));
        standings.fold(Standing::NoPeriod, Standing::and)
    }

    /// Where the item stands for one purpose: the first period whose conditions match counts.
    fn under_maximum<T: Trace>(
        &self,
        item: &Item<'_>,
        label: Option<&Label>,
        book: &PurposeBook,
        scratch: &mut RetentionScratch,
        trace: &mut T,
    ) -> Standing {
        let mut rules = self.maxima.iter().enumerate();
        let matching = rules.find(|(_, rule)| rule.conditions.match_item(item, label, book, &mut scratch.buffers));
        let Some((index, rule)) = matching else {
            return Standing::NoPeriod;
        };
        let clock = match self.clock(rule, item, scratch, trace) {
            ClockReading::Instant(instant) => Clock::Instant(instant),
            ClockReading::Date(date) => Clock::Date(date),
            ClockReading::Running => return Standing::Running,
            ClockReading::Unreadable(note) => return Standing::Undated(note),
        };
        if !T::RECORDS && rule.bracket.is_clear(clock) {
            return Standing::Ahead;
        }
        let due = match clock {
            Clock::Instant(_) => rule.deadline.due(clock),
            Clock::Date(date) => {
                let place = place_of(day_number(date)) + 64 * index;
                scratch.ends.get((index, date), place, || rule.deadline.due(clock))
            }
        };
        trace.period(Limit::AtMost, index, due);
        due.map_or(Standing::Ahead, Standing::Due)
    }

    /// Whether some minimum has not passed: `NoPeriod` when there is none left, `Undated` when nobody can
    /// say, else something other.
    fn minimum<T: Trace>(
        &self,
        item: &Item<'_>,
        held: &Held,
        book: &PurposeBook,
        scratch: &mut RetentionScratch,
        trace: &mut T,
    ) -> Standing {
        let mut standing = Standing::NoPeriod;
        for (index, rule) in self.minima.iter().enumerate() {
            let mut matches = |label| rule.conditions.match_item(item, label, book, &mut scratch.buffers);
            let is_for_item = match held.labels.as_slice() {
                [] => matches(None),
                labels => labels.iter().any(|label| matches(Some(label))),
            };
            if !is_for_item {
                continue;
            }
            let clock = match self.clock(rule, item, scratch, trace) {
                ClockReading::Instant(instant) => Clock::Instant(instant),
                ClockReading::Date(date) => Clock::Date(date),
                // A minimum that has not started has not passed.
                ClockReading::Running => return Standing::Running,
                // Nobody knows whether it has passed: nobody is told to erase.
                ClockReading::Unreadable(note) => {
                    standing = Standing::Undated(note);
                    continue;
                }
            };
            let due = rule.deadline.due(clock);
            trace.period(Limit::AtLeast, index, due);
            match due {
                Some(due) if due <= self.now => {}
                _ => return Standing::Ahead,
            }
        }
        standing
    }

    /// The first readable clock of a period; else whether one has not started, else why none is readable.
    fn clock<T: Trace>(
        &self,
        rule: &PeriodRule,
        item: &Item<'_>,
        scratch: &mut RetentionScratch,
        trace: &mut T,
    ) -> ClockReading {
        let mut answer: Option<ClockReading> = None;
        for (field, reader) in &rule.from {
            let reading = match (field, reader) {
                (ClockField::Field(index), Some(reader)) => {
                    let value = item.values.get(*index).unwrap_or(&Value::Empty);
                    scratch.readings.read(reader, value, *index)
                }
                (ClockField::ContractEnds, _) => {
                    self.contract_ends.map_or(ClockReading::Unreadable(Unreadable::OpenContract), ClockReading::Date)
                }
                (ClockField::Field(_), None) => ClockReading::Unreadable(Unreadable::Empty),
            };
            trace.clock(field, reading);
            match (reading, answer) {
                (ClockReading::Instant(_) | ClockReading::Date(_), _) => return reading,
                (ClockReading::Running, _) | (_, None) => answer = Some(reading),
                _ => {}
            }
        }
        answer.unwrap_or(ClockReading::Unreadable(Unreadable::Empty))
    }

    /// The one clock field of all periods, and the latest clock that matters.
    pub(super) fn narrowing(&self) -> Option<Narrowing> {
        let mut clocks = self.maxima.iter().map(|rule| match rule.from.as_slice() {
            [(ClockField::Field(place), _)] => Some(*place),
            _ => None,
        });
        let field = clocks.next()??;
        if !clocks.all(|other| other == Some(field)) {
            return None;
        }
        let not_after = self.maxima.iter().map(|rule| rule.bracket.instant).max()?;
        Some(Narrowing { field, not_after })
    }
}

impl Standing {
    /// Where an item stands that is held for several purposes: one whose clock has not started holds it;
    /// what nobody can say stays unsaid; else the last to end counts.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::NoPeriod, one) | (one, Self::NoPeriod) => one,
            (Self::Running, _) | (_, Self::Running) => Self::Running,
            (Self::Undated(note), _) | (_, Self::Undated(note)) => Self::Undated(note),
            (Self::Ahead, _) | (_, Self::Ahead) => Self::Ahead,
            (Self::Due(first), Self::Due(second)) => Self::Due(first.max(second)),
        }
    }
}

/// Where what follows from a day is remembered.
fn place_of(day: i64) -> usize {
    usize::try_from(day.unsigned_abs()).unwrap_or_default()
}

fn undated(judgement: &mut Judgement, note: Unreadable) {
    judgement.reasons.insert(Reason::Undated);
    judgement.undecidable = true;
    judgement.note = Some(note);
}
