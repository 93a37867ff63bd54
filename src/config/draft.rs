//! What a draft of a dataset is made from, before there is one: this server's connections and roots, the presets as
//! data, and names that the register has. It is there also where the register is not right yet. The draft itself is
//! written in `app`.

use super::ConfigProblem;
use super::file::{AskText, GroundText, ItemsText, OneOrMany, Placed, SourceFile};
use super::load::{Gathered, gather};
use super::lower::{Connection, Declared, Lowering};
use super::preset;
use super::read::Files;
use crate::domain::register::{FieldSpec, Root};
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What a draft is made from.
#[derive(Debug)]
pub struct Materials {
    /// Connections by name; nothing where one is declared wrongly.
    pub connections: BTreeMap<String, Option<Connection>>,
    /// Roots by name; nothing where one is declared wrongly.
    pub roots: BTreeMap<String, Option<Root>>,
    /// The presets, by name.
    pub presets: Vec<PresetSource>,
    /// What a new dataset may name.
    pub names: Names,
    /// The organisation's zone.
    pub time_zone: TimeZone,
    /// What is wrong with the configuration so far.
    pub problems: Vec<ConfigProblem>,
}

/// Names of the register that a new dataset may use, where it has any.
#[derive(Debug, Default)]
pub struct Names {
    /// The first division.
    pub division: Option<String>,
    /// The first category that publishes a purpose.
    pub category: Option<String>,
    /// A purpose that it publishes: the first that needs no consent, else the first.
    pub purpose: Option<String>,
    /// Names of datasets and ledgers that are taken.
    pub taken: BTreeSet<String>,
}

/// A preset as data.
#[derive(Debug, Clone)]
pub struct PresetSource {
    /// Its name.
    pub name: String,
    /// What it is for, where it comes with the program.
    pub summary: Option<&'static str>,
    /// The table that it reads.
    pub table: Option<String>,
    /// The query that it reads instead.
    pub query: Option<String>,
    /// The globs of its files.
    pub files: Vec<String>,
    /// The globs of files that are left out.
    pub exclude: Vec<String>,
    /// The names of the columns of a list without a header.
    pub columns: Vec<String>,
    /// Whether its items are files.
    pub items_are_files: bool,
    /// Its fields.
    pub fields: Vec<FieldSpec>,
    /// Whether it says in which zone times without one are.
    pub has_time_zone: bool,
    /// Whether the dataset has to answer `secrecy`.
    pub asks_secrecy: bool,
}

/// Reads what a draft is made from.
///
/// # Errors
/// When the server's own file cannot be read.
pub fn materials(config_file: &Path) -> Result<Materials, Vec<ConfigProblem>> {
    let Gathered { mut report, server, declared, presets, holidays, .. } = gather(config_file, &Files::default())?;
    let mut lowering =
        Lowering { report: &mut report, declared: &declared, server: &server, presets: &presets, holidays: &holidays };
    let time_zone = lowering.zone();
    let presets = presets.iter().map(|(name, preset)| of_preset(&mut lowering, name, preset)).collect();
    let names = names(&declared);
    let (problems, _) = report.finish();
    Ok(Materials { connections: server.connections, roots: server.roots, presets, names, time_zone, problems })
}

fn of_preset(lowering: &mut Lowering<'_>, name: &str, preset: &Placed<SourceFile>) -> PresetSource {
    let source = &preset.value;
    let asks = source.asks.iter().flat_map(|asks| &asks.entries);
    PresetSource {
        name: name.to_owned(),
        summary: preset::list().iter().find(|built_in| built_in.name == name).map(preset::Preset::summary),
        table: source.table.as_ref().map(|table| table.value.clone()),
        query: source.query.as_ref().map(|query| query.value.clone()),
        files: globs(source.files.as_ref()),
        exclude: globs(source.exclude.as_ref()),
        columns: source.columns.iter().flat_map(|columns| &columns.entries).map(|name| name.value.clone()).collect(),
        items_are_files: source.items.as_ref().is_some_and(|items| items.value == ItemsText::Files),
        fields: lowering.fields_of_preset(source).unwrap_or_default(),
        has_time_zone: source.time_zone.is_some(),
        asks_secrecy: asks.into_iter().any(|ask| matches!(ask.value, AskText::Secrecy)),
    }
}

fn globs(globs: Option<&OneOrMany<super::file::GlobText>>) -> Vec<String> {
    globs.into_iter().flat_map(|globs| &globs.entries).map(|glob| glob.value.0.clone()).collect()
}

fn names(declared: &Declared) -> Names {
    let needs_no_consent = |name: &&Placed<String>| {
        let purpose = declared.purposes.get(&name.value);
        let ground = purpose.and_then(|purpose| purpose.value.ground.as_ref()).map(|ground| ground.value);
        ground.is_some_and(|ground| !matches!(ground, GroundText::Consent))
    };
    let published = |entry: &super::lower::Entry<super::file::CategoryFile>| -> Vec<Placed<String>> {
        let purposes = entry.value.purposes.iter().flat_map(|purposes| &purposes.entries);
        purposes.filter(|name| declared.purposes.contains_key(&name.value)).cloned().collect()
    };
    let categories = || declared.categories.values().map(|entry| (&entry.name.value, published(entry)));
    let easy = categories().find_map(|(category, purposes)| {
        let purpose = purposes.iter().find(needs_no_consent)?;
        Some((category.clone(), Some(purpose.value.clone())))
    });
    let any = || categories().find(|(_, purposes)| !purposes.is_empty()).or_else(|| categories().next());
    let chosen = easy.or_else(|| {
        any().map(|(category, purposes)| (category.clone(), purposes.first().map(|name| name.value.clone())))
    });
    let (category, purpose) = chosen.map_or((None, None), |(category, purpose)| (Some(category), purpose));
    let taken = declared.datasets.keys().chain(declared.ledgers.keys()).cloned().collect();
    Names { division: declared.divisions.keys().next().cloned(), category, purpose, taken }
}
