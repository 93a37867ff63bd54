//! The state: where it lies, who may see it, whether it can be used, and what is left of the disk.

use super::{Check, Subject};
use crate::app::picture::{StateFolder, state_folder};
use crate::app::session::Session;
use crate::notify::count;
use crate::store::{Access, Store, database_path};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

const ABOUT: &str = "state";

const MEBIBYTE: u64 = 1024 * 1024;
const FEWEST_BYTES: u64 = StateFolder::FEWEST_BYTES;
const FEW_BYTES: u64 = 512 * MEBIBYTE;

/// File systems on which SQLite's locks and logs cannot be relied upon, by their numbers in `statfs`.
const FAR: [(i64, &str); 10] = [
    (0x6969, "NFS"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB"),
    (0x517b, "SMB"),
    (0x0102_1997, "9P"),
    (0x00c3_6400, "Ceph"),
    (0x5346_414f, "AFS"),
    (0x6b41_4653, "AFS"),
    (0x0bd0_0bd0, "Lustre"),
    (0x4750_4653, "GPFS"),
];
const FUSE: i64 = 0x6573_5546;
const MEMORY: [i64; 2] = [0x0102_1994, 0x8584_58f6];

pub(super) fn look(subject: &Subject<'_>) -> Vec<Check> {
    let folder = &subject.loaded.settings.state;
    if !folder.exists() {
        return vec![Check::ok(ABOUT, format!("`{}` is not there yet: the first start makes it", folder.display()))];
    }
    let mut checks = vec![permissions(folder, 0o077, "0700")];
    let key = folder.join("digest.key");
    for path in [database_path(folder), key, folder.join("evidence.head"), folder.join("lock")] {
        if path.exists() {
            checks.push(permissions(&path, 0o077, "0600"));
        }
    }
    checks.push(place(folder));
    checks.push(space(folder));
    checks.push(contents(subject));
    checks
}

fn permissions(path: &Path, forbidden: u32, wanted: &str) -> Check {
    let shown = path.display();
    let Ok(metadata) = std::fs::metadata(path) else {
        return Check::failed(
            ABOUT,
            format!("`{shown}` may not be looked at by this user"),
            "run as the service's user",
        );
    };
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & forbidden == 0 {
        return Check::ok(ABOUT, format!("`{shown}` is for its owner alone"));
    }
    Check::failed(
        ABOUT,
        format!("`{shown}` has mode {mode:04o}: others than its owner may see or change it"),
        format!("`chmod {wanted} {shown}`"),
    )
}

fn place(folder: &Path) -> Check {
    let shown = folder.display();
    let Ok(found) = rustix::fs::statfs(folder) else {
        return Check::failed(
            ABOUT,
            format!("the file system of `{shown}` cannot be looked at"),
            "see that it is mounted",
        );
    };
    #[expect(clippy::useless_conversion, reason = "the type of this number differs between machines")]
    let kind = i64::from(found.f_type) & 0xffff_ffff;
    if let Some((_, name)) = FAR.iter().find(|(number, _)| *number == kind) {
        return Check::failed(
            ABOUT,
            format!("`{shown}` lies on {name}: a database there can be damaged"),
            "put `state` on a disk of this server",
        );
    }
    if kind == FUSE {
        let what = format!("`{shown}` lies on a FUSE file system, which may be far away");
        return Check::warning(ABOUT, what, "put `state` on a disk of this server");
    }
    if MEMORY.contains(&kind) {
        let what = format!("`{shown}` lies in memory: a restart of the server forgets everything");
        return Check::warning(ABOUT, what, "put `state` on a disk of this server");
    }
    Check::ok(ABOUT, format!("`{shown}` lies on a file system of this server"))
}

fn space(folder: &Path) -> Check {
    let found = state_folder(folder);
    let what = format!("{} MiB are left for it", count(found.free_bytes / MEBIBYTE));
    if !found.is_writable {
        let what = format!("this user may not write to `{}`", folder.display());
        return Check::failed(ABOUT, what, "run as the service's user, or give the folder to it");
    }
    match found.free_bytes {
        0..FEWEST_BYTES => Check::failed(ABOUT, what, "make room: without it nothing can be stored"),
        FEWEST_BYTES..FEW_BYTES => Check::warning(ABOUT, what, "make room before it runs out"),
        _ => Check::ok(ABOUT, what),
    }
}

/// Whether the database can be opened with its key, and its evidence goes on from the head beside it.
fn contents(subject: &Subject<'_>) -> Check {
    let folder = &subject.loaded.settings.state;
    if !Store::exists(folder) {
        return Check::ok(ABOUT, "there is no database yet: the first scan makes it");
    }
    let opened = Session::open(subject.loaded.clone(), subject.environment, Access::Read);
    match opened.and_then(|session| Ok((session.store.head()?, session.store.counts()?))) {
        Ok(((length, _), counts)) => {
            let size = count(counts.bytes / 1024);
            let entries = count(length);
            let simulated = if counts.is_simulated { ", all of it at made-up instants" } else { "" };
            Check::ok(
                ABOUT,
                format!("the database opens with its key: {size} KiB, {entries} entries of evidence{simulated}"),
            )
        }
        Err(error) => {
            let text = error.to_string();
            let (what, hint) = text.split_once("\n  hint: ").unwrap_or((&text, "restore it from a backup"));
            Check::failed(ABOUT, what, hint)
        }
    }
}
