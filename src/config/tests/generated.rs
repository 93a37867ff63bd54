//! What is generated from the types, and what comes with purposed, is current and right.

use crate::config::{FileKind, json_schema, load, preset, reference_markdown};
use std::path::{Path, PathBuf};

fn in_project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Compares a file of the project with what it should hold; with `UPDATE_GENERATED=1`, writes it.
#[expect(clippy::disallowed_methods, reason = "a test run that is asked to may update the generated files")]
fn assert_current(path: &str, wanted: &str) {
    let file = in_project(path);
    if std::env::var("UPDATE_GENERATED").is_ok() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, wanted).unwrap();
    }
    let held = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        held == wanted,
        "{path} is not current: run the tests once with UPDATE_GENERATED=1 and look at the difference"
    );
}

#[test]
fn schemas_and_reference_are_current() {
    assert_current("config/purposed.schema.json", &json_schema(FileKind::Server));
    assert_current("config/register.schema.json", &json_schema(FileKind::Register));
    assert_current("config/preset.schema.json", &json_schema(FileKind::Preset));
    assert_current("docs/reference/configuration.md", &reference_markdown());
}

#[test]
fn the_examples_are_accepted_without_a_warning() {
    let loaded = load(&in_project("config/purposed.example.toml"));
    let loaded = loaded.unwrap_or_else(|problems| panic!("{}", super::world::told(&problems)));
    assert_eq!(loaded.warnings, []);
    assert_eq!(loaded.register.datasets.len(), 5);
    let sapporo = &loaded.register.datasets["calls-sapporo"];
    assert!(
        matches!(&sapporo.source.place, crate::domain::register::Place::Folder { files, .. } if files == &["sapporo/**/*.wav"])
    );
    assert_eq!(sapporo.warn.len(), 2);
    assert!(loaded.register.datasets["cameras"].warn.is_empty());
}

#[test]
fn every_preset_is_listed_with_a_summary() {
    let names: Vec<&str> = preset::list().iter().map(|preset| preset.name).collect();
    assert!(names.is_sorted() && names.contains(&"frigate"), "{names:?}");
    for preset in preset::list() {
        assert!(preset.summary().len() > 20, "{}", preset.name);
        assert_eq!(preset::show(preset.name), Some(preset.text));
    }
    assert_eq!(preset::show("nothing"), None);
}

#[test]
fn the_reference_tells_of_every_kind_of_table() {
    let page = reference_markdown();
    for table in ["`[datasets.NAME]`", "`[sources.NAME]`", "`[mail.smtp]`", "`[connections.NAME]`", "`[organisation]`"]
    {
        assert!(page.contains(table), "{table} is not in the reference");
    }
}
