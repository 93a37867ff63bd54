//! One pass over the whole configuration: read every file, parse each, lower all together.

use super::file::{Placed, RegisterFile, ServerFile, SourceFile};
use super::lower::{self, Declared, Lowering, Server};
use super::parse::parse;
use super::read::{self, Files};
use super::report::Report;
use super::settings::{MailSettings, MailTransport, Settings};
use super::wording::FileKind;
use super::{ConfigProblem, Loaded, holidays, preset};
use crate::domain::register::Register;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Everything that was read, before it is lowered.
pub(super) struct Gathered {
    pub report: Report,
    pub server: Server,
    pub declared: Declared,
    pub presets: BTreeMap<String, Placed<SourceFile>>,
    pub holidays: BTreeMap<String, BTreeSet<Date>>,
    digest: String,
    has_mail: bool,
}

/// Reads and parses every file.
pub(super) fn gather(config_file: &Path, files: &Files<'_>) -> Result<Gathered, Vec<ConfigProblem>> {
    let mut report = Report::default();
    let (folder, shown_folder) = read::folders(config_file);
    let text = files.text(config_file).map_err(|unreadable| vec![whole_file(unreadable)])?;
    let number = report.texts.add(text.file, &text.text);
    let base = report.texts.get(number).base;
    let file: ServerFile = parse(number, FileKind::Server, &mut report);
    let server = lower::lower_server(&file, base, &folder, &mut report);
    let mut unreadable = vec![];
    let register: Vec<usize> = lower::register_globs(&file, base, &mut report)
        .iter()
        .flat_map(|glob| register_paths(files, &shown_folder, glob, &mut report))
        .collect::<BTreeSet<PathBuf>>()
        .into_iter()
        .filter_map(|path| match files.text(&path) {
            Ok(text) => Some(report.texts.add(text.file, &text.text)),
            Err(error) => {
                unreadable.push(error);
                None
            }
        })
        .collect();
    let is_whole = unreadable.is_empty();
    for error in unreadable {
        report.add(whole_file(error));
    }
    let register = register
        .into_iter()
        .map(|number| parse(number, FileKind::Register, &mut report))
        .collect::<Vec<RegisterFile>>();
    let is_whole = is_whole && !register.is_empty();
    let declared = Declared { is_whole, ..lower::gather(register, &mut report) };
    let mut hasher = hasher(&report);
    let holidays = holidays_of(files, &declared, &shown_folder, &mut hasher, &mut report);
    let digest = hasher.finalize().to_hex().to_string();
    let presets = presets(files, &shown_folder, &file, &mut report);
    Ok(Gathered { report, server, declared, presets, holidays, digest, has_mail: file.mail.is_some() })
}

fn whole_file(unreadable: read::Unreadable) -> ConfigProblem {
    let (line, column) = unreadable.place;
    let hint = (line > 0).then(|| "save it as UTF-8".to_owned());
    ConfigProblem { line, column, ..ConfigProblem::of_file(unreadable.file, unreadable.why, hint) }
}

fn register_paths(files: &Files<'_>, folder: &Path, glob: &Placed<String>, report: &mut Report) -> Vec<PathBuf> {
    match files.matching(folder, &glob.value) {
        Ok(paths) if paths.is_empty() => {
            let hint = "relative paths start at this file's folder".to_owned();
            report.problem(glob.span, format!("no register file matches `{}`", glob.value), hint);
            vec![]
        }
        Ok(paths) => paths,
        Err(why) => {
            let hint = "write a glob such as `register/*.toml`".to_owned();
            report.problem(glob.span, format!("`{}` is not a glob: {why}", glob.value), hint);
            vec![]
        }
    }
}

/// The presets: own ones first, then those built in.
fn presets(
    files: &Files<'_>,
    folder: &Path,
    file: &ServerFile,
    report: &mut Report,
) -> BTreeMap<String, Placed<SourceFile>> {
    let mut texts: BTreeMap<String, usize> = BTreeMap::new();
    for place in lower::preset_folders(file) {
        let glob = format!("{}/*.toml", place.value.trim_end_matches('/'));
        let paths = files.matching(folder, &glob).unwrap_or_default();
        if paths.is_empty() {
            let hint = "a preset is a source in a file `NAME.toml` of its own".to_owned();
            report.problem(place.span, format!("there is no preset in `{}`", place.value), hint);
        }
        for path in paths {
            let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            match files.text(&path) {
                Ok(_) if texts.contains_key(&name) => {
                    report.problem(
                        place.span,
                        format!("the preset `{name}` is in two folders"),
                        "keep one of them".to_owned(),
                    );
                }
                Ok(text) => {
                    let number = report.texts.add(text.file, &text.text);
                    texts.insert(name, number);
                }
                Err(error) => report.add(whole_file(error)),
            }
        }
    }
    for built_in in preset::list() {
        if !texts.contains_key(built_in.name) {
            let number = report.texts.add(format!("preset {}", built_in.name), built_in.text);
            texts.insert(built_in.name.to_owned(), number);
        }
    }
    texts.into_iter().map(|(name, number)| (name, parse_preset(number, report))).collect()
}

