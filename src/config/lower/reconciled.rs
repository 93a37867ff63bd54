//! The files that the rows of an index are reconciled with: `sources = { items = "...", files = "..." }`.

use super::Lowering;
use super::view::{PlaceKind, SourceView};
use crate::config::file::{DatasetFile, Names, Placed};
use crate::domain::register::{Place, ReconciledFiles};
use crate::rule::join::normalise;

/// The field of the items that holds the product's view of the file.
const PATH: &str = "path";

impl Lowering<'_> {
    /// The files of the dataset `key`, if it has some and everything about them is right.
    pub(super) fn reconciled_files(
        &mut self,
        file: &DatasetFile,
        items: Option<&SourceView>,
        key: &str,
    ) -> Option<Box<ReconciledFiles>> {
        let name = file.sources.as_ref()?.files.as_ref()?;
        if file.conditions.is_some() {
            let message =
                format!("the dataset `{key}` is a slice of its index, and `files` are those of the whole index");
            let hint = "take `where` or `files` out: files of other slices would be told as without a row".to_owned();
            self.report.problem(name.span, message, hint);
            return None;
        }
        let view = self.shared_view(name, format!("dataset `{key}`"));
        let path_field = items.and_then(|items| self.path_field(items, name, key));
        let view = view?;
        if view.place_kind().is_some_and(|kind| kind != PlaceKind::Files) {
            let message = format!("`files` of the dataset `{key}` are to be files, and {} has rows", view.what);
            let hint = "name a source with a `root` and `items = \"files\"`".to_owned();
            self.report.problem(name.span, message, hint);
            return None;
        }
        let product_paths = self.product_paths(view.source.product_paths.as_ref());
        let source = self.source(&view)?;
        let Place::Folder { root, files, exclude } = source.place.clone() else { return None };
        let matched_by = view.source.matched_by.as_ref().map(|by| by.value).unwrap_or_default();
        let path_field = path_field?;
        Some(Box::new(ReconciledFiles { source, root, files, exclude, path_field, matched_by, product_paths }))
    }

    /// Under secrecy the path is not read.
    pub(super) fn no_files_under_secrecy(&mut self, file: &DatasetFile, key: &str) {
        if let Some(files) = file.sources.as_ref().and_then(|sources| sources.files.as_ref()) {
            let message = format!(
                "the dataset `{key}` is under `secrecy`, only clock and `id` are read: `files` asks for the field `{PATH}`"
            );
            self.report.problem(files.span, message, "take `files` out".to_owned());
        }
    }

    /// The field of the items that names a file.
    fn path_field(&mut self, items: &SourceView, name: &Placed<String>, key: &str) -> Option<usize> {
        if items.place_kind() == Some(PlaceKind::Files) {
            let message = format!("the items of the dataset `{key}` are files themselves: no row names one of `files`");
            let hint = "`items` is the product's index, a table or a list; take `files` out otherwise".to_owned();
            self.report.problem(name.span, message, hint);
            return None;
        }
        self.field_index(items, &Placed::new(name.span, PATH.to_owned()))
    }

    /// The mapping of the product's paths, normalised.
    fn product_paths(&mut self, written: Option<&Placed<Names<String>>>) -> Vec<(String, String)> {
        let mut mapped: Vec<(String, String)> = Vec::new();
        for (prefix, target) in written.iter().flat_map(|paths| &paths.0) {
            let Some(from) = normal(&prefix.value) else {
                let hint = "write the folder as the product calls it, such as `/media/frigate/recordings`".to_owned();
                self.report.problem(
                    prefix.span,
                    format!("`{}` leads out of the product's folders", prefix.value),
                    hint,
                );
                continue;
            };
            let Some(to) = normal(&target.value).filter(|path| !path.starts_with('/')) else {
                let message = format!("`{}` is no path beneath the root", target.value);
                let hint = "write it without a slash in front and without `..`; `.` is the root itself".to_owned();
                self.report.problem(target.span, message, hint);
                continue;
            };
            if mapped.iter().any(|(known, _)| *known == from) {
                let message = format!("`{}` is mapped twice", prefix.value);
                self.report.problem(prefix.span, message, "keep one of them".to_owned());
                continue;
            }
            mapped.push((from, to));
        }
        mapped
    }
}

/// The path without `.`, `..` and needless slashes; the slash in front of an absolute one stays.
fn normal(path: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let is_absolute = normalise(path.trim().as_bytes(), &mut bytes)?;
    let text = String::from_utf8(bytes).ok()?;
    Some(if is_absolute { format!("/{text}") } else { text })
}
