//! The layer between a container's own and its image's: what is mounted over, so that it isn't made in the container's own
//! layer and `docker diff` doesn't show it. Docker has the same, for each container (`…-init`); here all share one.

use crate::{Error, Result};
use std::fs::{DirBuilder, File, Permissions, set_permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// What is in it changes with its name: containers that run have the older one mounted.
const NAME: &str = "mountpoints-1";

const DIRECTORIES: [&str; 6] = ["dev", "dev/pts", "dev/shm", "etc", "proc", "sys"];
const FILES: [&str; 5] = [".dockerenv", "dev/console", "etc/hostname", "etc/hosts", "etc/resolv.conf"];

/// Finds the layer in the data directory, or makes it.
pub(super) fn layer(data_dir: &Path) -> Result<PathBuf> {
    let path = data_dir.join(NAME);
    let unfinished = data_dir.join(format!(".{NAME}-{}", std::process::id()));
    let made = || -> std::io::Result<()> {
        if path.exists() {
            return Ok(());
        }
        DirBuilder::new().mode(0o755).create(&unfinished)?;
        for name in DIRECTORIES {
            DirBuilder::new().mode(0o755).create(unfinished.join(name))?;
        }
        for name in FILES {
            File::create(unfinished.join(name))?;
            set_permissions(unfinished.join(name), Permissions::from_mode(0o755))?;
        }
        symlink("/proc/mounts", unfinished.join("etc/mtab"))?;
        match std::fs::rename(&unfinished, &path) {
            // Another engine over the same directory was faster.
            Err(_) if path.exists() => std::fs::remove_dir_all(&unfinished),
            renamed => renamed,
        }
    };
    made().map_err(|error| Error::system(format!("cannot make the layer {}: {error}", path.display())))?;
    Ok(path)
}
