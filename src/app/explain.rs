//! `purposed explain DATASET ITEM`: the verdict on one item, down to the arithmetic. The item is read from
//! its source now; nothing of it is stored. Who asked about which dataset, and when, goes into the evidence: see [`note`].

use super::exception::in_force;
use super::items::refuse_secrecy;
use super::made_up::MadeUp;
use super::matching::{Question, Seen, id_of, select, unread, with_each};
use super::session::{Session, dataset, load};
use super::{AppError, Environment, random_bytes, subject_key};
use crate::clock::Clock;
use crate::domain::digest::{Digest, DigestKey};
use crate::domain::exception::Exception;
use crate::domain::instant::Instant;
use crate::domain::item::Item;
use crate::domain::name::DatasetName;
use crate::domain::register::Dataset;
use crate::domain::verdict::{Reason, Reasons, Rule};
use crate::rule::{Exceptions, Explanation, Judge, Slice};
use crate::scan::{self, Context, Identity, Joined, Reconciliation, Rows, SettingLook, place_of};
use crate::source::{Part, Request};
use crate::store::{Access, Store};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Mutex, PoisonError};

/// What is asked for.
#[derive(Debug)]
pub struct ExplainRequest<'a> {
    /// The configuration file.
    pub config: &'a Path,
    /// The dataset.
    pub dataset: &'a str,
    /// The item: its digest, <FILE:LINE>, and from standard input also a path, an id, or a JSON object.
    pub item: &'a str,
    /// Whether the item came from standard input, where personal data may stand.
    pub from_standard_input: bool,
    /// The instant to judge at; the present one without it.
    pub now: Option<Instant>,
}

/// What is noted of an explanation: nothing that tells which item it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExplainedNote {
    /// The dataset.
    pub dataset: DatasetName,
    /// How many items were explained; none where the item was looked for in vain.
    pub items: u64,
}

/// One item explained.
#[derive(Debug)]
pub struct Explained {
    /// Where it lies, by ordinals: `file 2, line 40`.
    pub place: String,
    /// How it was judged.
    pub explanation: Explanation,
    /// The exceptions in force that cover it, each with the reasons that it covers.
    pub exceptions: Vec<(Exception, Reasons)>,
}

/// The answer.
#[derive(Debug)]
pub struct ExplainAnswer {
    /// The instant at which it was judged.
    pub now: Instant,
    /// The organisation's zone.
    pub time_zone: TimeZone,
    /// The instant is that of a simulated store, which nobody named.
    pub is_simulated_now: bool,
    /// What is to be noted before anybody sees the answer; nothing of a made-up item, or where there is no store.
    pub note: Option<ExplainedNote>,
    /// The items found; several where an identity repeats, and none where there is no such item.
    pub items: Vec<Explained>,
    /// Reasons that hold for the dataset as a whole.
    pub whole_reasons: Reasons,
    /// What is to be said of the product's own setting, if anything.
    pub setting: Option<SettingLook>,
    /// Which of the sources could not be read, and why: the item may be there as well.
    pub unread_copy: Option<String>,
}

/// How an item is named.
enum Named {
    Digest(Digest),
    FileLine(String, u64),
    PathOrId(String),
    MadeUp(BTreeMap<String, String>),
}

