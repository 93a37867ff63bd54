//! Whether this process could change a source, if it wanted to. It never does; but whoever takes it over could, so
//! that an administrator is told. Nothing is tried: the system is asked.

use super::root;
use crate::domain::register::{Place, SourceSpec};
use rustix::fd::{AsFd as _, OwnedFd};
use rustix::fs::{Access, AtFlags, RawDir, access, accessat};
use std::mem::MaybeUninit;

/// So many entries of a root are asked about: a sample, since a root may have millions.
const SAMPLE: usize = 500;

/// What of the source this user may change, in words; nothing when it may only read.
#[must_use]
pub fn writable(source: &SourceSpec) -> Option<&'static str> {
    match &source.place {
        Place::Folder { root, .. } | Place::Lists { root, .. } => {
            if access(&root.path, Access::WRITE_OK).is_ok() {
                return Some("the folder itself");
            }
            root::open_root(root).ok().and_then(|folder| any_writable(&folder)).map(|()| "something in the folder")
        }
        Place::Sqlite { path, .. } => {
            if access(path, Access::WRITE_OK).is_ok() {
                return Some("the database file");
            }
            let folder = path.parent()?;
            access(folder, Access::WRITE_OK).is_ok().then_some("the folder of the database")
        }
        // What a role may do there is asked of the server itself: `may_write`.
        Place::Server { .. } => None,
    }
}

/// Whether something that lies directly in the folder may be changed.
fn any_writable(folder: &OwnedFd) -> Option<()> {
    let mut buffer = [MaybeUninit::uninit(); 16 * 1024];
    let mut entries = RawDir::new(folder.as_fd(), &mut buffer);
    for _ in 0..SAMPLE {
        let entry = entries.next()?.ok()?;
        let is_itself = matches!(entry.file_name().to_bytes(), b"." | b"..");
        let is_link = entry.file_type() == rustix::fs::FileType::Symlink;
        if !is_itself
            && !is_link
            && accessat(folder.as_fd(), entry.file_name(), Access::WRITE_OK, AtFlags::empty()).is_ok()
        {
            return Some(());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::name::{ConnectionName, RootName};
    use crate::domain::register::{Relation, Root};
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    fn source(place: Place) -> SourceSpec {
        SourceSpec { place, fields: Vec::new(), identity: None, time_zone: jiff::tz::TimeZone::UTC }
    }

    fn folder(path: &Path) -> SourceSpec {
        let root = Root { name: RootName::new("pbx").unwrap(), path: path.to_owned(), must_be_mount: false };
        source(Place::Folder { root, files: Vec::new(), exclude: Vec::new() })
    }

    #[test]
    fn what_may_be_changed_is_told_and_nothing_is_tried() {
        let is_root = rustix::process::geteuid().is_root();
        let made = tempfile::tempdir().unwrap();
        assert_eq!(writable(&folder(made.path())), Some("the folder itself"));
        let database = made.path().join("nvr.db");
        fs::write(&database, "").unwrap();
        let connection = ConnectionName::new("nvr").unwrap();
        let relation = Relation::Table("recordings".to_owned());
        let sqlite = source(Place::Sqlite { connection, path: database.clone(), relation });
        assert_eq!(writable(&sqlite), Some("the database file"));
        fs::set_permissions(&database, fs::Permissions::from_mode(0o444)).unwrap();
        fs::set_permissions(made.path(), fs::Permissions::from_mode(0o555)).unwrap();
        // Root may change everything, whatever the permissions say.
        assert_eq!(writable(&sqlite).is_some(), is_root);
        assert_eq!(writable(&folder(made.path())).is_some(), is_root);
        fs::set_permissions(&database, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(writable(&folder(made.path())).is_some(), "one of its files may be changed");
        fs::set_permissions(made.path(), fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(writable(&folder(&made.path().join("missing"))), None);
    }
}
