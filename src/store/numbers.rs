//! Counts as the database keeps them: signed. A count that does not fit is as good as the largest one.

/// The number to store for a count.
pub(super) fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The count that a stored number stands for.
pub(super) fn count(stored: i64) -> u64 {
    u64::try_from(stored).unwrap_or_default()
}
