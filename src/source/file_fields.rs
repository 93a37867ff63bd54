//! Fields that come from a file rather than from its rows: patterns on its name or path, constants and
//! the file time. Works on bytes, since names need not be text. Allocates nothing per file once warm.

mod template;

use self::template::Template;
use super::{Request, SourceError};
use crate::domain::instant::Instant;
use crate::domain::item::Value;
use crate::domain::register::FieldAccess;
use regex::bytes::{CaptureLocations, Regex};
use std::ops::Range;

#[derive(Debug)]
enum Plan {
    /// A column, or a field that nobody asked for.
    Absent,
    Pattern {
        regex: Regex,
        /// The same pattern, where it is of fixed length.
        template: Option<Template>,
        on_name: bool,
    },
    Constant(String),
    FileTime,
}

/// The fields of a source that come from its files, compiled.
#[derive(Debug)]
pub struct FileFields {
    plans: Vec<Plan>,
}

impl FileFields {
    /// Compiles the fields that are wanted.
    pub fn compile(request: &Request<'_>) -> Result<Self, SourceError> {
        let mut plans = Vec::with_capacity(request.source.fields.len());
        for (index, field) in request.source.fields.iter().enumerate() {
            let wanted = request.wanted.get(index).copied().unwrap_or(false);
            plans.push(match &field.access {
                FieldAccess::Name(pattern) if wanted => compile_pattern(&field.name, pattern, true)?,
                FieldAccess::Path(pattern) if wanted => compile_pattern(&field.name, pattern, false)?,
                FieldAccess::Constant(value) if wanted => Plan::Constant(value.clone()),
                FieldAccess::FileTime if wanted => Plan::FileTime,
                _ => Plan::Absent,
            });
        }
        Ok(Self { plans })
    }

    /// Whether the time of the file must be known.
    #[must_use]
    pub fn need_time(&self) -> bool {
        self.plans.iter().any(|plan| matches!(plan, Plan::FileTime))
    }

    /// Something that reads file after file; one per thread.
    #[must_use]
    pub fn extraction(&self) -> Extraction<'_> {
        let searches = self.plans.iter().map(|plan| match plan {
            // A regular expression of its own for each thread, as they wait for each other otherwise.
            Plan::Pattern { regex, .. } => Some((regex.clone(), regex.capture_locations())),
            _ => None,
        });
        Extraction {
            fields: self,
            searches: searches.collect(),
            found: vec![Found::Nothing; self.plans.len()],
            joined: Vec::new(),
        }
    }
}

fn compile_pattern(field: &str, pattern: &str, on_name: bool) -> Result<Plan, SourceError> {
    let regex = Regex::new(pattern)
        .map_err(|_| SourceError::Unfit(format!("the pattern of field `{field}` cannot be read")))?;
    Ok(Plan::Pattern { regex, template: Template::parse(pattern), on_name })
}

#[derive(Debug, Clone)]
enum Found {
    Nothing,
    /// A stretch of the path.
    Path(Range<usize>),
    /// A stretch of the joined captures.
    Joined(Range<usize>),
}

/// What the fields are of one file after another.
#[derive(Debug)]
pub struct Extraction<'f> {
    fields: &'f FileFields,
    searches: Vec<Option<(Regex, CaptureLocations)>>,
    found: Vec<Found>,
    joined: Vec<u8>,
}

