//! `purposed confirm DATASET`: the word that a source which shrank or became empty is right as it is.

use super::session::{Session, dataset, load};
use super::{AppError, Environment};
use crate::clock::Clock;
use crate::domain::instant::Instant;
use crate::store::{Access, Confirmation};
use std::path::Path;

/// Confirms the dataset as it was last seen, at `now` or the present instant; the next scan resolves what is gone.
///
/// # Errors
/// [`AppError`] when there is no such dataset, or nothing of it waits for a confirmation.
pub fn confirm(
    config_file: &Path,
    name: &str,
    now: Option<Instant>,
    environment: &Environment,
) -> Result<(), AppError> {
    let loaded = load(config_file)?;
    let name = dataset(&loaded, name)?.0.clone();
    let session = Session::open(loaded, environment, Access::Write)?;
    let now = now.unwrap_or_else(|| Clock::System.now());
    match session.store.confirm(&name, &environment.user, now)? {
        Confirmation::Noted => Ok(()),
        Confirmation::NothingHeld => Err(AppError::Argument(format!("nothing of `{name}` waits for a confirmation"))),
    }
}
