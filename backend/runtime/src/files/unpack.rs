//! From a tar to files, as Docker does it: what is there gives way, but for directories that meet directories.

use super::bounded::Bounded;
use super::protocol::WriteOptions;
use super::{compression, failed, failed_io, place};
use crate::failure::{Failure, FailureKind, Result, invalid};
use archive::{Entries, Entry, ErrorKind, Kind, Unwritten, write_content};
use rustix::fs::{
    AtFlags, FileType, Gid, Mode, OFlags, Timestamps, Uid, XattrFlags, chownat, fchmod, fchown, fsetxattr, futimens,
    linkat, mkdirat, mknodat, openat, symlinkat, utimensat,
};
use rustix::io::Errno;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Entries of one archive.
const MOST_ENTRIES: u64 = 1_000_000;
/// Read at a time.
const BUFFER: usize = 64 << 10;

/// Unpacks below `destination`, which messages call `shown`. What has been unpacked before an error stays.
pub(super) fn unpack(input: impl Read, destination: &OwnedFd, shown: &str, options: &WriteOptions) -> Result<()> {
    let mut entries = Entries::new(BufReader::with_capacity(BUFFER, Bounded::new(compression::plain(input)?)));
    let mut unpacking = Unpacking { destination, shown, options, directories: Vec::new() };
    let mut count = 0;
    while let Some(mut entry) = entries.next().map_err(broken)? {
        count += 1;
        if count > MOST_ENTRIES {
            return Err(invalid(format!("the archive has more than {MOST_ENTRIES} entries")));
        }
        let metadata = Metadata::of(&mut entry, options)?;
        unpacking.entry(&entry, &mut entries, &metadata)?;
    }
    unpacking.finish();
    Ok(())
}

struct Unpacking<'a> {
    destination: &'a OwnedFd,
    shown: &'a str,
    options: &'a WriteOptions,
    /// Their times are set at the end: what is put into a directory changes them.
    directories: Vec<(PathBuf, Timestamps)>,
}

