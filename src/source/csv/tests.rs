//! CSV files read whole: against the `csv` crate, and case by case.

use super::*;
use crate::domain::register::{ListEncoding, SourceSpec};
use crate::source::file_fields::FileFields;
use crate::source::gathered::{Gathered, Told, column, lists};
use crate::source::root;
use encoding_rs::SHIFT_JIS;
use proptest::prelude::*;
use std::fs::File;
use std::io::Write;
use std::sync::atomic::AtomicU64;

struct Case<'c> {
    bytes: &'c [u8],
    name: &'c str,
    columns: &'c [&'c str],
    encoding: Option<ListEncoding>,
    header_row: Option<u32>,
    stretch_bytes: usize,
    threads: usize,
}

impl<'c> Case<'c> {
    fn of(bytes: &'c [u8], columns: &'c [&'c str]) -> Self {
        Self { bytes, name: "a.csv", columns, encoding: None, header_row: None, stretch_bytes: 1 << 20, threads: 2 }
    }

    fn spec(&self) -> SourceSpec {
        let fields = self.columns.iter().map(|name| column(name, &[name])).collect();
        lists(std::path::Path::new("/nowhere"), "*.csv", fields)
    }

    fn read(&self) -> (PartOutcome, Vec<Told>) {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(self.bytes).unwrap();
        let spec = self.spec();
        let wanted = vec![true; spec.fields.len()];
        let (cancel, progress) = (AtomicBool::new(false), AtomicU64::new(0));
        let request = Request {
            source: &spec,
            wanted: &wanted,
            narrowing: None,
            only_part: None,
            cancel: &cancel,
            progress: &progress,
        };
        let fields = FileFields::compile(&request).unwrap();
        let file = list_file(file, self.name);
        let values = FileValues::of(&fields, &file);
        let form = ListForm { encoding: self.encoding, sheet: None, header_row: self.header_row, columns: None };
        let gathered = Gathered::default();
        let outcome =
            read_in_stretches(&request, file, form, &values, &gathered, self.threads, self.stretch_bytes).unwrap();
        let told = gathered.sorted();
        assert_eq!(outcome.report.items, told.len() as u64, "items are told once each");
        (outcome, told)
    }

    /// The values and unreadable rows with their lines, of a part that must be whole.
    fn rows(&self) -> Vec<String> {
        let (outcome, told) = self.read();
        assert!(outcome.report.whole, "{:?}", outcome.problems);
        lines(&told)
    }

    fn problem(&self) -> String {
        let (outcome, _) = self.read();
        assert!(!outcome.report.whole);
        assert_eq!(outcome.problems.len(), 1);
        outcome.problems[0].example.clone()
    }
}

fn list_file(file: File, name: &str) -> ListFile {
    let seen = rustix::fs::fstat(&file).unwrap();
    ListFile {
        part: crate::source::Part { ordinal: 2, name: name.to_owned() },
        file,
        size_bytes: u64::try_from(seen.st_size).unwrap(),
        modified: root::instant(seen.st_mtime, u32::try_from(seen.st_mtime_nsec).unwrap()),
        path: name.as_bytes().to_vec(),
    }
}

fn lines(told: &[Told]) -> Vec<String> {
    let text = |told: &Told| match &told.values {
        Ok(values) => format!("{}: {}", told.place, values.join("|")),
        Err(why) => format!("{}! {why}", told.place),
    };
    told.iter().map(text).collect()
}

fn cp932(text: &str) -> Vec<u8> {
    let (bytes, _, had_errors) = SHIFT_JIS.encode(text);
    assert!(!had_errors);
    bytes.into_owned()
}

fn utf16(text: &str, big_endian: bool) -> Vec<u8> {
    let unit = |unit: u16| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() };
    text.encode_utf16().flat_map(unit).collect()
}

const DIFFICULT: &str = "番号,氏名,備考\r\n1,ソ表能十予,髙橋①㈱\r\n2,\"ｶﾅ,\r\n～－∥\",ｿ\\|\r\n3,,\r\n";

fn difficult_rows() -> Vec<String> {
    ["2: 1|髙橋①㈱|ソ表能十予", "3: 2|ｿ\\||ｶﾅ,\r\n～－∥", "5: 3|-|-"].map(str::to_owned).to_vec()
}

const DIFFICULT_COLUMNS: &[&str] = &["番号", "備考", "氏名"];

