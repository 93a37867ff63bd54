//! Opens roots, folders and files beneath them, read-only: links are never followed below a root, access
//! times are left alone where the system permits, and nothing blocks on a pipe.

use super::SourceError;
use crate::domain::instant::Instant;
use crate::domain::register::Root;
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags, StatxAttributes, StatxFlags};
use rustix::io::Errno;
use std::ffi::CStr;

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// Opens the root itself (which may be a link) and checks that it is what the register says.
pub fn open_root(root: &Root) -> Result<OwnedFd, SourceError> {
    let unreachable = |why: &dyn std::fmt::Display| {
        SourceError::Unreachable(format!("root `{}` cannot be opened: {why}", root.name.as_str()))
    };
    let folder = quietly(FOLDER, |flags| rustix::fs::openat(CWD, &root.path, flags, Mode::empty()))
        .map_err(|errno| unreachable(&reason(errno)))?;
    if root.must_be_mount && !is_mount(folder.as_fd()).map_err(|errno| unreachable(&reason(errno)))? {
        return Err(unreachable(&"no file system is mounted there"));
    }
    Ok(folder)
}

/// Whether a folder is the root of a mounted file system.
fn is_mount(folder: BorrowedFd<'_>) -> Result<bool, Errno> {
    let own = rustix::fs::statx(folder, c"", AtFlags::EMPTY_PATH, StatxFlags::BASIC_STATS)?;
    if own.stx_attributes_mask.contains(StatxAttributes::MOUNT_ROOT) {
        return Ok(own.stx_attributes.contains(StatxAttributes::MOUNT_ROOT));
    }
    let parent = rustix::fs::statx(folder, c"..", AtFlags::empty(), StatxFlags::BASIC_STATS)?;
    Ok((own.stx_dev_major, own.stx_dev_minor) != (parent.stx_dev_major, parent.stx_dev_minor)
        || own.stx_ino == parent.stx_ino)
}

/// Opens a folder that lies directly in `parent`.
pub fn open_folder(parent: BorrowedFd<'_>, name: &CStr) -> Result<OwnedFd, Errno> {
    quietly(FOLDER, |flags| open_beneath(parent, name, flags, |flags| open_here(parent, name, flags)))
}

/// Opens a file by its path relative to `root`. It may be anything: whoever asks looks at it afterwards.
pub fn open_file(root: BorrowedFd<'_>, path: &[u8]) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    quietly(flags, |flags| open_beneath(root, path, flags, |flags| open_stepwise(root, path, flags)))
}

/// Whether there is anything at the path relative to `root`. Nothing is opened for reading, and no link is followed.
pub fn exists(root: BorrowedFd<'_>, path: &[u8]) -> Result<bool, Errno> {
    let flags = OFlags::PATH | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    match open_beneath(root, path, flags, |flags| open_stepwise(root, path, flags)) {
        // With these flags a link at the end is opened itself.
        Ok(found) => match FileType::from_raw_mode(rustix::fs::fstat(found)?.st_mode) {
            FileType::Symlink => Err(Errno::LOOP),
            _ => Ok(true),
        },
        // A name that cannot be one is nobody's.
        Err(Errno::NOENT | Errno::NOTDIR | Errno::NAMETOOLONG | Errno::INVAL) => Ok(false),
        Err(errno) => Err(errno),
    }
}

fn open_beneath<P: rustix::path::Arg>(
    root: BorrowedFd<'_>,
    path: P,
    flags: OFlags,
    on_old_kernels: impl Fn(OFlags) -> Result<OwnedFd, Errno>,
) -> Result<OwnedFd, Errno> {
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS | ResolveFlags::NO_SYMLINKS;
    match rustix::fs::openat2(root, path, flags, Mode::empty(), resolve) {
        Err(Errno::NOSYS) => on_old_kernels(flags),
        opened => opened,
    }
}

fn open_here<P: rustix::path::Arg>(folder: BorrowedFd<'_>, name: P, flags: OFlags) -> Result<OwnedFd, Errno> {
    rustix::fs::openat(folder, name, flags | OFlags::NOFOLLOW, Mode::empty())
}

/// Opens folder after folder, so that no link is followed on the way.
fn open_stepwise(root: BorrowedFd<'_>, path: &[u8], flags: OFlags) -> Result<OwnedFd, Errno> {
    let Some(slash) = path.iter().position(|&byte| byte == b'/') else { return open_here(root, path, flags) };
    let folder = quietly(FOLDER, |flags| open_here(root, &path[..slash], flags))?;
    open_stepwise(folder.as_fd(), &path[slash + 1..], flags)
}

/// Opens without a trace in the access time, which is denied on what belongs to somebody else.
fn quietly(flags: OFlags, open: impl Fn(OFlags) -> Result<OwnedFd, Errno>) -> Result<OwnedFd, Errno> {
    match open(flags | OFlags::NOATIME) {
        Err(Errno::PERM) => open(flags),
        opened => opened,
    }
}

/// When the file called `name` in `folder` was last modified.
pub fn modified(folder: BorrowedFd<'_>, name: &CStr) -> Result<Instant, Errno> {
    let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::STATX_DONT_SYNC;
    let seen = rustix::fs::statx(folder, name, flags, StatxFlags::MTIME)?;
    Ok(instant(seen.stx_mtime.tv_sec, seen.stx_mtime.tv_nsec))
}

/// The size of the file called `name` in `folder` in bytes, and when it was last modified.
pub fn size_and_modified(folder: BorrowedFd<'_>, name: &CStr) -> Result<(u64, Instant), Errno> {
    let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::STATX_DONT_SYNC;
    let seen = rustix::fs::statx(folder, name, flags, StatxFlags::MTIME | StatxFlags::SIZE)?;
    Ok((seen.stx_size, instant(seen.stx_mtime.tv_sec, seen.stx_mtime.tv_nsec)))
}

/// An instant from seconds and nanoseconds since the Unix epoch.
#[must_use]
pub fn instant(seconds: i64, nanoseconds: u32) -> Instant {
    Instant::from_microseconds(seconds.saturating_mul(1_000_000).saturating_add(i64::from(nanoseconds / 1000)))
}

/// Why the system refused, in words.
#[must_use]
pub fn reason(errno: Errno) -> String {
    let text = match errno {
        Errno::NOENT => "it is not there",
        Errno::ACCESS | Errno::PERM => "permission denied",
        Errno::NOTDIR => "it is not a folder",
        Errno::LOOP => "a link stands in its place",
        Errno::IO => "the disk reports an error",
        Errno::MFILE | Errno::NFILE => "too many open files",
        other => return format!("system error {}", other.raw_os_error()),
    };
    text.to_owned()
}
