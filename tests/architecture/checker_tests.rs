//! The checks on made-up sources: each is shown what it must find, and what it must leave alone.

use crate::checks::{
    SourceFile, Violation, header, homes, layers, leftovers, printing, sizes, spread, unlisted, unproven,
};

fn file(path: &str, text: &str) -> SourceFile {
    SourceFile { path: path.to_owned(), text: text.to_owned() }
}

fn lines(violations: &[Violation]) -> Vec<usize> {
    violations.iter().map(|violation| violation.line).collect()
}

#[test]
fn an_import_upwards_is_found_with_its_line() {
    let source =
        file("src/rule/retention.rs", "//! Header.\nuse crate::domain::item::Item;\nuse crate::store::Store;\n");
    let found = layers(&source);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].to_string(), "src/rule/retention.rs:3: `rule` imports `store`: it may import domain");
}

#[test]
fn branches_of_a_use_tree_are_taken_apart() {
    let source = file(
        "src/mail/mod.rs",
        "use crate::{\n    domain::{letter, name::{Name, self}},\n    store::{self, outbox},\n    mail::smtp,\n};\n",
    );
    assert_eq!(lines(&layers(&source)), [3, 3]);
}

#[test]
fn paths_without_use_count_but_strings_and_comments_do_not() {
    let text = "fn f() {\n    // crate::app::act\n    let a = \"crate::app::act\";\n    crate::app::act(a);\n}\n";
    assert_eq!(lines(&layers(&file("src/source/csv.rs", text))), [4]);
}

#[test]
fn paths_within_macros_and_types_count() {
    let text = "fn f() { vec![crate::app::a()]; }\nfn g(x: &dyn Fn(crate::cli::X)) -> Vec<crate::mail::Y> {}\n";
    assert_eq!(lines(&layers(&file("src/domain/item.rs", text))), [1, 2, 2]);
}

#[test]
fn super_is_followed_out_of_a_layer_but_not_out_of_an_inline_module() {
    let inside = "mod tests {\n    use super::*;\n    use super::super::period;\n}\n";
    assert!(layers(&file("src/domain/item.rs", inside)).is_empty());
    let outside = "use super::super::store::Store;\n";
    assert_eq!(lines(&layers(&file("src/rule/retention.rs", outside))), [1]);
}

#[test]
fn adapters_do_not_know_each_other() {
    for (path, other) in [("src/source/a.rs", "store"), ("src/store/a.rs", "mail"), ("src/mail/a.rs", "source")] {
        let text = format!("use crate::{other}::Something;\n");
        assert_eq!(lines(&layers(&file(path, &text))), [1], "{path} imports {other}");
    }
}

#[test]
fn a_module_without_a_place_in_the_table_is_found() {
    assert_eq!(lines(&layers(&file("src/util.rs", "//! Things.\n"))), [1]);
}

#[test]
fn the_binary_knows_the_command_line_only() {
    assert!(layers(&file("src/main.rs", "fn main() { purposed::cli::main() }\n")).is_empty());
    assert_eq!(lines(&layers(&file("src/main.rs", "use purposed::store::Store;\n"))), [1]);
}

#[test]
fn crates_away_from_home_are_found() {
    let text = "use std::{fs, io};\nuse sqlx::Row;\nuse regex::Regex;\nfn f() { std::env::var(\"X\"); }\n";
    assert_eq!(lines(&homes(&file("src/rule/a.rs", text))), [1, 2, 4]);
    assert_eq!(lines(&homes(&file("src/source/a.rs", text))), [4]);
}

#[test]
fn the_longest_path_decides_where_something_is_at_home() {
    let text = "use std::net::{SocketAddr, TcpStream};\n";
    assert_eq!(homes(&file("src/config/settings.rs", text)).len(), 1);
    assert_eq!(homes(&file("src/rule/a.rs", text)).len(), 2);
}

