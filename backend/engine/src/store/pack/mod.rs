//! A container's own layer, as an overlay has it on the disk, becomes a layer of an image: a tar with OCI's whiteouts.
//!
//! Bytes are made while they are read: nothing is held but what the next entry needs. The tree is a tenant's, who may be changing
//! it meanwhile: all is looked up from open directories, and only directories and regular files are ever opened.

mod attributes;

use super::skeleton::Recorder;
use crate::Error;
use archive::header::{END, EntryType, Head, padding};
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat, fstat, openat, readlinkat, statat};
use rustix::io::Errno;
use std::collections::HashMap;
use std::ffi::CString;
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// Directories in one another, each of which takes a descriptor, and bytes of a path: an image has no more.
const DEEPEST: usize = 256;
const LONGEST_PATH: usize = 4096;
/// Bytes of names of directories that are half read, and of files with several names.
const MOST_NAMES: usize = 64 << 20;
/// What a name in memory takes beside its own bytes.
const NAME: usize = 48;
/// Ids of a virtual host.
const IDS: u32 = 1 << 16;
/// Whom a file belongs to that belongs to nobody in the virtual host: what the container itself sees there.
const NOBODY: u32 = 65534;

/// The tar of an overlay's upper directory, without the directory itself, as Docker writes it: in the order of names, times in
/// whole seconds, no names of owners. The same content gives the same bytes.
///
/// Owners are shifted back by `id_base`. Sockets are left out: a tar has none. A file that is called as a whiteout is one from here
/// on, as in Docker.
#[derive(Debug)]
pub(crate) struct Pack {
    id_base: u32,
    open: Vec<Level>,
    /// Heads and the like, which come before `data`.
    ready: Cursor<Vec<u8>>,
    data: Option<Data>,
    /// Device and number of files that have more than one name, and the name that they have in the archive.
    seen: HashMap<(u64, u64), Vec<u8>>,
    /// What names take in memory.
    held: usize,
    has_ended: bool,
    /// Hears of what is read.
    recorder: Option<Recorder>,
}

/// A directory that is being read.
#[derive(Debug)]
struct Level {
    directory: OwnedFd,
    /// In reverse: the next one is the last.
    names: Vec<CString>,
    /// With a slash at its end; nothing for the uppermost.
    prefix: Vec<u8>,
}

#[derive(Debug)]
struct Data {
    /// One that shrinks is filled up, and of one that grows the rest is left out: the size has been said.
    file: io::Take<io::Chain<File, io::Repeat>>,
    /// Where an unpacked layer has it, if it does.
    path: Option<Vec<u8>>,
    size: u64,
    padding: &'static [u8],
}

impl Pack {
    /// # Errors
    /// The directory can't be read.
    pub(crate) fn new(upper: &OwnedFd, id_base: u32) -> io::Result<Self> {
        let mut pack = Self {
            id_base,
            open: Vec::new(),
            ready: Cursor::default(),
            data: None,
            seen: HashMap::new(),
            held: 0,
            has_ended: false,
            recorder: None,
        };
        pack.enter(openat(upper, c".", DIRECTORY, Mode::empty())?, Vec::new())?;
        Ok(pack)
    }

    /// Has `recorder` write down what is read from here on.
    pub(super) fn recorded_by(self, recorder: Recorder) -> Self {
        Self { recorder: Some(recorder), ..self }
    }

    pub(super) fn into_recorder(self) -> Option<Recorder> {
        self.recorder
    }