#[test]
fn every_encoding_gives_the_same_rows() {
    let marked = ["\u{feff}", DIFFICULT].concat();
    let detected: [Vec<u8>; 5] = [
        DIFFICULT.as_bytes().to_vec(),
        marked.as_bytes().to_vec(),
        cp932(DIFFICULT),
        utf16(&marked, false),
        utf16(&marked, true),
    ];
    for bytes in &detected {
        for stretch_bytes in [16, 40, 1 << 20] {
            let case = Case { stretch_bytes, ..Case::of(bytes, DIFFICULT_COLUMNS) };
            assert_eq!(case.rows(), difficult_rows());
        }
    }
    let bare = utf16(DIFFICULT, false);
    let case = Case { encoding: Some(ListEncoding::Utf16), ..Case::of(&bare, DIFFICULT_COLUMNS) };
    assert_eq!(case.rows(), difficult_rows());
    let declared = cp932(DIFFICULT);
    let case = Case { encoding: Some(ListEncoding::Cp932), ..Case::of(&declared, DIFFICULT_COLUMNS) };
    assert_eq!(case.rows(), difficult_rows());
    let case = Case { encoding: Some(ListEncoding::Cp932), ..Case::of(marked.as_bytes(), DIFFICULT_COLUMNS) };
    assert_eq!(case.rows(), difficult_rows(), "a mark wins over what is declared");
}

#[test]
fn a_file_that_is_ascii_for_long_and_cp932_at_its_end_is_read_as_cp932() {
    let mut bytes = b"id,name\n".to_vec();
    for id in 0..100_000 {
        bytes.extend_from_slice(format!("{id},somebody or other\n").as_bytes());
    }
    bytes.extend_from_slice(&cp932("100000,髙橋\n"));
    let case = Case { stretch_bytes: 64 << 10, ..Case::of(&bytes, &["id", "name"]) };
    let rows = case.rows();
    assert_eq!(rows.len(), 100_001);
    assert_eq!(rows[100_000], "100002: 100000|髙橋");
}

#[test]
fn broken_bytes_make_their_own_row_unreadable() {
    let text = "id,名前\n1,山田太郎\n2,X\n3,鈴木花子\n";
    let broken = |bytes: Vec<u8>| {
        bytes.iter().flat_map(|&byte| if byte == b'X' { vec![0xff, 0xfe] } else { vec![byte] }).collect()
    };
    let files: [Vec<u8>; 2] = [broken(text.as_bytes().to_vec()), broken(cp932(text))];
    for bytes in &files {
        let expected = ["2: 1|山田太郎", "3! bytes that are no text in the file's encoding", "4: 3|鈴木花子"];
        assert_eq!(Case::of(bytes, &["id", "名前"]).rows(), expected);
    }
}

#[test]
fn ragged_rows_are_told_with_their_lines_and_blank_ones_are_no_items() {
    let text = "a,b,c\n1,2,3\n\"x\ny\",2\n4,5,6,7\n5,6,7,,\n,,\n\n8,9,\n \u{3000},,,,\n\"\",,\n9\n";
    let expected = [
        "2: 1|3",
        "3! 2 cells where the header has 3",
        "5! 4 cells where the header has 3",
        "6: 5|7",
        "9: 8|-",
        "12! 1 cell where the header has 3",
    ];
    assert_eq!(Case::of(text.as_bytes(), &["a", "c"]).rows(), expected);
    let trailing = "a,b,,\n1,2\n3,4,,\n5,6,,7\n";
    let expected = ["2: 1|2", "3: 3|4", "4! 4 cells where the header has 2"];
    assert_eq!(Case::of(trailing.as_bytes(), &["a", "b"]).rows(), expected);
}

#[test]
fn a_row_whose_wanted_cells_are_blank_is_an_item_all_the_same() {
    assert_eq!(Case::of(b"a,b\n,x\n , \n", &["a"]).rows(), ["2: -"]);
}

#[test]
fn line_ends_of_all_kinds() {
    for text in ["a,b\n1,2\n3,4", "a,b\r\n1,2\r\n3,4\r\n", "a,b\r1,2\r3,4\r", "a,b\r1,2\r3,4"] {
        for stretch_bytes in 1..12 {
            let case = Case { stretch_bytes, ..Case::of(text.as_bytes(), &["b", "a"]) };
            assert_eq!(case.rows(), ["2: 2|1", "3: 4|3"], "{text:?}");
        }
    }
}

