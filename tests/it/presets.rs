//! Every preset on its product's own layout: tables in real servers, or files. What each case holds (statements that
//! make the product's tables in our words, made-up rows with the product's pitfalls, and what must be found) is data in
//! `tests/data/presets`; this file sets it up, scans it, and counts anew by SQL where the case says how.

use crate::servers::{mariadb, psql, servers};
use crate::world::{SALES, World};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const NOW: &str = "2027-02-28T12:00:00+09:00";

/// A preset, what it is pointed at, and what must be found.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub preset: String,
    pub server: Option<Kind>,
    /// What the administrator answers: keys of the source.
    #[serde(default)]
    pub source: String,
    /// The fields from which a year is counted, for a dataset; for a ledger, the keys by which it is asked.
    #[serde(default)]
    clock: OneOrMany,
    #[serde(default)]
    key: OneOrMany,
    #[serde(default = "support")]
    purpose: String,
    /// More keys of the dataset.
    #[serde(default)]
    dataset: String,
    /// Periods of their own for rows of this standing.
    suppressed: Option<String>,
    deleted: Option<String>,
    /// For a ledger: the list whose people it is asked about.
    pub people: Option<String>,
    /// Whether that is a ledger of consents, rather than one of opt-outs.
    #[serde(default)]
    pub consents: bool,
    #[serde(default)]
    pub statements: String,
    /// Rows apart from the tables, where these can be had from elsewhere.
    #[serde(default)]
    pub rows: String,
    #[serde(default)]
    files: Vec<String>,
    #[serde(default)]
    contents: BTreeMap<String, String>,
    #[serde(default)]
    cp932: BTreeSet<String>,
    items: u64,
    expect: BTreeMap<String, u64>,
    /// Of what is expired, how much the product was told to keep; nothing where the preset has no such flag.
    kept: Option<u64>,
    /// A statement that counts what is expired, written by hand.
    independent: Option<String>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Postgresql,
    Mariadb,
    Sqlite,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl Default for OneOrMany {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl OneOrMany {
    fn all(&self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one.clone()],
            Self::Many(many) => many.clone(),
        }
    }
}

fn support() -> String {
    "support".to_owned()
}

/// The cases by the names of their files.
pub fn cases() -> BTreeMap<String, Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/presets");
    let read = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    names(&folder).map(|name| (name.clone(), read(&folder.join(format!("{name}.toml"))))).collect()
}

/// The names of the TOML files in a folder of this project.
#[expect(clippy::disallowed_methods, reason = "the project's own files are listed, nothing that is scanned")]
fn names(folder: &Path) -> impl Iterator<Item = String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    entries.filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
}

/// A company with one dataset, read through the preset; `url` is that of the database.
fn company(case: &Case, url: &str) -> World {
    let world = places(case, url);
    world.write("register/register.toml", register(case));
    world
}

/// The same company before it has a register.
pub fn places(case: &Case, url: &str) -> World {
    let world = World::with_places(&format!("[roots]\nroot = \"root\"\npeople = \"people\"\n[connections]\n{url}"));
    world.write("root/.made", "");
    for path in &case.files {
        world.write(&format!("root/{path}"), "x");
    }
    for (path, text) in &case.contents {
        let encoded = encoding_rs::SHIFT_JIS.encode(text).0;
        let bytes = if case.cp932.contains(path) { encoded.as_ref() } else { text.as_bytes() };
        world.write(&format!("root/{path}"), bytes);
    }
    if let Some(people) = &case.people {
        world.write("people/people.csv", people);
    }
    let password = servers().map(|servers| servers["password"].as_str()).unwrap_or_default();
    world.write("password", password);
    world
}

const ITEMS: &str = r#"
[purposes]
mailing = { values = ["news"] }
materials = { values = ["seminar"] }
support = { ground = "notice" }
[categories.data]
purposes = ["mailing", "materials", "support"]
[datasets.items]
division = "sales"
category = "data"
"#;

