//! From text to the types of `file`. serde stops at its first error; here the error is noted, the entry
//! that caused it is taken out, and reading starts again, until nothing is wrong: so every fault is told.

use super::report::{Report, root_span};
use super::statements;
use super::text::Span;
use super::tree::{self, TakenOut};
use super::wording;
use serde::de::DeserializeOwned;
use toml::de::{DeTable, Deserializer};

/// Reads file `number` of the report's texts as a `T`. Entries that are wrong are noted and left out.
pub fn parse<T: DeserializeOwned + Default>(number: usize, kind: wording::FileKind, report: &mut Report) -> T {
    let padded = padded(number, report);
    let (mut tree, _) = DeTable::parse_recoverable(&padded);
    let root = root_span(report.texts.get(number).base);
    loop {
        let error = match T::deserialize(Deserializer::from(tree.clone())) {
            Ok(value) => return value,
            Err(error) => error,
        };
        let span = error.span().map_or(root, Span::from);
        let taken_out = tree::take_out(tree.get_mut(), root, span);
        note(error.message(), span, taken_out.as_ref(), kind, report);
        // An error outside every entry could only come back: what else the file says is lost.
        let Some(taken_out) = taken_out else { return T::default() };
        // A key that was misspelt is not missing as well.
        if let Some(meant) = wording::meant_key(error.message()) {
            report.remove(taken_out.table, meant);
        }
        report.remove(taken_out.table, taken_out.key);
    }
}

/// The readable text of a file, moved by blank lines to its place among all texts, so that the spans of
/// all that is parsed from it are spans of the whole configuration.
#[must_use]
pub fn padded(number: usize, report: &mut Report) -> String {
    let (base, text) = {
        let text = report.texts.get(number);
        (text.base, text.content.clone())
    };
    let readable = statements::readable(&text, base, report);
    "\n".repeat(base) + &readable
}

fn note(message: &str, span: Span, entry: Option<&TakenOut>, kind: wording::FileKind, report: &mut Report) {
    let (message, hint) = wording::explain(message, entry, kind);
    report.problem(span, message, hint);
}