#[test]
fn only_the_demo_of_app_writes_databases() {
    let text = "use sqlx::Row;\n";
    assert_eq!(lines(&homes(&file("src/app/scan.rs", text))), [1]);
    assert!(homes(&file("src/app/demo/index.rs", text)).is_empty());
}

#[test]
fn the_wall_clock_is_read_in_one_place() {
    let text =
        "fn f() { jiff::Timestamp::now(); }\nfn g() { Timestamp::now(); }\nfn h() { clock.now(); Clock::now(&c); }\n";
    assert_eq!(lines(&homes(&file("src/app/scan.rs", text))), [1, 2]);
    assert!(homes(&file("src/clock.rs", text)).is_empty());
}

#[test]
fn tests_beside_the_code_may_touch_the_disk() {
    let text = "#[cfg(test)]\nmod tests {\n    use std::fs;\n    fn f() { println!(); }\n}\nuse std::fs;\n";
    assert_eq!(lines(&homes(&file("src/rule/a.rs", text))), [6]);
    assert!(printing(&file("src/rule/a.rs", text)).is_empty());
    assert!(homes(&file("src/rule/tests.rs", "use std::fs;\n")).is_empty());
}

#[test]
fn printing_outside_the_command_line_is_found() {
    let text = "fn f() {\n    println!(\"x\");\n    write!(f, \"x\");\n    std::eprintln!();\n}\n";
    assert_eq!(lines(&printing(&file("src/app/scan.rs", text))), [2, 4]);
    assert!(printing(&file("src/cli/scan.rs", text)).is_empty());
}

#[test]
fn a_file_without_header_is_found() {
    assert_eq!(lines(&header(&file("src/a.rs", "use std::io;\n"))), [1]);
    assert_eq!(lines(&header(&file("src/a.rs", ""))), [1]);
    assert!(header(&file("src/a.rs", "//! What this file holds.\n")).is_empty());
}

#[test]
fn long_files_are_found_singly_and_on_the_whole() {
    let of = |lines: usize| file("src/a.rs", &"x;\n".repeat(lines));
    assert!(sizes(&[of(100), of(150), of(20)]).is_empty());
    assert_eq!(lines(&sizes(&[of(10), of(10), of(10), of(601)])), [601, 0]);
    assert_eq!(sizes(&[of(151), of(152), of(153)]).len(), 1);
    let ten: Vec<SourceFile> = (1..=10).map(|tens| of(tens * 10)).collect();
    assert_eq!(spread(&ten), (60, 100));
}

#[test]
fn leftovers_are_found() {
    let text = concat!(
        "// TO",
        "DO: later\n#[test]\n#[ig",
        "nore = \"slow\"]\nfn f() {}\n// TO",
        "DOS is a word of its own\n"
    );
    assert_eq!(lines(&leftovers(&file("src/a.rs", text))), [1, 3]);
}

#[test]
fn a_file_that_no_mod_line_names_is_found() {
    let files = [
        file("tests/it/main.rs", "//! Tests.\nmod scan;\nmod letters;\n"),
        file("tests/it/scan.rs", ""),
        file("tests/it/forgotten.rs", ""),
        file("tests/it/letters/mod.rs", "mod japanese;\n"),
        file("tests/it/letters/japanese.rs", ""),
        file("tests/it/letters/english.rs", ""),
    ];
    let found: Vec<String> = unlisted(&files, "tests/it/main.rs").into_iter().map(|violation| violation.path).collect();
    assert_eq!(found, ["tests/it/forgotten.rs", "tests/it/letters/english.rs"]);
}

#[test]
fn a_proof_that_does_not_exist_is_found() {
    let text = "**1. It holds.** See `some_name`.\n- Proven by: `a_real_test`,\n  `an_old_test` and `tests/x.py`.\n\n  `not_a_proof`\n";
    let files = [file("src/a.rs", "#[test]\nfn a_real_test() {}\n")];
    assert_eq!(lines(&unproven(&file("docs/invariants.md", text), &files)), [3]);
}