    /// Whether there is nothing in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.open.iter().all(|level| level.names.is_empty())
    }

    /// What comes next: an entry, the way out of a directory, or the end.
    fn go_on(&mut self) -> io::Result<()> {
        let Some(level) = self.open.last_mut() else {
            self.has_ended = true;
            self.ready = Cursor::new(END.to_vec());
            return Ok(());
        };
        let Some(name) = level.names.pop() else {
            self.open.pop();
            return Ok(());
        };
        self.held = self.held.saturating_sub(cost(&name));
        let shown = [&level.prefix[..], name.as_bytes()].concat();
        if shown.len() >= LONGEST_PATH {
            return Err(too_much("a path in the container is longer than any in an image"));
        }
        // Its own descriptor: what is found there may have to be opened in turn.
        let parent = level.directory.try_clone()?;
        match self.entry(parent.as_fd(), &name, &shown) {
            // It has gone, or become something else, while we look.
            Err(error) if has_changed(&error) => Ok(()),
            other => other.map_err(|error| at(&shown, error)),
        }
    }

    fn entry(&mut self, parent: BorrowedFd, name: &CString, shown: &[u8]) -> io::Result<()> {
        let mut stat = statat(parent, name, AtFlags::SYMLINK_NOFOLLOW)?;
        match kind(&stat) {
            FileType::Directory => {
                let directory = openat(parent, name, DIRECTORY, Mode::empty())?;
                let shown = [shown, b"/"].concat();
                self.directory(&directory, &shown)?;
                self.enter(directory, shown)
            }
            FileType::RegularFile => self.file(parent, name, shown),
            FileType::CharacterDevice if stat.st_rdev == 0 => {
                let (above, name) = shown.split_at(shown.len() - name.as_bytes().len());
                // Whom the overlay's mark belongs to on the machine says nothing.
                (stat.st_mode, stat.st_uid, stat.st_gid) = (0o600, self.id_base, self.id_base);
                self.bodiless(&[above, b".wh.", name].concat(), EntryType::Regular, &stat, b"")
            }
            FileType::CharacterDevice => self.bodiless(shown, EntryType::Char, &stat, b""),
            FileType::BlockDevice => self.bodiless(shown, EntryType::Block, &stat, b""),
            FileType::Fifo => self.bodiless(shown, EntryType::Fifo, &stat, b""),
            FileType::Symlink => {
                let target = readlinkat(parent, name, Vec::new())?;
                self.bodiless(shown, EntryType::Symlink, &stat, target.as_bytes())
            }
            FileType::Socket | FileType::Unknown => Ok(()),
        }
    }

    fn directory(&mut self, directory: &OwnedFd, shown: &[u8]) -> io::Result<()> {
        let mut stat = fstat(directory)?;
        let xattrs = attributes::of_image(directory, self.id_base)?;
        self.head(shown, EntryType::Directory, &stat, 0, b"", &xattrs)?;
        if attributes::is_opaque(directory)? {
            // As Docker: with the directory's permissions and owner, and no time.
            stat.st_mode &= 0o777;
            stat.st_mtime = 0;
            self.bodiless(&[shown, b".wh..wh..opq"].concat(), EntryType::Regular, &stat, b"")?;
        }
        Ok(())
    }

    fn file(&mut self, parent: BorrowedFd, name: &CString, shown: &[u8]) -> io::Result<()> {
        // What has become a FIFO meanwhile isn't waited for.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = openat(parent, name, flags, Mode::empty())?;
        let stat = fstat(&file)?;
        if kind(&stat) != FileType::RegularFile {
            return Ok(());
        }
        if stat.st_nlink > 1 {
            let number = (stat.st_dev, stat.st_ino);
            if let Some(first) = self.seen.get(&number).cloned() {
                return self.bodiless(shown, EntryType::Link, &stat, &first);
            }
            self.hold(NAME + shown.len())?;
            self.seen.insert(number, shown.to_vec());
        }
        let size = stat.st_size.unsigned_abs();
        let xattrs = attributes::of_image(&file, self.id_base)?;
        self.head(shown, EntryType::Regular, &stat, size, b"", &xattrs)?;
        // What is called as a whiteout is one in the layer, and has no content there.
        let is_whiteout = name.as_bytes().starts_with(b".wh.");
        let file = File::from(file).chain(io::repeat(0)).take(size);
        let path = (!is_whiteout).then(|| shown.to_vec());
        self.data = Some(Data { file, path, size, padding: padding(size) });
        Ok(())
    }

    fn bodiless(&mut self, shown: &[u8], kind: EntryType, stat: &Stat, target: &[u8]) -> io::Result<()> {
        self.head(shown, kind, stat, 0, target, &[])
    }

    fn head(
        &mut self,
        name: &[u8],
        kind: EntryType,
        stat: &Stat,
        size: u64,
        target: &[u8],
        xattrs: &[(String, Vec<u8>)],
    ) -> io::Result<()> {
        let back = |id: u32| id.checked_sub(self.id_base).filter(|id| *id < IDS).unwrap_or(NOBODY);
        let (user, group) = (back(stat.st_uid), back(stat.st_gid));
        let head = Head { user, group, size, target, xattrs, ..Head::of(name, kind, stat) };
        self.ready.get_mut().extend(head.to_bytes()?);
        Ok(())
    }

    fn enter(&mut self, directory: OwnedFd, prefix: Vec<u8>) -> io::Result<()> {
        if self.open.len() >= DEEPEST {
            return Err(too_much("the container's directories are nested deeper than any in an image"));
        }
        let mut names = Vec::new();
        for entry in Dir::read_from(&directory)? {
            let name = entry?.file_name().to_owned();
            if name.as_c_str() != c"." && name.as_c_str() != c".." {
                self.hold(cost(&name))?;
                names.push(name);
            }
        }
        names.sort_unstable_by(|a, b| b.cmp(a));
        self.open.push(Level { directory, names, prefix });
        Ok(())
    }

    fn hold(&mut self, bytes: usize) -> io::Result<()> {
        self.held += bytes;
        if self.held > MOST_NAMES {
            return Err(too_much("the container has more names in a directory than any image"));
        }
        Ok(())
    }
}

