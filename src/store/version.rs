//! The version of the SQLite that the program was built with.

use super::database::Database;
use super::error::StoreError;
use std::path::Path;

/// The version of SQLite, such as `3.51.3`.
///
/// # Errors
/// [`StoreError`] when no database can be opened in memory.
pub fn sqlite_version() -> Result<String, StoreError> {
    Database::read(Path::new(":memory:"))?
        .run(async |connection| Ok(sqlx::query_scalar("SELECT sqlite_version()").fetch_one(connection).await?))
}
