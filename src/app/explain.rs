//! `purposed explain DATASET ITEM`: the verdict on one item, down to the arithmetic. The item is read from
//! its source now; nothing of it is stored.

use super::exception::in_force;
use super::items::refuse_secrecy;
use super::made_up::MadeUp;
use super::matching::{Question, Seen, select};
use super::session::{Session, dataset, load};
use super::{AppError, Environment, random_bytes, subject_key};
use crate::clock::Clock;
use crate::domain::digest::{Digest, DigestKey};
use crate::domain::exception::Exception;
use crate::domain::instant::Instant;
use crate::domain::item::{Item, Value};
use crate::domain::register::Dataset;
use crate::domain::verdict::Reasons;
use crate::rule::{Exceptions, Explanation, Judge};
use crate::scan::{self, Context, Identity, place_of};
use crate::source::{Part, Request, SourceError};
use crate::store::{Access, Store};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64};

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
    /// The items found; several where an identity repeats.
    pub items: Vec<Explained>,
    /// Reasons that hold for the dataset as a whole.
    pub whole_reasons: Reasons,
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
/// [`AppError::Argument`] when the item is named wrongly or is not there, or when the dataset is under
/// communications secrecy.
pub fn explain(request: &ExplainRequest<'_>, environment: &Environment) -> Result<ExplainAnswer, AppError> {
    let loaded = load(request.config)?;
    let (name, dataset) = dataset(&loaded, request.dataset)?;
    refuse_secrecy(name.as_str(), dataset)?;
    let named = parse(request.item, request.from_standard_input)?;
    let now = request.now.unwrap_or_else(|| Clock::System.now());
    let (digest_key, exceptions) = if Store::exists(&loaded.settings.state) {
        let session = Session::open(loaded.clone(), environment, Access::Read)?;
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
    let items = match named {
        Named::MadeUp(given) => {
            let made_up = MadeUp::new(&dataset.source, &given);
            let explanation = made_up.with_item(|item| judge.explain(item, &mut judge.scratch()));
            vec![Explained { place: "made-up item".to_owned(), explanation, exceptions: Vec::new() }]
        }
        named => find(&context, dataset, &judge, &named, &exceptions)?,
    };
    if items.is_empty() {
        return Err(AppError::Argument(format!("`{name}` has no such item now")));
    }
    let time_zone = loaded.register.organisation.time_zone.clone();
    Ok(ExplainAnswer { now, time_zone, items, whole_reasons: judge.whole_reasons() })
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
    dataset: &Dataset,
    judge: &Judge<'_>,
    named: &Named,
    exceptions: &Exceptions,
) -> Result<Vec<Explained>, AppError> {
    let identity = Identity::of(dataset);
    let wanted = vec![true; dataset.source.fields.len()];
    let request = Request {
        source: &dataset.source,
        wanted: &wanted,
        narrowing: None,
        only_part: match named {
            Named::FileLine(file, _) => Some(file),
            _ => None,
        },
        cancel: context.cancel,
        progress: context.progress,
    };
    let ask = || -> Question<'_, Explained> {
        let (mut scratch, mut bytes) = (judge.scratch(), Vec::new());
        let identity = &identity;
        Box::new(move |part, seen| match seen {
            Seen::Item(item) if is_named(named, dataset, context.digest_key, identity, part, item, &mut bytes) => {
                let place = place_of(&dataset.source, part.ordinal, item.place);
                let explanation = judge.explain(item, &mut scratch);
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
    match select(&request, &ask, &mut |found| items.extend(found)) {
        Ok(_) => Ok(items),
        Err(SourceError::Cancelled) => Err(AppError::Cancelled),
        Err(SourceError::Unreachable(why) | SourceError::Unfit(why)) => Err(AppError::Argument(why)),
    }
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
        Named::PathOrId(id) => dataset.source.field("id").is_some_and(|index| match item.values[index] {
            Value::Text(text) => text.trim() == id,
            Value::Integer(number) => number.to_string() == *id,
            Value::Real(number) | Value::Cell(number, _) => number.to_string() == *id,
            _ => false,
        }),
        Named::MadeUp(_) => false,
    }
}
