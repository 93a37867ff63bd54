//! One line about what the daemon does, for `systemctl status`: `scanning support-recordings, 3 of 8; next 02:30`.

use super::tick::Daemon;
use crate::domain::instant::Instant;

impl Daemon {
    /// What it does at `now`.
    #[must_use]
    pub fn status(&self, now: Instant) -> String {
        let mut text = self.doing();
        let loaded = &self.session.loaded;
        if let Some(next) = self.schedules.next(loaded, now) {
            let zone = &loaded.register.organisation.time_zone;
            let form = if next.day(zone) == now.day(zone) { "%H:%M" } else { "%Y-%m-%d %H:%M" };
            let next = next.timestamp().to_zoned_datetime(zone.clone());
            text.push_str(&format!("; next {}", next.strftime(form)));
        } else if self.scans.is_empty() {
            text.push_str("; no dataset has a schedule");
        }
        if self.never_scanned > 0 {
            text.push_str(&format!("; never scanned: {}", self.never_scanned));
        }
        if !self.is_current {
            text.push_str("; the configuration has problems and an earlier one is used");
        }
        text
    }

    fn doing(&self) -> String {
        let mut names = self.scans.keys();
        let Some(first) = names.next() else { return "idle".to_owned() };
        let more = names.len();
        let others = if more == 0 { String::new() } else { format!(" and {more} more") };
        let (begun, all) = (self.batch.begun, self.batch.begun + self.schedules.waiting.len());
        if all > 1 {
            format!("scanning {first}{others}, {begun} of {all}")
        } else {
            format!("scanning {first}{others}")
        }
    }
}
