//! Splitting against the `csv` crate, and cuts against splitting.

use super::*;
use crate::source::csv::structure::tally;
use proptest::prelude::*;

fn split(text: &str) -> Vec<Vec<String>> {
    let mut splitter = Splitter::new(text.as_bytes(), b',', 1);
    let mut records = Vec::new();
    while splitter.advance() == Step::Record {
        let cell = |index| {
            let (start, end) = splitter.cell(index);
            unquoted(&text[start..end]).into_owned()
        };
        if splitter.span().0 != splitter.span().1 {
            records.push((0..splitter.cells()).map(cell).collect());
        }
    }
    records
}

fn by_the_csv_crate(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// Ends of records by the splitter, leaving out those of which the bytes do not tell yet.
fn ends(bytes: &[u8]) -> Vec<usize> {
    let mut splitter = Splitter::new(bytes, b',', 1);
    let mut ends = Vec::new();
    while splitter.advance() == Step::Record {
        let end = splitter.next().0;
        if bytes[end - 1] == b'\n' || (bytes[end - 1] == b'\r' && end < bytes.len()) {
            ends.push(end);
        }
    }
    ends
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_text_splits_as_the_csv_crate_splits_it(text in "[ab\"\n\r,山]{0,120}\n") {
        // Within quotes that never close there is nothing to agree about.
        let mut splitter = Splitter::new(text.as_bytes(), b',', 1);
        let last = std::iter::from_fn(|| Some(splitter.advance())).find(|&step| step != Step::Record);
        if last != Some(Step::End) {
            return Ok(());
        }
        prop_assert_eq!(split(&text), by_the_csv_crate(&text));
    }

    #[test]
    fn exact_cuts_are_ends_of_records(text in "[ab\"\n\r,]{0,150}") {
        let bytes = text.as_bytes();
        prop_assert_eq!(exact_boundary(bytes, b','), ends(bytes).last().copied());
    }

    #[test]
    fn likely_cuts_are_exact_where_quotes_come_in_pairs(
        cells in prop::collection::vec("[ab\"\n\r,]{0,6}", 1..30),
        cut in 0_usize..1000,
    ) {
        let cell = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
        let text = cells.iter().map(cell).collect::<Vec<_>>().join("\n");
        let bytes = &text.as_bytes()[..cut.min(text.len())];
        prop_assert_eq!(likely_boundary(bytes, tally(bytes).quotes), exact_boundary(bytes, b','));
    }
}

#[test]
fn quotes_are_taken_off() {
    for (cell, text) in
        [("a", "a"), ("\"a\"", "a"), ("\"a\"\"b\"", "a\"b"), ("\"a\"b\"c", "ab\"c"), ("\"\"", ""), ("\"", "")]
    {
        assert_eq!(unquoted(cell), text);
    }
    assert!(matches!(unquoted("\"a\""), Cow::Borrowed(_)));
}

#[test]
fn lines_are_counted_within_quotes_too() {
    let mut splitter = Splitter::new(b"a,\"x\r\ny\rz\n\"\r\nb\rc\n", b',', 7);
    let mut lines = Vec::new();
    while splitter.advance() == Step::Record {
        lines.push(splitter.line());
    }
    assert_eq!(lines, [7, 11, 12]);
}
