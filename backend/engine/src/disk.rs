//! The disks of virtual hosts: one sparse file each, with a file system in it.
//!
//! A disk is below `<data>/disks`, and mounted (in its keeper's mount namespace) over `<data>/hosts/<id>`. A host that is made
//! without one goes on without one.
//!
//! `mke2fs` makes one disk when the engine is opened, and all others are copies: it takes longer than all the rest that a host
//! needs. Nobody waits until a disk is safe from a loss of power, either: until it is, it is called unfinished, and goes if nobody has it.

use crate::id::HostId;
use crate::{Error, Result};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
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

/// What is copied at once, in bytes.
const PIECE: usize = 64 * 1024;

/// What a loss of power would leave half of.
const UNFINISHED: &str = "new";

/// All disks.
#[derive(Debug)]
pub(crate) struct Disks {
    dir: PathBuf,
    /// What new hosts' disks are copies of, by their size in MiB: files without names. `None`: this machine can't make or mount them.
    templates: Mutex<BTreeMap<u64, Option<File>>>,
}

impl Disks {
    /// The disks that there are, without those that a killed server left unfinished. Blocks for some milliseconds.
    pub(crate) fn open(data_dir: &Path) -> Self {
        let disks = Self { dir: data_dir.join("disks"), templates: Mutex::default() };
        disks.sweep();
        disks
    }

    /// The disk of a host that is about to begin, mounted nowhere yet. A `new` host gets one of so many MiB, if this machine can make and
    /// mount it, and with 0 none: [`Self::finish`] it. Blocks for some milliseconds, and for seconds if the host has only just ended.
    pub(crate) fn mount(&self, host: &HostId, new: Option<u64>) -> Result<Option<OwnedFd>> {
        let names = self.names(host);
        for file in &names {
            if fs::exists(file).map_err(|error| cannot("look for", file, &error))? {
                return Ok(Some(runtime::disk::mount(file)?));
            }
        }
        let [_, unfinished] = names;
        match new.filter(|mib| *mib > 0).map(|mib| self.template(mib)).transpose()?.flatten() {
            Some(template) => {
                copy(&template, &unfinished).map_err(|error| cannot("make", &unfinished, &error))?;
                Ok(Some(runtime::disk::mount(&unfinished)?))
            }
            None => Ok(None),
        }
    }

    /// Makes a new host's disk safe from a loss of power. Blocks for as long as the machine's disk takes.
    pub(crate) fn finish(&self, host: &HostId) -> Result<()> {
        let [file, unfinished] = self.names(host);
        let written = match File::open(&unfinished) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            opened => opened.and_then(|open| open.sync_all()),
        };
        written.and_then(|()| fs::rename(&unfinished, &file)).map_err(|error| cannot("keep", &unfinished, &error))
    }

    /// Deletes a host's disk, if it has one. The host has ended.
    pub(crate) fn remove(&self, host: &HostId) -> io::Result<()> {
        for file in self.names(host) {
            match fs::remove_file(file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// What its file is called, and as long as it is unfinished. Ids have letters and digits only.
    fn names(&self, host: &HostId) -> [PathBuf; 2] {
        let file = self.dir.join(host.as_str());
        let unfinished = file.with_extension(UNFINISHED);
        [file, unfinished]
    }

    /// What disks of that size are copies of; made for the first. Whoever wants the same one waits for it.
    fn template(&self, mib: u64) -> Result<Option<File>> {
        let mut templates = self.templates.lock();
        let template = templates.entry(mib).or_insert_with(|| {
            let made = self.probe(mib);
            let warn = |error: &Error| {
                tracing::warn!(
                    "new virtual hosts get no disk of their own, and may fill this machine's: {error} (see `lernhafen doctor`; \
                     a bound of 0 says that it is meant so)"
                );
            };
            made.inspect_err(warn).ok()
        });
        let again = template.as_ref().map(File::try_clone).transpose();
        again.map_err(|error| cannot("open again the template in", &self.dir, &error))
    }

    /// Makes the template, and tries whether it can be mounted.
    fn probe(&self, mib: u64) -> Result<File> {
        let file = self.dir.join(format!("template{mib}")).with_extension(UNFINISHED);
        let made = self.make(&file, mib).and_then(|template| {
            let disk = runtime::disk::mount(&file)?;
            furnish(&disk).map_err(|error| cannot("furnish", &file, &error))?;
            Ok(template)
        });
        let _ = fs::remove_file(&file);
        made
    }

    /// Makes a disk. It takes its size on the machine only as it is filled.
    fn make(&self, file: &Path, mib: u64) -> Result<File> {
        let made = DirBuilder::new().mode(0o700).recursive(true).create(&self.dir);
        made.map_err(|error| cannot("make", &self.dir, &error))?;
        let open = create(file).and_then(|open| open.set_len(mib << 20).map(|()| open));
        let open = open.map_err(|error| cannot("make", file, &error))?;
        let output = mke2fs(file).stdin(Stdio::null()).output().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Error::system("there is no mke2fs: install e2fsprogs"),
            _ => cannot("run mke2fs for", file, &error),
        })?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(Error::system(format!("mke2fs can't make {}: {}", file.display(), said.trim())));
        }
        Ok(open)
    }

    /// Deletes what is unfinished, unless a host has it that outlived the server that made it.
    fn sweep(&self) {
        for entry in fs::read_dir(&self.dir).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.extension() != Some(OsStr::new(UNFINISHED)) {
                continue;
            }
            let host = path.file_stem().and_then(OsStr::to_str).and_then(|host| HostId::new(host).ok());
            let swept = match File::open(&path).map(|file| is_in_use(&file)) {
                Ok(true) => host.map_or(Ok(()), |host| self.finish(&host)),
                _ => fs::remove_file(&path).map_err(|error| cannot("delete", &path, &error)),
            };
            if let Err(error) = swept {
                tracing::error!(%error, "a disk stays unfinished");
            }
        }
    }
}

