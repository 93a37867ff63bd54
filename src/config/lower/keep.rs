//! Periods: how long items may be kept, and how long they must.

use super::Lowering;
use super::organisation::one_or_many;
use super::view::SourceView;
use crate::config::file::{CountText, KeepAtLeastFile, KeepFile, OneOrMany, PeriodText, Placed, UntilText, WhereFile};
use crate::config::text::Span;
use crate::domain::period::Period;
use crate::domain::register::{ClockField, CountMethod, FieldConditions, Keep, KeepAtLeast, WholeUntil};

/// What both kinds of period say, by reference.
struct Parts<'a> {
    key: &'static str,
    span: Span,
    conditions: Option<&'a Placed<WhereFile>>,
    period: Option<&'a Placed<PeriodText>>,
    from: Option<&'a OneOrMany<String>>,
    until_end_of: Option<&'a Placed<UntilText>>,
    count: Option<&'a Placed<CountText>>,
}

/// The same, read.
struct Read {
    conditions: FieldConditions,
    period: Period,
    from: Vec<ClockField>,
    until_end_of: Option<WholeUntil>,
    count: CountMethod,
}

/// What a dataset's contract says about the clock `contract.ends`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContractClock {
    /// The contract has an end.
    Ends,
    /// The contract is open-ended.
    OpenEnded,
    /// There is no contract.
    NoContract,
    /// It is not known, for what was said of it is wrong.
    NotKnown,
}

impl Lowering<'_> {
    /// The maximum periods.
    pub(super) fn keep(
        &mut self,
        entries: Option<&OneOrMany<KeepFile>>,
        view: Option<&SourceView>,
        contract: ContractClock,
    ) -> Vec<Keep> {
        let mut kept = vec![];
        let mut last: Option<Span> = None;
        for entry in one_or_many(entries) {
            if let Some(last) = last {
                let place = self.report.texts.place_text(last);
                let hint = format!("the one at {place} has no `where` and takes every item; put it last");
                self.report.warning(entry.span, "this period is never reached", hint);
            }
            if entry.conditions.is_none() && !self.report.was_removed(entry.span, "where") {
                last = last.or(Some(entry.span));
            }
            let parts = Parts {
                key: "keep",
                span: entry.span,
                conditions: entry.conditions.as_ref(),
                period: entry.period.as_ref(),
                from: entry.from.as_ref(),
                until_end_of: entry.until_end_of.as_ref(),
                count: entry.count.as_ref(),
            };
            kept.extend(self.parts(&parts, view, contract).map(|read| Keep {
                conditions: read.conditions,
                period: read.period,
                from: read.from,
                until_end_of: read.until_end_of,
                count: read.count,
                extra: None,
            }));
        }
        kept
    }

    /// The minimum periods.
    pub(super) fn keep_at_least(
        &mut self,
        entries: Option<&OneOrMany<KeepAtLeastFile>>,
        view: Option<&SourceView>,
        contract: ContractClock,
    ) -> Vec<KeepAtLeast> {
        let mut kept = vec![];
        for entry in one_or_many(entries) {
            let parts = Parts {
                key: "keep_at_least",
                span: entry.span,
                conditions: entry.conditions.as_ref(),
                period: entry.period.as_ref(),
                from: entry.from.as_ref(),
                until_end_of: entry.until_end_of.as_ref(),
                count: entry.count.as_ref(),
            };
            kept.extend(self.parts(&parts, view, contract).map(|read| KeepAtLeast {
                conditions: read.conditions,
                period: read.period,
                from: read.from,
                until_end_of: read.until_end_of,
                count: read.count,
                basis: entry.basis.as_ref().map(|basis| basis.value.clone()),
            }));
        }
        kept
    }

    fn parts(&mut self, parts: &Parts<'_>, view: Option<&SourceView>, contract: ContractClock) -> Option<Read> {
        if parts.period.is_none() {
            let message = format!("`{}` does not say how long", parts.key);
            self.report.missing(&[parts.span], "for", message, "write `for = \"6 months\"`".to_owned());
        }
        if parts.from.is_none() {
            let message = format!("`{}` does not say from when", parts.key);
            let hint = "write `from = \"...\"`: a field of the source, or `contract.ends`".to_owned();
            self.report.missing(&[parts.span], "from", message, hint);
        }
        if let Some(from) = parts.from.filter(|from| from.entries.is_empty()) {
            let hint = "write a field of the source, or `contract.ends`".to_owned();
            self.report.problem(from.span, "`from` names no clock", hint);
        }
        let mut from = vec![];
        for name in one_or_many(parts.from) {
            from.extend(self.clock(name, view, contract));
        }
        let conditions = self.conditions(parts.conditions, view);
        let until_end_of = parts.until_end_of.map(|until| match until.value {
            UntilText::FiscalYear => WholeUntil::FiscalYearEnd,
        });
        let count = match parts.count.map(|count| count.value) {
            None | Some(CountText::Calendar) => CountMethod::Calendar,
            Some(CountText::CivilCode) => CountMethod::CivilCode,
        };
        Some(Read { conditions, period: parts.period?.value.0, from, until_end_of, count })
    }

    fn clock(
        &mut self,
        name: &Placed<String>,
        view: Option<&SourceView>,
        contract: ContractClock,
    ) -> Option<ClockField> {
        if name.value != "contract.ends" {
            return self.field_index(view?, name).map(ClockField::Field);
        }
        match contract {
            ContractClock::Ends | ContractClock::NotKnown => {}
            ContractClock::NoContract => {
                let hint = "write `contract = \"...\"`, one of `[contracts]`".to_owned();
                self.report.problem(name.span, "the clock `contract.ends` needs a `contract`", hint);
            }
            ContractClock::OpenEnded => {
                let hint = "give the contract `ends`: until then nothing of this dataset ever falls due".to_owned();
                self.report.warning(name.span, "the contract has no end, so this clock cannot be read", hint);
            }
        }
        Some(ClockField::ContractEnds)
    }

    /// Conditions on fields of the source.
    pub(super) fn conditions(
        &mut self,
        conditions: Option<&Placed<WhereFile>>,
        view: Option<&SourceView>,
    ) -> FieldConditions {
        let mut read = FieldConditions::new();
        for (field, globs) in conditions.into_iter().flat_map(|conditions| &conditions.0) {
            if let Some(view) = view {
                self.field_index(view, field);
            }
            if globs.entries.is_empty() {
                let hint = "write a value, a glob or a list of them".to_owned();
                self.report.problem(globs.span, format!("nothing can match `{}`", field.value), hint);
            }
            read.insert(field.value.clone(), globs.entries.iter().map(|glob| glob.value.0.clone()).collect());
        }
        read
    }
}
