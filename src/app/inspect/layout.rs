//! Which preset a database, a folder or a list fits: by the tables, columns and headings that the presets themselves
//! name, so that a new preset is known here as soon as it is one. Pure.

use super::meaning::Meaning;
use super::shape::ColumnTally;
use crate::config::draft::PresetSource;
use crate::domain::register::{FieldAccess, FieldSpec};
use crate::source::catalogue::Table;
use crate::source::paths::PathRules;
use regex::{Captures, Regex};
use std::collections::BTreeMap;

/// A table that a preset reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Wanted {
    /// Whether the preset's items are its rows, rather than looked up in it.
    leads: bool,
    /// Columns that it must have, each with its synonyms.
    columns: Vec<Vec<String>>,
}

/// A preset that fits a table.
#[derive(Debug, Clone, Copy)]
pub struct Fit<'p> {
    /// The preset.
    pub preset: &'p PresetSource,
    /// How many columns it needs: more are more telling.
    pub columns: usize,
}

/// What the rows of a preset are looked up for, when it is a ledger: `consents` or `opt-outs`.
#[must_use]
pub fn ledger_kind(preset: &PresetSource) -> Option<&'static str> {
    let has = |name: &str| preset.fields.iter().any(|field| field.name == name);
    if has("opted_out_at") {
        Some("opt-outs")
    } else if has("given_at") {
        Some("consents")
    } else {
        None
    }
}

/// How many columns of a preset must be there for a table of another name to be taken for its own.
const TELLING_COLUMNS: usize = 3;

/// The presets that fit the table as a part of its database: those of datasets before ledgers, the most telling first.
/// Where none of a dataset names the table, those whose columns it has all the same: a view, a copy, an archive.
#[must_use]
pub fn fits<'p>(presets: &'p [PresetSource], table: &Table, tables: &[Table]) -> Vec<Fit<'p>> {
    let name = table.name.to_lowercase();
    let fit = |preset: &'p PresetSource| {
        // Taking a query apart is dear, and most do not name the table at all.
        let names_it = |text: &Option<String>| text.as_ref().is_some_and(|text| text.to_lowercase().contains(&name));
        if !names_it(&preset.table) && !names_it(&preset.query) {
            return None;
        }
        let wanted = wanted(preset);
        let is_led = wanted.get(&name).is_some_and(|wanted| wanted.leads);
        let has_all = |(name, wanted): (&String, &Wanted)| {
            let of_name = |known: &&Table| known.name.to_lowercase() == *name && known.schema == table.schema;
            tables.iter().find(of_name).is_some_and(|known| has_columns(known, &wanted.columns))
        };
        let columns = wanted.values().map(|wanted| wanted.columns.len()).sum();
        (is_led && wanted.iter().all(has_all)).then_some(Fit { preset, columns })
    };
    let mut fits: Vec<Fit<'p>> = presets.iter().filter_map(fit).collect();
    if fits.iter().all(|fit| ledger_kind(fit.preset).is_some()) {
        fits.extend(presets.iter().filter_map(|preset| fit_by_columns(preset, table)));
    }
    fits.sort_by_key(|fit| (ledger_kind(fit.preset).is_some(), std::cmp::Reverse(fit.columns)));
    fits
}

/// A preset of one table, if all of its columns are in this one, whatever that is called.
fn fit_by_columns<'p>(preset: &'p PresetSource, table: &Table) -> Option<Fit<'p>> {
    preset.table.as_ref()?;
    let wanted: Vec<Vec<String>> = columns(preset).map(<[String]>::to_vec).collect();
    let is_telling = ledger_kind(preset).is_none() && wanted.len() >= TELLING_COLUMNS;
    (is_telling && has_columns(table, &wanted)).then_some(Fit { preset, columns: wanted.len() })
}

fn has_columns(table: &Table, wanted: &[Vec<String>]) -> bool {
    wanted.iter().all(|synonyms| {
        let is_one = |name: &str| synonyms.iter().any(|synonym| synonym.eq_ignore_ascii_case(name));
        // Two of the synonyms would leave open which of them is meant.
        table.columns.iter().filter(|column| is_one(&column.name)).count() == 1
    })
}

