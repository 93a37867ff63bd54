//! Files that are not what they seem: each is told in one problem, and takes no more memory than others.

use super::xlsx::{xlsx_of, xlsx_with};
use super::*;

const HEADER: &str = "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>";
const STRINGS: &str = "<sst count=\"1\" uniqueCount=\"1\"><si><t>No</t></si></sst>";
const BOMB: &str = "file 1: the workbook unpacks to far more than a list needs: it may be a zip bomb";

fn problem_of(name: &str, content: &[u8]) -> (String, usize) {
    World::new(&["No"]).with(name, content).problem()
}

#[test]
fn what_is_no_workbook_is_told() {
    let not_one = "file 1: the file is not a workbook, whatever its name says".to_owned();
    let damaged = "file 1: the workbook is damaged".to_owned();
    assert_eq!(problem_of("a.xlsx", b""), (not_one.clone(), 0));
    assert_eq!(problem_of("a.xls", b"<html><table></table></html>"), (not_one.clone(), 0));
    assert_eq!(problem_of("~$a.xlsx", &[b"\x06Office".as_slice(), &[0; 158]].concat()), (not_one.clone(), 0));
    assert_eq!(problem_of("a.ods", b"PK\x03\x04 and nothing more"), (damaged.clone(), 0));
    assert_eq!(problem_of("a.xlsx", &package(&[("readme.txt", b"x")])), (not_one, 0));
    assert_eq!(problem_of("a.xls", &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0]), (damaged.clone(), 0));
    let binary = problem_of("a.xlsx", &package(&[("xl/workbook.bin", b"x")])).0;
    assert!(binary.contains("XLSB"), "{binary}");
    let text = package(&[("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", b"<a/>")]);
    assert_eq!(problem_of("a.ods", &text).0, "file 1: the file is a document, but not a workbook");

    let mut cut = xlsx_of("<si><t>No</t></si>", HEADER, "");
    cut.truncate(cut.len() - 30);
    assert_eq!(problem_of("a.xlsx", &cut), (damaged.clone(), 0));
    let mut flipped = xlsx_of("<si><t>No</t></si>", &HEADER.repeat(50), "");
    let middle = flipped.len() / 2;
    flipped[middle..middle + 40].fill(0x55);
    assert_eq!(problem_of("a.xlsx", &flipped), (damaged, 0));
}

#[test]
fn protected_workbooks_are_told_apart_from_damaged_ones() {
    let protected = "file 1: the workbook is protected by a password; keep a copy without one, or take it off";
    let manifest = b"<m:manifest><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>";
    let ods = package(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", &[0x9c; 500]),
        ("META-INF/manifest.xml", manifest),
    ]);
    assert_eq!(problem_of("a.ods", &ods), (protected.to_owned(), 0));

    let mut file = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
    std::io::Write::write_all(&mut file.create_stream("/EncryptedPackage").unwrap(), &[7; 9000]).unwrap();
    file.flush().unwrap();
    assert_eq!(problem_of("a.xlsx", file.into_inner().get_ref()), (protected.to_owned(), 0));
}

#[test]
fn a_lone_far_cell_is_read_without_a_table_around_it() {
    let rows = format!(
        "{HEADER}<row r=\"2\"><c r=\"A2\"><v>5</v></c></row><row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>"
    );
    let world = World::new(&["No"]).with("a.xlsx", &xlsx_of("<si><t>No</t></si>", &rows, ""));
    assert_eq!(
        world.rows(),
        vec![(2, Ok(vec![number(5.0)])), (1_048_576, Err("16384 cells where the header has 1".to_owned()))]
    );
}

#[test]
fn addresses_that_no_sheet_has_make_a_part_partial_and_not_the_program_panic() {
    for address in ["AAAAAAAAAAAAAA1", "A99999999999999999999", "ZZZZ2", "2", "", "Ä2"] {
        let rows = format!("{HEADER}<row r=\"2\"><c r=\"{address}\"><v>5</v></c></row>");
        let (problem, items) = problem_of("a.xlsx", &xlsx_of("<si><t>No</t></si>", &rows, ""));
        assert!(problem.starts_with("file 1: "), "{problem}");
        assert_eq!(items, 0, "{address}");
    }
}

#[test]
fn bombs_are_refused() {
    let spaces = " ".repeat(40 << 20);
    let sheet = format!("<worksheet><sheetData>{HEADER}{}</sheetData></worksheet>", "<row></row>".repeat(4 << 20));
    assert_eq!(problem_of("a.xlsx", &xlsx_with(STRINGS, sheet.as_bytes(), "")), (BOMB.to_owned(), 0));
    let long = format!("<worksheet><sheetData>{}</sheetData></worksheet>", &spaces[..9 << 20]);
    let too_long = "file 1: the workbook has a text that is longer than a cell can hold".to_owned();
    assert_eq!(problem_of("a.xlsx", &xlsx_with(STRINGS, long.as_bytes(), "")), (too_long, 0));

    let too_many = "file 1: the workbook has more strings than a sheet can use".to_owned();
    let announced = STRINGS.replace("uniqueCount=\"1\"", "uniqueCount=\"99999999999999\"");
    let sheet = format!("<worksheet><sheetData>{HEADER}</sheetData></worksheet>");
    assert_eq!(problem_of("a.xlsx", &xlsx_with(&announced, sheet.as_bytes(), "")), (too_many.clone(), 0));
    let strings = format!("<sst>{}</sst>", "<si/>".repeat((1 << 22) + 1));
    assert_eq!(problem_of("a.xlsx", &xlsx_with(&strings, sheet.as_bytes(), "")), (too_many, 0));

    let content = [
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet".as_slice()),
        ("content.xml", spaces.as_bytes()),
    ];
    assert!(problem_of("a.ods", &package(&content)).0.ends_with("longer than a cell can hold"));
}

#[test]
fn a_workbook_of_too_many_entries_is_refused() {
    let names: Vec<String> = (0..10_001).map(|index| format!("xl/{index}.xml")).collect();
    let entries: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), b"".as_slice())).collect();
    assert_eq!(problem_of("a.xlsx", &package(&entries)).0, "file 1: the workbook has more than 10000 entries");
}