impl Extraction<'_> {
    /// Finds the values of the file with this path; its name starts at `name_start`.
    pub fn read(&mut self, path: &[u8], name_start: usize) {
        self.joined.clear();
        let is_ascii = path.is_ascii();
        for ((plan, search), found) in self.fields.plans.iter().zip(&mut self.searches).zip(&mut self.found) {
            let (Plan::Pattern { template, on_name, .. }, Some((regex, locations))) = (plan, search) else { continue };
            let offset = if *on_name { name_start } else { 0 };
            let text = &path[offset..];
            *found = match template {
                Some(template) if is_ascii => {
                    let start = template.last_match(text);
                    start.map_or(Found::Nothing, |start| templated(template, start, text, offset, &mut self.joined))
                }
                _ if last_match(regex, text, locations) => captured(locations, text, offset, &mut self.joined),
                _ => Found::Nothing,
            };
        }
    }

    /// How many fields the source has.
    #[must_use]
    pub fn field_count(&self) -> usize {
        self.fields.plans.len()
    }

    /// The value of a field of the file that was read last; `path` is that file's.
    #[must_use]
    pub fn value<'v>(&'v self, index: usize, path: &'v [u8], modified: Option<Instant>) -> Value<'v> {
        match (&self.fields.plans[index], &self.found[index]) {
            (Plan::Constant(value), _) => Value::Text(value),
            (Plan::FileTime, _) => modified.map_or(Value::Empty, Value::Instant),
            (Plan::Pattern { .. }, Found::Path(range)) => text_or_bytes(&path[range.clone()]),
            (Plan::Pattern { .. }, Found::Joined(range)) => text_or_bytes(&self.joined[range.clone()]),
            _ => Value::Empty,
        }
    }
}

fn text_or_bytes(bytes: &[u8]) -> Value<'_> {
    std::str::from_utf8(bytes).map_or(Value::Bytes(bytes), Value::Text)
}

/// Leaves the groups of the last match in `locations`. A match may begin where the captures of the one before
/// end, so that two dates which share a delimiter are both seen.
fn last_match(regex: &Regex, text: &[u8], locations: &mut CaptureLocations) -> bool {
    let Some(first) = regex.captures_read(locations, text) else { return false };
    let mut last = first.start();
    let mut from = next_start(locations);
    let mut moved = false;
    while from <= text.len() {
        let Some(next) = regex.captures_read_at(locations, text, from) else { break };
        last = next.start();
        from = next_start(locations).max(from + 1);
        moved = true;
    }
    // A search without a match leaves nothing behind that counts.
    if moved || from <= text.len() { regex.captures_read_at(locations, text, last).is_some() } else { true }
}

/// Where the next match may begin: behind the captures of the last one, or behind all of it where it has none.
fn next_start(locations: &CaptureLocations) -> usize {
    let whole = locations.get(0).unwrap_or_default();
    let captured = (1..locations.len()).filter_map(|group| locations.get(group)).map(|(_, end)| end).max();
    captured.unwrap_or(whole.1).max(whole.0 + 1)
}

/// What a template found that matches at `start`.
fn templated(template: &Template, start: usize, text: &[u8], offset: usize, joined: &mut Vec<u8>) -> Found {
    let group = |range: &Range<usize>| (start + range.start, start + range.end);
    match template.groups.as_slice() {
        [] => Found::Path(start + offset..start + offset + template.length()),
        [single] => Found::Path(start + offset + single.start..start + offset + single.end),
        groups => join(groups.iter().map(group), text, joined),
    }
}

/// The captures joined by a space; the whole match where the pattern has none. One capture is borrowed
/// from the path, which starts `offset` before the text.
fn captured(locations: &CaptureLocations, text: &[u8], offset: usize, joined: &mut Vec<u8>) -> Found {
    let single = match locations.len() {
        1 => locations.get(0),
        2 => locations.get(1),
        count => return join((1..count).filter_map(|group| locations.get(group)), text, joined),
    };
    single.map_or(Found::Nothing, |(start, end)| Found::Path(start + offset..end + offset))
}

fn join(captures: impl Iterator<Item = (usize, usize)>, text: &[u8], joined: &mut Vec<u8>) -> Found {
    let begin = joined.len();
    for (start, end) in captures {
        if joined.len() > begin {
            joined.push(b' ');
        }
        joined.extend_from_slice(&text[start..end]);
    }
    if joined.len() == begin { Found::Nothing } else { Found::Joined(begin..joined.len()) }
}
