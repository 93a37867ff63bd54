//! The organisation, people, divisions, purposes, categories and contracts.

use super::Lowering;
use crate::config::file::{GroundText, OneOrMany, Placed};
use crate::config::text::Span;
use crate::domain::language::Language;
use crate::domain::name::{CategoryName, ContractName, DivisionName, PersonName, PurposeName};
use crate::domain::register::{
    Category, Contract, Division, FiscalYearStart, Ground, LetterPolicy, Organisation, Person, Purpose, Special,
};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use std::collections::BTreeMap;
use unicode_normalization::UnicodeNormalization;

impl Lowering<'_> {
    pub(super) fn organisation(&mut self) -> Option<Organisation> {
        let Some(organisation) = &self.declared.organisation else {
            if self.declared.is_whole && !self.report.section_was_removed("organisation") {
                let file = self.report.texts.get(0).file.clone();
                let hint =
                    "write `[organisation]` with `name`, `contact_point` and `privacy_manager` in a register file";
                self.report.problem_of_file(&file, "the register has no `[organisation]`", hint.to_owned());
            }
            return None;
        };
        let table = [organisation.span];
        let is_given = [
            ("name", organisation.name.is_some(), "name = { ja = \"...\", en = \"...\" }"),
            ("contact_point", organisation.contact_point.is_some(), "contact_point = \"privacy@example.co.jp\""),
            (
                "privacy_manager",
                organisation.privacy_manager.is_some(),
                "privacy_manager = \"manager\", one of `[people]`",
            ),
        ];
        for (key, given, example) in is_given {
            if !given {
                self.report.missing(
                    &table,
                    key,
                    format!("`[organisation]` has no `{key}`"),
                    format!("write {example}"),
                );
            }
        }
        let name = self.localised(organisation.name.as_ref(), "");
        let privacy_manager = organisation.privacy_manager.as_ref().and_then(|name| self.person(name));
        let auditor = organisation.auditor.as_ref().and_then(|name| self.person(name));
        let policy = organisation.policy.as_ref();
        Some(Organisation {
            name,
            contact_point: organisation.contact_point.as_ref()?.value.clone(),
            privacy_manager: privacy_manager?,
            auditor,
            time_zone: self.organisation_zone(),
            fiscal_year_starts: organisation
                .fiscal_year_starts
                .as_ref()
                .map_or(FiscalYearStart { month: 4, day: 1 }, |start| start.value.0),
            policy_established: policy.and_then(|policy| policy.established.as_ref()).map(|day| day.value.0),
            policy_revised: policy.and_then(|policy| policy.revised.as_ref()).map(|day| day.value.0),
        })
    }

    /// The organisation's zone.
    pub(super) fn organisation_zone(&self) -> TimeZone {
        let given = self.declared.organisation.as_ref().and_then(|organisation| organisation.time_zone.as_ref());
        let default = || TimeZoneDatabase::bundled().get("Asia/Tokyo").unwrap_or(TimeZone::UTC);
        given.map_or_else(default, |zone| zone.value.0.clone())
    }

    fn person(&mut self, name: &Placed<String>) -> Option<PersonName> {
        self.reference("person", "people", name, &self.declared.people, PersonName::new)
    }

    /// A reference to a division.
    pub(super) fn division(&mut self, name: &Placed<String>) -> Option<DivisionName> {
        self.reference("division", "divisions", name, &self.declared.divisions, DivisionName::new)
    }

    /// A reference to a purpose.
    pub(super) fn purpose(&mut self, name: &Placed<String>) -> Option<PurposeName> {
        self.reference("purpose", "purposes", name, &self.declared.purposes, PurposeName::new)
    }

    pub(super) fn people(&mut self) -> BTreeMap<PersonName, Person> {
        let mut people = BTreeMap::new();
        for (key, entry) in &self.declared.people {
            let name = self.own_name(&entry.name, PersonName::new);
            if entry.value.email.is_none() {
                let hint = "write `email = \"name@example.co.jp\"`".to_owned();
                self.report.missing(&[entry.value.span], "email", format!("the person `{key}` has no `email`"), hint);
            }
            let person = Person {
                name: self.localised(entry.value.name.as_ref(), key),
                email: entry.value.email.as_ref().map(|email| email.value.0.clone()).unwrap_or_default(),
                language: entry.value.language.as_ref().map_or(Language::Ja, |language| language.value),
            };
            people.extend(name.map(|name| (name, person)));
        }
        people
    }

    pub(super) fn divisions(&mut self, letters: &LetterPolicy) -> BTreeMap<DivisionName, Division> {
        let declared = self.declared;
        for division in &declared.file_divisions {
            self.division(division);
        }
        let mut divisions = BTreeMap::new();
        for (key, entry) in &declared.divisions {
            let name = self.own_name(&entry.name, DivisionName::new);
            let deputy = entry.value.deputy.as_ref().and_then(|name| self.person(name));
            let localised = self.localised(entry.value.name.as_ref(), key);
            let letters = self.division_letters(entry.value.letters.as_ref(), letters);
            let Some(person) = &entry.value.person_in_charge else {
                let message = format!("the division `{key}` has no person in charge");
                let hint = "write `person_in_charge = \"...\"`, one of `[people]`".to_owned();
                self.report.missing(&[entry.value.span], "person_in_charge", message, hint);
                continue;
            };
            let person_in_charge = self.person(person);
            if let (Some(name), Some(person_in_charge)) = (name, person_in_charge) {
                divisions.insert(name, Division { name: localised, person_in_charge, deputy, letters });
            }
        }
        divisions
    }

    pub(super) fn purposes(&mut self) -> BTreeMap<PurposeName, Purpose> {
        let mut purposes = BTreeMap::new();
        let own = self.declared.purposes.iter().map(|(key, entry)| (key.clone(), (key.as_str(), entry.name.span)));
        let mut spellings: BTreeMap<String, (&str, Span)> = own.collect();
        for (key, entry) in &self.declared.purposes {
            let name = self.own_name(&entry.name, PurposeName::new);
            for value in one_or_many(entry.value.values.as_ref()) {
                let spelling = value.trim().nfkc().collect::<String>().trim().to_owned();
                let known = spellings.insert(spelling, (key, value.span));
                if let Some((_, first)) = known.filter(|(purpose, _)| purpose != key) {
                    let place = self.report.texts.place_text(first);
                    let message = format!("the spelling `{}` stands for two purposes", value.value);
                    self.report.problem(value.span, message, format!("it is first given at {place}; keep one of them"));
                }
            }
            let purpose = Purpose {
                name: self.localised(entry.value.name.as_ref(), key),
                values: one_or_many(entry.value.values.as_ref()).map(|value| value.value.clone()).collect(),
                ground: match entry.value.ground.as_ref().map(|ground| ground.value) {
                    None | Some(GroundText::Consent) => Ground::Consent,
                    Some(GroundText::Notice) => Ground::Notice,
                    Some(GroundText::Contract) => Ground::Contract,
                    Some(GroundText::Law) => Ground::Law,
                },
            };
            purposes.extend(name.map(|name| (name, purpose)));
        }
        purposes
    }

    pub(super) fn categories(&mut self) -> BTreeMap<CategoryName, Category> {
        let declared = self.declared;
        let mut categories = BTreeMap::new();
        for (key, entry) in &declared.categories {
            let name = self.own_name(&entry.name, CategoryName::new);
            let published: Vec<PurposeName> =
                one_or_many(entry.value.purposes.as_ref()).filter_map(|purpose| self.purpose(purpose)).collect();
            let category = Category {
                name: self.localised(entry.value.name.as_ref(), key),
                purposes: published,
                require_provenance: one_or_many(entry.value.require_provenance.as_ref())
                    .map(|statement| statement.value.clone())
                    .collect(),
                collected: entry.value.collected.as_ref().map(|collected| collected.value),
                special: specials(entry.value.special.as_ref()),
                secrecy: entry.value.secrecy.as_ref().is_some_and(|secrecy| secrecy.value),
            };
            categories.extend(name.map(|name| (name, category)));
        }
        categories
    }

    pub(super) fn contracts(&mut self) -> BTreeMap<ContractName, Contract> {
        let mut contracts = BTreeMap::new();
        for (key, entry) in &self.declared.contracts {
            let name = self.own_name(&entry.name, ContractName::new);
            let client = entry.value.client.as_ref().map_or_else(|| key.clone(), |client| client.value.clone());
            let contract = Contract { client, ends: entry.value.ends.as_ref().map(|day| day.value.0) };
            contracts.extend(name.map(|name| (name, contract)));
        }
        contracts
    }
}

/// The entries of a key that may be absent.
pub(super) fn one_or_many<T>(values: Option<&OneOrMany<T>>) -> impl Iterator<Item = &Placed<T>> {
    values.into_iter().flat_map(|values| &values.entries)
}

/// What makes data special, each once.
pub(super) fn specials(values: Option<&OneOrMany<Special>>) -> Vec<Special> {
    let mut specials = vec![];
    for special in one_or_many(values) {
        if !specials.contains(&special.value) {
            specials.push(special.value);
        }
    }
    specials
}
