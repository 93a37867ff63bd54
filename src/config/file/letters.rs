//! How letters are sent and how long exceptions may last, as written under `[letters]` and `[exceptions]`.

use super::leaf::PeriodText;
use super::measure::{BusinessDaysText, FindingText, LongPeriodText, TimeText, WeekdayText};
use super::placed::Placed;
use super::shape::OneOrMany;
use schemars::JsonSchema;
use serde::Deserialize;

/// How letters are sent, repeated and escalated. What a division does not say is taken from the organisation's
/// `[letters]`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct LettersFile {
    /// The time of day at which the daemon's letters leave, on business days. Default: `09:00`.
    pub send: Option<Placed<TimeText>>,
    /// Files of holidays, beside Saturdays and Sundays: lines that begin with a date (`2027-01-01` or `2027/1/1`);
    /// what follows a comma is not read. The file of Japan's Cabinet Office is read as it is. Default: none.
    pub holidays: Option<OneOrMany<String>>,
    /// After how long a letter is repeated when nothing has changed. Default: `7 days`.
    pub repeat: Option<Placed<LongPeriodText>>,
    /// After how long silence goes to the deputy, and after as long again to the privacy manager. Default:
    /// `5 business days`.
    pub escalate_after: Option<Placed<BusinessDaysText>>,
    /// How long items that are not seen any more may stay without a declaration of their disposal. Default:
    /// `30 days`.
    pub declare_within: Option<Placed<LongPeriodText>>,
    /// Findings that are told at once, day or night: `rule` or `rule:reason`. Default: none.
    pub immediate: Option<OneOrMany<FindingText>>,
    /// The day of the privacy manager's weekly summary; not in a division. Default: `monday`.
    pub summary: Option<Placed<WeekdayText>>,
}

/// How long exceptions may last.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct ExceptionsFile {
    /// The longest time for which an extension is given. Default: `1 year`.
    pub longest_extension: Option<Placed<LongPeriodText>>,
    /// The longest time for which a use outside the purpose is approved. Default: `1 year`.
    pub longest_approval: Option<Placed<LongPeriodText>>,
    /// How long before an exception ends it is told. Default: `14 days`.
    pub remind: Option<Placed<PeriodText>>,
}