/// Makes the directories that every host has: on a new file system, the first few take longer than all that follows.
fn furnish(disk: &OwnedFd) -> io::Result<()> {
    for name in ["containers", "trash", "workstation", "workstation/upper", "workstation/work"] {
        let mode = if name.contains('/') { 0o755 } else { 0o700 };
        DirBuilder::new().mode(mode).create(format!("/proc/self/fd/{}/{name}", disk.as_raw_fd()))?;
    }
    Ok(())
}

/// Whether it is mounted: then its loop device has a lock on it.
fn is_in_use(file: &File) -> bool {
    use rustix::fs::FlockOperation::{NonBlockingLockShared, Unlock};
    rustix::fs::flock(file, NonBlockingLockShared).and_then(|()| rustix::fs::flock(file, Unlock)).is_err()
}

/// Copies what is in a sparse file, and nothing of what isn't.
fn copy(template: &File, to: &Path) -> io::Result<()> {
    let copy = create(to)?;
    let length = template.metadata()?.len();
    copy.set_len(length)?;
    let mut place = 0;
    let mut buffer = vec![0; PIECE];
    while let Some(start) = next(template, rustix::fs::SeekFrom::Data(place))? {
        let end = next(template, rustix::fs::SeekFrom::Hole(start))?.unwrap_or(length);
        place = end.min(start + PIECE as u64);
        let piece = buffer.get_mut(..(place - start) as usize).unwrap_or_default();
        template.read_exact_at(piece, start)?;
        copy.write_all_at(piece, start)?;
    }
    Ok(())
}

fn next(file: &File, from: rustix::fs::SeekFrom) -> io::Result<Option<u64>> {
    match rustix::fs::seek(file, from) {
        // There is no more.
        Err(rustix::io::Errno::NXIO) => Ok(None),
        found => Ok(Some(found?)),
    }
}

fn create(file: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(true).mode(0o600).open(file)
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

    fn id(host: &str) -> HostId {
        HostId::new(host).unwrap()
    }

    #[test]
    fn a_new_host_gets_a_disk_and_an_old_one_keeps_what_it_has() {
        let scratch = Scratch::new();
        let disks = Disks::open(scratch.path());
        assert!(disks.mount(&id("old"), None).unwrap().is_none(), "it was made without");
        let disk = disks.mount(&id("new"), Some(SMALLEST_MIB)).unwrap().unwrap();
        let other = disks.mount(&id("killed"), Some(SMALLEST_MIB)).unwrap().unwrap();
        disks.finish(&id("new")).unwrap();
        disks.finish(&id("new")).unwrap();
        let file = fs::metadata(scratch.path().join("disks/new")).unwrap();
        assert_eq!(file.len(), SMALLEST_MIB << 20);
        assert!(file.blocks() * 512 < 2 << 20, "{} blocks: it is sparse", file.blocks());
        drop(disk);
        drop(disks.mount(&id("lost"), Some(SMALLEST_MIB)).unwrap().unwrap());
        fs::write(scratch.path().join("disks/half.new"), "").unwrap();
        let disks = Disks::open(scratch.path());
        let mut left: Vec<_> =
            fs::read_dir(scratch.path().join("disks")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["killed", "new"], "what is half made is swept, but not what somebody has");
        drop(other);
        assert!(disks.mount(&id("new"), None).unwrap().is_some(), "whatever is configured since");
        assert!(disks.mount(&id("other"), Some(0)).unwrap().is_none());
        disks.remove(&id("new")).unwrap();
        disks.remove(&id("new")).unwrap();
        assert!(disks.mount(&id("new"), None).unwrap().is_none());
    }
}