impl Data {
    /// Bytes that were read of it: its content is recorded at the first of them.
    fn record(&self, bytes: &[u8], recorder: &mut Recorder) -> io::Result<()> {
        match &self.path {
            None => recorder.bytes(bytes),
            Some(path) if self.file.limit() + bytes.len() as u64 == self.size => recorder.content(path, self.size),
            Some(_) => Ok(()),
        }
    }
}

impl Read for Pack {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            match self.ready.read(buffer)? {
                0 => self.ready = Cursor::default(),
                read => {
                    if let Some(recorder) = &mut self.recorder {
                        recorder.bytes(&buffer[..read])?;
                    }
                    return Ok(read);
                }
            }
            if let Some(data) = &mut self.data {
                match data.file.read(buffer)? {
                    0 => self.ready = Cursor::new(data.padding.to_vec()),
                    read => {
                        if let Some(recorder) = &mut self.recorder {
                            data.record(&buffer[..read], recorder)?;
                        }
                        return Ok(read);
                    }
                }
                self.data = None;
            } else if self.has_ended {
                return Ok(0);
            } else {
                self.go_on()?;
            }
        }
    }
}

const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

fn kind(stat: &Stat) -> FileType {
    FileType::from_raw_mode(stat.st_mode)
}

fn cost(name: &CString) -> usize {
    NAME + name.as_bytes().len()
}

/// It isn't any more what it was a moment ago.
fn has_changed(error: &io::Error) -> bool {
    let changed = [Errno::NOENT, Errno::LOOP, Errno::NOTDIR, Errno::NXIO];
    error.raw_os_error().is_some_and(|number| changed.contains(&Errno::from_raw_os_error(number)))
}

fn too_much(what: &str) -> io::Error {
    io::Error::other(Error::invalid(what))
}

/// Says what it could not read, unless it has said what is wrong.
fn at(shown: &[u8], error: io::Error) -> io::Error {
    let shown: String = String::from_utf8_lossy(shown).chars().take(200).collect();
    let unreadable = |error| Error::system(format!("cannot read what the container has written: /{shown}: {error}"));
    io::Error::other(error.downcast().unwrap_or_else(unreadable))
}

#[cfg(test)]
mod tests;