/// Explains the verdict on an item.
///
/// # Errors
/// [`AppError::Argument`] when the item is named wrongly, or when the dataset is under
/// communications secrecy; [`AppError::Source`] when its source cannot be read.
pub fn explain(request: &ExplainRequest<'_>, environment: &Environment) -> Result<ExplainAnswer, AppError> {
    let loaded = load(request.config)?;
    let (name, dataset) = dataset(&loaded, request.dataset)?;
    refuse_secrecy(name.as_str(), dataset)?;
    let named = parse(request.item, request.from_standard_input)?;
    let has_store = Store::exists(&loaded.settings.state);
    let mut simulated = None;
    let session = if has_store { Some(Session::open(loaded.clone(), environment, Access::Read)?) } else { None };
    if let (Some(session), None) = (&session, request.now) {
        simulated = session.store.simulated_now()?;
    }
    let now = request.now.or(simulated).unwrap_or_else(|| Clock::System.now());
    let (digest_key, exceptions) = if let Some(session) = session {
        let exceptions = in_force(&session.store, &loaded, name, now)?;
        (session.digest_key, exceptions)
    } else {
        (DigestKey::new(random_bytes()?), Exceptions::default())
    };
    let (cancel, progress) = (AtomicBool::new(false), AtomicU64::new(0));
    let context = Context {
        register: &loaded.register,
        now,
        digest_key: &digest_key,
        subject_key: subject_key()?,
        cancel: &cancel,
        progress: &progress,
    };
    let ledgers = scan::load_ledgers(&context, std::iter::once(dataset), &BTreeMap::new())?;
    let judge = Judge::compile(&loaded.register, dataset, now, context.subject_key, &ledgers.tables);
    let mut unread_copy = None;
    let is_made_up = matches!(named, Named::MadeUp(_));
    let items = match named {
        Named::MadeUp(given) => {
            let made_up = MadeUp::new(&dataset.source, &given);
            let explanation = made_up.with_item(|item| judge.explain(item, &mut judge.scratch()));
            vec![Explained { place: "made-up item".to_owned(), explanation, exceptions: Vec::new() }]
        }
        named => {
            let mut items = Vec::new();
            let read = with_each(dataset, |one| {
                let judge = Judge::compile(&loaded.register, one, now, context.subject_key, &ledgers.tables);
                items.extend(find(&context, (name, one), &judge, &named, &exceptions)?);
                Ok(())
            });
            match read {
                // A backup that is away keeps nobody from the verdict on the item itself.
                Err(error @ AppError::Source { .. }) if !items.is_empty() => unread_copy = Some(error.to_string()),
                read => read?,
            }
            items
        }
    };
    let note = ExplainedNote { dataset: name.clone(), items: items.len() as u64 };
    Ok(ExplainAnswer {
        now,
        time_zone: loaded.register.organisation.time_zone.clone(),
        is_simulated_now: simulated.is_some(),
        note: (has_store && !is_made_up).then_some(note),
        items,
        whole_reasons: judge.whole_reasons(),
        setting: scan::look_at_setting(dataset, &cancel)?,
        unread_copy,
    })
}

/// Leaves in the evidence that `user` was told the verdict on items of a dataset.
///
/// # Errors
/// [`AppError::Store`] when it cannot be written.
pub fn note(session: &Session, note: &ExplainedNote, user: &str, now: Instant) -> Result<(), AppError> {
    dataset(&session.loaded, note.dataset.as_str())?;
    Ok(session.store.record_explained(user, &note.dataset, note.items, now)?)
}

/// Reads how the item is named.
fn parse(item: &str, from_standard_input: bool) -> Result<Named, AppError> {
    if let Ok(digest) = item.parse() {
        return Ok(Named::Digest(digest));
    }
    if from_standard_input && item.starts_with('{') {
        let given: BTreeMap<String, serde_json::Value> = serde_json::from_str(item)
            .map_err(|error| AppError::Argument(format!("the made-up item cannot be read: {error}")))?;
        let as_text = |value: serde_json::Value| match value {
            serde_json::Value::String(text) => text,
            serde_json::Value::Null => String::new(),
            other => other.to_string(),
        };
        return Ok(Named::MadeUp(given.into_iter().map(|(column, value)| (column, as_text(value))).collect()));
    }
    let file_line = item.rsplit_once(':').and_then(|(file, line)| Some((file, line.parse().ok()?)));
    match file_line {
        Some((file, line)) if !file.is_empty() => Ok(Named::FileLine(file.to_owned(), line)),
        _ if from_standard_input => Ok(Named::PathOrId(item.to_owned())),
        _ => Err(AppError::Argument(
            "name the item by its digest or FILE:LINE; a path, an id or a made-up item is read from standard input \
             with `-`, since a person's data never stands on a command line"
                .to_owned(),
        )),
    }
}

