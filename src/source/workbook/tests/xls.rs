//! XLS, from files that `tests/data/make_xls.py` made.

use super::*;

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)).unwrap()
}

fn expected(epoch: SerialEpoch) -> Vec<Given> {
    let number = |value| Kept::Number(value, epoch);
    vec![
        (
            4,
            Ok(vec![
                number(1.0),
                text("例示 一郎"),
                Kept::Date(date(2024, 4, 1)),
                Kept::DateTime(date(2024, 4, 1).at(13, 30, 15, 0)),
                Kept::Boolean(true),
            ]),
        ),
        (5, Ok(vec![number(2.0), text("例示 花子"), Kept::Date(date(2000, 2, 29)), Kept::Empty, Kept::Boolean(false)])),
        (6, Ok(vec![number(3.5), text("0312345678"), number(45_000.0), Kept::Empty, Kept::Empty])),
        (9, Err("the field `氏名` holds an error of calculation".to_owned())),
        (10, Err("8 cells where the header has 5".to_owned())),
    ]
}

#[test]
fn an_old_workbook_is_read_with_its_types_and_its_hidden_sheet_passed_over() {
    for (name, epoch) in [("list.xls", SerialEpoch::Y1900), ("list-1904.xls", SerialEpoch::Y1904)] {
        let world = World::new(&["No", "氏名", "開催日", "登録", "同意"]).with("a.xls", &fixture(name));
        assert_eq!(world.rows(), expected(epoch), "{name}");
    }
}

#[test]
fn a_workbook_is_what_it_contains_whatever_its_name_says() {
    let world = World::new(&["No", "氏名", "開催日", "登録", "同意"]).with("a.xlsx", &fixture("list.xls"));
    assert_eq!(world.rows().len(), 5);
    let world = World::new(&["No"]).sheet("notes").with("a.xls", &fixture("list.xls"));
    assert_eq!(world.rows().len(), 0);
}

#[test]
fn a_far_cell_is_refused_before_a_table_is_made_of_it() {
    let world = World::new(&["No"]).with("a.xls", &fixture("far-cell.xls"));
    let (problem, items) = world.problem();
    assert_eq!(items, 0);
    assert_eq!(problem, "file 1: a cell of the workbook lies so far away that its table would not fit in memory");
}

#[test]
fn no_damage_makes_the_reader_panic_or_hang() {
    let whole = fixture("list.xls");
    let mut random = 0x9e37_79b9_u32;
    for _ in 0..400 {
        let mut content = whole.clone();
        for _ in 0..4 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = (random >> 8) as usize % content.len();
            content[at] = random.to_le_bytes()[1];
        }
        World::new(&["No", "氏名"]).with("a.xls", &content).read();
    }
    for length in (0..whole.len()).step_by(97) {
        World::new(&["No", "氏名"]).with("a.xls", &whole[..length]).read();
    }
}
