//! What lies beneath a root: files by their endings and the shapes of their names, and the clock that their names tell.
//! Nothing that is found is named. What is in lists is looked at in `lists`.

use super::draft::{self, Place};
use super::lists::{self, Lists};
use super::name_shape::{self, Shape};
use super::{AppError, ROWS, list_drafts, named, unreadable};
use crate::config::draft::{Materials, PresetSource};
use crate::domain::instant::Instant;
use crate::domain::register::Root;
use crate::source::census::{self, Counter, Met};
use jiff::tz::TimeZone;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// How many shapes are told by themselves.
const TOLD_SHAPES: usize = 20;
/// How many shapes are told apart on one thread; what comes later is counted by its ending alone.
const KNOWN_SHAPES: usize = 5_000;
/// How many lists are opened.
const OPENED_LISTS: usize = 100;
/// The endings of lists.
const LISTS: [&str; 8] = ["csv", "tsv", "tab", "txt", "xlsx", "xlsm", "xls", "ods"];

/// What lies beneath a root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Files {
    /// The root.
    pub root: String,
    /// How many files there are.
    pub files: u64,
    /// What could not be read.
    pub trouble: Option<String>,
    /// The files by their endings, the most first.
    pub endings: Vec<Group>,
    /// The files by the shapes of their paths, the most first.
    pub shapes: Vec<Group>,
    /// How many shapes there are that are not told.
    pub more_shapes: usize,
    /// Lists by their headings.
    pub lists: Vec<Lists>,
    /// How many lists were not opened.
    pub unopened_lists: usize,
    /// Datasets and ledgers ready to be pasted into the register.
    pub drafts: Vec<String>,
    /// How many kinds of lists are not drafted.
    pub undrafted_lists: usize,
}

/// Files that have something in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// What they have in common.
    pub what: String,
    /// How many they are.
    pub files: u64,
    /// How large they are together.
    pub bytes: u64,
    /// The years in which the oldest and the latest were modified.
    pub years: (i16, i16),
}

/// Looks at what lies beneath a root.
pub(super) fn files(materials: &Materials, root: &Root) -> Result<Files, AppError> {
    let (counts, trouble) = census::count(root, Count::default).map_err(|error| unreadable(&error))?;
    let count = counts.into_iter().fold(Count::default(), Count::and);
    let mut shapes: Vec<Group> = count.shapes.iter().map(|(shape, tally)| tally.group(shape)).collect();
    shapes.sort_by(|one, other| other.files.cmp(&one.files).then_with(|| one.what.cmp(&other.what)));
    let more_shapes = shapes.len().saturating_sub(TOLD_SHAPES);
    shapes.truncate(TOLD_SHAPES);
    let mut endings: Vec<Group> = count.endings.iter().map(|(ending, tally)| tally.group(ending)).collect();
    endings.sort_by_key(|group| std::cmp::Reverse(group.files));
    let opened: Vec<&Vec<u8>> = count.lists.iter().take(OPENED_LISTS).collect();
    let lists = lists::lists(materials, root, &opened)?;
    let recordings = endings.iter().find(|group| !LISTS.contains(&group.what.as_str()));
    let mut drafts = Vec::new();
    drafts.extend(recordings.and_then(|group| draft_of_files(materials, root, &group.what, &count)));
    drafts.extend(list_drafts::drafts(materials, root, &lists, |endings| count.glob(endings)));
    Ok(Files {
        root: root.name.to_string(),
        files: endings.iter().map(|group| group.files).sum(),
        trouble,
        endings,
        shapes,
        more_shapes,
        unopened_lists: count.lists.len().saturating_sub(OPENED_LISTS),
        undrafted_lists: lists.len().saturating_sub(list_drafts::DRAFTED_LISTS),
        lists,
        drafts,
    })
}

/// What was counted on one thread.
#[derive(Debug, Default)]
struct Count {
    endings: BTreeMap<&'static str, Tally>,
    shapes: BTreeMap<String, Tally>,
    /// Paths of lists, and some of other files by their endings. They are looked at and never shown.
    lists: BTreeSet<Vec<u8>>,
    samples: BTreeMap<&'static str, Vec<Vec<u8>>>,
    /// How each ending is written.
    written: BTreeMap<&'static str, BTreeSet<String>>,
}

/// A number of files.
#[derive(Debug, Clone, Default)]
struct Tally {
    files: u64,
    bytes: u64,
    first: Option<Instant>,
    last: Option<Instant>,
    lengths: Vec<(usize, usize)>,
}

