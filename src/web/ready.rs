//! Whether the service does what it is there for, and if not, why: one line for each reason.

use super::Health;
use crate::app::picture::{DatasetPicture, Picture, StateFolder};
use crate::notify::count;

/// A letter that waits longer than this many hours makes the service not ready.
const OUTBOX_HOURS: i64 = 24;

const HOUR: i64 = 3_600_000_000;

/// Why the service is not ready; nothing when it is.
pub(super) fn reasons(picture: &Picture, health: &Health) -> Vec<String> {
    let mut reasons = Vec::new();
    if !health.last_reload_succeeded() {
        reasons.push("the configuration was refused; the one before it is in use: see `purposed check`".to_owned());
    }
    if !picture.state.is_writable {
        reasons.push("the state folder cannot be written".to_owned());
    }
    if picture.state.free_bytes < StateFolder::FEWEST_BYTES {
        let megabytes = picture.state.free_bytes / (1024 * 1024);
        reasons.push(format!("the state folder has {megabytes} MiB left"));
    }
    if picture.letters_stay_here {
        reasons.push("nobody gets a letter: without `[mail]` they stay in a maildir beside the state".to_owned());
    }
    if picture.manager_is_unreachable {
        reasons.push("the privacy manager's address did not work: nobody is left to be told".to_owned());
    }
    reasons.extend(outbox(picture));
    reasons.extend(picture.datasets.iter().filter_map(|dataset| overdue(dataset, picture)));
    reasons
}

fn outbox(picture: &Picture) -> Option<String> {
    let hours = (picture.now.microseconds() - picture.counts.waiting_since?.microseconds()) / HOUR;
    let waiting = count(picture.counts.letters.get("queued").copied().unwrap_or_default());
    (hours >= OUTBOX_HOURS).then(|| format!("letters cannot be delivered: {waiting} wait, one for {hours} hours"))
}

fn overdue(dataset: &DatasetPicture, picture: &Picture) -> Option<String> {
    let since = dataset.overdue_since?.rfc3339(&picture.time_zone);
    Some(format!("dataset `{}` was not scanned when it should have been, at {since}", dataset.name))
}