fn parse_preset(number: usize, report: &mut Report) -> Placed<SourceFile> {
    let source: SourceFile = parse(number, FileKind::Preset, report);
    if let Some(nested) = &source.preset {
        report.problem(nested.span, "a preset has no preset of its own", "write the keys here".to_owned());
    }
    let span = super::report::root_span(report.texts.get(number).base);
    Placed::new(span, source)
}

/// The hasher of all texts so far, each with its name and length before it.
fn hasher(report: &Report) -> blake3::Hasher {
    let mut hasher = blake3::Hasher::new();
    for text in report.texts.iter() {
        hash_file(&mut hasher, &text.file, text.content.as_bytes());
    }
    hasher
}

fn hash_file(hasher: &mut blake3::Hasher, file: &str, content: &[u8]) {
    let name = file.rsplit('/').next().unwrap_or_default();
    hasher.update(format!("{}\n{name}\n", content.len()).as_bytes());
    hasher.update(content);
}

/// The holidays of every file of them, by its path as written.
fn holidays_of(
    files: &Files<'_>,
    declared: &Declared,
    folder: &Path,
    hasher: &mut blake3::Hasher,
    report: &mut Report,
) -> BTreeMap<String, BTreeSet<Date>> {
    let mut known = BTreeMap::new();
    for place in lower::holiday_files(declared) {
        if known.contains_key(&place.value) {
            continue;
        }
        let days = match files.bytes(&folder.join(&place.value)) {
            Ok((file, bytes)) => {
                hash_file(hasher, &file, &bytes);
                holidays::read(&bytes).map_err(|faults| faults.into_iter().for_each(|fault| add(&file, fault, report)))
            }
            Err(unreadable) => {
                let message = format!("no holidays from `{}`: {}", place.value, unreadable.why);
                let hint = "relative paths start at the folder of purposed.toml".to_owned();
                report.problem(place.span, message, hint);
                Err(())
            }
        };
        known.insert(place.value, days.unwrap_or_default());
    }
    known
}

fn add(file: &str, fault: holidays::Fault, report: &mut Report) {
    let hint = "write one day a line, such as `2027-01-01` or `2027/1/1`; what follows a comma is not read";
    let column = u32::from(fault.line > 0);
    let problem = ConfigProblem::of_file(file, fault.message, Some(hint.to_owned()));
    report.add(ConfigProblem { line: fault.line, column, ..problem });
}

/// Reads, parses and lowers everything.
pub(super) fn load(config_file: &Path, files: Files<'_>) -> Result<Loaded, Vec<ConfigProblem>> {
    let Gathered { mut report, server, declared, presets, holidays, digest, has_mail } = gather(config_file, &files)?;
    let mut lowering =
        Lowering { report: &mut report, declared: &declared, server: &server, presets: &presets, holidays: &holidays };
    let register = lowering.register();
    let settings = register.as_ref().map(|register| complete(server.settings, register));
    if let Some(settings) = settings.as_ref().filter(|_| !has_mail) {
        let file = report.texts.get(0).file.clone();
        let path = settings.state.join("letters");
        let message = format!("nobody gets a letter: without `[mail]` they stay in the maildir `{}`", path.display());
        report.warn_of_file(&file, message, "add `[mail]` with `from` and `[mail.smtp]`".to_owned());
    }
    let is_clean = report.is_clean();
    let (problems, warnings) = report.finish();
    match (settings, register) {
        (Some(settings), Some(register)) if is_clean => {
            let snapshot = Arc::new(files.into_snapshot(config_file));
            Ok(Loaded { settings, register, warnings, digest, snapshot })
        }
        _ => Err(problems),
    }
}

/// Fills in the way of letters where the file gives none: a maildir, from the contact point.
fn complete(mut settings: Settings, register: &Register) -> Settings {
    let default = MailTransport::Maildir { path: settings.state.join("letters") };
    let mail = settings.mail.get_or_insert_with(|| {
        let contact = &register.organisation.contact_point;
        let manager = register.people.get(&register.organisation.privacy_manager).map(|person| person.email.clone());
        let from = if contact.parse::<lettre::Address>().is_ok() { Some(contact.clone()) } else { manager };
        MailSettings { from: from.unwrap_or_default(), transport: default.clone(), bounces: None }
    });
    if matches!(&mail.transport, MailTransport::Maildir { path } if path.as_os_str().is_empty()) {
        mail.transport = default;
    }
    settings
}
