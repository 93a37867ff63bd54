//! The sources: whether they can be read as the register describes them, and whether this user could write to them.

use super::{Check, Subject};
use crate::app::check::{sources, unread_settings};
use crate::domain::register::Place;
use crate::source;
use std::collections::BTreeSet;

const ABOUT: &str = "sources";

pub(super) fn look(subject: &Subject<'_>) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut roles = BTreeSet::new();
    for (what, spec) in sources(&subject.loaded.register) {
        match source::probe(spec) {
            Ok(problems) if problems.is_empty() => checks.push(Check::ok(ABOUT, format!("{what} can be read"))),
            Ok(problems) => {
                let hint = "see `purposed check --connect`";
                checks.extend(
                    problems.iter().map(|problem| Check::warning(ABOUT, format!("{what}: {}", problem.example), hint)),
                );
            }
            Err(error) => {
                let hint = match spec.place {
                    Place::Server { .. } => "see the guide: docs/guide/databases.md",
                    Place::Folder { .. } | Place::Lists { .. } | Place::Sqlite { .. } => {
                        "see the guide: docs/guide/install.md, \"Letting it read\""
                    }
                };
                checks.push(Check::failed(ABOUT, format!("{what}: {error}"), hint));
            }
        }
        if let Some(writable) = source::writable(spec).filter(|_| !subject.is_root) {
            let hint = "give this user the right to read alone; the shipped unit keeps the service from writing anyway";
            checks.push(Check::warning(ABOUT, format!("{what}: this user may change {writable}"), hint));
        }
        // Where the server cannot be asked, it cannot be read either, and that is told above.
        if let Ok(Some(told)) = source::may_write(spec) {
            roles.insert(told);
        }
    }
    let hint = "see the guide: docs/guide/product-settings.md";
    let unread = unread_settings(&subject.loaded.register);
    checks.extend(unread.map(|told| Check::warning(ABOUT, told, hint)));
    let hint = "see the guide: docs/guide/databases.md";
    checks.extend(roles.into_iter().map(|told| Check::warning(ABOUT, told, hint)));
    checks
}
