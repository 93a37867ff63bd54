//! `purposed demo`: makes a company up, scans it, and gathers what to look at.

use super::demo::make;
use super::scan::{ScanAnswer, ScanRequest, Watch, scan};
use super::{AppError, Environment, random_bytes};
use crate::clock::Clock;
use crate::domain::finding::FindingId;
use crate::mail::maildir_file;
use std::path::{Path, PathBuf};

/// What the demonstration made and found.
#[derive(Debug)]
pub struct DemoAnswer {
    /// The company's folder.
    pub folder: PathBuf,
    /// Its configuration.
    pub config: PathBuf,
    /// What the scan came to.
    pub scan: ScanAnswer,
    /// The letters that it delivered.
    pub letters: Vec<PathBuf>,
    /// A finding whose items can be listed.
    pub a_finding: Option<FindingId>,
}

/// Makes the company in `folder` (a new one beneath the temporary folder when none is given) and scans it.
///
/// # Errors
/// [`AppError::File`] when the folder cannot be written or is not empty.
pub fn demo(folder: Option<&Path>, environment: &Environment, watch: &dyn Watch) -> Result<DemoAnswer, AppError> {
    let folder = if let Some(folder) = folder {
        folder.to_owned()
    } else {
        let suffix: u32 = u32::from_le_bytes(random_bytes()?);
        environment.temporary_folder.join(format!("purposed-demo-{suffix:08x}"))
    };
    let company = make(&folder, Clock::System.now()).map_err(|error| AppError::File {
        what: format!("cannot make up a company in `{}`", folder.display()),
        error,
    })?;
    let request = ScanRequest { datasets: &[], now: None, dry_run: false };
    let scan = scan(&company.config, &request, environment, watch)?;
    let outbox = folder.join("outbox");
    let letters = scan.message_ids.iter().map(|id| maildir_file(&outbox, id)).collect();
    let a_finding =
        scan.findings.iter().find(|finding| finding.key.reason.is_of_items()).map(|finding| finding.key.id());
    Ok(DemoAnswer { folder, config: company.config, scan, letters, a_finding })
}