/// The register: the preset is the dataset's source, or that of the ledger which its people are looked up in.
fn register(case: &Case) -> String {
    let Case { preset, source, purpose, dataset, .. } = case;
    let place = if case.server.is_some() { "connection = \"database\"" } else { "root = \"root\"" };
    let source = format!("preset = \"{preset}\"\n{place}\n{source}\n");
    if case.people.is_some() {
        let keys = case.key.all();
        let fields: String = keys.iter().fold(String::new(), |text, key| format!("{text}{key} = \"{key}\", "));
        let (entry, kind) = if case.consents { ("consent", "consents") } else { ("opt_outs", "opt-outs") };
        return format!(
            "{SALES}{ITEMS}purposes = [\"mailing\", \"materials\"]\n\
             {entry} = {{ ledger = \"asked\", by = {keys:?} }}\n\
             source = {{ root = \"people\", files = \"*.csv\", fields = {{ {fields}purpose = \"purpose\" }} }}\n\
             [ledgers.asked]\nkind = \"{kind}\"\n[ledgers.asked.source]\n{source}"
        );
    }
    let (tables, keys) = if dataset.starts_with('[') { (dataset.as_str(), "") } else { ("", dataset.as_str()) };
    let mut text = format!(
        "{SALES}{ITEMS}purposes = [\"{purpose}\"]\nwarn = []\n{keys}\n[datasets.items.source]\n{source}{tables}\n"
    );
    let clock = case.clock.all();
    for (standing, period) in [("suppressed", &case.suppressed), ("deleted", &case.deleted)] {
        if let Some(period) = period {
            let condition = format!("where = {{ standing = \"{standing}\" }}");
            writeln!(text, "[[datasets.items.keep]]\n{condition}\nfor = \"{period}\"\nfrom = {clock:?}").unwrap();
        }
    }
    text + &format!("[[datasets.items.keep]]\nfor = \"1 year\"\nfrom = {clock:?}\n")
}

/// Scans the company and compares.
fn compare(name: &str, case: &Case, world: &World) {
    let scan = world.scan(NOW);
    let of = &scan["scans"][0];
    assert_eq!((&of["status"], &of["items"]), (&"complete".into(), &case.items.into()), "{name}: {scan:#}");
    let findings = scan["findings"].as_array().unwrap().iter();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let found: BTreeMap<String, u64> = findings
        .map(|one| (format!("{}:{}", text(&one["rule"]), text(&one["reason"])), one["items"].as_u64().unwrap()))
        .collect();
    assert_eq!(found, case.expect, "{name}: {scan:#}");
    assert_eq!(of["kept_by_product"].as_u64(), case.kept, "{name}: {scan:#}");
    let answer = world.run(&["check", "--connect"]);
    assert_eq!(answer.code, 0, "{name}: {}", answer.stderr);
}

/// Runs the cases of one kind of place.
fn run(kind: Option<Kind>) {
    for (name, case) in cases().iter().filter(|(_, case)| case.server == kind) {
        let expired = case.expect.get("retention:expired").copied().unwrap_or_default();
        let again = case.independent.as_deref().unwrap_or_default();
        match kind {
            None => compare(name, case, &company(case, "")),
            Some(Kind::Sqlite) => {
                let world = company(case, "database = \"sqlite:data.db\"");
                world.sql("data.db", &case.statements);
                compare(name, case, &world);
            }
            Some(Kind::Postgresql) => {
                let Some(servers) = servers() else { return };
                let database = format!("preset-{name}");
                fill_postgresql(case, &database);
                compare(name, case, &company(case, &url("postgresql", &database)));
                if !again.is_empty() {
                    assert_eq!(psql(servers, &database, again).trim(), expired.to_string(), "{name}");
                }
            }
            Some(Kind::Mariadb) => {
                let Some(servers) = servers() else { return };
                let database = format!("preset-{name}");
                fill_mariadb(case, &database);
                compare(name, case, &company(case, &url("mariadb", &database)));
                if !again.is_empty() {
                    let counted = mariadb(servers, &format!("USE `{database}`; {again}"));
                    assert_eq!(counted.trim(), expired.to_string(), "{name}");
                }
            }
        }
    }
}

