//! Tests of XLSX workbooks.

use super::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};

/// A workbook that begins with a hidden sheet, as other software leaves them.
fn workbook(fill: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name("設定").unwrap().set_hidden(true).write(0, 0, "No").unwrap();
    let sheet = workbook.add_worksheet().set_name("名簿").unwrap();
    fill(sheet);
    sheet.set_active(true);
    workbook.save_to_buffer().unwrap()
}

#[test]
fn the_first_visible_sheet_is_read_with_its_types() {
    let content = workbook(|sheet| {
        let day = Format::new().set_num_format("yyyy/mm/dd");
        let time = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
        let era = Format::new().set_num_format("[$-411]ggge\"年\"m\"月\"d\"日\"");
        sheet.write_row(0, 0, ["参加者名簿 2024年度"]).unwrap();
        sheet.write_row(2, 0, ["氏名", " Ｎｏ", "開催日", "登録", "同意", "備考"]).unwrap();
        sheet.write(3, 0, "例示 太郎").unwrap();
        sheet.write(3, 1, 7).unwrap();
        sheet.write_with_format(3, 2, ExcelDateTime::from_ymd(2024, 4, 1).unwrap(), &day).unwrap();
        let at = ExcelDateTime::from_ymd(2024, 4, 1).unwrap().and_hms(13, 0, 0).unwrap();
        sheet.write_with_format(3, 3, at, &time).unwrap();
        sheet.write(3, 4, true).unwrap();
        sheet.write(5, 0, "0312345678").unwrap();
        sheet.write(5, 1, 312_345_678).unwrap();
        sheet.write(5, 2, 45_383).unwrap();
        sheet.write_with_format(5, 3, ExcelDateTime::from_ymd(2019, 5, 1).unwrap(), &era).unwrap();
        sheet.write(5, 4, "○").unwrap();
    });
    let world = World::new(&["No", "氏名", "開催日", "登録", "同意"]).with("a.xlsx", &content);
    assert_eq!(
        world.rows(),
        vec![
            (
                4,
                Ok(vec![
                    number(7.0),
                    text("例示 太郎"),
                    Kept::Date(date(2024, 4, 1)),
                    Kept::DateTime(date(2024, 4, 1).at(13, 0, 0, 0)),
                    Kept::Boolean(true),
                ])
            ),
            (
                6,
                Ok(vec![
                    number(312_345_678.0),
                    text("0312345678"),
                    number(45_383.0),
                    Kept::Date(date(2019, 5, 1)),
                    text("○"),
                ])
            ),
        ]
    );
}

#[test]
fn a_sheet_is_found_by_name_and_a_missing_one_is_told() {
    let content = workbook(|sheet| {
        sheet.write(0, 0, "No").unwrap();
        sheet.write(1, 0, "a").unwrap();
    });
    for (wanted, expected) in [("名簿", 1), (" 名簿", 1), ("設定", 0)] {
        let world = World::new(&["No"]).sheet(wanted).with("a.xlsm", &content);
        assert_eq!(world.rows().len(), expected, "{wanted}");
    }
    let world = World::new(&["No"]).sheet("購入").with("a.xlsx", &content);
    assert_eq!(world.problem(), ("file 1: no sheet `購入`".to_owned(), 0));
}

#[test]
fn a_header_is_where_the_register_says_or_told_missing() {
    let content = workbook(|sheet| {
        sheet.write_row(0, 0, ["No", "mail"]).unwrap();
        sheet.write_row(1, 0, ["No", "mail"]).unwrap();
        sheet.write_row(2, 0, ["1", "a@example.jp"]).unwrap();
    });
    let world = World::new(&["No", "mail"]).with("a.xlsx", &content);
    assert_eq!(world.rows().len(), 2);
    let world = World::new(&["No", "mail"]).header_row(2).with("a.xlsx", &content);
    assert_eq!(world.rows(), vec![(3, Ok(vec![text("1"), text("a@example.jp")]))]);
    let world = World::new(&["No", "mail"]).header_row(9).with("a.xlsx", &content);
    assert_eq!(world.problem(), ("file 1: no header row".to_owned(), 0));
    let world = World::new(&["No", "tel"]).with("a.xlsx", &content);
    assert_eq!(world.problem(), ("file 1: no column `tel`".to_owned(), 0));
}

#[test]
fn blank_rows_are_no_items_and_cells_beyond_the_header_make_a_row_unreadable() {
    let content = workbook(|sheet| {
        sheet.write_row(0, 0, ["No", "mail"]).unwrap();
        sheet.write(1, 0, "1").unwrap();
        sheet.write(2, 0, " \u{3000}").unwrap();
        sheet.write_blank(3, 0, &Format::new().set_bold()).unwrap();
        sheet.write(4, 1, "b@example.jp").unwrap();
        sheet.write_blank(4, 9, &Format::new().set_bold()).unwrap();
        sheet.write(5, 2, "a note").unwrap();
        sheet.write(7, 0, "合計").unwrap();
    });
    let world = World::new(&["No", "mail"]).with("a.xlsx", &content);
    assert_eq!(
        world.rows(),
        vec![
            (2, Ok(vec![text("1"), Kept::Empty])),
            (5, Ok(vec![Kept::Empty, text("b@example.jp")])),
            (6, Err("3 cells where the header has 2".to_owned())),
            (8, Ok(vec![text("合計"), Kept::Empty])),
        ]
    );
}

