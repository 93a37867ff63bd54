//! Datasets.

use super::Lowering;
use super::declared::Entry;
use super::judged::Secrecy;
use super::keep::ContractClock;
use super::layer::DatasetLayers;
use super::organisation::{one_or_many, specials};
use super::shared::shared_source;
use super::view::SourceView;
use crate::config::file::{DatasetFile, OneOrMany, PeriodText, Placed};
use crate::config::suggest;
use crate::domain::name::{CategoryName, ContractName, DatasetName, PurposeName, SiteName};
use crate::domain::period::Period;
use crate::domain::register::Dataset;
use std::collections::BTreeMap;
use std::time::Duration;

impl Lowering<'_> {
    /// A file that begins with a division defines nothing of another one.
    pub(super) fn check_file_division(
        &mut self,
        own: Option<&Placed<String>>,
        file: Option<&Placed<String>>,
        kind: &str,
        name: &str,
    ) {
        if let (Some(own), Some(file)) = (own, file)
            && own.value != file.value
        {
            let message = format!("the {kind} `{name}` is of division `{}` in a file of `{}`", own.value, file.value);
            let place = self.report.texts.place_text(file.span);
            self.report.problem(own.span, message, format!("move it to another file; {place} says whose this one is"));
        }
    }

    /// The layers of a dataset.
    pub(in crate::config) fn layers(&mut self, entry: &Entry<DatasetFile>) -> DatasetLayers {
        let declared = self.declared;
        let template = entry.value.template.as_ref().and_then(|name| {
            let found = declared.templates.get(&name.value);
            if found.is_none() && !self.report.section_was_removed("templates") {
                let known = declared.templates.keys().map(String::as_str);
                let otherwise = format!("declare it as `[templates.{}]`", name.value);
                self.report.unknown(name.span, "template", &name.value, known, &otherwise);
            }
            found
        });
        DatasetLayers::new(&entry.value, template, entry.file_division.as_ref(), declared.defaults.as_ref())
    }

    pub(super) fn datasets(&mut self) -> BTreeMap<DatasetName, Dataset> {
        let declared = self.declared;
        for entry in declared.templates.values() {
            if let Some(template) = &entry.value.template {
                let hint = "templates have one level: write the keys here".to_owned();
                self.report.problem(template.span, "a template has no template of its own", hint);
            }
        }
        if let Some(template) = declared.defaults.as_ref().and_then(|defaults| defaults.template.as_ref()) {
            let hint = "write the keys here; a dataset names its template itself".to_owned();
            self.report.problem(template.span, "`[defaults]` has no template", hint);
        }
        self.check_former_names();
        let mut datasets = BTreeMap::new();
        for entry in declared.datasets.values() {
            let name = self.own_name(&entry.name, DatasetName::new);
            let dataset = self.dataset(entry);
            if let (Some(name), Some(dataset)) = (name, dataset) {
                datasets.insert(name, dataset);
            }
        }
        self.check_shared_secrecy(&datasets);
        datasets
    }

    /// A former name is nobody's present one, and nobody else's former one.
    fn check_former_names(&mut self) {
        let declared = self.declared;
        let mut former: BTreeMap<&str, &Placed<String>> = BTreeMap::new();
        for entry in declared.datasets.values() {
            for was in one_or_many(entry.value.was.as_ref()) {
                let first = declared
                    .datasets
                    .get(&was.value)
                    .map(|entry| &entry.name)
                    .or(former.get(was.value.as_str()).copied());
                if let Some(first) = first {
                    let place = self.report.texts.place_text(first.span);
                    let message = format!("`{}` cannot be a former name of `{}`", was.value, entry.name.value);
                    self.report.problem(was.span, message, format!("the name is taken at {place}"));
                }
                former.insert(&was.value, was);
            }
        }
    }

    fn dataset(&mut self, entry: &Entry<DatasetFile>) -> Option<Dataset> {
        let key = entry.name.value.as_str();
        let layers = self.layers(entry);
        let file = &layers.merged;
        self.require(&layers, key);
        self.check_file_division(file.division.as_ref(), entry.file_division.as_ref(), "dataset", key);
        let division = file.division.as_ref().and_then(|division| self.division(division));
        let declared = self.declared;
        let category = file
            .category
            .as_ref()
            .and_then(|name| self.reference("category", "categories", name, &declared.categories, CategoryName::new));
        let purposes = self.dataset_purposes(file);
        let contract = file
            .contract
            .as_ref()
            .and_then(|name| self.reference("contract", "contracts", name, &declared.contracts, ContractName::new));
        let clock = self.contract_clock(&layers);
        let view = self.dataset_view(&layers, key);
        let view = view.as_ref();
        let product_setting = file.product_setting.as_ref().and_then(|setting| self.product_setting(setting, view));
        let files = self.reconciled_files(file, view, key);
        let judged = self.judged(file, view, clock);
        let site = file.site.as_ref().and_then(|site| self.own_name(site, SiteName::new));
        let was = one_or_many(file.was.as_ref()).filter_map(|was| self.own_name(was, DatasetName::new)).collect();
        let of_category = file.category.as_ref().and_then(|name| declared.categories.get(&name.value));
        let of_category = of_category.map(|entry| &entry.value);
        let is_true = |flag: Option<&Placed<bool>>| flag.is_some_and(|flag| flag.value);
        let secrecy =
            is_true(file.secrecy.as_ref()) || is_true(of_category.and_then(|category| category.secrecy.as_ref()));
        if secrecy {
            self.check_secrecy(key, file, view);
        }
        self.warn_of_gaps(&layers, key, secrecy);
        let of_category_is_said = of_category.is_some_and(|category| category.secrecy.is_some());
        let was_wrong = layers.tables.iter().any(|table| self.report.was_removed(*table, "secrecy"));
        let secrecy = Secrecy { holds: secrecy, is_said: file.secrecy.is_some() || of_category_is_said || was_wrong };
        if let Some(view) = view {
            self.check_answers(view, key, secrecy.is_said);
        }
        let copies = self.copies(file, clock, secrecy, key);
        let mut special = specials(file.special.as_ref());
        for inherited in specials(of_category.and_then(|category| category.special.as_ref())) {
            if !special.contains(&inherited) {
                special.push(inherited);
            }
        }
        let mut dataset = Dataset {
            name: self.localised(file.name.as_ref(), key),
            division: division?,
            category: category?,
            purposes,
            schedule: file.schedule.as_ref().map(|schedule| schedule.value.0.clone()),
            schedule_time_zone: file
                .time_zone
                .as_ref()
                .map_or_else(|| self.organisation_zone(), |zone| zone.value.0.clone()),
            random_delay: file.random_delay.as_ref().map_or(Duration::ZERO, |delay| delay.value.0),
            baseline: is_true(file.baseline.as_ref()),
            site,
            was,
            retired: file.retired.as_ref().map(|day| day.value.0),
            warn: warnings(file.warn.as_ref()),
            keep: judged.keep,
            keep_at_least: judged.keep_at_least,
            consent: judged.consent,
            opt_outs: judged.opt_outs,
            provenance: file
                .provenance
                .iter()
                .flat_map(|provenance| &provenance.0)
                .map(|(name, value)| (name.value.clone(), value.value.clone()))
                .collect(),
            contract,
            early_loss_percent: file
                .early_loss
                .as_ref()
                .map_or(Dataset::DEFAULT_EARLY_LOSS_PERCENT, |share| share.value.0),
            may_be_empty: file.may_be_empty.as_ref().map(|may| may.value).or(judged.may_be_empty).unwrap_or_default(),
            secrecy: secrecy.holds,
            special,
            collected: file
                .collected
                .as_ref()
                .or(of_category.and_then(|category| category.collected.as_ref()))
                .map(|collected| collected.value),
            tell: file.tell.as_ref().map(|tell| tell.value),
            product_setting,
            source: judged.source?,
            shared_source: shared_source(file),
            slice: judged.slice,
            avoid: judged.avoid,
            files,
            copies: Vec::new(),
            copy_name: None,
        };
        dataset.copies = copies.into_iter().filter_map(|(name, copy)| copy.copy_of(&dataset, name)).collect();
        Some(dataset)
    }

    /// Notes the keys that a dataset must have and lacks.
    fn require(&mut self, layers: &DatasetLayers, key: &str) {
        let file = &layers.merged;
        let has_purpose = file.purposes.as_ref().is_some_and(|purposes| !purposes.entries.is_empty());
        // An empty list whose only element was wrong was told of already.
        let purposes_were_wrong = layers.tables.iter().any(|table| self.report.was_removed(*table, "purposes"));
        let wanted = [
            ("division", file.division.is_some(), "write `division = \"...\"`, one of `[divisions]`"),
            ("category", file.category.is_some(), "write `category = \"...\"`, one of `[categories]`"),
            (
                "purposes",
                has_purpose || purposes_were_wrong,
                "write `purposes = [\"...\"]`, each published by its category",
            ),
            (
                "source",
                file.source.is_some() || file.sources.is_some(),
                "write its source as a table, or name one of `[sources]`",
            ),
        ];
        for (wanted, given, hint) in wanted {
            if !given && !layers.lacks_template {
                let message = format!("the dataset `{key}` has no `{wanted}`");
                self.report.missing(&layers.tables, wanted, message, hint.to_owned());
            }
        }
    }

    /// The purposes of a dataset, each of which its category must have published.
    fn dataset_purposes(&mut self, file: &DatasetFile) -> Vec<PurposeName> {
        let declared = self.declared;
        let category = file.category.as_ref().and_then(|name| declared.categories.get(&name.value));
        let mut purposes = vec![];
        for name in one_or_many(file.purposes.as_ref()) {
            let Some(purpose) = self.purpose(name) else { continue };
            let was_wrong = category.is_some_and(|category| self.report.was_removed(category.value.span, "purposes"));
            if let Some(category) = category.filter(|_| !was_wrong) {
                let published: Vec<&str> =
                    one_or_many(category.value.purposes.as_ref()).map(|purpose| purpose.value.as_str()).collect();
                if !published.contains(&name.value.as_str()) {
                    let message = format!(
                        "the category `{}` has not published the purpose `{}`",
                        category.name.value, name.value
                    );
                    let hint = match published.as_slice() {
                        [] => "it has published none; publish it first".to_owned(),
                        published => format!(
                            "it has published {}; publish it first, or choose one of these",
                            suggest::list(published.iter().copied())
                        ),
                    };
                    self.report.problem(name.span, message, hint);
                }
            }
            if !purposes.contains(&purpose) {
                purposes.push(purpose);
            }
        }
        purposes
    }

    fn contract_clock(&self, layers: &DatasetLayers) -> ContractClock {
        if layers.tables.iter().any(|table| self.report.was_removed(*table, "contract")) {
            return ContractClock::NotKnown;
        }
        let Some(name) = &layers.merged.contract else { return ContractClock::NoContract };
        match self.declared.contracts.get(&name.value) {
            None => ContractClock::NotKnown,
            Some(entry) if entry.value.ends.is_some() || self.report.was_removed(entry.value.span, "ends") => {
                ContractClock::Ends
            }
            Some(_) => ContractClock::OpenEnded,
        }
    }

    /// The view of a dataset's source.
    pub(in crate::config) fn dataset_view(&mut self, layers: &DatasetLayers, key: &str) -> Option<SourceView> {
        let owner = format!("dataset `{key}`");
        match (&layers.merged.source, &layers.merged.sources) {
            (Some(source), Some(sources)) => {
                let hint = "name it among `[sources]`, and write sources = { items = \"...\" }";
                let message = "`source` and `sources` say both where the items are";
                self.report.problem(source.span.max(sources.span), message, hint.to_owned());
                None
            }
            (Some(source), None) => self.view(source, owner, layers.source_tables.clone(), layers.field_tables.clone()),
            (None, Some(sources)) => {
                if sources.items.is_none() {
                    let hint = "write sources = { items = \"...\" }, one of `[sources]`".to_owned();
                    let message = format!("the dataset `{key}` does not say which source its items are in");
                    self.report.missing(&[sources.span], "items", message, hint);
                }
                self.shared_view(sources.items.as_ref()?, owner)
            }
            (None, None) => None,
        }
    }

    /// Warns of what is allowed and yet leaves a promise unkept.
    fn warn_of_gaps(&mut self, layers: &DatasetLayers, key: &str, secrecy: bool) {
        let file = &layers.merged;
        let was_wrong = |wanted: &str| layers.tables.iter().any(|table| self.report.was_removed(*table, wanted));
        if layers.lacks_template {
            return;
        }
        let no_keep = file.keep.as_ref().is_none_or(|keep| keep.entries.is_empty()) && !was_wrong("keep");
        let no_record = file.consent.as_ref().is_none_or(|consent| consent.entries.is_empty())
            && file.opt_outs.as_ref().is_none_or(|opt_outs| opt_outs.entries.is_empty())
            && !was_wrong("consent")
            && !was_wrong("opt_outs");
        let no_schedule = file.schedule.is_none() && !was_wrong("schedule");
        let span = layers.tables.first().copied().unwrap_or_default();
        if no_keep {
            let message = format!("the dataset `{key}` has no `keep`: nothing says how long it may be held");
            self.report.warning(span, message, "write keep = { for = \"6 months\", from = \"...\" }".to_owned());
        }
        if let Some(zone) = file.time_zone.as_ref().filter(|_| no_schedule) {
            let message = format!("`time_zone` is that of the schedule, and the dataset `{key}` has none");
            let hint = "for times in the data, write it under `source`; for scans, write `schedule = \"30 2 * * *\"`";
            self.report.warning(zone.span, message, hint.to_owned());
        }
        let by_consent = one_or_many(file.purposes.as_ref()).find(|name| {
            let purpose = self.declared.purposes.get(&name.value);
            purpose.is_some_and(|purpose| {
                matches!(
                    purpose.value.ground.as_ref().map(|ground| ground.value),
                    None | Some(crate::config::file::GroundText::Consent)
                )
            })
        });
        if let Some(name) = by_consent.filter(|_| no_record) {
            let message = format!("the purpose `{}` needs consent, and nothing says where it is on record", name.value);
            let hint = if secrecy {
                "under `secrecy` nobody's consent is looked up: give the purpose another `ground`"
            } else {
                "write `consent` or `opt_outs`, or give the purpose another `ground`"
            };
            self.report.warning(name.span, message, hint.to_owned());
        }
    }
}

/// How far ahead to warn, longest first, each once.
fn warnings(warn: Option<&OneOrMany<PeriodText>>) -> Vec<Period> {
    let mut periods: Vec<Period> = vec![];
    for period in one_or_many(warn).map(|period| period.value.0) {
        if !periods.contains(&period) {
            periods.push(period);
        }
    }
    periods.sort_by_key(|period| std::cmp::Reverse(period.at_most_days()));
    periods
}
