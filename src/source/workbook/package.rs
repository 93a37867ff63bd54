//! Looks through a zip package before a parser takes it. Sizes are counted while the entries are unpacked,
//! whatever their headers say; nothing unpacked is kept.

use super::Trouble;
use quick_xml::Reader;
use quick_xml::events::Event;
use std::io::{BufRead, BufReader, Read, Seek};
use zip::ZipArchive;
use zip::result::ZipError;

/// How many entries a workbook may have.
const ENTRIES: usize = 10_000;
/// How many bytes all entries may unpack to: a sheet of a million rows and twenty columns takes about 1 GB.
const UNPACKED_BYTES: u64 = 4 << 30;
/// How many bytes an entry may unpack to that parsers hold in memory: all but the sheets themselves.
const HELD_BYTES: u64 = 192 << 20;
/// How many shared strings a workbook may have: four for every row that a sheet can have.
const SHARED_STRINGS: u64 = 1 << 22;
/// From this size on, an entry that shrank to less than 1/200 is taken for a bomb.
const SUSPICIOUS_BYTES: u64 = 32 << 20;
/// See [`SUSPICIOUS_BYTES`].
const SUSPICIOUS_RATIO: u64 = 200;
/// How many bytes may lie between two tags. A cell holds at most 32,767 characters.
const BYTES_BETWEEN_TAGS: u64 = 8 << 20;

/// The kinds of packages that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Package {
    /// XLSX and XLSM.
    OfficeOpen,
    /// ODS.
    OpenDocument,
}

/// Looks at every entry of a package, and says what it is.
pub fn inspect<R: Read + Seek>(reader: R, is_cancelled: impl Fn() -> bool) -> Result<Package, Trouble> {
    let mut archive = ZipArchive::new(reader).map_err(|_| Trouble::damaged())?;
    if archive.len() > ENTRIES {
        return Err(Trouble(format!("the workbook has more than {ENTRIES} entries")));
    }
    let mut total = 0;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|error| of_zip(&error))?;
        let name = entry.name().map_err(|_| Trouble::damaged())?.replace('\\', "/").to_ascii_lowercase();
        let packed = entry.compressed_size();
        let mut limited = Limited::new(entry, &name, packed, UNPACKED_BYTES - total);
        if name.ends_with("sharedstrings.xml") {
            count_shared_strings(BufReader::with_capacity(1 << 16, &mut limited))?;
        }
        if name == "meta-inf/manifest.xml" {
            refuse_encrypted(BufReader::new(&mut limited))?;
        }
        limited.drain(&is_cancelled)?;
        total += limited.unpacked;
    }
    kind(&mut archive)
}

fn kind<R: Read + Seek>(archive: &mut ZipArchive<R>) -> Result<Package, Trouble> {
    let names: Vec<String> = archive.file_names().flatten().map(|name| name.replace('\\', "/")).collect();
    let has = |wanted: &str| names.iter().any(|name| name.eq_ignore_ascii_case(wanted));
    if has("xl/workbook.bin") {
        return Err(Trouble::new("workbooks in Excel's binary form (XLSB) are not read; save it as XLSX"));
    }
    let has_content = has("content.xml");
    let mut media_type = String::new();
    if let Ok(entry) = archive.by_name("mimetype") {
        // Whatever is no text is no media type either.
        drop(entry.take(100).read_to_string(&mut media_type));
    }
    match media_type.trim().strip_prefix("application/vnd.oasis.opendocument.") {
        Some("spreadsheet" | "spreadsheet-template") if has_content => Ok(Package::OpenDocument),
        Some(_) => Err(Trouble::new("the file is a document, but not a workbook")),
        None => Ok(Package::OfficeOpen),
    }
}

fn of_zip(error: &ZipError) -> Trouble {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => Trouble::protected(),
        _ => Trouble::damaged(),
    }
}

/// Refuses more strings than can be held, whether they are there or only announced.
fn count_shared_strings(reader: impl BufRead) -> Result<(), Trouble> {
    let too_many = || Trouble::new("the workbook has more strings than a sheet can use");
    let mut xml = Reader::from_reader(reader);
    let (mut buffer, mut count) = (Vec::new(), 0);
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer) {
            Ok(Event::Start(tag) | Event::Empty(tag)) if tag.local_name().as_ref() == "si" => count += 1,
            Ok(Event::Start(tag)) if tag.local_name().as_ref() == "sst" => {
                let announced = tag.attributes().with_checks(false).flatten().any(|attribute| {
                    attribute.key.as_ref() == "uniqueCount"
                        && attribute.value.trim().parse::<u64>().is_ok_and(|count| count > SHARED_STRINGS)
                });
                if announced {
                    return Err(too_many());
                }
            }
            Ok(Event::Eof) => return Ok(()),
            Ok(_) => {}
            Err(quick_xml::Error::Io(error)) => return Err(of_io(&error)),
            Err(_) => return Err(Trouble::damaged()),
        }
        if count > SHARED_STRINGS {
            return Err(too_many());
        }
    }
}

/// Refuses a package whose manifest tells of encrypted entries.
fn refuse_encrypted(reader: impl BufRead) -> Result<(), Trouble> {
    let mut xml = Reader::from_reader(reader);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer) {
            Ok(Event::Start(tag) | Event::Empty(tag)) if tag.local_name().as_ref() == "encryption-data" => {
                return Err(Trouble::protected());
            }
            Ok(Event::Eof) | Err(_) => return Ok(()),
            Ok(_) => {}
        }
    }
}

fn of_io(error: &std::io::Error) -> Trouble {
    let own = error.get_ref().and_then(|inner| inner.downcast_ref::<Trouble>());
    own.cloned().unwrap_or_else(Trouble::damaged)
}

/// An entry that is unpacked under watch.
struct Limited<R> {
    inner: R,
    packed: u64,
    unpacked: u64,
    limit: u64,
    since_tag: u64,
}

impl<R: Read> Limited<R> {
    fn new(inner: R, name: &str, packed: u64, left: u64) -> Self {
        let is_sheet = name.contains("worksheets/") || name == "content.xml";
        let limit = if is_sheet { left } else { left.min(HELD_BYTES) };
        Self { inner, packed, unpacked: 0, limit, since_tag: 0 }
    }

    /// Unpacks what is left.
    fn drain(&mut self, is_cancelled: &impl Fn() -> bool) -> Result<(), Trouble> {
        let mut buffer = vec![0; 1 << 16];
        while self.read(&mut buffer).map_err(|error| of_io(&error))? > 0 {
            if is_cancelled() {
                break;
            }
        }
        Ok(())
    }

    fn check(&self) -> Result<(), Trouble> {
        let is_bomb = self.unpacked > SUSPICIOUS_BYTES && self.unpacked / SUSPICIOUS_RATIO > self.packed;
        if self.unpacked > self.limit || is_bomb {
            return Err(Trouble::new("the workbook unpacks to far more than a list needs: it may be a zip bomb"));
        }
        if self.since_tag > BYTES_BETWEEN_TAGS {
            return Err(Trouble::new("the workbook has a text that is longer than a cell can hold"));
        }
        Ok(())
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.unpacked += read as u64;
        self.since_tag = match memchr::memrchr(b'<', &buffer[..read]) {
            Some(last) => (read - last) as u64,
            None => self.since_tag + read as u64,
        };
        self.check().map_err(std::io::Error::other)?;
        Ok(read)
    }
}
