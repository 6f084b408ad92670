//! What the machine must have, and how it gets it.

use crate::apt;
use crate::command::{self, say};
use anyhow::{Result, bail};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Something that a task needs of the machine.
pub(crate) struct Need {
    /// What is missing, for people.
    pub what: &'static str,
    pub why: &'static str,
    /// Debian's packages that bring it.
    pub packages: &'static [&'static str],
    /// How long installing takes on a small machine.
    pub seconds: u32,
    pub present: fn() -> bool,
}

pub(crate) const C_COMPILER: Need = Need {
    what: "cc",
    why: "SQLite and the cryptography of TLS are compiled into the server",
    packages: &["gcc", "libc6-dev"],
    seconds: 30,
    present: || command::find("cc").is_some(),
};

pub(crate) const MMDEBSTRAP: Need = Need {
    what: "mmdebstrap",
    why: "base images are built from Debian's packages",
    packages: &["mmdebstrap", "debian-archive-keyring"],
    seconds: 10,
    present: || command::find("mmdebstrap").is_some(),
};

pub(crate) const NFTABLES: Need = Need {
    what: "nft",
    why: "virtual hosts translate addresses and ports",
    packages: &["nftables"],
    seconds: 5,
    present: || command::find("nft").is_some(),
};

pub(crate) const NPM: Need = Need {
    what: "npm",
    why: "the page's terminal and fonts come from npm",
    packages: &["nodejs", "npm"],
    seconds: 60,
    present: || command::find("npm").is_some() && command::find("node").is_some(),
};

pub(crate) const CHROMIUM: Need = Need {
    what: "chromium",
    why: "the page is tested in a browser",
    packages: &["chromium"],
    seconds: 60,
    present: || command::find("chromium").is_some(),
};

pub(crate) const BUSYBOX: Need = Need {
    what: "busybox",
    why: "tests of the runtime use it as a container's only program",
    packages: &["busybox-static"],
    seconds: 3,
    present: || command::find("busybox").is_some(),
};

pub(crate) const QEMU: Need = Need {
    what: "qemu-system-x86_64",
    why: "the runtime is tested in a virtual machine with cgroup version 2",
    packages: &["qemu-system-x86", "xz-utils", "e2fsprogs"],
    seconds: 60,
    present: || ["qemu-system-x86_64", "xz", "mke2fs"].into_iter().all(|program| command::find(program).is_some()),
};

pub(crate) const DOCKER_REGISTRY: Need = Need {
    what: "docker-registry",
    why: "the client of registries is tested with Docker's own",
    packages: &["docker-registry"],
    seconds: 5,
    present: || command::find("docker-registry").is_some(),
};

pub(crate) const SKOPEO: Need = Need {
    what: "skopeo and umoci",
    why: "images are copied, read and made by other programs than ours",
    packages: &["skopeo", "umoci", "zstd"],
    seconds: 20,
    present: || ["skopeo", "umoci", "zstd"].into_iter().all(|program| command::find(program).is_some()),
};

/// What building and serving need.
pub(crate) const FOR_RUN: &[Need] = &[C_COMPILER, MMDEBSTRAP, NFTABLES, NPM];

/// What the tests need beyond [`FOR_RUN`].
pub(crate) const FOR_TEST: &[Need] = &[CHROMIUM, BUSYBOX, DOCKER_REGISTRY, QEMU, SKOPEO];

/// Whether we may install packages and make namespaces.
pub(crate) fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|data| data.uid() == 0)
}

/// Installs what is missing, or says what to install.
pub(crate) fn ensure<'a>(needs: impl IntoIterator<Item = &'a Need>) -> Result<()> {
    let missing: Vec<&Need> = needs.into_iter().filter(|need| !(need.present)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().flat_map(|need| need.packages).copied().collect();
    for need in &missing {
        say("Missing", &format!("{}: {}", need.what, need.why));
    }
    install(&packages, missing.iter().map(|need| need.seconds).sum())?;
    match missing.iter().find(|need| !(need.present)()) {
        Some(need) => bail!("installed {}, but there is still no `{}`", need.packages.join(" "), need.what),
        None => Ok(()),
    }
}

/// Installs Debian's packages; where that can't be done, the error says what to install.
pub(crate) fn install(packages: &[&str], seconds: u32) -> Result<()> {
    let list = packages.join(" ");
    if !is_root() {
        bail!("this needs packages that only root can install. Run: sudo apt-get install {list}");
    }
    if !Path::new("/usr/bin/apt-get").exists() {
        bail!("install with your system's package manager what these packages of Debian have: {list}");
    }
    say("Installing", &list);
    apt::install(packages, seconds)
}