#[test]
fn quotes_that_do_not_begin_a_cell_are_ordinary() {
    let mut text = "id,size\n".to_owned();
    for id in 0..200 {
        text.extend([&id.to_string(), ",5\" disk\n"]);
        if id % 3 == 0 {
            text.extend([&id.to_string(), ",\"two\nlines\"\n"]);
        }
    }
    let whole = Case::of(text.as_bytes(), &["id", "size"]).rows();
    assert_eq!(whole.len(), 267);
    assert_eq!(&whole[..3], ["2: 0|5\" disk", "3: 0|two\nlines", "5: 1|5\" disk"]);
    for stretch_bytes in [7, 20, 33, 64, 100] {
        assert_eq!(Case { stretch_bytes, ..Case::of(text.as_bytes(), &["id", "size"]) }.rows(), whole);
    }
}

#[test]
fn cuts_that_prove_wrong_are_made_again() {
    // Two stray quotes with a quoted line end between them: the pairs suggest a cut within that cell.
    let text = "a,b\n1,5\"\n2,\"x\ny\nz\"\n3,6\"\n4,w\n";
    for stretch_bytes in 1..40 {
        let case = Case { stretch_bytes, ..Case::of(text.as_bytes(), &["a", "b"]) };
        assert_eq!(case.rows(), ["2: 1|5\"", "3: 2|x\ny\nz", "6: 3|6\"", "7: 4|w"], "{stretch_bytes}");
    }
}

#[test]
fn a_quote_that_is_never_closed_leaves_the_part_not_whole() {
    for stretch_bytes in [4, 1 << 20] {
        let case = Case { stretch_bytes, ..Case::of(b"a,b\n1,2\n3,\"4\n5,6\n", &["a", "b"]) };
        assert_eq!(case.problem(), "file 2, line 3: a quote is never closed");
        assert_eq!(lines(&case.read().1), ["2: 1|2", "3! a quote is never closed"]);
    }
}

#[test]
fn a_huge_record_is_one_unreadable_item_and_ends_the_reading() {
    let mut bytes = b"a,b\n1,2\n3,".to_vec();
    bytes.resize(bytes.len() + stretches::LARGEST_RECORD_BYTES, b'x');
    bytes.extend_from_slice(b"\n4,5\n");
    let case = Case::of(&bytes, &["a", "b"]);
    assert_eq!(case.problem(), "file 2, line 3: a row is larger than 16 MB, or a quote is never closed");
    assert_eq!(lines(&case.read().1)[0], "2: 1|2");
    assert_eq!(case.read().1.len(), 2);
}

#[test]
fn a_file_whose_copy_was_cut_off_is_not_whole() {
    let whole = "a,b\n1,東京\n2,大阪\n".as_bytes();
    assert_eq!(Case::of(whole, &["a", "b"]).rows().len(), 2);
    let cut = &whole[..whole.len() - 2];
    let problem = "file 2: it ends in the middle of a character: it was not written to its end";
    assert_eq!(Case::of(cut, &["a", "b"]).problem(), problem);
    let holed = [whole, &[0; 100]].concat();
    let problem = "file 2: it ends in NUL bytes: it was not written to its end";
    assert_eq!(Case::of(&holed, &["a", "b"]).problem(), problem);
    // A character of CP932 may end in what looks like the beginning of one in UTF-8.
    assert_eq!(Case::of(&cp932("a,b\n1,東京\n2,ソ能予胸"), &["a", "b"]).rows().len(), 2);
}

#[test]
fn nul_bytes_are_text() {
    assert_eq!(Case::of(b"a,b\n\0,x\0y\n", &["a", "b"]).rows(), ["2: \0|x\0y"]);
}

#[test]
fn the_header_may_stand_below_titles_or_where_it_is_declared() {
    let text = "名簿\n作成,2027/1/1\n\n番号,氏名\n1,山田\n番号,氏名\n2,鈴木\n";
    let rows = ["5: 1|山田", "6: 番号|氏名", "7: 2|鈴木"];
    assert_eq!(Case::of(text.as_bytes(), &["番号", "氏名"]).rows(), rows);
    assert_eq!(Case { header_row: Some(4), ..Case::of(text.as_bytes(), &["番号", "氏名"]) }.rows(), rows);
    assert_eq!(Case { header_row: Some(6), ..Case::of(text.as_bytes(), &["番号", "氏名"]) }.rows(), rows[2..]);
    let wrong = Case { header_row: Some(2), ..Case::of(text.as_bytes(), &["番号", "氏名"]) };
    assert_eq!(wrong.problem(), "file 2: no column `番号`, no column `氏名`");
    let below = format!("{}番号,氏名\n1,山田\n", "x\n".repeat(40_000));
    let declared = Case { header_row: Some(40_001), ..Case::of(below.as_bytes(), &["番号"]) };
    assert_eq!(declared.rows(), ["40002: 1"]);
}

