//! The one file of this layer that reads the disk: texts of the configuration, templates of letters, and
//! secrets. Texts of the configuration may come from a [`Snapshot`] of what was read earlier instead.

use super::settings::{SecretSource, Settings};
use crate::domain::language::Language;
use crate::secret::Secret;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Why a secret could not be read. No secret is ever part of the text.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Credentials come from systemd, which did not start this process.
    #[error("there is no credential `{0}`: this process was not given a credentials directory")]
    NoCredentials(String),
    /// The file cannot be read.
    #[error("the secret in `{path}` cannot be read")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file holds nothing.
    #[error("the secret in `{0}` is empty")]
    Empty(PathBuf),
}

impl SecretSource {
    /// Reads the secret; one line end at its end is not part of it. `credentials_directory` is what systemd
    /// names in `CREDENTIALS_DIRECTORY`.
    ///
    /// # Errors
    /// [`SecretError`] when there is no such secret, or an empty one.
    pub fn read(&self, credentials_directory: Option<&Path>) -> Result<Secret, SecretError> {
        let path = match self {
            Self::File(path) => path.clone(),
            Self::Credential(name) => {
                credentials_directory.ok_or_else(|| SecretError::NoCredentials(name.clone()))?.join(name)
            }
        };
        let text =
            std::fs::read_to_string(&path).map_err(|source| SecretError::Unreadable { path: path.clone(), source })?;
        let text = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
        if text.is_empty() { Err(SecretError::Empty(path)) } else { Ok(Secret::new(text)) }
    }
}

impl Settings {
    /// The administrator's own templates of letters, by their names such as `ja/letter.txt.jinja`.
    ///
    /// # Errors
    /// When the folder or one of its files cannot be read.
    pub fn read_letter_templates(&self) -> std::io::Result<BTreeMap<String, String>> {
        let Some(folder) = &self.letter_templates else { return Ok(BTreeMap::new()) };
        let mut texts = BTreeMap::new();
        for language in [Language::Ja, Language::En].map(Language::code) {
            let folder = folder.join(language);
            if !folder.is_dir() {
                continue;
            }
            for file in folder.read_dir()? {
                let path = file?.path();
                let is_template = path.extension().is_some_and(|ending| ending == "jinja");
                if let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|_| is_template) {
                    texts.insert(format!("{language}/{name}"), std::fs::read_to_string(&path)?);
                }
            }
        }
        Ok(texts)
    }
}

/// A text of the configuration, and how it was reached.
#[derive(Debug, PartialEq, Eq)]
pub struct FileText {
    /// The path as reached from the one that was given.
    pub file: String,
    /// The text.
    pub text: String,
}

/// Why a file of the configuration could not be read, in words.
#[derive(Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The path as reached from the one that was given.
    pub file: String,
    /// Line and column, where the trouble has a place in the file; else zeros.
    pub place: (u32, u32),
    /// Why.
    pub why: String,
}

/// Every text that one configuration was read from, so that it can be read again when the files are broken.
/// Relative paths in it start where they did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The server's own file, as it was given.
    pub config_file: PathBuf,
    /// The texts, by the paths that they were reached by.
    files: BTreeMap<PathBuf, Content>,
}

impl Snapshot {
    /// The files, by the paths that they were reached by.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.keys().map(PathBuf::as_path)
    }
}

/// The content of a file: text, as nearly all of them are, or anything else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Bytes(Vec<u8>),
}

/// The files of the configuration: those on the disk, or those of a snapshot. Remembers what was read.
#[derive(Debug, Default)]
pub struct Files<'a> {
    snapshot: Option<&'a Snapshot>,
    read: RefCell<BTreeMap<PathBuf, Content>>,
}

impl<'a> Files<'a> {
    /// Those of a snapshot.
    #[must_use]
    pub fn of(snapshot: &'a Snapshot) -> Self {
        Self { snapshot: Some(snapshot), read: RefCell::default() }
    }

    /// All that was read.
    #[must_use]
    pub fn into_snapshot(self, config_file: &Path) -> Snapshot {
        Snapshot { config_file: config_file.to_owned(), files: self.read.into_inner() }
    }

