//! The drafts of lists: of each kind of headings a dataset, and the ledgers that presets read in them.

use super::draft::{self, Place};
use super::layout;
use super::lists::Lists;
use crate::config::draft::{Materials, PresetSource};
use crate::domain::register::Root;

/// How many kinds of lists are drafted.
pub(super) const DRAFTED_LISTS: usize = 5;

/// Datasets and ledgers of the first kinds of lists; `glob` is that of the files with these endings.
pub(super) fn drafts(
    materials: &Materials,
    root: &Root,
    lists: &[Lists],
    glob: impl Fn(&[String]) -> String,
) -> Vec<String> {
    let mut drafts = Vec::new();
    for (number, one) in lists.iter().take(DRAFTED_LISTS).enumerate() {
        // Where a preset reads the lists as a ledger alone, they are no dataset.
        if one.preset.is_some() || one.ledgers.is_empty() {
            drafts.push(dataset(materials, root, one, lists, glob(&one.endings), number));
        }
        for preset in one.ledgers.iter().filter_map(|name| preset(materials, name)) {
            let name = draft::dataset_name(&[&preset.name], &materials.names);
            let place = place_of(root, preset, glob(&one.endings));
            drafts.push(draft::of_preset(&name, &materials.names, &place, preset, layout::ledger_kind(preset)));
        }
    }
    drafts
}

fn preset<'m>(materials: &'m Materials, name: &str) -> Option<&'m PresetSource> {
    materials.presets.iter().find(|preset| preset.name == name)
}

/// Where the lists of a preset are: which files, it says by itself, if it does.
fn place_of<'r>(root: &'r Root, preset: &PresetSource, files: String) -> Place<'r> {
    let root = root.name.as_str();
    if preset.files.is_empty() {
        Place::Files { root, files, exclude: Vec::new(), columns: Vec::new() }
    } else {
        Place::Preset { root }
    }
}

/// A dataset of lists with the same headings; `number` counts the kinds.
fn dataset(materials: &Materials, root: &Root, lists: &Lists, all: &[Lists], files: String, number: usize) -> String {
    let names = &materials.names;
    let which = if number == 0 { "lists".to_owned() } else { format!("lists-{}", number + 1) };
    let name = draft::dataset_name(&[root.name.as_str(), &which], names);
    let preset_of = |lists: &Lists| lists.preset.as_ref().and_then(|name| preset(materials, name));
    let own = preset_of(lists);
    if let Some(preset) = own.filter(|preset| !preset.files.is_empty()) {
        return draft::of_preset(&name, names, &place_of(root, preset, files), preset, None);
    }
    // Lists that share an ending share the glob. Those that a preset finds by its own are left out by that.
    let others = all.iter().filter(|other| *other != lists);
    let others: Vec<&Lists> =
        others.filter(|other| other.endings.iter().any(|ending| lists.endings.contains(ending))).collect();
    let globs = |other: &&Lists| preset_of(other).map_or_else(Vec::new, |preset| preset.files.clone());
    let exclude: Vec<String> = others.iter().flat_map(globs).collect();
    let is_mixed = others.iter().any(|other| globs(other).is_empty());
    let numbered = lists.details.iter().filter(|_| own.is_none() && !lists.has_header);
    let columns = numbered.map(|column| column.name.clone()).collect();
    let place = Place::Files { root: root.name.as_str(), files, exclude, columns };
    let drawn = own.map_or_else(
        || draft::of_columns(&name, names, &place, &lists.details),
        |preset| draft::of_preset(&name, names, &place, preset, None),
    );
    let remark =
        "# other lists with this ending have other headings: narrow `files`, or leave those out by `exclude`\n";
    if is_mixed { format!("{remark}{drawn}") } else { drawn }
}
