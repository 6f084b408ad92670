//! A container's directory: its writable layer, the files that are mounted into it, its log.

use super::Container;
use crate::id::ContainerId;
use crate::network::{NetworkMode, RESOLVER};
use crate::{Error, Result};
use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt, chown};
use std::path::{Path, PathBuf};

/// The files that every container gets mounted over its image's: name here, path there.
pub(crate) const MOUNTED: [(&str, &str); 3] =
    [("hostname", "/etc/hostname"), ("hosts", "/etc/hosts"), ("resolv.conf", "/etc/resolv.conf")];

/// Makes the directory of a new container; what is the container's own belongs to the host's root. `known`: lines of `/etc/hosts`
/// that are the same for all of the host's.
pub(crate) fn make(dir: &Path, id_base: u32, container: &Container, known: &str) -> Result<()> {
    make_dir(dir, id_base, &container.hostname, &hosts(container, known))
        .map_err(|error| Error::system(format!("cannot make the directory of container {}: {error}", container.id)))
}

/// Makes, or finds again, the directory of a workstation: what the learner has changed in it stays.
pub(crate) fn make_workstation(dir: &Path, id_base: u32, hostname: &str, known: &str) -> Result<()> {
    make_dir(dir, id_base, hostname, &format!("{LOCALHOST}127.0.1.1\t{hostname}\n{known}"))
        .map_err(|error| Error::system(format!("cannot make the directory of workstation {hostname}: {error}")))
}

fn make_dir(dir: &Path, id_base: u32, hostname: &str, hosts: &str) -> std::io::Result<()> {
    DirBuilder::new().mode(0o700).recursive(true).create(dir)?;
    // `upper` gets the mode of a root directory; `work` is overlayfs' own.
    for layer in ["upper", "work"] {
        let path = dir.join(layer);
        DirBuilder::new().mode(0o755).recursive(true).create(&path)?;
        chown(&path, Some(id_base), Some(id_base))?;
    }
    let (hostname, resolv_conf) = (format!("{hostname}\n"), format!("nameserver {RESOLVER}\n"));
    for (file, content) in [("hostname", &*hostname), ("hosts", hosts), ("resolv.conf", &*resolv_conf)] {
        let path = dir.join(file);
        fs::write(&path, content)?;
        chown(&path, Some(id_base), Some(id_base))?;
    }
    Ok(())
}

/// Writes `/etc/hosts` anew, now that the address is known. The file is the engine's: the container sees it through
/// a bind mount and can't put a link in its place.
pub(crate) fn write_hosts(dir: &Path, container: &Container, known: &str) -> Result<()> {
    fs::write(dir.join("hosts"), hosts(container, known))
        .map_err(|error| Error::system(format!("cannot write /etc/hosts of container {}: {error}", container.id)))
}

/// Where a container's log is.
pub(crate) fn log(dir: &Path, id: &ContainerId) -> PathBuf {
    dir.join(format!("{id}-json.log"))
}

/// Takes a directory out of the way at once, and deletes it in the background: deleting a Debian's worth of files
/// takes longer than anybody wants to wait for `docker rm`. What a crash leaves in the trash is swept at the next start.
pub(crate) fn discard(dir: &Path, trash: &Path) {
    let Some(name) = dir.file_name() else { return };
    let target = trash.join(name);
    let moved = DirBuilder::new().mode(0o700).recursive(true).create(trash).and_then(|()| fs::rename(dir, &target));
    match moved {
        Ok(()) => {
            tokio::task::spawn_blocking(move || crate::tree::remove(&target));
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        // On a full disk a directory may have no room for one more name: then it is deleted where it is.
        Err(error) if error.kind() == std::io::ErrorKind::StorageFull => {
            let dir = dir.to_owned();
            tokio::task::spawn_blocking(move || crate::tree::remove(&dir));
        }
        Err(error) => tracing::error!(dir = %dir.display(), %error, "cannot move a directory to the trash"),
    }
}

/// The part of `/etc/hosts` that is the same everywhere; Docker's.
const LOCALHOST: &str = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n\
    fe00::\tip6-localnet\nff00::\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n";

fn hosts(container: &Container, known: &str) -> String {
    // It can't reach it, or isn't in a network yet.
    let known = if container.spec.network_mode == NetworkMode::None { "" } else { known };
    let Some(given) = container.address() else { return format!("{LOCALHOST}{known}") };
    let mut name = container.hostname.clone();
    if !container.spec.domainname.is_empty() {
        name = format!("{name}.{}", container.spec.domainname);
    }
    // As Docker: found by its first part alone, too.
    let short = name.split_once('.').map_or(String::new(), |(short, _)| format!(" {short}"));
    format!("{LOCALHOST}{}\t{name}{short}\n{known}", given.address)
}