/// The tables that a preset reads, by their names in lower case.
fn wanted(preset: &PresetSource) -> BTreeMap<String, Wanted> {
    let mut tables = BTreeMap::new();
    if let Some(table) = &preset.table {
        let columns = columns(preset).map(<[String]>::to_vec).collect();
        tables.insert(table.to_lowercase(), Wanted { leads: true, columns });
    }
    if let Some(query) = &preset.query {
        of_query(preset, query, &mut tables);
    }
    tables
}

/// The columns of the fields, each with its synonyms.
fn columns(preset: &PresetSource) -> impl Iterator<Item = &[String]> {
    preset.fields.iter().filter_map(|field| match &field.access {
        FieldAccess::Column(synonyms) => Some(synonyms.as_slice()),
        _ => None,
    })
}

fn of_query(preset: &PresetSource, query: &str, tables: &mut BTreeMap<String, Wanted>) {
    let [Some(texts), Some(places), Some(uses)] =
        [r"'[^']*'", r"(?i)\b(FROM|JOIN)\s+([A-Za-z_]\w*)(?:\s+AS\s+(\w+))?", r"\b([A-Za-z_]\w*)\.([A-Za-z_]\w*)"]
            .map(|pattern| Regex::new(pattern).ok())
    else {
        return;
    };
    let query = texts.replace_all(query, "''");
    let mut aliases = BTreeMap::new();
    for place in places.captures_iter(&query) {
        let table = place[2].to_lowercase();
        tables.entry(table.clone()).or_default().leads |= place[1].eq_ignore_ascii_case("from");
        let alias = place.get(3).map_or(&place[2], |alias| alias.as_str());
        aliases.insert(alias.to_lowercase(), table);
    }
    for used in uses.captures_iter(&query) {
        let table = aliases.get(&used[1].to_lowercase()).and_then(|table| tables.get_mut(table));
        if let Some(table) = table {
            let column = vec![used[2].to_owned()];
            if !table.columns.contains(&column) {
                table.columns.push(column);
            }
        }
    }
    // A query of one table names its columns alone, unless it gives them another name.
    let mut all: Vec<&mut Wanted> = tables.values_mut().collect();
    if let [only] = all.as_mut_slice() {
        let names: Vec<Vec<String>> =
            columns(preset).filter(|names| !is_alias(&query, names)).map(<[_]>::to_vec).collect();
        only.columns.extend(names);
        only.columns.sort();
        only.columns.dedup();
    }
}

/// A preset's query that names its tables with their schema, quoted by this mark.
#[must_use]
pub fn qualified(query: &str, schema: &str, mark: char) -> String {
    let Ok(places) = Regex::new(r"'[^']*'|(?i)(\b(?:FROM|JOIN)\s+)([A-Za-z_]\w*)") else { return query.to_owned() };
    let schema = format!("{mark}{}{mark}", schema.replace(mark, &format!("{mark}{mark}")));
    let qualify = |found: &Captures<'_>| match (found.get(1), found.get(2)) {
        (Some(word), Some(table)) => format!("{}{schema}.{}", word.as_str(), table.as_str()),
        _ => found[0].to_owned(),
    };
    places.replace_all(query, qualify).into_owned()
}

fn is_alias(query: &str, names: &[String]) -> bool {
    names.iter().any(|name| query.contains(&format!(" AS {name}")))
}

/// The presets that fit lists with these headings, those of datasets before ledgers and the ones that find the most
/// columns first. Their globs must take one of the paths.
#[must_use]
pub fn of_list<'p>(presets: &'p [PresetSource], headings: &[String], paths: &[Vec<u8>]) -> Vec<&'p PresetSource> {
    let takes_one = |preset: &&PresetSource| {
        let rules = PathRules::compile(&preset.files, &preset.exclude);
        preset.files.is_empty() || rules.is_ok_and(|rules| paths.iter().any(|path| rules.matches(path)))
    };
    let mut fitting: Vec<&PresetSource> =
        presets.iter().filter(|preset| names_all(preset, headings)).filter(takes_one).collect();
    fitting.sort_by_key(|preset| (ledger_kind(preset).is_some(), std::cmp::Reverse(columns(preset).count())));
    fitting
}

