//! The disk of the virtual machine: the tests, and what they need.

use super::super::{build, docker};
use super::kernel::Kernel;
use crate::{command, tree};
use anyhow::{Context, Result};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

/// First program on the disk: mounts what a system has, runs the tests.
const RUN_TESTS: &str = include_str!("run-tests.sh");

/// Programs that the tests call, beside busybox.
const PROGRAMS: [&str; 1] = ["nft"];

/// Makes the disk: busybox, the modules, the tests and the libraries that they need.
pub(super) fn make(kernel: &Kernel, root: &Path, disk: &Path) -> Result<()> {
    tree::remove(root)?;
    for directory in
        ["bin", "sbin", "usr/bin", "lib/modules", "proc", "sys", "dev", "tmp", "run", "etc", "var", "tests"]
    {
        fs::create_dir_all(root.join(directory))?;
    }
    fs::set_permissions(root.join("tmp"), fs::Permissions::from_mode(0o1777))?;
    super::install_busybox(root)?;
    symlink("../bin/modprobe", root.join("sbin/modprobe"))?;
    command::quiet(
        Command::new("cp").arg("-a").arg(&kernel.modules).arg(root.join("lib/modules").join(&kernel.version)),
    )?;
    // What the real CLI sees of version 2 is in these of the server's.
    let is_wanted = |test: &Value| {
        let package = test["manifest_path"].as_str().unwrap_or_default();
        let name = test["target"]["name"].as_str().unwrap_or_default();
        package.ends_with("backend/runtime/Cargo.toml") || ["resources", "memory"].contains(&name)
    };
    let mut programs = build::programs(is_wanted)?;
    for program in &programs {
        let name = program.file_name().context("a test without a name")?;
        fs::copy(program, root.join("tests").join(name))?;
    }
    for program in PROGRAMS {
        let file = command::find(program).with_context(|| format!("there is no {program}"))?;
        fs::copy(&file, root.join("bin").join(program))?;
        programs.push(file);
    }
    let docker = docker::ensure()?;
    fs::copy(&docker, root.join("bin/docker"))?;
    // The tests know the server by the place where it was built.
    let server = super::super::server();
    copy_to_same_place(&server, root)?;
    for library in libraries(programs.iter().chain([&docker, &server]))? {
        copy_to_same_place(&library, root)?;
    }
    images(&server, &root.join("data"))?;
    super::script(&root.join("bin/run-tests"), RUN_TESTS)?;
    fs::write(disk, "")?;
    fs::File::options().write(true).open(disk)?.set_len(2 << 30)?;
    command::quiet(Command::new("mke2fs").args(["-q", "-F", "-t", "ext4", "-d"]).arg(root).arg(disk))
}

/// The one image that the tests need, in a data directory.
fn images(server: &Path, directory: &Path) -> Result<()> {
    let recipe = tree::root().join("images/busybox");
    command::quiet(Command::new(server).args(["images", "build"]).arg(recipe).arg("--data-dir").arg(directory))
}

/// The shared libraries that programs need, the loader among them.
fn libraries<'a>(programs: impl Iterator<Item = &'a PathBuf>) -> Result<BTreeSet<PathBuf>> {
    let said = command::output(Command::new("ldd").args(programs))?;
    // `libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x…)` and `/lib64/ld-linux-x86-64.so.2 (0x…)`
    let is_library = |word: &&str| word.starts_with("/lib") || word.starts_with("/usr/lib");
    Ok(said.split_whitespace().filter(is_library).map(PathBuf::from).collect())
}

fn copy_to_same_place(file: &Path, root: &Path) -> Result<()> {
    let place = root.join(file.strip_prefix("/").unwrap_or(file));
    if let Some(parent) = place.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::copy(file, place).with_context(|| format!("could not copy {}", file.display()))?;
    Ok(())
}
