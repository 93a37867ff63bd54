//! The items that an exception lists, as they come from standard input: digests, recordings' paths, rows' ids, one a
//! line, or what `purposed items` prints. Only their keyed digests are kept, and no message names one of them.

use crate::app::AppError;
use crate::app::matching::{Question, Seen, id_of, select, with_each};
use crate::app::session::Session;
use crate::domain::digest::Digest;
use crate::domain::name::DatasetName;
use crate::domain::register::Dataset;
use crate::rule::{Slice, mark_slice};
use crate::scan::Identity;
use crate::source::Request;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64};

/// Items as they were named.
#[derive(Debug, Default, PartialEq, Eq)]
struct Named {
    digests: BTreeSet<Digest>,
    /// Paths or ids: they are looked for in the source.
    others: BTreeSet<String>,
}

/// The digests of the items that the text names, sorted. Paths and ids are looked for in the source now.
pub(super) fn resolve(
    session: &Session,
    name: &DatasetName,
    dataset: &Dataset,
    text: &str,
) -> Result<Vec<Digest>, AppError> {
    let Named { mut digests, others } = parse(text)?;
    if digests.is_empty() && others.is_empty() {
        return Err(AppError::Argument("standard input names no item".to_owned()));
    }
    if !others.is_empty() {
        let found = find(session, name, dataset, &others)?;
        let missing = others.len() - found.met.len();
        if missing > 0 {
            return Err(AppError::Argument(format!(
                "{missing} of the {} items named are not in `{name}` now; nothing was stored\n  \
                 hint: name recordings by their path, rows by their id, or any item by its digest",
                others.len() + digests.len()
            )));
        }
        digests.extend(found.digests);
    }
    Ok(digests.into_iter().collect())
}

/// Reads how the items are named.
fn parse(text: &str) -> Result<Named, AppError> {
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().next().unwrap_or_default();
    let mut named = Named::default();
    if first.split(',').any(|cell| cell == "digest") {
        let column = first.split(',').position(|cell| cell == "digest").unwrap_or_default();
        for record in records(text).into_iter().skip(1) {
            named.digest(record.get(column).map_or("", String::as_str))?;
        }
        return Ok(named);
    }
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if line.starts_with('{') {
            let object: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
            named.digest(object["digest"].as_str().unwrap_or_default())?;
        } else if let Ok(digest) = line.parse() {
            named.digests.insert(digest);
        } else {
            named.others.insert(line.to_owned());
        }
    }
    Ok(named)
}

impl Named {
    fn digest(&mut self, text: &str) -> Result<(), AppError> {
        let digest = text.parse().map_err(|_| {
            AppError::Argument(
                "a line of standard input has no digest\n  hint: items that could not be read cannot be listed"
                    .to_owned(),
            )
        })?;
        self.digests.insert(digest);
        Ok(())
    }
}

/// The records of a CSV text (RFC 4180), blank lines aside.
fn records(text: &str) -> Vec<Vec<String>> {
    let mut records = Vec::new();
    let (mut record, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                record.push(std::mem::take(&mut cell));
                records.push(std::mem::take(&mut record));
            }
            other => cell.push(other),
        }
    }
    record.push(cell);
    records.push(record);
    records.retain(|record| record.iter().any(|cell| !cell.is_empty()));
    records
}

/// The items that are named so.
#[derive(Debug, Default)]
struct Found {
    digests: BTreeSet<Digest>,
    /// The names that were met.
    met: BTreeSet<String>,
}

/// Looks for the items that are named so, among the dataset's items and in its copies.
fn find(session: &Session, name: &DatasetName, dataset: &Dataset, names: &BTreeSet<String>) -> Result<Found, AppError> {
    let mut found = Found::default();
    with_each(dataset, |one| find_in(session, name, one, names, &mut found))?;
    Ok(found)
}

/// Looks for them in one source.
fn find_in(
    session: &Session,
    name: &DatasetName,
    dataset: &Dataset,
    names: &BTreeSet<String>,
    found: &mut Found,
) -> Result<(), AppError> {
    let identity = Identity::of(dataset);
    let mut wanted = vec![false; dataset.source.fields.len()];
    identity.fields().iter().for_each(|index| wanted[*index] = true);
    mark_slice(dataset, &mut wanted);
    let id = dataset.source.field("id");
    if let Some(index) = id {
        wanted[index] = true;
    }
    let (cancel, progress) = (AtomicBool::new(false), AtomicU64::new(0));
    let request = Request {
        source: &dataset.source,
        wanted: &wanted,
        narrowing: None,
        only_part: None,
        cancel: &cancel,
        progress: &progress,
    };
    let slice = Slice::of(&session.loaded.register, dataset);
    let of_files = dataset.source.items_are_files();
    let ask = || -> Question<'_, (String, Digest)> {
        let mut bytes = Vec::new();
        let (identity, key) = (&identity, &session.digest_key);
        Box::new(move |part, seen| {
            let Seen::Item(item) = seen else { return None };
            let called = if of_files { String::from_utf8(item.path.to_vec()).ok() } else { id_of(item, id?) }?;
            names.contains(&called).then(|| {
                identity.write(&part.name, item, &mut bytes);
                (called, Digest::of(key, &bytes))
            })
        })
    };
    let mut take = |seen: Vec<(String, Digest)>| {
        for (called, digest) in seen {
            found.met.insert(called);
            found.digests.insert(digest);
        }
    };
    select((name, dataset), (&request, slice.as_ref()), &ask, &mut take)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "00112233445566778899aabbccddeeff";

    #[test]
    fn lines_are_digests_paths_or_ids() {
        let named = parse(&format!("{DIGEST}\n\n 2026/a.wav \r\n42\n")).unwrap();
        assert_eq!(named.digests, BTreeSet::from([DIGEST.parse().unwrap()]));
        assert_eq!(named.others, BTreeSet::from(["2026/a.wav".to_owned(), "42".to_owned()]));
    }

    #[test]
    fn what_items_prints_is_read() {
        let csv = format!("file,place,digest,due,id\r\n\"a,\"\"b\"\"\nc.wav\",1,{DIGEST},,7\r\n");
        let json = format!("{{\"file\":\"x\",\"digest\":\"{DIGEST}\"}}\n");
        for text in [csv, json] {
            let named = parse(&text).unwrap();
            assert_eq!(named, Named { digests: BTreeSet::from([DIGEST.parse().unwrap()]), ..Named::default() });
        }
    }

    #[test]
    fn an_item_without_a_digest_is_refused_and_not_named() {
        let error = parse("file,place,digest,due\r\nsecret.csv,3,,\r\n").unwrap_err().to_string();
        assert!(error.contains("no digest") && !error.contains("secret"), "{error}");
        assert!(parse("{\"file\":\"secret\"}").is_err());
    }
}
