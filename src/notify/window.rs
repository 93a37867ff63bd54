//! When ordinary letters may leave: at the send time of a division, on its business days. What is urgent does not
//! ask. Reading the clock and remembering the marks is for the caller.

use crate::domain::instant::Instant;
use crate::domain::name::DivisionName;
use crate::domain::register::{LetterPolicy, Register};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};

/// For how long after the send time letters may still leave on that day, in microseconds: a working day. A machine
/// that was off in the morning catches up at noon, and mails nobody at night.
const OPEN_MICROSECONDS: i64 = 9 * 60 * 60 * 1_000_000;

/// The mark that tells when the last weekly summary was written.
pub const SUMMARY_MARK: &str = "summary";

/// How letters leave where the register names no send time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pace {
    /// Somebody scans by hand: the letters leave with the scan.
    #[default]
    ByHand,
    /// The daemon is at work: they leave at nine.
    Daemon,
}

/// Through whose send time a letter leaves.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// The organisation's: letters to the privacy manager and the auditor.
    Organisation,
    /// A division's: letters to its person in charge and the deputy.
    Division(DivisionName),
}

impl Channel {
    /// The name of the mark that tells when its last digest left.
    #[must_use]
    pub fn mark(&self) -> String {
        match self {
            Self::Organisation => "digest".to_owned(),
            Self::Division(name) => format!("digest/{name}"),
        }
    }
}

/// The channels through which ordinary letters may leave now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Window {
    open: BTreeSet<Channel>,
    opened: Vec<Channel>,
}

impl Window {
    /// The window at `now`. `marks` tell when each channel's last digest left.
    #[must_use]
    pub fn at(register: &Register, marks: &BTreeMap<String, Instant>, now: Instant, pace: Pace) -> Self {
        let mut window = Self::default();
        let zone = &register.organisation.time_zone;
        for (channel, policy) in channels(register) {
            if pace == Pace::ByHand && policy.send.is_none() {
                window.open.insert(channel);
                continue;
            }
            let last = marks.get(&channel.mark()).copied();
            if opening(policy, now, zone).is_some_and(|opening| last.is_none_or(|last| last < opening)) {
                window.open.insert(channel.clone());
                window.opened.push(channel);
            }
        }
        window
    }

    /// A window through which every letter may leave.
    #[must_use]
    pub fn wide_open(register: &Register) -> Self {
        Self { open: channels(register).map(|(channel, _)| channel).collect(), opened: Vec::new() }
    }

    /// Whether ordinary letters may leave through the channel. That of a division that the register does not know
    /// is the organisation's.
    #[must_use]
    pub fn is_open(&self, channel: &Channel, register: &Register) -> bool {
        match channel {
            Channel::Division(name) if !register.divisions.contains_key(name) => {
                self.open.contains(&Channel::Organisation)
            }
            channel => self.open.contains(channel),
        }
    }

    /// The channels that are open because their send time has come, for the marks to set once letters are written.
    pub fn opened(&self) -> impl Iterator<Item = &Channel> {
        self.opened.iter()
    }
}

fn channels(register: &Register) -> impl Iterator<Item = (Channel, &LetterPolicy)> {
    let divisions =
        register.divisions.iter().map(|(name, division)| (Channel::Division(name.clone()), &division.letters));
    std::iter::once((Channel::Organisation, &register.letters)).chain(divisions)
}

/// Today's send time, when it has come, today is a business day and people are still at work.
fn opening(policy: &LetterPolicy, now: Instant, zone: &TimeZone) -> Option<Instant> {
    let today = now.day(zone);
    let opening = policy.calendar.next_instant_of(policy.send_time(), start_of(today, zone), zone);
    let is_open =
        opening <= now && opening.day(zone) == today && now.microseconds() - opening.microseconds() < OPEN_MICROSECONDS;
    is_open.then_some(opening)
}

/// Whether the weekly summary is to be written now: its weekday's send time has come since the last one, and the
/// organisation's letters may leave. A holiday puts it off to the next business day.
#[must_use]
pub fn is_summary_due(register: &Register, last: Instant, now: Instant) -> bool {
    let zone = &register.organisation.time_zone;
    let policy = &register.letters;
    if opening(policy, now, zone).is_none() {
        return false;
    }
    let today = now.day(zone);
    let days_since = today.weekday().since(policy.summary_weekday);
    [0, 7].into_iter().any(|weeks_before| {
        let Ok(day) = today.checked_sub(i64::from(days_since + weeks_before).days()) else { return false };
        let instant = policy.calendar.next_instant_of(policy.send_time(), start_of(day, zone), zone);
        last < instant && instant <= now
    })
}

/// The first instant of a day.
pub(super) fn start_of(day: Date, zone: &TimeZone) -> Instant {
    day.to_zoned_datetime(zone.clone())
        .map_or(Instant::from_microseconds(i64::MAX), |zoned| Instant::from(zoned.timestamp()))
}
