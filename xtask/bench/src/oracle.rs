//! A real dockerd: Debian's packages in a directory, run in namespaces of its own, seen from outside by its socket only.
//!
//! It has its own bridge and its own iptables rules in its own network namespace, its own mounts, its own cgroup. What it
//! leaves when it is killed is its data, in the directory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::client::Client;
use crate::memory;
use crate::sample::Sample;

/// As seen from below [`root`].
pub(crate) const SOCKET: &str = "/bench/docker.sock";

const CGROUP: &str = "lernhafen-oracle";
const PACKAGES: &str = "docker.io,docker-cli,iptables,iproute2,busybox-static";
const START: &str = include_str!("oracle.sh");

/// How long a daemon may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(crate) struct Oracle {
    process: Child,
}

/// The file system with dockerd and the client in it, built if it is not there.
pub(crate) fn root(directory: &Path) -> Result<PathBuf> {
    let root = directory.join("oracle");
    if root.exists() {
        return Ok(root);
    }
    eprintln!("Building a file system with a real dockerd from Debian's packages (about a minute)");
    let unfinished = directory.join("oracle.new");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished)?;
    }
    let mut build = Command::new("mmdebstrap");
    build.args(["--quiet", "--variant=minbase", "--mode=root", "--format=directory", "--skip=output/mknod"]);
    for path in ["doc", "locale", "man"] {
        build.arg(format!("--dpkgopt=path-exclude=/usr/share/{path}/*"));
    }
    let status = build
        .args(["--include", PACKAGES, "trixie"])
        .arg(&unfinished)
        .status()
        .context("could not start mmdebstrap")?;
    ensure!(status.success(), "mmdebstrap ended with {status}");
    fs::create_dir(unfinished.join("bench"))?;
    fs::rename(&unfinished, &root)?;
    Ok(root)
}

impl Oracle {
    /// Starts a daemon `runs` times and keeps the last one; also says how long one takes until it answers.
    pub(crate) fn measured(root: &Path, runs: usize) -> Result<(Self, Duration)> {
        // The first start makes what later ones find.
        Self::start(root)?;
        let mut sample = Sample::default();
        for _ in 1..runs {
            let start = Instant::now();
            Self::start(root)?;
            sample.add(start.elapsed());
        }
        let start = Instant::now();
        let oracle = Self::start(root)?;
        sample.add(start.elapsed());
        import_busybox(root)?;
        Ok((oracle, sample.median()))
    }

    /// PSS of the daemon and its containerd, in bytes.
    pub(crate) fn memory(&self) -> Result<u64> {
        memory::of_tree(self.process.id())
    }

    fn start(root: &Path) -> Result<Self> {
        let log = fs::File::create(root.join("bench/dockerd.log"))?;
        // setpriv: whatever ends us ends it too.
        let process = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "--"])
            .args(["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child=KILL", "--"])
            .args(["sh", "-euc", START, "oracle"])
            .arg(root)
            .args([SOCKET, CGROUP])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("could not start dockerd")?;
        let mut oracle = Self { process };
        let client = Client::new(root, SOCKET);
        let start = Instant::now();
        while !client.answers() {
            let ended = oracle.process.try_wait()?.is_some();
            if ended || start.elapsed() > PATIENCE {
                let log = fs::read_to_string(root.join("bench/dockerd.log")).unwrap_or_default();
                bail!("dockerd does not answer. What it said:\n{log}");
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(oracle)
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        // With `unshare` its pid namespace ends, and with that its mounts and its network.
        let _ = self.process.kill();
        let _ = self.process.wait();
        for hierarchy in fs::read_dir("/sys/fs/cgroup").into_iter().flatten().flatten() {
            remove_cgroup(&hierarchy.path().join(CGROUP));
        }
        remove_cgroup(&Path::new("/sys/fs/cgroup").join(CGROUP));
    }
}

/// Removes a cgroup that nobody is in any more, with what is below it. Processes just killed may take a moment to go.
fn remove_cgroup(path: &Path) {
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            remove_cgroup(&entry.path());
        }
    }
    for _ in 0..50 {
        if !path.exists() || fs::remove_dir(path).is_ok() {
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// The same busybox as ours, from the same package.
fn import_busybox(root: &Path) -> Result<()> {
    let script = "set -e; rm -rf /bench/busybox; mkdir -p /bench/busybox/bin; cp /bin/busybox /bench/busybox/bin/; \
                  /bin/busybox --install -s /bench/busybox/bin; tar -C /bench/busybox -c .";
    let mut archive = Command::new("chroot").arg(root).args(["sh", "-c", script]).stdout(Stdio::piped()).spawn()?;
    let archive_bytes = archive.stdout.take().context("tar has no output")?;
    let import = Client::new(root, SOCKET).command(&["import", "-", "busybox:latest"]).stdin(archive_bytes).output()?;
    let packed = archive.wait()?;
    ensure!(
        packed.success() && import.status.success(),
        "dockerd did not take busybox: {}",
        String::from_utf8_lossy(&import.stderr)
    );
    Ok(())
}
