//! Every draft that `purposed inspect` prints loads when it is pasted into a register: of datasets and ledgers, by
//! presets and guessed, on every product's own layout in real servers and in files.

use crate::inspect::{CATEGORIES, inspected};
use crate::presets::{Case, Kind, cases, fill_mariadb, fill_postgresql, places, url};
use crate::servers::servers;
use crate::world::{SALES, World};
use serde_json::Value;

/// The drafts of a place: of each of its tables, or of its files.
fn drafts(world: &World, place: &str) -> Vec<String> {
    let texts = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    let (_, seen) = inspected(world, &[place]);
    let Some(tables) = seen["tables"].as_array() else { return texts(&seen["drafts"]) };
    let mut drafts = Vec::new();
    // Of tables that look like nobody's data, a few are enough.
    let is_told = |table: &&Value| ["presets", "looks_personal"].iter().any(|why| table[why] != serde_json::json!([]));
    let rest = tables.iter().filter(|table| !is_told(table)).take(2);
    for table in tables.iter().filter(is_told).chain(rest) {
        let (_, detail) = inspected(world, &[place, table["name"].as_str().unwrap()]);
        drafts.push(detail["draft"].as_str().unwrap().to_owned());
        drafts.extend(texts(&detail["ledgers"]));
    }
    drafts
}

/// Each draft loads alone, and together with those that a list of the same names would need; datasets can be read.
pub fn all_load(name: &str, world: &World, place: &str) -> Vec<String> {
    world.write("register/register.toml", format!("{SALES}{CATEGORIES}"));
    let drafts = drafts(world, place);
    for draft in &drafts {
        world.write("register/draft.toml", draft);
        // Lists of several kinds have to be told apart by hand before they can be read, which such a draft says.
        let is_mixed = draft.starts_with("# other lists with this ending");
        let check = world.run(if is_mixed { &["check"] } else { &["check", "--connect"] });
        assert_eq!(check.code, 0, "{name}: {}\n{draft}", check.stderr);
        // Where there is no clock, the draft has no period, which is said; everything else is answered.
        let is_expected = |line: &&str| line.contains("has no `keep`") || line.starts_with("  hint: write keep");
        assert_eq!(check.stderr.lines().find(|line| !is_expected(line)), None, "{name}\n{draft}");
        if draft.starts_with("[ledgers.") {
            ledger_is_used(name, world, draft);
        }
    }
    world.write("register/draft.toml", "");
    drafts
}

/// A dataset whose consent lies in the drafted ledger can be scanned.
fn ledger_is_used(name: &str, world: &World, draft: &str) {
    let ledger = draft.lines().next().unwrap().trim_start_matches("[ledgers.").trim_end_matches(']');
    let entry = if draft.contains("kind = \"consents\"") { "consent" } else { "opt_outs" };
    world.write("people/people.csv", "email,phone\nsomeone@example.jp,0398765432\n");
    world.write(
        "register/draft.toml",
        format!(
            "{draft}\n[datasets.people]\ndivision = \"sales\"\ncategory = \"calls\"\npurposes = [\"support\"]\n\
             {entry} = {{ ledger = \"{ledger}\", by = \"email\" }}\n\
             source = {{ root = \"people\", files = \"*.csv\", fields = {{ email = \"email\", phone = \"phone\" }} }}\n"
        ),
    );
    let scan = world.run(&["scan", "--now", "2027-02-28T12:00:00+09:00", "--format", "json", "--dry-run"]);
    assert_eq!(scan.code, 0, "{name}: {}{}\n{draft}", scan.stderr, scan.stdout);
}

/// Whether a preset is among the drafts.
fn has(drafts: &[String], preset: &str) -> bool {
    drafts.iter().any(|draft| draft.contains(&format!("preset = \"{preset}\"")))
}

/// Inspects the layouts of one kind of place, all at once: most of the time is waited for servers.
fn run(kind: Option<Kind>) {
    let cases = cases();
    std::thread::scope(|scope| {
        for (name, case) in cases.iter().filter(|(_, case)| case.server == kind) {
            scope.spawn(move || drafts_load(name, case));
        }
    });
}

/// Every draft of a product's layout loads, and its preset is among them.
fn drafts_load(name: &str, case: &Case) {
    let Some((world, place)) = set_up(name, case) else { return };
    let drafts = all_load(name, &world, place);
    // Where a case names columns of its own, its tables are not laid out as the preset has them; and among the few files
    // of a case too many are named in no way.
    let is_odd = case.source.contains("fields") || drafts.iter().any(|draft| draft.contains("items = \"files\""));
    assert!(has(&drafts, &case.preset) || is_odd, "{name}: {drafts:#?}");
}

fn set_up(name: &str, case: &Case) -> Option<(World, &'static str)> {
    let database = format!("draft-{name}");
    let world = match case.server {
        None => return Some((places(case, ""), "root")),
        Some(Kind::Sqlite) => {
            let world = places(case, "database = \"sqlite:data.db\"");
            world.sql("data.db", &case.statements);
            world
        }
        Some(Kind::Postgresql) => {
            servers()?;
            fill_postgresql(case, &database);
            places(case, &url("postgresql", &database))
        }
        Some(Kind::Mariadb) => {
            servers()?;
            fill_mariadb(case, &database);
            places(case, &url("mariadb", &database))
        }
    };
    Some((world, "database"))
}

#[test]
fn drafts_of_files_and_sqlite_load() {
    run(None);
    run(Some(Kind::Sqlite));
}

#[test]
fn drafts_of_postgresql_load() {
    run(Some(Kind::Postgresql));
}

#[test]
fn drafts_of_mariadb_load() {
    run(Some(Kind::Mariadb));
}
