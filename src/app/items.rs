//! `purposed items FINDING`: the items of a finding, read from their source now. Nothing of them is
//! stored. Who asked goes into the evidence before the first line is written, and how many were written after the last
//! one, however it ends. What is under an exception is left out, and so is what a hold concerns, whatever the finding
//! is about: nothing held stands in a list of what to erase.

use super::exception::in_force;
use super::listing::{About, Columns, ListForm};
use super::matching::{Question, Seen, select, unread, with_each};
use super::scan::Watch;
use super::session::Session;
use super::{AppError, subject_key};
use crate::domain::digest::Digest;
use crate::domain::finding::{Finding, FindingId, FindingState};
use crate::domain::instant::Instant;
use crate::domain::item::Item;
use crate::domain::name::DatasetName;
use crate::domain::register::Dataset;
use crate::domain::verdict::Reason;
use crate::rule::{Exceptions, Judge, Scratch, Slice};
use crate::scan::{self, Context, Identity, Joined, Ledgers, Reconciliation, Rows};
use crate::source::Request;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemsRequest {
    /// The finding's identifier.
    pub finding: String,
    /// How the list is written.
    pub form: ListForm,
    /// List what is under an exception instead.
    #[serde(default)]
    pub excepted: bool,
}

/// How many items there were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Those listed.
    pub listed: u64,
    /// Those that meet the finding's reason under an exception, or that a hold concerns; listed or not.
    pub excepted: u64,
    /// Those of them under a confidential hold: they are never listed.
    pub confidential: u64,
    /// The made-up instant that they were judged at, where the store is simulated and nobody named one.
    #[serde(default)]
    pub simulated_now: Option<Instant>,
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
) -> Result<Listed, AppError> {
    let finding = find(session, &request.finding)?;
    let dataset = session.loaded.register.datasets.get(&finding.key.dataset).ok_or_else(|| {
        AppError::Argument(format!("the dataset `{}` is not in the register any more", finding.key.dataset))
    })?;
    refuse_secrecy(&finding.key.dataset.to_string(), dataset)?;
    let id = finding.key.id();
    session.store.record_items_asked(user, &id, now)?;
    let mut sheet = Sheet { out, columns: Columns::of(dataset), count: Listed::default() };
    let ended = list(session, &finding, dataset, request, now, watch, &mut sheet);
    let listed = sheet.count;
    let noted = session.store.record_items_listed(user, &id, listed.listed, now);
    ended?;
    noted?;
    Ok(listed)
}

/// The unresolved finding with this identifier, which must be about single items.
fn find(session: &Session, id: &str) -> Result<Finding, AppError> {
    let finding = session
        .store
        .finding(&FindingId(id.to_owned()))?
        .filter(|finding| finding.state != FindingState::Resolved)
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

/// Reads the sources and writes what meets the finding's reason now.
fn list(
    session: &Session,
    finding: &Finding,
    dataset: &Dataset,
    asked: &ItemsRequest,
    now: Instant,
    watch: &dyn Watch,
    sheet: &mut Sheet<'_>,
) -> Result<(), AppError> {
    let (cancel, progress) = (watch.cancelled(), watch.items());
    let register = &session.loaded.register;
    let context =
        Context { register, now, digest_key: &session.digest_key, subject_key: subject_key()?, cancel, progress };
    let exceptions = in_force(&session.store, &session.loaded, &finding.key.dataset, now)?;
    let listing = Listing { context: &context, finding, exceptions: &exceptions, asked };
    if asked.form == ListForm::Csv {
        sheet.out.write_all(sheet.columns.header().as_bytes()).map_err(cannot_write)?;
    }
    if finding.key.reason == Reason::FileWithoutRow {
        return listing.files(dataset, sheet);
    }
    let ledgers = scan::load_ledgers(&context, std::iter::once(dataset), &BTreeMap::new())?;
    with_each(dataset, |one| listing.items(one, &ledgers, sheet))
}

/// What a list is made of.
struct Listing<'a> {
    context: &'a Context<'a>,
    finding: &'a Finding,
    exceptions: &'a Exceptions,
    asked: &'a ItemsRequest,
}

