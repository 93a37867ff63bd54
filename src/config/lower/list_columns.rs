//! Lists without a header: the register names their columns by position.

use super::Lowering;
use super::organisation::one_or_many;
use super::view::SourceView;
use crate::config::file::{FieldFile, OneOrMany};
use crate::config::suggest;
use crate::domain::register::{ClockField, Keep, KeepAtLeast, ListColumns, Place, SourceSpec};

impl Lowering<'_> {
    /// The columns that a source of lists names, if it does.
    pub(super) fn list_columns(&mut self, view: &SourceView) -> Option<ListColumns> {
        let columns = view.source.columns.as_ref()?;
        if let Some(row) = &view.source.header_row {
            let hint = "keep `columns` for lists without a header, or `header_row` for lists with one".to_owned();
            self.report.problem(columns.span.max(row.span), "a list has `columns` or a `header_row`", hint);
        }
        if columns.entries.is_empty() {
            let hint = "write the names of the columns in their order, or leave it out".to_owned();
            self.report.problem(columns.span, "`columns` names no column", hint);
            return None;
        }
        self.check_names(columns);
        self.check_mapped(view, columns);
        let names = columns.entries.iter().map(|name| name.value.clone()).collect();
        Some(ListColumns { names, least_cells: 0 })
    }

    fn check_names(&mut self, columns: &OneOrMany<String>) {
        for (index, name) in columns.entries.iter().enumerate() {
            if columns.entries[..index].iter().any(|earlier| earlier.value == name.value) {
                let hint = "give each column a name of its own; any name does for one that no field reads".to_owned();
                self.report.problem(name.span, format!("`columns` names `{}` twice", name.value), hint);
            }
        }
    }

    /// Each field that is a column is one of those named.
    fn check_mapped(&mut self, view: &SourceView, columns: &OneOrMany<String>) {
        let known = || columns.entries.iter().map(|column| column.value.as_str());
        for (name, field) in view.source.fields.iter().flat_map(|fields| &fields.0) {
            let synonyms: Vec<&str> = match &field.value {
                FieldFile::Column(column) => vec![column],
                FieldFile::Synonyms(columns) => columns.iter().map(|column| column.0.as_str()).collect(),
                FieldFile::Table(table) => {
                    one_or_many(table.column.as_ref()).map(|column| column.value.0.as_str()).collect()
                }
            };
            let present: Vec<&str> =
                synonyms.iter().copied().filter(|synonym| known().any(|one| one == *synonym)).collect();
            match (synonyms.as_slice(), present.as_slice()) {
                ([], _) | (_, [_]) => {}
                ([first, ..], []) => {
                    let hint = suggest::hint(first, known(), "add its name to `columns`, at its position");
                    let message = format!("the field `{}` reads a column that `columns` does not name", name.value);
                    self.report.problem(field.span, message, hint);
                }
                (_, [first, second, ..]) if first == second => {}
                (_, [first, second, ..]) => {
                    let message =
                        format!("the field `{}` reads `{first}` or `{second}`, and both are there", name.value);
                    self.report.problem(field.span, message, "name the one that is meant".to_owned());
                }
            }
        }
    }
}

/// Without its id, a row of a list without a header cannot be read.
pub(super) fn require_id(source: &mut SourceSpec) {
    if let (Some(id), Place::Lists { columns: Some(columns), .. }) = (source.field("id"), &mut source.place) {
        columns.require(&source.fields[id]);
    }
}

/// Nor can it without the clock of each of its periods: of several clocks, the one that stands first will do.
pub(super) fn require_clocks(source: &mut SourceSpec, keep: &[Keep], keep_at_least: &[KeepAtLeast]) {
    let Place::Lists { columns: Some(columns), .. } = &mut source.place else { return };
    let periods = keep.iter().map(|keep| &keep.from).chain(keep_at_least.iter().map(|keep| &keep.from));
    for from in periods {
        let cell = |clock: &ClockField| match clock {
            ClockField::Field(place) => source.fields.get(*place).and_then(|field| columns.cell_of(field)),
            ClockField::ContractEnds => None,
        };
        let cells: Option<Vec<usize>> = from.iter().map(cell).collect();
        if let Some(first) = cells.and_then(|cells| cells.into_iter().min()) {
            columns.require_cell(first);
        }
    }
}
