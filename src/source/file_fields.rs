//! Fields that come from a file rather than from its rows: patterns on its name or path, constants and
//! the file time. Works on bytes, since names need not be text. Allocates nothing per file once warm.

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
                FieldAccess::Name(pattern) if wanted => {
                    Plan::Pattern { regex: compile_pattern(&field.name, pattern)?, on_name: true }
                }
                FieldAccess::Path(pattern) if wanted => {
                    Plan::Pattern { regex: compile_pattern(&field.name, pattern)?, on_name: false }
                }
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
        let locations = self.plans.iter().map(|plan| match plan {
            Plan::Pattern { regex, .. } => Some(regex.capture_locations()),
            _ => None,
        });
        Extraction {
            fields: self,
            locations: locations.collect(),
            found: vec![Found::Nothing; self.plans.len()],
            joined: Vec::new(),
        }
    }
}

fn compile_pattern(field: &str, pattern: &str) -> Result<Regex, SourceError> {
    Regex::new(pattern).map_err(|_| SourceError::Unfit(format!("the pattern of field `{field}` cannot be read")))
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
    locations: Vec<Option<CaptureLocations>>,
    found: Vec<Found>,
    joined: Vec<u8>,
}

impl Extraction<'_> {
    /// Finds the values of the file with this path; its name starts at `name_start`.
    pub fn read(&mut self, path: &[u8], name_start: usize) {
        self.joined.clear();
        for ((plan, locations), found) in self.fields.plans.iter().zip(&mut self.locations).zip(&mut self.found) {
            let (Plan::Pattern { regex, on_name }, Some(locations)) = (plan, locations) else { continue };
            let offset = if *on_name { name_start } else { 0 };
            *found = if last_match(regex, &path[offset..], locations) {
                captured(locations, &path[offset..], offset, &mut self.joined)
            } else {
                Found::Nothing
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

/// Leaves the groups of the last match in `locations`.
fn last_match(regex: &Regex, text: &[u8], locations: &mut CaptureLocations) -> bool {
    let Some(first) = regex.captures_read(locations, text) else { return false };
    let mut last = first.range();
    let mut moved = false;
    loop {
        let from = if last.is_empty() { last.end + 1 } else { last.end };
        if from >= text.len() {
            break;
        }
        let Some(next) = regex.find_at(text, from) else { break };
        last = next.range();
        moved = true;
    }
    !moved || regex.captures_read_at(locations, text, last.start).is_some()
}

/// The captures joined by a space; the whole match where the pattern has none. One capture is borrowed
/// from the path, which starts `offset` before the text.
fn captured(locations: &CaptureLocations, text: &[u8], offset: usize, joined: &mut Vec<u8>) -> Found {
    let single = match locations.len() {
        1 => Some(locations.get(0)),
        2 => Some(locations.get(1)),
        _ => None,
    };
    if let Some(single) = single {
        return single.map_or(Found::Nothing, |(start, end)| Found::Path(start + offset..end + offset));
    }
    let begin = joined.len();
    for (start, end) in (1..locations.len()).filter_map(|group| locations.get(group)) {
        if joined.len() > begin {
            joined.push(b' ');
        }
        joined.extend_from_slice(&text[start..end]);
    }
    if joined.len() == begin { Found::Nothing } else { Found::Joined(begin..joined.len()) }
}
