//! `purposed items FINDING`: the items of a finding, read from their source now. Nothing of them is
//! stored; who asked, when, and how many there were goes into the evidence.

use super::listing::{self, About, ListForm};
use super::matching::{Question, Seen, select};
use super::scan::Watch;
use super::session::Session;
use super::{AppError, subject_key};
use crate::domain::digest::Digest;
use crate::domain::finding::{Finding, FindingState};
use crate::domain::instant::Instant;
use crate::domain::register::Dataset;
use crate::domain::verdict::Reason;
use crate::rule::Judge;
use crate::scan::{self, Context, Identity};
use crate::source::{Request, SourceError};
use crate::store::FindingFilter;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemsRequest {
    /// The finding's identifier.
    pub finding: String,
    /// How the list is written.
    pub form: ListForm,
}

/// Writes the items of the finding, judged at `now`, to `out` and returns how many there were. `user` asks.
///
/// # Errors
/// [`AppError::Argument`] when there is no such finding, when it is about a source as a whole, or when the
/// dataset is under communications secrecy; otherwise as things fail.
pub fn items(
    session: &Session,
    request: &ItemsRequest,
    user: &str,
    now: Instant,
    watch: &dyn Watch,
    out: &mut (dyn Write + Send),
) -> Result<u64, AppError> {
    let finding = find(session, &request.finding)?;
    let dataset = session.loaded.register.datasets.get(&finding.key.dataset).ok_or_else(|| {
        AppError::Argument(format!("the dataset `{}` is not in the register any more", finding.key.dataset))
    })?;
    refuse_secrecy(&finding.key.dataset.to_string(), dataset)?;
    let count = list(session, &finding, dataset, request.form, now, watch, out)?;
    session.store.record_items_asked(user, &finding.key.id(), count, now)?;
    Ok(count)
}

/// The unresolved finding with this identifier, which must be about single items.
fn find(session: &Session, id: &str) -> Result<Finding, AppError> {
    let finding = session
        .store
        .findings(&FindingFilter::default())?
        .into_iter()
        .find(|finding| finding.key.id().0 == id && finding.state != FindingState::Resolved)
        .ok_or_else(|| {
            AppError::Argument(format!("there is no open finding `{id}`; `purposed findings` shows them"))
        })?;
    if finding.key.reason.is_of_items() {
        Ok(finding)
    } else {
        Err(AppError::Argument(format!("finding `{id}` is about the whole dataset: it has no list of items")))
    }
}

/// Refuses to show items of communications (Telecommunications Business Act Art. 4).
pub(super) fn refuse_secrecy(name: &str, dataset: &Dataset) -> Result<(), AppError> {
    if dataset.secrecy {
        return Err(AppError::Argument(format!(
            "`{name}` is under communications secrecy (`secrecy = true`): its items are not shown"
        )));
    }
    Ok(())
}

/// Reads the source and writes the items that meet the finding's reason now.
fn list(
    session: &Session,
    finding: &Finding,
    dataset: &Dataset,
    form: ListForm,
    now: Instant,
    watch: &dyn Watch,
    out: &mut (dyn Write + Send),
) -> Result<u64, AppError> {
    let (cancel, progress) = (watch.cancelled(), watch.items());
    let register = &session.loaded.register;
    let subject_key = subject_key()?;
    let context = Context { register, now, digest_key: &session.digest_key, subject_key, cancel, progress };
    let ledgers = scan::load_ledgers(&context, std::iter::once(dataset), &BTreeMap::new())?;
    let judge = Judge::compile(register, dataset, now, subject_key, &ledgers.tables);
    let identity = Identity::of(dataset);
    let wanted = vec![true; dataset.source.fields.len()];
    let narrowing = judge.narrowing();
    let request = Request {
        source: &dataset.source,
        wanted: &wanted,
        narrowing: narrowing.as_ref(),
        only_part: None,
        cancel,
        progress,
    };
    let zone = &register.organisation.time_zone;
    let ask = || -> Question<'_, String> {
        let (mut scratch, mut bytes) = (judge.scratch(), Vec::new());
        let (judge, identity) = (&judge, &identity);
        Box::new(move |part, seen| match seen {
            Seen::Item(item) => {
                let judgement = judge.judge(item, &mut scratch);
                judgement.reasons.contains(finding.key.reason).then(|| {
                    identity.write(&part.name, item, &mut bytes);
                    let digest = Digest::of(context.digest_key, &bytes).to_string();
                    let due = judgement.due.map(|due| due.rfc3339(zone));
                    let about = About { part: &part.name, place: item.place, digest, due };
                    listing::line(form, &dataset.source, &about, Some(item))
                })
            }
            Seen::Unreadable(place) => (finding.key.reason == Reason::Unreadable).then(|| {
                let about = About { part: &part.name, place, digest: String::new(), due: None };
                listing::line(form, &dataset.source, &about, None)
            }),
        })
    };
    write_selected(&request, &ask, form, out, &finding.key.dataset.to_string())
}

/// Writes the header and the selected lines; counts the lines.
fn write_selected<'a>(
    request: &Request<'_>,
    ask: &'a (dyn Fn() -> Question<'a, String> + Sync),
    form: ListForm,
    out: &mut (dyn Write + Send),
    dataset: &str,
) -> Result<u64, AppError> {
    let cannot_write = |error| AppError::File { what: "cannot write the list".to_owned(), error };
    if form == ListForm::Csv {
        out.write_all(listing::header(request.source).as_bytes()).map_err(cannot_write)?;
    }
    let (mut count, mut failed) = (0, None);
    let mut sink = |lines: Vec<String>| {
        for line in lines {
            count += 1;
            if failed.is_none() {
                failed = out.write_all(line.as_bytes()).err();
            }
        }
    };
    let report = select(request, ask, &mut sink);
    match (report, failed) {
        (_, Some(error)) => Err(cannot_write(error)),
        (Ok(_), None) => Ok(count),
        (Err(SourceError::Cancelled), None) => Err(AppError::Cancelled),
        (Err(SourceError::Unreachable(why) | SourceError::Unfit(why)), None) => {
            Err(AppError::Source { dataset: dataset.to_owned(), why })
        }
    }
}
