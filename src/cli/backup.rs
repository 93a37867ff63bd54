//! `purposed backup PATH`.

use super::arguments::Backup;
use super::environment;
use super::output::{Answer, Exit, print};
use crate::app::backup::backup;
use crate::notify::count;

pub(super) fn run(arguments: &Backup) -> Answer {
    let answer =
        environment::run(|| backup(&arguments.config.path, &arguments.copy, arguments.with_key, &environment::read()))?;
    let (length, hash) = &answer.head;
    let key = match &answer.key_file {
        Some(file) => format!("the digest key is in {}: keep it in another place than the copy\n", file.display()),
        None => "without the digest key, which a restored copy needs: keep it in another place\n".to_owned(),
    };
    print(&format!(
        "{}: {} bytes, pages and evidence checked\n{}: head {length}:{hash}\n{key}",
        answer.copy.display(),
        count(answer.bytes),
        answer.head_file.display(),
    ))?;
    Ok(Exit::Success)
}