impl Unpacking<'_> {
    fn entry(&mut self, entry: &Entry, entries: &mut Entries<impl BufRead>, metadata: &Metadata) -> Result<()> {
        let path = inside(&entry.name, "entry name")?;
        let is_directory = entry.kind == Kind::Directory;
        let Some(name) = path.file_name() else {
            // The destination itself, which stays as it is.
            return if is_directory { Ok(()) } else { self.check(Some(FileType::Directory), false, OsStr::new(".")) };
        };
        let above = path.parent().unwrap_or(Path::new(""));
        let parent = place::ensure(self.destination, above)
            .map_err(|error| failed(format!("lstat {}/{}", self.shown.trim_end_matches('/'), path.display()), error))?;
        let found = place::look(&parent, name).map_err(|error| failed(format!("openat {}", path.display()), error))?;
        self.check(found, is_directory, name)?;
        if found.is_some() && !(is_directory && found == Some(FileType::Directory)) {
            place::remove_all(&parent, name).map_err(|error| failed(format!("RemoveAll {}", path.display()), error))?;
        }
        let made =
            match entry.kind {
                Kind::Directory => self.directory(&parent, name, &path, metadata),
                Kind::File => return file(&parent, name, &path, entry, entries, metadata),
                Kind::Symlink => symlinkat(OsStr::from_bytes(&entry.link), &parent, name)
                    .and_then(|()| metadata.apply_to(&parent, name)),
                Kind::HardLink => self.hard_link(&inside(&entry.link, "hardlink target")?, &parent, name),
                Kind::Fifo => mknodat(&parent, name, FileType::Fifo, metadata.mode, 0)
                    .and_then(|()| metadata.apply_to(&parent, name)),
                // No virtual host may make devices, and no container is given any that way.
                Kind::Device => return Err(invalid("operation not permitted")),
                Kind::Other(kind) => return Err(invalid(format!("unhandled tar header type {kind}"))),
            };
        made.map_err(|error| failed(format!("openat {}", path.display()), error))
    }

    /// Docker's rule for what is in the way; the words are its own, mistake included.
    fn check(&self, found: Option<FileType>, is_directory: bool, name: &OsStr) -> Result<()> {
        let (name, shown) = (name.to_string_lossy(), self.shown);
        match found {
            Some(kind) if self.options.no_overwrite_dir_non_dir => match (kind == FileType::Directory, is_directory) {
                (true, false) => {
                    Err(invalid(format!("cannot overwrite directory {name:?} with non-directory {shown:?}")))
                }
                (false, true) => {
                    Err(invalid(format!("cannot overwrite non-directory {name:?} with directory {shown:?}")))
                }
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn directory(
        &mut self,
        parent: &OwnedFd,
        name: &OsStr,
        path: &Path,
        metadata: &Metadata,
    ) -> rustix::io::Result<()> {
        match mkdirat(parent, name, Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(error),
        }
        let directory = place::open_directory(parent, name)?;
        metadata.apply(&directory)?;
        self.directories.push((path.to_owned(), metadata.times.clone()));
        Ok(())
    }

    /// To a file of the destination, whatever links lie on the way; never to what a link at the end names.
    fn hard_link(&self, target: &Path, parent: &OwnedFd, name: &OsStr) -> rustix::io::Result<()> {
        let from_name = target.file_name().ok_or(Errno::PERM)?;
        let above = target.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let from = place::open_path(self.destination, above.join("."))?;
        linkat(&from, from_name, parent, name, AtFlags::empty())
    }

    /// A directory that was replaced meanwhile keeps the times that it has.
    fn finish(&self) {
        for (path, times) in &self.directories {
            let set = place::open_path(self.destination, path).and_then(|found| place::open_directory(found, c"."));
            if let Ok(directory) = set {
                let _ = futimens(directory, times);
            }
        }
    }
}

fn file(
    parent: &OwnedFd,
    name: &OsStr,
    path: &Path,
    entry: &Entry,
    entries: &mut Entries<impl BufRead>,
    metadata: &Metadata,
) -> Result<()> {
    let what = || format!("openat {}", path.display());
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = openat(parent, name, flags, Mode::RUSR | Mode::WUSR).map_err(|error| failed(what(), error))?;
    let file = File::from(file);
    write_content(entry, entries, &file).map_err(|unwritten| match unwritten {
        Unwritten::Archive(error) => broken(error),
        Unwritten::File(error) => failed_io(format!("write {}", path.display()), &error),
    })?;
    metadata.apply(&OwnedFd::from(file)).map_err(|error| failed(what(), error))
}

/// What is to be set of a file besides its content.
struct Metadata {
    user: Uid,
    group: Gid,
    mode: Mode,
    times: Timestamps,
    xattrs: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Metadata {
    fn of(entry: &mut Entry, options: &WriteOptions) -> Result<Self> {
        let id = |id: i64| u32::try_from(id).map_err(|_| invalid(format!("lchown: {id} is no user or group")));
        let (user, group) = match options.owner {
            Some(owner) => owner,
            None => (id(entry.user)?, id(entry.group)?),
        };
        let mut xattrs = std::mem::take(&mut entry.xattrs);
        // The others are the machine's, or labels of its policy.
        xattrs.retain(|name, _| name == b"security.capability" || name.starts_with(b"user."));
        Ok(Self {
            user: Uid::from_raw(user),
            group: Gid::from_raw(group),
            // The kind has its own field; writers put it here, too, or not.
            mode: Mode::from_raw_mode((entry.mode & 0o7777) as u32),
            times: Timestamps { last_access: entry.modified, last_modification: entry.modified },
            xattrs,
        })
    }

    fn apply(&self, file: &OwnedFd) -> rustix::io::Result<()> {
        // In this order: a new owner costs the set-id bits and the file capabilities.
        fchown(file, Some(self.user), Some(self.group))?;
        fchmod(file, self.mode)?;
        for (name, value) in &self.xattrs {
            match fsetxattr(file, name.as_slice(), value, XattrFlags::empty()) {
                // As Docker: where the file system has none, they are left out.
                Ok(()) | Err(Errno::OPNOTSUPP | Errno::PERM) => {}
                Err(error) => return Err(error),
            }
        }
        futimens(file, &self.times)
    }

    /// For what can't be opened.
    fn apply_to(&self, parent: &OwnedFd, name: &OsStr) -> rustix::io::Result<()> {
        chownat(parent, name, Some(self.user), Some(self.group), AtFlags::SYMLINK_NOFOLLOW)?;
        utimensat(parent, name, &self.times, AtFlags::SYMLINK_NOFOLLOW)
    }
}

/// A name in the archive as a path from the destination on, cleaned as Go cleans it.
fn inside(name: &[u8], what: &str) -> Result<PathBuf> {
    let mut path = PathBuf::new();
    for part in name.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." if !path.pop() && name.first() != Some(&b'/') => {
                return Err(invalid(format!("invalid {what} {:?}", String::from_utf8_lossy(name))));
            }
            b".." => {}
            part => path.push(OsStr::from_bytes(part)),
        }
    }
    Ok(path)
}

/// An archive that isn't one, in Go's words.
fn broken(error: archive::Error) -> Failure {
    match error.kind {
        ErrorKind::CutOff => invalid("unexpected EOF"),
        ErrorKind::TooLarge => invalid(error.message),
        ErrorKind::Invalid => invalid("archive/tar: invalid tar header"),
        ErrorKind::System => Failure { kind: FailureKind::System, message: error.message },
    }
}
