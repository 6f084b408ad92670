//! Volumes on the host's disk. The directory of all is the tenant's to write in: nothing in it is reached by following links.

use crate::{Error, Result};
use rustix::fs::{
    AtFlags, CWD, Mode, OFlags, RenameFlags, ResolveFlags, Uid, chownat, mkdirat, openat, openat2, renameat_with,
    statat,
};
use rustix::io::Errno;
use std::os::fd::OwnedFd;
use std::path::Path;

const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// Makes a directory for a new volume, with Docker's modes: `parent` is a directory of the engine's own.
pub(super) fn make(parent: &Path, name: &str, id_base: u32) -> Result<()> {
    let made = open(parent).and_then(|parent| {
        mkdirat(&parent, name, Mode::from_raw_mode(0o701))?;
        let volume = openat(&parent, name, DIRECTORY, Mode::empty())?;
        make_data(&volume, id_base)?;
        give(&parent, name, id_base)
    });
    made.map_err(|error| cannot("make", name, error))
}

/// Puts what [`make`] has made into its place. False: there is something of that name, which a tenant has made, and `_data` in it.
pub(super) fn put(parent: &Path, made: &str, all: &Path, name: &str, id_base: u32) -> Result<bool> {
    let put = || {
        let (parent, all) = (open(parent)?, open(all)?);
        match renameat_with(&parent, made, &all, name, RenameFlags::NOREPLACE) {
            Ok(()) => Ok(true),
            Err(Errno::EXIST) => adopt(&all, name, id_base).map(|()| false),
            Err(error) => Err(error),
        }
    };
    put().map_err(|error| cannot("make", name, error))
}

/// Whether there is something of that name.
pub(super) fn is_there(all: &Path, name: &str) -> bool {
    open(all).is_ok_and(|all| statat(&all, name, AtFlags::SYMLINK_NOFOLLOW).is_ok())
}

/// Takes a volume away, to be deleted in the trash. Fine if there is nothing of that name.
pub(super) fn take(all: &Path, name: &str, trash: &Path, unique: &str) -> Result<()> {
    let taken = || match renameat_with(&open(all)?, name, &open(trash)?, unique, RenameFlags::NOREPLACE) {
        Err(Errno::NOENT) => Ok(()),
        other => other,
    };
    taken().map_err(|error| cannot("remove", name, error))
}

/// What is in a volume, to be read.
pub(super) fn data(all: &Path, name: &str) -> rustix::io::Result<OwnedFd> {
    let strictly = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_XDEV;
    openat2(open(all)?, Path::new(name).join("_data"), DIRECTORY, Mode::empty(), strictly)
}

/// Docker's driver takes a directory that is there already, too.
fn adopt(all: &OwnedFd, name: &str, id_base: u32) -> rustix::io::Result<()> {
    let volume = openat(all, name, DIRECTORY, Mode::empty())?;
    match make_data(&volume, id_base) {
        Err(Errno::EXIST) => Ok(()),
        other => other,
    }
}

fn make_data(volume: &OwnedFd, id_base: u32) -> rustix::io::Result<()> {
    mkdirat(volume, "_data", Mode::from_raw_mode(0o755))?;
    give(volume, "_data", id_base)
}

/// Not followed: the tenant may have put something else in its place.
fn give(parent: &OwnedFd, name: &str, id_base: u32) -> rustix::io::Result<()> {
    let (uid, gid) = (Uid::from_raw(id_base), rustix::fs::Gid::from_raw(id_base));
    chownat(parent, name, Some(uid), Some(gid), AtFlags::SYMLINK_NOFOLLOW)
}

fn open(directory: &Path) -> rustix::io::Result<OwnedFd> {
    openat(CWD, directory, DIRECTORY - OFlags::NOFOLLOW, Mode::empty())
}

fn cannot(what: &str, name: &str, error: Errno) -> Error {
    let error: std::io::Error = error.into();
    Error::system(format!("cannot {what} the directory of volume {name}: {error}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::testing::Scratch;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_of_the_tenants_lead_nowhere() {
        let scratch = Scratch::new();
        let [all, trash, outside] = ["all", "trash", "outside"].map(|name| scratch.path().join(name));
        for directory in [&all, &trash, &outside] {
            fs::create_dir(directory).unwrap();
        }
        fs::create_dir(outside.join("_data")).unwrap();
        fs::write(outside.join("_data/kept"), "x").unwrap();
        symlink(&outside, all.join("link")).unwrap();
        fs::create_dir(all.join("inner")).unwrap();
        symlink(outside.join("_data"), all.join("inner/_data")).unwrap();
        for name in ["link", "inner", "../outside"] {
            assert!(data(&all, name).is_err(), "{name}");
        }
        make(&trash, "new", rustix::process::getuid().as_raw()).unwrap();
        assert!(put(&trash, "new", &all, "link", 0).is_err(), "a link is no volume");
        assert!(put(&trash, "new", &all, "fine", 0).unwrap());
        data(&all, "fine").unwrap();
        take(&all, "link", &trash, "gone").unwrap();
        assert!(outside.join("_data/kept").exists() && !is_there(&all, "link") && trash.join("gone").is_symlink());
        take(&all, "link", &trash, "again").unwrap();
    }
}
