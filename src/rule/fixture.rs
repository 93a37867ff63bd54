//! A small register for the tests of the rules: one dataset that each test changes as it needs.

use super::{Batch, Judge, Judgement, LedgerReader, LedgerTable, Narrowing, SubjectKey};
use crate::domain::instant::Instant;
use crate::domain::item::{Item, Value};
use crate::domain::language::{Language, Localised};
use crate::domain::name::{CategoryName, DatasetName, DivisionName, LedgerName, PersonName, PurposeName, RootName};
use crate::domain::period::Period;
use crate::domain::register::{
    Category, ClockField, ConsentEntry, ConsentSource, CountMethod, Dataset, FieldAccess, FieldSpec, FieldType,
    FiscalYearStart, Ground, Keep, KeyField, Ledger, LedgerKind, Organisation, Person, Place, Purpose, Register, Root,
    SourceSpec,
};
use crate::domain::verdict::Reasons;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The instant of an ISO text with an offset.
pub(super) fn at(text: &str) -> Instant {
    Instant::from(text.parse::<jiff::Timestamp>().unwrap())
}

pub(super) fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

pub(super) fn period(text: &str) -> Period {
    text.parse().unwrap()
}

/// A field in a column of its own name.
pub(super) fn field(name: &str) -> FieldSpec {
    FieldSpec {
        name: name.to_owned(),
        access: FieldAccess::Column(vec![name.to_owned()]),
        field_type: match name {
            "email" => FieldType::Email,
            "phone" => FieldType::Phone,
            _ => FieldType::Text,
        },
        formats: Vec::new(),
        time_zone: None,
        empty_is_running: false,
        normalised: false,
        split: None,
        answers: BTreeMap::new(),
    }
}

pub(super) fn source(fields: Vec<FieldSpec>) -> SourceSpec {
    let root = Root { name: RootName::new("lists").unwrap(), path: "/srv/lists".into(), must_be_mount: false };
    let (files, exclude) = (vec!["*.csv".to_owned()], Vec::new());
    SourceSpec {
        place: Place::Lists { root, files, exclude, encoding: None, sheet: None, header_row: None, columns: None },
        fields,
        identity: None,
        time_zone: zone("Asia/Tokyo"),
    }
}

/// A maximum period from one field.
pub(super) fn keep(length: &str, place: usize) -> Keep {
    Keep {
        conditions: BTreeMap::new(),
        period: period(length),
        from: vec![ClockField::Field(place)],
        until_end_of: None,
        count: CountMethod::Calendar,
        extra: None,
    }
}

pub(super) fn by_ledger(ledger: &str, keys: &[(usize, usize)]) -> ConsentEntry {
    let by = keys.iter().map(|(field, ledger_field)| KeyField { field: *field, ledger_field: *ledger_field }).collect();
    let source = ConsentSource::Ledger { ledger: LedgerName::new(ledger).unwrap(), by };
    ConsentEntry { source, valid_for: None, purposes: Vec::new() }
}

/// A register with one dataset, its ledgers and their rows.
pub(super) struct World {
    pub(super) register: Register,
    pub(super) dataset: Dataset,
    pub(super) now: Instant,
    rows: BTreeMap<LedgerName, Vec<Vec<String>>>,
    sick: Vec<LedgerName>,
}

/// What a judge says whatever the items are.
pub(super) struct Whole {
    pub(super) narrowing: Option<Narrowing>,
    pub(super) undecided: Reasons,
    pub(super) reasons: Reasons,
}

/// Fields of the dataset in every world.
pub(super) const CLOCK: usize = 0;
pub(super) const EMAIL: usize = 1;
pub(super) const PHONE: usize = 2;
pub(super) const PURPOSE: usize = 3;
pub(super) const CAMERA: usize = 4;
pub(super) const ANSWER: usize = 5;
pub(super) const ASKED: usize = 6;
pub(super) const STOP: usize = 7;

