//! What is due: each dataset's schedule, compared with the instant up to which it was looked at.
//!
//! - Never looked at: the dataset waits for its schedule, also where it was never scanned.
//! - Instants have passed: one run, however many there were; the earlier ones are counted as missed. Late ones (the
//!   daemon was down, the machine slept, the clock was put forward) are told apart as catching up.
//! - The clock was set back: by less than three hours, and less than the schedule's own interval, the time is waited
//!   out, so that nothing runs twice; by more, it is a correction, and the new time counts at once (as in cron(8)).
//! - A dataset that is still being scanned is left alone; what passes meanwhile is counted as missed.
//! - Hours that a connection wants to be left alone (`avoid`) are waited out; however many instants they held, one run
//!   follows, and none was missed.
//!
//! Up to when a schedule was looked at is stored when its run has ended, not when it begins: a run that is cut off is
//! made up for. Deliberately absent: starting anything.

use crate::app::scan::Cause;
use crate::app::session::is_scanned_here;
use crate::config::Loaded;
use crate::domain::instant::Instant;
use crate::domain::name::DatasetName;
use crate::domain::register::Dataset;
use crate::domain::run::RunTrigger;
use crate::domain::schedule::Schedule;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::time::Duration;

const MINUTE: i64 = 60 * 1_000_000;

/// A run that begins later than this after its instant catches up, in microseconds.
const LATE: i64 = 5 * MINUTE;
/// A clock that is set back by more is corrected rather than adjusted, in microseconds.
const CORRECTION: i64 = 3 * 60 * MINUTE;

/// A dataset whose turn has come, and that has not begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) dataset: DatasetName,
    pub(super) cause: Cause,
    /// Not before this instant, by its random delay.
    pub(super) not_before: Instant,
}

/// What one schedule says at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Saying {
    /// Nothing has come since it was last looked at.
    NotYet,
    /// The clock was adjusted back: wait.
    WaitOut,
    /// The clock was corrected back: the new time counts.
    SetBack,
    /// It has come, last at `at`, and `earlier` times before.
    Come { at: Instant, earlier: u64 },
}

/// The schedules of this server's datasets, and what is due.
#[derive(Debug, Default)]
pub(super) struct Schedules {
    considered: BTreeMap<DatasetName, Instant>,
    /// What passed while the dataset was being scanned: missed by its next run.
    skipped: BTreeMap<DatasetName, u64>,
    pub(super) waiting: Vec<Waiting>,
}

/// What is to be stored of schedules: up to when each was looked at; nothing forgets it.
pub(super) type Stored = BTreeMap<DatasetName, Option<Instant>>;

impl Schedules {
    /// Those of a configuration, looked at until what is `stored`. A dataset that is new here waits for its
    /// schedule; one whose schedule differs from `before` does so too.
    pub(super) fn adopt(&mut self, loaded: &Loaded, before: Option<&Loaded>, stored: &Stored, now: Instant) -> Stored {
        let mut changes = Stored::new();
        let mut considered = BTreeMap::new();
        for (name, dataset) in scheduled_here(loaded, now) {
            let was = before.and_then(|before| before.register.datasets.get(name));
            let is_same = was.is_none_or(|was| {
                was.schedule == dataset.schedule && was.schedule_time_zone == dataset.schedule_time_zone
            });
            let until = self.considered.get(name).copied().or_else(|| {
                // One that was renamed goes on where it was.
                std::iter::once(name).chain(&dataset.was).find_map(|name| stored.get(name).copied().flatten())
            });
            let until = until.filter(|_| is_same);
            if until.is_none() {
                changes.insert(name.clone(), Some(now));
            }
            considered.insert(name.clone(), until.unwrap_or(now));
        }
        let known = stored.keys().chain(self.considered.keys());
        changes.extend(known.filter(|name| !considered.contains_key(*name)).map(|name| (name.clone(), None)));
        self.waiting.retain(|waiting| considered.contains_key(&waiting.dataset));
        self.considered = considered;
        changes
    }

