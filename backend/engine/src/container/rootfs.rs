//! Small files out of a root file system that isn't mounted.

use crate::{Error, Result};
use rustix::fs::{Mode, OFlags, ResolveFlags, open, openat2};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Longest file that is read, in bytes (CVE-2026-47262: unbounded parsing of `/etc/group`).
const LONGEST: u64 = 1 << 20;

/// Nothing of the tenant's leads out of the directory.
const INSIDE: ResolveFlags = ResolveFlags::IN_ROOT.union(ResolveFlags::NO_MAGICLINKS);

/// Where a container's files are while it isn't mounted.
#[derive(Debug)]
pub(crate) struct Rootfs {
    pub(crate) upper: PathBuf,
    /// Topmost first.
    pub(crate) layers: Vec<PathBuf>,
}

impl Rootfs {
    /// Reads a file as overlayfs would show it. The directories are the tenant's: nothing is followed out of them, and
    /// only a regular file is read.
    pub(crate) fn read(&self, path: &str) -> Result<String> {
        for layer in std::iter::once(&self.upper).chain(&self.layers) {
            match read_beneath(layer, path) {
                Ok(Found::File(text)) => return Ok(text),
                Ok(Found::Whiteout) => break,
                Ok(Found::Nothing) => {}
                Err(error) => return Err(Error::system(format!("cannot read /{path} of the container: {error}"))),
            }
        }
        Ok(String::new())
    }

    /// Whether one of the layers has a directory of that path, or of where its links lead within the layer.
    pub(crate) fn has_directory(&self, path: &str) -> bool {
        self.has(path, OFlags::PATH | OFlags::DIRECTORY)
    }

    /// Whether one of the layers has something of that path.
    pub(crate) fn has_any(&self, path: &str) -> bool {
        self.has(path, OFlags::PATH)
    }

    fn has(&self, path: &str, flags: OFlags) -> bool {
        std::iter::once(&self.upper).chain(&self.layers).any(|layer| {
            open(layer, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
                .and_then(|root| openat2(root, path, flags | OFlags::CLOEXEC, Mode::empty(), INSIDE))
                .is_ok()
        })
    }
}

enum Found {
    File(String),
    /// Deleted in this layer: those below don't count.
    Whiteout,
    Nothing,
}

fn read_beneath(layer: &Path, path: &str) -> std::io::Result<Found> {
    let root = open(layer, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let opened = openat2(&root, path, flags, Mode::empty(), INSIDE);
    let file = match opened {
        Ok(fd) => File::from(fd),
        // Opening a whiteout (a device 0:0) is refused by the kernel.
        Err(rustix::io::Errno::NXIO) => return Ok(Found::Whiteout),
        // Not there, or something that isn't a file, or a link that leads nowhere: as good as not there.
        Err(_) => return Ok(Found::Nothing),
    };
    if !file.metadata()?.is_file() {
        return Ok(Found::Nothing);
    }
    let mut bytes = Vec::new();
    file.take(LONGEST).read_to_end(&mut bytes)?;
    Ok(Found::File(String::from_utf8_lossy(&bytes).into_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_link_out_of_the_layer_is_not_followed() {
        let layer = std::env::temp_dir().join(format!("lernhafen-user-{}", std::process::id()));
        std::fs::create_dir_all(layer.join("etc")).unwrap();
        std::os::unix::fs::symlink("/etc/hostname", layer.join("etc/passwd")).unwrap();
        let rootfs = Rootfs { upper: layer.clone(), layers: Vec::new() };
        assert_eq!(rootfs.read("etc/passwd").unwrap(), "");
        std::fs::remove_dir_all(layer).unwrap();
    }
}
