//! What is judged and by what, in terms of the fields of one source: said once of a dataset's items, and once more of
//! each of its copies, `sources = { items = "...", copies = ["..."] }`.

use super::Lowering;
use super::keep::ContractClock;
use super::list_columns::require_clocks;
use super::organisation::one_or_many;
use super::view::SourceView;
use crate::config::file::{DatasetFile, Placed};
use crate::config::suggest;
use crate::config::text::Span;
use crate::domain::hours::DayHours;
use crate::domain::name::SourceName;
use crate::domain::register::{ConsentEntry, Dataset, FieldConditions, Keep, KeepAtLeast, OptOutEntry, SourceSpec};

/// The rules of a dataset, for items of one source.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) source: Option<SourceSpec>,
    pub(super) slice: FieldConditions,
    pub(super) keep: Vec<Keep>,
    pub(super) keep_at_least: Vec<KeepAtLeast>,
    pub(super) consent: Vec<ConsentEntry>,
    pub(super) opt_outs: Vec<OptOutEntry>,
    pub(super) avoid: Option<DayHours>,
    /// Whether the source may be without an item; `None`: it does not say.
    pub(super) may_be_empty: Option<bool>,
}

/// What a dataset says of secrecy.
#[derive(Debug, Clone, Copy)]
pub(super) struct Secrecy {
    /// Whether it is under secrecy.
    pub(super) holds: bool,
    /// Whether it says so or otherwise, itself or by its category.
    pub(super) is_said: bool,
}

impl Lowering<'_> {
    /// The rules of a dataset, for the items of this source.
    pub(super) fn judged(&mut self, file: &DatasetFile, view: Option<&SourceView>, contract: ContractClock) -> Judged {
        let mut source = view.and_then(|view| self.source(view));
        let slice = self.conditions(file.conditions.as_ref(), view);
        let keep = self.keep(file.keep.as_ref(), view, contract);
        let keep_at_least = self.keep_at_least(file.keep_at_least.as_ref(), view, contract);
        if let Some(source) = &mut source {
            require_clocks(source, &keep, &keep_at_least);
        }
        let purposes: Vec<String> = one_or_many(file.purposes.as_ref()).map(|name| name.value.clone()).collect();
        let consent = self.consent(file.consent.as_ref(), view, &purposes);
        let opt_outs = self.opt_outs(file.opt_outs.as_ref(), view);
        let avoid = view.and_then(|view| self.avoided_hours(view));
        let may_be_empty = view.and_then(|view| view.source.may_be_empty.as_ref()).map(|may| may.value);
        Judged { source, slice, keep, keep_at_least, consent, opt_outs, avoid, may_be_empty }
    }

    /// The copies of the dataset `key`, each by the name of its source.
    pub(super) fn copies(
        &mut self,
        file: &DatasetFile,
        contract: ContractClock,
        secrecy: Secrecy,
        key: &str,
    ) -> Vec<(SourceName, Judged)> {
        let Some(sources) = &file.sources else { return Vec::new() };
        let mut copies = Vec::new();
        let mut taken: Vec<&str> =
            [&sources.items, &sources.files].into_iter().flatten().map(|name| &*name.value).collect();
        for name in one_or_many(sources.copies.as_ref()) {
            if taken.contains(&&*name.value) {
                let message =
                    format!("`copies` of the dataset `{key}` names a source that it has already: `{}`", name.value);
                let hint = "a copy has a source of its own; take it out of `copies`".to_owned();
                self.report.problem(name.span, message, hint);
                continue;
            }
            taken.push(&name.value);
            copies.extend(self.copy(file, name, contract, secrecy, key));
        }
        copies
    }

    fn copy(
        &mut self,
        file: &DatasetFile,
        name: &Placed<String>,
        contract: ContractClock,
        secrecy: Secrecy,
        key: &str,
    ) -> Option<(SourceName, Judged)> {
        let view = self.shared_view(name, format!("copy `{}` of the dataset `{key}`", name.value))?;
        if secrecy.holds {
            self.check_secrecy(key, file, Some(&view));
        }
        self.check_answers(&view, key, secrecy.is_said);
        let mut file = file.clone();
        let asked_consent = one_or_many(file.consent.as_ref());
        let asked_consent =
            asked_consent.flat_map(|entry| one_or_many(entry.by.as_ref()).chain(&entry.row).chain(&entry.at));
        if self.lacks(&view, "consent", name.span, asked_consent.map(|name| &*name.value)) {
            file.consent = None;
        }
        let asked_opt_outs = one_or_many(file.opt_outs.as_ref());
        let asked_opt_outs = asked_opt_outs.flat_map(|entry| one_or_many(entry.by.as_ref()).chain(&entry.row));
        if self.lacks(&view, "opt_outs", name.span, asked_opt_outs.map(|name| &*name.value)) {
            file.opt_outs = None;
        }
        let mut judged = self.judged(&file, Some(&view), contract);
        let extra = view.source.extra.as_ref().map(|extra| extra.value.0);
        judged.keep.iter_mut().for_each(|keep| keep.extra = extra);
        Some((SourceName::new(name.value.clone()).ok()?, judged))
    }

    /// Whether a copy lacks some field that is asked for: then nothing is asked of it, for an item that cannot be
    /// looked up everywhere would be told as one without an answer.
    fn lacks<'a>(&mut self, view: &SourceView, key: &str, span: Span, asked: impl Iterator<Item = &'a str>) -> bool {
        let lacking: Vec<&str> = asked.filter(|name| view.field(name).is_none()).collect();
        if lacking.is_empty() {
            return false;
        }
        let message = format!(
            "the {} is not asked about `{key}`: it has no field {}",
            view.owner,
            suggest::list(lacking.into_iter())
        );
        self.report.warning(span, message, "map it under `fields` of its source if it holds it".to_owned());
        true
    }

    /// `extra` is for sources that some dataset names among its `copies`.
    pub(super) fn check_extra(&mut self) {
        let declared = self.declared;
        let datasets = declared.datasets.values().map(|entry| &entry.value.value);
        let templates = declared.templates.values().map(|entry| &entry.value.value);
        let layers = datasets.chain(templates).chain(declared.defaults.as_ref().map(|defaults| &defaults.value));
        let copies: Vec<&str> = layers
            .filter_map(|layer| layer.sources.as_ref())
            .flat_map(|sources| one_or_many(sources.copies.as_ref()))
            .map(|name| &*name.value)
            .collect();
        for (name, entry) in &declared.sources {
            if let Some(extra) = entry.value.extra.as_ref().filter(|_| !copies.contains(&&**name)) {
                let message = format!("`extra` is for copies, and no dataset names `{name}` among its `copies`");
                let hint = format!("write sources = {{ items = \"...\", copies = [\"{name}\"] }}, or take it out");
                self.report.warning(extra.span, message, hint);
            }
        }
    }
}

impl Judged {
    /// The copy of this name of `dataset`, if everything about it is right.
    pub(super) fn copy_of(self, dataset: &Dataset, name: SourceName) -> Option<Dataset> {
        let mut copy = dataset.clone();
        copy.source = self.source?;
        (copy.slice, copy.keep, copy.keep_at_least) = (self.slice, self.keep, self.keep_at_least);
        (copy.consent, copy.opt_outs, copy.avoid) = (self.consent, self.opt_outs, self.avoid);
        copy.may_be_empty = self.may_be_empty.unwrap_or_default();
        (copy.shared_source, copy.copy_name) = (Some(name.clone()), Some(name));
        (copy.files, copy.product_setting, copy.copies) = (None, None, Vec::new());
        Some(copy)
    }
}