    /// Reads a file of the configuration.
    ///
    /// # Errors
    /// [`Unreadable`] when it is not there, may not be read, or is not UTF-8.
    pub fn text(&self, path: &Path) -> Result<FileText, Unreadable> {
        let (file, bytes) = self.bytes(path)?;
        String::from_utf8(bytes).map(|text| FileText { file: file.clone(), text }).map_err(|error| {
            let valid = error.utf8_error().valid_up_to();
            let before = String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned();
            let line_start = before.rfind('\n').map_or(0, |position| position + 1);
            let number = |count: usize| u32::try_from(count + 1).unwrap_or(u32::MAX);
            let place = (number(before.matches('\n').count()), number(before[line_start..].chars().count()));
            Unreadable { file, place, why: "the file is not UTF-8 from here on".to_owned() }
        })
    }

    /// Reads a file of any encoding; its path comes with it.
    ///
    /// # Errors
    /// [`Unreadable`] when it is not there or may not be read.
    pub fn bytes(&self, path: &Path) -> Result<(String, Vec<u8>), Unreadable> {
        let file = path.display().to_string();
        let bytes = match self.snapshot.map(|snapshot| snapshot.files.get(path)) {
            Some(Some(Content::Text(text))) => text.clone().into_bytes(),
            Some(Some(Content::Bytes(bytes))) => bytes.clone(),
            Some(None) => {
                let why = "there was no such file when the configuration was accepted".to_owned();
                return Err(Unreadable { file, place: (0, 0), why });
            }
            None => match std::fs::read(path) {
                Ok(bytes) => bytes,
                Err(error) => return Err(Unreadable { file, place: (0, 0), why: why_unreadable(&error) }),
            },
        };
        let content = String::from_utf8(bytes.clone()).map_or_else(|_| Content::Bytes(bytes.clone()), Content::Text);
        self.read.borrow_mut().insert(path.to_owned(), content);
        Ok((file, bytes))
    }

    /// The files that match a path or glob, sorted. Relative ones start at `folder`.
    ///
    /// # Errors
    /// Why the glob cannot be read.
    pub fn matching(&self, folder: &Path, glob: &str) -> Result<Vec<PathBuf>, String> {
        let is_glob = |name: &str| name.contains(['*', '?', '[', '{']);
        let names: Vec<&str> = glob.split('/').collect();
        let fixed = names.iter().take_while(|name| !is_glob(name)).count();
        if fixed == names.len() {
            let path = folder.join(glob);
            let is_there = self.snapshot.map_or_else(|| path.is_file(), |kept| kept.files.contains_key(&path));
            return Ok(if is_there { vec![path] } else { vec![] });
        }
        let start = match names[..fixed].join("/") {
            start if start.is_empty() && glob.starts_with('/') => PathBuf::from("/"),
            start => folder.join(start),
        };
        let pattern = names[fixed..].join("/");
        let matcher = globset::GlobBuilder::new(&pattern)
            .literal_separator(true)
            .build()
            .map_err(|error| error.kind().to_string())?
            .compile_matcher();
        if let Some(snapshot) = self.snapshot {
            let below = |path: &Path| path.strip_prefix(&start).is_ok_and(|relative| matcher.is_match(relative));
            return Ok(snapshot.files.keys().filter(|path| below(path)).cloned().collect());
        }
        let depth = if pattern.contains("**") { usize::MAX } else { names.len() - fixed };
        let mut found = vec![];
        walk(&start, &start, depth.min(32), &matcher, &mut found);
        found.sort();
        Ok(found)
    }
}

fn why_unreadable(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "this user may not read the file".to_owned(),
        _ => format!("the file cannot be read: {error}"),
    }
}

/// The absolute folder of a file, and the same as reached from the path that was given.
#[must_use]
pub fn folders(file: &Path) -> (PathBuf, PathBuf) {
    let shown = file.parent().unwrap_or(Path::new("")).to_owned();
    let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    (absolute.parent().unwrap_or(Path::new("/")).to_owned(), shown)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the folders of the register are the organisation's own, not scanned ones"
)]
fn walk(start: &Path, folder: &Path, depth: usize, matcher: &globset::GlobMatcher, found: &mut Vec<PathBuf>) {
    let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let Ok(entries) = std::fs::read_dir(here) else { return };
    for path in entries.filter_map(Result::ok).map(|entry| folder.join(entry.file_name())) {
        if path.is_dir() {
            if depth > 1 {
                walk(start, &path, depth - 1, matcher, found);
            }
        } else if path.strip_prefix(start).is_ok_and(|relative| matcher.is_match(relative)) {
            found.push(path);
        }
    }
}