/// Whether a row is certainly the header of some preset's list.
#[must_use]
pub fn is_header_of_one(presets: &[PresetSource], row: &[String]) -> bool {
    presets.iter().any(|preset| names_all(preset, row))
}

/// Whether a preset of lists finds all of its columns, more than one, among these headings.
fn names_all(preset: &PresetSource, headings: &[String]) -> bool {
    use crate::source::header::comparable;
    let is_there = |synonyms: &[String]| {
        headings.iter().any(|heading| synonyms.iter().any(|synonym| comparable(synonym) == comparable(heading)))
    };
    let is_of_lists =
        preset.table.is_none() && preset.query.is_none() && preset.columns.is_empty() && !preset.items_are_files;
    is_of_lists && columns(preset).count() > 1 && columns(preset).all(is_there)
}

/// The preset that fits lists without a header: one that names their columns by position, whose globs take their paths,
/// and whose clocks stand where dates are.
#[must_use]
pub fn of_headerless<'p>(
    presets: &'p [PresetSource],
    paths: &[Vec<u8>],
    columns: &[ColumnTally],
) -> Option<&'p PresetSource> {
    presets.iter().filter(|preset| !preset.columns.is_empty() && columns.len() <= preset.columns.len()).find(|preset| {
        let is_taken = PathRules::compile(&preset.files, &preset.exclude)
            .is_ok_and(|rules| paths.iter().all(|path| rules.matches(path)));
        let is_dated = |field: &FieldSpec| {
            let FieldAccess::Column(names) = &field.access else { return false };
            let place = preset.columns.iter().position(|column| names.contains(column));
            place.and_then(|place| columns.get(place)).is_some_and(|tally| tally.date_shape().is_some())
        };
        is_taken && preset.fields.iter().any(|field| field.name.ends_with("_at") && is_dated(field))
    })
}

