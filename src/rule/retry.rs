//! When a letter that was not taken is tried again, and when it is given up. The delays grow, and each letter has a
//! jitter of its own, so that a mail server that comes back does not get all of them in the same second.

use crate::domain::instant::Instant;
use siphasher::sip::SipHasher13;
use std::hash::Hasher as _;

const MINUTE: i64 = 60 * 1_000_000;

/// The delays after the first attempts, in minutes.
const DELAYS_MINUTES: [i64; 7] = [1, 2, 5, 15, 30, 60, 120];
/// The delay after every later attempt, in minutes.
const LAST_DELAY_MINUTES: i64 = 240;
/// A delay is made longer by less than one part in so many.
const JITTER_PARTS: i64 = 4;

/// How long a letter is tried after it was queued, in microseconds: 5 days.
pub const GIVE_UP_MICROSECONDS: i64 = 5 * 24 * 60 * MINUTE;

/// No delay is longer, in microseconds. A letter whose next attempt lies farther ahead than this was noted by a clock
/// that has been set back since.
pub const LONGEST_DELAY_MICROSECONDS: i64 = LAST_DELAY_MINUTES * MINUTE * (JITTER_PARTS + 1) / JITTER_PARTS;

/// What follows an attempt that did not deliver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// The letter is tried again then.
    At(Instant),
    /// It was tried long enough.
    GiveUp,
}

/// What follows the attempt that ended at `now`. `attempts` were begun so far, this one included; the last attempt is
/// made when the five days are over, not up to four hours before.
#[must_use]
pub fn retry(queued_at: Instant, attempts: u64, now: Instant, message_id: &str) -> Retry {
    let (queued, now) = (queued_at.microseconds(), now.microseconds());
    let give_up = queued.saturating_add(GIVE_UP_MICROSECONDS);
    if now >= give_up {
        return Retry::GiveUp;
    }
    let next = now.saturating_add(delay(attempts, message_id)).min(give_up);
    // A clock that was set back leaves `queued_at` in the future: the letter goes on being tried.
    Retry::At(Instant::from_microseconds(next))
}

/// The delay after so many attempts, in microseconds.
fn delay(attempts: u64, message_id: &str) -> i64 {
    let index = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
    let delay = DELAYS_MINUTES.get(index).copied().unwrap_or(LAST_DELAY_MINUTES) * MINUTE;
    let mut hasher = SipHasher13::new();
    hasher.write_u64(attempts);
    hasher.write(message_id.as_bytes());
    let longest_jitter = u64::try_from(delay / JITTER_PARTS).unwrap_or(1).max(1);
    delay.saturating_add(i64::try_from(hasher.finish() % longest_jitter).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ID: &str = "<purposed.osaka.1@example.co.jp>";

    fn at(microseconds: i64) -> Instant {
        Instant::from_microseconds(microseconds)
    }

    /// The minutes after queueing at which a letter is tried whose every attempt fails at once.
    fn minutes(message_id: &str) -> Vec<i64> {
        let mut now = at(0);
        let mut tried = vec![0];
        for attempts in 1.. {
            match retry(at(0), attempts, now, message_id) {
                Retry::At(next) => now = next,
                Retry::GiveUp => break,
            }
            tried.push(now.microseconds() / MINUTE);
        }
        tried
    }

    #[test]
    fn the_delays_grow_up_to_four_hours_and_end_after_five_days() {
        let tried = minutes(ID);
        assert_eq!(tried.last(), Some(&(5 * 24 * 60)), "the last attempt is made at the very end");
        assert!((30..=38).contains(&tried.len()), "{}", tried.len());
        let steps: Vec<i64> = tried.windows(2).map(|pair| pair[1] - pair[0]).collect();
        for (step, delay) in steps.iter().zip(DELAYS_MINUTES) {
            assert!((delay..=delay + delay / JITTER_PARTS).contains(step), "{step} for {delay}");
        }
        let later = &steps[DELAYS_MINUTES.len()..steps.len() - 1];
        assert!(later.iter().all(|step| (240..=300).contains(step)), "{later:?}");
    }

    #[test]
    fn letters_that_failed_together_are_not_all_tried_together() {
        let next = |number: u32| retry(at(0), 8, at(0), &format!("<purposed.osaka.{number}@example.co.jp>"));
        let mut instants: Vec<_> = (0..100).map(|number| format!("{:?}", next(number))).collect();
        instants.sort();
        instants.dedup();
        assert!(instants.len() > 95);
        assert_eq!(next(7), next(7), "and the jitter of one letter is always the same");
    }

    #[test]
    fn a_clock_that_was_set_back_neither_gives_a_letter_up_nor_stalls_it() {
        let day = 24 * 60 * MINUTE;
        let Retry::At(next) = retry(at(30 * day), 40, at(0), ID) else { panic!("given up") };
        assert!(next.microseconds() <= LONGEST_DELAY_MICROSECONDS);
    }

    proptest! {
        #[test]
        fn the_next_attempt_is_later_and_never_beyond_the_longest_delay(
            queued in -1_000_000_000_000_000_i64..4_000_000_000_000_000,
            age in -1_000_000_000_000_i64..1_000_000_000_000,
            attempts in 0_u64..1000,
            id in "[a-z0-9.@]{0,40}",
        ) {
            let now = queued + age;
            match retry(at(queued), attempts, at(now), &id) {
                Retry::GiveUp => prop_assert!(age >= GIVE_UP_MICROSECONDS),
                Retry::At(next) => {
                    prop_assert!(age < GIVE_UP_MICROSECONDS);
                    prop_assert!(next > at(now) && next.microseconds() <= now + LONGEST_DELAY_MICROSECONDS);
                    prop_assert!(next.microseconds() <= queued + GIVE_UP_MICROSECONDS || age < 0);
                }
            }
        }
    }
}