#[test]
fn a_file_without_header_is_a_problem() {
    assert_eq!(Case::of(b"", &["a"]).problem(), "file 2: no header row");
    assert_eq!(Case::of(b"\n\n \n", &["a"]).problem(), "file 2: no header row");
    assert_eq!(Case::of(b"x\n1\n", &["a"]).problem(), "file 2: no column `a`");
    assert!(Case::of(b"a,b\n", &["a"]).rows().is_empty());
}

#[test]
fn the_delimiter_is_found_on_the_header() {
    for (name, text) in [
        ("a.csv", "a;b\n1;2,5\n"),
        ("a.csv", "a\tb\n1\t2,5\n"),
        ("a.txt", "a\tb\n1\t2,5\n"),
        ("a.tsv", "a\tb\n1\t2,5\n"),
        ("a.txt", "a,b\n1,\"2,5\"\n"),
        ("A.TXT", "a;b\n1;2,5\n"),
    ] {
        let case = Case { name, ..Case::of(text.as_bytes(), &["a", "b"]) };
        assert_eq!(case.rows(), ["2: 1|2,5"], "{name} {text:?}");
    }
    assert_eq!(Case::of(b"a;b\n1;2\n", &[]).rows().len(), 1);
}

fn by_the_csv_crate(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(true).flexible(true).from_reader(bytes);
    let rows = reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect::<Vec<_>>());
    rows.filter(|row| row.iter().any(|cell| !cell.trim().is_empty())).collect()
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

/// The line on which each row starts, counted the plain way.
fn starts(rows: &[Vec<String>], line_end: &str) -> Vec<u64> {
    let mut line = 2;
    let mut starts = Vec::new();
    for row in rows {
        starts.push(line);
        let text = row.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",") + line_end;
        line += text.replace("\r\n", "\n").replace('\r', "\n").matches('\n').count() as u64;
    }
    starts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn stretches_of_any_size_give_what_a_serial_reader_gives(
        rows in prop::collection::vec(prop::collection::vec("[ab\"\n\r,é山 ]{0,6}", 3), 0..30),
        line_end in prop::sample::select(vec!["\n", "\r\n"]),
        stretch_bytes in 1_usize..64,
        has_last_end: bool,
    ) {
        let mut text = format!("x,y,z{line_end}");
        for row in &rows {
            text += &(row.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",") + line_end);
        }
        if !has_last_end && !rows.is_empty() {
            text.truncate(text.len() - line_end.len());
        }
        let expected = by_the_csv_crate(text.as_bytes());
        let (outcome, told) = Case { stretch_bytes, ..Case::of(text.as_bytes(), &["x", "y", "z"]) }.read();
        prop_assert!(outcome.report.whole);
        let plain = |cell: &String| if cell.is_empty() { "-".to_owned() } else { cell.clone() };
        let expected: Vec<Vec<String>> = expected.iter().map(|row| row.iter().map(plain).collect()).collect();
        let found: Vec<Vec<String>> = told.iter().map(|told| told.values.clone().unwrap()).collect();
        prop_assert_eq!(found, expected);
        let is_item = |row: &Vec<String>| row.iter().any(|cell| !cell.trim().is_empty());
        let lines = starts(&rows, line_end);
        let lines: Vec<u64> = rows.iter().zip(lines).filter(|(row, _)| is_item(row)).map(|(_, line)| line).collect();
        prop_assert_eq!(told.iter().map(|told| told.place).collect::<Vec<_>>(), lines);
    }

    #[test]
    fn whatever_the_bytes_the_size_of_stretches_changes_nothing(
        text in "[ab\"\n\r,;\t山]{0,200}",
        stretch_bytes in 1_usize..64,
        as_cp932: bool,
    ) {
        let text = format!("a,b\n{text}");
        let bytes = if as_cp932 { cp932(&text) } else { text.into_bytes() };
        let serial = Case { threads: 1, ..Case::of(&bytes, &["a", "b"]) }.read();
        let parallel = Case { stretch_bytes, ..Case::of(&bytes, &["a", "b"]) }.read();
        prop_assert_eq!(serial, parallel);
    }
}
