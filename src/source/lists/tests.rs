//! Folders of list files: which files are parts, and what of them is a problem.

use super::part_name;
use crate::domain::register::{FieldAccess, ListColumns, Place, SourceSpec};
use crate::source::gathered::{Told, column, field, lists, read_all, read_part};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use tempfile::TempDir;

fn made(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn rows(told: &[Told]) -> Vec<String> {
    let text = |told: &Told| format!("{}:{} {}", told.part, told.place, told.values.as_ref().unwrap().join("|"));
    told.iter().map(text).collect()
}

#[test]
fn files_are_parts_in_the_order_of_their_paths() {
    let folder =
        made(&[("b.csv", "id\n1\n"), ("a/z.csv", "name,id\nx,2\n3,4\n"), ("a.csv", "id\n"), ("a/note.md", "id\n9\n")]);
    let (report, told) = read_all(&lists(folder.path(), "**/*.csv", vec![column("id", &["id"])])).unwrap();
    let parts: Vec<_> =
        report.parts.iter().map(|part| (part.part.ordinal, part.part.name.as_str(), part.items)).collect();
    assert_eq!(parts, [(1, "a.csv", 0), (2, "a/z.csv", 2), (3, "b.csv", 1)]);
    assert!(report.problems.is_empty() && report.parts.iter().all(|part| part.whole));
    assert_eq!(rows(&told), ["2:2 2", "2:3 4", "3:2 1"]);
    let (report, told) =
        read_part(&lists(folder.path(), "**/*.csv", vec![column("id", &["id"])]), Some("b.csv")).unwrap();
    assert_eq!((report.parts.len(), report.parts[0].part.ordinal), (1, 3), "ordinals stay the same");
    assert_eq!(rows(&told), ["3:2 1"]);
}

#[test]
fn a_file_whose_header_does_not_fit_is_partial_and_the_others_are_read() {
    let folder = made(&[
        ("1.csv", "id,secret header\n1,x\n"),
        ("2.csv", "id,mail,E-mail\n1,x,y\n"),
        ("3.csv", "E-mail,id\na@example.com,3\n"),
        ("4.csv", ""),
    ]);
    let fields = vec![column("id", &["id"]), column("email", &["mail", "E-mail"])];
    let (report, told) = read_all(&lists(folder.path(), "*.csv", fields)).unwrap();
    assert_eq!(rows(&told), ["3:2 3|a@example.com"]);
    let whole: Vec<bool> = report.parts.iter().map(|part| part.whole).collect();
    assert_eq!(whole, [false, false, true, false]);
    let problems: Vec<_> = report.problems.iter().map(|problem| problem.example.as_str()).collect();
    assert_eq!(
        problems,
        [
            "file 1: no column `mail` or `E-mail`",
            "file 2: columns `mail` and `E-mail` are both there: which of them is meant?",
            "file 4: no header row",
        ]
    );
    assert!(report.problems.iter().all(|problem| problem.reason == "partial" && problem.items == 0));
}

#[test]
fn fields_of_the_file_are_values_of_its_rows() {
    let folder = made(&[("2026/list-0415.csv", "id\n1\n")]);
    let fields = vec![
        field("purpose", FieldAccess::Constant("seminar".to_owned())),
        column("id", &["id"]),
        field("day", FieldAccess::Path(r"(\d{4})/list-(\d{4})".to_owned())),
        field("name", FieldAccess::Name("^list".to_owned())),
        field("time", FieldAccess::FileTime),
    ];
    let (_, told) = read_all(&lists(folder.path(), "**/*.csv", fields)).unwrap();
    let values = told[0].values.as_ref().unwrap();
    assert_eq!(values[..4], ["seminar", "1", "2026 0415", "list"]);
    assert!(values[4].starts_with("Instant("));
}

#[test]
fn links_and_pipes_are_no_list_files_and_nothing_blocks() {
    let outside = made(&[("secret.csv", "id\n1\n")]);
    let folder = made(&[("a.csv", "id\n1\n")]);
    std::os::unix::fs::symlink(outside.path().join("secret.csv"), folder.path().join("link.csv")).unwrap();
    std::os::unix::fs::symlink(outside.path(), folder.path().join("linked")).unwrap();
    let pipe = folder.path().join("pipe.csv");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
    let (report, told) = read_all(&lists(folder.path(), "**/*.csv", vec![column("id", &["id"])])).unwrap();
    assert_eq!((report.parts.len(), told.len()), (1, 1));
}

#[test]
fn no_file_is_no_part() {
    let folder = made(&[]);
    let (report, _) = read_all(&lists(folder.path(), "*.csv", Vec::new())).unwrap();
    assert!(report.parts.is_empty() && report.problems.is_empty());
}

#[test]
fn a_file_of_another_ending_is_told() {
    let folder = made(&[("a.pdf", "id\n1\n")]);
    let (report, _) = read_all(&lists(folder.path(), "*", vec![column("id", &["id"])])).unwrap();
    assert_eq!(report.problems[0].example, "file 1: the file has none of the endings of a list");
}

#[test]
fn only_what_the_register_wants_is_read_of_a_declared_form() {
    let folder = made(&[("a.csv", "title\nid,b\n1,2\n")]);
    let mut spec = lists(folder.path(), "*.csv", vec![column("id", &["id"])]);
    if let Place::Lists { header_row, .. } = &mut spec.place {
        *header_row = Some(2);
    }
    assert_eq!(rows(&read_all(&spec).unwrap().1), ["1:3 1"]);
}

#[test]
fn large_files_are_read_by_several_threads() {
    let mut text = "id,note\n".to_owned();
    for id in 0..200_000 {
        text.extend([&id.to_string(), ",\"a note, long enough to make the file a large one\"\n"]);
    }
    assert!(text.len() > 10 << 20);
    let folder = made(&[("a.csv", &text), ("b.csv", "id\n1\n")]);
    let (report, told) = read_all(&lists(folder.path(), "*.csv", vec![column("id", &["id"])])).unwrap();
    assert_eq!(report.parts.iter().map(|part| part.items).collect::<Vec<_>>(), [200_000, 1]);
    assert!(
        (0_u64..)
            .zip(&told[..200_000])
            .all(|(id, told)| { told.place == id + 2 && told.values.as_ref().unwrap()[0] == id.to_string() })
    );
}

#[test]
fn names_of_parts_tell_bytes_that_are_no_text_apart() {
    assert_eq!(part_name("名簿.csv".as_bytes()), "名簿.csv");
    assert_eq!(part_name(b"\x96\xbc.csv"), r"\x96\xbc.csv");
    let folder = TempDir::new().unwrap();
    for name in [b"\xff.csv", b"\xfe.csv"] {
        fs::write(folder.path().join(Path::new(OsStr::from_bytes(name))), "id\n1\n").unwrap();
    }
    let (report, _) = read_all(&lists(folder.path(), "*.csv", vec![column("id", &["id"])])).unwrap();
    let names: Vec<_> = report.parts.iter().map(|part| part.part.name.as_str()).collect();
    assert_eq!(names, [r"\xfe.csv", r"\xff.csv"]);
}

/// A source of lists whose columns the register names; the field `id` is one that no row does without.
fn named(folder: &Path, files: &str, names: &[&str], fields: &[(&str, &str)]) -> SourceSpec {
    let fields = fields.iter().map(|(name, read_from)| column(name, &[read_from])).collect();
    let mut spec = lists(folder, files, fields);
    let id = spec.field("id");
    if let Place::Lists { columns, .. } = &mut spec.place {
        let mut by_position = ListColumns { names: names.iter().map(ToString::to_string).collect(), least_cells: 0 };
        if let Some(id) = id {
            by_position.require(&spec.fields[id]);
        }
        *columns = Some(by_position);
    }
    spec
}

#[test]
fn without_a_header_the_first_row_is_an_item_and_rows_are_as_long_as_they_like() {
    let text = "a,1,x\r\nb,2\r\n\r\nc\r\n\"d, \"\"e\"\"\",4,x,y,z\r\n,,,\r\n,5\r\n";
    let folder = made(&[("a.csv", text), ("b.csv", "")]);
    let spec = named(
        folder.path(),
        "*.csv",
        &["name", "number", "note"],
        &[("name", "name"), ("id", "number"), ("note", "note")],
    );
    let (report, told) = read_all(&spec).unwrap();
    assert_eq!(report.parts.iter().map(|part| (part.items, part.whole)).collect::<Vec<_>>(), [(5, true), (0, true)]);
    let line = |told: &Told| (told.place, told.values.as_ref().map_or_else(Clone::clone, |values| values.join("|")));
    let expected =
        [(1, "a|1|x"), (2, "b|2|-"), (4, "1 cell where at least 2 are needed"), (5, "d, \"e\"|4|x"), (7, "-|5|-")];
    let expected = expected.map(|(place, text)| (place, text.to_owned()));
    assert_eq!(told.iter().map(line).collect::<Vec<_>>(), expected);
}

#[test]
fn without_a_header_the_delimiter_is_the_one_that_makes_cells() {
    let names = ["id", "b", "c"];
    for (file, text) in
        [("a.csv", "1\t2\t3\n"), ("a.csv", "1;2,5;3\n"), ("a.txt", "\n\n1,2,3\n"), ("a.tsv", "1\t2,5\t3\n")]
    {
        let folder = made(&[(file, text)]);
        let (_, told) = read_all(&named(folder.path(), "*", &names, &[("id", "id"), ("c", "c")])).unwrap();
        assert_eq!(told[0].values.as_ref().unwrap(), &["1", "3"], "{file} {text:?}");
    }
}

#[test]
fn a_sheet_without_a_header_is_read_by_position() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_row(0, 0, ["a", "b"]).unwrap();
    sheet.write_row(2, 0, ["c", "d", "e", "f"]).unwrap();
    let folder = made(&[]);
    fs::write(folder.path().join("a.xlsx"), workbook.save_to_buffer().unwrap()).unwrap();
    let spec = named(folder.path(), "*.xlsx", &["id", "x", "note"], &[("id", "id"), ("note", "note")]);
    assert_eq!(rows(&read_all(&spec).unwrap().1), ["1:1 a|-", "1:3 c|e"]);
}

#[test]
fn large_files_without_a_header_are_read_by_several_threads() {
    let mut text = String::new();
    for id in 0..200_000 {
        text.extend([&id.to_string(), ",\"a note, long enough to make the file a large one\"\n"]);
    }
    let folder = made(&[("a.csv", &text)]);
    let (report, told) =
        read_all(&named(folder.path(), "*.csv", &["id", "note", "more"], &[("id", "id"), ("more", "more")])).unwrap();
    assert_eq!(report.parts[0].items, 200_000);
    let is_right = |(id, told): (u64, &Told)| {
        told.place == id + 1 && *told.values.as_ref().unwrap() == [id.to_string(), "-".to_owned()]
    };
    assert!((0_u64..).zip(&told).all(is_right));
}
