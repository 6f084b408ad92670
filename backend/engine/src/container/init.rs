//! `--init`: a small program in front of the command, that reaps orphans and hands on signals.

use crate::{Error, Result};
use oci_spec::runtime::Mount;
use runtime::defaults;
use std::fs::{OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Where containers have it; Docker's place.
const IN_CONTAINER: &str = "/sbin/docker-init";

/// Writes the program below the engine's run directory. It is the machine's root's, and nobody in a virtual host can write to it.
pub(crate) fn install(run_dir: &Path) -> Result<()> {
    let (path, new) = (program(run_dir), run_dir.join("docker-init.new"));
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(run_dir)?;
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o555).open(&new)?;
        file.write_all(runtime::init::PROGRAM)?;
        file.set_permissions(Permissions::from_mode(0o555))?;
        // Containers that run keep the one that they have.
        std::fs::rename(&new, &path)
    };
    write().map_err(|error| Error::system(format!("cannot write {}: {error}", path.display())))
}

/// The mount that gives a container the program.
pub(crate) fn mount(run_dir: &Path) -> Mount {
    let mut mount = defaults::mount(IN_CONTAINER, "bind", "", &["bind", "rprivate", "ro", "nosuid"]);
    mount.set_source(Some(program(run_dir)));
    mount
}

/// The command with the program in front.
pub(crate) fn before(command: &[String]) -> Vec<String> {
    [IN_CONTAINER, "--"].map(str::to_owned).into_iter().chain(command.iter().cloned()).collect()
}

fn program(run_dir: &Path) -> PathBuf {
    run_dir.join("docker-init")
}