/// Makes a database of PostgreSQL with the case's tables.
pub fn fill_postgresql(case: &Case, database: &str) {
    let servers = servers().unwrap();
    psql(servers, "postgres", &format!("CREATE DATABASE \"{database}\""));
    psql(servers, database, &format!("{}{}", case.statements, case.rows));
}

/// The same in MariaDB.
pub fn fill_mariadb(case: &Case, database: &str) {
    let start = format!("CREATE DATABASE `{database}` CHARACTER SET utf8mb4; USE `{database}`;");
    mariadb(servers().unwrap(), &format!("{start} SET sql_mode = '';{}{}", case.statements, case.rows));
}

/// The connection to a database of one of the servers.
pub fn url(kind: &str, database: &str) -> String {
    let port = &servers().unwrap()[kind];
    let url = format!("{kind}://purposed@127.0.0.1:{port}/{database}?sslmode=disable");
    format!("database = {{ url = \"{url}\", password = {{ file = \"password\" }} }}")
}

#[test]
fn every_preset_is_listed_and_has_a_case() {
    let files: BTreeSet<String> = names(&Path::new(env!("CARGO_MANIFEST_DIR")).join("config/presets")).collect();
    let listed = Command::new(env!("CARGO_BIN_EXE_purposed")).args(["preset", "list"]).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let listed = listed.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned);
    assert_eq!(listed.collect::<BTreeSet<String>>(), files);
    let tried: BTreeSet<String> = cases().into_values().map(|case| case.preset).collect();
    assert_eq!(tried, files);
}

#[test]
fn presets_read_files_and_sqlite() {
    run(None);
    run(Some(Kind::Sqlite));
}

#[test]
fn presets_read_postgresql() {
    run(Some(Kind::Postgresql));
}

#[test]
fn presets_read_mariadb() {
    run(Some(Kind::Mariadb));
}

#[test]
fn zoneminder_is_read_in_debians_own_schema() {
    let Some(servers) = servers() else { return };
    let Some(schema) = zoneminder_schema() else { return };
    let case = &cases()["zoneminder"];
    let start = "CREATE DATABASE zm CHARACTER SET utf8mb4; USE zm;";
    mariadb(servers, &format!("{start}\n{schema}\nDELETE FROM Events; DELETE FROM Monitors;{}", case.rows));
    compare("zoneminder of Debian", case, &company(case, &url("mariadb", "zm")));
}

/// The schema that Debian's package installs; nothing where it cannot be had, which is said aloud.
#[expect(clippy::print_stderr, reason = "a test that is left out is said aloud")]
pub fn zoneminder_schema() -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let get = "apt-get -q -o Acquire::http::Timeout=10 -o Acquire::Retries=0 download zoneminder && dpkg-deb -x zoneminder_*.deb .";
    let output = Command::new("sh").args(["-c", get]).current_dir(folder.path()).output().unwrap();
    if !output.status.success() {
        eprintln!("Debian's package `zoneminder` cannot be had here: {}", String::from_utf8_lossy(&output.stderr));
        return None;
    }
    let read = |file: &str| fs::read_to_string(folder.path().join("usr/share/zoneminder/db").join(file)).unwrap();
    let of_server = |line: &&str| {
        let line = line.to_ascii_lowercase();
        !["create database", "use ", "source "].iter().any(|word| line.starts_with(word))
    };
    let text = read("zm_create.sql");
    let tables: Vec<&str> = text.lines().filter(of_server).collect();
    Some(tables.join("\n") + "\n" + &read("triggers.sql"))
}
