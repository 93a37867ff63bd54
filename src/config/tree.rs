//! Acts on the tree that a TOML text parses to: finding and taking out the entry at a span, and writing a
//! value on one line.

use super::text::Span;
use toml::de::{DeTable, DeValue};

/// An entry that was taken out of its table.
#[derive(Debug)]
pub struct TakenOut {
    /// The span of the table it was in.
    pub table: Span,
    /// Its key; for an element of a list, the key of the list.
    pub key: String,
    /// What kind of value it had, with its article.
    pub kind: &'static str,
    /// The names of the tables around it, dotted.
    pub path: String,
    /// Whether it stood in a list.
    pub in_list: bool,
}

/// Takes out the innermost entry whose key or value has this span. `table_span` is the table's own.
pub fn take_out(table: &mut DeTable<'_>, table_span: Span, wanted: Span) -> Option<TakenOut> {
    take_from_table(table, table_span, wanted, "")
}

fn take_from_table(table: &mut DeTable<'_>, table_span: Span, wanted: Span, path: &str) -> Option<TakenOut> {
    let mut found = None;
    for (key, value) in table.iter_mut() {
        let name = key.get_ref().to_string();
        let value_span = Span::from(value.span());
        let deeper = match value.get_mut() {
            DeValue::Table(inner) => take_from_table(inner, value_span, wanted, &join(path, &name)),
            DeValue::Array(elements) => take_from_list(elements, table_span, &name, wanted, path),
            _ => None,
        };
        if deeper.is_some() {
            return deeper;
        }
        if Span::from(key.span()) == wanted || value_span == wanted {
            let kind = kind(value.get_ref());
            found = Some(TakenOut { table: table_span, key: name, kind, path: path.to_owned(), in_list: false });
            break;
        }
    }
    let found = found?;
    table.remove(found.key.as_str());
    Some(found)
}

fn take_from_list(
    elements: &mut toml::de::DeArray<'_>,
    table_span: Span,
    key: &str,
    wanted: Span,
    path: &str,
) -> Option<TakenOut> {
    let mut found = None;
    for (index, element) in elements.iter_mut().enumerate() {
        let element_span = Span::from(element.span());
        let deeper = match element.get_mut() {
            DeValue::Table(inner) => take_from_table(inner, element_span, wanted, &join(path, key)),
            DeValue::Array(inner) => take_from_list(inner, table_span, key, wanted, path),
            _ => None,
        };
        if deeper.is_some() {
            return deeper;
        }
        if element_span == wanted {
            found = Some((index, kind(element.get_ref())));
            break;
        }
    }
    let (index, kind) = found?;
    let kept = elements.iter().enumerate().filter(|(place, _)| *place != index);
    *elements = kept.map(|(_, element)| element.clone()).collect();
    Some(TakenOut { table: table_span, key: key.to_owned(), kind, path: path.to_owned(), in_list: true })
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// What kind of value it is, with its article.
fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// The value at this span, if the tree has one.
#[must_use]
pub fn value_at<'t, 'i>(table: &'t DeTable<'i>, wanted: Span) -> Option<&'t DeValue<'i>> {
    table.values().find_map(|value| in_value(value, wanted))
}

fn in_value<'t, 'i>(value: &'t toml::Spanned<DeValue<'i>>, wanted: Span) -> Option<&'t DeValue<'i>> {
    if Span::from(value.span()) == wanted {
        return Some(value.get_ref());
    }
    match value.get_ref() {
        DeValue::Table(table) => value_at(table, wanted),
        DeValue::Array(elements) => elements.iter().find_map(|element| in_value(element, wanted)),
        _ => None,
    }
}

/// The value as TOML on one line.
#[must_use]
pub fn one_line(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => toml::Value::String(text.to_string()).to_string(),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(value) => value.to_string(),
        DeValue::Datetime(value) => value.to_string(),
        DeValue::Array(elements) => {
            format!("[{}]", elements.iter().map(|element| one_line(element.get_ref())).collect::<Vec<_>>().join(", "))
        }
        DeValue::Table(table) => {
            let entries = table.iter().map(|(key, value)| format!("{} = {}", key.get_ref(), one_line(value.get_ref())));
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}
