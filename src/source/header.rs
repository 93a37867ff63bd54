//! Finds the header row of a list and binds the register's columns to its cells. Used for CSV files and
//! workbooks alike. Problems name the columns that the register writes, never other text of the file.

use crate::domain::register::{FieldAccess, FieldSpec};
use std::borrow::Cow;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// How many rows are searched for the header: titles and notes may stand above it.
pub const SEARCHED_ROWS: usize = 30;

/// Why a header does not fit the register.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderProblem {
    /// Columns that no synonym finds.
    #[error("no column {}", quoted(.0, ", no column "))]
    Missing(Vec<String>),
    /// Names for one field of which more than one is present (the same name twice, when it stands in two
    /// cells).
    #[error("columns {} are both there: which of them is meant?", quoted(.0, " and "))]
    Ambiguous(Vec<String>),
    /// There is no row at all in which a header could stand.
    #[error("no header row")]
    NoRow,
}

fn quoted(names: &[String], separator: &str) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(separator)
}

/// The form in which column names are compared: NFKC, trimmed.
#[must_use]
pub fn comparable(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    if is_nfkc_quick(text.chars()) == IsNormalized::Yes {
        return Cow::Borrowed(text);
    }
    let normal: String = text.nfkc().collect();
    Cow::Owned(normal.trim().to_owned())
}

/// For each field, the cell of the header that names it: the first of its synonyms that is present.
/// Fields that are not columns are bound to nothing.
pub fn bind(header: &[Cow<'_, str>], fields: &[FieldSpec]) -> Result<Vec<Option<usize>>, HeaderProblem> {
    let cells: Vec<Cow<'_, str>> = header.iter().map(|cell| comparable(cell)).collect();
    let mut missing = Vec::new();
    let mut bound = Vec::with_capacity(fields.len());
    for field in fields {
        let FieldAccess::Column(synonyms) = &field.access else {
            bound.push(None);
            continue;
        };
        let present = matches_of(&cells, synonyms);
        match present.as_slice() {
            [] => {
                missing.push(synonyms.join("` or `"));
                bound.push(None);
            }
            [(cell, _)] => bound.push(Some(*cell)),
            [..] => return Err(HeaderProblem::Ambiguous(present.into_iter().map(|(_, name)| name.clone()).collect())),
        }
    }
    if missing.is_empty() { Ok(bound) } else { Err(HeaderProblem::Missing(missing)) }
}

/// The cells that one of the synonyms names, in the order of the synonyms; no cell twice.
fn matches_of<'s>(cells: &[Cow<'_, str>], synonyms: &'s [String]) -> Vec<(usize, &'s String)> {
    let mut present: Vec<(usize, &String)> = Vec::new();
    for synonym in synonyms {
        let wanted = comparable(synonym);
        for (index, cell) in cells.iter().enumerate() {
            if *cell == wanted && present.iter().all(|(known, _)| *known != index) {
                present.push((index, synonym));
            }
        }
    }
    present
}

/// How many fields find a column in this row.
#[must_use]
pub fn bound_fields(row: &[Cow<'_, str>], fields: &[FieldSpec]) -> usize {
    let cells: Vec<Cow<'_, str>> = row.iter().map(|cell| comparable(cell)).collect();
    let finds = |field: &&FieldSpec| match &field.access {
        FieldAccess::Column(synonyms) => {
            synonyms.iter().any(|synonym| cells.iter().any(|cell| *cell == comparable(synonym)))
        }
        _ => false,
    };
    fields.iter().filter(finds).count()
}

/// Which of the first rows is the header: the one that binds the most fields, the first among equals.
/// Rows without any text are passed over, so with no column mapped it is the first row with text.
#[must_use]
pub fn find<'t, R: AsRef<[Cow<'t, str>]>>(rows: &[R], fields: &[FieldSpec]) -> Option<usize> {
    let mut best: Option<(usize, usize)> = None;
    for (index, row) in rows.iter().take(SEARCHED_ROWS).enumerate() {
        let row = row.as_ref();
        if row.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let bound = bound_fields(row, fields);
        if best.is_none_or(|(most, _)| bound > most) {
            best = Some((bound, index));
        }
    }
    best.map(|(_, index)| index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::register::FieldType;
    use std::collections::BTreeMap;

    fn column(name: &str, synonyms: &[&str]) -> FieldSpec {
        FieldSpec {
            name: name.to_owned(),
            access: FieldAccess::Column(synonyms.iter().map(|&text| text.to_owned()).collect()),
            field_type: FieldType::Text,
            formats: Vec::new(),
            time_zone: None,
            empty_is_running: false,
            normalised: false,
            split: None,
            answers: BTreeMap::new(),
        }
    }

    fn row<'a>(cells: &[&'a str]) -> Vec<Cow<'a, str>> {
        cells.iter().map(|&cell| Cow::Borrowed(cell)).collect()
    }

    #[test]
    fn binds_by_trimmed_nfkc_text_in_any_order() {
        let fields = [column("id", &["受付番号"]), column("email", &["メールアドレス", "E-mail"])];
        let header = row(&["備考", "Ｅ－ｍａｉｌ\u{3000}", " 受付番号"]);
        assert_eq!(bind(&header, &fields), Ok(vec![Some(2), Some(1)]));
        let half_width = row(&["受付番号", "ﾒｰﾙｱﾄﾞﾚｽ"]);
        assert_eq!(bind(&half_width, &fields), Ok(vec![Some(0), Some(1)]));
    }

    #[test]
    fn two_synonyms_or_one_name_twice_are_a_problem() {
        let fields = [column("email", &["mail", "E-mail"])];
        let both = bind(&row(&["E-mail", "mail"]), &fields).unwrap_err();
        assert_eq!(both.to_string(), "columns `mail` and `E-mail` are both there: which of them is meant?");
        assert!(matches!(bind(&row(&["mail", "mail "]), &fields), Err(HeaderProblem::Ambiguous(_))));
    }

    #[test]
    fn synonyms_that_compare_equal_are_one_cell() {
        let fields = [column("email", &["E-mail", "Ｅ-mail"])];
        assert_eq!(bind(&row(&["E-mail"]), &fields), Ok(vec![Some(0)]));
    }

    #[test]
    fn a_problem_names_every_missing_column_and_nothing_of_the_file() {
        let fields = [column("id", &["No"]), column("email", &["mail", "E-mail"]), column("x", &["X"])];
        let problem = bind(&row(&["No", "secret"]), &fields).unwrap_err();
        assert_eq!(problem.to_string(), "no column `mail` or `E-mail`, no column `X`");
    }

    #[test]
    fn the_header_is_the_row_that_binds_the_most() {
        let fields = [column("id", &["No"]), column("email", &["mail"])];
        let rows = [row(&["名簿 No"]), row(&[]), row(&["No", "x"]), row(&["No", "mail"]), row(&["No", "mail"])];
        assert_eq!(find(&rows, &fields), Some(3));
        assert_eq!(find(&[row(&["", " "]), row(&["a"])], &[]), Some(1));
        assert_eq!(find(&[row(&[""])], &fields), None);
    }
}
