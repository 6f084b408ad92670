//! Terminals, opened in the container's own devpts and nowhere else.

use crate::beneath;
use crate::failure::{Doing, Result, invalid};
use crate::filesystem::{attach, clone_fd};
use oci_spec::runtime::Process;
use rustix::fs::{FileType, OFlags, fstat, fstatfs, major, minor};
use rustix::pty::{OpenptFlags, ioctl_tiocgptpeer, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

const DEVPTS_MAGIC: i64 = 0x1cd1;

/// Both ends of a terminal.
#[derive(Debug)]
pub(crate) struct Terminal {
    pub(crate) master: OwnedFd,
    pub(crate) slave: OwnedFd,
}

/// Opens a new terminal in the devpts that is mounted at `/dev/pts` below `root`, in the size that the process asks for.
///
/// The container may have put something else there: the master's file system and device are checked, and the slave
/// is asked of the master, not of a path.
pub(crate) fn open(root: impl AsFd, process: &Process) -> Result<Terminal> {
    let step = || "opening a terminal in the container's /dev/pts".to_owned();
    let master = beneath::open_with(root, Path::new("/dev/pts/ptmx"), OFlags::RDWR | OFlags::NOCTTY).doing(step)?;
    let found = fstat(&master).doing(step)?;
    let is_device = FileType::from_raw_mode(found.st_mode) == FileType::CharacterDevice;
    let is_multiplexer = is_device && (major(found.st_rdev), minor(found.st_rdev)) == (5, 2);
    if !is_multiplexer || fstatfs(&master).doing(step)?.f_type != DEVPTS_MAGIC {
        return Err(invalid("/dev/pts of the container is not a devpts file system: it can't have a terminal"));
    }
    unlockpt(&master).doing(step)?;
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let slave = ioctl_tiocgptpeer(&master, flags).doing(step)?;
    if let Some(size) = process.console_size() {
        let cells = |count: u64| u16::try_from(count).unwrap_or(u16::MAX);
        let size = Winsize { ws_row: cells(size.height()), ws_col: cells(size.width()), ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&master, size).doing(step)?;
    }
    Ok(Terminal { master, slave })
}

/// Makes the terminal the container's `/dev/console`.
pub(crate) fn bind(root: impl AsFd, terminal: &Terminal) -> Result<()> {
    let step = || "mounting the terminal at /dev/console".to_owned();
    let target = beneath::make_file(root, Path::new("/dev/console"))?;
    attach(clone_fd(&terminal.slave, false).doing(step)?, target).doing(step)
}
