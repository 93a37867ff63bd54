//! Whether letters could leave, found out without sending any and without leaving anything behind.

use super::{Transport, Way};
use rustix::fs::{Access, access};
use std::path::Path;

impl Transport {
    /// Goes as far as one can without a letter: to the login at a mail server, to the right to write a maildir or to
    /// start a program. The answer is why letters could not leave, in words without addresses.
    ///
    /// # Errors
    /// Why letters could not leave.
    pub async fn probe(&self) -> Result<(), String> {
        match &self.way {
            Way::Smtp(server) => server.probe().await,
            Way::Maildir(path) => maildir(path),
            Way::Sendmail { command, .. } => {
                let found = access(command, Access::EXEC_OK);
                found.map_err(|errno| format!("it cannot be started: {}", std::io::Error::from(errno).kind()))
            }
        }
    }
}

/// A maildir is made with its first letter: then the nearest folder that is there decides.
fn maildir(path: &Path) -> Result<(), String> {
    let inside = path.join("new");
    let nearest = inside.ancestors().find(|folder| folder.exists()).unwrap_or(path);
    if !nearest.is_dir() {
        return Err("something else than a folder is in its place".to_owned());
    }
    access(nearest, Access::WRITE_OK | Access::EXEC_OK)
        .map_err(|errno| format!("it cannot be written: {}", std::io::Error::from(errno).kind()))
}
