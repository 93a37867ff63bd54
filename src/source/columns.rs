//! What readers of databases share: how names, queries and parts are written, which column each field means, and
//! where the values of an item come from. How a database tells its columns is in its own module.

use crate::domain::item::Value;
use crate::domain::register::{FieldAccess, Relation, SourceSpec};
use crate::source::Request;

/// A name as SQL writes it between these marks, whatever characters it has.
pub fn quoted(name: &str, mark: char) -> String {
    format!("{mark}{}{mark}", name.replace(mark, &format!("{mark}{mark}")))
}

/// A query without the semicolon that may end it.
pub fn bare(query: &str) -> &str {
    query.trim().trim_end_matches(|character: char| character == ';' || character.is_whitespace())
}

/// The name of the one part of a source in a database.
pub fn part_name(schema: Option<&str>, relation: &Relation) -> String {
    match (relation, schema) {
        (Relation::Query(_), _) => "query".to_owned(),
        (Relation::Table(table), None) => table.clone(),
        (Relation::Table(table), Some(schema)) => format!("{schema}.{table}"),
    }
}

/// Finds the column of every field. A synonym means the column that is written exactly so, else the one that
/// differs from it in upper and lower case alone. The text of an error is to follow the place's name.
pub fn bind(source: &SourceSpec, columns: &[String]) -> Result<Vec<Option<String>>, String> {
    let mut bound = Vec::with_capacity(source.fields.len());
    let mut missing = Vec::new();
    for field in &source.fields {
        let FieldAccess::Column(synonyms) = &field.access else {
            bound.push(None);
            continue;
        };
        let mut found: Vec<&String> = Vec::new();
        for synonym in synonyms {
            let exactly = columns.iter().find(|column| *column == synonym);
            let matching = exactly.or_else(|| columns.iter().find(|column| column.eq_ignore_ascii_case(synonym)));
            found.extend(matching.filter(|column| !found.contains(column)));
        }
        match found.as_slice() {
            [] => missing.push(format!("no column `{}`", synonyms.join("` or `"))),
            [_] => {}
            [first, second, ..] => {
                return Err(format!("columns `{first}` and `{second}` are both there: which of them is meant?"));
            }
        }
        bound.push(found.first().map(|column| (*column).clone()));
    }
    if missing.is_empty() { Ok(bound) } else { Err(missing.join(", ")) }
}

/// Where a value of an item comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin<'a> {
    /// Nobody asked for it.
    Nowhere,
    /// The column with this index among those fetched.
    Column(usize),
    /// The register.
    Constant(&'a str),
}

/// For each field where its value comes from, and the columns to fetch.
pub fn origins<'a>(request: &'a Request<'_>, bound_columns: &'a [Option<String>]) -> (Vec<Origin<'a>>, Vec<&'a str>) {
    let mut columns = Vec::new();
    let mut origins = Vec::with_capacity(request.source.fields.len());
    for (index, field) in request.source.fields.iter().enumerate() {
        let wanted = request.wanted.get(index).copied().unwrap_or(false);
        origins.push(match (&field.access, &bound_columns[index]) {
            (FieldAccess::Column(_), Some(column)) if wanted => {
                columns.push(column.as_str());
                Origin::Column(columns.len() - 1)
            }
            (FieldAccess::Constant(text), _) if wanted => Origin::Constant(text),
            _ => Origin::Nowhere,
        });
    }
    (origins, columns)
}

/// The same vector without its values, which lets it hold values of another row: its memory is kept.
pub fn emptied<'b>(mut values: Vec<Value<'_>>) -> Vec<Value<'b>> {
    values.clear();
    values.into_iter().map(|_| Value::Empty).collect()
}
