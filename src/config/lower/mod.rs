//! From files to the register: names are resolved, layers merged, and everything that must be there is
//! asked for. Values that could not be read at all were noted before, and are not told again here.

mod connection;
mod consent;
mod dataset;
mod declared;
mod field;
mod judged;
mod keep;
mod layer;
mod ledger;
mod list_columns;
mod mail;
mod organisation;
mod policy;
mod product;
mod reconciled;
mod register_test;
mod secrecy;
mod server;
mod server_url;
mod shared;
mod source;
mod view;

pub use connection::{Connection, ConnectionPlace};
pub use declared::{Declared, Entry, gather};
pub use layer::Spans;
pub use policy::holiday_files;
pub use server::lower as lower_server;
pub use server::{Server, preset_folders, register_globs};

use super::file::{LocalisedFile, Names, Placed, Short, SourceFile};
use super::report::Report;
use crate::domain::language::Localised;
use crate::domain::name::NameError;
use crate::domain::register::{FieldSpec, Register};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// What lowering works on.
pub struct Lowering<'a> {
    /// Where problems go.
    pub report: &'a mut Report,
    /// What the register files declare.
    pub declared: &'a Declared,
    /// What the server's own file declares.
    pub server: &'a Server,
    /// Presets, by their names.
    pub presets: &'a BTreeMap<String, Placed<SourceFile>>,
    /// The holidays of each file of them, by its path as written.
    pub holidays: &'a BTreeMap<String, BTreeSet<Date>>,
}

impl Lowering<'_> {
    /// The register, if everything about it is right; whatever is not is in the report.
    pub fn register(&mut self) -> Option<Register> {
        let organisation = self.organisation();
        let people = self.people();
        let letters = self.letters();
        let exceptions = self.exceptions();
        let divisions = self.divisions(&letters);
        let purposes = self.purposes();
        let categories = self.categories();
        let contracts = self.contracts();
        self.check_sources();
        self.check_extra();
        let ledgers = self.ledgers();
        let datasets = self.datasets();
        let tests = self.tests();
        Some(Register {
            organisation: organisation?,
            people,
            divisions,
            purposes,
            categories,
            contracts,
            ledgers,
            datasets,
            letters,
            exceptions,
            tests,
        })
    }

    /// The organisation's zone.
    pub fn zone(&self) -> jiff::tz::TimeZone {
        self.organisation_zone()
    }

    /// The fields of a preset by itself, if nothing about them is wrong.
    pub fn fields_of_preset(&mut self, preset: &SourceFile) -> Option<Vec<FieldSpec>> {
        let nobodys = String::new;
        let view = view::SourceView {
            source: preset.clone(),
            owner: nobodys(),
            what: nobodys(),
            tables: vec![],
            field_tables: vec![],
        };
        self.fields(&view)
    }

    /// A reference to something declared; noted when there is no such thing.
    pub(super) fn reference<T, N>(
        &mut self,
        kind: &str,
        section: &str,
        name: &Placed<String>,
        known: &BTreeMap<String, Entry<T>>,
        make: fn(String) -> Result<N, NameError>,
    ) -> Option<N> {
        if known.contains_key(&name.value) {
            return make(name.value.clone()).ok();
        }
        if !self.report.section_was_removed(section) {
            let otherwise = format!("declare it as `[{section}.{}]`", name.value);
            self.report.unknown(name.span, kind, &name.value, known.keys().map(String::as_str), &otherwise);
        }
        None
    }

    /// The name under which something is declared; noted when it cannot be a name.
    pub(super) fn own_name<N>(
        &mut self,
        name: &Placed<String>,
        make: impl Fn(String) -> Result<N, NameError>,
    ) -> Option<N> {
        let own = make(name.value.clone()).ok();
        if own.is_none() {
            let message = format!("`{}` is not a name", name.value);
            let hint = "use lower-case letters, digits and single hyphens, such as `support-recordings`";
            self.report.problem(name.span, message, hint.to_owned());
        }
        own
    }

    /// A text for people; the key where none is given.
    pub(super) fn localised(&mut self, text: Option<&Placed<Short<LocalisedFile>>>, key: &str) -> Localised {
        let Some(text) = text else { return Localised::same(key) };
        let (ja, en) = match &text.value {
            Short::Text(text) => (Some(text.clone()), Some(text.clone())),
            Short::Table(table) => (table.ja.clone(), table.en.clone()),
        };
        let is_empty = |text: &Option<String>| text.as_deref().is_none_or(|text| text.trim().is_empty());
        if is_empty(&ja) && is_empty(&en) && !self.report.lost_a_key(text.span) {
            let hint = "write a text, or { ja = \"...\", en = \"...\" } with at least one of them".to_owned();
            self.report.problem(text.span, "the name is empty", hint);
        }
        Localised { ja, en }
    }
}

/// The names in a table of names.
pub(super) fn keys<T>(names: Option<&Placed<Names<T>>>) -> impl Iterator<Item = &str> {
    names.into_iter().flat_map(|names| names.0.iter().map(|(name, _)| name.value.as_str()))
}
