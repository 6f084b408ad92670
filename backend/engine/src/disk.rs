//! The disks of virtual hosts: one sparse file each, with a file system in it.
//!
//! A disk is below `<data>/disks`, and mounted (in its keeper's mount namespace) over `<data>/hosts/<id>`. A host that is made
//! without one goes on without one.

use crate::{Error, Result};
use std::ffi::OsStr;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Smallest bound, in MiB: below it, the file system's own tables are most of it.
pub const SMALLEST_MIB: u64 = 64;
/// Largest bound, in MiB: an ext4 on the machine has no longer files.
pub const LARGEST_MIB: u64 = 8 << 20;

/// Named one by one, as `mke2fs.conf` is another on every system; kernels from 5.19 on know them all.
const FEATURES: &str = "none,has_journal,ext_attr,dir_index,filetype,extent,64bit,flex_bg,sparse_super,large_file,huge_file,\
                        dir_nlink,extra_isize,metadata_csum";
/// MiB that a host's file takes on the machine even if little is in it; without any journal, a machine that loses its power might
/// lose the host's files.
const JOURNAL_MIB: u64 = 8;

/// What isn't a disk yet.
const UNFINISHED: &str = "new";

/// All disks.
#[derive(Debug)]
pub(crate) struct Disks {
    dir: PathBuf,
    /// Of new hosts; `None`: those get no disk.
    mib: Option<u64>,
}

impl Disks {
    /// Disks of so many MiB for new hosts, if this machine can make and mount them; 0: none. Blocks for some milliseconds.
    pub(crate) fn open(data_dir: &Path, mib: u64) -> Self {
        let mut disks = Self { dir: data_dir.join("disks"), mib: None };
        disks.sweep();
        if mib == 0 {
            return disks;
        }
        match disks.probe(mib) {
            Ok(()) => disks.mib = Some(mib),
            Err(error) => tracing::warn!(
                "new virtual hosts get no disk of their own, and may fill this machine's: {error} (see `lernhafen doctor`; \
                 a bound of 0 says that it is meant so)"
            ),
        }
        disks
    }

    /// The disk of a host that is about to begin, mounted nowhere yet. One `is_new` gets one if it is to have one.
    /// Blocks for some milliseconds, and for seconds if the host has only just ended.
    pub(crate) fn mount(&self, host: &str, is_new: bool) -> Result<Option<OwnedFd>> {
        let file = self.file(host);
        let is_there = fs::exists(&file).map_err(|error| cannot("look for", &file, &error))?;
        match self.mib {
            _ if is_there => {}
            Some(mib) if is_new => {
                let unfinished = file.with_extension(UNFINISHED);
                self.make(&unfinished, mib)?;
                fs::rename(&unfinished, &file).map_err(|error| cannot("make", &file, &error))?;
            }
            _ => return Ok(None),
        }
        Ok(Some(runtime::disk::mount(&file)?))
    }

    /// Deletes a host's disk, if it has one. The host has ended.
    pub(crate) fn remove(&self, host: &str) -> io::Result<()> {
        match fs::remove_file(self.file(host)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Ids have letters and digits only: none is an unfinished file's name.
    fn file(&self, host: &str) -> PathBuf {
        self.dir.join(host)
    }

    /// Tries whether disks can be made and mounted, with one that nobody sees.
    fn probe(&self, mib: u64) -> Result<()> {
        let file = self.dir.join("probe").with_extension(UNFINISHED);
        let tried = self.make(&file, mib).and_then(|()| Ok(runtime::disk::mount(&file)?));
        let _ = fs::remove_file(&file);
        tried.map(drop)
    }

    /// Makes a disk. It takes its size on the machine only as it is filled.
    fn make(&self, file: &Path, mib: u64) -> Result<()> {
        let made = DirBuilder::new().mode(0o700).recursive(true).create(&self.dir);
        made.map_err(|error| cannot("make", &self.dir, &error))?;
        let open = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file);
        let open = open.and_then(|open| open.set_len(mib << 20).map(|()| open));
        let open = open.map_err(|error| cannot("make", file, &error))?;
        let output = mke2fs(file).stdin(Stdio::null()).output().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Error::system("there is no mke2fs: install e2fsprogs"),
            _ => cannot("run mke2fs for", file, &error),
        })?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(Error::system(format!("mke2fs can't make {}: {}", file.display(), said.trim())));
        }
        open.sync_all().map_err(|error| cannot("write", file, &error))
    }

    /// Deletes what a server that was killed has left half made.
    fn sweep(&self) {
        for entry in fs::read_dir(&self.dir).into_iter().flatten().flatten() {
            if entry.path().extension() == Some(OsStr::new(UNFINISHED))
                && let Err(error) = fs::remove_file(entry.path())
            {
                tracing::error!(file = %entry.path().display(), %error, "cannot delete an unfinished disk");
            }
        }
    }
}

fn mke2fs(file: &Path) -> Command {
    let mut command = Command::new("mke2fs");
    command
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin")
        .args(["-q", "-F", "-t", "ext4", "-b", "4096", "-O", FEATURES])
        // What is held back for root would be the containers', too: overlayfs writes as the machine's root.
        .args(["-m", "0", "-J", &format!("size={JOURNAL_MIB}")])
        // Nothing needs to be zeroed in a sparse file.
        .args(["-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard"])
        .arg(file);
    command
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> Error {
    Error::system(format!("cannot {what} {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::testing::Scratch;
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn a_new_host_gets_a_disk_and_an_old_one_keeps_what_it_has() {
        let scratch = Scratch::new();
        let disks = Disks::open(scratch.path(), SMALLEST_MIB);
        assert!(disks.mount("old", false).unwrap().is_none(), "it was made without");
        let disk = disks.mount("new", true).unwrap().unwrap();
        let file = fs::metadata(scratch.path().join("disks/new")).unwrap();
        assert_eq!(file.len(), SMALLEST_MIB << 20);
        assert!(file.blocks() * 512 < 2 << 20, "{} blocks: it is sparse", file.blocks());
        drop(disk);
        fs::write(scratch.path().join("disks/half.new"), "").unwrap();
        let disks = Disks::open(scratch.path(), 0);
        assert_eq!(fs::read_dir(scratch.path().join("disks")).unwrap().count(), 1, "what is half made is swept");
        assert!(disks.mount("new", false).unwrap().is_some(), "whatever is configured since");
        assert!(disks.mount("other", true).unwrap().is_none());
        disks.remove("new").unwrap();
        disks.remove("new").unwrap();
        assert!(disks.mount("new", false).unwrap().is_none());
    }
}
