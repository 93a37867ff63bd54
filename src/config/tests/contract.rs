//! The contract's own register loads as it stands, and means what it says.

use crate::config::load;
use crate::domain::register::{
    ClockField, ConsentSource, DateFormat, FieldAccess, FieldType, IdentityPart, Place, Relation, WholeUntil,
};
use std::path::Path;

fn contract() -> crate::config::Loaded {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract/purposed.toml");
    load(&file).unwrap_or_else(|problems| panic!("{}", super::world::told(&problems)))
}

#[test]
fn the_contract_loads_without_a_warning() {
    let loaded = contract();
    assert_eq!(loaded.warnings, []);
    assert_eq!(loaded.register.datasets.len(), 6);
    assert_eq!(loaded.register.ledgers.len(), 2);
    assert_eq!(loaded.register.people.len(), 6);
    assert!(loaded.settings.state.is_absolute());
    assert!(loaded.settings.state.ends_with("tests/contract/state"));
    assert_eq!(loaded.digest.len(), 64);
}

#[test]
fn a_preset_gives_table_and_fields() {
    let loaded = contract();
    let cameras = &loaded.register.datasets["cameras"];
    let Place::Sqlite { connection, path, relation } = &cameras.source.place else { panic!("not a database") };
    assert_eq!(connection.as_str(), "nvr");
    assert!(path.ends_with("tests/contract/data/frigate.db"));
    assert_eq!(*relation, Relation::Table("recordings".to_owned()));
    let clock = cameras.source.field("recorded_at").unwrap();
    assert_eq!(cameras.source.fields[clock].access, FieldAccess::Column(vec!["start_time".to_owned()]));
    assert_eq!(cameras.source.fields[clock].formats, [DateFormat::UnixSeconds]);
    assert_eq!(cameras.keep.len(), 2);
    assert_eq!(cameras.keep[0].conditions["camera"], ["vault-*"]);
    assert_eq!(cameras.keep[0].from, [ClockField::Field(clock)]);
    assert!(cameras.warn.is_empty());
}

#[test]
fn lists_have_synonyms_types_and_identity() {
    let loaded = contract();
    let attendees = &loaded.register.datasets["seminar-attendees"];
    let source = &attendees.source;
    assert!(matches!(&source.place, Place::Lists { encoding: Some(_), files, .. } if files == &["seminar/*.csv"]));
    let email = source.field("email").unwrap();
    assert_eq!(source.fields[email].field_type, FieldType::Email);
    assert_eq!(
        source.fields[email].access,
        FieldAccess::Column(vec!["メールアドレス".to_owned(), "E-mail".to_owned()])
    );
    assert_eq!(source.identity, Some(vec![IdentityPart::File, IdentityPart::Field(source.field("id").unwrap())]));
    let ConsentSource::Ledger { ledger, by } = &attendees.consent[0].source else { panic!("not a ledger") };
    assert_eq!(ledger.as_str(), "consents");
    assert_eq!(by[0].field, email);
    assert_eq!(loaded.register.ledgers["consents"].source.fields[by[0].ledger_field].name, "email");
    assert_eq!(attendees.consent[0].valid_for.unwrap().years, 2);
}

#[test]
fn defaults_contract_clock_and_fiscal_year() {
    let loaded = contract();
    let calls = &loaded.register.datasets["support-recordings"];
    assert_eq!(calls.warn.iter().map(ToString::to_string).collect::<Vec<_>>(), ["30 days", "7 days"]);
    assert!(matches!(calls.source.place, Place::Folder { .. }));
    let billing = &loaded.register.datasets["acme-billing"];
    assert_eq!(billing.keep[0].from, [ClockField::ContractEnds]);
    assert!(matches!(billing.source.place, Place::Lists { .. }));
    let applicants = &loaded.register.datasets["applicants"];
    assert_eq!(applicants.keep[0].until_end_of, Some(WholeUntil::FiscalYearEnd));
    assert_eq!(applicants.source.fields[1].formats, [DateFormat::Pattern("%Y/%m/%d".to_owned())]);
    assert_eq!(loaded.register.datasets["purchased-2025"].provenance["representative"], "代表取締役");
}
