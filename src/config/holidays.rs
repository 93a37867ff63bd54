//! Files of holidays: the date at the beginning of each line. The names of the days are not read, so the
//! encoding does not matter, as long as it writes ASCII as ASCII does: UTF-8 and CP932 do.

use jiff::civil::Date;
use std::collections::BTreeSet;

/// How many faults of one file are told one by one.
const FAULTS_TOLD: usize = 10;

/// What is wrong with a file of holidays, and in which line; 0 for the file as a whole.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1.
    pub line: u32,
    /// What is wrong.
    pub message: String,
}

/// Reads the holidays of a file. Empty lines, lines that begin with `#` and one header are passed over.
///
/// # Errors
/// The lines that do not begin with a date; or that the file has no holiday at all.
pub fn read(bytes: &[u8]) -> Result<BTreeSet<Date>, Vec<Fault>> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(vec![Fault { line: 0, message: "the file is UTF-16".to_owned() }]);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let (mut holidays, mut faults, mut may_be_header) = (BTreeSet::new(), vec![], true);
    for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let cell = line.split(|byte| matches!(byte, b',' | b';' | b'\t')).next().unwrap_or_default();
        let cell = String::from_utf8_lossy(cell);
        let cell = cell.trim().trim_matches('"').trim();
        if cell.is_empty() || cell.starts_with('#') {
            continue;
        }
        match date(cell) {
            Some(date) => {
                holidays.insert(date);
            }
            None if may_be_header && !cell.starts_with(|first: char| first.is_ascii_digit()) => {}
            None => {
                let message = if cell.is_ascii() && cell.len() <= 20 {
                    format!("`{}` is not a date", cell.escape_default())
                } else {
                    "the line does not begin with a date".to_owned()
                };
                faults.push(Fault { line: u32::try_from(number + 1).unwrap_or(u32::MAX), message });
            }
        }
        may_be_header = false;
    }
    if faults.len() > FAULTS_TOLD {
        let message = format!("{} more lines do not begin with a date", faults.len() - FAULTS_TOLD);
        faults.truncate(FAULTS_TOLD);
        faults.push(Fault { line: 0, message });
    }
    if faults.is_empty() && holidays.is_empty() {
        faults.push(Fault { line: 0, message: "there is no holiday in the file".to_owned() });
    }
    if faults.is_empty() { Ok(holidays) } else { Err(faults) }
}

/// A date as `2027-01-01` or `2027/1/1`.
fn date(cell: &str) -> Option<Date> {
    let separator = if cell.contains('/') { '/' } else { '-' };
    let mut parts = cell.split(separator);
    let mut part = |longest: usize| {
        let part = parts.next()?;
        (part.len() <= longest && part.bytes().all(|byte| byte.is_ascii_digit())).then_some(part)
    };
    let (year, month, day) = (part(4).filter(|year| year.len() == 4)?, part(2)?, part(2)?);
    if parts.next().is_some() {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}
