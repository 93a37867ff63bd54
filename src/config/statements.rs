//! Syntax errors. TOML parsers lose their way after the first one; here a text that does not parse is cut
//! into statements, each is parsed by itself, and the bad ones are blanked: so every bad statement is
//! reported once, in its place, and the others are read as if nothing had happened.

use super::report::Report;
use super::text::Span;
use super::wording;
use std::collections::BTreeMap;
use std::ops::Range;
use toml::de::DeTable;

/// Reports the syntax errors of a text and returns what can be read of it, with the bad statements blanked.
pub fn readable(text: &str, base: usize, report: &mut Report) -> String {
    if DeTable::parse(text).is_ok() {
        return text.to_owned();
    }
    let readable = blank_bad_statements(text, base, report);
    let firsts = first_places(&readable);
    let mut errors = DeTable::parse_recoverable(&readable).1;
    errors.sort_by_key(|error| error.span().map_or(0, |span| span.start));
    let headers: Vec<Range<usize>> = statements(&readable)
        .into_iter()
        .filter(|range| readable[range.clone()].trim_start().starts_with('['))
        .collect();
    let mut told_header = None;
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        // A table given twice has most of its keys twice: that is told once.
        let header = headers.iter().rfind(|header| header.start <= span.start);
        if header.is_some() && told_header == header {
            continue;
        }
        if error.message() == "duplicate key" && header.is_some_and(|header| header.contains(&span.start)) {
            told_header = header;
        }
        report_whole_text_error(&readable, base, &firsts, error.message(), span, report);
    }
    readable
}

/// An error that only shows in the whole text: a key or table given twice.
fn report_whole_text_error(
    text: &str,
    base: usize,
    firsts: &BTreeMap<String, Vec<usize>>,
    message: &str,
    span: Range<usize>,
    report: &mut Report,
) {
    let place = Span { start: base + span.start, end: base + span.end };
    if message != "duplicate key" {
        let (message, hint) = wording::explain_syntax(message);
        report.problem(place, message, hint);
        return;
    }
    let key = text.get(span.clone()).unwrap_or_default().to_owned();
    let statement = statements(text).into_iter().rfind(|statement| statement.start <= span.start);
    let first = statement.and_then(|statement| {
        let within = text.get(statement.start..span.start).and_then(|before| before.find(&key));
        firsts
            .values()
            .find(|places| places.iter().skip(1).any(|place| statement.contains(place)))
            .and_then(|places| places.first().copied())
            .or_else(|| within.map(|offset| statement.start + offset))
            .filter(|first| *first < span.start)
    });
    let hint = match first {
        Some(first) => {
            let first = report.texts.place_text(Span { start: base + first, end: base + first });
            format!("it is first given at {first}; keep one of them")
        }
        None => "keep one of them".to_owned(),
    };
    report.problem(place, format!("`{}` is given twice", key.trim_matches(['"', '\''])), hint);
}

/// Where each key and table header is given, by its full dotted name.
fn first_places(text: &str) -> BTreeMap<String, Vec<usize>> {
    let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut header = String::new();
    for statement in statements(text) {
        let line = text[statement.clone()].trim_start();
        let start = statement.start + text[statement.clone()].len() - line.len();
        let name = if let Some(rest) = line.strip_prefix("[[") {
            header = format!("{}#{start}", dotted(rest.split(']').next().unwrap_or_default()));
            continue;
        } else if let Some(rest) = line.strip_prefix('[') {
            header = dotted(rest.split(']').next().unwrap_or_default());
            header.clone()
        } else {
            let key = dotted(line.split('=').next().unwrap_or_default());
            if header.is_empty() { key } else { format!("{header}.{key}") }
        };
        places.entry(name).or_default().push(start);
    }
    places
}

fn dotted(key: &str) -> String {
    key.split('.').map(|word| word.trim().trim_matches(['"', '\''])).collect::<Vec<_>>().join(".")
}

/// Replaces every statement that does not parse by spaces, and reports it. Offsets and lines stay.
fn blank_bad_statements(text: &str, base: usize, report: &mut Report) -> String {
    let statements = statements(text);
    let mut readable = text.to_owned().into_bytes();
    let mut index = 0;
    let mut header_is_bad = false;
    while index < statements.len() {
        let statement = statements[index].clone();
        let is_header = text[statement.clone()].trim_start().starts_with('[');
        match good_extent(text, &statements, index) {
            Ok(next) => {
                header_is_bad &= !is_header;
                if header_is_bad {
                    blank(&mut readable, statement.start..statements[next - 1].end, base, report);
                }
                index = next;
            }
            Err((message, span)) => {
                let place = Span { start: base + span.start, end: base + span.end };
                let (message, hint) = wording::explain_syntax(&message);
                report.problem(place, message, hint);
                header_is_bad |= is_header;
                blank(&mut readable, statement, base, report);
                index += 1;
            }
        }
    }
    String::from_utf8(readable).unwrap_or_default()
}

fn blank(readable: &mut [u8], range: Range<usize>, base: usize, report: &mut Report) {
    report.broken(Span { start: base + range.start, end: base + range.end });
    for byte in &mut readable[range] {
        if !matches!(byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
}

/// The index behind the statement at `index`, which may in truth go on over what looks like other
/// statements (a table or text of several lines); or the error and its place.
fn good_extent(text: &str, statements: &[Range<usize>], index: usize) -> Result<usize, (String, Range<usize>)> {
    let start = statements[index].start;
    let attempt = |end: usize| DeTable::parse(&text[start..end]).map(|_| ());
    let Err(error) = attempt(statements[index].end) else { return Ok(index + 1) };
    let opens = ["{", "[", "'''", "\"\"\""].iter().any(|mark| text[statements[index].clone()].contains(mark));
    for (next, statement) in statements.iter().enumerate().skip(index + 1).take(if opens { 60 } else { 0 }) {
        if attempt(statement.end).is_ok() {
            return Ok(next + 1);
        }
    }
    let span = error.span().unwrap_or(0..0);
    // An error at the end of a statement is shown behind its last visible character.
    let visible = text[start..statements[index].end].trim_end().len();
    let from = span.start.min(visible);
    Err((error.message().to_owned(), start + from..start + span.end.max(from)))
}

/// Stretches of whole lines, each of which looks like one statement with what belongs to it.
fn statements(text: &str) -> Vec<Range<usize>> {
    let mut starts = vec![];
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if looks_like_a_statement(line) {
            starts.push(offset);
        }
        offset += line.len();
    }
    if starts.first() != Some(&0) {
        starts.insert(0, 0);
    }
    starts.push(text.len());
    starts.windows(2).map(|pair| pair[0]..pair[1]).filter(|range| !range.is_empty()).collect()
}

fn looks_like_a_statement(line: &str) -> bool {
    let line = line.trim_end();
    let is_key = |key: &str| {
        !key.is_empty()
            && key
                .chars()
                .all(|character| character.is_alphanumeric() || matches!(character, '_' | '-' | '.' | '"' | '\'' | ' '))
    };
    if let Some(rest) = line.strip_prefix('[') {
        let name = rest.trim_start_matches('[');
        return name.chars().next().is_some_and(|first| first.is_alphabetic() || first == '"');
    }
    let unindented = !line.starts_with([' ', '\t']);
    match line.split_once('=') {
        Some((key, _)) => is_key(key.trim()) && !key.trim().contains(", "),
        // A line that is nothing at all is a statement of its own, so that it is told by itself.
        None => unindented && line.chars().next().is_some_and(char::is_alphanumeric),
    }
}
