//! `purposed scan`.

use super::arguments::{FailOn, Format, Scan};
use super::output::{Answer, Exit, print, print_undelivered};
use super::progress::Progress;
use super::{acting, environment, table};
use crate::app::act::{self, Request};
use crate::app::scan::{DatasetScan, ScanAnswer, ScanRequest, scan};
use crate::domain::finding::FindingState;
use crate::domain::observation::ScanStatus;
use serde_json::{Value as Json, json};

pub(super) fn run(arguments: &Scan) -> Answer {
    let progress = Progress::new().stopped_by_signals();
    let answer = if arguments.dry_run {
        let now = environment::instant(arguments.now.as_deref())?;
        let request = ScanRequest { datasets: &arguments.datasets, now, dry_run: true };
        environment::run(|| scan(&arguments.config.path, &request, &environment::read(), &progress))?
    } else {
        let request = Request::Scan { datasets: arguments.datasets.clone() };
        let now = arguments.now.as_deref();
        match acting::perform_watched(&arguments.config.path, request, now, &progress, &mut std::io::sink())? {
            act::Answer::Scan(answer) => *answer,
            _ => return Err(acting::strange()),
        }
    };
    progress.finish();
    let text = match arguments.format {
        Format::Json => format!("{:#}\n", as_json(&answer)),
        Format::Table => table::scan(&answer),
    };
    print(&text)?;
    print_undelivered(answer.undelivered.as_deref())?;
    Ok(exit(&answer, arguments.fail_on))
}

/// The exit code that the contract gives this answer.
fn exit(answer: &ScanAnswer, fail_on: Option<FailOn>) -> Exit {
    let open = answer.findings.iter().any(|finding| finding.state == FindingState::Open);
    if answer.scans.iter().any(|scan| scan.status != ScanStatus::Complete) {
        Exit::NotWhole
    } else if fail_on == Some(FailOn::Open) && open {
        Exit::FindingsOpen
    } else {
        Exit::Success
    }
}

/// The answer in the contract's form.
fn as_json(answer: &ScanAnswer) -> Json {
    json!({
        "version": 1,
        "now": answer.now.rfc3339(&answer.time_zone),
        "scans": answer.scans.iter().map(one_as_json).collect::<Vec<_>>(),
        "findings": super::findings::as_json(&answer.findings, &answer.departures, &answer.time_zone),
    })
}

/// What one dataset's scan saw.
fn one_as_json(scan: &DatasetScan) -> Json {
    let mut body = json!({
        "dataset": scan.dataset,
        "status": scan.status,
        "items": scan.items,
        "undecidable": scan.undecidable,
        "problems": scan.problems,
    });
    if let Some(kept) = scan.kept_by_product {
        body["kept_by_product"] = json!(kept);
    }
    body
}
