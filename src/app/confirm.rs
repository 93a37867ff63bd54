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
