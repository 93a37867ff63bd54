//! Copies of a dataset: what the register says of them, and what is wrong with it.

use super::world::{ORGANISATION, SERVER, faults, load_files, loaded};
use crate::domain::register::ConsentSource;

/// A dataset whose items and copies lie in named sources; `rest` are more of its keys.
fn register(copies: &str, backup: &str, rest: &str) -> String {
    format!(
        "[sources.leads]\nroot = \"lists\"\nfiles = \"*.csv\"\n\
         fields = {{ id = \"No\", since = \"Since\", email = \"Mail\", stop = \"Stop\", kind = \"Kind\" }}\n\
         [sources.backup]\nroot = \"lists\"\nfiles = \"old/*.csv\"\n{backup}\n\
         [datasets.leads]\ndivision = \"sales\"\ncategory = \"lists\"\npurposes = [\"support\"]\n\
         sources = {{ items = \"leads\", copies = {copies} }}\n\
         keep = {{ for = \"1 year\", from = \"since\" }}\n{rest}\n"
    )
}

const FIELDS: &str = "fields = { nr = \"Nr\", since = \"Since\" }";

#[test]
fn a_copy_is_the_dataset_said_of_another_source() {
    let fields = "extra = \"35 days\"\nfields = { nr = \"Nr\", since = \"Since\", kind = \"Kind\" }";
    let text = register("\"backup\"", fields, "where = { kind = \"a*\" }");
    let dataset = loaded(&text).register.datasets.into_values().next().unwrap();
    let [copy] = dataset.copies.as_slice() else { panic!("{:?}", dataset.copies) };
    assert_eq!(copy.copy_name.as_ref().unwrap().as_str(), "backup");
    assert_eq!(copy.keep[0].extra.unwrap().to_string(), "35 days");
    assert_eq!(dataset.keep[0].extra, None);
    assert_eq!(copy.source.fields[1].name, "since");
    assert_eq!(copy.keep[0].from, [crate::domain::register::ClockField::Field(1)]);
    assert_eq!(copy.slice, dataset.slice);
    assert_eq!(copy.division, dataset.division);
}

#[test]
fn what_a_copy_lacks_is_told() {
    let text = register("[\"backup\"]", "fields = { nr = \"Nr\" }", "where = { kind = \"a\" }");
    assert_eq!(
        faults(&text),
        "register/b.toml:14:33: the copy `backup` of the dataset `leads` has no field `since`\n  \
         hint: map it under `fields` of the source; it has `nr`\n\
         register/b.toml:15:11: the copy `backup` of the dataset `leads` has no field `kind`\n  \
         hint: map it under `fields` of the source; it has `nr`\n"
    );
}

#[test]
fn a_copy_has_a_source_of_its_own() {
    let told = |copies| faults(&register(copies, FIELDS, ""));
    for copies in ["\"leads\"", "[\"backup\", \"backup\"]"] {
        let problems = told(copies);
        assert!(problems.contains("names a source that it has already"), "{problems}");
        assert_eq!(problems.lines().count(), 2, "{problems}");
    }
    let problems = told("\"bakup\"");
    assert!(problems.contains("there is no source `bakup`\n  hint: did you mean `backup`?"), "{problems}");
}

#[test]
fn consent_is_asked_of_a_copy_only_where_it_can_be_answered() {
    let ledgers = "consent = { ledger = \"consents\", by = \"email\" }\nopt_outs = { row = \"stop\" }\n\
        [ledgers.consents]\nkind = \"consents\"\n[ledgers.consents.source]\nroot = \"lists\"\nfiles = \"c.csv\"\n\
        fields = { email = \"Mail\", given_at = \"At\" }\n";
    let with = |fields: &str| loaded(&register("\"backup\"", fields, ledgers));
    let lacking = with(FIELDS);
    let [copy] = &lacking.register.datasets.values().next().unwrap().copies[..] else { panic!() };
    assert!(copy.consent.is_empty() && copy.opt_outs.is_empty());
    let told: Vec<&str> = lacking.warnings.iter().map(|warning| warning.message.as_str()).collect();
    assert_eq!(
        told,
        [
            "the copy `backup` of the dataset `leads` is not asked about `consent`: it has no field `email`",
            "the copy `backup` of the dataset `leads` is not asked about `opt_outs`: it has no field `stop`"
        ]
    );
    let having = with("fields = { stop = \"Stop\", since = \"Since\", email = \"Mail\" }");
    let [copy] = &having.register.datasets.values().next().unwrap().copies[..] else { panic!() };
    let ConsentSource::Ledger { by, .. } = &copy.consent[0].source else { panic!("{:?}", copy.consent) };
    assert_eq!((by[0].field, copy.opt_outs.len(), having.warnings.len()), (2, 1, 0));
}

#[test]
fn an_extra_that_no_copy_has_is_told() {
    let text = register("[]", &format!("extra = \"35 days\"\n{FIELDS}"), "");
    let warnings = loaded(&text).warnings;
    assert_eq!(warnings[0].message, "`extra` is for copies, and no dataset names `backup` among its `copies`");
    let inline = "[datasets.leads]\ndivision = \"sales\"\ncategory = \"lists\"\npurposes = [\"support\"]\n\
        keep = { for = \"1 year\", from = \"since\" }\n[datasets.leads.source]\nroot = \"lists\"\nfiles = \"*.csv\"\n\
        extra = \"1 day\"\nfields = { since = \"Since\" }\n";
    let problems = faults(inline);
    assert!(problems.starts_with("register/b.toml:9:9: `extra` does not belong here"), "{problems}");
}

#[test]
fn what_the_preset_of_a_copy_asks_is_to_be_answered() {
    let backup = "[sources.calls]\npreset = \"asterisk-master-csv\"\nroot = \"lists\"\n\
        [sources.calls.fields]\nsince = { column = \"start\" }\nkind = { column = \"disposition\" }\n";
    let with = |rest: &str| faults(&format!("{}{backup}", register("\"calls\"", FIELDS, rest)));
    let asked = with("");
    assert!(asked.contains("does not say whether it has communications of subscribers"), "{asked}");
    assert_eq!(with("secrecy = false"), "");
}

#[test]
fn a_copy_under_secrecy_is_not_asked_for_more() {
    let text = register(
        "\"backup\"",
        "fields = { nr = \"Nr\", since = \"Since\", kind = \"K\" }\nidentity = [\"nr\"]",
        "secrecy = true",
    );
    let problems = faults(&text);
    assert!(problems.contains("`identity` asks for the field `nr`"), "{problems}");
    let server = SERVER
        .replace("[connections]", "[connections.old]\nurl = \"sqlite:old.db\"\navoid = \"09:00-18:00\"\n[connections]");
    let text = register("\"old\"", FIELDS, "")
        + "[sources.old]\nconnection = \"old\"\ntable = \"t\"\nfields = { since = \"since\" }\n";
    let files = [("purposed.toml", server.as_str()), ("register/a.toml", ORGANISATION), ("register/b.toml", &text)];
    let register = load_files(&files).unwrap().register;
    let noon = "2026-12-01T12:00:00+09:00".parse::<jiff::Timestamp>().unwrap().into();
    let dataset = register.datasets.values().next().unwrap();
    assert!(register.avoided_until(dataset, noon).is_some(), "the hours of its copy's connection are avoided, too");
}
