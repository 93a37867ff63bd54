//! The acts that write, as requests and answers that can travel: the command line performs them itself, or has the
//! daemon perform them while that has the store. Either way it is [`perform()`] that does.

use super::acknowledge::{AcknowledgeAnswer, AcknowledgeRequest, acknowledge};
use super::confirm::{ConfirmAnswer, ConfirmRequest, confirm};
use super::deliver::deliver_what_follows;
use super::disposal::{DeclareAnswer, DeclareRequest, declare};
use super::exception::{self, AddAnswer, AddRequest, EndRequest, ExceptionAnswer, ReviewRequest};
use super::explain::{ExplainedNote, note};
use super::items::{ItemsRequest, Listed, items};
use super::recipients::{RetryAnswer, RetryRequest, retry};
use super::scan::{ScanAnswer, ScanRequest, Watch, scan_and_store};
use super::session::{Session, load};
use super::{AppError, Environment};
use crate::domain::instant::Instant;
use crate::store::Access;
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::Path;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Request {
    /// Scan these datasets; all of this site when none is named.
    Scan {
        /// The datasets.
        datasets: Vec<String>,
    },
    /// Say until when a finding will be dealt with.
    Acknowledge(AcknowledgeRequest),
    /// Confirm a dataset as it is.
    Confirm(ConfirmRequest),
    /// List the items of a finding.
    Items(ItemsRequest),
    /// Note that the verdict on single items was explained.
    NoteExplained(ExplainedNote),
    /// Make an exception.
    AddException(Box<AddRequest>),
    /// End an exception.
    EndException(EndRequest),
    /// Note that a hold was reviewed.
    ReviewException(ReviewRequest),
    /// Declare what became of items that are not seen any more.
    Declare(DeclareRequest),
    /// Write to a person again whom letters did not reach.
    RetryRecipient(RetryRequest),
}

/// What came of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Of a scan.
    Scan(Box<ScanAnswer>),
    /// Of an acknowledgement.
    Acknowledge(AcknowledgeAnswer),
    /// Of a confirmation.
    Confirm(ConfirmAnswer),
    /// How many items were listed.
    Items(Listed),
    /// It was noted that something was explained.
    ExplainedNoted,
    /// The exception that was made.
    AddException(AddAnswer),
    /// The exception that was ended or reviewed.
    Exception(ExceptionAnswer),
    /// What was declared.
    Declare(DeclareAnswer),
    /// Who is written to again.
    RetryRecipient(RetryAnswer),
}

/// Performs a request with an open store, at `now` or the present instant. `environment` says who asks; a list goes
/// to `out`.
///
/// # Errors
/// As the act itself.
pub fn perform(
    session: &Session,
    request: &Request,
    now: Option<Instant>,
    environment: &Environment,
    watch: &dyn Watch,
    out: &mut (dyn Write + Send),
) -> Result<Answer, AppError> {
    let user = environment.user.as_str();
    let at = now.unwrap_or_else(|| session.clock.now());
    match request {
        Request::Scan { datasets } => {
            let request = ScanRequest { datasets, now, dry_run: false };
            scan_and_store(session, &request, environment, watch).map(|answer| Answer::Scan(Box::new(answer)))
        }
        Request::Acknowledge(request) => acknowledge(session, request, user, at).map(Answer::Acknowledge),
        Request::Confirm(request) => {
            let mut answer = confirm(session, request, user, at)?;
            if answer.letters > 0 {
                (_, answer.undelivered) = deliver_what_follows(session, environment, at, watch.cancelled());
            }
            Ok(Answer::Confirm(answer))
        }
        Request::RetryRecipient(request) => retry(session, request, user, at).map(Answer::RetryRecipient),
        Request::Items(request) => {
            let simulated = if now.is_none() { session.store.simulated_now()? } else { None };
            let listed = items(session, request, user, simulated.unwrap_or(at), watch, out)?;
            Ok(Answer::Items(Listed { simulated_now: simulated, ..listed }))
        }
        Request::NoteExplained(request) => note(session, request, user, at).map(|()| Answer::ExplainedNoted),
        Request::AddException(request) => exception::add(session, request, user, at).map(Answer::AddException),
        Request::EndException(request) => exception::end(session, request, user, at).map(Answer::Exception),
        Request::ReviewException(request) => exception::review(session, request, user, at).map(Answer::Exception),
        Request::Declare(request) => declare(session, request, user, at).map(Answer::Declare),
    }
}

/// Opens the store, performs a request, and closes it.
///
/// # Errors
/// As [`perform()`]; [`crate::store::StoreError::InUse`] when another process has the store.
pub fn act(
    config: &Path,
    request: &Request,
    now: Option<Instant>,
    environment: &Environment,
    watch: &dyn Watch,
    out: &mut (dyn Write + Send),
) -> Result<Answer, AppError> {
    let session = Session::open(load(config)?, environment, Access::Write)?;
    perform(&session, request, now, environment, watch, out)
}