impl World {
    /// Purposes `dm` (案内) and `news` need consent, `care` does not; the dataset has `dm` and `news`. It has no
    /// rule yet. Now is 2027-02-28T12:00 in Tokyo.
    pub(super) fn new() -> Self {
        let organisation = Organisation {
            name: Localised::same("Example"),
            contact_point: "privacy@example.co.jp".to_owned(),
            privacy_manager: PersonName::new("manager").unwrap(),
            auditor: None,
            time_zone: zone("Asia/Tokyo"),
            fiscal_year_starts: FiscalYearStart { month: 4, day: 1 },
            policy_established: None,
            policy_revised: None,
        };
        let purpose = |ground, values: &[&str]| Purpose {
            name: Localised::same("purpose"),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
            ground,
        };
        let category = Category {
            name: Localised::same("lists"),
            purposes: ["dm", "news", "care"].map(purpose_name).to_vec(),
            require_provenance: Vec::new(),
            collected: None,
            special: Vec::new(),
            secrecy: false,
        };
        let person =
            Person { name: Localised::same("manager"), email: "m@example.co.jp".to_owned(), language: Language::En };
        let names = ["at", "email", "phone", "purpose", "camera", "answer", "asked", "stop"];
        let mut fields: Vec<FieldSpec> = names.map(field).to_vec();
        // No purpose field unless a test names it so.
        fields[PURPOSE].name = "unused".to_owned();
        let register = Register {
            organisation,
            people: [(PersonName::new("manager").unwrap(), person)].into(),
            divisions: BTreeMap::new(),
            purposes: [
                (purpose_name("dm"), purpose(Ground::Consent, &["案内", "ＤＭ"])),
                (purpose_name("news"), purpose(Ground::Consent, &["情報提供"])),
                (purpose_name("care"), purpose(Ground::Notice, &[])),
            ]
            .into(),
            categories: [(CategoryName::new("lists").unwrap(), category)].into(),
            contracts: BTreeMap::new(),
            ledgers: BTreeMap::new(),
            datasets: BTreeMap::new(),
            letters: crate::domain::register::LetterPolicy::default(),
            exceptions: crate::domain::register::ExceptionPolicy::default(),
            tests: Vec::new(),
        };
        let now = at("2027-02-28T12:00:00+09:00");
        Self { register, dataset: dataset(source(fields)), now, rows: BTreeMap::new(), sick: Vec::new() }
    }

    pub(super) fn with(mut self, change: impl FnOnce(&mut Dataset)) -> Self {
        change(&mut self.dataset);
        self
    }

    /// Items state their purpose, several of them separated by `;`.
    pub(super) fn with_purposes(self, names: &[&str]) -> Self {
        self.with(|dataset| {
            dataset.source.fields[PURPOSE].name = "purpose".to_owned();
            dataset.source.fields[PURPOSE].split = Some(";".to_owned());
            dataset.purposes = names.iter().map(|name| purpose_name(name)).collect();
        })
    }

    /// A ledger with these fields and rows; `-` stands for an empty cell.
    pub(super) fn with_ledger(mut self, name: &str, kind: LedgerKind, fields: &[&str], rows: &[&[&str]]) -> Self {
        let name = LedgerName::new(name).unwrap();
        let source = source(fields.iter().map(|name| field(name)).collect());
        self.register.ledgers.insert(name.clone(), Ledger { kind, division: None, source, avoid: None });
        let cell = |cell: &&str| if *cell == "-" { String::new() } else { (*cell).to_owned() };
        self.rows.insert(name, rows.iter().map(|row| row.iter().map(cell).collect()).collect());
        self
    }

    pub(super) fn with_consents(self, rows: &[&[&str]]) -> Self {
        self.with_ledger(
            "consents",
            LedgerKind::Consents,
            &["email", "phone", "purpose", "given_at", "withdrawn_at"],
            rows,
        )
    }

    pub(super) fn sick(mut self, name: &str) -> Self {
        self.sick.push(LedgerName::new(name).unwrap());
        self
    }

    pub(super) fn at(mut self, now: &str) -> Self {
        self.now = at(now);
        self
    }

    fn key() -> SubjectKey {
        SubjectKey::new(7, 11)
    }

