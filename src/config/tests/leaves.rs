//! Single values: globs, patterns, formats, secrets.

use crate::config::read::Files;
use crate::config::{SecretError, SecretSource, pattern, suggest};
use crate::domain::register::DateFormat;
use proptest::prelude::*;

#[test]
fn date_formats() {
    assert_eq!(pattern::read_date_format("ticks-90khz"), Ok(DateFormat::Ticks90Khz));
    for format in ["%Y-%m-%d", "%Y%m%d-%H%M%S", "%d.%m.%y", "%Y年%m月%d日", "%s", "%Y-%m-%dT%H:%M:%S%z", "%b %d %Y"]
    {
        assert!(pattern::read_date_format(format).is_ok(), "{format}");
    }
    for format in ["%H:%M", "%Y-%m", "%", "%Y-%m-%!", "japan", "YYYY-MM-DD"] {
        assert!(pattern::read_date_format(format).is_err(), "{format}");
    }
}

#[test]
fn near_names_are_meant() {
    let known = ["facilities", "marketing", "support", "support-recordings"];
    let closest = |name: &str| suggest::closest(name, known);
    assert_eq!(closest("facility"), Some("facilities"));
    assert_eq!(closest("markting"), Some("marketing"));
    assert_eq!(closest("support_recordings"), Some("support-recordings"));
    assert_eq!(closest("sales"), None);
    assert_eq!(suggest::hint("sales", [], "declare it"), "declare it");
}

#[test]
fn globs_stay_beneath_the_root() {
    assert!(pattern::read_path_glob("**/*.{csv,tsv}").is_ok());
    for glob in ["/etc/*", "a/../../b", "[", "", "{a"] {
        assert!(pattern::read_path_glob(glob).is_err(), "{glob}");
    }
}

#[test]
fn register_globs_find_files_sorted() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["b.toml", "a.toml", "deep/c.toml", "note.txt"] {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "").unwrap();
    }
    let found = |glob: &str| {
        let paths = Files::default().matching(folder.path(), glob).unwrap();
        paths.iter().map(|path| path.strip_prefix(folder.path()).unwrap().display().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(found("*.toml"), ["a.toml", "b.toml"]);
    assert_eq!(found("**/*.toml"), ["a.toml", "b.toml", "deep/c.toml"]);
    assert_eq!(found("deep/c.toml"), ["deep/c.toml"]);
    assert_eq!(found(&format!("{}/d*/*.toml", folder.path().display())), ["deep/c.toml"]);
    assert!(found("x/*.toml").is_empty());
}

#[test]
fn secrets_are_read_without_their_line_end() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("smtp"), "hunter2\n").unwrap();
    std::fs::write(folder.path().join("empty"), "\n").unwrap();
    let credential = SecretSource::Credential("smtp".to_owned());
    assert_eq!(credential.read(Some(folder.path())).unwrap().reveal(), "hunter2");
    assert!(matches!(credential.read(None), Err(SecretError::NoCredentials(_))));
    let file = |name: &str| SecretSource::File(folder.path().join(name)).read(None);
    assert!(matches!(file("empty"), Err(SecretError::Empty(_))));
    assert!(matches!(file("gone"), Err(SecretError::Unreadable { .. })));
    assert!(!format!("{:?}", file("smtp").unwrap()).contains("hunter2"));
}

proptest! {
    /// Whatever the register's text is, reading it ends, never panics, and places every problem inside a file.
    #[test]
    fn any_text_is_answered(text in "(\\[[a-z.]{0,9}\\]\n|[a-z]{1,6} = ?[\"{\\[0-9a-zé]{0,4}\n|\\PC{0,8}\n){0,12}") {
        let problems = super::world::load_files(&[
            ("purposed.toml", super::world::SERVER),
            ("register/a.toml", super::world::ORGANISATION),
            ("register/b.toml", &text),
        ]);
        for problem in problems.err().into_iter().flatten() {
            prop_assert!(problem.line as usize <= text.lines().count().max(20) + 1, "{problem}");
        }
    }
}
