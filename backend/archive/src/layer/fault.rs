//! Why an entry could not be unpacked: the archive's fault, or the machine's.

use crate::error::Error;
use rustix::io::Errno;
use std::path::Path;

#[derive(Debug, Clone, Copy)]
pub(super) enum Fault {
    /// What the kernel said.
    Kernel(Errno),
    /// What is wrong with the entry, to follow its name.
    Entry(&'static str),
}

impl Fault {
    /// The sentence for people.
    pub(super) fn at(self, path: &Path) -> Error {
        let entry = |why: &str| Error::invalid(format!("The archive's entry {} {why}.", path.display()));
        match self {
            Self::Entry(why) => entry(why),
            Self::Kernel(Errno::NOSPC | Errno::DQUOT) => {
                Error::system(format!("The disk is full: the archive's entry {} has no place.", path.display()))
            }
            Self::Kernel(Errno::NAMETOOLONG) => entry("has a name that is longer than a file's may be"),
            Self::Kernel(Errno::LOOP) => entry("leads through more links than a path may"),
            Self::Kernel(Errno::NOTDIR) => entry("lies in something that is no directory"),
            Self::Kernel(Errno::NOENT) => entry("needs what is not there"),
            Self::Kernel(Errno::MLINK) => entry("is one hard link more than a file may have"),
            Self::Kernel(Errno::FBIG) => entry("is larger than a file may be"),
            Self::Kernel(errno) => {
                Error::system(format!("The archive's entry {} can't be unpacked: {errno}.", path.display()))
            }
        }
    }
}

impl From<Errno> for Fault {
    fn from(errno: Errno) -> Self {
        Self::Kernel(errno)
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        Self::Kernel(Errno::from_io_error(&error).unwrap_or(Errno::IO))
    }
}