    /// Lets what has passed so far pass: the dataset waits for its schedule's next instant.
    pub(super) fn let_pass(&mut self, dataset: &DatasetName, now: Instant) {
        if let Some(considered) = self.considered.get_mut(dataset) {
            *considered = now;
        }
    }

    /// Looks at every schedule: what has come waits to begin, unless it `is_busy`. Returns what is to be stored.
    pub(super) fn look(
        &mut self,
        loaded: &Loaded,
        node: &str,
        is_busy: impl Fn(&DatasetName) -> bool,
        now: Instant,
    ) -> Stored {
        let mut changes = Stored::new();
        for (name, dataset, schedule) in
            scheduled_here(loaded, now).filter_map(|(name, dataset)| Some((name, dataset, dataset.schedule.as_ref()?)))
        {
            let Some(considered) = self.considered.get_mut(name) else {
                // Its day of retirement was taken back, or its site begins to be scanned.
                self.considered.insert(name.clone(), now);
                changes.insert(name.clone(), Some(now));
                continue;
            };
            let zone = &dataset.schedule_time_zone;
            match saying(schedule, zone, *considered, now) {
                Saying::WaitOut => {}
                Saying::NotYet => *considered = now,
                Saying::SetBack => {
                    tracing::warn!(dataset = %name, "the clock was set back: the schedule goes on from the new time");
                    *considered = now;
                    changes.insert(name.clone(), Some(now));
                }
                Saying::Come { at, earlier } => {
                    *considered = now;
                    // One that waits for the end of avoided hours gives way: nothing was missed.
                    let gives_way = |waiting: &Waiting| {
                        let waits_since = waiting.cause.scheduled_at.filter(|_| waiting.dataset == *name);
                        waits_since.is_some_and(|since| loaded.register.avoided_until(dataset, since).is_some())
                    };
                    let held = self.waiting.iter().position(gives_way).map(|place| self.waiting.remove(place));
                    let queued = self.waiting.iter().any(|waiting| waiting.dataset == *name);
                    if queued || is_busy(name) {
                        *self.skipped.entry(name.clone()).or_default() += earlier + 1;
                        tracing::warn!(dataset = %name, "its schedule has come again while it is being scanned");
                        continue;
                    }
                    let missed = earlier
                        + self.skipped.remove(name).unwrap_or_default()
                        + held.map_or(0, |held| held.cause.missed);
                    let is_late = now.microseconds().saturating_sub(at.microseconds()) > LATE;
                    let trigger = if earlier > 0 || is_late { RunTrigger::CatchUp } else { RunTrigger::Schedule };
                    let delay = if trigger == RunTrigger::Schedule { dataset.random_delay } else { Duration::ZERO };
                    // Those that share a source have the same delay, so that they are read together.
                    let drawn_by = dataset.shared_source.as_ref().map_or(name.as_str(), |source| source.as_str());
                    let not_before = later(at, drawn(delay, node, drawn_by, at));
                    let cause = Cause { trigger, scheduled_at: Some(at), missed };
                    self.waiting.push(Waiting { dataset: name.clone(), cause, not_before });
                }
            }
        }
        self.waiting.sort_by(|left, right| {
            (left.cause.scheduled_at, &left.dataset).cmp(&(right.cause.scheduled_at, &right.dataset))
        });
        changes
    }

