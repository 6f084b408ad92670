//! From a tar to files, as Docker does it: what is there gives way, but for directories that meet directories.

use super::metered::{Meter, Metered};
use super::protocol::WriteOptions;
use super::{compression, failed, place};
use crate::failure::{Failure, Result, invalid};
use rustix::fs::{
    AtFlags, FileType, Gid, Mode, OFlags, Timespec, Timestamps, Uid, XattrFlags, chownat, fchmod, fchown, fsetxattr,
    futimens, linkat, mkdirat, mknodat, openat, symlinkat, utimensat,
};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use tar::EntryType;

/// Entries of one archive.
const MOST_ENTRIES: u64 = 1_000_000;
/// What PAX extensions call extended attributes.
const XATTR: &str = "SCHILY.xattr.";

/// Unpacks below `destination`, which messages call `shown`. What has been unpacked before an error stays.
pub(super) fn unpack(input: impl Read, destination: &OwnedFd, shown: &str, options: &WriteOptions) -> Result<()> {
    let meter = Meter::new();
    let reader = Metered { inner: compression::plain(input)?, meter: meter.clone() };
    let mut archive = tar::Archive::new(reader);
    let mut unpacking = Unpacking { destination, shown, options, directories: Vec::new() };
    let mut entries = archive.entries().map_err(|error| broken(&error))?;
    let mut count = 0;
    loop {
        meter.expect_headers();
        let Some(entry) = entries.next() else { break };
        let mut entry = entry.map_err(|error| broken(&error))?;
        count += 1;
        if count > MOST_ENTRIES {
            return Err(invalid(format!("the archive has more than {MOST_ENTRIES} entries")));
        }
        let metadata = Metadata::of(&mut entry, options)?;
        meter.expect_data();
        unpacking.entry(&mut entry, &metadata)?;
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
    fn entry(&mut self, entry: &mut tar::Entry<'_, impl Read>, metadata: &Metadata) -> Result<()> {
        let kind = entry.header().entry_type();
        if kind == EntryType::XGlobalHeader {
            return Ok(());
        }
        let path = inside(&entry.path_bytes(), "entry name")?;
        let is_directory = kind == EntryType::Directory;
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
        let made = match kind {
            EntryType::Directory => self.directory(&parent, name, &path, metadata),
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
                return file(&parent, name, &path, entry, metadata);
            }
            EntryType::Symlink => symlinkat(OsStr::from_bytes(&target(entry)?), &parent, name)
                .and_then(|()| metadata.apply_to(&parent, name)),
            EntryType::Link => self.hard_link(&inside(&target(entry)?, "hardlink target")?, &parent, name),
            EntryType::Fifo => {
                mknodat(&parent, name, FileType::Fifo, metadata.mode, 0).and_then(|()| metadata.apply_to(&parent, name))
            }
            // No virtual host may make devices, and no container is given any that way.
            EntryType::Char | EntryType::Block => Err(Errno::PERM),
            other => {
                let kind = other.as_byte();
                return Err(invalid(format!("unhandled tar header type {kind}")));
            }
        };
        made.map_err(|error| match kind {
            EntryType::Char | EntryType::Block => invalid("operation not permitted"),
            _ => failed(format!("openat {}", path.display()), error),
        })
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
    entry: &mut tar::Entry<'_, impl Read>,
    metadata: &Metadata,
) -> Result<()> {
    let what = || format!("openat {}", path.display());
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = openat(parent, name, flags, Mode::RUSR | Mode::WUSR).map_err(|error| failed(what(), error))?;
    let mut file = File::from(file);
    let size = entry.size();
    let written = std::io::copy(entry, &mut file).map_err(|error| match error.raw_os_error() {
        Some(number) => failed(format!("write {}", path.display()), Errno::from_raw_os_error(number)),
        None => broken(&error),
    })?;
    if written != size {
        return Err(broken(&ErrorKind::UnexpectedEof.into()));
    }
    metadata.apply(&OwnedFd::from(file)).map_err(|error| failed(what(), error))
}

/// What is to be set of a file besides its content.
struct Metadata {
    user: Uid,
    group: Gid,
    mode: Mode,
    times: Timestamps,
    xattrs: Vec<(String, Vec<u8>)>,
}

impl Metadata {
    fn of(entry: &mut tar::Entry<'_, impl Read>, options: &WriteOptions) -> Result<Self> {
        let mut xattrs = Vec::new();
        for extension in entry.pax_extensions().map_err(|error| broken(&error))?.into_iter().flatten() {
            let extension = extension.map_err(|error| broken(&error))?;
            let name = extension.key().ok().and_then(|key| key.strip_prefix(XATTR));
            // The others are the machine's, or labels of its policy.
            if let Some(name) = name.filter(|name| *name == "security.capability" || name.starts_with("user.")) {
                xattrs.push((name.to_owned(), extension.value_bytes().to_owned()));
            }
        }
        let header = entry.header();
        let fields = header.as_old();
        let wrong = |error: std::io::Error| broken(&error);
        let id = |id: u64| u32::try_from(id).map_err(|_| invalid(format!("lchown: {id} is no user or group")));
        let (user, group) = match options.owner {
            Some(owner) => owner,
            None => {
                let [user, group] = [number(&fields.uid, header.uid()), number(&fields.gid, header.gid())];
                (id(user.map_err(wrong)?)?, id(group.map_err(wrong)?)?)
            }
        };
        let modified = number(&fields.mtime, header.mtime()).map_err(wrong)?;
        let seconds = i64::try_from(modified).unwrap_or(0);
        let time = Timespec { tv_sec: seconds, tv_nsec: 0 };
        Ok(Self {
            user: Uid::from_raw(user),
            group: Gid::from_raw(group),
            mode: Mode::from_raw_mode(number(&fields.mode, header.mode()).map_err(wrong)? & 0o7777),
            times: Timestamps { last_access: time, last_modification: time },
            xattrs,
        })
    }

    fn apply(&self, file: &OwnedFd) -> rustix::io::Result<()> {
        // In this order: a new owner costs the set-id bits and the file capabilities.
        fchown(file, Some(self.user), Some(self.group))?;
        fchmod(file, self.mode)?;
        for (name, value) in &self.xattrs {
            match fsetxattr(file, name.as_str(), value, XattrFlags::empty()) {
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

/// A number of a header, which Go reads as 0 where its field is empty; crate `tar` reads none there.
fn number<N: Default>(field: &[u8], read: std::io::Result<N>) -> std::io::Result<N> {
    if field.iter().all(|byte| matches!(byte, 0 | b' ')) { Ok(N::default()) } else { read }
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

fn target(entry: &tar::Entry<'_, impl Read>) -> Result<Vec<u8>> {
    entry.link_name_bytes().map(|name| name.into_owned()).ok_or_else(|| invalid("archive/tar: invalid tar header"))
}

/// An archive that isn't one, in Go's words.
fn broken(error: &std::io::Error) -> Failure {
    if error.raw_os_error().is_some() {
        return super::failed_io("reading the archive", error);
    }
    let said = error.to_string();
    // What crate `tar` says of an archive that ends within a header.
    let is_cut_off = error.kind() == ErrorKind::UnexpectedEof || said.contains("failed to read entire block");
    invalid(match () {
        () if is_cut_off => "unexpected EOF".to_owned(),
        () if said.contains("may be") => said,
        () => "archive/tar: invalid tar header".to_owned(),
    })
}
