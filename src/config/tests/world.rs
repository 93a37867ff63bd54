//! Configurations of several files in a temporary folder, for tests.

use crate::config::{ConfigProblem, Loaded, load};
use std::path::Path;

/// A configuration in which nothing is wrong, as small as it can be.
pub(super) const SERVER: &str = "version = 1\nregister = \"register/*.toml\"\n\
    [mail]\nfrom = \"privacy@example.co.jp\"\n[mail.maildir]\npath = \"outbox\"\n\
    [roots]\nlists = \"data/lists\"\npbx = \"data/monitor\"\n[connections]\nnvr = \"sqlite:data/nvr.db\"\n";

/// The organisation, two people, a division, two purposes and a category.
pub(super) const ORGANISATION: &str = "[organisation]\nname = \"Example\"\ncontact_point = \"privacy@example.co.jp\"\n\
    privacy_manager = \"boss\"\n[people]\nboss = { email = \"boss@example.co.jp\" }\n\
    pic = { name = \"In charge\", email = \"pic@example.co.jp\", language = \"en\" }\n\
    [divisions.sales]\nperson_in_charge = \"pic\"\n\
    [purposes.support]\nground = \"notice\"\n[purposes.mailing]\n\
    [categories.lists]\npurposes = [\"support\", \"mailing\"]\n";

/// A dataset in which nothing is wrong, to put something wrong behind.
pub(super) const DATASET: &str = "[datasets.leads]\ndivision = \"sales\"\ncategory = \"lists\"\npurposes = [\"support\"]\n\
    keep = { for = \"1 year\", from = \"since\" }\n";

/// Its source.
pub(super) const SOURCE: &str = "[datasets.leads.source]\nroot = \"lists\"\nfiles = \"*.csv\"\n\
    fields.id = \"No\"\nfields.since = \"Since\"\nfields.email = \"Mail\"\n";

/// Writes the files and loads them. Places are relative to the folder.
pub(super) fn load_files(files: &[(&str, &str)]) -> Result<Loaded, Vec<ConfigProblem>> {
    with_files(files, |folder| load(&folder.join("purposed.toml")))
}

/// Writes the files and does something with the folder; its name is taken out of problems.
pub(super) fn with_files<T>(
    files: &[(&str, &str)],
    act: impl FnOnce(&Path) -> Result<T, Vec<ConfigProblem>>,
) -> Result<T, Vec<ConfigProblem>> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let prefix = format!("{}/", folder.path().display());
    act(folder.path()).map_err(|problems| {
        let shown = |text: String| text.replace(&prefix, "");
        problems
            .into_iter()
            .map(|problem| ConfigProblem {
                file: shown(problem.file),
                hint: problem.hint.map(shown),
                message: shown(problem.message),
                ..problem
            })
            .collect()
    })
}

/// The problems of a register file beside [`SERVER`] and [`ORGANISATION`], one per two lines.
pub(super) fn faults(register: &str) -> String {
    faults_of(&[("purposed.toml", SERVER), ("register/a.toml", ORGANISATION), ("register/b.toml", register)])
}

/// The problems of these files, one per two lines.
pub(super) fn faults_of(files: &[(&str, &str)]) -> String {
    match load_files(files) {
        Ok(_) => String::new(),
        Err(problems) => told(&problems),
    }
}

/// Problems as `purposed check` prints them.
pub(super) fn told(problems: &[ConfigProblem]) -> String {
    problems.iter().fold(String::new(), |text, problem| text + &problem.to_string() + "\n")
}

/// What a register that has this besides [`ORGANISATION`] loads as.
pub(super) fn loaded(register: &str) -> Loaded {
    let files = [("purposed.toml", SERVER), ("register/a.toml", ORGANISATION), ("register/b.toml", register)];
    load_files(&files).unwrap_or_else(|problems| panic!("{}", told(&problems)))
}
