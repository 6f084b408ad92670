//! The runtime's tests, and those of limits with the real CLI, in a virtual machine that has cgroup version 2 and nothing else, under one of Debian's kernels.
//!
//! The machine is emulated (no KVM is needed), has no network, and is made anew each time: a root of busybox and the tests,
//! the kernel and its modules as Debian packs them.

mod disk;
mod kernel;

use self::kernel::Kernel;
use super::Watch;
use super::count::Count;
use crate::command::{self, say};
use crate::tree;
use anyhow::{Context, Result, bail};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

/// What the last program says; without it the machine has crashed.
const DONE: &str = "all tests were run";

/// What the kernel says when a processor makes no progress for long. The emulator's processors wait for each other for ever then.
const HANG: &str = "watchdog: BUG: soft lockup";

/// Seconds after which the machine is taken for dead; it takes about 200 when nothing else runs.
const PATIENCE: &str = "1500";

/// Runs the tests under the kernel of a release of Debian.
pub(super) fn test(release: &str) -> Result<Count> {
    if std::env::consts::ARCH != "x86_64" {
        bail!("the virtual machine for tests is made for x86-64 only, not for {}", std::env::consts::ARCH);
    }
    let directory = tree::target("vm").join(release);
    fs::create_dir_all(&directory)?;
    let kernel = Kernel::ensure(release, &directory)?;
    let initial = directory.join("initial.gz");
    kernel.pack_initial(&directory.join("initial"), &initial)?;
    let disk = directory.join("disk");
    disk::make(&kernel, &directory.join("root"), &disk)?;

    let mut qemu = Command::new("timeout");
    qemu.args([PATIENCE, "qemu-system-x86_64"]);
    // The processors take turns: in parallel, qemu 7.2 loses updates of the kernel's own code, and it panics.
    qemu.args(["-accel", "tcg,thread=single", "-cpu", "max", "-smp", "2", "-m", "2048"]);
    qemu.args(["-nodefaults", "-no-user-config", "-display", "none", "-serial", "stdio", "-no-reboot", "-net", "none"]);
    qemu.arg("-kernel").arg(kernel.image()).arg("-initrd").arg(&initial);
    qemu.args(["-append", "console=ttyS0 quiet panic=-1", "-drive"]);
    qemu.arg(format!("file={},if=virtio,format=raw,cache=unsafe", disk.display()));
    let watch = Watch { last: Some(DONE), hang: Some(HANG), label: &format!("{release}: ") };
    match super::watch(&mut qemu, watch)? {
        Some(count) => Ok(count),
        None => {
            say("Note", "the emulated processors are stuck, which happens now and then on a busy machine: once more");
            disk::make(&kernel, &directory.join("root"), &disk)?;
            super::watch(&mut qemu, Watch { hang: None, ..watch }).map(Option::unwrap_or_default)
        }
    }
}

fn install_busybox(root: &Path) -> Result<()> {
    let busybox = command::find("busybox").context("there is no busybox")?;
    fs::copy(&busybox, root.join("bin/busybox"))?;
    for name in command::output(Command::new(&busybox).arg("--list"))?.lines().filter(|name| *name != "busybox") {
        symlink("busybox", root.join("bin").join(name))?;
    }
    Ok(())
}

fn script(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    Ok(())
}