    /// The tables of all ledgers that are not sick.
    pub(super) fn tables(&self) -> BTreeMap<LedgerName, LedgerTable> {
        let mut register = self.register.clone();
        register.datasets.insert(DatasetName::new("d").unwrap(), self.dataset.clone());
        let rows = self.rows.iter().filter(|(name, _)| !self.sick.contains(name));
        let table = |(name, rows): (&LedgerName, &Vec<Vec<String>>)| {
            let reader = Arc::new(LedgerReader::new(&register, name, Self::key()).unwrap());
            let mut collector = reader.rows();
            for row in rows {
                let values: Vec<Value<'_>> = row.iter().map(|cell| Value::Text(cell)).collect();
                collector.row(&Item { values: &values, path: b"", place: 1 });
            }
            (name.clone(), LedgerTable::build(vec![collector]))
        };
        rows.map(table).collect()
    }

    /// Gives the compiled judge to `ask`.
    pub(super) fn ask<T>(&self, ask: impl FnOnce(&Judge<'_>) -> T) -> T {
        let tables = self.tables();
        ask(&Judge::compile(&self.register, &self.dataset, self.now, Self::key(), &tables))
    }

    /// What the judge says of the dataset as a whole.
    pub(super) fn whole(&self) -> Whole {
        self.ask(|judge| Whole {
            narrowing: judge.narrowing(),
            undecided: judge.undecided(),
            reasons: judge.whole_reasons(),
        })
    }

    /// Judges one item, counted and explained: both must agree.
    pub(super) fn judge(&self, values: &[(usize, Value<'_>)]) -> Judgement {
        let mut all = vec![Value::Empty; self.dataset.source.fields.len()];
        for (place, value) in values {
            all[*place] = *value;
        }
        let item = Item { values: &all, path: b"", place: 1 };
        self.ask(|judge| {
            let mut scratch = judge.scratch();
            let judgement = judge.judge(&item, &mut scratch);
            assert_eq!(judge.judge(&item, &mut scratch), judgement, "the second time");
            assert_eq!(judge.explain(&item, &mut scratch).judgement, judgement, "explained");
            assert_eq!(together(judge, &item), judgement, "together with others");
            judgement
        })
    }

    /// The reasons of an item, as `rule:reason`.
    pub(super) fn reasons(&self, values: &[(usize, &str)]) -> Vec<String> {
        let values: Vec<(usize, Value<'_>)> = values.iter().map(|(place, text)| (*place, Value::Text(text))).collect();
        let judgement = self.judge(&values);
        judgement.reasons.iter().map(|reason| format!("{}:{reason}", reason.rule())).collect()
    }
}

/// The judgement of an item between two others in a batch.
fn together(judge: &Judge<'_>, item: &Item<'_>) -> Judgement {
    let (mut scratch, mut batch) = (judge.scratch(), Batch::default());
    let nothing = vec![Value::Empty; item.values.len()];
    let other = Item { values: &nothing, ..*item };
    let _first = judge.begin(&other, &mut scratch, &mut batch);
    let at_once = judge.begin(item, &mut scratch, &mut batch);
    let place = batch.len().wrapping_sub(1);
    let _last = judge.begin(&other, &mut scratch, &mut batch);
    let mut finished = None;
    judge.finish(&mut batch, &mut scratch, |number, judgement| {
        if number == place {
            finished = Some(judgement);
        }
    });
    assert!(batch.is_empty());
    at_once.or(finished).unwrap()
}

pub(super) fn purpose_name(name: &str) -> PurposeName {
    PurposeName::new(name).unwrap()
}

fn dataset(source: SourceSpec) -> Dataset {
    Dataset {
        name: Localised::same("a list"),
        division: DivisionName::new("marketing").unwrap(),
        category: CategoryName::new("lists").unwrap(),
        purposes: ["dm", "news"].map(purpose_name).to_vec(),
        schedule: None,
        schedule_time_zone: zone("Asia/Tokyo"),
        random_delay: std::time::Duration::ZERO,
        baseline: false,
        site: None,
        was: Vec::new(),
        retired: None,
        warn: Vec::new(),
        keep: Vec::new(),
        keep_at_least: Vec::new(),
        consent: Vec::new(),
        opt_outs: Vec::new(),
        provenance: BTreeMap::new(),
        contract: None,
        early_loss_percent: Dataset::DEFAULT_EARLY_LOSS_PERCENT,
        may_be_empty: false,
        secrecy: false,
        special: Vec::new(),
        collected: None,
        tell: None,
        product_setting: None,
        source,
        shared_source: None,
        copies: Vec::new(),
        copy_name: None,
        slice: BTreeMap::new(),
        avoid: None,
        files: None,
    }
}
