//! Tests of ODS workbooks.

use super::*;

/// A package whose content has these automatic styles and tables.
pub fn ods_of(styles: &str, tables: &str) -> Vec<u8> {
    let content = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><office:document-content><office:automatic-styles>{styles}\
         </office:automatic-styles><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>\
         </office:document-content>"
    );
    package(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", content.as_bytes()),
        ("META-INF/manifest.xml", b"<manifest:manifest/>"),
    ])
}

fn cell(shown: &str) -> String {
    format!("<table:table-cell office:value-type=\"string\"><text:p>{shown}</text:p></table:table-cell>")
}

fn row(cells: &[&str]) -> String {
    format!("<table:table-row>{}</table:table-row>", cells.concat())
}

fn table(name: &str, style: &str, rows: &str) -> String {
    format!("<table:table table:name=\"{name}\" table:style-name=\"{style}\"><table:table-column/>{rows}</table:table>")
}

#[test]
fn every_kind_of_cell_is_read() {
    let rows = [
        row(&[&cell("No"), &cell("氏名"), &cell("開催日"), &cell("登録"), &cell("同意")]),
        row(&[
            "<table:table-cell office:value-type=\"float\" office:value=\"7\"><text:p>007</text:p></table:table-cell>",
            "<table:table-cell office:value-type=\"string\"><office:annotation><text:p>秘密</text:p></office:annotation>\
             <text:p>例示 <text:span>太</text:span><text:s text:c=\"2\"/><text:ruby><text:ruby-base>郎</text:ruby-base>\
             <text:ruby-text>ロウ</text:ruby-text></text:ruby> &amp; &#x5b50;</text:p><text:p>二行目</text:p></table:table-cell>",
            "<table:table-cell office:value-type=\"date\" office:date-value=\"2024-04-01\"><text:p>R6/4/1</text:p></table:table-cell>",
            "<table:table-cell office:value-type=\"date\" office:date-value=\"2024-04-01T13:30:15\"/>",
            "<table:table-cell office:value-type=\"boolean\" office:boolean-value=\"true\"><text:p>TRUE</text:p></table:table-cell>",
        ]),
        row(&[
            "<table:table-cell office:value-type=\"string\" office:string-value=\"\" calcext:value-type=\"error\">\
             <text:p>#REF!</text:p></table:table-cell>",
        ]),
        row(&["<table:covered-table-cell/>", &cell("b"), "<table:table-cell table:number-columns-repeated=\"16382\"/>"]),
        "<table:table-row table:number-rows-repeated=\"1048570\"><table:table-cell table:number-columns-repeated=\"16384\"/>\
         </table:table-row>"
            .to_owned(),
    ];
    let world = World::new(&["No", "氏名", "開催日", "登録", "同意"])
        .with("a.ods", &ods_of("", &table("名簿", "ta1", &rows.concat())));
    assert_eq!(
        world.rows(),
        vec![
            (
                2,
                Ok(vec![
                    number(7.0),
                    text("例示 太  郎 & 子\n二行目"),
                    Kept::Date(date(2024, 4, 1)),
                    Kept::DateTime(date(2024, 4, 1).at(13, 30, 15, 0)),
                    Kept::Boolean(true),
                ])
            ),
            (3, Err("the field `No` holds an error of calculation".to_owned())),
            (4, Ok(vec![Kept::Empty, text("b"), Kept::Empty, Kept::Empty, Kept::Empty])),
        ]
    );
}

#[test]
fn repeated_rows_and_cells_are_as_many_as_they_say() {
    let rows = [
        "<table:table-header-rows>".to_owned()
            + &row(&[&cell("No"), &cell("a"), &cell("b")])
            + "</table:table-header-rows>",
        "<table:table-row table:number-rows-repeated=\"3\"><table:table-cell/></table:table-row>".to_owned(),
        "<table:table-row-group><table:table-row table:number-rows-repeated=\"3\">\
         <table:table-cell table:number-columns-repeated=\"2\" office:value-type=\"string\"><text:p>x</text:p>\
         </table:table-cell></table:table-row></table:table-row-group>"
            .to_owned(),
    ];
    let world = World::new(&["No", "a", "b"]).with("a.ods", &ods_of("", &table("t", "", &rows.concat())));
    let values = || Ok(vec![text("x"), text("x"), Kept::Empty]);
    assert_eq!(world.rows(), vec![(5, values()), (6, values()), (7, values())]);
}

#[test]
fn hidden_sheets_are_passed_over_unless_they_are_named() {
    let styles = "<style:style style:name=\"ta1\" style:family=\"table\"><style:table-properties table:display=\"true\"/>\
                  </style:style><style:style style:name=\"ta2\" style:family=\"table\">\
                  <style:table-properties table:display=\"false\"/></style:style>";
    let list = |value: &str| row(&[&cell("No")]) + &row(&[&cell(value)]);
    let tables = table("隠し", "ta2", &list("hidden")) + &table("名簿", "ta1", &list("shown"));
    let content = ods_of(styles, &tables);
    let world = World::new(&["No"]).with("a.ods", &content);
    assert_eq!(world.rows(), vec![(2, Ok(vec![text("shown")]))]);
    let world = World::new(&["No"]).sheet("隠し").with("a.ods", &content);
    assert_eq!(world.rows(), vec![(2, Ok(vec![text("hidden")]))]);
    let world = World::new(&["No"]).sheet("購入").with("a.ods", &content);
    assert_eq!(world.problem(), ("file 1: no sheet `購入`".to_owned(), 0));
}

#[test]
fn a_row_that_is_repeated_for_ever_is_refused() {
    let endless = "<table:table-row table:number-rows-repeated=\"4000000000\"><table:table-cell office:value-type=\"string\">\
                   <text:p>x</text:p></table:table-cell></table:table-row>";
    let rows = row(&[&cell("No")]) + &row(&[&cell("1")]) + endless;
    let world = World::new(&["No"]).with("a.ods", &ods_of("", &table("t", "", &rows)));
    assert_eq!(world.problem(), ("file 1: row 3 is repeated beyond the end of a sheet".to_owned(), 1));

    let wide = "<table:table-row><table:table-cell table:number-columns-repeated=\"4000000000\" \
                office:value-type=\"string\"><text:p>x</text:p></table:table-cell></table:table-row>";
    let rows = row(&[&cell("No")]) + wide;
    let world = World::new(&["No"]).with("a.ods", &ods_of("", &table("t", "", &rows)));
    assert_eq!(world.problem(), ("file 1: row 2: a cell lies beyond the last column of a sheet".to_owned(), 0));
}
