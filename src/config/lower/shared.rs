//! Sources that datasets share: which they are, and what must hold of all who share one.

use super::Lowering;
use crate::config::file::{DatasetFile, Short};
use crate::domain::name::{DatasetName, SourceName};
use crate::domain::register::Dataset;
use std::collections::BTreeMap;

/// The name of the source, where it is one of `[sources]`.
pub(super) fn shared_source(file: &DatasetFile) -> Option<SourceName> {
    let name = match (&file.source, &file.sources) {
        (Some(source), _) => match &source.value {
            Short::Text(name) => name,
            Short::Table(_) => return None,
        },
        (None, Some(sources)) => &sources.items.as_ref()?.value,
        (None, None) => return None,
    };
    SourceName::new(name.clone()).ok()
}

impl Lowering<'_> {
    /// A source that is shared in slices is under secrecy for all its datasets or for none: in which slice an item lies
    /// is asked of all its items.
    pub(super) fn check_shared_secrecy(&mut self, datasets: &BTreeMap<DatasetName, Dataset>) {
        let declared = self.declared;
        let all = || datasets.iter().flat_map(|(name, dataset)| dataset.with_copies().map(move |one| (name, one)));
        for (name, dataset) in all().filter(|(_, dataset)| dataset.secrecy) {
            let Some(source) = &dataset.shared_source else { continue };
            let shares = |other: &Dataset| other.shared_source.as_ref() == Some(source);
            let has_slices = all().any(|(_, other)| shares(other) && !other.slice.is_empty());
            let open = all().find(|(_, other)| shares(other) && !other.secrecy);
            if let (true, Some((open, _)), Some(entry)) = (has_slices, open, declared.datasets.get(name.as_str())) {
                let message = format!(
                    "the source `{source}` is shared in slices, and `{name}` is under `secrecy` where `{open}` is not"
                );
                let hint = "give what is under `secrecy` a source of its own, such as a view of these items alone";
                self.report.problem(entry.name.span, message, hint.to_owned());
            }
        }
    }
}
