//! The kernel of a release of Debian, and the small file system that it starts with.

use crate::command::{self, say};
use crate::tree;
use anyhow::{Result, bail};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

/// First program of the initial file system: finds the disk and goes on there.
const FIND_DISK: &str = include_str!("find-disk.sh");

/// What a disk on virtio needs of modules, in the order of loading; what isn't there is built into the kernel.
const DISK_MODULES: [&str; 6] =
    ["virtio_ring", "virtio", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci", "virtio_blk"];

/// A kernel as Debian packs it.
pub(super) struct Kernel {
    files: PathBuf,
    pub(super) modules: PathBuf,
    /// As `uname -r` says it.
    pub(super) version: String,
}

impl Kernel {
    /// The kernel of a release; fetched if it is not there.
    pub(super) fn ensure(release: &str, directory: &Path) -> Result<Self> {
        let files = directory.join("kernel");
        if !files.exists() {
            say("Fetching", &format!("the kernel of Debian {release} (about 15 s)"));
            let unfinished = directory.join("kernel.new");
            tree::remove(&unfinished)?;
            command::quiet(
                Command::new("mmdebstrap")
                    .args(["--variant=extract", "--mode=root", "--format=directory"])
                    .args(["--include=linux-image-cloud-amd64", release])
                    .arg(&unfinished),
            )?;
            prepare_modules(&unfinished)?;
            fs::rename(&unfinished, &files)?;
        }
        let (modules, version) = modules(&files)?;
        Ok(Self { files, modules, version })
    }

    pub(super) fn image(&self) -> PathBuf {
        self.files.join("boot").join(format!("vmlinuz-{}", self.version))
    }

    /// Packs the initial file system.
    pub(super) fn pack_initial(&self, root: &Path, archive: &Path) -> Result<()> {
        tree::remove(root)?;
        for directory in ["bin", "modules", "disk", "proc", "sys", "dev"] {
            fs::create_dir_all(root.join(directory))?;
        }
        super::install_busybox(root)?;
        for (index, name) in DISK_MODULES.into_iter().enumerate() {
            if let Some(module) = find(&self.modules, &format!("{name}.ko"))? {
                fs::copy(module, root.join(format!("modules/{index}-{name}.ko")))?;
            }
        }
        super::script(&root.join("init"), FIND_DISK)?;
        let pack = "find . | busybox cpio -o -H newc | gzip -1 > \"$0\"";
        command::quiet(Command::new("sh").current_dir(root).args(["-euc", pack]).arg(archive))
    }
}

/// Unpacks the modules and lists what needs what, which is done at installation otherwise.
fn prepare_modules(files: &Path) -> Result<()> {
    let (modules, version) = modules(files)?;
    let unpack = "find \"$0\" -name '*.ko.xz' -exec xz --decompress {} +";
    command::quiet(Command::new("sh").args(["-euc", unpack]).arg(&modules))?;
    let lib = files.join("lib/modules");
    if !lib.exists() {
        fs::create_dir_all(files.join("lib"))?;
        symlink("../usr/lib/modules", lib)?;
    }
    command::quiet(Command::new("busybox").args(["depmod", "-b"]).arg(files).arg(version))
}

fn modules(files: &Path) -> Result<(PathBuf, String)> {
    for place in ["usr/lib/modules", "lib/modules"] {
        if let Some(entry) = fs::read_dir(files.join(place)).ok().and_then(|mut entries| entries.next()) {
            let entry = entry?;
            return Ok((entry.path(), entry.file_name().to_string_lossy().into_owned()));
        }
    }
    bail!("there are no modules in {}", files.display())
}

/// A file of that name, anywhere below a directory.
fn find(directory: &Path, name: &str) -> Result<Option<PathBuf>> {
    let found = command::output(Command::new("find").arg(directory).args(["-name", name, "-print", "-quit"]))?;
    Ok(found.lines().next().map(PathBuf::from))
}