    /// Takes the next dataset that may begin at `now`, if there is one, and with it those that share its source and wait
    /// for the same reason: they are read in one pass. A clock that was set back holds nothing up.
    pub(super) fn take(
        &mut self,
        loaded: &Loaded,
        is_busy: impl Fn(&DatasetName) -> bool,
        now: Instant,
    ) -> Vec<Waiting> {
        let is_free = |name: &DatasetName| avoided_until(loaded, name, now).is_none();
        let may_begin = |waiting: &Waiting| {
            let is_ahead = waiting.cause.scheduled_at.is_some_and(|at| at > now);
            (waiting.not_before <= now || is_ahead) && !is_busy(&waiting.dataset) && is_free(&waiting.dataset)
        };
        let source =
            |name: &DatasetName| loaded.register.datasets.get(name).and_then(|dataset| dataset.shared_source.as_ref());
        let Some(first) = self.waiting.iter().find(|waiting| may_begin(waiting)).cloned() else { return Vec::new() };
        let its_source = source(&first.dataset);
        let is_with = |waiting: &Waiting| {
            let shares = its_source.is_some() && source(&waiting.dataset) == its_source && waiting.cause == first.cause;
            waiting.dataset == first.dataset || (shares && may_begin(waiting))
        };
        let (taken, left) = std::mem::take(&mut self.waiting).into_iter().partition(is_with);
        self.waiting = left;
        taken
    }

    /// When something is to begin next.
    pub(super) fn next(&self, loaded: &Loaded, now: Instant) -> Option<Instant> {
        let by_schedule = scheduled_here(loaded, now).filter_map(|(_, dataset)| {
            let next = dataset.schedule.as_ref()?.next_after(now, &dataset.schedule_time_zone)?;
            Some(loaded.register.avoided_until(dataset, next).unwrap_or(next))
        });
        let waiting = self.waiting.iter().map(|waiting| {
            let begins = waiting.not_before.max(now);
            avoided_until(loaded, &waiting.dataset, begins).unwrap_or(begins)
        });
        waiting.chain(by_schedule).min()
    }
}

/// When the hours end in which the dataset is not to be scanned by its schedule, if `now` lies in them.
fn avoided_until(loaded: &Loaded, dataset: &DatasetName, now: Instant) -> Option<Instant> {
    let register = &loaded.register;
    register.datasets.get(dataset).and_then(|dataset| register.avoided_until(dataset, now))
}

/// The datasets of this server that have a schedule.
pub(super) fn scheduled_here(loaded: &Loaded, now: Instant) -> impl Iterator<Item = (&DatasetName, &Dataset)> {
    let datasets = loaded.register.datasets.iter();
    datasets.filter(move |(_, dataset)| dataset.schedule.is_some() && is_scanned_here(loaded, dataset, now))
}

fn saying(schedule: &Schedule, zone: &TimeZone, considered: Instant, now: Instant) -> Saying {
    let back = considered.microseconds().saturating_sub(now.microseconds());
    if back > 0 {
        let interval = interval(schedule, zone, now).unwrap_or(CORRECTION);
        return if back < CORRECTION.min(interval) { Saying::WaitOut } else { Saying::SetBack };
    }
    match schedule.previous_or_at(now, zone) {
        Some(at) if at > considered => {
            let count = u64::from(schedule.count_between(considered, now, zone));
            Saying::Come { at, earlier: count.saturating_sub(1) }
        }
        _ => Saying::NotYet,
    }
}

/// The time between its next two instants, in microseconds.
fn interval(schedule: &Schedule, zone: &TimeZone, now: Instant) -> Option<i64> {
    let next = schedule.next_after(now, zone)?;
    let second = schedule.next_after(next, zone)?;
    Some(second.microseconds() - next.microseconds())
}

/// A delay up to `longest`: the same for the same server, dataset and instant, and evenly spread over them.
fn drawn(longest: Duration, node: &str, dataset: &str, at: Instant) -> Duration {
    let hash = blake3::hash(format!("{node}\n{dataset}\n{}", at.microseconds()).as_bytes());
    let mut bytes = [0; 4];
    bytes.copy_from_slice(&hash.as_bytes()[..4]);
    longest.mul_f64(f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX))
}

fn later(at: Instant, delay: Duration) -> Instant {
    let delay = i64::try_from(delay.as_micros()).unwrap_or(i64::MAX);
    Instant::from_microseconds(at.microseconds().saturating_add(delay))
}
