//! Letters and exceptions: what is written over the defaults, and a division's own keys over the
//! organisation's.

use super::{Declared, Lowering};
use crate::config::file::{ExceptionsFile, LettersFile, OneOrMany, Placed};
use crate::config::lower::organisation::one_or_many;
use crate::domain::register::{BusinessCalendar, ExceptionPolicy, LetterPolicy};

/// The files of holidays that the register names, each with its place.
pub fn holiday_files(declared: &Declared) -> Vec<Placed<String>> {
    let of_divisions = declared.divisions.values().filter_map(|entry| entry.value.letters.as_ref());
    let letters = declared.letters.iter().chain(of_divisions);
    letters.flat_map(|letters| one_or_many(letters.holidays.as_ref())).cloned().collect()
}

impl Lowering<'_> {
    /// How letters of the organisation are sent.
    pub(super) fn letters(&self) -> LetterPolicy {
        let default = LetterPolicy::default();
        self.declared.letters.as_ref().map_or(default.clone(), |letters| self.letters_over(letters, &default))
    }

    /// How letters of a division are sent.
    pub(super) fn division_letters(
        &mut self,
        own: Option<&Placed<LettersFile>>,
        organisation: &LetterPolicy,
    ) -> LetterPolicy {
        let Some(own) = own else { return organisation.clone() };
        if let Some(summary) = &own.summary {
            let hint = "write it under `[letters]`: there is one summary, over all divisions".to_owned();
            self.report.problem(summary.span, "a division has no `summary` of its own", hint);
        }
        self.letters_over(own, organisation)
    }

    fn letters_over(&self, file: &LettersFile, below: &LetterPolicy) -> LetterPolicy {
        LetterPolicy {
            send: file.send.as_ref().map(|send| send.value.0).or(below.send),
            calendar: file.holidays.as_ref().map_or_else(|| below.calendar.clone(), |files| self.calendar(files)),
            repeat: file.repeat.as_ref().map_or(below.repeat, |repeat| repeat.value.0),
            escalate_after_business_days: file
                .escalate_after
                .as_ref()
                .map_or(below.escalate_after_business_days, |days| days.value.0),
            declare_within: file.declare_within.as_ref().map_or(below.declare_within, |period| period.value.0),
            immediate: file.immediate.as_ref().map_or_else(
                || below.immediate.clone(),
                |findings| findings.entries.iter().map(|finding| finding.value.0).collect(),
            ),
            summary_weekday: file.summary.as_ref().map_or(below.summary_weekday, |summary| summary.value.into()),
        }
    }

    /// The holidays of all these files; what is wrong with a file was noted when it was read.
    fn calendar(&self, files: &OneOrMany<String>) -> BusinessCalendar {
        let files = files.entries.iter().filter_map(|file| self.holidays.get(&file.value));
        BusinessCalendar::new(files.flatten().copied())
    }

    /// How long exceptions may last.
    pub(super) fn exceptions(&self) -> ExceptionPolicy {
        let default = ExceptionPolicy::default();
        let Some(file) = &self.declared.exceptions else { return default };
        let ExceptionsFile { longest_extension, longest_approval, remind } = &file.value;
        ExceptionPolicy {
            longest_extension: longest_extension.as_ref().map_or(default.longest_extension, |period| period.value.0),
            longest_approval: longest_approval.as_ref().map_or(default.longest_approval, |period| period.value.0),
            remind: remind.as_ref().map_or(default.remind, |period| period.value.0),
        }
    }
}