/// What the presets call a column, and which of them: the first that has it.
#[must_use]
pub fn of_column<'p>(presets: &'p [PresetSource], name: &str) -> Option<(Meaning, &'p str)> {
    presets.iter().find_map(|preset| {
        let field = preset.fields.iter().find(|field| match &field.access {
            FieldAccess::Column(synonyms) => synonyms.iter().any(|synonym| synonym.eq_ignore_ascii_case(name)),
            _ => false,
        })?;
        let meaning = match field.name.as_str() {
            "id" => Meaning::Id,
            "email" => Meaning::Email,
            "phone" => Meaning::Phone,
            "person" => Meaning::Name,
            "path" => Meaning::Path,
            "camera" => Meaning::Camera,
            "purpose" => Meaning::Purpose,
            "archived" | "locked" | "retained" => Meaning::KeepFlag,
            name if name.ends_with("_at") || name.ends_with("_on") => Meaning::Clock,
            _ => return None,
        };
        Some((meaning, preset.name.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::draft;
    use crate::source::catalogue::{RowCount, TableColumn};

    fn presets() -> Vec<PresetSource> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("purposed.toml");
        std::fs::write(&file, "version = 1\nregister = \"none.toml\"\n").unwrap();
        draft::materials(&file).unwrap().presets
    }

    fn table(name: &str, columns: &[&str]) -> Table {
        let column = |name: &&str| TableColumn {
            name: (*name).to_owned(),
            type_name: String::new(),
            may_read: true,
            is_indexed: false,
            is_of_key: false,
        };
        Table {
            schema: None,
            name: name.to_owned(),
            is_view: false,
            columns: columns.iter().map(column).collect(),
            rows: RowCount::Unknown,
        }
    }

    #[test]
    fn the_most_telling_preset_comes_first() {
        let presets = presets();
        let names = |table: &Table, others: &[Table]| -> Vec<String> {
            let mut tables = vec![table.clone()];
            tables.extend_from_slice(others);
            fits(&presets, table, &tables).iter().map(|fit| fit.preset.name.clone()).collect()
        };
        let plain = table("cdr", &["start", "src", "dst", "uniqueid", "accountcode"]);
        assert_eq!(names(&plain, &[]), ["asterisk-cdr"]);
        let with_recording = table("cdr", &["calldate", "src", "uniqueid", "accountcode", "recordingfile"]);
        assert_eq!(names(&with_recording, &[])[0], "freepbx");
        assert!(names(&table("cdr", &["start", "uniqueid"]), &[]).is_empty());
        let view = table("cdr_view", &["calldate", "dst", "src", "uniqueid", "accountcode", "userfield"]);
        assert_eq!(names(&view, &[]), ["asterisk-cdr"]);
        let copy = table("transient_cdr", &["calldate", "src", "uniqueid", "accountcode", "recordingfile"]);
        assert_eq!(names(&copy, &[]), ["freepbx", "asterisk-cdr"]);
        assert!(names(&table("calls", &["calldate", "src", "uniqueid"]), &[]).is_empty());
        let videos = table("videos", &["ke", "mid", "time", "details"]);
        assert_eq!(names(&videos, &[]), ["shinobi"]);
        let calls = table("v_xml_cdr", &["xml_cdr_uuid", "domain_name", "start_epoch", "record_path", "record_name"]);
        assert_eq!(names(&calls, &[]), ["fusionpbx"]);
    }

    #[test]
    fn a_query_wants_all_of_its_tables() {
        let presets = presets();
        let people = table("subscribers", &["id", "email", "created_at", "status", "updated_at"]);
        let lists = table("lists", &["id", "name", "optin"]);
        let both = table("subscriber_lists", &["subscriber_id", "list_id", "status", "created_at", "updated_at"]);
        let all = [people.clone(), lists, both];
        let names: Vec<&str> = fits(&presets, &people, &all).iter().map(|fit| fit.preset.name.as_str()).collect();
        assert_eq!(names, ["listmonk", "listmonk-optouts"]);
        assert!(fits(&presets, &people, &all[..1]).is_empty());
    }

    #[test]
    fn a_query_is_led_to_a_schema_by_its_tables_alone() {
        let query = "SELECT leads.id, ' from x' FROM leads AS l\nLEFT JOIN (SELECT a FROM stops) AS s ON s.a = l.id";
        let wanted = "SELECT leads.id, ' from x' FROM `o``d`.leads AS l\nLEFT JOIN (SELECT a FROM `o``d`.stops) AS s ON s.a = l.id";
        assert_eq!(qualified(query, "o`d", '`'), wanted);
    }

    #[test]
    fn lists_are_known_by_their_headings() {
        let presets = presets();
        let of = |headings: &[&str]| {
            let headings: Vec<String> = headings.iter().map(|&heading| heading.to_owned()).collect();
            let paths = [b"unsubscribed_1.csv".to_vec()];
            of_list(&presets, &headings, &paths).iter().map(|preset| preset.name.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(of(&["受付番号", "参加ステータス", "更新日時", "氏名"]), ["connpass"]);
        assert_eq!(of(&["氏名", "メールアドレス"]), [""; 0]);
        // Those who subscribed are in a file of another name.
        let exported = ["Email Address", "OPTIN_TIME", "CONFIRM_TIME", "UNSUB_TIME"];
        assert_eq!(of(&exported), ["mailchimp", "mailchimp-unsubscribed"]);
    }

    #[test]
    fn every_preset_of_a_database_names_tables_and_columns() {
        for preset in presets().iter().filter(|preset| preset.table.is_some() || preset.query.is_some()) {
            let wanted = wanted(preset);
            assert!(wanted.values().any(|table| table.leads), "{}", preset.name);
            assert!(wanted.values().any(|table| !table.columns.is_empty()), "{}: {wanted:?}", preset.name);
        }
    }
}