/// Finds the item in its source and explains it.
fn find(
    context: &Context<'_>,
    (name, dataset): (&DatasetName, &Dataset),
    judge: &Judge<'_>,
    named: &Named,
    exceptions: &Exceptions,
) -> Result<Vec<Explained>, AppError> {
    let identity = Identity::of(dataset);
    // Files that cannot be reached say nothing of a row.
    let files = Reconciliation::begin(context, dataset)?.and_then(Result::ok);
    let files = files.as_ref().filter(|files| files.judges_rows());
    let wanted = vec![true; dataset.source.fields.len()];
    let request = Request {
        only_part: match named {
            Named::FileLine(file, _) => Some(file),
            _ => None,
        },
        ..context.request(&dataset.source, &wanted)
    };
    let slice = Slice::of(context.register, dataset);
    let ask = || -> Question<'_, Explained> {
        let (mut scratch, mut bytes) = (judge.scratch(), Vec::new());
        let identity = &identity;
        let mut rows = files.map(Rows::new);
        Box::new(move |part, seen| match seen {
            Seen::Item(item) if is_named(named, dataset, context.digest_key, identity, part, item, &mut bytes) => {
                let place = place_of(&dataset.source, part.ordinal, item.place);
                let place =
                    dataset.copy_name.as_ref().map_or_else(|| place.clone(), |copy| format!("copy `{copy}`, {place}"));
                let mut explanation = judge.explain(item, &mut scratch);
                if let Some(rows) = &mut rows {
                    reconcile(&mut explanation, rows.row(part.ordinal, item));
                }
                identity.write(&part.name, item, &mut bytes);
                let digest = Digest::of(context.digest_key, &bytes);
                let clock = judge.clock(item, &mut scratch);
                let exceptions = covering(exceptions, digest, clock, explanation.judgement.reasons);
                Some(Explained { place, explanation, exceptions })
            }
            _ => None,
        })
    };
    let mut items = Vec::new();
    select((name, dataset), (&request, slice.as_ref()), &ask, &mut |found| items.extend(found))?;
    let can_be_a_file = matches!(named, Named::Digest(_) | Named::PathOrId(_));
    if items.is_empty() && can_be_a_file && dataset.files.is_some() {
        items.extend(find_file(context, (name, dataset), named, exceptions)?);
    }
    Ok(items)
}

/// Adds what a row says of its file.
fn reconcile(explanation: &mut Explanation, joined: Joined) {
    match joined {
        Joined::Undecidable => explanation.judgement.undecidable = true,
        Joined::Missing => explanation.judgement.reasons.insert(Reason::RowWithoutFile),
        Joined::Well => {}
    }
    if joined != Joined::Undecidable {
        explanation.rules.push(Rule::Reconciliation);
    }
}

/// Finds a file that no row of the index names.
fn find_file(
    context: &Context<'_>,
    (name, dataset): (&DatasetName, &Dataset),
    named: &Named,
    exceptions: &Exceptions,
) -> Result<Option<Explained>, AppError> {
    let found = Mutex::new(None);
    scan::files_without_row(context, dataset, &|file| {
        let is_named = match named {
            Named::Digest(digest) => file.digest == *digest,
            Named::PathOrId(path) => file.path == path.as_bytes(),
            Named::FileLine(..) | Named::MadeUp(_) => false,
        };
        if is_named {
            *found.lock().unwrap_or_else(PoisonError::into_inner) = Some(file.digest);
        }
    })
    .map_err(|error| unread((name, dataset), error))?;
    let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(found.map(|digest| {
        let reasons: Reasons = [Reason::FileWithoutRow].into_iter().collect();
        Explained {
            place: "a file that no row names".to_owned(),
            explanation: Explanation::of_reasons(Rule::Reconciliation, reasons),
            exceptions: covering(exceptions, digest, None, reasons),
        }
    }))
}

/// The exceptions that cover an item, each with the reasons that it covers.
fn covering(
    exceptions: &Exceptions,
    digest: Digest,
    clock: Option<Instant>,
    reasons: Reasons,
) -> Vec<(Exception, Reasons)> {
    let all = exceptions.iter().map(|cover| (cover.exception().clone(), cover.covered(digest, clock, reasons)));
    all.filter(|(_, covered)| !covered.is_empty()).collect()
}

/// Whether this is the item that was named.
fn is_named(
    named: &Named,
    dataset: &Dataset,
    digest_key: &DigestKey,
    identity: &Identity,
    part: &Part,
    item: &Item<'_>,
    bytes: &mut Vec<u8>,
) -> bool {
    match named {
        Named::Digest(digest) => {
            identity.write(&part.name, item, bytes);
            Digest::of(digest_key, bytes) == *digest
        }
        Named::FileLine(_, line) => item.place == *line,
        Named::PathOrId(path) if dataset.source.items_are_files() => item.path == path.as_bytes(),
        Named::PathOrId(id) => {
            dataset.source.field("id").is_some_and(|index| id_of(item, index).is_some_and(|called| called == *id))
        }
        Named::MadeUp(_) => false,
    }
}
