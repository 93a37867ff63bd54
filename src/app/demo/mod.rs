//! Makes up a company on the spot, so that everyone can see a scan without data of their own: recordings in
//! FreePBX's naming, a Frigate index, lists in CP932 and XLSX, ledgers, and the register that answers for
//! them. Every name, address and number is invented; the same instant gives the same company. Scanning it
//! and printing what was found are absent here.
//!
//! What other products write (databases, workbooks, CP932) is written here and nowhere else in the program.

mod chance;
mod databases;
mod lists;
mod recordings;
#[cfg(test)]
mod tests;

use crate::domain::instant::Instant;
use chance::Chance;
use jiff::ZonedDateTime;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A made-up company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoCompany {
    /// Its configuration, which `purposed check` accepts.
    pub config: PathBuf,
}

/// The company's own text files, beneath its folder.
const REGISTER: &[(&str, &str)] = &[
    ("purposed.toml", include_str!("company/purposed.toml")),
    ("register/organisation.toml", include_str!("company/register/organisation.toml")),
    ("register/purposes.toml", include_str!("company/register/purposes.toml")),
    ("register/support.toml", include_str!("company/register/support.toml")),
    ("register/facilities.toml", include_str!("company/register/facilities.toml")),
    ("register/marketing.toml", include_str!("company/register/marketing.toml")),
    ("register/people.toml", include_str!("company/register/people.toml")),
];

/// Makes the company in `folder`, which is made if need be and must be empty. Its data is such that a scan at
/// `now` finds something under every rule.
///
/// # Errors
/// When the folder is not empty, or something cannot be written.
pub fn make(folder: &Path, now: Instant) -> io::Result<DemoCompany> {
    fs::create_dir_all(folder)?;
    let is_empty = folder.read_dir()?.next().is_none();
    if !is_empty {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "the folder for the made-up company is not empty"));
    }
    let company = Company { folder: folder.to_owned(), now: now.timestamp().to_zoned_datetime(tokyo()?) };
    company.write_register()?;
    recordings::write(&company, &mut Chance::new(1))?;
    lists::write(&company, &mut Chance::new(2))?;
    databases::write(&company, &mut Chance::new(3))?;
    Ok(DemoCompany { config: folder.join("purposed.toml") })
}

/// Where and when the company is made up.
struct Company {
    folder: PathBuf,
    now: ZonedDateTime,
}

impl Company {
    fn write_register(&self) -> io::Result<()> {
        let contract_end = self.day(75).to_string();
        for (path, text) in REGISTER {
            self.write(path, text.replace("1999-12-31", &contract_end).as_bytes())?;
        }
        Ok(())
    }

    /// Writes a file, with the folders above it.
    fn write(&self, path: &str, content: &[u8]) -> io::Result<()> {
        let path = self.path(path)?;
        fs::write(path, content)
    }

    /// The path of a file beneath the company's folder; the folders above it are made.
    fn path(&self, path: &str) -> io::Result<PathBuf> {
        let path = self.folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        Ok(path)
    }

    /// The instant `minutes` before now.
    fn minutes_ago(&self, minutes: u32) -> ZonedDateTime {
        let age = jiff::SignedDuration::from_mins(i64::from(minutes));
        self.now.checked_sub(age).unwrap_or_else(|_| self.now.clone())
    }

    /// The day `days` before today.
    fn day(&self, days: u32) -> Date {
        self.minutes_ago(days * 24 * 60).date()
    }
}

/// Somebody who does not exist.
struct Person {
    name: String,
    email: String,
    phone: String,
}

/// The person with this number; ledgers and lists mean the same one by it.
fn person(number: u32) -> Person {
    const FAMILY: &[&str] = &["佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "山本", "中村", "小林", "加藤", "吉田"];
    const GIVEN: &[&str] =
        &["一郎", "花子", "健太", "美咲", "翔", "陽子", "大輔", "直美", "学", "恵", "誠", "由美", "隆"];
    let of = |names: &[&'static str]| names.get(number as usize % names.len()).copied().unwrap_or_default();
    Person {
        name: format!("{} {}", of(FAMILY), of(GIVEN)),
        email: format!("person-{number}@example.com"),
        // No telephone number begins with 00 in Japan behind the trunk's 0 in area 99.
        phone: format!("099-00{:02}-{:04}", number / 10_000 % 100, number % 10_000),
    }
}

fn tokyo() -> io::Result<TimeZone> {
    TimeZone::get("Asia/Tokyo").map_err(io::Error::other)
}