impl Counter for Count {
    fn file(&mut self, met: &Met<'_>) {
        let start = met.path.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
        let name = String::from_utf8_lossy(&met.path[start..]);
        let ending = name_shape::ending(&name);
        self.endings.entry(ending).or_default().add(met, &[]);
        if let Some((_, written)) = name.rsplit_once('.') {
            self.written.entry(ending).or_default().insert(written.to_owned());
        }
        let Shape { text, digits } = name_shape::of_path(met.path);
        if self.shapes.contains_key(&text) || self.shapes.len() < KNOWN_SHAPES {
            self.shapes.entry(text).or_default().add(met, &digits);
        }
        if LISTS.contains(&ending) {
            self.lists.insert(met.path.to_vec());
        } else {
            let sample = self.samples.entry(ending).or_default();
            if (sample.len() as u64) < ROWS {
                sample.push(met.path.to_vec());
            }
        }
    }
}

impl Count {
    fn and(mut self, other: Self) -> Self {
        for (ending, tally) in other.endings {
            self.endings.entry(ending).or_default().and(&tally);
        }
        for (shape, tally) in other.shapes {
            self.shapes.entry(shape).or_default().and(&tally);
        }
        for (ending, sample) in other.samples {
            self.samples.entry(ending).or_default().extend(sample);
        }
        for (ending, written) in other.written {
            self.written.entry(ending).or_default().extend(written);
        }
        self.lists.extend(other.lists);
        self
    }

    /// The glob of all files with these endings, however those are written.
    fn glob(&self, endings: &[String]) -> String {
        let written = endings.iter().filter_map(|ending| self.written.get(ending.as_str())).flatten();
        let written: BTreeSet<&str> = written.map(String::as_str).collect();
        let written: Vec<&str> = written.into_iter().collect();
        match written.as_slice() {
            [only] => format!("**/*.{only}"),
            several => format!("**/*.{{{}}}", several.join(",")),
        }
    }
}

impl Tally {
    fn add(&mut self, met: &Met<'_>, digits: &[usize]) {
        let lengths = digits.iter().map(|length| (*length, *length)).collect();
        let (first, last) = (Some(met.modified), Some(met.modified));
        self.and(&Self { files: 1, bytes: met.size_bytes, first, last, lengths });
    }

    fn and(&mut self, other: &Self) {
        self.files += other.files;
        self.bytes += other.bytes;
        self.first = [self.first, other.first].into_iter().flatten().min();
        self.last = [self.last, other.last].into_iter().flatten().max();
        if self.lengths.is_empty() {
            self.lengths.clone_from(&other.lengths);
        }
        for (known, (least, most)) in self.lengths.iter_mut().zip(&other.lengths) {
            *known = (known.0.min(*least), known.1.max(*most));
        }
    }

    fn group(&self, shape: &str) -> Group {
        let year = |instant: Option<Instant>| {
            instant.map_or(0, |instant| instant.timestamp().to_zoned_datetime(TimeZone::UTC).year())
        };
        let what = name_shape::shown(shape, &self.lengths);
        Group { what, files: self.files, bytes: self.bytes, years: (year(self.first), year(self.last)) }
    }
}

/// A dataset of all files with this ending: by the preset whose clock their names tell, else by the clock that they do.
fn draft_of_files(materials: &Materials, root: &Root, ending: &str, count: &Count) -> Option<String> {
    if matches!(ending, "other" | "none") {
        return None;
    }
    let sample = count.samples.get(ending)?;
    let names = &materials.names;
    let name = draft::dataset_name(&[root.name.as_str()], names);
    let place = Place::Files {
        root: root.name.as_str(),
        files: count.glob(&[ending.to_owned()]),
        exclude: Vec::new(),
        columns: Vec::new(),
    };
    if let Some(preset) = preset_of_files(&materials.presets, sample) {
        let place = Place::Preset { root: root.name.as_str() };
        return Some(draft::of_preset(&name, names, &place, preset, None));
    }
    let clock = named::clock_of_names(sample, ROWS);
    Some(draft::of_files(&name, names, &place, clock))
}

/// The preset by whose patterns nine of ten of these files tell their date.
fn preset_of_files<'p>(presets: &'p [PresetSource], sample: &[Vec<u8>]) -> Option<&'p PresetSource> {
    let of_files = presets.iter().filter(|preset| preset.items_are_files);
    let read = of_files.map(|preset| (named::dated_by(preset, sample), preset));
    let (most, preset) = read.max_by_key(|(read, _)| *read)?;
    (most * 10 >= sample.len() * 9 && most > 0).then_some(preset)
}
