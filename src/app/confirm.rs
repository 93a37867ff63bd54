//! `purposed confirm DATASET`: the word that a source which shrank or became empty is right as it is, or that the
//! letters of a first scan may go to the person in charge.

use super::AppError;
use super::letters::write_now;
use super::session::{Session, dataset};
use crate::domain::instant::Instant;
use crate::store::Confirmation;
use serde::{Deserialize, Serialize};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmRequest {
    /// The dataset.
    pub dataset: String,
}

/// What was confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmAnswer {
    /// The letters of the dataset's first scan may go to the person in charge.
    pub released: bool,
    /// How many letters were written for that; the others wait for their send time.
    pub letters: u64,
    /// What kept them from leaving; the confirmation is stored all the same.
    pub undelivered: Option<String>,
}

/// Confirms the dataset as it was last seen; the next scan resolves what is gone. Where the letters of its first scan
/// wait for that word, those that may leave are written; sending them is for the caller. `user` gave the command.
///
/// # Errors
/// [`AppError`] when there is no such dataset, or nothing of it waits for a confirmation.
pub fn confirm(
    session: &Session,
    request: &ConfirmRequest,
    user: &str,
    now: Instant,
) -> Result<ConfirmAnswer, AppError> {
    let name = dataset(&session.loaded, &request.dataset)?.0;
    let confirmation = {
        // No scan that read what is known before this word stores over it.
        let _alone = session.settle();
        session.store.confirm(name, user, now)?
    };
    match confirmation {
        Confirmation::Noted => Ok(ConfirmAnswer { released: false, letters: 0, undelivered: None }),
        Confirmation::Released => {
            let written = write_now(session, now)?;
            Ok(ConfirmAnswer { released: true, letters: written.message_ids.len() as u64, undelivered: None })
        }
        Confirmation::NothingHeld => Err(AppError::Argument(format!(
            "nothing of `{name}` waits for a confirmation\n  hint: where an empty source is as it should be, write \
             `may_be_empty = true` in the register"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Environment;
    use crate::app::session::load;
    use crate::store::Access;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    const SERVER: &str = r#"
version = 1
register = ["register.toml"]
[service]
state = "state"
[mail]
from = "privacy@example.co.jp"
[mail.maildir]
path = "outbox"
[roots]
lists = "lists"
"#;

    const REGISTER: &str = r#"
[organisation]
name = "Example Networks"
contact_point = "privacy@example.co.jp"
privacy_manager = "manager"
auditor = "auditor"
time_zone = "Asia/Tokyo"
[people]
manager = { name = "Privacy manager", email = "manager@example.co.jp" }
auditor = { name = "Auditor", email = "auditor@example.co.jp" }
pic = { name = "Support lead", email = "support@example.co.jp" }
[divisions.support]
person_in_charge = "pic"
[purposes.care]
ground = "notice"
[categories.customers]
purposes = ["care"]
[datasets.callers]
division = "support"
category = "customers"
purposes = ["care"]
[datasets.callers.source]
root = "lists"
files = "callers.csv"
items = "rows"
fields = { id = "id" }
"#;

    #[test]
    fn a_word_waits_for_whoever_is_storing_what_follows_from_what_was_known() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("purposed.toml");
        std::fs::write(&file, SERVER).unwrap();
        std::fs::write(folder.path().join("register.toml"), REGISTER).unwrap();
        let environment = Environment {
            credentials_directory: None,
            state_directory: None,
            user: "admin".to_owned(),
            temporary_folder: folder.path().to_owned(),
        };
        let session = Session::open(load(&file).unwrap(), &environment, Access::Write).unwrap();
        let (said, heard) = channel();
        let request = ConfirmRequest { dataset: "callers".to_owned() };
        std::thread::scope(|scope| {
            let storing = session.settle();
            let (session, request) = (&session, &request);
            scope.spawn(move || said.send(confirm(session, request, "admin", Instant::default()).is_err()));
            assert!(heard.recv_timeout(Duration::from_millis(200)).is_err(), "it did not wait");
            drop(storing);
            // It was never scanned, so that there is nothing to confirm.
            assert_eq!(heard.recv_timeout(Duration::from_secs(20)), Ok(true));
        });
    }
}
