//! The clocks that names of files tell: by the patterns of presets, and by those that are common. The same patterns
//! then stand in the draft, and are read by the same code as in a scan.

use super::AppError;
use crate::config::draft::PresetSource;
use crate::domain::item::Value;
use crate::domain::name::RootName;
use crate::domain::register::{DateFormat, FieldAccess, FieldSpec, FieldType, Place, Root, SourceSpec};
use crate::rule::{ClockReader, ClockReading, Zone};
use crate::source::file_fields::FileFields;
use crate::source::paths::PathRules;
use crate::source::{Request, SourceError};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

/// A way in which names tell when a file was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedClock {
    /// Whether the pattern is for the path rather than the name.
    pub on_path: bool,
    /// The pattern.
    pub pattern: &'static str,
    /// The format of what it captures.
    pub format: &'static str,
    /// How many of the sampled names it reads.
    pub read: usize,
    /// Out of how many.
    pub of: usize,
}

/// Common patterns: whether on the path, the pattern, the format. Those with a time of day come first.
const COMMON: [(bool, &str, &str); 8] = [
    (false, r"(?:^|\D)(\d{8})[-_T](\d{6})(?:\D|$)", "%Y%m%d %H%M%S"),
    (false, r"(\d{4}-\d\d-\d\d)[-_ T](\d\d)[-:._](\d\d)[-:._](\d\d)", "%Y-%m-%d %H %M %S"),
    (false, r"(?:^|\D)(\d{14})(?:\D|$)", "%Y%m%d%H%M%S"),
    (false, r"(\d{4}-\d\d-\d\d)", "%Y-%m-%d"),
    (false, r"(?:^|\D)(\d{8})(?:\D|$)", "%Y%m%d"),
    (true, r"(?:^|/)(\d{4})/(\d\d)/(\d\d)/", "%Y %m %d"),
    (true, r"(?:^|/)(\d{4}-\d\d-\d\d)/", "%Y-%m-%d"),
    (false, r"(?:^|\D)(1\d{9})(?:\D|$)", "unix-seconds"),
];

/// The common pattern that reads the most of these names, if it reads at least half of them.
pub(super) fn clock_of_names(sample: &[Vec<u8>], at_most: u64) -> Option<NamedClock> {
    let sample = &sample[..sample.len().min(usize::try_from(at_most).unwrap_or(usize::MAX))];
    let mut best: Option<NamedClock> = None;
    for (on_path, pattern, format) in COMMON {
        let access =
            if on_path { FieldAccess::Path(pattern.to_owned()) } else { FieldAccess::Name(pattern.to_owned()) };
        let parsed = match format {
            "unix-seconds" => DateFormat::UnixSeconds,
            pattern => DateFormat::Pattern(pattern.to_owned()),
        };
        let read = dated(&[clock_field(access, parsed)], sample.iter()).unwrap_or(0);
        if best.is_none_or(|best| read > best.read) {
            best = Some(NamedClock { on_path, pattern, format, read, of: sample.len() });
        }
    }
    best.filter(|best| best.read > 0 && best.read * 2 >= best.of)
}

fn clock_field(access: FieldAccess, format: DateFormat) -> FieldSpec {
    FieldSpec {
        name: "recorded_at".to_owned(),
        access,
        field_type: FieldType::Text,
        formats: vec![format],
        time_zone: None,
        empty_is_running: false,
        normalised: false,
        split: None,
        answers: BTreeMap::new(),
    }
}

/// How many of these files a preset takes and dates.
pub(super) fn dated_by(preset: &PresetSource, sample: &[Vec<u8>]) -> usize {
    let Ok(rules) = PathRules::compile(&preset.files, &preset.exclude) else { return 0 };
    let is_clock = |field: &&FieldSpec| field.name.contains("_at");
    let clocks: Vec<FieldSpec> = preset.fields.iter().filter(is_clock).cloned().collect();
    dated(&clocks, sample.iter().filter(|path| rules.matches(path))).unwrap_or(0)
}

/// How many paths one of the clocks reads.
fn dated<'s>(clocks: &[FieldSpec], paths: impl Iterator<Item = &'s Vec<u8>>) -> Result<usize, AppError> {
    let refused = |error: SourceError| AppError::Unreadable(error.to_string());
    let name = RootName::new("sample").map_err(|error| AppError::Unreadable(error.to_string()))?;
    let root = Root { name, path: PathBuf::new(), must_be_mount: false };
    let place = Place::Folder { root, files: Vec::new(), exclude: Vec::new() };
    let source = SourceSpec { place, fields: clocks.to_vec(), identity: None, time_zone: TimeZone::UTC };
    let wanted = vec![true; clocks.len()];
    let (cancel, progress) = (AtomicBool::new(false), AtomicU64::new(0));
    let (cancel, progress) = (&cancel, &progress);
    let request = Request { source: &source, wanted: &wanted, narrowing: None, only_part: None, cancel, progress };
    let fields = FileFields::compile(&request).map_err(refused)?;
    let mut extraction = fields.extraction();
    let zone = Arc::new(Zone::new(&TimeZone::UTC));
    let readers: Vec<ClockReader> = clocks.iter().map(|clock| ClockReader::new(clock, &zone)).collect();
    let mut read = 0;
    for path in paths {
        let name_start = path.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
        extraction.read(path, name_start);
        let is_believed = |(index, reader): (usize, &ClockReader)| {
            let value: Value<'_> = extraction.value(index, path, None);
            let year = match reader.read(&value) {
                ClockReading::Instant(instant) => instant.timestamp().to_zoned_datetime(TimeZone::UTC).year(),
                ClockReading::Date(date) => date.year(),
                ClockReading::Running | ClockReading::Unreadable(_) => return false,
            };
            (1990..2100).contains(&year)
        };
        read += usize::from(readers.iter().enumerate().any(is_believed));
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(paths: &[&str]) -> Option<(&'static str, usize)> {
        let sample: Vec<Vec<u8>> = paths.iter().map(|path| path.as_bytes().to_vec()).collect();
        clock_of_names(&sample, 1000).map(|clock| (clock.format, clock.read))
    }

    #[test]
    fn names_tell_their_clock_by_the_pattern_that_reads_the_most() {
        assert_eq!(clock(&["rec-20260828-120000.wav", "rec-20260829-120000.wav"]), Some(("%Y%m%d %H%M%S", 2)));
        // A telephone number before the date does not hide the time behind it.
        assert_eq!(clock(&["x-0312345678-20260828-120000.1.wav"]), Some(("%Y%m%d %H%M%S", 1)));
        assert_eq!(clock(&["2026/08/28/a.wav", "2026/08/29/20260829.wav"]), Some(("%Y %m %d", 2)));
        assert_eq!(clock(&["2026-08-28 12.30.00.mp4"]), Some(("%Y-%m-%d %H %M %S", 1)));
        assert_eq!(clock(&["x-1787886000.1.wav"]), Some(("unix-seconds", 1)));
        assert_eq!(clock(&["a.wav", "b.wav", "20260829.wav"]), None);
        assert_eq!(clock(&["tel-0312345678.wav", "99999999.wav"]), None);
    }
}