impl Listing<'_> {
    /// Writes the files that no row of the index names now.
    fn files(&self, dataset: &Dataset, sheet: &mut Sheet<'_>) -> Result<(), AppError> {
        let Sheet { out, columns, count } = sheet;
        let written = Mutex::new((out, count, 0, Ok(())));
        let ended = scan::files_without_row(self.context, dataset, &|file| {
            let mut guard = written.lock().unwrap_or_else(PoisonError::into_inner);
            let (out, count, place, written) = &mut *guard;
            *place += 1;
            let choice = choice(self.exceptions, file.digest, None, Reason::FileWithoutRow);
            let part = String::from_utf8_lossy(file.path);
            let about = About { part: &part, place: *place, digest: file.digest.to_string(), due: None };
            let write = || columns.line(self.asked.form, dataset, &about, None);
            let text = choice.is_listed(self.asked.excepted).then(write);
            if written.is_ok() {
                *written = take(vec![Line { choice, text }], &mut ***out, count);
            }
        });
        let (.., written) = written.into_inner().unwrap_or_else(PoisonError::into_inner);
        written.map_err(cannot_write)?;
        ended.map_err(|error| unread((&self.finding.key.dataset, dataset), error))
    }

    /// Writes the items of the dataset, or of a copy of it, that meet the finding's reason now.
    fn items(&self, dataset: &Dataset, ledgers: &Ledgers, sheet: &mut Sheet<'_>) -> Result<(), AppError> {
        let Context { register, now, subject_key, .. } = *self.context;
        let (name, reason) = (&self.finding.key.dataset, self.finding.key.reason);
        let judge = Judge::compile(register, dataset, now, subject_key, &ledgers.tables);
        let is_asked_for = reason == Reason::RowWithoutFile;
        let files = if is_asked_for { reconciled(self.context, name, dataset)? } else { None };
        let chooser = Chooser { judge: &judge, exceptions: self.exceptions, reason };
        let identity = Identity::of(dataset);
        let wanted = vec![true; dataset.source.fields.len()];
        let narrowing = judge.narrowing().filter(|_| files.is_none());
        let request = Request { narrowing: narrowing.as_ref(), ..self.context.request(&dataset.source, &wanted) };
        let slice = Slice::of(register, dataset);
        let zone = &register.organisation.time_zone;
        let (form, excepted) = (self.asked.form, self.asked.excepted);
        let columns = &sheet.columns;
        let ask = || -> Question<'_, Line> {
            let (mut scratch, mut bytes) = (judge.scratch(), Vec::new());
            let (chooser, identity) = (&chooser, &identity);
            let mut rows = files.as_ref().map(Rows::new);
            Box::new(move |part, seen| match seen {
                Seen::Item(item) => {
                    let digest = || {
                        identity.write(&part.name, item, &mut bytes);
                        Digest::of(self.context.digest_key, &bytes)
                    };
                    let is_missing = rows.as_mut().is_some_and(|rows| rows.row(part.ordinal, item) == Joined::Missing);
                    let (choice, digest, due) = chooser.choose(item, is_missing, &mut scratch, digest)?;
                    let due = due.map(|due| due.rfc3339(zone));
                    let about = About { part: &part.name, place: item.place, digest: digest.to_string(), due };
                    let write = || columns.line(form, dataset, &about, Some(item));
                    Some(Line { choice, text: choice.is_listed(excepted).then(write) })
                }
                Seen::Unreadable(place) => (reason == Reason::Unreadable).then(|| {
                    let about = About { part: &part.name, place, digest: String::new(), due: None };
                    let write = || columns.line(form, dataset, &about, None);
                    Line { choice: Choice::Open, text: (!excepted).then(write) }
                }),
            })
        };
        let Sheet { out, count, .. } = sheet;
        let mut written = Ok(());
        let ended = select((name, dataset), (&request, slice.as_ref()), &ask, &mut |lines| {
            if written.is_ok() {
                written = take(lines, &mut **out, count);
            }
        });
        written.map_err(cannot_write)?;
        ended
    }
}

fn cannot_write(error: io::Error) -> AppError {
    AppError::File { what: "cannot write the list".to_owned(), error }
}

/// How an item that meets the finding's reason stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    /// No exception covers it.
    Open,
    /// Some exception covers it, or a hold concerns it.
    Excepted,
    /// A confidential hold concerns it, whatever else covers it.
    Confidential,
}

impl Choice {
    /// Whether it is listed, where those under an exception are asked for or the others.
    fn is_listed(self, excepted: bool) -> bool {
        self == if excepted { Self::Excepted } else { Self::Open }
    }
}

/// An item that meets the finding's reason, and its line where it is listed.
struct Line {
    choice: Choice,
    text: Option<String>,
}

/// Chooses the items that meet the finding's reason.
struct Chooser<'a> {
    judge: &'a Judge<'a>,
    exceptions: &'a Exceptions,
    reason: Reason,
}

impl Chooser<'_> {
    /// How the item stands, its digest, and when it is due; nothing when it does not meet the reason.
    fn choose(
        &self,
        item: &Item<'_>,
        is_missing: bool,
        scratch: &mut Scratch,
        digest: impl FnOnce() -> Digest,
    ) -> Option<(Choice, Digest, Option<Instant>)> {
        let mut judgement = self.judge.judge(item, scratch);
        if is_missing {
            judgement.reasons.insert(Reason::RowWithoutFile);
        }
        if !judgement.reasons.contains(self.reason) {
            return None;
        }
        let digest = digest();
        let clock = if self.exceptions.ask_for_clock() { self.judge.clock(item, scratch) } else { None };
        Some((choice(self.exceptions, digest, clock, self.reason), digest, judgement.due))
    }
}

/// How an item stands that meets `reason`.
fn choice(exceptions: &Exceptions, digest: Digest, clock: Option<Instant>, reason: Reason) -> Choice {
    let covers = exceptions.iter().filter(|cover| cover.leaves_out(digest, clock, reason));
    covers.fold(Choice::Open, |choice, cover| {
        let is_confidential = choice == Choice::Confidential || cover.exception().confidential;
        if is_confidential { Choice::Confidential } else { Choice::Excepted }
    })
}

/// The files that the dataset's rows are reconciled with, as they are now.
pub(super) fn reconciled<'a>(
    context: &Context<'a>,
    name: &DatasetName,
    dataset: &'a Dataset,
) -> Result<Option<Reconciliation<'a>>, AppError> {
    let files = Reconciliation::begin(context, dataset)?.transpose();
    files.map_err(|why| AppError::Source { dataset: name.to_string(), why })
}

/// The list as it is written.
struct Sheet<'a> {
    out: &'a mut (dyn Write + Send),
    columns: Columns<'a>,
    count: Listed,
}

/// Counts the items and writes the lines of those that are listed. A line that is written in part counts.
fn take(lines: Vec<Line>, out: &mut (dyn Write + Send), count: &mut Listed) -> io::Result<()> {
    for Line { choice, text } in lines {
        count.excepted += u64::from(choice != Choice::Open);
        count.confidential += u64::from(choice == Choice::Confidential);
        if let Some(text) = text {
            count.listed += 1;
            out.write_all(text.as_bytes())?;
        }
    }
    Ok(())
}
