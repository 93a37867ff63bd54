//! The schedules: when each dataset is scanned next, and what is not scanned by itself. Deliberately absent: what is
//! late, which `status` and the metrics show.

use super::{Check, Subject};
use crate::app::session::is_scanned_here;
use crate::domain::name::DatasetName;
use crate::domain::register::Dataset;

const ABOUT: &str = "schedules";

pub(super) fn look(subject: &Subject<'_>) -> Vec<Check> {
    let datasets = subject.loaded.register.datasets.iter();
    datasets.map(|(name, dataset)| schedule(name, dataset, subject)).collect()
}

fn schedule(name: &DatasetName, dataset: &Dataset, subject: &Subject<'_>) -> Check {
    if !is_scanned_here(subject.loaded, dataset, subject.now) {
        return Check::ok(ABOUT, format!("`{name}` is retired or of another site: it is not scanned here"));
    }
    let Some(schedule) = &dataset.schedule else {
        let what = format!("`{name}` has no schedule: it is scanned only when somebody asks");
        return Check::warning(ABOUT, what, "add `schedule = \"30 2 * * *\"`");
    };
    match schedule.next_after(subject.now, &dataset.schedule_time_zone) {
        Some(next) => {
            let next = next.rfc3339(&dataset.schedule_time_zone);
            Check::ok(ABOUT, format!("`{name}` is scanned next at {next} (`{schedule}`)"))
        }
        None => {
            Check::failed(ABOUT, format!("`{name}` is never scanned: `{schedule}` does not come"), "mend `schedule`")
        }
    }
}