#[test]
fn formulas_give_what_was_calculated_and_errors_only_matter_where_they_are_wanted() {
    let content = workbook(|sheet| {
        sheet.write_row(0, 0, ["No", "mail", "備考"]).unwrap();
        sheet.write(1, 0, Formula::new("=1+1").set_result("2")).unwrap();
        sheet.write(1, 1, Formula::new("=A1").set_result("a@example.jp")).unwrap();
        sheet.write(1, 2, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
        sheet.write(2, 1, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
    });
    let world = World::new(&["No", "mail"]).with("a.xlsx", &content);
    assert_eq!(
        world.rows(),
        vec![
            (2, Ok(vec![number(2.0), text("a@example.jp")])),
            (3, Err("the field `mail` holds an error of calculation".to_owned())),
        ]
    );
}

#[test]
fn readings_above_kanji_are_no_part_of_a_text() {
    let content = xlsx_of(
        "<si><t>No</t></si><si><t>山田</t><rPh sb=\"0\" eb=\"2\"><t>ヤマダ</t></rPh></si><si/>\
         <si><r><t>太</t></r><r><t xml:space=\"preserve\"> 郎</t></r></si>",
        "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row><row r=\"2\"><c r=\"A2\" t=\"s\"><v>1</v></c></row>\
         <row r=\"3\"><c r=\"A3\" t=\"s\"><v>3</v></c></row><row r=\"4\"><c r=\"A4\" t=\"s\"><v>2</v></c></row>\
         <row r=\"5\"><c r=\"A5\" t=\"d\"><v>2024-04-01</v></c></row>\
         <row r=\"6\"><c r=\"A6\" t=\"d\"><v>2024-04-01T10:00:00</v></c></row>",
        "",
    );
    let world = World::new(&["No"]).with("a.xlsx", &content);
    assert_eq!(
        world.rows(),
        vec![
            (2, Ok(vec![text("山田")])),
            (3, Ok(vec![text("太 郎")])),
            (5, Ok(vec![Kept::Date(date(2024, 4, 1))])),
            (6, Ok(vec![Kept::DateTime(date(2024, 4, 1).at(10, 0, 0, 0))])),
        ]
    );
}

#[test]
fn old_macintosh_workbooks_count_from_1904() {
    let content = xlsx_of(
        "<si><t>No</t></si>",
        "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row><row r=\"2\"><c r=\"A2\" s=\"1\"><v>43921</v></c></row>\
         <row r=\"3\"><c r=\"A3\"><v>43921</v></c></row><row r=\"4\"><c r=\"A4\" s=\"1\"><v>-1</v></c></row>",
        "<workbookPr date1904=\"1\"/>",
    );
    let world = World::new(&["No"]).with("a.xlsx", &content);
    assert_eq!(
        world.rows(),
        vec![
            (2, Ok(vec![Kept::Date(date(2024, 4, 1))])),
            (3, Ok(vec![Kept::Number(43_921.0, SerialEpoch::Y1904)])),
            (4, Ok(vec![Kept::Number(-1.0, SerialEpoch::Y1904)])),
        ]
    );
}

#[test]
fn fields_of_the_file_itself_are_the_same_in_every_row() {
    let content = workbook(|sheet| {
        sheet.write_row(0, 0, ["No"]).unwrap();
        sheet.write_row(1, 0, ["1"]).unwrap();
        sheet.write_row(2, 0, ["2"]).unwrap();
    });
    let mut world = World::new(&["No"]).with("list-2025.xlsx", &content);
    world.fields.push(field("year", FieldAccess::Name(r"-(\d{4})\.".to_owned())));
    world.fields.push(field("purpose", FieldAccess::Constant("direct-marketing".to_owned())));
    let row = |number| vec![text(number), text("2025"), text("direct-marketing")];
    assert_eq!(world.rows(), vec![(2, Ok(row("1"))), (3, Ok(row("2")))]);
}

/// A workbook of one sheet, written by hand; style 1 is a date.
pub fn xlsx_of(strings: &str, rows: &str, properties: &str) -> Vec<u8> {
    xlsx_with(
        &format!("<sst xmlns=\"x\" count=\"9\" uniqueCount=\"9\">{strings}</sst>"),
        format!("<worksheet><dimension ref=\"A1:A9\"/><sheetData>{rows}</sheetData></worksheet>").as_bytes(),
        properties,
    )
}

/// The same from whole parts.
pub fn xlsx_with(strings: &str, sheet: &[u8], properties: &str) -> Vec<u8> {
    let workbook = format!(
        "<workbook xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\">{properties}<sheets>\
         <sheet name=\"list\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
    );
    let types = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package_relations = format!(
        "<Relationships><Relationship Id=\"r1\" Type=\"{types}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
    );
    let relations = format!(
        "<Relationships><Relationship Id=\"rId1\" Type=\"{types}/worksheet\" Target=\"worksheets/sheet1.xml\"/>\
         </Relationships>"
    );
    let styles = "<styleSheet><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>";
    package(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("_rels/.rels", package_relations.as_bytes()),
        ("xl/workbook.xml", workbook.as_bytes()),
        ("xl/_rels/workbook.xml.rels", relations.as_bytes()),
        ("xl/styles.xml", styles.as_bytes()),
        ("xl/sharedStrings.xml", strings.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet),
    ])
}
